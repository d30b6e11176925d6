//! Counts what a component holds, before anything compiles it.

use wasmparser::{Parser, Payload};

use crate::engine::error::{Code, Error};

/// The most that one component may hold. Far above what toolchains make, and far below what `wasmparser` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// Modules and components, all levels together.
    parts: u64,
    /// Modules and components inside each other.
    depth: u64,
    types: u64,
    imports: u64,
    exports: u64,
    functions: u64,
    /// Bytes of the largest function.
    body: u64,
    /// Locals of the function that has most.
    locals: u64,
}

/// Bytes of a component.
pub(crate) const LARGEST: usize = 32 << 20;

const MOST: Census = Census {
    parts: 256,
    depth: 8,
    types: 100_000,
    imports: 20_000,
    exports: 20_000,
    functions: 200_000,
    body: 4 << 20,
    locals: 20_000,
};

/// Checks that a component holds no more of anything than it may.
///
/// # Errors
/// `component-too-large`, `component-too-complex`, or `compile-failed` where it cannot be read.
pub(crate) fn check(component: &[u8]) -> Result<(), Error> {
    if component.len() > LARGEST {
        let told = format!("the component has more than {} MiB: make it smaller", LARGEST >> 20);
        return Err(Error::new(Code::ComponentTooLarge, told));
    }
    let census = count(component).map_err(|error| {
        let told = format!("the component cannot be read: {}", error.message());
        Error::new(Code::CompileFailed, told).keep(error)
    })?;
    match census.excess() {
        None => Ok(()),
        Some((what, most)) => {
            let told = format!("the component has more than {most} {what}: make it simpler");
            Err(Error::new(Code::ComponentTooComplex, told))
        }
    }
}

fn count(component: &[u8]) -> wasmparser::Result<Census> {
    let mut census = Census::default();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { .. } => {
                depth += 1;
                census.parts += 1;
                census.depth = census.depth.max(depth);
            }
            Payload::End(_) => depth -= 1,
            Payload::TypeSection(section) => census.types += u64::from(section.count()),
            Payload::CoreTypeSection(section) => census.types += u64::from(section.count()),
            Payload::ComponentTypeSection(section) => census.types += u64::from(section.count()),
            Payload::ImportSection(section) => census.imports += u64::from(section.count()),
            Payload::ComponentImportSection(section) => census.imports += u64::from(section.count()),
            Payload::ExportSection(section) => census.exports += u64::from(section.count()),
            Payload::ComponentExportSection(section) => census.exports += u64::from(section.count()),
            Payload::FunctionSection(section) => census.functions += u64::from(section.count()),
            Payload::ComponentCanonicalSection(section) => census.functions += u64::from(section.count()),
            Payload::CodeSectionEntry(body) => {
                census.body = census.body.max(body.range().len() as u64);
                let mut locals = 0_u64;
                for group in body.get_locals_reader()? {
                    locals = locals.saturating_add(u64::from(group?.0));
                }
                census.locals = census.locals.max(locals);
            }
            _ => {}
        }
        // A count is all that a section needs to claim, so that nothing more is read once one is too high.
        if census.excess().is_some() {
            break;
        }
    }
    Ok(census)
}

impl Census {
    /// The first thing of which there is too much, and how much there may be.
    fn excess(&self) -> Option<(&'static str, u64)> {
        [
            ("modules and components", self.parts, MOST.parts),
            ("levels of components", self.depth, MOST.depth),
            ("types", self.types, MOST.types),
            ("imports", self.imports, MOST.imports),
            ("exports", self.exports, MOST.exports),
            ("functions", self.functions, MOST.functions),
            ("bytes in a function", self.body, MOST.body),
            ("locals in a function", self.locals, MOST.locals),
        ]
        .into_iter()
        .find(|(_, counted, most)| counted > most)
        .map(|(what, _, most)| (what, most))
    }
}

#[cfg(test)]
mod tests;
