//! Names of skills, publishers and tenants. ASCII only, so that no two names look alike and differ.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error};

/// One part of a name: 1 to 64 of `a`-`z`, `0`-`9` and single inner hyphens (the Agent Skills rule for `name`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Label(Box<str>);

/// The name of a skill: `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SkillName {
    namespace: Label,
    name: Label,
}

/// Who signs.
pub type PublisherName = Label;

/// The first part of a skill's name, owned by one publisher.
pub type Namespace = Label;

/// Whose approvals, runs, files and tokens something is among.
pub type Tenant = Label;

impl Label {
    /// The text of the label.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a reader in a hurry takes one for the other, as with `example` and `exarnple`. Both are ASCII, so that few
    /// characters are alike.
    pub(crate) fn resembles(&self, other: &Self) -> bool {
        self.outline() == other.outline()
    }

    fn outline(&self) -> String {
        let alike = |char: char| match char {
            '0' => 'o',
            '1' | 'i' => 'l',
            '5' => 's',
            other => other,
        };
        let letters: String = self.0.chars().filter(|char| *char != '-').map(alike).collect();
        letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")
    }
}

impl SkillName {
    /// A skill of this namespace.
    pub const fn new(namespace: Namespace, name: Label) -> Self {
        Self { namespace, name }
    }

    /// The part before the slash.
    pub const fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The part after the slash.
    pub const fn name(&self) -> &Label {
        &self.name
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let hyphens = text.starts_with('-') || text.ends_with('-') || text.contains("--");
        if text.is_empty() || text.len() > 64 || hyphens || !text.bytes().all(allowed) {
            let shown: String = text.chars().take(80).collect();
            return Err(Error::new(
                Code::NameMalformed,
                format!(
                    "`{}` cannot be a name: use 1 to 64 of a-z, 0-9 and single hyphens inside",
                    shown.escape_debug()
                ),
            ));
        }
        Ok(Self(text.into()))
    }
}

impl FromStr for SkillName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (namespace, name) = text.split_once('/').ok_or_else(|| {
            let shown: String = text.chars().take(160).collect();
            Error::new(
                Code::NameMalformed,
                format!(
                    "`{}` is not the name of a skill: write `namespace/name`",
                    shown.escape_debug()
                ),
            )
        })?;
        Ok(Self {
            namespace: namespace.parse()?,
            name: name.parse()?,
        })
    }
}

impl TryFrom<String> for Label {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for SkillName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0.into()
    }
}

impl From<SkillName> for String {
    fn from(name: SkillName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SkillName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
