//! A component generated from `wit/skill.wit`: a tool for each function that a skill may import, which calls it once with
//! arguments that are all zero.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, Resolve, WorldId, WorldItem};

use crate::program::repository;

/// Functions by their names, such as `skillhost:skill/files.put`, each with the tool that calls it.
pub(super) fn functions() -> BTreeMap<String, String> {
    let (resolve, world) = world(&own());
    let functions = imports(&resolve, world).into_iter();
    functions
        .map(|import| (format!("{}.{}", import.plain(), import.function.name), import.tool()))
        .collect()
}

/// The WIT of the component with the package that it rests on.
pub(super) fn wit() -> String {
    let (resolve, world) = world(&own());
    let mut exports = String::new();
    for import in imports(&resolve, world) {
        writeln!(exports, "    /// Calls it.\n    export {}: func();", import.tool()).unwrap();
    }
    text(&exports)
}

/// The component.
pub(super) fn component() -> Vec<u8> {
    let (resolve, world) = world(&wit());
    let mut module = wat::parse_str(module(&resolve, world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default().validate(true).module(&module).unwrap();
    encoder.encode().unwrap()
}

struct Import<'a> {
    /// Such as `skillhost:skill/files@0.1.0`.
    interface: String,
    function: &'a Function,
}

impl Import<'_> {
    fn plain(&self) -> &str {
        self.interface.split('@').next().unwrap()
    }

    fn tool(&self) -> String {
        let interface = self.plain().split('/').next_back().unwrap();
        format!("{interface}-{}", self.function.name)
    }
}

fn imports(resolve: &Resolve, world: WorldId) -> Vec<Import<'_>> {
    let items = resolve.worlds[world].imports.values();
    let interfaces = items.filter_map(|item| match item {
        WorldItem::Interface { id, .. } => Some((resolve.id_of(*id)?, &resolve.interfaces[*id])),
        _ => None,
    });
    interfaces
        .flat_map(|(interface, item)| {
            let of = move |function| Import {
                interface: interface.clone(),
                function,
            };
            item.functions.values().map(of)
        })
        .collect()
}

/// Strings and lists are empty, numbers zero, variants their first case; results go where nobody reads them.
fn module(resolve: &Resolve, world: WorldId) -> String {
    let (mut imported, mut exported) = (String::new(), String::new());
    for (place, import) in imports(resolve, world).iter().enumerate() {
        let signature = resolve.wasm_signature(AbiVariant::GuestImport, import.function);
        let types = |types: &[WasmType]| types.iter().map(|ty| name(*ty)).collect::<Vec<_>>().join(" ");
        let (params, results) = (types(&signature.params), types(&signature.results));
        let (interface, function) = (&import.interface, &import.function.name);
        writeln!(
            imported,
            "(import \"{interface}\" \"{function}\" (func $f{place} (param {params}) (result {results})))"
        )
        .unwrap();
        let last = signature.params.len().saturating_sub(1);
        let argument = |(at, ty): (usize, &WasmType)| {
            let value = if signature.retptr && at == last { 1024 } else { 0 };
            format!("({}.const {value})", name(*ty))
        };
        let arguments: Vec<_> = signature.params.iter().enumerate().map(argument).collect();
        let drops = "drop ".repeat(signature.results.len());
        writeln!(
            exported,
            "(func (export \"{}\") (call $f{place} {}) {drops})",
            import.tool(),
            arguments.join(" ")
        )
        .unwrap();
    }
    format!(
        "(module {imported} (memory (export \"memory\") 2) \
         (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) i32.const 65536) {exported})"
    )
}

const fn name(ty: WasmType) -> &'static str {
    match ty {
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
    }
}

fn own() -> String {
    text("    /// Calls nothing.\n    export nothing: func();\n")
}

/// A world that imports all that a skill may, and exports these.
fn text(exports: &str) -> String {
    let read = |name: &str| std::fs::read_to_string(repository().join("wit").join(name)).unwrap();
    let (skill, model) = (read("skill.wit"), read("model.wit"));
    let (package, rest) = skill.split_once(';').unwrap();
    let rest = format!("{rest}{}", model.split_once(';').unwrap().1);
    format!(
        "package tests:caller@1.0.0;\n\n/// Calls what can be called.\nworld caller {{\n    include skillhost:skill/skill@0.1.0;\n\n\
         {exports}}}\n\n{package} {{{rest}}}\n"
    )
}

fn world(wit: &str) -> (Resolve, WorldId) {
    let mut resolve = Resolve::new();
    let package = resolve.push_source("caller.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some("caller")).unwrap();
    (resolve, world)
}
