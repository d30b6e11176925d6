//! The parts of a deck and how they refer to each other (ECMA-376 part 1, section 13).

use std::io;

use crate::Outline;
use crate::colour::Palette;
use crate::package::{self, Part};
use crate::pages::{Layout, Page};
use crate::slide::{notes, presentation_root, slide};
use crate::template;
use crate::xml::{Element, element};

/// The first of the numbers that a presentation gives to its slides (`ST_SlideId`).
const FIRST_SLIDE: usize = 256;

const THEME: &str = include_str!("theme.xml");

/// In the order in which the master lists them, and the template numbers them.
const LAYOUTS: [Layout; 4] = [Layout::Title, Layout::Section, Layout::Content, Layout::TitleOnly];

/// The file that PowerPoint opens.
///
/// # Errors
/// Never in practice: everything is written to memory.
pub(crate) fn write(outline: &Outline, pages: &[Page<'_>], palette: &Palette) -> io::Result<Vec<u8>> {
    let mut parts = vec![
        presentation(pages)?,
        core_properties(outline)?,
        application_properties(pages)?,
        theme(palette),
    ];
    parts.extend(template::parts());
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
    let layout = LAYOUTS.iter().zip(1..).find(|(layout, _)| **layout == page.layout);
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

/// A master and the notes master each want a theme of their own.
fn theme(palette: &Palette) -> Part {
    let content = THEME
        .replace("{accent}", &palette.accent.to_string())
        .replace("{dark}", &palette.dark.to_string())
        .replace("{light}", &palette.light.to_string())
        .replace("{pale}", &palette.pale.to_string());
    Part::new("ppt/theme/theme1.xml", "officedocument.theme", content).copied("ppt/theme/theme2.xml")
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
