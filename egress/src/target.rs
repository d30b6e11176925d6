//! Where one request goes, parsed once. What is judged here is what is connected to and sent.

use std::fmt;

use url::Host;

use crate::error::{Code, Error};
use crate::rule::{Place, Rule, Scheme};

pub(crate) mod authority;
pub(crate) mod path;
#[cfg(test)]
mod tests;

use authority::Authority;

/// A place that a rule allows, with path and query in their canonical spelling. Made by [`Rule::below`] and [`Rule::at`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    scheme: Scheme,
    host: Host<String>,
    port: u16,
    path: String,
    query: Option<String>,
    credential: bool,
}

impl Target {
    pub(crate) fn below(rule: &Rule, path_and_query: &str) -> Result<Self, Error> {
        let (path, query) = path::split(path_and_query)?;
        let place = rule.base();
        let path = match path {
            "" if place.prefix.is_empty() => "/".to_owned(),
            "" => String::new(),
            path => path::canonical(path, rule.encoded_slashes())?,
        };
        Ok(Self::within(place, format!("{}{path}", place.prefix), query))
    }

    pub(crate) fn at(rule: &Rule, url: &str) -> Result<Self, Error> {
        let (authority, rest) = authority::split(url)?;
        let (path, query) = path::split(rest)?;
        let path = match path {
            "" => "/".to_owned(),
            path => path::canonical(path, rule.encoded_slashes())?,
        };
        let place = choose(rule, &authority, &path)?;
        Ok(Self::within(place, path, query))
    }

    fn within(place: &Place, path: String, query: Option<&str>) -> Self {
        Self {
            scheme: place.scheme,
            host: place.host.clone(),
            port: place.port,
            path,
            query: query.map(str::to_owned),
            credential: place.credential,
        }
    }

    /// `http` or `https`.
    pub const fn scheme(&self) -> &'static str {
        self.scheme.as_str()
    }

    /// The host: a name in ASCII, or an address.
    pub fn host(&self) -> String {
        self.host.to_string()
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The path in its canonical spelling: nothing is percent-encoded that need not be, no dot segments. Policy judges this.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query as it was given, without the question mark.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Whether the binding's credential is sent there.
    pub const fn takes_credential(&self) -> bool {
        self.credential
    }

    /// The URL, which [`Rule::at`] reads back to the same target.
    pub fn url(&self) -> String {
        self.to_string()
    }

    pub(crate) const fn secure(&self) -> bool {
        matches!(self.scheme, Scheme::Https)
    }

    pub(crate) const fn parsed_host(&self) -> &Host<String> {
        &self.host
    }

    /// The header `host` (RFC 9110, 7.2): with the port unless it is the scheme's own.
    pub(crate) fn authority(&self) -> String {
        match self.port == self.scheme.port() {
            true => self.host.to_string(),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// What stands in the request line (RFC 9112, 3.2.1).
    pub(crate) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// Judges the target once more: a rule answers for what it sends, whoever made the target.
    pub(crate) fn allowed_by(&self, rule: &Rule) -> Result<(), Error> {
        let authority = Authority {
            scheme: self.scheme,
            host: self.host.clone(),
            port: self.port,
        };
        let place = choose(rule, &authority, &self.path)?;
        if place.credential != self.credential {
            return Err(Error::new(
                Code::HostNotAllowed,
                "The target was made for another binding.",
            ));
        }
        Ok(())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority(), self.path_and_query())
    }
}

/// The first place of the rule that this lies in, or what it fails by.
fn choose<'a>(rule: &'a Rule, wanted: &Authority, path: &str) -> Result<&'a Place, Error> {
    let name = rule.name();
    let mut found: Vec<&Place> = rule.places().filter(|place| place.host == wanted.host).collect();
    let told = format!("`{}` is no host of the binding `{name}`.", wanted.host);
    present(&found, Code::HostNotAllowed, told)?;
    found.retain(|place| place.scheme == wanted.scheme);
    let told = format!(
        "The binding `{name}` does not speak {} to `{}`.",
        wanted.scheme, wanted.host
    );
    present(&found, Code::SchemeNotAllowed, told)?;
    found.retain(|place| place.port == wanted.port);
    let told = format!(
        "The binding `{name}` does not use port {} of `{}`.",
        wanted.port, wanted.host
    );
    present(&found, Code::PortNotAllowed, told)?;
    let place = found.into_iter().find(|place| place.holds(path));
    place.ok_or_else(|| {
        let told = format!("The path lies outside of what the binding `{name}` may reach.");
        Error::new(Code::PathNotAllowed, told)
    })
}

fn present(found: &[&Place], code: Code, told: String) -> Result<(), Error> {
    if found.is_empty() {
        return Err(Error::new(code, told));
    }
    Ok(())
}
