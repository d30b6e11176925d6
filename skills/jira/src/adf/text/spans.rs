//! What stands in a line, as Markdown.

use super::super::{Line, Span, Style};
use super::escape::{self, Place};

/// A paragraph, its breaks kept.
pub(super) fn paragraph(line: &Line) -> String {
    let text = Writer::write(line, "");
    match line.first() {
        _ if !escape::is_definition(&text) => text,
        // An image is read as the same link, and begins no definition.
        Some(Span::Text(_, style)) if style.link.is_some() => format!("!{text}"),
        _ => format!("\\{text}"),
    }
}

/// A heading, on one line.
pub(super) fn heading(line: &Line) -> String {
    Writer::write(line, "#")
}

/// A cell of a table, on one line.
pub(super) fn cell(line: &Line) -> String {
    Writer::write(line, "|")
}

/// What can be open while a line is written.
#[derive(Clone, PartialEq)]
enum Mark {
    Link(String),
    Strong,
    Strike,
    Emphasis,
}

impl Mark {
    fn of(style: &Style) -> Vec<Self> {
        let plain = [
            (style.strong, Self::Strong),
            (style.strike, Self::Strike),
            (style.emphasis, Self::Emphasis),
        ];
        let link = style.link.clone().map(Self::Link);
        let plain = plain.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark);
        link.into_iter().chain(plain).collect()
    }

    const fn sign(&self) -> &'static str {
        match self {
            Self::Link(_) => "[",
            Self::Strong => "**",
            Self::Strike => "~~",
            Self::Emphasis => "_",
        }
    }

    /// Whether it is one at all only beside the right letters (CommonMark 0.31, "Emphasis and strong emphasis").
    const fn is_shy(&self) -> bool {
        !matches!(self, Self::Link(_))
    }
}

struct Writer {
    text: String,
    open: Vec<Mark>,
    special: &'static str,
    /// A mark was opened at the end of the text, and is none before a blank.
    opened: bool,
    /// A mark was closed at the end of the text, and is none before a letter.
    closed: bool,
}

impl Writer {
    fn write(line: &Line, special: &'static str) -> String {
        let mut writer = Self {
            text: String::new(),
            open: Vec::new(),
            special,
            opened: false,
            closed: false,
        };
        for (at, span) in line.iter().enumerate() {
            writer.span(span, line.get(at..).unwrap_or_default());
        }
        writer.close(0);
        writer.text
    }

    fn span(&mut self, span: &Span, rest: &[Span]) {
        match span {
            Span::Text(text, style) if is_own_address(text, style) => {
                self.close(0);
                self.push(&format!("<{text}>"));
            }
            Span::Text(text, style) => {
                self.turn(&Mark::of(style), text, style.code, rest);
                self.words(text, style);
            }
            Span::Break => {
                self.keep(&next(rest));
                self.push("\\\n");
            }
            Span::Mention(id, name) => {
                // It is written as a link, and no link holds another.
                let looks = next(rest).into_iter().filter(Mark::is_shy);
                self.keep(&looks.collect::<Vec<_>>());
                self.mention(id, name.as_deref());
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        (self.opened, self.closed) = (false, false);
    }

    /// Closes what is not among these.
    fn keep(&mut self, marks: &[Mark]) {
        let kept = self.open.iter().take_while(|mark| marks.contains(mark)).count();
        self.close(kept);
    }

    /// Closes what ends here and opens what begins, that which lasts longest first.
    fn turn(&mut self, marks: &[Mark], text: &str, code: bool, rest: &[Span]) {
        self.keep(marks);
        let mut new: Vec<_> = marks.iter().filter(|mark| !self.open.contains(mark)).cloned().collect();
        new.sort_by_key(|mark| std::cmp::Reverse(lasts(mark, rest)));
        // A letter that stands alone may itself have to be written as a sign.
        let follows = !code && text.starts_with(char::is_alphanumeric) && text.chars().nth(1).is_some();
        for (number, mark) in new.iter().enumerate() {
            self.begin(mark, follows && number + 1 == new.len());
        }
        // A mark before a blank is none; this happens where a link ends and what is around it goes on.
        self.opened = new.last().is_some_and(Mark::is_shy);
    }

    /// Opens a mark, before a letter or before something else.
    fn begin(&mut self, mark: &Mark, letter: bool) {
        let free = self.text.chars().next_back().is_none_or(is_edge);
        let is_mark = free || (letter && *mark != Mark::Emphasis);
        if mark.is_shy() && !is_mark {
            self.encode_last();
        }
        self.push(mark.sign());
        self.open.push(mark.clone());
    }

    fn encode_last(&mut self) {
        let last = self.text.pop();
        self.text.extend(last.map(entity));
    }

    fn close(&mut self, kept: usize) {
        while self.open.len() > kept {
            let Some(mark) = self.open.pop() else {
                return;
            };
            if let Mark::Link(url) = &mark {
                self.push(&format!("]({})", escape::url(url)));
                continue;
            }
            if self.text.ends_with(char::is_whitespace) {
                self.encode_last();
            }
            let letter = self.text.ends_with(char::is_alphanumeric);
            self.text.push_str(mark.sign());
            self.closed |= !letter || mark == Mark::Emphasis;
        }
    }

    fn words(&mut self, text: &str, style: &Style) {
        let mut place = Place {
            start: self.text.is_empty() || self.text.ends_with('\n'),
            bracket: self.text.ends_with(']'),
            link: style.link.is_some(),
            special: self.special,
        };
        if style.code {
            self.push(&code(text, self.special == "|"));
            return;
        }
        let mut letters = text.chars();
        let first = letters.clone().next().unwrap_or_default();
        if self.opened && first.is_whitespace() || self.closed && !is_edge(first) {
            (place.start, place.bracket) = (false, false);
            let first = letters.next().map(entity);
            self.push(&first.unwrap_or_default());
        }
        self.push(&escape::text(letters.as_str(), place));
    }

    fn mention(&mut self, id: &str, name: Option<&str>) {
        let place = Place {
            start: false,
            bracket: false,
            link: true,
            special: self.special,
        };
        match name {
            Some(name) => self.push(&format!("[{}](accountid:{id})", escape::text(name, place))),
            None => self.push(&format!("[~accountid:{id}]")),
        }
    }
}

/// What is open at the next text.
fn next(rest: &[Span]) -> Vec<Mark> {
    let text = rest.iter().find_map(|span| match span {
        Span::Text(_, style) => Some(Mark::of(style)),
        _ => None,
    });
    text.unwrap_or_default()
}

/// Blanks and signs let a mark be one.
fn is_edge(letter: char) -> bool {
    letter.is_whitespace() || letter.is_ascii_punctuation()
}

/// A letter written so that it ends and begins with a sign.
fn entity(letter: char) -> String {
    format!("&#{};", u32::from(letter))
}

fn lasts(mark: &Mark, rest: &[Span]) -> usize {
    let has = |span: &&Span| match span {
        Span::Text(_, style) => Mark::of(style).contains(mark),
        _ => true,
    };
    rest.iter().take_while(has).count()
}

/// Whether a link shows where it goes, and has no other looks.
fn is_own_address(text: &str, style: &Style) -> bool {
    let bare = Style {
        link: Some(text.to_owned()),
        ..Style::default()
    };
    let is_plain = |letter: char| !letter.is_whitespace() && !"<>\\&|".contains(letter);
    *style == bare && text.starts_with("http") && text.chars().all(is_plain)
}

fn code(text: &str, table: bool) -> String {
    let fence = "`".repeat(escape::longest(text, '`') + 1);
    let text = if table {
        text.replace('|', "\\|")
    } else {
        text.to_owned()
    };
    let padded = text.starts_with('`') || text.ends_with('`') || (text.starts_with(' ') && text.ends_with(' '));
    let pad = if padded && text.contains(|letter| letter != ' ') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}
