//! Compressed bodies, headers of the connection, and secrets that come back.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::*;
use crate::credential::Secret;

const MOST: usize = 1 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn decode(coding: &str, body: &[u8]) -> Result<Option<Bytes>, Code> {
    let mut headers = HeaderMap::new();
    for coding in coding.split(';') {
        headers.append(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
    }
    encoding::decoded(&headers, body, MOST).map_err(|error| error.code())
}

#[test]
fn bodies_that_come_compressed_are_read() {
    let text = b"hello, hello, hello";
    let read = Ok(Some(Bytes::from_static(text)));
    for coding in ["gzip", "x-gzip", "GZIP", " gzip ", "identity, gzip", "identity;gzip"] {
        assert_eq!(decode(coding, &gzip(text)), read, "{coding}");
    }
    assert_eq!(decode("deflate", &zlib(text)), read);
    assert_eq!(decode("deflate", &raw_deflate(text)), read);
    assert_eq!(
        decode("gzip", &[gzip(b"hello, "), gzip(b"hello, hello")].concat()),
        read
    );
    assert_eq!(decode("identity", text), Ok(None));
    assert_eq!(encoding::decoded(&HeaderMap::new(), text, MOST).unwrap(), None);
}

/// A mebibyte more or less, of nothing: the last of them weigh about a kibibyte as they are sent.
#[test]
fn bombs_end_at_the_cap() {
    let (fits, bomb) = (vec![0; MOST], vec![0; 64 << 20]);
    assert_eq!(decode("gzip", &gzip(&fits)).unwrap().unwrap().len(), MOST);
    for (coding, body) in [
        ("gzip", gzip(&fits[..1]).into_iter().chain(gzip(&fits)).collect()),
        ("gzip", gzip(&bomb)),
        ("deflate", zlib(&bomb)),
        ("deflate", raw_deflate(&bomb)),
    ] {
        let body: Vec<u8> = body;
        assert_eq!(decode(coding, &body), Err(Code::ReplyBodyTooLarge), "{coding}");
    }
}

#[test]
fn what_is_not_read_here_is_refused() {
    let good = gzip(b"hello");
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let cases: [(&str, &[u8]); 9] = [
        ("br", b"\x0b\x02\x80hello\x03"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("compress", b"\x1f\x9d"),
        ("gzip, gzip", &gzip(&good)),
        ("gzip;gzip", &gzip(&good)),
        ("gzip", b"hello"),
        ("gzip", &good[..good.len() - 4]),
        ("gzip", &damaged),
        ("deflate", b"\xff\xffhello"),
    ];
    for (coding, body) in cases {
        assert_eq!(decode(coding, body), Err(Code::ReplyEncoding), "{coding}");
    }
}

#[test]
fn headers_of_the_connection_end_with_it() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("connection", "close, X-Hop"),
        ("connection", "x-other"),
        ("x-hop", "1"),
        ("x-other", "1"),
        ("keep-alive", "timeout=5"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("proxy-authenticate", "Basic"),
        ("x-mine", "1"),
        ("www-authenticate", "Bearer"),
    ] {
        headers.append(name, HeaderValue::from_static(value));
    }
    strip(&mut headers);
    assert_eq!(
        headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
        ["x-mine", "www-authenticate"]
    );
}

#[test]
fn secrets_are_overwritten_wherever_they_stand() {
    let mut reply = Reply {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"abcdefabcdef \xff abcdef0 xyzxyz"),
        stamp: None,
    };
    reply
        .headers
        .append("x-a", HeaderValue::from_bytes(b"\xffabcdef").unwrap());
    reply.headers.append("x-a", HeaderValue::from_static("abcde"));
    hide::hide(&mut reply, &[Secret::new("abcdef"), Secret::new("xyzxyz")]);
    assert_eq!(reply.body, &b"************ \xff ******0 ******"[..]);
    let values: Vec<&[u8]> = reply.headers.get_all("x-a").iter().map(HeaderValue::as_bytes).collect();
    assert_eq!(values, [&b"\xff******"[..], b"abcde"]);
}
