//! The words of JQL.

use super::super::refusal::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, a keyword or a bare value.
    Word(String),
    /// In quotation marks.
    Quoted(String),
    /// `=`, `!=`, `~`, `!~`, `<`, `<=`, `>`, `>=`, `(`, `)` or `,`.
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["!=", "!~", "<=", ">=", "=", "~", "<", ">", "(", ")", ","];

/// Splits a text.
pub(super) fn split(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (quoted, after) = quoted(rest, first)?;
            tokens.push(Token::Quoted(quoted));
            rest = after;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default();
        } else {
            let end = rest.find(|letter: char| letter.is_whitespace() || "=!~<>(),\"'".contains(letter));
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            if word.is_empty() {
                return Err(Refusal::bad(format!(
                    "Error in the JQL Query: The character '{first}' is a reserved JQL character."
                )));
            }
            tokens.push(Token::Word(word.to_owned()));
            rest = after;
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn quoted(text: &str, mark: char) -> Result<(String, &str), Refusal> {
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter if letter == mark => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            letter => value.push(letter),
        }
    }
    Err(Refusal::bad(
        "Error in the JQL Query: The quoted string has not been completed.",
    ))
}
