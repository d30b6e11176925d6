//! Paths that no server can read as climbing out of where they start.

use super::authority::malformed;
use crate::error::{Code, Error};

/// How often a path is decoded to see what some server behind the first could see.
const ROUNDS: usize = 4;

/// Splits a path and query (RFC 9112, 3.2.1).
///
/// # Errors
/// `target-malformed` for a fragment, and for what no request line can hold.
pub(crate) fn split(text: &str) -> Result<(&str, Option<&str>), Error> {
    if text.contains('#') {
        return Err(malformed("has a fragment, which is never sent"));
    }
    match text.split_once('?') {
        None => Ok((text, None)),
        Some((path, query)) if query.bytes().all(is_query) => Ok((path, Some(query))),
        Some(_) => Err(malformed("has a query with characters that must be percent-encoded")),
    }
}

/// The canonical spelling of a path (RFC 3986, 6.2.2): unreserved characters plain, other percent-encodings in capitals.
///
/// # Errors
/// `target-malformed` for what is no path, and `path-not-allowed` for one that somebody could read as another: dot segments
/// in any encoding, empty segments, encoded slashes, backslashes and control characters.
pub(crate) fn canonical(text: &str, encoded_slashes: bool) -> Result<String, Error> {
    if !text.starts_with('/') {
        return Err(malformed("has a path that does not begin with a slash"));
    }
    if !text.bytes().all(|byte| is_path(byte) || byte == b'%') {
        return Err(malformed("has a path with characters that must be percent-encoded"));
    }
    let spelled = respell(text)?;
    if spelled.contains("//") {
        return Err(refused("an empty segment"));
    }
    judge(&spelled, encoded_slashes)?;
    Ok(spelled)
}

/// Decodes what need not be encoded.
fn respell(text: &str) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        let bad = || malformed("has a percent sign that encodes nothing");
        let digits = after.get(..2).ok_or_else(bad)?;
        let byte = hexadecimal(digits.as_bytes()).ok_or_else(bad)?;
        out.push_str(before);
        match is_unreserved(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
        rest = after.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(out)
}

/// Looks at the path as the servers in a row could decode it.
fn judge(path: &str, encoded_slashes: bool) -> Result<(), Error> {
    let slashes = path.matches('/').count();
    let mut seen = path.as_bytes().to_vec();
    for _ in 0..ROUNDS {
        let text = std::str::from_utf8(&seen).map_err(|_| refused("bytes that are not UTF-8"))?;
        if text.contains('\\') {
            return Err(refused("a backslash"));
        }
        if text.contains(char::is_control) {
            return Err(refused("a control character"));
        }
        if !encoded_slashes && text.matches('/').count() != slashes {
            return Err(refused("an encoded slash"));
        }
        if text.split('/').any(is_dots) {
            return Err(refused("a dot segment"));
        }
        let decoded = decode(&seen);
        if decoded == seen {
            return Ok(());
        }
        seen = decoded;
    }
    Err(refused("an encoding of an encoding"))
}

/// Whether a server could read the segment as `.` or `..`: some cut parameters off, some cut dots and spaces.
fn is_dots(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    name.contains('.') && name.chars().all(|c| c == '.' || c.is_whitespace())
}

/// Decodes once; what encodes nothing stays.
fn decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let encoded = (*first == b'%').then(|| after.get(..2).and_then(hexadecimal)).flatten();
        out.push(encoded.unwrap_or(*first));
        rest = match encoded {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    out
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let [high, low] = digits else { return None };
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

/// RFC 3986, 2.3.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986, 3.3.
const fn is_path(byte: u8) -> bool {
    is_unreserved(byte) || matches!(byte, b'!' | b'$' | b'&'..=b',' | b'/' | b':' | b';' | b'=' | b'@')
}

/// RFC 3986, 3.4, and what clients leave as it is.
const fn is_query(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'<' | b'>')
}

fn refused(what: &str) -> Error {
    Error::new(Code::PathNotAllowed, format!("The path has {what}: spell it plainly."))
}
