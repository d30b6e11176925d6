//! Blocks to Markdown that reads well, and that is read back as the same blocks.

mod escape;
mod spans;

use super::{Block, Line};

/// The whole text, without a line break at its end.
pub(super) fn write(blocks: &[Block]) -> String {
    write_from(blocks, false)
}

/// The first list has the other marks where `twin` says so.
fn write_from(blocks: &[Block], mut twin: bool) -> String {
    let mut text = String::new();
    for (number, block) in blocks.iter().enumerate() {
        if let Some(before) = number.checked_sub(1).and_then(|before| blocks.get(before)) {
            // Two lists side by side would be read as one, but for their marks.
            twin = !twin && is_twin(before, block);
            text.push_str("\n\n");
        }
        text.push_str(&write_block(block, twin));
    }
    text
}

fn is_twin(before: &Block, block: &Block) -> bool {
    matches!(
        (before, block),
        (Block::List(None, _), Block::List(None, _)) | (Block::List(Some(_), _), Block::List(Some(_), _))
    )
}

fn write_block(block: &Block, twin: bool) -> String {
    match block {
        Block::Paragraph(line) => spans::paragraph(line),
        Block::Heading(level, line) => {
            let marks = "#".repeat(usize::from(*level));
            format!("{marks} {}", spans::heading(line)).trim_end().to_owned()
        }
        Block::List(start, items) => list(*start, items, twin),
        Block::Code(language, text) => code(language.as_deref().unwrap_or_default(), text),
        Block::Quote(blocks) => indent(&write(blocks), "> ", "> "),
        Block::Rule => "---".to_owned(),
        Block::Table(rows) => table(rows),
    }
}

fn list(start: Option<u64>, items: &[Vec<Block>], twin: bool) -> String {
    let marked = items.iter().zip(0..).map(|(item, number)| {
        let mark = match (start, twin) {
            (None, false) => "- ".to_owned(),
            (None, true) => "* ".to_owned(),
            (Some(start), false) => format!("{}. ", ordinal(start, number)),
            (Some(start), true) => format!("{}) ", ordinal(start, number)),
        };
        indent(&write_item(item, twin), &mark, &" ".repeat(mark.len()))
    });
    marked.collect::<Vec<_>>().join("\n")
}

/// Nine digits are all that Markdown reads.
fn ordinal(start: u64, number: u64) -> u64 {
    start.saturating_add(number).min(999_999_999)
}

/// An item without a paragraph of its own begins with the list that it holds; the same mark thrice would be a rule.
fn write_item(item: &[Block], twin: bool) -> String {
    match item {
        [Block::Paragraph(line), rest @ ..] if line.is_empty() => write_from(rest, !twin),
        [Block::Paragraph(line), list @ Block::List(start, items)] if can_follow(*start, items) => {
            format!("{}\n{}", spans::paragraph(line), write_block(list, false))
        }
        item => write(item),
    }
}

/// Whether a list can stand right under a paragraph (CommonMark 0.31, "Lists").
fn can_follow(start: Option<u64>, items: &[Vec<Block>]) -> bool {
    let first = items.first().map(|item| write_item(item, false));
    matches!(start, None | Some(1)) && first.is_some_and(|first| !first.is_empty())
}

fn code(language: &str, text: &str) -> String {
    let fence = "`".repeat(escape::longest(text, '`').max(2) + 1);
    if text.is_empty() {
        return format!("{fence}{language}\n{fence}");
    }
    format!("{fence}{language}\n{text}\n{fence}")
}

fn table(rows: &[Vec<Line>]) -> String {
    let mut lines: Vec<_> = rows.iter().map(|row| cells(row.iter().map(spans::cell))).collect();
    let width = rows.first().map_or(0, Vec::len);
    lines.insert(lines.len().min(1), cells(std::iter::repeat_n("---".to_owned(), width)));
    lines.join("\n")
}

fn cells(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |", cells.join(" | "))
}

/// Puts something before the first line, and something else before the others; blank lines stay blank.
fn indent(text: &str, first: &str, others: &str) -> String {
    let lines = text.split('\n').enumerate().map(|(number, line)| {
        let mark = if number == 0 { first } else { others };
        match line {
            "" => mark.trim_end().to_owned(),
            line => format!("{mark}{line}"),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
