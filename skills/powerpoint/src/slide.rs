//! The XML of one slide, and of its notes (ECMA-376 part 1, section 19.3).

use crate::fit::{FULL, Frame, Scale};
use crate::pages::{Layout, Page, Role, Text};
use crate::paragraph::{levelled, plain, slide_number};
use crate::table::graphic_frame;
use crate::text::shortened;
use crate::xml::{Element, element};

const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const PRESENTATION: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The width of the footer, in ems of its size.
const FOOTER: f64 = 700.0 / 11.0;

/// The slide of this number, counted from 1; `footer` is the title of the deck.
pub(crate) fn slide(page: &Page<'_>, number: usize, footer: &str) -> Element {
    let mut tree = Tree::new();
    for text in &page.texts {
        tree.add(|id| text_shape(id, text, page.layout));
    }
    if let Some(grid) = &page.table {
        tree.add(|id| graphic_frame(id, grid, page.title()));
    }
    if page.layout != Layout::Title {
        tree.add(|id| placeholder(id, "Footer", small("ftr", 11), vec![plain(&shortened(footer, FOOTER))]));
        tree.add(|id| placeholder(id, "Slide number", small("sldNum", 12), vec![slide_number(number)]));
    }
    tree.into_root("p:sld")
}

/// The notes page of a slide.
pub(crate) fn notes(notes: &str) -> Element {
    let mut tree = Tree::new();
    tree.add(slide_image);
    let place = element("p:ph").attribute("type", "body").attribute("idx", 1);
    let paragraphs = notes.lines().map(plain).collect();
    tree.add(|id| placeholder(id, "Notes", place, paragraphs));
    tree.into_root("p:notes")
}

/// The root of a part, with the namespaces that its content uses.
pub(crate) fn presentation_root(name: &'static str) -> Element {
    element(name)
        .attribute("xmlns:a", DRAWING)
        .attribute("xmlns:r", RELATIONSHIPS)
        .attribute("xmlns:p", PRESENTATION)
}

/// Where a shape stands.
pub(crate) fn transform(name: &'static str, frame: Frame) -> Element {
    let (left, top) = (emu(frame.left), emu(frame.top));
    let (width, height) = (emu(frame.width), emu(frame.height));
    element(name)
        .child(element("a:off").attribute("x", left).attribute("y", top))
        .child(element("a:ext").attribute("cx", width).attribute("cy", height))
}

/// Points in English Metric Units, 12,700 to a point, as they are written.
pub(crate) fn emu(points: f64) -> String {
    format!("{:.0}", points * 12_700.0)
}

/// The shapes of a slide, each with a number of its own.
struct Tree {
    element: Element,
    next: u32,
}

impl Tree {
    fn new() -> Self {
        let group = element("p:nvGrpSpPr")
            .child(element("p:cNvPr").attribute("id", 1).attribute("name", ""))
            .child(element("p:cNvGrpSpPr"))
            .child(element("p:nvPr"));
        Self {
            element: element("p:spTree").child(group).child(element("p:grpSpPr")),
            next: 2,
        }
    }

    fn add(&mut self, shape: impl FnOnce(u32) -> Element) {
        self.element.push(shape(self.next));
        self.next += 1;
    }

    fn into_root(self, name: &'static str) -> Element {
        presentation_root(name)
            .child(element("p:cSld").child(self.element))
            .child(element("p:clrMapOvr").child(element("a:masterClrMapping")))
    }
}

fn text_shape(id: u32, text: &Text<'_>, layout: Layout) -> Element {
    let place = element("p:ph");
    let (name, place) = match (text.role, layout) {
        (Role::Title, Layout::Title) => ("Title", place.attribute("type", "ctrTitle")),
        (Role::Title, _) => ("Title", place.attribute("type", "title")),
        (Role::Subtitle, _) => ("Subtitle", place.attribute("type", "subTitle").attribute("idx", 1)),
        (Role::Aside, _) => ("Aside", small("body", 10)),
        (Role::Body, _) => ("Content", place.attribute("idx", 1)),
    };
    let paragraphs = text.paragraphs.iter();
    let paragraphs = paragraphs.map(|paragraph| levelled(&paragraph.text, paragraph.level));
    shape(id, name, place, text.frame, text.scale, paragraphs.collect())
}

fn placeholder(id: u32, name: &'static str, place: Element, paragraphs: Vec<Element>) -> Element {
    shape(id, name, place, None, FULL, paragraphs)
}

fn small(kind: &'static str, index: u32) -> Element {
    element("p:ph")
        .attribute("type", kind)
        .attribute("sz", "quarter")
        .attribute("idx", index)
}

fn shape(
    id: u32,
    name: &'static str,
    place: Element,
    frame: Option<Frame>,
    scale: Scale,
    paragraphs: Vec<Element>,
) -> Element {
    let locks = element("p:cNvSpPr").child(element("a:spLocks").attribute("noGrp", 1));
    let properties = element("p:nvSpPr")
        .child(element("p:cNvPr").attribute("id", id).attribute("name", name))
        .child(locks)
        .child(element("p:nvPr").child(place));
    let body = element("p:txBody")
        .child(element("a:bodyPr").children(autofit(scale)))
        .child(element("a:lstStyle"))
        .children(paragraphs);
    element("p:sp")
        .child(properties)
        .child(element("p:spPr").children(frame.map(|frame| transform("a:xfrm", frame))))
        .child(body)
}

fn slide_image(id: u32) -> Element {
    let locks = element("a:spLocks")
        .attribute("noGrp", 1)
        .attribute("noRot", 1)
        .attribute("noChangeAspect", 1);
    let properties = element("p:nvSpPr")
        .child(element("p:cNvPr").attribute("id", id).attribute("name", "Slide image"))
        .child(element("p:cNvSpPr").child(locks))
        .child(element("p:nvPr").child(element("p:ph").attribute("type", "sldImg")));
    element("p:sp").child(properties).child(element("p:spPr"))
}

/// PowerPoint shows the text at this scale at once, and fits it again when somebody edits it.
fn autofit(scale: Scale) -> Option<Element> {
    let thousandths = |percent: u8| u32::from(percent) * 1000;
    (scale != FULL).then(|| {
        let fit = element("a:normAutofit").attribute("fontScale", thousandths(scale.font));
        match scale.spacing {
            0 => fit,
            spacing => fit.attribute("lnSpcReduction", thousandths(spacing)),
        }
    })
}
