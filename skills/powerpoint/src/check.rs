//! Refuses an outline that no deck can be made of, and says which place of it to change.

use std::ops::RangeInclusive;

use skillhost_sdk::ToolError;

use crate::colour::{Colour, Palette};
use crate::{Bullet, Outline, Section, Slide, Table};

/// Checks everything that the WIT promises, and reads the theme colour.
///
/// # Errors
/// `invalid-argument` with the detail `field`.
pub(crate) fn outline(outline: &Outline) -> Result<Palette, ToolError> {
    text("outline.title", &outline.title, 1..=200)?;
    optional_text("outline.subtitle", outline.subtitle.as_deref(), 0..=300)?;
    optional_text("outline.author", outline.author.as_deref(), 0..=100)?;
    count("outline.sections", "sections", outline.sections.len(), 1..=50)?;
    for (index, part) in outline.sections.iter().enumerate() {
        section(&format!("outline.sections[{index}]"), part)?;
    }
    let slides = outline.sections.iter().map(|section| section.slides.len()).sum();
    count("outline.sections", "slides altogether", slides, 1..=200)?;
    palette(outline.theme_colour.as_deref())
}

fn palette(colour: Option<&str>) -> Result<Palette, ToolError> {
    let Some(text) = colour else {
        return Ok(Palette::default());
    };
    let place = "outline.theme_colour";
    let colour = Colour::parse(text)
        .ok_or_else(|| refuse(place, "is not a colour: write six hexadecimal digits such as `#1F6FEB`"))?;
    Ok(Palette::of(colour))
}

fn section(place: &str, section: &Section) -> Result<(), ToolError> {
    optional_text(&format!("{place}.title"), section.title.as_deref(), 0..=200)?;
    for (index, part) in section.slides.iter().enumerate() {
        slide(&format!("{place}.slides[{index}]"), part)?;
    }
    Ok(())
}

fn slide(place: &str, slide: &Slide) -> Result<(), ToolError> {
    text(&format!("{place}.title"), &slide.title, 1..=200)?;
    if let Some(points) = &slide.bullets {
        bullets(&format!("{place}.bullets"), points)?;
    }
    if let Some(part) = &slide.table {
        table(&format!("{place}.table"), part)?;
    }
    optional_text(&format!("{place}.notes"), slide.notes.as_deref(), 0..=10_000)
}

fn bullets(place: &str, bullets: &[Bullet]) -> Result<(), ToolError> {
    count(place, "points", bullets.len(), 0..=50)?;
    let mut deepest = 0;
    for (index, bullet) in bullets.iter().enumerate() {
        let place = format!("{place}[{index}]");
        text(&format!("{place}.text"), &bullet.text, 1..=500)?;
        let level = bullet.level.unwrap_or(0);
        if level > deepest {
            let reason = format!("is {level}: after the point before it, use {deepest} at most");
            return Err(refuse(&format!("{place}.level"), &reason));
        }
        deepest = (level + 1).min(4);
    }
    Ok(())
}

fn table(place: &str, table: &Table) -> Result<(), ToolError> {
    let columns = table.header.len();
    count(&format!("{place}.header"), "columns", columns, 1..=10)?;
    count(&format!("{place}.rows"), "rows", table.rows.len(), 1..=200)?;
    for (column, heading) in table.header.iter().enumerate() {
        text(&format!("{place}.header[{column}]"), heading, 0..=100)?;
    }
    for (index, row) in table.rows.iter().enumerate() {
        let place = format!("{place}.rows[{index}]");
        if row.len() != columns {
            let reason = format!("has {} cells: give {columns}, as many as the header has", row.len());
            return Err(refuse(&place, &reason));
        }
        for (column, cell) in row.iter().enumerate() {
            text(&format!("{place}[{column}]"), cell, 0..=300)?;
        }
    }
    Ok(())
}

fn optional_text(place: &str, value: Option<&str>, allowed: RangeInclusive<usize>) -> Result<(), ToolError> {
    value.map_or(Ok(()), |value| text(place, value, allowed))
}

fn text(place: &str, value: &str, allowed: RangeInclusive<usize>) -> Result<(), ToolError> {
    if let Some(letter) = value.chars().find(|letter| !is_printable(*letter)) {
        let reason = format!(
            "holds the character U+{:04X}, which no slide can show: leave it out",
            u32::from(letter)
        );
        return Err(refuse(place, &reason));
    }
    if *allowed.start() > 0 && value.trim().is_empty() {
        return Err(refuse(place, "is empty: say something"));
    }
    count(place, "characters", value.chars().count(), 0..=*allowed.end())
}

/// Whether XML 1.0 can hold the character; of the control characters, only tabs and line ends mean something.
fn is_printable(letter: char) -> bool {
    !matches!(letter, '\u{FFFE}' | '\u{FFFF}') && (!letter.is_control() || matches!(letter, '\t' | '\n' | '\r'))
}

fn count(place: &str, what: &str, number: usize, allowed: RangeInclusive<usize>) -> Result<(), ToolError> {
    if allowed.contains(&number) {
        return Ok(());
    }
    let (least, most) = allowed.into_inner();
    let limit = if number < least {
        format!("at least {least}")
    } else {
        format!("at most {most}")
    };
    Err(refuse(place, &format!("has {number} {what}: give {limit}")))
}

fn refuse(place: &str, reason: &str) -> ToolError {
    ToolError::invalid_argument(format!("`{place}` {reason}.")).detail("field", place)
}
