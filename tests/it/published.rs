//! A skill with three tools: one answers, one never ends, one breaks. It is signed, pushed and approved here.

use jiff::Timestamp;
use registry::signature::{Claim, SigningKey, Statement};
use registry::{Attachment, Client, ClientSettings, Declaration, Login, Package, Reference, SkillFile};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::house::Front;
use crate::http;

const MANIFEST: &str = r#"
[skill]
name = "tests/guest"
version = "1.0.0"
summary = "Answers, spins or breaks."
license = "Apache-2.0"
"#;

const BINDING: &str = r#"
[[bindings]]
kind = "http"
name = "echo"
reason = "Asks a service of the test's own."
"#;

const MODEL: &str = r#"
[[bindings]]
kind = "model"
name = "default"
reason = "Asks a model of the test's own."
"#;

const INSTRUCTIONS: &str = "---
name: NAME
description: Answers, spins or breaks.
---
Call `answer`.
";

const WIT: &str = "
package tests:guest@1.0.0;

/// Three ways to end.
world guest {
    /// Answers.
    export answer: func() -> u32;
    /// Never ends.
    export spin: func() -> u32;
    /// Breaks.
    export trap: func() -> u32;
}
";

const COMPONENT: &str = r#"(component
  (core module $m
    (func (export "answer") (result i32) i32.const 42)
    (func (export "spin") (result i32) (loop $again (br $again)) unreachable)
    (func (export "trap") (result i32) unreachable))
  (core instance $i (instantiate $m))
  (func (export "answer") (result u32) (canon lift (core func $i "answer")))
  (func (export "spin") (result u32) (canon lift (core func $i "spin")))
  (func (export "trap") (result u32) (canon lift (core func $i "trap"))))"#;

/// What a skill is published from.
pub(crate) struct Parts<'a> {
    /// What it is called, behind `tests/`.
    pub(crate) name: &'a str,
    /// Its `skill.toml`.
    pub(crate) manifest: String,
    /// The component, without what it declares.
    pub(crate) component: &'a [u8],
    /// Its types.
    pub(crate) wit: &'a str,
}

/// Publishes the skill as a publisher of its own; returns its reference in the host's registry.
pub(crate) async fn publish(front: &Front, admin: &str) -> String {
    let component = wat::parse_str(COMPONENT).unwrap();
    let parts = Parts {
        name: "guest",
        manifest: MANIFEST.to_owned(),
        component: &component,
        wit: WIT,
    };
    publish_parts(front, admin, &parts).await
}

/// The same with a guest of `tests/guests`, under the same name. It asks for the binding `echo`.
pub(crate) async fn publish_guest(front: &Front, admin: &str, guest: &str) -> String {
    let parts = Parts {
        name: "guest",
        manifest: manifest_with_binding(),
        component: &http::wasm(guest),
        wit: &http::wit(guest),
    };
    publish_parts(front, admin, &parts).await
}

/// The same with the guest that asks models. It asks for the binding `default`.
pub(crate) async fn publish_asking(front: &Front, admin: &str) -> String {
    let parts = Parts {
        name: "guest",
        manifest: format!("{MANIFEST}{MODEL}"),
        component: &http::wasm("model"),
        wit: &http::wit("model"),
    };
    publish_parts(front, admin, &parts).await
}

/// The `skill.toml` of a skill that asks for the binding `echo`.
pub(crate) fn manifest_with_binding() -> String {
    format!("{MANIFEST}{BINDING}")
}

/// The same for another skill of the publisher `tests`.
pub(crate) async fn publish_parts(front: &Front, admin: &str, parts: &Parts<'_>) -> String {
    let (key, token) = publisher(front, admin).await;
    let instructions = SkillFile {
        path: "SKILL.md".to_owned(),
        content: INSTRUCTIONS.replace("NAME", parts.name).into_bytes().into(),
    };
    let component = registry::component::embed(parts.component, &parts.manifest, parts.wit, &[instructions]).unwrap();
    let declaration = Declaration::read(&component).unwrap();
    let package = Package::new(component, &declaration).unwrap();
    let about = &declaration.manifest().skill;
    let claim = Claim::new(
        "tests".parse().unwrap(),
        about.name.clone(),
        about.version.clone(),
        package.digest(),
        Timestamp::now(),
    );
    let bundle = Statement::of_skill(&claim).sign(&key);
    let attachment = Attachment::new(package.manifest(), bundle, Timestamp::now()).unwrap();
    let registry = front.address().to_string();
    let reference: Reference = format!("{registry}/{}:{}", about.name, about.version).parse().unwrap();
    let user = "token".to_owned();
    let login = Login {
        registry,
        user,
        secret: token,
    };
    let client = Client::new(ClientSettings {
        logins: vec![login],
        ..ClientSettings::default()
    });
    let digest = client.push(&reference, &package, &[attachment]).await.unwrap();
    format!("{}@{digest}", about.name)
}

/// The publisher `tests` with one more key, and a token that pushes.
async fn publisher(front: &Front, admin: &str) -> (SigningKey, String) {
    let key = SigningKey::generate().unwrap();
    if front.get("/v1/publishers/tests", admin).await.status == StatusCode::NOT_FOUND {
        let added = json!({"name": "tests", "namespaces": ["tests"]});
        created(front, "/v1/publishers", admin, &added).await;
    }
    let public = json!({"public_key": key.public().to_pem().unwrap()});
    created(front, "/v1/publishers/tests/keys", admin, &public).await;
    let name = format!("push {}", uuid::Uuid::now_v7());
    let wanted = json!({"name": name, "roles": ["publisher"], "publisher": "tests"});
    let reply = front.post("/v1/tokens", admin, &wanted).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    (key, reply.json()["token"].as_str().unwrap().to_owned())
}

/// Approves it with these limits.
pub(crate) async fn approve(front: &Front, admin: &str, reference: &str, limits: &Value) {
    approve_with(front, admin, reference, &json!({"limits": limits})).await;
}

/// Approves it with these grants.
pub(crate) async fn approve_with(front: &Front, admin: &str, reference: &str, grants: &Value) {
    let approval = json!({"reference": reference, "grants": grants, "reason": "a test"});
    created(front, "/v1/approvals", admin, &approval).await;
}

/// The path of a tool.
pub(crate) fn tool(name: &str) -> String {
    format!("/v1/skills/tests/guest/tools/{name}")
}

async fn created(front: &Front, path: &str, admin: &str, body: &Value) {
    let reply = front.post(path, admin, body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{path}: {}", reply.text());
}
