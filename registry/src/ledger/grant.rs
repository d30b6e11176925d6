//! One grant: what it may say, and how a person writes it.

use std::fmt;
use std::str::FromStr;

use super::Grant;
use crate::error::{Code, Error};
use crate::name::Label;
use crate::words;

/// The most methods, and the most paths, of one grant.
const MOST: usize = 64;

/// The most characters of a path.
const LONGEST_PATH: usize = 1024;

/// The kind whose calls have methods and paths.
const HTTP: &str = "http";

impl Grant {
    /// Leave to use all of a binding without asking anybody.
    pub const fn new(kind: Label, name: Label) -> Self {
        Self {
            kind,
            name,
            ask: false,
            methods: Vec::new(),
            paths: Vec::new(),
        }
    }

    /// # Errors
    /// `grant-invalid`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let narrowed = !self.methods.is_empty() || !self.paths.is_empty();
        if narrowed && self.kind.as_str() != HTTP {
            return Err(self.invalid("only `http` has methods and paths"));
        }
        if self.methods.len() > MOST || self.paths.len() > MOST {
            return Err(self.invalid("name at most 64 methods and 64 paths"));
        }
        if let Some(method) = self.methods.iter().find(|method| !is_method(method)) {
            let shown: String = method.chars().take(80).collect();
            let told = format!(
                "`{}` is no method; write it in capitals, such as `GET`",
                shown.escape_debug()
            );
            return Err(self.invalid(&told));
        }
        if let Some(path) = self.paths.iter().find(|path| !is_path(path)) {
            let shown: String = path.chars().take(80).collect();
            let told = format!(
                "`{}` is no path; start it with a slash and leave the query out",
                shown.escape_debug()
            );
            return Err(self.invalid(&told));
        }
        Ok(())
    }

    fn invalid(&self, told: &str) -> Error {
        let told = format!("the grant of {} `{}` cannot hold: {told}", self.kind, self.name);
        Error::new(Code::GrantInvalid, told)
    }
}

fn is_method(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.contains([' ', '?', '#']) && words::is_line(text, LONGEST_PATH)
}

/// `http:jira`, or with what narrows it behind: `http:jira ask POST /rest/api/3`.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)?;
        if self.ask {
            f.write_str(" ask")?;
        }
        self.methods
            .iter()
            .chain(&self.paths)
            .try_for_each(|part| write!(f, " {part}"))
    }
}

impl FromStr for Grant {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || {
            let told = "write a grant as kind:name, such as `http:jira`, and behind it, each after a space, `ask`, \
                        methods in capitals and paths";
            Error::new(Code::GrantInvalid, told)
        };
        let mut parts = text.split_whitespace();
        let (kind, name) = parts
            .next()
            .and_then(|first| first.split_once(':'))
            .ok_or_else(malformed)?;
        let mut grant = Self::new(kind.parse()?, name.parse()?);
        for part in parts {
            match part {
                "ask" => grant.ask = true,
                path if path.starts_with('/') => grant.paths.push(path.to_owned()),
                method if is_method(method) => grant.methods.push(method.to_owned()),
                _ => return Err(malformed()),
            }
        }
        grant.check()?;
        Ok(grant)
    }
}
