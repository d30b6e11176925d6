//! Rich text: Markdown, as agents write and read it, and the Atlassian document format, as Jira does.
//!
//! Both are turned into the same [`Block`]s and [`Span`]s first. Markdown becomes only what the format allows
//! (developer.atlassian.com, Atlassian Document Format); a document may hold more, and is told as well as Markdown can.

mod fit;
mod inline;
mod line;
mod markdown;
mod read;
mod text;
mod write;

use serde_json::Value;
use skillhost_sdk::ToolError;

/// What Jira takes as one text, in characters.
const TEXT: usize = 32_767;

/// The document that a Markdown text describes.
///
/// # Errors
/// `invalid-argument` where the text is too long or nested too deeply.
pub(crate) fn document(markdown: &str) -> Result<Value, ToolError> {
    if markdown.chars().count() > TEXT {
        return Err(ToolError::invalid_argument(format!(
            "The text has more than {TEXT} characters: shorten it, or split it."
        )));
    }
    Ok(write::document(&markdown::parse(markdown)?))
}

/// A document as Markdown; other JSON gives nothing.
pub(crate) fn markdown(document: &Value) -> Option<String> {
    let is_document = document.get("type").and_then(Value::as_str) == Some("doc");
    is_document.then(|| text::write(&read::blocks(document)))
}

/// A part of a text that stands on its own.
#[derive(Clone, Debug, PartialEq)]
enum Block {
    Paragraph(Line),
    /// Its level is 1 to 6.
    Heading(u8, Line),
    /// Numbered from there on, or with bullets.
    List(Option<u64>, Vec<Vec<Self>>),
    /// In a language, and without the line break at its end.
    Code(Option<String>, String),
    Quote(Vec<Self>),
    Rule,
    /// Rows of cells, of which the first is the heading.
    Table(Vec<Vec<Line>>),
}

/// What runs from margin to margin.
type Line = Vec<Span>;

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
enum Span {
    Text(String, Style),
    Break,
    /// The identifier of an account, and the name that was shown.
    Mention(String, Option<String>),
}

/// How text looks.
#[derive(Clone, Debug, Default, PartialEq)]
struct Style {
    strong: bool,
    emphasis: bool,
    strike: bool,
    code: bool,
    link: Option<String>,
}

#[cfg(test)]
mod tests;
