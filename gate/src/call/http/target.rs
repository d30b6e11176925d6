//! Method, path and query: refused where two servers could read them differently, canonical otherwise.

use super::HttpCallError;

/// A method in capitals. CONNECT opens a tunnel and TRACE echoes credentials; lower case means GET to some servers and
/// nothing to others.
pub(super) fn method(method: &str) -> Result<String, HttpCallError> {
    let shaped = (1..=16).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !shaped || matches!(method, "CONNECT" | "TRACE" | "TRACK") {
        return Err(HttpCallError::Method);
    }
    Ok(method.to_owned())
}

/// Path and query of a request target in origin form (RFC 9112, 3.2.1).
pub(super) fn parse(target: &str) -> Result<(String, Option<String>), HttpCallError> {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let query = query.map(self::query).transpose()?;
    Ok((self::path(path)?, query))
}

fn path(path: &str) -> Result<String, HttpCallError> {
    let canonical = canonical(path, |byte| byte == b'/' || is_path(byte)).ok_or(HttpCallError::Path)?;
    if !canonical.starts_with('/') || !segments_are_plain(&canonical) {
        return Err(HttpCallError::Path);
    }
    Ok(canonical)
}

/// An encoded slash is a separator to some servers, so segments are judged as those servers see them too.
fn segments_are_plain(path: &str) -> bool {
    let seen = path.replace("%2F", "/").replace("%5C", "/");
    if seen.contains("%00") {
        return false;
    }
    let mut segments = seen.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        // Some servers cut a segment at its first semicolon before they resolve dots.
        let name = segment.split(';').next().unwrap_or_default();
        let hollow = name.is_empty() && !(segment.is_empty() && last);
        if hollow || name == "." || name == ".." {
            return false;
        }
    }
    true
}

fn query(query: &str) -> Result<String, HttpCallError> {
    let canonical =
        canonical(query, |byte| matches!(byte, b'/' | b'?') || is_path(byte)).ok_or(HttpCallError::Query)?;
    let overrides = canonical.split(['&', ';']).any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name.eq_ignore_ascii_case("_method") || name.eq_ignore_ascii_case("_httpmethod")
    });
    if overrides {
        return Err(HttpCallError::Query);
    }
    Ok(canonical)
}

/// Decodes what need not be encoded and writes hexadecimal digits in capitals (RFC 3986, 6.2.2).
fn canonical(text: &str, allowed: impl Fn(u8) -> bool) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            if !allowed(byte) {
                return None;
            }
            out.push(char::from(byte));
            continue;
        }
        let (high, low) = (hex(rest.next()?)?, hex(rest.next()?)?);
        let decoded = high << 4 | low;
        if is_unreserved(decoded) {
            out.push(char::from(decoded));
        } else {
            out.push_str(&format!("%{decoded:02X}"));
        }
    }
    Some(out)
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// `pchar` of RFC 3986, and the brackets and bars that clients leave as they are.
const fn is_path(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'!' | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
                | b'['
                | b']'
                | b'|'
        )
}
