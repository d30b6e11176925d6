//! Measures of text: rough, and never absurd.

use crate::text::{is_number, is_right_to_left, line_count, shortened};

#[test]
fn lines_break_between_words_and_inside_of_scripts_without_spaces() {
    let cases = [
        ("", 10.0, 1),
        ("one two", 10.0, 1),
        ("one two", 2.0, 2),
        ("one\ntwo\n\nthree", 10.0, 4),
        ("unbreakable", 1.0, 9),
        ("漢字漢字漢字", 3.0, 2),
        ("e\u{301}e\u{301}e\u{301}e\u{301}", 2.1, 1),
    ];
    for (text, width, expected) in cases {
        assert_eq!(line_count(text, width), expected, "{text:?} in {width} em");
    }
}

#[test]
fn the_first_letter_decides_the_direction() {
    for (text, expected) in [
        ("שלום", true),
        ("12 ثلاث", true),
        ("Hello שלום", false),
        ("123", false),
        ("", false),
    ] {
        assert_eq!(is_right_to_left(text), expected, "{text:?}");
    }
}

#[test]
fn numbers_are_amounts_and_shares_and_not_times_or_names() {
    for text in ["1", "3,100", "−12 %", "+26 %", "€ 1.50", "(7)", " 42 "] {
        assert!(is_number(text), "{text}");
    }
    for text in ["", "n/a", "Q3", "10:30", "1/2", "#1", "%", "1234567890123456789012"] {
        assert!(!is_number(text), "{text}");
    }
}

#[test]
fn a_footer_stays_on_one_line() {
    assert_eq!(shortened("short", 10.0), "short");
    assert_eq!(shortened("two\nlines", 10.0), "two…");
    assert_eq!(shortened("far too long for this", 4.0), "far too lo…");
}
