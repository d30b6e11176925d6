//! Compressed bodies, headers of the connection, and secrets that come back.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use http::HeaderValue;
use http::header::CONTENT_ENCODING;

use super::hide::Mask;
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
    let mut mask = mask(&["abcdef", "xyzxyz"]);
    let mut headers = HeaderMap::new();
    headers.append("x-a", HeaderValue::from_bytes(b"\xffabcdef").unwrap());
    headers.append("x-a", HeaderValue::from_static("abcde"));
    mask.headers(&mut headers);
    let values: Vec<&[u8]> = headers.get_all("x-a").iter().map(HeaderValue::as_bytes).collect();
    assert_eq!(values, [&b"\xff******"[..], b"abcde"]);
    let body = shown(&mut mask, &[b"abcdefabcdef \xff abcdef0 xyzxyz"]);
    assert_eq!(body.concat(), b"************ \xff ******0 ******");
}

/// What cannot begin a secret is shown at once; what can waits until it is clear.
#[test]
fn a_piece_waits_only_where_it_may_begin_a_secret() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["hello", " there"], &["hello", " there", ""]),
        (&["say abc", "def."], &["say ", "******.", ""]),
        (&["say abc", "dex."], &["say ", "abcdex.", ""]),
        (&["say abc"], &["say ", "abc"]),
        (&["a", "b", "c", "d", "e", "f"], &["", "", "", "", "", "", "******"]),
        // One secret ends where the other begins.
        (&["abcdef", "xyz!"], &["", "*********!", ""]),
        (&["abcdef", "!"], &["", "******!", ""]),
        (&["abcdef"], &["", "******"]),
    ];
    for (pieces, expected) in cases {
        let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
        let shown = shown(&mut mask(&["abcdef", "defxyz"]), &pieces);
        let shown: Vec<_> = shown.iter().map(|piece| std::str::from_utf8(piece).unwrap()).collect();
        assert_eq!(shown, *expected);
    }
}

proptest::proptest! {
    #[test]
    fn however_a_body_is_cut_it_shows_the_same(body in "[abcxyz]{0,40}", cuts in proptest::collection::vec(0_usize..6, 0..20)) {
        let secrets = ["abcx", "cxyz", "yab"];
        let whole = shown(&mut mask(&secrets), &[body.as_bytes()]).concat();
        let mut rest = body.as_bytes();
        let mut pieces = Vec::new();
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        let cut = shown(&mut mask(&secrets), &pieces).concat();
        proptest::prop_assert_eq!(&cut, &whole);
        let text = String::from_utf8(cut).unwrap();
        proptest::prop_assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", text);
        proptest::prop_assert_eq!(text.len(), body.len());
    }
}

fn mask(secrets: &[&str]) -> Mask {
    let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
    Mask::new(&secrets)
}

/// What is shown as each piece comes, and at the end.
fn shown(mask: &mut Mask, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut shown: Vec<Vec<u8>> = pieces
        .iter()
        .map(|piece| mask.piece(Bytes::copy_from_slice(piece)).to_vec())
        .collect();
    shown.push(mask.rest().to_vec());
    shown
}
