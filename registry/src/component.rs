//! A component from outside: its outer types, what it imports and exports, and the section that declares a skill.

mod compare;
mod embed;
mod imports;

#[cfg(test)]
mod tests;

use wasmparser::component_types::ComponentEntityType;
use wasmparser::types::Types;
use wasmparser::{Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::error::{Code, Error};

pub use embed::embed;

/// The name of the custom section that declares a skill.
pub const SECTION: &str = "skillhost:skill";

/// The most bytes of a component.
pub const MOST_COMPONENT: usize = 32 * 1024 * 1024;

/// The most bytes of the section that declares a skill.
pub const MOST_SECTION: usize = 4 * 1024 * 1024;

/// A component whose outside is valid. Function bodies are not looked at: the engine compiles them in a process of
/// their own.
pub struct Component<'a> {
    types: Types,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
    sections: Vec<&'a [u8]>,
}

impl<'a> Component<'a> {
    /// Reads a component.
    ///
    /// # Errors
    /// `not-a-component` for anything else, with a sentence that says what it is instead.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        check_kind(bytes)?;
        let mut reading = Reading::default();
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(|cause| malformed(&cause))?;
            let valid = validator.payload(&payload).map_err(|cause| malformed(&cause))?;
            if let ValidPayload::End(types) = valid
                && reading.depth == 0
            {
                return reading.finish(types);
            }
            reading.take(payload)?;
        }
        Err(not_a_component("the component ends too early: build it again"))
    }

    /// The names of what it imports, in its own order.
    pub fn imports(&self) -> &[&'a str] {
        &self.imports
    }

    /// The names of what it exports, in its own order.
    pub fn exports(&self) -> &[&'a str] {
        &self.exports
    }

    /// The contents of the one section that declares a skill.
    pub(crate) fn section(&self) -> Result<&'a [u8], Error> {
        match self.sections.as_slice() {
            [one] if one.len() > MOST_SECTION => Err(Error::new(
                Code::DeclarationTooLarge,
                format!(
                    "the section `{SECTION}` has {} bytes and may have {MOST_SECTION}: remove files or make them smaller",
                    one.len()
                ),
            )),
            [one] => Ok(one),
            [] => Err(undeclared()),
            several => Err(Error::new(
                Code::DeclarationRepeated,
                format!(
                    "the component has {} sections `{SECTION}` and may have one: publish it again with `skillhost publish`",
                    several.len()
                ),
            )),
        }
    }
}

/// Says so where these bytes are a component that declares nothing, such as one that was pushed by a tool that knows
/// nothing of skills. It only looks at the names of sections, so that anybody may ask for it.
///
/// # Errors
/// `declaration-missing`.
pub(crate) fn check_declared(bytes: &[u8]) -> Result<(), Error> {
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(Payload::CustomSection(section)) if depth == 0 && section.name() == SECTION => return Ok(()),
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
            Ok(Payload::End(_)) if depth == 0 => return Err(undeclared()),
            Ok(Payload::End(_)) => depth -= 1,
            Ok(_) => {}
            // Not a component at all: that is somebody else's to say.
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}

fn undeclared() -> Error {
    Error::new(
        Code::DeclarationMissing,
        format!(
            "the component has no section `{SECTION}` that says what it is: publish it with `skillhost publish`, or with \
             `skillhost publish --wasm FILE --manifest skill.toml` where it was built by other tools"
        ),
    )
}

/// What is known of a component while its sections pass by.
#[derive(Default)]
struct Reading<'a> {
    /// How many modules and components are open inside the outer one: what they hold does not count.
    depth: usize,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
    sections: Vec<&'a [u8]>,
}

impl<'a> Reading<'a> {
    fn take(&mut self, payload: Payload<'a>) -> Result<(), Error> {
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => self.depth += 1,
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            _ if self.depth > 0 => {}
            Payload::CustomSection(section) if section.name() == SECTION => self.sections.push(section.data()),
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    self.imports.push(import.map_err(|cause| malformed(&cause))?.name.name);
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    self.exports.push(export.map_err(|cause| malformed(&cause))?.name.name);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self, types: Types) -> Result<Component<'a>, Error> {
        let component = Component {
            types,
            imports: self.imports,
            exports: self.exports,
            sections: self.sections,
        };
        if component.is_wit_package() {
            return Err(not_a_component(
                "this is a WIT package, which holds types and no code: give the component that was built for it",
            ));
        }
        Ok(component)
    }
}

impl Component<'_> {
    /// Whether it is WIT in its binary form: it exports component types, and nothing else.
    fn is_wit_package(&self) -> bool {
        let is_type = |name: &&str| {
            let item = self.types.as_ref().component_item_for_export(name);
            matches!(item.map(|item| item.ty), Some(ComponentEntityType::Type { .. }))
        };
        !self.exports.is_empty() && self.exports.iter().all(is_type)
    }
}

fn check_kind(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() > MOST_COMPONENT {
        return Err(not_a_component(&format!(
            "the component has {} bytes and may have {MOST_COMPONENT}: build it for release and strip it",
            bytes.len()
        )));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(not_a_component(
            "this is a core WebAssembly module: build it for a component target such as wasm32-wasip2",
        ));
    }
    if !Parser::is_component(bytes) {
        return Err(not_a_component(
            "these bytes are not a WebAssembly component: give the `.wasm` file that the build made",
        ));
    }
    Ok(())
}

fn malformed(cause: &wasmparser::BinaryReaderError) -> Error {
    let why: String = cause.message().chars().take(200).collect();
    let why = why.escape_debug();
    not_a_component(&format!(
        "the component is not valid at byte {}: {why}; build it again",
        cause.offset()
    ))
}

fn not_a_component(told: &str) -> Error {
    Error::new(Code::NotAComponent, told)
}
