//! What a skill says of itself, read from verified bytes and kept in memory: agents ask for it often.

use std::collections::BTreeMap;

use jiff::Timestamp;
use registry::component::Component;
use registry::{Binding, Declaration, Digest, Error, Limits, Pulled, ToolHints, Verified};
use semver::Version;
use serde_json::Value;

use super::inspection::Warning;
use crate::json::Signature;

/// What a skill says of itself.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its version.
    pub version: Version,
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
    /// What it asks of its host.
    pub bindings: Vec<Binding>,
    /// Limits that it asks for.
    pub limits: Limits,
    /// What the component imports, in the order of their names.
    pub imports: Vec<String>,
    /// The WIT that it declares, by the hash of its text.
    pub wit: Digest,
    /// `SKILL.md` and its files, by the hashes of what they hold.
    pub files: BTreeMap<String, Digest>,
    /// The bytes of the component.
    pub size: u64,
    /// Until when its signature is a reason for new approvals; none where it was not verified.
    pub expires: Option<Timestamp>,
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
        Ok(Self {
            expires: verified.expires(),
            ..Self::new(verified.pulled(), verified.declaration())?
        })
    }

    /// Reads what an artifact says that was approved once, whether or not it is trusted still: to compare it, and for
    /// nothing else.
    ///
    /// # Errors
    /// Those of [`Declaration::read`]; `tool-invalid` where a tool has no JSON form.
    pub fn recall(pulled: &Pulled) -> Result<Self, Error> {
        Self::new(pulled, &Declaration::read(pulled.component())?)
    }

    /// What to tell of it where its signature is no reason for approvals any more.
    pub fn expired(&self, now: Timestamp) -> Option<Warning> {
        let expires = self.expires.filter(|expires| *expires <= now)?;
        let words = format!("its signature ended on {expires}: it runs on, and cannot be approved again");
        Some(Warning {
            code: "signature-expired",
            words,
        })
    }

    fn new(pulled: &Pulled, declaration: &Declaration) -> Result<Self, Error> {
        let manifest = declaration.manifest();
        let about = &manifest.skill;
        let files = declaration.files();
        let instructions = files.iter().find(|file| file.path == "SKILL.md");
        Ok(Self {
            version: about.version.clone(),
            summary: about.summary.clone(),
            license: about.license.clone(),
            source: about.source.clone(),
            instructions: instructions.map(|file| String::from_utf8_lossy(&file.content).into_owned()),
            tools: tools(declaration)?,
            bindings: manifest.bindings.clone(),
            limits: manifest.limits.clone(),
            imports: imports(pulled.component())?,
            wit: Digest::of(declaration.wit().as_bytes()),
            files: files
                .iter()
                .map(|file| (file.path.clone(), Digest::of(&file.content)))
                .collect(),
            size: pulled.component().len() as u64,
            expires: None,
        })
    }
}

fn tools(declaration: &Declaration) -> Result<Vec<DescribedTool>, Error> {
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
    tools.collect()
}

fn imports(component: &[u8]) -> Result<Vec<String>, Error> {
    let component = Component::read(component)?;
    let mut imports: Vec<_> = component.imports().iter().map(|&import| import.to_owned()).collect();
    imports.sort();
    Ok(imports)
}
