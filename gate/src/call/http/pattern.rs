//! `POST /rest/api/3/search/jql`: which requests of a binding are meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::HttpCall;

/// A method and a path, in which a segment `*` stands for any one segment and a last segment `**` for any rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    method: String,
    path: String,
}

/// The text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no pattern; write a method, a space and a path, such as `POST /rest/api/3/search/jql`")]
pub struct PatternError(String);

impl Pattern {
    /// Whether a request is meant.
    pub fn matches(&self, call: &HttpCall) -> bool {
        self.method == call.method() && fits(&self.path, call.path())
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (pattern.split('/').skip(1), path.split('/').skip(1));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some("**"), Some(_)) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(literal), Some(segment)) if literal == segment => {}
            _ => return false,
        }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let wrong = || PatternError(text.escape_debug().to_string());
        let (method, path) = text.split_once(' ').ok_or_else(wrong)?;
        let open = path
            .find("**")
            .is_some_and(|at| at + 2 != path.len() || !path.ends_with("/**"));
        let (path, query) = super::target::parse(path).map_err(|_| wrong())?;
        if open || query.is_some() {
            return Err(wrong());
        }
        Ok(Self {
            method: super::target::method(method).map_err(|_| wrong())?,
            path,
        })
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.to_string()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
