//! Every function that the WIT lets a skill import is a call, which is decided and recorded once, or local, with a
//! reason in `wit/local.toml`: generated from the WIT, tried granted and not.

mod caller;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use host::config::Config;
use serde_json::{Value, json};
use support::salesforce::Simulator;
use wit_parser::Resolve;

use crate::house::House;
use crate::http;
use crate::published::{self, Parts};

/// The one function outside of our own package that is a call: `tests/guests/http` knows how to call it.
const HANDLE: &str = "wasi:http/outgoing-handler.handle";

const MANIFEST: &str = r#"
[skill]
name = "tests/NAME"
version = "1.0.0"
summary = "Calls what can be called."
license = "Apache-2.0"

[[bindings]]
kind = "http"
name = "echo"
reason = "To have one."

[[bindings]]
kind = "model"
name = "default"
reason = "To have one."
"#;

/// The interface whose functions refuse arguments that are all zero before anybody decides: `tests/guests/model` knows
/// how to call them.
const MODEL: &str = "skillhost:skill/model.";

/// A function that a skill may import, and the tool that calls it.
struct Function {
    name: String,
    skill: &'static str,
    tool: String,
}

#[test]
fn the_list_of_what_is_local_is_the_one_of_the_wit() {
    let functions: BTreeSet<String> = caller::functions().keys().cloned().collect();
    let local = local();
    let unknown: Vec<_> = local.keys().filter(|name| !functions.contains(*name)).collect();
    assert!(
        unknown.is_empty(),
        "wit/local.toml names what the WIT has not: {unknown:?}"
    );
    let bare: Vec<_> = local.iter().filter(|(_, reason)| reason.len() < 20).collect();
    assert!(bare.is_empty(), "each needs a reason: {bare:?}");
}

#[tokio::test]
async fn every_function_has_one_recorded_decision_or_needs_none() {
    let (house, _service) = house().await;
    let own = caller::component();
    let http = http::wasm("http");
    published::publish_parts(&house, &house.admin, &parts("caller", &own, &caller::wit())).await;
    published::publish_parts(&house, &house.admin, &parts("http", &http, &http::wit("http"))).await;
    let model = http::wasm("model");
    published::publish_parts(&house, &house.admin, &parts("model", &model, &http::wit("model"))).await;
    let local = local();
    let mut told = String::new();
    for function in functions() {
        let granted = decisions(
            &house,
            &function,
            json!([{"kind": "http", "name": "echo"}, {"kind": "model", "name": "default"}]),
        )
        .await;
        let not = decisions(&house, &function, json!([])).await;
        let (is_local, name) = (local.contains_key(&function.name), &function.name);
        assert_eq!(
            (granted.len(), not.len()),
            if is_local { (0, 0) } else { (1, 1) },
            "{name}"
        );
        let kind = if is_local { "local" } else { "call" };
        writeln!(told, "{name}: {kind}, granted {granted:?}, not granted {not:?}").unwrap();
    }
    insta::assert_snapshot!(told);
}

/// What was decided about the calls of one run.
async fn decisions(house: &House, function: &Function, bindings: Value) -> Vec<String> {
    let skill = format!("tests/{}", function.skill);
    let approval = json!({"reference": format!("{skill}:1.0.0"), "grants": {"bindings": bindings}, "reason": "a test"});
    let approved = house.post("/v1/approvals", &house.admin, &approval).await;
    assert_eq!(approved.status, 201, "{}", approved.text());
    let path = format!("/v1/skills/{skill}/tools/{}", function.tool);
    let answer = house.post(&path, &house.admin, &json!({})).await.json();
    let run = answer["run"]
        .as_str()
        .unwrap_or_else(|| panic!("{}: {answer}", function.name));
    let journal = house.get(&format!("/v1/runs/{run}/journal"), &house.admin).await.json();
    let events = journal["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["event"]);
    events.filter_map(decision).collect()
}

fn decision(event: &Value) -> Option<String> {
    let allowed = event["judged"]["allowed"].as_bool()?;
    Some(if allowed { "allowed" } else { "refused" }.to_owned())
}

/// Every function that can be imported and is not of WASI's own machinery, in the order of their names.
fn functions() -> Vec<Function> {
    let own = caller::functions()
        .into_iter()
        .map(|(name, tool)| match name.strip_prefix(MODEL) {
            Some(function) => Function {
                tool: function.to_owned(),
                skill: "model",
                name,
            },
            None => Function {
                name,
                skill: "caller",
                tool,
            },
        });
    let handle = Function {
        name: HANDLE.to_owned(),
        skill: "http",
        tool: "write-before".to_owned(),
    };
    let all: Vec<_> = own.chain([handle]).collect();
    let handler = handler();
    assert_eq!(handler, [HANDLE], "each call of wasi:http needs a guest that makes it");
    all
}

/// What `wasi:http` has that leaves the host.
fn handler() -> Vec<String> {
    let mut resolve = Resolve::new();
    let folder = crate::program::repository().join("host/wit");
    resolve.push_dir(&folder).unwrap();
    let interfaces = resolve
        .interfaces
        .iter()
        .filter_map(|(id, interface)| Some((resolve.id_of(id)?, interface)));
    interfaces
        .filter(|(name, _)| name.starts_with("wasi:http/outgoing-handler"))
        .flat_map(|(name, interface)| {
            let name = name.split('@').next().unwrap().to_owned();
            interface
                .functions
                .keys()
                .map(move |function| format!("{name}.{function}"))
        })
        .collect()
}

/// The functions of `wit/local.toml`, with their reasons.
fn local() -> BTreeMap<String, String> {
    type Tree = BTreeMap<String, BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>>;
    let text = std::fs::read_to_string(crate::program::repository().join("wit/local.toml")).unwrap();
    let tree: Tree = toml::from_str(&text).unwrap();
    let mut local = BTreeMap::new();
    for (namespace, packages) in tree {
        for (package, interfaces) in packages {
            for (interface, functions) in interfaces {
                for (function, reason) in functions {
                    local.insert(format!("{namespace}:{package}/{interface}.{function}"), reason);
                }
            }
        }
    }
    local
}

fn parts<'a>(name: &'a str, component: &'a [u8], wit: &'a str) -> Parts<'a> {
    Parts {
        name,
        manifest: MANIFEST.replace("NAME", name),
        component,
        wit,
    }
}

/// A host whose binding `echo` reaches a service that answers.
pub(crate) async fn house() -> (House, Simulator) {
    let (address, simulator) = Simulator::start().await.unwrap();
    let config: Config = toml::from_str(&format!(
        "[tenants.default.http.echo]\nurl = \"http://{address}\"\nplain-http = true\n\
         private-networks = [\"127.0.0.0/8\"]\n\
         [[tenants.default.model.default.backends]]\nname = \"script\"\n\
         provider = {{ kind = \"recorded\", file = \"{}\" }}\n",
        crate::program::repository().join("tests/models/script.toml").display(),
    ))
    .unwrap();
    let house = House::start_with(|settings| settings.tenants = config.tenants).await;
    (house, simulator)
}
