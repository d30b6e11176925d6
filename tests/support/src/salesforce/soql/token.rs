//! The words of a query.

use super::Flaw;
use super::literal::{Pattern, Wildcard};

/// One word and where it stands: the number of characters before it.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: Word,
}

/// What kind of word it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name or keyword.
    Name(String),
    /// Digits, points, colons and signs: a number, a date or a moment.
    Figure(String),
    /// Text between quotes, unescaped.
    Text { value: String, pattern: Pattern },
    /// `( ) , . : = < > !` and their pairs.
    Sign(&'static str),
    /// Behind the last word.
    End,
}

impl Word {
    /// As refusals quote it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Name(text) | Self::Figure(text) => text.clone(),
            Self::Text { value, .. } => format!("'{value}'"),
            Self::Sign(sign) => (*sign).to_owned(),
            Self::End => "<EOF>".to_owned(),
        }
    }
}

/// The longer first.
const SIGNS: [&str; 12] = ["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ",", ".", ":"];

/// Takes a query apart; the last word is [`Word::End`].
pub(super) fn split(text: &str) -> Result<Vec<Token>, Flaw> {
    let mut lexer = Lexer {
        text: text.chars().collect(),
        at: 0,
    };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_while(char::is_whitespace);
        let at = lexer.at;
        let kind = lexer.word()?;
        let end = kind == Word::End;
        tokens.push(Token { at, kind });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer {
    text: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn skip_while(&mut self, matches: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&matches) {
            self.at += 1;
        }
        self.text.iter().skip(start).take(self.at - start).collect()
    }

    fn word(&mut self) -> Result<Word, Flaw> {
        match self.peek() {
            None => Ok(Word::End),
            Some('\'') => self.quoted(),
            Some(c) if c.is_ascii_alphabetic() => {
                Ok(Word::Name(self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_')))
            }
            Some(c) if c.is_ascii_digit() || self.is_signed_number() => Ok(Word::Figure(
                self.skip_while(|c| c.is_ascii_alphanumeric() || ".:+-".contains(c)),
            )),
            Some(_) => self.sign(),
        }
    }

    fn is_signed_number(&self) -> bool {
        let signed = self.peek().is_some_and(|c| c == '-' || c == '+');
        signed && self.text.get(self.at + 1).is_some_and(char::is_ascii_digit)
    }

    fn sign(&mut self) -> Result<Word, Flaw> {
        let here: String = self.text.iter().skip(self.at).take(2).collect();
        let Some(sign) = SIGNS.iter().find(|sign| here.starts_with(**sign)) else {
            let c = here.chars().next().unwrap_or_default();
            return Err(Flaw::malformed(self.at, format!("unexpected token: '{c}'")));
        };
        self.at += sign.len();
        Ok(Word::Sign(sign))
    }

    fn quoted(&mut self) -> Result<Word, Flaw> {
        let start = self.at;
        self.at += 1;
        let (mut value, mut pattern) = (String::new(), Vec::new());
        loop {
            match self.take() {
                None => return Err(Flaw::malformed(start, "unexpected char: '''")),
                Some('\'') => {
                    return Ok(Word::Text {
                        value,
                        pattern: Pattern(pattern),
                    });
                }
                Some('\\') => {
                    let c = self.escaped()?;
                    value.push(c);
                    pattern.push(Wildcard::Only(c));
                }
                Some(c) => {
                    value.push(c);
                    pattern.push(Wildcard::of(c));
                }
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Flaw> {
        let at = self.at;
        let escape = self.take();
        let illegal = |text: &str| {
            let message = format!("Invalid string literal. Illegal character sequence '\\{text}' in string literal.");
            Flaw::malformed(at, message)
        };
        match escape {
            Some('n' | 'N') => Ok('\n'),
            Some('r' | 'R') => Ok('\r'),
            Some('t' | 'T') => Ok('\t'),
            Some('b' | 'B') => Ok('\u{8}'),
            Some('f' | 'F') => Ok('\u{c}'),
            Some(c @ ('"' | '\'' | '\\' | '_' | '%')) => Ok(c),
            Some('u') => {
                let digits: String = self.text.iter().skip(self.at).take(4).collect();
                self.at += 4;
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                code.and_then(char::from_u32)
                    .ok_or_else(|| illegal(&format!("u{digits}")))
            }
            other => Err(illegal(&other.map(String::from).unwrap_or_default())),
        }
    }
}
