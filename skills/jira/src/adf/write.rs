//! Blocks to the document format.

use serde_json::{Value, json};

use super::{Block, Line, Span, Style};

/// The whole document.
pub(super) fn document(content: &[Block]) -> Value {
    json!({"type": "doc", "version": 1, "content": blocks(content)})
}

fn blocks(blocks: &[Block]) -> Vec<Value> {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> Value {
    match block {
        Block::Paragraph(spans) => json!({"type": "paragraph", "content": line(spans)}),
        Block::Heading(level, spans) => {
            json!({"type": "heading", "attrs": {"level": level}, "content": line(spans)})
        }
        Block::List(None, items) => json!({"type": "bulletList", "content": list(items)}),
        Block::List(Some(start), items) => {
            json!({"type": "orderedList", "attrs": {"order": start}, "content": list(items)})
        }
        Block::Code(language, text) => code(language.as_deref(), text),
        Block::Quote(content) => json!({"type": "blockquote", "content": blocks(content)}),
        Block::Rule => json!({"type": "rule"}),
        Block::Table(rows) => json!({"type": "table", "content": table(rows)}),
    }
}

fn list(items: &[Vec<Block>]) -> Vec<Value> {
    let item = |item: &Vec<Block>| json!({"type": "listItem", "content": blocks(item)});
    items.iter().map(item).collect()
}

fn code(language: Option<&str>, text: &str) -> Value {
    // No text node may be empty.
    let content: Vec<_> = Some(text)
        .filter(|text| !text.is_empty())
        .map(plain)
        .into_iter()
        .collect();
    match language {
        Some(language) => json!({"type": "codeBlock", "attrs": {"language": language}, "content": content}),
        None => json!({"type": "codeBlock", "content": content}),
    }
}

fn table(rows: &[Vec<Line>]) -> Vec<Value> {
    let kinds = std::iter::once("tableHeader").chain(std::iter::repeat("tableCell"));
    let row = |(row, kind): (&Vec<Line>, &str)| {
        let paragraph = |cell: &Line| json!({"type": "paragraph", "content": line(cell)});
        let cell = |cell: &Line| json!({"type": kind, "content": [paragraph(cell)]});
        json!({"type": "tableRow", "content": row.iter().map(cell).collect::<Vec<_>>()})
    };
    rows.iter().zip(kinds).map(row).collect()
}

fn line(line: &Line) -> Vec<Value> {
    line.iter().map(span).collect()
}

fn span(span: &Span) -> Value {
    match span {
        Span::Text(text, style) => match marks(style) {
            marks if marks.is_empty() => plain(text),
            marks => json!({"type": "text", "text": text, "marks": marks}),
        },
        Span::Break => json!({"type": "hardBreak"}),
        Span::Mention(id, None) => json!({"type": "mention", "attrs": {"id": id}}),
        Span::Mention(id, Some(name)) => json!({"type": "mention", "attrs": {"id": id, "text": name}}),
    }
}

fn plain(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn marks(style: &Style) -> Vec<Value> {
    let plain = [
        (style.strong, "strong"),
        (style.emphasis, "em"),
        (style.strike, "strike"),
        (style.code, "code"),
    ];
    let mut marks: Vec<_> = plain
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, name)| json!({"type": name}))
        .collect();
    if let Some(url) = &style.link {
        marks.push(json!({"type": "link", "attrs": {"href": url}}));
    }
    marks
}
