//! The search for known secrets in bytes.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::beginnings::Beginnings;
use super::{REDACTED, forms};
use crate::call::http::Headers;

/// The automata over every spelling of every secret.
#[derive(Default)]
pub(super) struct Known {
    loose: Option<AhoCorasick>,
    base64: Option<AhoCorasick>,
    beginnings: Vec<Beginnings>,
}

impl Known {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a Vec<u8>>) -> Self {
        let (mut loose, mut base64) = (Vec::new(), Vec::new());
        for secret in secrets {
            loose.extend(forms::loose(secret));
            base64.extend(forms::base64(secret));
        }
        Self {
            loose: automaton(&loose, true),
            base64: automaton(&base64, false),
            beginnings: vec![Beginnings::new(loose, true), Beginnings::new(base64, false)],
        }
    }

    /// Takes the beginning of the text that is redacted alike whatever comes after it, redacted: neither a secret nor what
    /// may become one goes on at its end.
    pub(super) fn take_sure(&self, text: &mut String) -> String {
        let mut found = self.found(text.as_bytes());
        let rest = text.split_off(self.sure(text, &found));
        let sure = std::mem::replace(text, rest);
        found.retain(|found| found.end <= sure.len());
        match found.is_empty() {
            true => sure,
            false => text_of(&replace(sure.as_bytes(), found)),
        }
    }

    /// Where that beginning ends.
    fn sure(&self, text: &str, found: &[Range<usize>]) -> usize {
        let mut sure = self.earliest(text.as_bytes());
        loop {
            let across = found.iter().filter(|found| found.start < sure && sure < found.end);
            let back = across.map(|found| found.start).min().unwrap_or(sure);
            let back = text.floor_char_boundary(back);
            if back == sure {
                return sure;
            }
            sure = back;
        }
    }

    /// Where the first end of the bytes begins that may be the beginning of a secret, as they are or percent-decoded.
    fn earliest(&self, bytes: &[u8]) -> usize {
        let plainly = self.plainly_earliest(bytes);
        if !bytes.contains(&b'%') {
            return plainly;
        }
        // An escape that is not whole yet may become any byte.
        let whole = bytes.len() - escape_begun(bytes);
        let decoded = decode(bytes.get(..whole).unwrap_or_default(), false);
        let at = self.plainly_earliest(&decoded.bytes);
        plainly.min(decoded.from.get(at).copied().unwrap_or(whole))
    }

    fn plainly_earliest(&self, bytes: &[u8]) -> usize {
        let earliest = self.beginnings.iter().map(|beginnings| beginnings.earliest(bytes));
        earliest.min().unwrap_or(bytes.len())
    }

    /// Whether a secret stands in the bytes, as they are or percent-decoded.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        if self.loose.is_none() {
            return false;
        }
        self.is_plainly_in(bytes) || (bytes.contains(&b'%') && self.is_plainly_in(&decode(bytes, false).bytes))
    }

    /// The same for a query, in which a plus may be a space.
    pub(super) fn is_in_form(&self, query: &str) -> bool {
        let spaced = || query.contains('+') && self.is_plainly_in(&decode(query.as_bytes(), true).bytes);
        self.is_in(query.as_bytes()) || spaced()
    }

    /// The same for a header's value.
    pub(super) fn is_in_latin(&self, value: &str) -> bool {
        if value.is_ascii() {
            self.is_in(value.as_bytes())
        } else {
            self.is_in(&Headers::value_bytes(value))
        }
    }

    /// The text with every secret replaced; none where there is nothing to replace.
    pub(super) fn redact_text(&self, text: &str) -> Option<String> {
        self.redact(text.as_bytes()).map(|redacted| text_of(&redacted))
    }

    /// The bytes with every secret replaced; none where there is nothing to replace.
    pub(super) fn redact(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let found = self.found(bytes);
        if found.is_empty() {
            None
        } else {
            Some(replace(bytes, found))
        }
    }

    /// Where secrets stand in the bytes, as they are or percent-decoded.
    fn found(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = self.find(bytes).collect();
        if bytes.contains(&b'%') {
            let decoded = decode(bytes, false);
            found.extend(self.find(&decoded.bytes).filter_map(|range| decoded.origin(&range)));
        }
        found
    }

    fn is_plainly_in(&self, bytes: &[u8]) -> bool {
        self.automata().any(|automaton| automaton.is_match(bytes))
    }

    fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.automata()
            .flat_map(move |automaton| automaton.find_overlapping_iter(bytes))
            .map(|found| found.range())
    }

    fn automata(&self) -> impl Iterator<Item = &AhoCorasick> {
        [&self.loose, &self.base64].into_iter().flatten()
    }
}

/// How many bytes of an escape stand at the end without its last digit.
fn escape_begun(bytes: &[u8]) -> usize {
    match bytes {
        [.., b'%'] => 1,
        [.., b'%', digit] if digit.is_ascii_hexdigit() => 2,
        _ => 0,
    }
}

/// None for no forms, and for more of them than an automaton can hold, which no host has.
fn automaton(forms: &[Vec<u8>], loose: bool) -> Option<AhoCorasick> {
    if forms.is_empty() {
        return None;
    }
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(loose)
        .build(forms)
        .ok()
}

fn replace(bytes: &[u8], mut found: Vec<Range<usize>>) -> Vec<u8> {
    found.sort_unstable_by_key(|range| range.start);
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for range in found {
        if range.start >= done {
            out.extend_from_slice(bytes.get(done..range.start).unwrap_or_default());
            out.extend_from_slice(REDACTED.as_bytes());
        }
        done = done.max(range.end);
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    out
}

/// A secret may be part of a character.
fn text_of(redacted: &[u8]) -> String {
    String::from_utf8_lossy(redacted).into_owned()
}

/// Percent-decoded bytes, and where each came from.
struct Decoded {
    bytes: Vec<u8>,
    from: Vec<usize>,
}

impl Decoded {
    fn origin(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(*self.from.get(range.start)?..*self.from.get(range.end)?)
    }
}

fn decode(bytes: &[u8], plus: bool) -> Decoded {
    let mut decoded = Decoded {
        bytes: Vec::with_capacity(bytes.len()),
        from: Vec::with_capacity(bytes.len() + 1),
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|_| byte == b'%');
        let escaped = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.from.push(at);
        decoded.bytes.push(match escaped {
            Some(escaped) => escaped,
            None if plus && byte == b'+' => b' ',
            None => byte,
        });
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded.from.push(bytes.len());
    decoded
}
