//! An Open Packaging Conventions package (ECMA-376 part 2): parts, their types and relationships, in a ZIP file.

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::xml::{Element, element};

/// One file of the package.
pub(crate) struct Part {
    path: String,
    content_type: String,
    content: Vec<u8>,
    relationships: Vec<Relationship>,
}

/// A part that another part, or the package itself, refers to.
struct Relationship {
    kind: String,
    target: String,
}

impl Part {
    /// A part at this path (without a leading slash), of a type such as `officedocument.theme`.
    pub(crate) fn new(path: impl Into<String>, kind: &str, content: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            content_type: format!("application/vnd.openxmlformats-{kind}+xml"),
            content: content.into(),
            relationships: Vec::new(),
        }
    }

    /// Refers to another part, relative to the folder of this one. The first is `rId1`, the next `rId2`, and so on.
    pub(crate) fn relates(mut self, kind: &str, target: impl Into<String>) -> Self {
        self.relationships.push(Relationship {
            kind: format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"),
            target: target.into(),
        });
        self
    }
}

/// The ZIP file. The order and the times of its entries are fixed, so that the same parts give the same bytes.
///
/// # Errors
/// Never in practice: everything is written to memory.
pub(crate) fn write(parts: &[Part]) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT);
    let mut add = |path: &str, content: &[u8]| {
        archive.start_file(path, options)?;
        archive.write_all(content)
    };
    add("[Content_Types].xml", &content_types(parts).document()?)?;
    add("_rels/.rels", &relationship_part(&roots()).document()?)?;
    for part in parts {
        add(&part.path, &part.content)?;
        if !part.relationships.is_empty() {
            let document = relationship_part(&part.relationships).document()?;
            add(&relationship_path(&part.path), &document)?;
        }
    }
    Ok(archive.finish()?.into_inner())
}

/// What every reader of the package looks for first.
fn roots() -> [Relationship; 3] {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    [
        (format!("{office}/officeDocument"), "ppt/presentation.xml"),
        (format!("{package}/metadata/core-properties"), "docProps/core.xml"),
        (format!("{office}/extended-properties"), "docProps/app.xml"),
    ]
    .map(|(kind, target)| Relationship {
        kind,
        target: target.to_owned(),
    })
}

fn content_types(parts: &[Part]) -> Element {
    let default = |extension, content_type| {
        element("Default")
            .attribute("Extension", extension)
            .attribute("ContentType", content_type)
    };
    element("Types")
        .attribute("xmlns", "http://schemas.openxmlformats.org/package/2006/content-types")
        .child(default(
            "rels",
            "application/vnd.openxmlformats-package.relationships+xml",
        ))
        .child(default("xml", "application/xml"))
        .children(parts.iter().map(|part| {
            element("Override")
                .attribute("PartName", format!("/{}", part.path))
                .attribute("ContentType", &part.content_type)
        }))
}

fn relationship_part(relationships: &[Relationship]) -> Element {
    element("Relationships")
        .attribute("xmlns", "http://schemas.openxmlformats.org/package/2006/relationships")
        .children(relationships.iter().zip(1..).map(|(relationship, number)| {
            element("Relationship")
                .attribute("Id", format!("rId{number}"))
                .attribute("Type", &relationship.kind)
                .attribute("Target", &relationship.target)
        }))
}

fn relationship_path(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/_rels/{name}.rels"),
        None => format!("_rels/{path}.rels"),
    }
}
