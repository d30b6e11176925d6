//! What stands in a line of Markdown.

use pulldown_cmark::{Event, LinkType, Tag};

use super::{Line, Span, Style, line};

/// A mention as a link goes to this scheme; Jira's own form begins the same way.
const ACCOUNT: &str = "accountid:";

/// A line that is being read.
#[derive(Default)]
pub(super) struct Inline {
    line: Line,
    /// How text looks inside of what is open, the innermost last.
    open: Vec<Open>,
}

struct Open {
    style: Style,
    /// The account that is mentioned, and where its name begins in the line.
    mention: Option<(String, usize)>,
}

impl Inline {
    /// Adds what comes next.
    pub(super) fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.code(&text),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.line.push(Span::Break),
            Event::InlineHtml(html) if is_break(&html) => self.line.push(Span::Break),
            Event::InlineHtml(html) | Event::Html(html) => self.text(&html),
            _ => {}
        }
    }

    /// The line in its one form.
    pub(super) fn finish(self) -> Line {
        let line = line::tidy(self.line).into_iter().flat_map(mentions).collect();
        line::tidy(line)
    }

    fn style(&self) -> Style {
        self.open.last().map(|open| open.style.clone()).unwrap_or_default()
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let mut style = self.style();
        let mut mention = None;
        match tag {
            Tag::Emphasis => style.emphasis = true,
            Tag::Strong => style.strong = true,
            Tag::Strikethrough => style.strike = true,
            Tag::Link { dest_url, .. } if account(dest_url).is_some() => {
                mention = account(dest_url).map(|id| (id.to_owned(), self.line.len()));
            }
            Tag::Link {
                link_type: LinkType::Email,
                dest_url,
                ..
            } => style.link = Some(format!("mailto:{dest_url}")),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => style.link = link(dest_url),
            _ => {}
        }
        self.open.push(Open { style, mention });
    }

    fn end(&mut self) {
        let Some((id, from)) = self.open.pop().and_then(|open| open.mention) else {
            return;
        };
        let label = line::one(self.line.split_off(from));
        let name: String = label.iter().map(plain).collect();
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        self.line.push(Span::Mention(id, name));
    }

    fn text(&mut self, text: &str) {
        // An entity can stand for a character that no document holds.
        let text = text
            .replace('\n', " ")
            .replace(|letter: char| letter.is_control() && letter != '\t', "");
        let style = self.style();
        self.line.push(Span::Text(text, style));
    }

    /// The format lets code be a link, and nothing else.
    fn code(&mut self, text: &str) {
        let style = Style {
            code: true,
            link: self.style().link,
            ..Style::default()
        };
        self.line.push(Span::Text(text.to_owned(), style));
    }
}

/// The text of a span without its looks.
pub(super) fn plain(span: &Span) -> &str {
    match span {
        Span::Text(text, _) => text,
        Span::Break => " ",
        Span::Mention(_, name) => name.as_deref().unwrap_or_default(),
    }
}

fn is_break(html: &str) -> bool {
    matches!(html.to_ascii_lowercase().as_str(), "<br>" | "<br/>" | "<br />")
}

/// A link that is safe to follow: Jira refuses documents with others.
pub(super) fn link(url: &str) -> Option<String> {
    let known = ["http://", "https://", "mailto:", "/", "#"];
    let safe = known.iter().any(|start| {
        url.get(..start.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(start))
    });
    (safe && !url.contains(char::is_control)).then(|| url.to_owned())
}

fn account(url: &str) -> Option<&str> {
    url.strip_prefix(ACCOUNT).filter(|id| is_account(id))
}

/// Whether this can be the identifier of an account.
pub(super) fn is_account(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || ":-".contains(letter))
}

/// Finds Jira's own form of a mention, `[~accountid:5b10a2844c20165700ede21g]`.
fn mentions(span: Span) -> Vec<Span> {
    match span {
        Span::Text(text, style) if !style.code && style.link.is_none() => split(&text, &style),
        other => vec![other],
    }
}

fn split(text: &str, style: &Style) -> Vec<Span> {
    let mut parts = text.split("[~accountid:");
    let first = parts.next().unwrap_or_default();
    let mut spans = vec![Span::Text(first.to_owned(), style.clone())];
    for part in parts {
        match part.split_once(']').filter(|(id, _)| is_account(id)) {
            Some((id, rest)) => {
                spans.push(Span::Mention(id.to_owned(), None));
                spans.push(Span::Text(rest.to_owned(), style.clone()));
            }
            None => spans.push(Span::Text(format!("[~accountid:{part}"), style.clone())),
        }
    }
    spans
}
