//! Whether text fits into a box, at which size, and how much height it takes. Lengths are points.

use crate::text::line_count;

/// Where something stands on a slide of 960 by 540.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// How a level of text is set; the same numbers stand in `parts/master.xml` and the layouts.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub size: f64,
    pub indent: f64,
    pub before: f64,
}

/// How far text is shrunk, in percent, as `a:normAutofit` says it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Scale {
    pub font: u8,
    /// Taken off the spacing between lines.
    pub spacing: u8,
}

pub(crate) const TITLE: Style = style(30.0, 0.0, 0.0);
pub(crate) const DECK_TITLE: Style = style(46.0, 0.0, 0.0);
pub(crate) const SECTION_TITLE: Style = style(40.0, 0.0, 0.0);
pub(crate) const SUBTITLE: Style = style(22.0, 0.0, 0.0);

/// The levels of points.
pub(crate) const BULLETS: [Style; 5] = [
    style(26.0, 22.0, 14.0),
    style(22.0, 46.0, 8.0),
    style(18.0, 68.0, 6.0),
    style(16.0, 88.0, 5.0),
    style(16.0, 106.0, 5.0),
];

/// As written.
pub(crate) const FULL: Scale = scale(100, 0);

/// What still reads well: points beyond that go to another slide.
const COMFORTABLE: [Scale; 4] = [FULL, scale(92, 0), scale(85, 10), scale(75, 10)];

/// How points are set that take more than one slide anyway.
pub(crate) const DENSE: Scale = scale(85, 10);

/// What is tried after that where text cannot go to another slide.
const SMALL: [Scale; 3] = [scale(66, 20), scale(58, 20), scale(50, 20)];

/// The smallest that is ever set.
const SMALLEST: Scale = scale(40, 20);

/// The largest scale at which the text fits and reads well, if there is one.
pub(crate) fn comfortable<'a>(text: &(impl Iterator<Item = (&'a str, Style)> + Clone), frame: Frame) -> Option<Scale> {
    largest(text, frame, &COMFORTABLE)
}

/// The scale for text that must go into this box, whatever it looks like.
pub(crate) fn shrunk<'a>(text: &(impl Iterator<Item = (&'a str, Style)> + Clone), frame: Frame) -> Scale {
    comfortable(text, frame)
        .or_else(|| largest(text, frame, &SMALL))
        .unwrap_or(SMALLEST)
}

/// The height of paragraphs under each other in a box of this width.
pub(crate) fn height<'a>(text: impl Iterator<Item = (&'a str, Style)>, width: f64, scale: Scale) -> f64 {
    let line_height = 1.2 * f64::from(100 - scale.spacing) / 100.0;
    let paragraph = |(text, style): (&str, Style)| {
        let size = style.size * f64::from(scale.font) / 100.0;
        let lines = line_count(text, (width - style.indent) / size);
        style.before + f64::from(lines) * size * line_height
    };
    text.map(paragraph).sum()
}

/// Spreads something over as few slides as it needs, and evenly, so that the last is not nearly empty. `split` says
/// what stands on which slide when each has this room.
pub(crate) fn evenly<T>(total: f64, room: f64, split: impl Fn(f64) -> Vec<T>) -> Vec<T> {
    let slides = split(room);
    let fewest = slides.len();
    let mut share = total / f64::from(u32::try_from(fewest).unwrap_or(u32::MAX));
    while share < room {
        let even = split(share);
        if even.len() <= fewest {
            return even;
        }
        share *= 1.05;
    }
    slides
}

fn largest<'a>(
    text: &(impl Iterator<Item = (&'a str, Style)> + Clone),
    frame: Frame,
    scales: &[Scale],
) -> Option<Scale> {
    let fits = |scale: &Scale| height(text.clone(), frame.width, *scale) <= frame.height;
    scales.iter().copied().find(fits)
}

const fn style(size: f64, indent: f64, before: f64) -> Style {
    Style { size, indent, before }
}

const fn scale(font: u8, spacing: u8) -> Scale {
    Scale { font, spacing }
}
