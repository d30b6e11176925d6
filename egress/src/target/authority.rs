//! Who a URL names: scheme, host and port, and nothing that two parsers read differently.

use url::{Host, Url};

use crate::error::{Code, Error};
use crate::rule::Scheme;

/// Whom a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
}

/// Splits an absolute URL into whom it names and everything behind.
///
/// The WHATWG's parser forgives much (tabs, backslashes, missing or spare slashes, an empty user) in which others read
/// another host. All that is refused, and the parser only ever sees `scheme://authority/`.
///
/// # Errors
/// `target-malformed`, `scheme-not-allowed` and `userinfo-not-allowed`.
pub(crate) fn split(text: &str) -> Result<(Authority, &str), Error> {
    let (scheme, rest) = text.split_once("://").ok_or_else(|| malformed("has no `scheme://`"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let forgiven = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if scheme.contains(forgiven) || authority.contains(forgiven) {
        return Err(malformed(
            "has a space, a control character or a backslash before its path",
        ));
    }
    let scheme = read_scheme(scheme)?;
    if authority.contains('@') {
        let told = "The URL carries a user or a password: credentials belong to the binding.";
        return Err(Error::new(Code::UserinfoNotAllowed, told));
    }
    if authority.is_empty() || authority.ends_with(':') {
        return Err(malformed("names no host, or a port without a number"));
    }
    let parsed = Url::parse(&format!("{scheme}://{authority}/"));
    let parsed = parsed.map_err(|cause| malformed("names no host that can be read").keep(cause))?;
    let host = parsed.host().map(|host| host.to_owned());
    let host = host.ok_or_else(|| malformed("names no host"))?;
    let port = parsed.port().unwrap_or(scheme.port());
    if port == 0 {
        return Err(malformed("names port 0"));
    }
    Ok((Authority { scheme, host, port }, rest))
}

fn read_scheme(text: &str) -> Result<Scheme, Error> {
    match text.to_ascii_lowercase().as_str() {
        "http" => Ok(Scheme::Http),
        "https" => Ok(Scheme::Https),
        _ => Err(Error::new(
            Code::SchemeNotAllowed,
            "Only https is spoken, and http where a binding allows it.",
        )),
    }
}

pub(super) fn malformed(what: &str) -> Error {
    Error::new(Code::TargetMalformed, format!("The URL {what}."))
}
