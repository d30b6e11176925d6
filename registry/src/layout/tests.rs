//! The bytes of an artifact, written and read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::artifact::Pulled;
use crate::error::Code;

fn component() -> Bytes {
    let text = r#"(component
        (import "acme:weather/now@1.0.0" (instance))
        (component $empty)
        (instance $tools (instantiate $empty))
        (export "acme:deck/tools@0.1.0" (instance $tools)))"#;
    wat::parse_str(text).unwrap().into()
}

fn about() -> About {
    toml::from_str(
        r#"
        name = "acme/deck"
        version = "1.2.3"
        summary = "Makes decks."
        license = "Apache-2.0"
        source = "https://example.com/deck"
        "#,
    )
    .unwrap()
}

fn package() -> Package {
    Package::of(component(), &about()).unwrap()
}

fn bundle(statement: &Value) -> Bytes {
    let payload = STANDARD.encode(statement.to_string());
    json!({"mediaType": BUNDLE, "dsseEnvelope": {"payload": payload}})
        .to_string()
        .into()
}

/// A skill with one signature.
pub(crate) fn signed() -> (Package, Attachment) {
    let package = package();
    let bundle = bundle(&json!({"predicateType": "https://sigstore.dev/cosign/sign/v1"}));
    let attachment = Attachment::new(package.manifest(), bundle, Timestamp::UNIX_EPOCH).unwrap();
    (package, attachment)
}

fn pretty(json: &[u8]) -> String {
    serde_json::to_string_pretty(&serde_json::from_slice::<Value>(json).unwrap()).unwrap()
}

#[test]
fn a_skill_is_one_wasm_layer_with_its_names() {
    let package = package();
    insta::assert_snapshot!(pretty(package.manifest()), @r#"
    {
      "schemaVersion": 2,
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "config": {
        "mediaType": "application/vnd.wasm.config.v0+json",
        "digest": "sha256:19f047b3e0642e3320a97fb4e6962952e746d8e60a9d0bcb651df4370305e790",
        "size": 248
      },
      "layers": [
        {
          "mediaType": "application/wasm",
          "digest": "sha256:2dc0796d3a8bcd3c920e6e3bce129e40aff0c7e85cf40ccfbfbe21778882f3fc",
          "size": 151,
          "annotations": {
            "org.opencontainers.image.title": "deck.wasm"
          }
        }
      ],
      "annotations": {
        "org.opencontainers.image.description": "Makes decks.",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.source": "https://example.com/deck",
        "org.opencontainers.image.title": "acme/deck",
        "org.opencontainers.image.version": "1.2.3"
      }
    }
    "#);
    insta::assert_snapshot!(pretty(package.config()), @r#"
    {
      "created": "1970-01-01T00:00:00Z",
      "architecture": "wasm",
      "os": "wasip2",
      "layerDigests": [
        "sha256:2dc0796d3a8bcd3c920e6e3bce129e40aff0c7e85cf40ccfbfbe21778882f3fc"
      ],
      "component": {
        "exports": [
          "acme:deck/tools@0.1.0"
        ],
        "imports": [
          "acme:weather/now@1.0.0"
        ]
      }
    }
    "#);
    assert_eq!(package.digest(), Package::of(component(), &about()).unwrap().digest());
}

#[test]
fn a_signature_is_a_bundle_that_refers_to_the_skill() {
    let package = package();
    let bundle = bundle(&json!({"predicateType": "https://sigstore.dev/cosign/sign/v1"}));
    let created = "2026-11-21T01:02:03.456Z".parse().unwrap();
    let attachment = Attachment::new(package.manifest(), bundle, created).unwrap();
    assert_eq!(attachment.subject(), package.digest());
    insta::assert_snapshot!(pretty(attachment.manifest()), @r#"
    {
      "schemaVersion": 2,
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
      "config": {
        "mediaType": "application/vnd.oci.empty.v1+json",
        "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "size": 2
      },
      "layers": [
        {
          "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
          "digest": "sha256:4a851d4036467fc7f8bd2aa9437324acdd94c5db91489b9fef102bd6de8d8dd0",
          "size": 167
        }
      ],
      "subject": {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": "sha256:c251eb1d3548d4189ff71db1e778d8079988aea51e95aacf5236eb815cda4e24",
        "size": 698
      },
      "annotations": {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
        "org.opencontainers.image.created": "2026-11-21T01:02:03Z"
      }
    }
    "#);
}

#[test]
fn what_is_no_bundle_is_not_attached() {
    let no_statement = bundle(&json!({"predicate": {}}));
    for bytes in [Bytes::from_static(b"{}"), Bytes::from_static(b"\x00"), no_statement] {
        let refused = Attachment::new(b"{}", bytes, Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(refused.code(), Code::SignatureMalformed);
    }
}

#[test]
fn a_module_is_not_packed() {
    let module = wat::parse_str("(module)").unwrap().into();
    let refused = Package::of(module, &about()).unwrap_err();
    assert_eq!(refused.code(), Code::NotAComponent);
}

#[test]
fn parts_must_be_those_that_the_manifest_names() {
    let (package, asked) = (package(), about().name);
    let pulled = Pulled::from_parts(asked.clone(), package.manifest().clone(), component(), Vec::new()).unwrap();
    assert_eq!(pulled.digest(), package.digest());
    let mut other = component().to_vec();
    other.push(0);
    let refused = Pulled::from_parts(asked, package.manifest().clone(), other.into(), Vec::new()).unwrap_err();
    assert_eq!(refused.code(), Code::DigestMismatch);
}

/// Each edit makes a manifest that some reader would take for something else.
#[test]
fn a_manifest_of_anything_else_is_refused() {
    type Edit = fn(&mut Value);
    let edits: [(&str, Edit, Code); 12] = [
        ("schema", |m| m["schemaVersion"] = json!(1), Code::ArtifactMalformed),
        (
            "no media type",
            |m| m["mediaType"] = Value::Null,
            Code::ArtifactMalformed,
        ),
        ("an index", |m| m["mediaType"] = json!(INDEX), Code::MediaTypeWrong),
        ("two things", |m| m["manifests"] = json!([]), Code::ArtifactMalformed),
        ("no layers", |m| m["layers"] = json!([]), Code::ArtifactMalformed),
        ("layers missing", |m| m["layers"] = Value::Null, Code::ArtifactMalformed),
        (
            "two layers",
            |m| m["layers"] = json!([m["layers"][0], m["layers"][0]]),
            Code::ArtifactMalformed,
        ),
        ("config missing", |m| m["config"] = Value::Null, Code::ArtifactMalformed),
        (
            "config type",
            |m| m["config"]["mediaType"] = json!(EMPTY),
            Code::MediaTypeWrong,
        ),
        (
            "layer type",
            |m| m["layers"][0]["mediaType"] = json!("application/x-tar"),
            Code::MediaTypeWrong,
        ),
        (
            "layer size",
            |m| m["layers"][0]["size"] = json!(COMPONENT_MOST + 1),
            Code::ArtifactTooLarge,
        ),
        (
            "sha512",
            |m| m["layers"][0]["digest"] = json!("sha512:00"),
            Code::ArtifactMalformed,
        ),
    ];
    let written: Value = serde_json::from_slice(package().manifest()).unwrap();
    for (what, edit, code) in edits {
        let mut manifest = written.clone();
        edit(&mut manifest);
        let refused = Skill::read(Some(MANIFEST), manifest.to_string().as_bytes()).unwrap_err();
        assert_eq!(refused.code(), code, "{what}: {refused}");
    }
}

#[test]
fn a_manifest_is_what_the_registry_calls_it() {
    let package = package();
    for (content_type, read) in [(MANIFEST, true), (INDEX, false), ("", false)] {
        assert_eq!(
            Skill::read(Some(content_type), package.manifest()).is_ok(),
            read,
            "{content_type}"
        );
    }
}

#[test]
fn a_manifest_that_two_readers_see_differently_is_refused() {
    let manifest = String::from_utf8(package().manifest().to_vec()).unwrap();
    let twice = manifest.replacen('{', r#"{"layers":[],"#, 1);
    let deep = format!(r#"{{"schemaVersion":{}"#, "[".repeat(10_000));
    for text in [twice, deep] {
        assert_eq!(
            Skill::read(None, text.as_bytes()).unwrap_err().code(),
            Code::ArtifactMalformed
        );
    }
}
