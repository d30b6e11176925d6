//! What may stand in what: the document format allows less than Markdown does.

use super::{Block, Line, Span, Style, line};

/// What stands in nothing else.
pub(super) fn root(blocks: Vec<Block>) -> Vec<Block> {
    blocks.into_iter().filter(|block| !is_empty(block)).collect()
}

/// What stands in a quote.
pub(super) fn quote(blocks: Vec<Block>) -> Vec<Block> {
    root(blocks.into_iter().flat_map(nested).collect())
}

/// What stands in an item of a list: it begins with a paragraph or with code.
pub(super) fn item(blocks: Vec<Block>) -> Vec<Block> {
    let mut item = quote(blocks);
    if !matches!(item.first(), Some(Block::Paragraph(_) | Block::Code(..))) {
        item.insert(0, Block::Paragraph(Line::new()));
    }
    item
}

/// A block in a quote or an item, where only paragraphs, lists and code may stand.
fn nested(block: Block) -> Vec<Block> {
    match block {
        Block::Heading(_, heading) => vec![Block::Paragraph(line::strong(heading))],
        Block::Quote(blocks) => blocks,
        Block::Table(rows) => rows.into_iter().map(|row| Block::Paragraph(joined(row))).collect(),
        Block::Rule => Vec::new(),
        other => vec![other],
    }
}

fn joined(row: Vec<Line>) -> Line {
    let mut cells = row.into_iter();
    let mut line = cells.next().unwrap_or_default();
    for cell in cells {
        line.push(Span::Text(" | ".to_owned(), Style::default()));
        line.extend(cell);
    }
    line::tidy(line)
}

fn is_empty(block: &Block) -> bool {
    match block {
        Block::Paragraph(line) => line.is_empty(),
        Block::Quote(blocks) => blocks.is_empty(),
        _ => false,
    }
}
