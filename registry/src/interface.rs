//! The types of a skill: its world, and the functions of it that are tools.

use wit_parser::{Function, Resolve, WorldId};

use crate::manifest::ToolHints;

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
