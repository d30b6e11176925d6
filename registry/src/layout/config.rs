//! The config of a Wasm artifact: what the component imports and exports, for tools that only look at a registry.

use bytes::Bytes;
use serde::Serialize;
use wasmparser::Parser;
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldItem, WorldKey};

use crate::digest::Digest;
use crate::error::{Code, Error};

/// No time is told, so that the same component always has the same digest.
const CREATED: &str = "1970-01-01T00:00:00Z";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: &'static str,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [Digest; 1],
    component: Component,
}

#[derive(Serialize)]
struct Component {
    exports: Vec<String>,
    imports: Vec<String>,
}

pub(super) fn write(component: &[u8]) -> Result<Bytes, Error> {
    let config = Config {
        created: CREATED,
        architecture: "wasm",
        os: "wasip2",
        layer_digests: [Digest::of(component)],
        component: names(component)?,
    };
    let json = serde_json::to_vec(&config).expect("a config of strings is always JSON");
    Ok(json.into())
}

fn names(component: &[u8]) -> Result<Component, Error> {
    let refuse = || {
        Error::new(
            Code::NotAComponent,
            "The bytes are not a component whose types can be read.",
        )
    };
    // A core module would be read as the component that it could become.
    if !Parser::is_component(component) {
        return Err(refuse());
    }
    let decoded = wit_component::decode(component).map_err(|cause| refuse().keep(cause))?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        return Err(refuse());
    };
    let world = resolve.worlds.get(world).ok_or_else(refuse)?;
    Ok(Component {
        exports: world.exports.iter().map(|item| name(&resolve, item)).collect(),
        imports: world.imports.iter().map(|item| name(&resolve, item)).collect(),
    })
}

fn name(resolve: &Resolve, (key, _): (&WorldKey, &WorldItem)) -> String {
    resolve.name_world_key(key)
}
