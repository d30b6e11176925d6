//! What a skill declares: the contents of its custom section.

mod files;
mod section;

#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::component::Component;
use crate::error::Error;
use crate::interface::Interface;
use crate::manifest::Manifest;

pub use files::gather;
pub(crate) use section::write;

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
    /// Reads what a component declares and compares it with what the component is.
    ///
    /// # Errors
    /// `not-a-component`; `declaration-missing`, `-repeated`, `-too-large`, `-malformed`, `-version`;
    /// `manifest-invalid`, `file-invalid`, `interface-invalid`, `tool-invalid`; `interface-mismatch`, `import-unknown`.
    pub fn read(component: &[u8]) -> Result<Self, Error> {
        let component = Component::read(component)?;
        let section = section::read(component.section()?)?;
        let manifest = Manifest::parse(&section.manifest)?;
        files::check(&section.files, &manifest)?;
        let interface = Interface::parse(&section.wit, &manifest)?;
        component.compare(&interface)?;
        Ok(Self {
            manifest,
            wit: section.wit,
            files: section.files,
            interface,
        })
    }

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
