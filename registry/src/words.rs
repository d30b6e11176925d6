//! Words that people and agents read: no character may hide from the one and speak to the other.

#[cfg(test)]
mod tests;

use unicode_security::MixedScript as _;

/// The first character that a reader does not see, or that changes what the reader sees: control characters other than
/// tab and line feed, marks of direction, zero-width characters, tags and variation selectors beyond the emoji's.
///
/// Lists: Unicode 17 `Default_Ignorable_Code_Point` and `Bidi_Control`, without the soft hyphen's printable use.
pub(crate) fn hidden(text: &str) -> Option<char> {
    text.chars().find(|char| is_hidden(*char))
}

/// The text as somebody must see it who decides about it. What hides, and each foreign letter of a word that mixes
/// alphabets (UTS 39, `Mixed_Script_Detection`), stands as `\u{...}`.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_inclusive(|char: char| !char.is_alphanumeric()) {
        let letters = word.trim_end_matches(|char: char| !char.is_alphanumeric());
        let mixed = !letters.is_single_script();
        for char in word.chars() {
            if is_hidden(char) || (mixed && !char.is_ascii()) {
                shown.extend(char.escape_unicode());
            } else {
                shown.push(char);
            }
        }
    }
    shown
}

/// Whether a text is one line that a reader sees in full: not empty, and of at most so many characters.
pub(crate) fn is_line(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.contains(['\t', '\n']) && hidden(text).is_none()
}

const fn is_hidden(char: char) -> bool {
    match char {
        // Nearly all of most texts: asked first, because every load of a skill asks it of all its files.
        ' '..='~' | '\t' | '\n' => false,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => true,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}' => true,
        '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' => true,
        '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' => true,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}
