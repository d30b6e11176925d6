//! Bodies that were compressed although nobody asked (RFC 9110, 8.4).

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::too_large;
use crate::error::{Code, Error};

/// Whether the headers say that the body is compressed, or encoded in any other way.
pub(super) fn is_coded(headers: &HeaderMap) -> bool {
    codings(headers).iter().any(|coding| is_coding(coding))
}

/// The body as it was before it was compressed, or nothing where it was not.
///
/// # Errors
/// `reply-body-too-large` past the cap, `reply-encoding` for what is not gzip or deflate, compressed twice, or damaged.
pub(super) fn decoded(headers: &HeaderMap, body: &[u8], most: usize) -> Result<Option<Bytes>, Error> {
    let codings = codings(headers);
    let mut codings = codings.iter().map(String::as_str).filter(|coding| is_coding(coding));
    let Some(coding) = codings.next() else { return Ok(None) };
    if codings.next().is_some() {
        return Err(encoding("compressed more than once"));
    }
    match coding {
        "gzip" | "x-gzip" => capped(MultiGzDecoder::new(body), most).map(Some),
        "deflate" if zlib(body) => capped(ZlibDecoder::new(body), most).map(Some),
        "deflate" => capped(DeflateDecoder::new(body), most).map(Some),
        _ => Err(encoding("compressed in a way that nobody asked for")),
    }
}

fn codings(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let texts = values.map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    let each = |text: String| {
        text.split(',')
            .map(|coding| coding.trim().to_owned())
            .collect::<Vec<_>>()
    };
    texts.flat_map(each).collect()
}

fn is_coding(coding: &str) -> bool {
    !matches!(coding, "" | "identity")
}

/// Whether a body has the header that `deflate` means and some servers leave out (RFC 9110, 8.4.1.2; RFC 1950, 2.2).
const fn zlib(body: &[u8]) -> bool {
    matches!(body, [first, second, ..] if *first & 15 == 8 && (*first as u16 * 256 + *second as u16).is_multiple_of(31))
}

fn capped(decoder: impl Read, most: usize) -> Result<Bytes, Error> {
    let mut whole = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.take(limit).read_to_end(&mut whole);
    read.map_err(|cause: io::Error| encoding("damaged").keep(cause))?;
    if whole.len() > most {
        return Err(too_large(most));
    }
    Ok(whole.into())
}

fn encoding(how: &str) -> Error {
    Error::new(Code::ReplyEncoding, format!("The reply's body is {how}."))
}
