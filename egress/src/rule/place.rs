//! Scheme, host, port and the path below which requests go.

use std::fmt;

use url::Host;

use super::invalid;
use crate::error::Error;
use crate::target::authority::{self, Authority};
use crate::target::path;

/// How a host is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// A place that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    /// Without its last slash, so empty where everything is allowed.
    pub(crate) prefix: String,
    /// Whether the binding's credential may be sent there.
    pub(crate) credential: bool,
}

impl Scheme {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// RFC 9110, 4.2.
    pub(crate) const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Place {
    /// Reads a base URL, or a bare host.
    ///
    /// # Errors
    /// `rule-invalid`.
    pub(super) fn parse(text: &str, plain_http: bool, credential: bool) -> Result<Self, Error> {
        // A scheme that lost a slash must not become a host.
        let url = match text.contains(['/', '?', '#']) {
            true => text.to_owned(),
            false => format!("https://{text}"),
        };
        // What stands before an `@` could be a password.
        let text = if text.contains('@') { "…" } else { text };
        let bad = |cause: Error| invalid(format!("`{text}` cannot be a base URL: {}", cause.told()));
        let (Authority { scheme, host, port }, rest) = authority::split(&url).map_err(bad)?;
        if scheme == Scheme::Http && !plain_http {
            let told = format!("`{text}` is not https; where that is meant, allow plain http in the binding.");
            return Err(invalid(told));
        }
        if matches!(&host, Host::Domain(name) if name.ends_with('.')) {
            return Err(invalid(format!("`{text}` ends its host in a dot: remove it.")));
        }
        if rest.contains('?') {
            return Err(invalid(format!("`{text}` has a query, which a base URL cannot have.")));
        }
        let prefix = path::canonical(if rest.is_empty() { "/" } else { rest }, false).map_err(bad)?;
        Ok(Self {
            scheme,
            host,
            port,
            prefix: prefix.trim_end_matches('/').to_owned(),
            credential,
        })
    }

    /// Whether a canonical path lies in this place.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}
