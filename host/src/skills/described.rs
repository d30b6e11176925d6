//! What a skill says of itself, read from verified bytes and kept in memory: agents ask for it often.

use registry::{Error, ToolHints, Verified};
use serde_json::Value;

use crate::json::Signature;

/// What a skill says of itself.
#[derive(Clone, Debug)]
pub struct Described {
    /// One sentence for people and agents.
    pub summary: String,
    /// An SPDX licence expression.
    pub license: String,
    /// Where its source is kept.
    pub source: Option<String>,
    /// `SKILL.md`, where there is one.
    pub instructions: Option<String>,
    /// Its tools, in the order of their names.
    pub tools: Vec<DescribedTool>,
}

/// What a skill says of one tool.
#[derive(Clone, Debug)]
pub struct DescribedTool {
    /// The name that agents call.
    pub name: String,
    /// Its doc comment.
    pub description: String,
    /// What agents may assume of it.
    pub hints: ToolHints,
    /// The schema of its arguments (JSON Schema 2020-12).
    pub input: Value,
    /// The schema of its value (JSON Schema 2020-12).
    pub output: Value,
    /// The schema of its own error; none where it cannot fail.
    pub error: Option<Value>,
}

impl Described {
    /// Reads what a verified skill says.
    ///
    /// # Errors
    /// `tool-invalid` where a tool has no JSON form.
    pub fn read(verified: &Verified) -> Result<Self, Error> {
        let declaration = verified.declaration();
        let about = &declaration.manifest().skill;
        let interface = declaration.interface();
        let tools = interface.tools().iter().map(|tool| {
            let signature = Signature::new(interface, tool)?;
            Ok(DescribedTool {
                name: tool.name().to_owned(),
                description: tool.function().docs.contents.clone().unwrap_or_default(),
                hints: tool.hints().clone(),
                input: signature.input_schema(),
                output: signature.output_schema(),
                error: signature.error_schema(),
            })
        });
        let instructions = declaration.files().iter().find(|file| file.path == "SKILL.md");
        Ok(Self {
            summary: about.summary.clone(),
            license: about.license.clone(),
            source: about.source.clone(),
            instructions: instructions.map(|file| String::from_utf8_lossy(&file.content).into_owned()),
            tools: tools.collect::<Result<_, Error>>()?,
        })
    }
}
