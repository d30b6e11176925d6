//! Documents: each has a format of a list and a name of its own.

use std::collections::BTreeSet;

use gate::call::model::Media;
use serde_json::{Value, json};

use crate::dialect::{Unfit, native};

/// The most characters of a name, without the number that keeps it apart from others.
const LONGEST: usize = 190;

/// The documents of one request, no two of the same name.
#[derive(Default)]
pub(super) struct Documents {
    names: BTreeSet<String>,
}

impl Documents {
    pub(super) fn write(&mut self, media: &Media) -> Result<Value, Unfit> {
        let format = format(&media.media_type)?;
        let name = self.name(media.name.as_deref().unwrap_or_default());
        Ok(json!({"document": {"format": format, "name": name, "source": {"bytes": native::base64(media)?}}}))
    }

    pub(super) fn name(&mut self, asked: &str) -> String {
        let plain = plain(asked);
        let mut name = plain.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{plain} ({number})");
            number += 1;
        }
        name
    }
}

/// Letters, digits, hyphens, parentheses, brackets, and single spaces (DocumentBlock of the service model).
fn plain(asked: &str) -> String {
    let fits = |char: char| char.is_ascii_alphanumeric() || "-()[]".contains(char);
    let written: String = asked
        .chars()
        .map(|char| match char {
            char if fits(char) => char,
            char if char.is_whitespace() => ' ',
            _ => '-',
        })
        .take(LONGEST)
        .collect();
    let words: Vec<_> = written.split_whitespace().collect();
    if words.is_empty() {
        "document".to_owned()
    } else {
        words.join(" ")
    }
}

fn format(media_type: &str) -> Result<&'static str, Unfit> {
    Ok(match media_type {
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "text/html" => "html",
        "text/markdown" => "md",
        "application/json" | "application/xml" | "application/yaml" => "txt",
        text if text.starts_with("text/") => "txt",
        other => {
            let told = format!("this model reads PDF, Word, Excel, HTML and text and no `{other}`; send one of these");
            return Err(Unfit::new("files", told));
        }
    })
}
