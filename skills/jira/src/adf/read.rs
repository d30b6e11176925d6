//! The document format to blocks, told as well as Markdown can: what it has no words for becomes text.

use serde_json::Value;

use super::inline::{is_account, link};
use super::{Block, Line, Span, Style, line};

/// What stands in a node.
pub(super) fn blocks(node: &Value) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut bare = Line::new();
    for child in children(node) {
        // What should stand in a paragraph, and does not.
        if let Some(spans) = inline(child) {
            bare.extend(spans);
            continue;
        }
        blocks.extend(paragraph(std::mem::take(&mut bare)));
        blocks.extend(block(child));
    }
    blocks.extend(paragraph(bare));
    blocks
}

fn children(node: &Value) -> &[Value] {
    node.get("content")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn attribute<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    node.get("attrs")?.get(name)
}

fn attribute_text<'a>(node: &'a Value, name: &str) -> Option<&'a str> {
    attribute(node, name)?.as_str().filter(|text| !text.is_empty())
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn paragraph(spans: Line) -> Option<Block> {
    let line = line::tidy(spans);
    (!line.is_empty()).then_some(Block::Paragraph(line))
}

fn block(node: &Value) -> Vec<Block> {
    match kind(node) {
        "paragraph" => paragraph(spans(node)).into_iter().collect(),
        "heading" => vec![Block::Heading(level(node), line::one(spans(node)))],
        "bulletList" | "decisionList" | "taskList" => list(None, node),
        "orderedList" => list(
            Some(attribute(node, "order").and_then(Value::as_u64).unwrap_or(1)),
            node,
        ),
        "codeBlock" => vec![code(node)],
        "blockquote" | "panel" => quote(blocks(node)),
        "expand" | "nestedExpand" => expand(node),
        "rule" => vec![Block::Rule],
        "table" => table(node),
        "blockCard" | "embedCard" => paragraph(vec![card(node)]).into_iter().collect(),
        "media" => paragraph(vec![media(node)]).into_iter().collect(),
        // Layouts, groups of media, extensions with a body, and what comes after this was written.
        _ => blocks(node),
    }
}

fn level(node: &Value) -> u8 {
    let level = attribute(node, "level").and_then(Value::as_u64).unwrap_or(1);
    u8::try_from(level.clamp(1, 6)).unwrap_or(1)
}

fn quote(blocks: Vec<Block>) -> Vec<Block> {
    if blocks.is_empty() {
        Vec::new()
    } else {
        vec![Block::Quote(blocks)]
    }
}

/// A part that can be folded away: its title, then what stands in it.
fn expand(node: &Value) -> Vec<Block> {
    let title = attribute_text(node, "title").map(|title| line::strong(vec![plain(title)]));
    let mut unfolded: Vec<_> = title.and_then(paragraph).into_iter().collect();
    unfolded.extend(blocks(node));
    unfolded
}

fn list(start: Option<u64>, node: &Value) -> Vec<Block> {
    let mut items: Vec<Vec<Block>> = Vec::new();
    for child in children(node) {
        match (kind(child), items.last_mut()) {
            // Tasks below a task stand beside it.
            ("taskList", Some(item)) => item.extend(block(child)),
            _ => items.push(item(child)),
        }
    }
    if items.is_empty() {
        Vec::new()
    } else {
        vec![Block::List(start, items)]
    }
}

fn item(node: &Value) -> Vec<Block> {
    let mut item = blocks(node);
    if !matches!(item.first(), Some(Block::Paragraph(_) | Block::Code(..))) {
        item.insert(0, Block::Paragraph(Line::new()));
    }
    if let (Some(state), Some(Block::Paragraph(line))) = (state(node), item.first_mut()) {
        line.insert(0, plain(state));
        *line = line::tidy(std::mem::take(line));
    }
    item
}

fn state(node: &Value) -> Option<&'static str> {
    match (kind(node), attribute_text(node, "state")) {
        ("taskItem" | "blockTaskItem", Some("DONE")) => Some("[x] "),
        ("taskItem" | "blockTaskItem", _) => Some("[ ] "),
        _ => None,
    }
}

fn code(node: &Value) -> Block {
    let text: String = children(node)
        .iter()
        .filter_map(|child| child.get("text")?.as_str())
        .collect();
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "+#-_.".contains(letter);
    let language = attribute_text(node, "language").filter(|name| name.chars().all(is_letter));
    Block::Code(language.map(str::to_owned), text)
}

fn table(node: &Value) -> Vec<Block> {
    let mut rows: Vec<Vec<Line>> = children(node)
        .iter()
        .map(|row| children(row).iter().map(cell).collect())
        .collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    if width == 0 {
        return Vec::new();
    }
    for row in &mut rows {
        row.resize(width, Line::new());
    }
    vec![Block::Table(rows)]
}

/// A cell holds blocks, and Markdown's only a line.
fn cell(node: &Value) -> Line {
    let mut line = Line::new();
    for block in blocks(node) {
        line.push(Span::Break);
        line.extend(flat(block));
    }
    line::one(line::tidy(line))
}

fn flat(block: Block) -> Line {
    let within = |blocks: Vec<Block>| -> Line {
        blocks
            .into_iter()
            .flat_map(|block| [vec![Span::Break], flat(block)].concat())
            .collect()
    };
    match block {
        Block::Paragraph(line) | Block::Heading(_, line) => line,
        Block::List(_, items) => items.into_iter().flat_map(within).collect(),
        Block::Code(_, text) => vec![code_span(&text)],
        Block::Quote(blocks) => within(blocks),
        Block::Rule => Line::new(),
        Block::Table(rows) => rows
            .into_iter()
            .flatten()
            .flat_map(|cell| [vec![Span::Break], cell].concat())
            .collect(),
    }
}

fn spans(node: &Value) -> Line {
    children(node)
        .iter()
        .flat_map(|child| inline(child).unwrap_or_else(|| spans(child)))
        .collect()
}

/// What stands in a line, where the node is of this kind.
fn inline(node: &Value) -> Option<Line> {
    Some(match kind(node) {
        "text" => vec![text(node)],
        "hardBreak" => vec![Span::Break],
        "mention" => vec![mention(node)],
        "inlineCard" => vec![card(node)],
        "emoji" => vec![plain(
            attribute_text(node, "text").or(attribute_text(node, "shortName"))?,
        )],
        "status" => vec![plain(attribute_text(node, "text")?)],
        "date" => vec![plain(&date(node)?)],
        "placeholder" => vec![plain(attribute_text(node, "text")?)],
        "inlineExtension" => vec![plain(attribute_text(node, "text").unwrap_or_default())],
        "mediaInline" => vec![media(node)],
        _ => return None,
    })
}

fn plain(text: &str) -> Span {
    Span::Text(text.replace(['\n', '\r'], " "), Style::default())
}

fn text(node: &Value) -> Span {
    let text = node
        .get("text")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .replace(['\n', '\r'], " ");
    let mut style = Style::default();
    for mark in node.get("marks").and_then(Value::as_array).into_iter().flatten() {
        match kind(mark) {
            "strong" => style.strong = true,
            "em" => style.emphasis = true,
            "strike" => style.strike = true,
            "code" => style.code = true,
            "link" => style.link = attribute_text(mark, "href").and_then(link),
            _ => {}
        }
    }
    if style.code {
        (style.strong, style.emphasis, style.strike) = (false, false, false);
    }
    Span::Text(text, style)
}

fn code_span(text: &str) -> Span {
    let style = Style {
        code: true,
        ..Style::default()
    };
    Span::Text(text.replace('\n', " "), style)
}

fn mention(node: &Value) -> Span {
    let name = attribute_text(node, "text");
    match attribute_text(node, "id").filter(|id| is_account(id)) {
        Some(id) => Span::Mention(id.to_owned(), name.map(str::to_owned)),
        None => plain(name.unwrap_or("@somebody")),
    }
}

fn card(node: &Value) -> Span {
    let url = attribute_text(node, "url").unwrap_or_default();
    let style = Style {
        link: link(url),
        ..Style::default()
    };
    Span::Text(url.to_owned(), style)
}

/// An attachment: only Jira knows its name.
fn media(node: &Value) -> Span {
    let name = attribute_text(node, "alt").or(attribute_text(node, "url"));
    match name {
        Some(name) => plain(&format!("(attachment {name})")),
        None => plain("(attachment)"),
    }
}

/// Milliseconds since 1970, as a day.
fn date(node: &Value) -> Option<String> {
    let stamp = attribute(node, "timestamp")?;
    let milliseconds = stamp.as_i64().or_else(|| stamp.as_str()?.parse().ok())?;
    let moment = jiff::Timestamp::from_millisecond(milliseconds).ok()?.to_string();
    Some(moment.split('T').next()?.to_owned())
}
