//! Markdown (CommonMark with GitHub's tables and strike-through) to blocks that the document format allows.

use std::iter::Peekable;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use skillhost_sdk::ToolError;

use super::inline::Inline;
use super::{Block, Line, fit, line};

/// How deep lists and quotes may stand in each other.
const DEPTH: usize = 16;

/// Reads a text.
///
/// # Errors
/// `invalid-argument` where lists and quotes are nested too deeply.
pub(super) fn parse(markdown: &str) -> Result<Vec<Block>, ToolError> {
    let text = clean(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut reader = Reader {
        events: Parser::new_ext(&text, options).peekable(),
    };
    Ok(fit::root(reader.blocks(0)?))
}

/// What XML cannot hold, Jira cannot store; and there is one kind of line break.
fn clean(markdown: &str) -> String {
    let text = markdown.replace("\r\n", "\n").replace('\r', "\n");
    text.chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'))
        .collect()
}

struct Reader<'a> {
    events: Peekable<Parser<'a>>,
}

impl Reader<'_> {
    /// Everything up to the end of what is open, which is taken too.
    fn blocks(&mut self, depth: usize) -> Result<Vec<Block>, ToolError> {
        if depth > DEPTH {
            let message = format!("Lists and quotes stand more than {DEPTH} deep in each other: make them flatter.");
            return Err(ToolError::invalid_argument(message));
        }
        let mut blocks = Vec::new();
        while let Some(event) = self.events.next_if(is_block) {
            match event {
                Event::Start(tag) => blocks.extend(self.block(tag, depth)?),
                Event::Rule => blocks.push(Block::Rule),
                _ => return Ok(blocks),
            }
            blocks.extend(self.bare());
        }
        Ok(blocks)
    }

    /// The text of a tight list's item, which stands in no paragraph.
    fn bare(&mut self) -> Option<Block> {
        let line = self.line();
        (!line.is_empty()).then_some(Block::Paragraph(line))
    }

    fn block(&mut self, tag: Tag<'_>, depth: usize) -> Result<Option<Block>, ToolError> {
        Ok(Some(match tag {
            Tag::Paragraph => Block::Paragraph(self.whole()),
            Tag::Heading { level, .. } => Block::Heading(level as u8, line::one(self.whole())),
            Tag::HtmlBlock => Block::Paragraph(self.html()),
            Tag::CodeBlock(kind) => Block::Code(language(&kind), self.code()),
            Tag::BlockQuote(_) => Block::Quote(fit::quote(self.blocks(depth + 1)?)),
            Tag::List(start) => Block::List(start, self.items(depth + 1)?),
            Tag::Table(_) => Block::Table(self.rows()),
            _ => return Ok(None),
        }))
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Vec<Block>>, ToolError> {
        let mut items = Vec::new();
        while let Some(Event::Start(_)) = self.events.next() {
            let mut item: Vec<_> = self.bare().into_iter().collect();
            item.extend(self.blocks(depth)?);
            items.push(fit::item(item));
        }
        Ok(items)
    }

    fn rows(&mut self) -> Vec<Vec<Line>> {
        let mut rows = Vec::new();
        // The heading and each row, then the table's own end.
        while let Some(Event::Start(_)) = self.events.next() {
            let mut cells = Vec::new();
            while let Some(Event::Start(_)) = self.events.next() {
                cells.push(line::one(self.whole()));
            }
            rows.push(cells);
        }
        rows
    }

    /// A line, and the end of what it stands in.
    fn whole(&mut self) -> Line {
        let line = self.line();
        self.events.next();
        line
    }

    fn line(&mut self) -> Line {
        let mut inline = Inline::default();
        while let Some(event) = self.events.next_if(|event| !is_block(event)) {
            inline.take(event);
        }
        inline.finish()
    }

    /// What would be HTML elsewhere is said as it is.
    fn html(&mut self) -> Line {
        let text = self.text();
        let mut inline = Inline::default();
        for line in text.lines() {
            inline.take(Event::Text(line.into()));
            inline.take(Event::HardBreak);
        }
        inline.finish()
    }

    fn code(&mut self) -> String {
        let text = self.text();
        text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
    }

    /// Text up to the end of what is open, which is taken too.
    fn text(&mut self) -> String {
        let mut text = String::new();
        while let Some(Event::Text(part) | Event::Html(part)) = self.events.next() {
            text.push_str(&part);
        }
        text
    }
}

fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    let CodeBlockKind::Fenced(info) = kind else {
        return None;
    };
    let word = info.split([' ', '\t', ',']).next().unwrap_or_default();
    let is_name = !word.is_empty()
        && word
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+#-_.".contains(letter));
    is_name.then(|| word.to_owned())
}

/// Whether an event begins or ends something that stands on its own.
fn is_block(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => is_block_end(&tag.to_end()),
        Event::End(tag) => is_block_end(tag),
        Event::Rule => true,
        _ => false,
    }
}

const fn is_block_end(tag: &TagEnd) -> bool {
    !matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
    )
}
