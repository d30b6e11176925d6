//! Headers that are not the caller's.

use http::HeaderName;

/// Headers that say how the connection is used (RFC 9110, 7.6.1; RFC 9112), whom it goes to, or that make a server take the
/// request for another one than policy judged.
const CONNECTION: &[&str] = &[
    "connection",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-host",
    "x-original-url",
    "x-rewrite-url",
];

/// Beginnings of such names.
const BEGINNINGS: &[&str] = &["proxy-", "x-forwarded-"];

pub(crate) fn by_connection(name: &HeaderName) -> bool {
    let name = plain(name);
    CONNECTION.contains(&name.as_str()) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// With a credential, every header by which somebody could log in as somebody else belongs to the binding.
pub(super) fn by_credential(name: &HeaderName, credential: Option<&[&HeaderName]>) -> bool {
    let Some(credential) = credential else { return false };
    let name = plain(name);
    let logs_in = matches!(name.as_str(), "authorization" | "cookie" | "cookie2");
    logs_in || credential.iter().any(|own| plain(own) == name)
}

/// Many servers hand headers on as CGI does (RFC 3875, 4.1.18), where `_` and `-` are the same.
fn plain(name: &HeaderName) -> String {
    name.as_str().replace('_', "-")
}
