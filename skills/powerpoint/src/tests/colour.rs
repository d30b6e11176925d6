//! Colours that can be read, whatever was asked for.

use crate::colour::{Colour, Palette};

#[test]
fn a_colour_is_six_digits() {
    let cases = [
        ("#1F6FEB", Some("1F6FEB")),
        ("0f766e", Some("0F766E")),
        ("#fff", None),
        ("#12345G", None),
        ("##12345", None),
        ("+12345", None),
        ("#éé99", None),
        ("", None),
    ];
    for (text, expected) in cases {
        let colour = Colour::parse(text).map(|colour| colour.to_string());
        assert_eq!(colour.as_deref(), expected, "{text}");
    }
}

#[test]
fn a_theme_is_readable_and_keeps_the_colour_that_was_asked_for() {
    let cases = [
        ("FFFFFF", "595959 light FFFFFF pale FFFFFF"),
        ("FFD60A", "685704 light FFEE9D pale FFFBEB"),
        ("1F6FEB", "1755B4 light A5C5F7 pale EDF3FD"),
        ("000000", "000000 light 999999 pale EAEAEA"),
    ];
    for (accent, expected) in cases {
        let palette = Palette::of(Colour::parse(accent).unwrap());
        assert_eq!(palette.accent.to_string(), accent);
        assert_eq!(
            format!("{} light {} pale {}", palette.dark, palette.light, palette.pale),
            expected
        );
    }
}
