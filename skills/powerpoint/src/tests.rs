//! Decks from outlines: what they hold, and what is refused. With `DECKS=folder`, the decks are left there for
//! programs that judge them (`tests/pptx` in the root of the repository).

mod colour;
mod refusals;
mod samples;
mod text;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use quick_xml::Reader;
use quick_xml::events::Event;
use skillhost_sdk::files;
use zip::ZipArchive;

use crate::exports::skillhost::powerpoint::decks::{Bullet, Guest, Outline, Section, Slide, Table};
use crate::{PowerPoint, pages};

#[test]
#[expect(clippy::disallowed_methods, reason = "a test has no flags of its own")]
fn the_same_outline_gives_the_same_bytes() {
    for (name, outline) in samples::all() {
        let file = PowerPoint::create_deck(outline.clone()).unwrap();
        assert_eq!(file, PowerPoint::create_deck(outline).unwrap(), "{name}");
        assert_eq!(file.name, "deck.pptx");
        if let Some(folder) = std::env::var_os("DECKS").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{name}.pptx")), files::get(&file).unwrap()).unwrap();
        }
    }
}

#[test]
fn every_reference_leads_to_a_part() {
    for (name, outline) in samples::all() {
        let parts = unpack(outline);
        for (path, content) in parts.iter().filter(|(path, _)| path.ends_with(".rels")) {
            let folder = path.replace("_rels/", "");
            let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            for target in attributes(content, "Relationship", "Target") {
                let found = resolve(folder, &target);
                assert!(parts.contains_key(&found), "{name}: {path} refers to {found}");
            }
        }
        let mut typed = attributes(&parts["[Content_Types].xml"], "Override", "PartName");
        typed.sort();
        let written = parts
            .keys()
            .filter(|path| !path.ends_with(".rels") && !path.starts_with('['));
        let written: Vec<_> = written.map(|path| format!("/{path}")).collect();
        assert_eq!(typed, written, "{name}: every part has a type, and every type a part");
    }
}

#[test]
fn every_text_survives() {
    for (name, outline) in samples::all() {
        let shown: String = unpack(outline.clone()).values().map(|part| texts(part)).collect();
        let mut given = vec![outline.title.clone()];
        given.extend(outline.subtitle.iter().chain(&outline.author).cloned());
        for section in &outline.sections {
            given.extend(section.title.clone());
            for slide in &section.slides {
                given.push(slide.title.clone());
                given.extend(slide.notes.clone());
                given.extend(slide.bullets.iter().flatten().map(|bullet| bullet.text.clone()));
                let cells = slide
                    .table
                    .iter()
                    .flat_map(|table| table.header.iter().chain(table.rows.iter().flatten()));
                given.extend(cells.cloned());
            }
        }
        for text in given.iter().flat_map(|text| text.lines()) {
            assert!(shown.contains(text), "{name}: {text:?} is missing");
        }
    }
}

#[test]
fn what_does_not_fit_continues_on_the_next_slide() {
    let outline = samples::overflow();
    let titles: Vec<_> = pages::lay_out(&outline)
        .iter()
        .map(|page| page.title().to_owned())
        .collect();
    let long = "A title that goes on and on ".repeat(7);
    let part = |part| format!("{long} ({part}/4)");
    assert_eq!(titles[2..6], [part(1), part(2), part(3), part(4)]);
    assert_eq!(
        titles[6..8],
        ["Slightly too much is shrunk (1/2)", "Slightly too much is shrunk (2/2)"]
    );
    assert_eq!(titles[12], "A wide table");
}

#[test]
fn a_table_is_whole_across_its_slides_and_repeats_its_header() {
    let outline = samples::overflow();
    let pages = pages::lay_out(&outline);
    let grids: Vec<_> = pages.iter().filter_map(|page| page.table.as_ref()).take(4).collect();
    let first_cells = |row: usize| grids.iter().map(move |grid| grid.rows[row].cells[0].as_str());
    assert!(first_cells(0).all(|cell| cell == "Name"));
    let rows: Vec<_> = grids
        .iter()
        .flat_map(|grid| &grid.rows[1..])
        .map(|row| row.cells[0].clone())
        .collect();
    let expected: Vec<_> = (1..=45).map(|row| format!("Item {row}")).collect();
    assert_eq!(rows, expected);
    for grid in grids {
        let height: f64 = grid.rows.iter().map(|row| row.height).sum();
        let width: f64 = grid.columns.iter().map(|column| column.width).sum();
        assert!(height <= grid.frame.height, "{height} fits into {:?}", grid.frame);
        assert!(
            (width - grid.frame.width).abs() < 0.01,
            "{width} fills {:?}",
            grid.frame
        );
        let numeric: Vec<_> = grid.columns.iter().map(|column| column.numeric).collect();
        assert_eq!(numeric, [false, false, true]);
    }
}

#[test]
fn the_largest_outline_fits_into_a_run() {
    let cells = |text: &str| vec![text.to_owned(); 10];
    let slide = Slide {
        bullets: Some((0..50).map(|_| samples::bullet(&"漢".repeat(500), 0)).collect()),
        table: Some(Table {
            header: cells("Heading"),
            rows: vec![cells(&"word ".repeat(60)); 5],
        }),
        notes: Some("note ".repeat(2000)),
        ..samples::slide(&"long ".repeat(40))
    };
    let outline = samples::outline("Large", vec![samples::section(Some("All"), vec![slide; 3])]);
    let slides = pages::lay_out(&outline).len();
    let file = PowerPoint::create_deck(outline).unwrap();
    assert!(slides > 60, "{slides} slides");
    assert!(file.size < 8 << 20, "{} bytes", file.size);
}

fn unpack(outline: Outline) -> BTreeMap<String, String> {
    let file = PowerPoint::create_deck(outline).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(files::get(&file).unwrap())).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// The values of an attribute of all elements of this name.
fn attributes(content: &str, element: &str, attribute: &str) -> Vec<String> {
    let mut reader = Reader::from_str(content);
    let mut values = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) if start.name().as_ref() == element => {
                let found = start.try_get_attribute(attribute).unwrap().unwrap();
                values.push(found.value.into_owned());
            }
            Event::Eof => return values,
            _ => {}
        }
    }
}

/// The text of a part as readers see it, each paragraph on a line.
fn texts(content: &str) -> String {
    let mut reader = Reader::from_str(content);
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(reference) => {
                text.push_str(quick_xml::escape::resolve_predefined_entity(&reference).unwrap());
            }
            Event::End(end) if end.name().as_ref() == "a:p" => text.push('\n'),
            Event::Eof => return text,
            _ => {}
        }
    }
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}
