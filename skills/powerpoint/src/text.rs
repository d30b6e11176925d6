//! How wide text is, roughly, and which way it runs. No font is at hand, so widths are typical ones of a sans serif.

use std::borrow::Cow;

/// The width of a Chinese, Japanese or Korean character, in ems.
const FULL_WIDTH: f64 = 1.0;

/// The number of lines that a text takes in a box of this width, in ems, breaking where PowerPoint would.
pub(crate) fn line_count(text: &str, width: f64) -> u32 {
    let lines = text.lines().map(|line| wrapped(line, width)).sum::<u32>();
    lines.max(1)
}

/// The width of the longest line of a text, in ems.
pub(crate) fn natural_width(text: &str) -> f64 {
    text.lines().map(word_width).fold(0.0, f64::max)
}

/// The width below which a word of the text would be broken, in ems.
pub(crate) fn least_width(text: &str) -> f64 {
    let unbreakable = |word| {
        if breaks_anywhere(word) {
            FULL_WIDTH
        } else {
            word_width(word)
        }
    };
    text.split_whitespace().map(unbreakable).fold(0.0, f64::max)
}

/// As much of a text as one line of this width holds, in ems.
pub(crate) fn shortened(text: &str, width: f64) -> Cow<'_, str> {
    let mut used = 0.0;
    let over = text.char_indices().find(|(_, letter)| {
        used += em(*letter);
        used > width || *letter == '\n'
    });
    match over {
        Some((end, _)) => Cow::from(format!("{}…", text.get(..end).unwrap_or_default().trim_end())),
        None => Cow::from(text),
    }
}

/// Whether the first letter that has a direction runs from right to left (as rule P2 of UAX #9 finds it).
pub(crate) fn is_right_to_left(text: &str) -> bool {
    text.chars().find(|letter| letter.is_alphabetic()).is_some_and(|letter| {
        matches!(u32::from(letter), 0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFC | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
    })
}

/// Whether a cell is a number, an amount or a share, which are read by their last digit.
pub(crate) fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.chars().any(|letter| letter.is_ascii_digit())
        && text.chars().count() <= 20
        && text
            .chars()
            .all(|letter| !letter.is_alphabetic() && !matches!(letter, ':' | '/' | '#' | '@'))
}

fn wrapped(line: &str, width: f64) -> u32 {
    let (mut lines, mut used) = (1, 0.0);
    for word in line.split_inclusive(char::is_whitespace) {
        if used > 0.0 && used + word_width(word.trim_end()) > width && !breaks_anywhere(word) {
            lines += 1;
            used = 0.0;
        }
        for letter in word.chars() {
            if used + em(letter) > width && !letter.is_whitespace() {
                lines += 1;
                used = 0.0;
            }
            used += em(letter);
        }
    }
    lines
}

/// Scripts without spaces, such as Chinese and Japanese, break between any two characters.
fn breaks_anywhere(word: &str) -> bool {
    word.chars().any(|letter| em(letter) == FULL_WIDTH)
}

fn word_width(word: &str) -> f64 {
    word.chars().map(em).sum()
}

/// The width of a character in ems: narrow and wide Latin letters, full-width scripts, marks without a width.
fn em(letter: char) -> f64 {
    match u32::from(letter) {
        0x0300..=0x036F | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2064 | 0xFE00..=0xFE0F | 0x1F3FB..=0x1F3FF => {
            0.0
        }
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0x20000..=0x3FFFD => FULL_WIDTH,
        0x2600..=0x27BF | 0x1F300..=0x1FAFF => 1.3,
        _ => match letter {
            ' ' | 'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.25,
            'f' | 'r' | 't' | '(' | ')' | '[' | ']' | 'I' | 'J' | '-' => 0.34,
            'm' | 'w' | 'M' | 'W' | '@' | '%' | '\u{2014}' => 0.84,
            'A'..='Z' | '&' | '+' | '=' | '<' | '>' => 0.6,
            _ => 0.52,
        },
    }
}
