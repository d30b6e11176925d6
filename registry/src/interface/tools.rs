//! Which functions of a world are tools, and which cannot be.

use wit_parser::{
    Function, FunctionKind, Handle, InterfaceId, Resolve, Type, TypeDefKind, WorldId, WorldItem, WorldKey,
};

use super::Tool;
use crate::error::{Code, Error};
use crate::manifest::Manifest;

/// The longest name of a tool in bytes (the recommendation of MCP 2025-11-25, "Tool Names").
const LONGEST_NAME: usize = 128;

/// The longest description of a tool in bytes: every agent that may call it reads it.
const LONGEST_DOCS: usize = 8 * 1024;

/// The deepest that values may nest: readers and writers of values recurse over their types.
const DEEPEST: u32 = 32;

/// The most types that one signature may be made of, each counted as often as it is used.
const MOST_TYPES: u32 = 10_000;

/// The tools of a world, in the order of their names.
pub(super) fn of(resolve: &Resolve, world: WorldId, manifest: &Manifest) -> Result<Vec<Tool>, Error> {
    let sizes = Sizes::of(resolve);
    let mut tools = Vec::new();
    for exported in exported(resolve, world)? {
        check(resolve, &sizes, &exported.name, exported.function)?;
        let hints = manifest.tools.get(&exported.name).cloned().unwrap_or_default();
        tools.push(Tool {
            name: exported.name,
            export: exported.instance,
            function: exported.function.clone(),
            hints,
        });
    }
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    check_names(&tools, manifest)?;
    Ok(tools)
}

/// An exported function with its name for agents and the instance that holds it.
struct Exported<'a> {
    name: String,
    instance: Option<String>,
    function: &'a Function,
}

fn exported(resolve: &Resolve, world: WorldId) -> Result<Vec<Exported<'_>>, Error> {
    let Some(world) = resolve.worlds.get(world) else {
        return Ok(Vec::new());
    };
    let is_interface = |item: &&WorldItem| matches!(item, WorldItem::Interface { .. });
    let several = world.exports.values().filter(is_interface).count() > 1;
    let mut found = Vec::new();
    for (key, item) in &world.exports {
        match item {
            WorldItem::Function(function) => found.push(Exported {
                name: function.name.clone(),
                instance: None,
                function,
            }),
            WorldItem::Interface { id, .. } => {
                let export = resolve.name_world_key(key);
                for function in of_interface(resolve, *id, &export)? {
                    let name = if several {
                        format!("{}.{}", short_name(resolve, key), function.name)
                    } else {
                        function.name.clone()
                    };
                    found.push(Exported {
                        name,
                        instance: Some(export.clone()),
                        function,
                    });
                }
            }
            WorldItem::Type { .. } => {}
        }
    }
    Ok(found)
}

fn of_interface<'a>(
    resolve: &'a Resolve,
    id: InterfaceId,
    export: &str,
) -> Result<impl Iterator<Item = &'a Function>, Error> {
    let interface = resolve.interfaces.get(id);
    let types = interface.into_iter().flat_map(|interface| &interface.types);
    for (name, id) in types {
        if matches!(resolve.types.get(*id).map(|def| &def.kind), Some(TypeDefKind::Resource)) {
            return Err(invalid(format!(
                "`{export}` defines the resource `{name}`: tools take and give plain values, so export an interface without it"
            )));
        }
    }
    Ok(interface.into_iter().flat_map(|interface| interface.functions.values()))
}

/// The interface's name without its package and version.
fn short_name<'a>(resolve: &'a Resolve, key: &'a WorldKey) -> &'a str {
    match key {
        WorldKey::Name(name) => name,
        WorldKey::Interface(id) => resolve
            .interfaces
            .get(*id)
            .and_then(|interface| interface.name.as_deref())
            .unwrap_or_default(),
    }
}

fn check(resolve: &Resolve, sizes: &Sizes, name: &str, function: &Function) -> Result<(), Error> {
    if name.len() > LONGEST_NAME {
        return Err(invalid(format!(
            "the tool `{name}` has a name of more than {LONGEST_NAME} characters: shorten it"
        )));
    }
    if function
        .docs
        .contents
        .as_ref()
        .is_some_and(|docs| docs.len() > LONGEST_DOCS)
    {
        return Err(invalid(format!(
            "the tool `{name}` has a description of more than {LONGEST_DOCS} bytes: move the rest into SKILL.md"
        )));
    }
    if !matches!(function.kind, FunctionKind::Freestanding) {
        return Err(invalid(format!("the tool `{name}` is async: make it a plain function")));
    }
    for ty in function.parameter_and_result_types() {
        if let Some(what) = forbidden(resolve, ty) {
            return Err(invalid(format!(
                "the tool `{name}` has `{what}` in its signature: tools take and give plain values"
            )));
        }
    }
    let size = function
        .parameter_and_result_types()
        .fold(0, |sum: u32, ty| sum.saturating_add(sizes.get(ty).count));
    let deepest = function
        .parameter_and_result_types()
        .map(|ty| sizes.get(ty).depth)
        .max();
    if size > MOST_TYPES || deepest.is_some_and(|depth| depth > DEEPEST) {
        return Err(invalid(format!(
            "the tool `{name}` has a signature of {size} types, {} deep: at most {MOST_TYPES} and {DEEPEST} are allowed",
            deepest.unwrap_or_default()
        )));
    }
    Ok(())
}

fn check_names(tools: &[Tool], manifest: &Manifest) -> Result<(), Error> {
    let names: Vec<_> = tools.iter().map(|tool| format!("`{}`", tool.name)).collect();
    if tools.is_empty() {
        return Err(invalid(
            "the world exports no function, so the skill has no tool".to_owned(),
        ));
    }
    for pair in names.windows(2) {
        if let [a, b] = pair
            && a == b
        {
            return Err(invalid(format!(
                "two tools are named {a}: rename one of the interfaces or functions"
            )));
        }
    }
    let unknown = |name: &&String| tools.iter().all(|tool| tool.name != **name);
    if let Some(name) = manifest.tools.keys().find(unknown) {
        return Err(invalid(format!(
            "{} describes the tool `{name}`, which the world does not export: its tools are {}",
            Manifest::FILE,
            names.join(", ")
        )));
    }
    Ok(())
}

/// The first thing in a type that is not a plain value, if there is one.
fn forbidden(resolve: &Resolve, ty: Type) -> Option<&'static str> {
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        let id = match ty {
            Type::Id(id) => id,
            Type::ErrorContext => return Some("error-context"),
            _ => continue,
        };
        if !seen.insert(id) {
            continue;
        }
        let kind = &resolve.types.get(id)?.kind;
        match kind {
            TypeDefKind::Resource | TypeDefKind::Handle(Handle::Own(_) | Handle::Borrow(_)) => return Some("resource"),
            TypeDefKind::Future(_) | TypeDefKind::Stream(_) | TypeDefKind::Unknown => return Some(kind.as_str()),
            TypeDefKind::Map(..) | TypeDefKind::FixedLengthList(..) => return Some(kind.as_str()),
            _ => open.extend(parts(kind)),
        }
    }
    None
}

/// How large a type is when it is written out.
#[derive(Clone, Copy)]
struct Size {
    depth: u32,
    count: u32,
}

/// The size of each type, by its place: computed once, so that types that share parts cost no more than their text.
struct Sizes(std::collections::HashMap<wit_parser::TypeId, Size>);

impl Sizes {
    fn of(resolve: &Resolve) -> Self {
        let mut sizes = Self(std::collections::HashMap::with_capacity(resolve.types.len()));
        // A type stands after every type that it is made of (`Resolve::types`).
        for (id, def) in resolve.types.iter() {
            let mut size = Size { depth: 1, count: 1 };
            for part in parts(&def.kind) {
                let part = sizes.get(part);
                size.depth = size.depth.max(part.depth.saturating_add(1));
                size.count = size.count.saturating_add(part.count);
            }
            sizes.0.insert(id, size);
        }
        sizes
    }

    fn get(&self, ty: Type) -> Size {
        match ty {
            Type::Id(id) => self.0.get(&id).copied().unwrap_or(Size {
                depth: u32::MAX,
                count: u32::MAX,
            }),
            _ => Size { depth: 1, count: 1 },
        }
    }
}

/// The types that a type is made of directly.
fn parts(kind: &TypeDefKind) -> Vec<Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => vec![*ty],
        TypeDefKind::FixedLengthList(ty, _) => vec![*ty],
        TypeDefKind::Map(key, value) => vec![*key, *value],
        TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => ty.iter().copied().collect(),
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => vec![Type::Id(*id)],
        TypeDefKind::Flags(_) | TypeDefKind::Enum(_) | TypeDefKind::Resource | TypeDefKind::Unknown => Vec::new(),
    }
}

fn invalid(told: String) -> Error {
    Error::new(Code::ToolInvalid, told)
}
