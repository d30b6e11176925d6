//! Turns an outline into a PowerPoint deck.

mod archive;
mod check;
mod colour;
mod deck;
mod fit;
mod grid;
mod package;
mod pages;
mod paragraph;
mod slide;
mod table;
mod template;
mod text;
mod xml;

use exports::skillhost::powerpoint::decks::{Bullet, Guest, Outline, Section, Slide, Table};
use skillhost_sdk::{File, ToolError, files, info};

skillhost_sdk::bindings!("powerpoint");

struct PowerPoint;

export!(PowerPoint);

const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

impl Guest for PowerPoint {
    fn create_deck(outline: Outline) -> Result<File, ToolError> {
        let palette = check::outline(&outline)?;
        let pages = pages::lay_out(&outline);
        let content = deck::write(&outline, &pages, &palette)?;
        info!("made a deck of {} slides, {} bytes", pages.len(), content.len());
        Ok(files::put("deck.pptx", MEDIA_TYPE, &content)?)
    }
}

#[cfg(test)]
mod tests;
