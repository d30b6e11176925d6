//! What a skill declares: the contents of its custom section.

use bytes::Bytes;

use crate::interface::Interface;
use crate::manifest::Manifest;

/// What a component says about itself, read from its `skillhost:skill` section and checked.
#[derive(Clone, Debug)]
pub struct Declaration {
    manifest: Manifest,
    wit: String,
    files: Vec<SkillFile>,
    interface: Interface,
}

/// `SKILL.md` or a file that it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillFile {
    /// Relative, with `/` between its parts.
    pub path: String,
    /// What it holds.
    pub content: Bytes,
}

impl Declaration {
    /// `skill.toml`.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The WIT with its doc comments: one text that holds every package.
    pub fn wit(&self) -> &str {
        &self.wit
    }

    /// `SKILL.md` and its files, in the order of their paths.
    pub fn files(&self) -> &[SkillFile] {
        &self.files
    }

    /// The types and tools.
    pub const fn interface(&self) -> &Interface {
        &self.interface
    }
}
