//! The XML of text: paragraphs, their runs, and the direction that they are read in.

use crate::text::is_right_to_left;
use crate::xml::{Element, element};

/// A paragraph in the direction of its text, with these run properties (`a:rPr`); line ends become breaks.
pub(crate) fn paragraph(text: &str, properties: Element, run: &dyn Fn() -> Element) -> Element {
    let properties = if is_right_to_left(text) {
        properties.attribute("algn", "r").attribute("rtl", 1)
    } else {
        properties
    };
    let mut paragraph = element("a:p").child(properties);
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            paragraph = paragraph.child(element("a:br").child(run()));
        }
        if !line.is_empty() {
            paragraph = paragraph.child(element("a:r").child(run()).child(element("a:t").text(line)));
        }
    }
    paragraph
}

/// A paragraph that looks as its placeholder says.
pub(crate) fn plain(text: &str) -> Element {
    paragraph(text, element("a:pPr"), &|| element("a:rPr"))
}

/// A paragraph of a list, at this level of nesting.
pub(crate) fn levelled(text: &str, level: u8) -> Element {
    let properties = element("a:pPr");
    let properties = match level {
        0 => properties,
        _ => properties.attribute("lvl", level),
    };
    paragraph(text, properties, &|| element("a:rPr"))
}

/// The number of the slide, which PowerPoint keeps right when slides move.
pub(crate) fn slide_number(number: usize) -> Element {
    let field = element("a:fld")
        .attribute("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}")
        .attribute("type", "slidenum")
        .child(element("a:rPr"))
        .child(element("a:t").text(&number.to_string()));
    element("a:p").child(field)
}
