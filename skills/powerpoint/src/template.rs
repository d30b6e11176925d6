//! The files in `template/`, which are the same in every deck; `build.rs` compresses them.

use crate::archive::Packed;
use crate::package::Part;

/// All of them, as they stand in the package: parts, their relationships, and the package's own.
pub(crate) const FILES: &[Packed<'_>] = &include!(concat!(env!("OUT_DIR"), "/template.rs"));

/// Those that are parts, and their types.
const PARTS: [(&str, &str); 8] = [
    ("ppt/presProps.xml", "presProps"),
    // No styles of our own; the default is the one that every copy of PowerPoint has.
    ("ppt/tableStyles.xml", "tableStyles"),
    ("ppt/slideMasters/slideMaster1.xml", "slideMaster"),
    ("ppt/notesMasters/notesMaster1.xml", "notesMaster"),
    ("ppt/slideLayouts/slideLayout1.xml", "slideLayout"),
    ("ppt/slideLayouts/slideLayout2.xml", "slideLayout"),
    ("ppt/slideLayouts/slideLayout3.xml", "slideLayout"),
    ("ppt/slideLayouts/slideLayout4.xml", "slideLayout"),
];

pub(crate) fn parts() -> impl Iterator<Item = Part> {
    let parts = PARTS.into_iter();
    parts.map(|(path, kind)| Part::ready(path, &format!("officedocument.presentationml.{kind}")))
}
