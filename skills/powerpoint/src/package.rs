//! An Open Packaging Conventions package (ECMA-376 part 2): parts, their types and relationships, in a ZIP file.

use std::{io, iter};

use crate::archive::Archive;
use crate::template;
use crate::xml::{Element, element};

/// One file of the package.
pub(crate) struct Part {
    path: String,
    /// Where else the package has it.
    copies: Vec<String>,
    content_type: String,
    /// None where the template holds it.
    content: Option<Vec<u8>>,
    relationships: Vec<Relationship>,
}

/// A part that another part refers to.
struct Relationship {
    kind: String,
    target: String,
}

impl Part {
    /// A part at this path (without a leading slash), of a type such as `officedocument.theme`.
    pub(crate) fn new(path: impl Into<String>, kind: &str, content: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            copies: Vec::new(),
            content_type: format!("application/vnd.openxmlformats-{kind}+xml"),
            content: Some(content.into()),
            relationships: Vec::new(),
        }
    }

    /// A part of the template, with its relationships.
    pub(crate) fn ready(path: &str, kind: &str) -> Self {
        Self {
            content: None,
            ..Self::new(path, kind, [])
        }
    }

    /// The same at another path, for what no two parts may share. A copy relates to nothing.
    pub(crate) fn copied(mut self, path: &str) -> Self {
        self.copies.push(path.to_owned());
        self
    }

    fn paths(&self) -> impl Iterator<Item = &String> {
        iter::once(&self.path).chain(&self.copies)
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
    let mut archive = Archive::new();
    archive.add(["[Content_Types].xml"], &content_types(parts).document()?)?;
    for file in template::FILES {
        archive.put(file)?;
    }
    for part in parts {
        if let Some(content) = &part.content {
            archive.add(part.paths(), content)?;
        }
        if !part.relationships.is_empty() {
            let document = relationship_part(&part.relationships).document()?;
            archive.add([relationship_path(&part.path)], &document)?;
        }
    }
    archive.finish()
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
        .children(parts.iter().flat_map(|part| {
            part.paths().map(|path| {
                element("Override")
                    .attribute("PartName", format!("/{path}"))
                    .attribute("ContentType", &part.content_type)
            })
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
