//! Text that means nothing in Markdown but itself.

/// Where a text will stand.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// At the beginning of a line.
    pub(super) start: bool,
    /// After a bracket was closed.
    pub(super) bracket: bool,
    /// In the text of a link.
    pub(super) link: bool,
    /// In a heading or a cell, where other letters have a meaning too.
    pub(super) special: &'static str,
}

/// Escapes what would be read as more than a letter, and nothing besides: people read it too.
pub(super) fn text(text: &str, place: Place) -> String {
    let letters: Vec<char> = text.chars().collect();
    let counted = if place.start { number(&letters) } else { None };
    let mut escaped = String::new();
    for (at, letter) in letters.iter().copied().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let after = letters.get(at + 1).copied();
        let first = at == 0 && (place.start && "#>-+=|:".contains(letter) || place.bracket && "([:".contains(letter));
        let means =
            first || counted == Some(at) || place.special.contains(letter) || is_mark(letter, before, after, place);
        if means {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// Whether a paragraph would be read as where a link goes, which shows nothing (CommonMark 0.31, "Link reference
/// definitions"): code in it is not escaped.
pub(super) fn is_definition(text: &str) -> bool {
    let mut escaped = false;
    let end = text.find(|letter| {
        let ends = letter == ']' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    let after = end.and_then(|end| text.get(end + 1..)).unwrap_or_default();
    text.starts_with('[') && after.starts_with(':')
}

/// The length of the longest row of a letter.
pub(super) fn longest(text: &str, letter: char) -> usize {
    text.split(|other| other != letter)
        .map(str::len)
        .max()
        .unwrap_or_default()
}

/// The target of a link.
pub(super) fn url(url: &str) -> String {
    let mut escaped = String::new();
    for letter in url.chars() {
        if "\\<>()&*_`~|[]".contains(letter) && !is_harmless(url, letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    match url.is_empty() || url.contains(char::is_whitespace) {
        true => format!("<{escaped}>"),
        false => escaped,
    }
}

/// An ampersand before a name without a semicolon is no entity, and the marks of emphasis mean nothing in a target.
fn is_harmless(url: &str, letter: char) -> bool {
    match letter {
        '&' => !url.contains(';'),
        '*' | '_' | '~' | '[' | ']' | '`' => true,
        _ => false,
    }
}

/// Where a line that begins with a number would begin a list.
fn number(letters: &[char]) -> Option<usize> {
    let digits = letters.iter().take_while(|letter| letter.is_ascii_digit()).count();
    let follows = letters.get(digits).is_some_and(|letter| matches!(letter, '.' | ')'));
    ((1..=9).contains(&digits) && follows).then_some(digits)
}

fn is_mark(letter: char, before: Option<char>, after: Option<char>, place: Place) -> bool {
    let is_blank = |letter: Option<char>| letter.is_some_and(char::is_whitespace);
    match letter {
        '\\' | '`' | '~' => true,
        '*' => !(is_blank(before) && is_blank(after)),
        // Inside of a word it is a letter.
        '_' => !(before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)),
        '[' => place.link,
        ']' => place.link || matches!(after, Some('(' | ':')),
        '!' => matches!(after, None | Some('[')),
        '<' => after.is_none_or(|after| after.is_ascii_alphabetic() || "/!?".contains(after)),
        '&' => after.is_none_or(|after| after.is_ascii_alphanumeric() || after == '#'),
        _ => false,
    }
}
