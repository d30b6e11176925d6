//! A skill's compiled code, linked: what every run of it starts from.

use std::collections::HashMap;

use registry::{Interface, Tool};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};

use crate::engine::cache::Authentic;
use crate::engine::error::{Code as ErrorCode, Error};
use crate::import::CALLS;
use crate::json::Signature;
use crate::run::guest::Guest;

/// Compiled code that was loaded and linked: all of it that needs no knowledge of the artifact.
pub(crate) struct Linked {
    component: Component,
    pre: InstancePre<Guest>,
    /// Bytes that it keeps in memory.
    size: usize,
}

/// Compiled code, ready to be made an instance of.
pub(crate) struct Code {
    pub(crate) pre: InstancePre<Guest>,
    pub(crate) tools: HashMap<String, ToolCode>,
    /// Whether it can make calls.
    pub(crate) calls: bool,
    /// Bytes that it keeps in memory.
    pub(crate) size: usize,
}

/// Where a tool is in the code, and its types.
pub(crate) struct ToolCode {
    pub(crate) export: ComponentExportIndex,
    pub(crate) signature: Signature,
    /// How many values the function returns: none or one.
    pub(crate) results: usize,
}

impl Linked {
    /// Loads compiled code and links it.
    ///
    /// # Errors
    /// `import-unknown`, or `component-too-complex` where no place in the pool is large enough for it.
    pub(crate) fn load(linker: &Linker<Guest>, code: &Authentic) -> Result<Self, Error> {
        let component = deserialize(linker.engine(), code)?;
        Ok(Self {
            pre: linker.instantiate_pre(&component).map_err(unlinked)?,
            component,
            size: code.bytes().len(),
        })
    }
}

impl Code {
    /// Finds the tools in it that a verified artifact declares.
    ///
    /// # Errors
    /// `tool-missing`.
    pub(crate) fn new(linked: Linked, interface: &Interface) -> Result<Self, Error> {
        let Linked { component, pre, size } = linked;
        let tools = interface.tools().iter();
        let tools = tools
            .map(|tool| Ok((tool.name().to_owned(), ToolCode::find(&component, interface, tool)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            pre,
            tools,
            calls: imports_calls(&component),
            size,
        })
    }
}

impl ToolCode {
    fn find(component: &Component, interface: &Interface, tool: &Tool) -> Result<Self, Error> {
        let missing = || {
            let told = format!(
                "the component does not export the tool `{}`: build it again",
                tool.name()
            );
            Error::new(ErrorCode::ToolMissing, told)
        };
        let inside = match tool.export() {
            Some(name) => Some(component.get_export_index(None, name).ok_or_else(missing)?),
            None => None,
        };
        let function = tool.function();
        let export = component
            .get_export_index(inside.as_ref(), &function.name)
            .ok_or_else(missing)?;
        let signature = Signature::new(interface, tool)
            .map_err(|error| Error::new(ErrorCode::ToolMissing, error.told().to_owned()).keep(error))?;
        Ok(Self {
            export,
            signature,
            results: usize::from(function.result.is_some()),
        })
    }
}

fn imports_calls(component: &Component) -> bool {
    let ty = component.component_type();
    let interface = |name: &str| name.split('@').next().is_some_and(|name| CALLS.contains(&name));
    ty.imports(component.engine()).any(|(name, _)| interface(name))
}

/// The one place where bytes become code of this process.
#[expect(
    unsafe_code,
    reason = "Wasmtime runs what it is given: an `Authentic` was written by our own compiler and not changed since"
)]
fn deserialize(engine: &wasmtime::Engine, code: &Authentic) -> Result<Component, Error> {
    // SAFETY: the bytes are those that our compiler wrote for this very engine configuration, proven by their MAC.
    unsafe { Component::deserialize(engine, code.bytes()) }.map_err(|cause| {
        // What is wrong with code of our own can only be that no place in the pool is large enough for it.
        let told = "the component has more instances, memories or tables than any may have: link it into fewer modules";
        Error::new(ErrorCode::ComponentTooComplex, told).keep(cause)
    })
}

fn unlinked(cause: wasmtime::Error) -> Error {
    let told = format!(
        "the component imports what this host does not have: {}",
        cause.root_cause()
    );
    Error::new(ErrorCode::ImportUnknown, told).keep(cause)
}
