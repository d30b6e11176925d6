//! What other people's libraries signed; `tests/models/signatures/vectors.py` writes the files.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use egress::credential::{Sign, Unsigned};
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;

/// When all of them were signed.
pub(super) const NOW: fn() -> SystemTime = || UNIX_EPOCH + Duration::from_secs(1_795_955_696);

#[derive(Deserialize)]
pub(super) struct Asked {
    method: String,
    pub(super) url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// The headers that a signer sets, for the request as it would go out.
pub(super) async fn signed(signer: &impl Sign, asked: &Asked) -> BTreeMap<String, String> {
    let (scheme, rest) = asked.url.split_once("://").unwrap();
    let (authority, rest) = rest.split_at(rest.find('/').unwrap());
    let (path, query) = rest
        .split_once('?')
        .map_or((rest, None), |(path, query)| (path, Some(query)));
    let body = Bytes::from(asked.body.clone());
    let headers = headers(asked, authority);
    let unsigned = Unsigned {
        method: &asked.method.parse::<Method>().unwrap(),
        scheme: if scheme == "https" { "https" } else { "http" },
        authority,
        path,
        query,
        headers: &headers,
        body: &body,
    };
    let signed = signer.sign(&unsigned).await.unwrap().headers.into_iter();
    signed
        .map(|(name, value)| (name.as_str().to_owned(), value.reveal().to_owned()))
        .collect()
}

fn headers(asked: &Asked, authority: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(authority).unwrap());
    headers.insert("user-agent", HeaderValue::from_static("skillhost"));
    headers.insert("accept-encoding", HeaderValue::from_static("identity"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(asked.body.len()));
    for (name, value) in &asked.headers {
        headers.insert(
            name.parse::<HeaderName>().unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    headers
}
