//! The types of a skill: its world, and the functions of it that are tools.

mod text;
mod tools;

#[cfg(test)]
mod tests;

use wit_parser::{Function, Resolve, WorldId};

use crate::error::{Code, Error};
use crate::manifest::{Manifest, ToolHints};

pub use text::gather;

/// The most bytes of WIT that a skill may declare.
pub const MOST_WIT: usize = 256 * 1024;

/// The declared world of a skill, parsed, with its tools. The doc comments are what agents see.
#[derive(Clone, Debug)]
pub struct Interface {
    resolve: Resolve,
    world: WorldId,
    tools: Vec<Tool>,
}

/// One typed function that a skill exports to agents.
#[derive(Clone, Debug)]
pub struct Tool {
    name: String,
    export: Option<String>,
    function: Function,
    hints: ToolHints,
}

impl Interface {
    /// Reads one WIT text that holds every package: the skill's own first, the others as nested
    /// `package namespace:name { … }` blocks (component-model WIT.md, "Nested package definitions").
    ///
    /// # Errors
    /// `interface-invalid` where the text does not parse or does not hold the world; `tool-invalid` where a function
    /// cannot be offered to agents, or the manifest describes a tool that is not there.
    pub fn parse(wit: &str, manifest: &Manifest) -> Result<Self, Error> {
        let (resolve, package) = text::parse(wit)?;
        let world = resolve
            .select_world(&[package], manifest.wit.world.as_deref())
            .map_err(|cause| {
                let worlds = worlds(&resolve, package);
                Error::new(
                    Code::InterfaceInvalid,
                    format!(
                        "say which world the skill implements as `wit.world` in skill.toml: the WIT holds {worlds}"
                    ),
                )
                .keep(cause)
            })?;
        let tools = tools::of(&resolve, world, manifest)?;
        Ok(Self { resolve, world, tools })
    }

    /// All WIT packages that the world refers to.
    pub const fn resolve(&self) -> &Resolve {
        &self.resolve
    }

    /// The world that the component implements.
    pub const fn world(&self) -> WorldId {
        self.world
    }

    /// The tools in the order of their names.
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool of this name, as agents call it.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

impl Tool {
    /// The name that agents call: the function's, or `interface.function` where the skill exports several interfaces.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the exported instance that holds the function, such as `acme:deck/tools@0.1.0`; none where the
    /// world exports the function itself.
    pub fn export(&self) -> Option<&str> {
        self.export.as_deref()
    }

    /// The function with its doc comment, parameters and result; its types are in [`Interface::resolve`].
    pub const fn function(&self) -> &Function {
        &self.function
    }

    /// What agents may assume of it.
    pub const fn hints(&self) -> &ToolHints {
        &self.hints
    }
}

fn worlds(resolve: &Resolve, package: wit_parser::PackageId) -> String {
    let names: Vec<_> = resolve.packages.get(package).map_or_else(Vec::new, |package| {
        package.worlds.keys().map(|name| format!("`{name}`")).collect()
    });
    if names.is_empty() {
        "no world".to_owned()
    } else {
        names.join(", ")
    }
}
