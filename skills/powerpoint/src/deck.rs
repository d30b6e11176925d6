//! The parts of a deck and how they refer to each other (ECMA-376 part 1, section 13).

use std::io;

use crate::Outline;
use crate::colour::Palette;
use crate::package::{self, Part};
use crate::pages::{Layout, Page};
use crate::slide::{notes, presentation_root, slide};
use crate::xml::{Element, element};

/// The first of the numbers that a presentation gives to its slides (`ST_SlideId`).
const FIRST_SLIDE: usize = 256;

const MASTER: &str = include_str!("parts/master.xml");
const NOTES_MASTER: &str = include_str!("parts/notes-master.xml");
const THEME: &str = include_str!("parts/theme.xml");

/// In the order in which the master lists them.
const LAYOUTS: [(Layout, &str); 4] = [
    (Layout::Title, include_str!("parts/layout-title.xml")),
    (Layout::Section, include_str!("parts/layout-section.xml")),
    (Layout::Content, include_str!("parts/layout-content.xml")),
    (Layout::TitleOnly, include_str!("parts/layout-title-only.xml")),
];

/// The file that PowerPoint opens.
///
/// # Errors
/// Never in practice: everything is written to memory.
pub(crate) fn write(outline: &Outline, pages: &[Page<'_>], palette: &Palette) -> io::Result<Vec<u8>> {
    let mut parts = vec![
        presentation(pages)?,
        properties("ppt/presProps.xml", "presProps", &presentation_root("p:presentationPr"))?,
        properties("ppt/tableStyles.xml", "tableStyles", &table_styles())?,
        core_properties(outline)?,
        application_properties(pages)?,
        theme(1, palette),
        theme(2, palette),
        master(),
        notes_master(),
    ];
    parts.extend(
        LAYOUTS
            .iter()
            .zip(1..)
            .map(|((_, content), number)| layout(content, number)),
    );
    for (page, number) in pages.iter().zip(1..) {
        parts.push(slide_part(page, number, &outline.title)?);
        if let Some(text) = page.notes {
            parts.push(notes_part(text, number)?);
        }
    }
    package::write(&parts)
}

fn presentation(pages: &[Page<'_>]) -> io::Result<Part> {
    let master = element("p:sldMasterId")
        .attribute("id", 2_147_483_648_u32)
        .attribute("r:id", "rId1");
    let notes_master = element("p:notesMasterId").attribute("r:id", "rId2");
    let slides = (0..pages.len()).map(|index| {
        element("p:sldId")
            .attribute("id", FIRST_SLIDE + index)
            .attribute("r:id", format!("rId{}", index + 3))
    });
    let size = |name, width: u32, height: u32| element(name).attribute("cx", width).attribute("cy", height);
    let root = presentation_root("p:presentation")
        .attribute("saveSubsetFonts", 1)
        .child(element("p:sldMasterIdLst").child(master))
        .child(element("p:notesMasterIdLst").child(notes_master))
        .child(element("p:sldIdLst").children(slides))
        .child(size("p:sldSz", 12_192_000, 6_858_000))
        .child(size("p:notesSz", 6_858_000, 9_144_000))
        .child(element("p:extLst").child(section_list(pages)));
    let kind = "officedocument.presentationml.presentation.main";
    let part = Part::new("ppt/presentation.xml", kind, root.document()?)
        .relates("slideMaster", "slideMasters/slideMaster1.xml")
        .relates("notesMaster", "notesMasters/notesMaster1.xml");
    let part = (1..=pages.len()).fold(part, |part, number| {
        part.relates("slide", format!("slides/slide{number}.xml"))
    });
    Ok(part
        .relates("theme", "theme/theme1.xml")
        .relates("presProps", "presProps.xml")
        .relates("tableStyles", "tableStyles.xml"))
}

/// The sections that PowerPoint shows beside the slides ([MS-PPTX] 2.2.11, an extension of 2010).
fn section_list(pages: &[Page<'_>]) -> Element {
    let mut list =
        element("p14:sectionLst").attribute("xmlns:p14", "http://schemas.microsoft.com/office/powerpoint/2010/main");
    let mut first = FIRST_SLIDE;
    for (part, number) in pages.chunk_by(|_, next| next.opens.is_none()).zip(1..) {
        let slides = (first..first + part.len()).map(|id| element("p14:sldId").attribute("id", id));
        first += part.len();
        let name = part.first().and_then(|page| page.opens).unwrap_or_default();
        let section = element("p14:section")
            .attribute("name", name)
            .attribute("id", format!("{{5EC71000-0000-4000-8000-{number:012X}}}"))
            .child(element("p14:sldIdLst").children(slides));
        list = list.child(section);
    }
    element("p:ext")
        .attribute("uri", "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}")
        .child(list)
}

fn slide_part(page: &Page<'_>, number: usize, footer: &str) -> io::Result<Part> {
    let content = slide(page, number, footer).document()?;
    let layout = LAYOUTS.iter().zip(1..).find(|((layout, _), _)| *layout == page.layout);
    let layout = layout.map_or(1, |(_, number)| number);
    let part = Part::new(
        format!("ppt/slides/slide{number}.xml"),
        "officedocument.presentationml.slide",
        content,
    )
    .relates("slideLayout", format!("../slideLayouts/slideLayout{layout}.xml"));
    Ok(match page.notes {
        Some(_) => part.relates("notesSlide", format!("../notesSlides/notesSlide{number}.xml")),
        None => part,
    })
}

fn notes_part(text: &str, number: usize) -> io::Result<Part> {
    let path = format!("ppt/notesSlides/notesSlide{number}.xml");
    let kind = "officedocument.presentationml.notesSlide";
    Ok(Part::new(path, kind, notes(text).document()?)
        .relates("notesMaster", "../notesMasters/notesMaster1.xml")
        .relates("slide", format!("../slides/slide{number}.xml")))
}

fn master() -> Part {
    let kind = "officedocument.presentationml.slideMaster";
    let part = Part::new("ppt/slideMasters/slideMaster1.xml", kind, MASTER);
    let part = (1..=LAYOUTS.len()).fold(part, |part, number| {
        part.relates("slideLayout", format!("../slideLayouts/slideLayout{number}.xml"))
    });
    part.relates("theme", "../theme/theme1.xml")
}

fn layout(content: &str, number: usize) -> Part {
    let path = format!("ppt/slideLayouts/slideLayout{number}.xml");
    Part::new(path, "officedocument.presentationml.slideLayout", content)
        .relates("slideMaster", "../slideMasters/slideMaster1.xml")
}

fn notes_master() -> Part {
    let kind = "officedocument.presentationml.notesMaster";
    Part::new("ppt/notesMasters/notesMaster1.xml", kind, NOTES_MASTER).relates("theme", "../theme/theme2.xml")
}

/// A master and the notes master each want a theme of their own.
fn theme(number: usize, palette: &Palette) -> Part {
    let content = THEME
        .replace("{accent}", &palette.accent.to_string())
        .replace("{dark}", &palette.dark.to_string())
        .replace("{light}", &palette.light.to_string())
        .replace("{pale}", &palette.pale.to_string());
    Part::new(format!("ppt/theme/theme{number}.xml"), "officedocument.theme", content)
}

fn properties(path: &str, kind: &str, root: &Element) -> io::Result<Part> {
    let kind = format!("officedocument.presentationml.{kind}");
    Ok(Part::new(path, &kind, root.document()?))
}

/// No styles of our own; the default is the one that every copy of PowerPoint has.
fn table_styles() -> Element {
    element("a:tblStyleLst")
        .attribute("xmlns:a", "http://schemas.openxmlformats.org/drawingml/2006/main")
        .attribute("def", "{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}")
}

/// Title and author as file managers show them. There is no time: the same outline gives the same bytes.
fn core_properties(outline: &Outline) -> io::Result<Part> {
    let mut root = element("cp:coreProperties")
        .attribute(
            "xmlns:cp",
            "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
        )
        .attribute("xmlns:dc", "http://purl.org/dc/elements/1.1/")
        .child(element("dc:title").text(&outline.title));
    if let Some(author) = &outline.author {
        root = root.child(element("dc:creator").text(author));
    }
    let kind = "package.core-properties";
    Ok(Part::new("docProps/core.xml", kind, root.document()?))
}

fn application_properties(pages: &[Page<'_>]) -> io::Result<Part> {
    let notes = pages.iter().filter(|page| page.notes.is_some()).count();
    let root = element("Properties")
        .attribute(
            "xmlns",
            "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
        )
        .child(element("Application").text("Skillhost"))
        .child(element("Slides").text(&pages.len().to_string()))
        .child(element("Notes").text(&notes.to_string()));
    let kind = "officedocument.extended-properties";
    Ok(Part::new("docProps/app.xml", kind, root.document()?))
}
