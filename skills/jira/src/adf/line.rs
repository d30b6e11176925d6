//! Lines in their one form: nothing empty, nothing that could be one, no space where nobody sees it.

use super::{Line, Span, Style};

/// Joins what looks alike, and drops what is empty or blank at an end.
pub(super) fn tidy(line: Line) -> Line {
    trim(plain_edges(&joined(line)))
}

fn joined(line: impl IntoIterator<Item = Span>) -> Line {
    let mut joined = Line::new();
    for span in line {
        push(&mut joined, span);
    }
    joined
}

/// Takes the looks of a word off the blanks around it: nobody sees them there, and Markdown cannot say them.
fn plain_edges(line: &Line) -> Line {
    let mut edged = Line::new();
    for (at, span) in line.iter().enumerate() {
        let Span::Text(text, style) = span else {
            edged.push(span.clone());
            continue;
        };
        let before = shared(style, at.checked_sub(1).and_then(|before| line.get(before)));
        let after = shared(style, line.get(at + 1));
        let core = text.trim();
        if style.code || core.is_empty() {
            let looks = if style.code {
                style.clone()
            } else {
                both(&before, &after)
            };
            push(&mut edged, Span::Text(text.clone(), looks));
            continue;
        }
        let lead = text.len() - text.trim_start().len();
        let (lead, rest) = text.split_at(lead);
        let trail = rest.get(core.len()..).unwrap_or_default();
        push(&mut edged, Span::Text(lead.to_owned(), before));
        push(&mut edged, Span::Text(core.to_owned(), style.clone()));
        push(&mut edged, Span::Text(trail.to_owned(), after));
    }
    edged
}

/// The looks that a span has in common with its neighbour.
fn shared(style: &Style, neighbour: Option<&Span>) -> Style {
    match neighbour {
        Some(Span::Text(_, other)) => both(style, other),
        _ => both(style, &Style::default()),
    }
}

/// A link keeps its blanks.
fn both(one: &Style, other: &Style) -> Style {
    Style {
        strong: one.strong && other.strong,
        emphasis: one.emphasis && other.emphasis,
        strike: one.strike && other.strike,
        code: one.code,
        link: one.link.clone(),
    }
}

/// A line without breaks, for headings and cells.
pub(super) fn one(line: Line) -> Line {
    let unbroken = line.into_iter().map(|span| match span {
        Span::Break => Span::Text(" ".to_owned(), Style::default()),
        other => other,
    });
    tidy(unbroken.collect())
}

/// A line in bold, for what would be a heading elsewhere.
pub(super) fn strong(line: Line) -> Line {
    let bold = line.into_iter().map(|span| match span {
        Span::Text(text, style) if !style.code => Span::Text(text, Style { strong: true, ..style }),
        other => other,
    });
    tidy(bold.collect())
}

/// Adds to the end of a line.
pub(super) fn push(line: &mut Line, span: Span) {
    match (line.last_mut(), span) {
        (_, Span::Text(text, _)) if text.is_empty() => {}
        (Some(Span::Text(before, style)), Span::Text(text, other)) if *style == other => before.push_str(&text),
        (_, span) => line.push(span),
    }
}

fn trim(line: Line) -> Line {
    let mut trimmed = Line::new();
    for span in line {
        match span {
            Span::Break => {
                trim_end(&mut trimmed);
                // A break at the beginning breaks nothing.
                if !trimmed.is_empty() {
                    trimmed.push(Span::Break);
                }
            }
            Span::Text(text, style) if matches!(trimmed.last(), None | Some(Span::Break)) && !style.code => {
                push(&mut trimmed, Span::Text(text.trim_start().to_owned(), style));
            }
            span => push(&mut trimmed, span),
        }
    }
    while matches!(trimmed.last(), Some(Span::Break)) || trim_end(&mut trimmed) {
        if matches!(trimmed.last(), Some(Span::Break)) {
            trimmed.pop();
        }
    }
    trimmed
}

/// Takes blanks from the end, and says whether there were any.
fn trim_end(line: &mut Line) -> bool {
    let Some(Span::Text(text, style)) = line.last_mut() else {
        return false;
    };
    let kept = text.trim_end().len();
    if style.code || kept == text.len() {
        return false;
    }
    text.truncate(kept);
    if kept == 0 {
        line.pop();
    }
    true
}
