//! Each outline that is refused: the place that the agent is told, and what it is told to change.

use super::samples::{bullet, everything, section, slide, table};
use super::{Guest, Outline, PowerPoint, Slide};

#[test]
fn a_refusal_names_the_place_and_says_what_to_change() {
    let one = |slide: Slide| Outline {
        sections: vec![section(None, vec![slide])],
        ..everything()
    };
    let bullets = |bullets| {
        one(Slide {
            bullets: Some(bullets),
            ..slide("Title")
        })
    };
    let grid = |header: &[&str], rows: &[&[&str]]| {
        one(Slide {
            table: Some(table(header, rows)),
            ..slide("Title")
        })
    };
    let cases = [
        (
            Outline {
                title: " ".to_owned(),
                ..everything()
            },
            "`outline.title` is empty: say something.",
        ),
        (
            Outline {
                title: "x".repeat(201),
                ..everything()
            },
            "`outline.title` has 201 characters: give at most 200.",
        ),
        (
            Outline {
                author: Some("Bell\u{7}".to_owned()),
                ..everything()
            },
            "`outline.author` holds the character U+0007, which no slide can show: leave it out.",
        ),
        (
            Outline {
                theme_colour: Some("blue".to_owned()),
                ..everything()
            },
            "`outline.theme_colour` is not a colour: write six hexadecimal digits such as `#1F6FEB`.",
        ),
        (
            Outline {
                sections: Vec::new(),
                ..everything()
            },
            "`outline.sections` has 0 sections: give at least 1.",
        ),
        (
            Outline {
                sections: vec![section(Some("Empty"), Vec::new())],
                ..everything()
            },
            "`outline.sections` has 0 slides altogether: give at least 1.",
        ),
        (
            Outline {
                sections: vec![section(None, vec![slide("Again"); 201])],
                ..everything()
            },
            "`outline.sections` has 201 slides altogether: give at most 200.",
        ),
        (
            one(slide("")),
            "`outline.sections[0].slides[0].title` is empty: say something.",
        ),
        (
            bullets(vec![bullet("Detail", 1)]),
            "`outline.sections[0].slides[0].bullets[0].level` is 1: after the point before it, use 0 at most.",
        ),
        (
            bullets((0..6).map(|level| bullet("Deep", level)).collect()),
            "`outline.sections[0].slides[0].bullets[5].level` is 5: after the point before it, use 4 at most.",
        ),
        (
            bullets(vec![bullet("Point", 0), bullet("", 0)]),
            "`outline.sections[0].slides[0].bullets[1].text` is empty: say something.",
        ),
        (
            bullets(vec![bullet("Point", 0); 51]),
            "`outline.sections[0].slides[0].bullets` has 51 points: give at most 50.",
        ),
        (
            grid(&["One", "Two"], &[&["1", "2"], &["1"]]),
            "`outline.sections[0].slides[0].table.rows[1]` has 1 cells: give 2, as many as the header has.",
        ),
        (
            grid(&[], &[&[]]),
            "`outline.sections[0].slides[0].table.header` has 0 columns: give at least 1.",
        ),
        (
            grid(&["One"], &[]),
            "`outline.sections[0].slides[0].table.rows` has 0 rows: give at least 1.",
        ),
    ];
    for (outline, message) in cases {
        let error = PowerPoint::create_deck(outline).unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!(error.code, "invalid-argument");
        let place = message.split('`').nth(1).unwrap().to_owned();
        assert_eq!(error.details, [("field".to_owned(), place)]);
    }
}

#[test]
fn blank_options_are_as_good_as_none() {
    let blank = Outline {
        subtitle: Some(String::new()),
        author: Some(" ".to_owned()),
        sections: vec![section(Some(""), vec![slide("Only")])],
        ..everything()
    };
    let none = Outline {
        subtitle: None,
        author: None,
        sections: vec![section(None, vec![slide("Only")])],
        ..everything()
    };
    let shapes = |outline: &Outline| -> Vec<_> {
        crate::pages::lay_out(outline)
            .iter()
            .map(|page| (page.layout, page.texts.len()))
            .collect()
    };
    assert_eq!(shapes(&blank), shapes(&none));
}
