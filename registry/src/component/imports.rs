//! What a component may ask of the world: the imports that some host of ours answers.

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wasmparser::names::{ComponentName, ComponentNameKind};

use super::Component;
use crate::error::{Code, Error};

/// The packages whose interfaces a skill may import, with the versions: all that share the first parts (semver.org,
/// as WIT's own rule for compatible versions). Of `wasi:http` not all: a skill serves no requests.
///
/// Language toolchains import more of WASI than a skill uses; the host answers the rest with refusals.
const PACKAGES: [(&str, &str, u64, u64); 8] = [
    ("skillhost", "skill", 0, 1),
    ("wasi", "cli", 0, 2),
    ("wasi", "clocks", 0, 2),
    ("wasi", "filesystem", 0, 2),
    ("wasi", "http", 0, 2),
    ("wasi", "io", 0, 2),
    ("wasi", "random", 0, 2),
    ("wasi", "sockets", 0, 2),
];

impl Component<'_> {
    pub(super) fn check_imports(&self) -> Result<(), Error> {
        let unknown: Vec<_> = self
            .imports
            .iter()
            .filter(|name| !is_known(name) && !self.is_types(name))
            .map(|name| format!("`{}`", name.escape_debug()))
            .take(8)
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(Error::new(
            Code::ImportUnknown,
            format!(
                "the component imports {}, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, \
                 filesystem, http without its incoming-handler, io, random, sockets) only",
                unknown.join(", ")
            ),
        ))
    }

    /// Whether an import is a plain type, or an interface of nothing else: it asks for nothing. A skill's own types that
    /// several of its interfaces share become such imports.
    fn is_types(&self, name: &str) -> bool {
        match self.types.as_ref().component_item_for_import(name).map(|item| item.ty) {
            Some(ComponentEntityType::Instance(id)) => self.types[id].exports.values().all(|item| is_plain(item.ty)),
            Some(ty) => is_plain(ty),
            None => false,
        }
    }
}

const fn is_plain(ty: ComponentEntityType) -> bool {
    matches!(
        ty,
        ComponentEntityType::Type {
            created: ComponentAnyTypeId::Defined(_),
            ..
        }
    )
}

fn is_known(name: &str) -> bool {
    let Ok(name) = ComponentName::new(name, 0) else {
        return false;
    };
    let ComponentNameKind::Interface(name) = name.kind() else {
        return false;
    };
    let Ok(Some(version)) = name.version(None) else {
        return false;
    };
    version.pre.is_empty()
        && name.interface().as_str() != "incoming-handler"
        && PACKAGES.iter().any(|(namespace, package, major, minor)| {
            name.namespace().as_str() == *namespace
                && name.package().as_str() == *package
                && (version.major, version.minor) == (*major, *minor)
        })
}
