//! Compares a component's real types with the WIT that it declares: nobody approves one thing and runs another.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use wasmparser::PrimitiveValType as Primitive;
use wasmparser::component_types::{
    ComponentDefinedType as Real, ComponentDefinedTypeId, ComponentEntityType, ComponentFuncType,
    ComponentInstanceTypeId, ComponentValType,
};
use wasmparser::names::KebabString;
use wasmparser::types::Types;
use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, WorldItem};

use super::Component;
use crate::error::{Code, Error};
use crate::interface::Interface;

impl Component<'_> {
    /// Checks that the component exports what its WIT declares, with the same types, and uses the imports that the WIT
    /// declares as they are declared there.
    ///
    /// More exports than declared are no tools and do no harm: language toolchains leave some. Imports that the WIT
    /// does not declare are judged by name, see `imports`.
    ///
    /// # Errors
    /// `interface-mismatch` with the first difference; `import-unknown`.
    pub(crate) fn compare(&self, interface: &Interface) -> Result<(), Error> {
        let resolve = interface.resolve();
        let mut comparing = Comparing {
            resolve,
            types: &self.types,
            same: HashSet::new(),
        };
        let Some(world) = resolve.worlds.get(interface.world()) else {
            return Err(mismatch("the WIT does not hold its world"));
        };
        for (key, item) in &world.exports {
            let name = resolve.name_world_key(key);
            let real = self.types.as_ref().component_item_for_export(&name);
            comparing.export(&name, item, real.map(|item| item.ty))?;
        }
        for (key, item) in &world.imports {
            let name = resolve.name_world_key(key);
            if let Some(real) = self.types.as_ref().component_item_for_import(&name) {
                comparing.import(&name, item, real.ty)?;
            }
        }
        self.check_imports()
    }
}

/// One comparison, which remembers what it found to be the same: types share parts.
struct Comparing<'a> {
    resolve: &'a Resolve,
    types: &'a Types,
    same: HashSet<(TypeId, ComponentDefinedTypeId)>,
}

impl<'a> Comparing<'a> {
    fn export(&mut self, name: &str, declared: &WorldItem, real: Option<ComponentEntityType>) -> Result<(), Error> {
        match (declared, real) {
            (WorldItem::Function(function), Some(ComponentEntityType::Func(id))) => {
                self.function(name, function, &self.types[id])
            }
            (WorldItem::Interface { id, .. }, Some(ComponentEntityType::Instance(real))) => {
                let declared = self.resolve.interfaces.get(*id);
                for function in declared.iter().flat_map(|interface| interface.functions.values()) {
                    let path = format!("{name}.{}", function.name);
                    let real = self.member(real, &function.name).ok_or_else(|| absent(&path))?;
                    self.function(&path, function, real)?;
                }
                Ok(())
            }
            _ => Err(absent(name)),
        }
    }

    /// Compares only what the component uses: unused imports are left out when it is built.
    fn import(&mut self, name: &str, declared: &WorldItem, real: ComponentEntityType) -> Result<(), Error> {
        match (declared, real) {
            (WorldItem::Function(function), ComponentEntityType::Func(id)) => {
                self.function(name, function, &self.types[id])
            }
            (WorldItem::Interface { id, .. }, ComponentEntityType::Instance(real)) => {
                let declared = self.resolve.interfaces.get(*id);
                for function in declared.iter().flat_map(|interface| interface.functions.values()) {
                    if let Some(real) = self.member(real, &function.name) {
                        self.function(&format!("{name}.{}", function.name), function, real)?;
                    }
                }
                Ok(())
            }
            (WorldItem::Type { .. }, ComponentEntityType::Type { .. }) => Ok(()),
            _ => Err(mismatch(&format!(
                "the component imports `{name}` as something else than the WIT says"
            ))),
        }
    }

    fn member(&self, instance: ComponentInstanceTypeId, name: &str) -> Option<&'a ComponentFuncType> {
        let types = self.types;
        match types[instance].exports.get(name)?.ty {
            ComponentEntityType::Func(id) => Some(&types[id]),
            _ => None,
        }
    }

    fn function(&mut self, path: &str, declared: &Function, real: &ComponentFuncType) -> Result<(), Error> {
        let names = declared.params.iter().map(|param| param.name.as_str());
        if declared.kind.is_async() != real.async_ || !names.eq(real.params.iter().map(|(name, _)| name.as_str())) {
            return Err(mismatch(&format!(
                "`{path}` has other parameters in the component than in the WIT"
            )));
        }
        for (param, (_, ty)) in declared.params.iter().zip(&real.params) {
            if !self.value(param.ty, *ty) {
                return Err(mismatch(&format!(
                    "the parameter `{}` of `{path}` has another type in the component than in the WIT",
                    param.name
                )));
            }
        }
        if !self.optional(declared.result, real.result) {
            return Err(mismatch(&format!(
                "the result of `{path}` has another type in the component than in the WIT"
            )));
        }
        Ok(())
    }

    fn optional(&mut self, declared: Option<Type>, real: Option<ComponentValType>) -> bool {
        match (declared, real) {
            (None, None) => true,
            (Some(declared), Some(real)) => self.value(declared, real),
            _ => false,
        }
    }

    fn value(&mut self, declared: Type, real: ComponentValType) -> bool {
        match (declared, real) {
            (Type::Id(id), _) => self.defined(id, real),
            (_, ComponentValType::Primitive(real)) => primitive(declared) == real,
            (_, ComponentValType::Type(id)) => match &self.types[id] {
                Real::Primitive(real) => primitive(declared) == *real,
                _ => false,
            },
        }
    }

    fn defined(&mut self, declared: TypeId, real: ComponentValType) -> bool {
        let Some(def) = self.resolve.types.get(declared) else {
            return false;
        };
        if let TypeDefKind::Type(aliased) = def.kind {
            return self.value(aliased, real);
        }
        let ComponentValType::Type(real) = real else {
            return false;
        };
        // Only what was found to be the same is remembered: the first difference ends the comparison.
        if self.same.contains(&(declared, real)) {
            return true;
        }
        let same = self.kind(&def.kind, real);
        if same {
            self.same.insert((declared, real));
        }
        same
    }

    fn kind(&mut self, declared: &TypeDefKind, real: ComponentDefinedTypeId) -> bool {
        match (declared, &self.types[real]) {
            (TypeDefKind::Record(record), Real::Record(real)) => {
                record.fields.len() == real.fields.len()
                    && record
                        .fields
                        .iter()
                        .zip(&real.fields)
                        .all(|(field, (name, ty))| field.name == name.as_str() && self.value(field.ty, *ty))
            }
            (TypeDefKind::Variant(variant), Real::Variant(real)) => {
                variant.cases.len() == real.cases.len()
                    && variant
                        .cases
                        .iter()
                        .zip(&real.cases)
                        .all(|(case, (name, ty))| case.name == name.as_str() && self.optional(case.ty, ty.ty))
            }
            (TypeDefKind::Tuple(tuple), Real::Tuple(real)) => {
                tuple.types.len() == real.types.len()
                    && tuple
                        .types
                        .iter()
                        .zip(&real.types)
                        .all(|(ty, real)| self.value(*ty, *real))
            }
            (TypeDefKind::Flags(flags), Real::Flags(real)) => names(flags.flags.iter().map(|flag| &flag.name), real),
            (TypeDefKind::Enum(cases), Real::Enum(real)) => names(cases.cases.iter().map(|case| &case.name), real),
            (TypeDefKind::Option(ty), Real::Option { ty: real, .. }) => self.value(*ty, *real),
            (TypeDefKind::List(ty), Real::List { element, .. }) => self.value(*ty, *element),
            (TypeDefKind::Result(result), Real::Result { ok, err, .. }) => {
                self.optional(result.ok, *ok) && self.optional(result.err, *err)
            }
            // Handles have no structure to compare: the engine's linker knows which resource is meant.
            (TypeDefKind::Handle(wit_parser::Handle::Own(_)), Real::Own(_)) => true,
            (TypeDefKind::Handle(wit_parser::Handle::Borrow(_)), Real::Borrow(_)) => true,
            _ => false,
        }
    }
}

fn names<'a>(declared: impl Iterator<Item = &'a String>, real: impl IntoIterator<Item = &'a KebabString>) -> bool {
    declared
        .map(String::as_str)
        .eq(real.into_iter().map(|name| name.as_str()))
}

const fn primitive(ty: Type) -> Primitive {
    match ty {
        Type::Bool => Primitive::Bool,
        Type::U8 => Primitive::U8,
        Type::U16 => Primitive::U16,
        Type::U32 => Primitive::U32,
        Type::U64 => Primitive::U64,
        Type::S8 => Primitive::S8,
        Type::S16 => Primitive::S16,
        Type::S32 => Primitive::S32,
        Type::S64 => Primitive::S64,
        Type::F32 => Primitive::F32,
        Type::F64 => Primitive::F64,
        Type::Char => Primitive::Char,
        Type::String => Primitive::String,
        // Defined types are looked up before they come here.
        Type::ErrorContext | Type::Id(_) => Primitive::ErrorContext,
    }
}

fn absent(path: &str) -> Error {
    mismatch(&format!(
        "the WIT declares `{path}`, which the component does not export"
    ))
}

fn mismatch(told: &str) -> Error {
    Error::new(
        Code::InterfaceMismatch,
        format!("{told}: build the component from this WIT and publish it again"),
    )
}
