//! Lays out an outline as slides: what stands where, how large, and what continues on another slide.

use std::borrow::Cow;

use crate::fit::{self, BULLETS, DENSE, FULL, Frame, Scale, Style};
use crate::grid::{self, Grid};
use crate::{Bullet, Outline, Slide};

/// One slide of the deck.
pub(crate) struct Page<'a> {
    pub layout: Layout,
    pub texts: Vec<Text<'a>>,
    pub table: Option<Grid<'a>>,
    pub notes: Option<&'a str>,
    /// Whether a new section of the deck starts here.
    pub opens: Option<&'a str>,
}

/// Which of the deck's layouts a slide uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    Title,
    Section,
    Content,
    TitleOnly,
}

/// Text in a placeholder of the layout.
pub(crate) struct Text<'a> {
    pub role: Role,
    pub paragraphs: Vec<Paragraph<'a>>,
    pub scale: Scale,
    /// Where it differs from the layout's.
    pub frame: Option<Frame>,
}

/// What a placeholder is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Title,
    Subtitle,
    /// The author of the deck, or the number of a section.
    Aside,
    Body,
}

pub(crate) struct Paragraph<'a> {
    pub text: Cow<'a, str>,
    pub level: u8,
}

impl Page<'_> {
    /// What the slide is called.
    pub(crate) fn title(&self) -> &str {
        let title = self.texts.iter().find(|text| text.role == Role::Title);
        title
            .and_then(|text| text.paragraphs.first())
            .map_or("", |paragraph| &paragraph.text)
    }
}

/// The placeholders as `parts/master.xml` and the layouts place them.
const TITLE_FRAME: Frame = frame(48.0, 30.0, 864.0, 62.0);
const BODY_FRAME: Frame = frame(48.0, 116.0, 864.0, 364.0);
const DECK_TITLE_FRAME: Frame = frame(72.0, 120.0, 780.0, 164.0);
const SUBTITLE_FRAME: Frame = frame(72.0, 322.0, 780.0, 84.0);
const SECTION_TITLE_FRAME: Frame = frame(96.0, 228.0, 768.0, 150.0);

/// A table stands on the same slide as its points where they leave it this share of the height.
const TABLE_SHARE: f64 = 0.5;

/// Between points and the table under them.
const GAP: f64 = 18.0;

/// The slides of a deck in their order.
pub(crate) fn lay_out(outline: &Outline) -> Vec<Page<'_>> {
    let mut pages = vec![title_page(outline)];
    let mut number = 0;
    for section in &outline.sections {
        let title = section.title.as_deref().filter(|title| !title.trim().is_empty());
        if let Some(title) = title {
            number += 1;
            pages.push(section_page(number, title));
        }
        pages.extend(section.slides.iter().flat_map(slide_pages));
    }
    pages
}

fn title_page(outline: &Outline) -> Page<'_> {
    let given = |text: &'_ Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let mut texts = vec![heading(Cow::from(&outline.title), fit::DECK_TITLE, DECK_TITLE_FRAME)];
    if let Some(subtitle) = outline.subtitle.as_ref().filter(|_| given(&outline.subtitle)) {
        let text = heading(Cow::from(subtitle), fit::SUBTITLE, SUBTITLE_FRAME);
        texts.push(Text {
            role: Role::Subtitle,
            ..text
        });
    }
    if let Some(author) = outline.author.as_ref().filter(|_| given(&outline.author)) {
        texts.push(aside(Cow::from(author)));
    }
    Page {
        opens: Some(&outline.title),
        ..page(Layout::Title, texts)
    }
}

fn section_page(number: usize, title: &str) -> Page<'_> {
    let texts = vec![
        aside(Cow::from(number.to_string())),
        heading(Cow::from(title), fit::SECTION_TITLE, SECTION_TITLE_FRAME),
    ];
    Page {
        opens: Some(title),
        ..page(Layout::Section, texts)
    }
}

/// The slides that one slide of the outline takes: usually one.
fn slide_pages(slide: &Slide) -> Vec<Page<'_>> {
    let bullets = slide.bullets.as_deref().unwrap_or_default();
    let mut pages = match &slide.table {
        Some(table) => match room_under(bullets) {
            Some((above, under)) => with_table_under(bullets, above, grid::lay_out(table, under, BODY_FRAME)),
            None => {
                let mut pages = bullet_pages(bullets);
                pages.extend(grid::lay_out(table, BODY_FRAME, BODY_FRAME).into_iter().map(table_page));
                pages
            }
        },
        None => bullet_pages(bullets),
    };
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        let title = match count {
            1 => Cow::from(&slide.title),
            _ => Cow::from(format!("{} ({}/{count})", slide.title, index + 1)),
        };
        page.texts.insert(0, heading(title, fit::TITLE, TITLE_FRAME));
    }
    if let Some(first) = pages.first_mut() {
        first.notes = slide.notes.as_deref().filter(|notes| !notes.trim().is_empty());
    }
    pages
}

/// Where points and a table go on one slide, if there is room for both.
fn room_under(bullets: &[Bullet]) -> Option<(Frame, Frame)> {
    if bullets.is_empty() {
        return Some((
            Frame {
                height: 0.0,
                ..BODY_FRAME
            },
            BODY_FRAME,
        ));
    }
    let height = fit::height(bullets.iter().map(set), BODY_FRAME.width, FULL);
    let used = height + GAP;
    let above = Frame { height, ..BODY_FRAME };
    let under = frame(
        BODY_FRAME.left,
        BODY_FRAME.top + used,
        BODY_FRAME.width,
        BODY_FRAME.height - used,
    );
    (under.height >= BODY_FRAME.height * TABLE_SHARE).then_some((above, under))
}

fn with_table_under<'a>(bullets: &'a [Bullet], above: Frame, grids: Vec<Grid<'a>>) -> Vec<Page<'a>> {
    let mut pages: Vec<_> = grids.into_iter().map(table_page).collect();
    if let Some(first) = pages.first_mut().filter(|_| !bullets.is_empty()) {
        first.layout = Layout::Content;
        first.texts.push(Text {
            frame: Some(above),
            ..body(bullets.iter(), FULL)
        });
    }
    pages
}

fn table_page(grid: Grid<'_>) -> Page<'_> {
    Page {
        table: Some(grid),
        ..page(Layout::TitleOnly, Vec::new())
    }
}

fn bullet_pages<'a>(bullets: &'a [Bullet]) -> Vec<Page<'a>> {
    if bullets.is_empty() {
        return vec![page(Layout::TitleOnly, Vec::new())];
    }
    if let Some(scale) = fit::comfortable(&bullets.iter().map(set), BODY_FRAME) {
        return vec![page(Layout::Content, vec![body(bullets.iter(), scale)])];
    }
    let shares = shares(bullets);
    let fits = |points: &Vec<&Bullet>| fit::shrunk(&points.iter().map(|point| set(point)), BODY_FRAME);
    // All parts look alike, so the fullest decides; a part that is nearly empty is not set larger.
    let smallest = |one: Scale, other| if other < one { other } else { one };
    let scale = shares.iter().map(fits).fold(DENSE, smallest);
    let part = |points: Vec<&'a Bullet>| page(Layout::Content, vec![body(points.into_iter(), scale)]);
    shares.into_iter().map(part).collect()
}

/// Points that do not fit on one slide, spread evenly over as few as they need.
fn shares(bullets: &[Bullet]) -> Vec<Vec<&Bullet>> {
    let height = |unit: &[&Bullet]| fit::height(unit.iter().map(|point| set(point)), BODY_FRAME.width, DENSE);
    // A point stays with its details, unless they fill a slide alone.
    let mut units: Vec<(Vec<&Bullet>, f64)> = Vec::new();
    for group in bullets.chunk_by(|_, next| level(next) > 0) {
        let group: Vec<_> = group.iter().collect();
        let together = height(&group);
        if together <= BODY_FRAME.height {
            units.push((group, together));
        } else {
            units.extend(group.into_iter().map(|point| (vec![point], height(&[point]))));
        }
    }
    let total = units.iter().map(|(_, height)| height).sum();
    fit::evenly(total, BODY_FRAME.height, |room| packed(&units, room))
}

fn packed<'a>(units: &[(Vec<&'a Bullet>, f64)], room: f64) -> Vec<Vec<&'a Bullet>> {
    let mut pages: Vec<Vec<&Bullet>> = Vec::new();
    let mut left = 0.0;
    for (unit, height) in units {
        match pages.last_mut() {
            Some(page) if *height <= left => page.extend(unit),
            _ => {
                pages.push(unit.clone());
                left = room;
            }
        }
        left -= height;
    }
    pages
}

fn body<'a>(bullets: impl Iterator<Item = &'a Bullet>, scale: Scale) -> Text<'a> {
    let paragraph = |bullet: &'a Bullet| Paragraph {
        text: Cow::from(&bullet.text),
        level: bullet.level.unwrap_or(0),
    };
    Text {
        role: Role::Body,
        paragraphs: bullets.map(paragraph).collect(),
        scale,
        frame: None,
    }
}

fn heading(text: Cow<'_, str>, style: Style, frame: Frame) -> Text<'_> {
    Text {
        role: Role::Title,
        scale: fit::shrunk(&std::iter::once((text.as_ref(), style)), frame),
        paragraphs: vec![Paragraph { text, level: 0 }],
        frame: None,
    }
}

fn aside(text: Cow<'_, str>) -> Text<'_> {
    Text {
        role: Role::Aside,
        paragraphs: vec![Paragraph { text, level: 0 }],
        scale: FULL,
        frame: None,
    }
}

const fn page(layout: Layout, texts: Vec<Text<'_>>) -> Page<'_> {
    Page {
        layout,
        texts,
        table: None,
        notes: None,
        opens: None,
    }
}

/// A point and how it is set.
fn set(bullet: &Bullet) -> (&str, Style) {
    let [.., deepest] = BULLETS;
    (&bullet.text, BULLETS.get(level(bullet)).copied().unwrap_or(deepest))
}

fn level(bullet: &Bullet) -> usize {
    bullet.level.unwrap_or(0).into()
}

const fn frame(left: f64, top: f64, width: f64, height: f64) -> Frame {
    Frame {
        left,
        top,
        width,
        height,
    }
}
