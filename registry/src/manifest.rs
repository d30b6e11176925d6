//! `skill.toml`: what an author says about a skill.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error};
use crate::limits::Limits;
use crate::name::{Label, SkillName};
use crate::words;

/// The contents of `skill.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// Who and what the skill is.
    pub skill: About,
    /// Where its WIT lies and which world it implements.
    #[serde(default)]
    pub wit: WitSource,
    /// What agents may assume of each tool, by the tool's name.
    #[serde(default)]
    pub tools: BTreeMap<String, ToolHints>,
    /// What the skill asks of its host, each with a reason for the administrator.
    #[serde(default)]
    pub bindings: Vec<Binding>,
    /// Limits that differ from the host's defaults.
    #[serde(default)]
    pub limits: Limits,
}

/// Who and what a skill is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct About {
    /// `namespace/name`.
    pub name: SkillName,
    /// Its version (semver.org 2.0.0).
    pub version: Version,
    /// One sentence for people and agents, at most 1,024 characters.
    pub summary: String,
    /// An SPDX licence expression.
    pub license: String,
    /// Where its source is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Where the WIT with its doc comments lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WitSource {
    /// A folder beside `skill.toml`.
    #[serde(default = "WitSource::default_path")]
    pub path: String,
    /// The world that the component implements; may be left out where the package has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub world: Option<String>,
}

/// What agents may assume of a tool (the annotations of MCP 2025-11-25, `ToolAnnotations`).
///
/// What is not said is assumed to be the worse: a tool without hints changes things, and may destroy some.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolHints {
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// It changes nothing outside.
    #[serde(default)]
    pub read_only: bool,
    /// Calling it twice with the same arguments changes no more than calling it once.
    #[serde(default)]
    pub idempotent: bool,
    /// It may overwrite or delete something outside; where it is not said, [`ToolHints::is_destructive`] decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive: Option<bool>,
}

/// One thing that a skill asks of its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Binding {
    /// Such as `http` or `model`.
    pub kind: Label,
    /// The name that the skill uses.
    pub name: Label,
    /// Why, in words for the administrator, at most 512 characters.
    pub reason: String,
}

/// The highest number in a version: a version that none can follow would end the approvals of a skill.
const HIGHEST: u64 = 0xffff_ffff;

impl Manifest {
    /// The name of the file.
    pub const FILE: &'static str = "skill.toml";

    /// Reads and checks `skill.toml`; unknown keys are refused.
    ///
    /// # Errors
    /// `manifest-invalid` with the line and what to change.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let manifest: Self = toml::from_str(text)
            .map_err(|cause| Error::new(Code::ManifestInvalid, format!("{} cannot be used: {cause}", Self::FILE)))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), Error> {
        let refuse = |what: &str| Err(Error::new(Code::ManifestInvalid, format!("{}: {what}", Self::FILE)));
        let about = &self.skill;
        let numbers = [about.version.major, about.version.minor, about.version.patch];
        if numbers.iter().any(|number| *number > HIGHEST) {
            return refuse("a number of `skill.version` is higher than 4294967295, which no version could follow");
        }
        if !words::is_line(&about.summary, 1024) {
            return refuse("`skill.summary` must be 1 to 1,024 characters on one line, none of them hidden");
        }
        if !words::is_line(&about.license, 256) {
            return refuse("`skill.license` must be an SPDX expression such as `Apache-2.0`");
        }
        if about
            .source
            .as_ref()
            .is_some_and(|source| !words::is_line(source, 1024))
        {
            return refuse("`skill.source` must be a URL of at most 1,024 characters");
        }
        if self
            .bindings
            .iter()
            .any(|binding| !words::is_line(&binding.reason, 512))
        {
            return refuse("each binding needs a `reason` of 1 to 512 characters");
        }
        if self
            .tools
            .values()
            .filter_map(|tool| tool.title.as_ref())
            .any(|title| !words::is_line(title, 128))
        {
            return refuse("a tool's `title` must be 1 to 128 characters");
        }
        if self
            .tools
            .values()
            .any(|tool| tool.read_only && tool.destructive == Some(true))
        {
            return refuse("a tool cannot be both `read-only` and `destructive`");
        }
        let mut asked: Vec<_> = self
            .bindings
            .iter()
            .map(|binding| (&binding.kind, &binding.name))
            .collect();
        asked.sort();
        if asked.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return refuse("the same binding is asked for twice");
        }
        Ok(())
    }
}

impl ToolHints {
    /// Whether it may overwrite or delete something outside: so unless it says otherwise or only reads (the default of
    /// MCP 2025-11-25, `destructiveHint`).
    pub fn is_destructive(&self) -> bool {
        self.destructive.unwrap_or(!self.read_only)
    }
}

impl WitSource {
    fn default_path() -> String {
        "wit".to_owned()
    }
}

impl Default for WitSource {
    fn default() -> Self {
        Self {
            path: Self::default_path(),
            world: None,
        }
    }
}
