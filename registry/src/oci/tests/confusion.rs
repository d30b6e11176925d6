//! Rows B11 and B15: documents that are two things at once, and artifacts that are no skill.

use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn b11_a_manifest_that_two_readers_see_differently_is_refused() {
    let told = outcomes(&[
        ("called an index", |registry| manifest(registry, INDEX, Bytes::clone)),
        ("called nothing", |registry| manifest(registry, "", Bytes::clone)),
        ("called a page", |registry| {
            manifest(registry, "text/html", Bytes::clone)
        }),
        ("called one, saying another", |registry| {
            manifest(registry, MANIFEST, |bytes| {
                document::edited(bytes, "/mediaType", json!(INDEX))
            });
        }),
        ("two things at once", |registry| {
            manifest(registry, MANIFEST, |bytes| {
                document::edited(bytes, "/manifests", json!([]))
            });
        }),
        ("called an index, and two things", |registry| {
            manifest(registry, INDEX, |bytes| {
                document::edited(bytes, "/manifests", json!([]))
            });
        }),
        ("two lists of layers", |registry| {
            manifest(registry, MANIFEST, |bytes| document::first(bytes, r#""layers":[]"#));
        }),
        ("two media types", |registry| {
            let twice = r#""mediaType":"application/vnd.oci.image.index.v1+json""#;
            manifest(registry, MANIFEST, |bytes| document::first(bytes, twice));
        }),
        ("two digests", |registry| {
            manifest(registry, MANIFEST, |bytes| {
                let zero = format!(r#""digest":"sha256:{}","digest":"#, "0".repeat(64));
                String::from_utf8_lossy(bytes).replace(r#""digest":"#, &zero).into()
            });
        }),
        ("nested ten thousand deep", |registry| {
            manifest(registry, MANIFEST, |bytes| {
                let deep = document::nested(bytes, 10_000);
                String::from_utf8_lossy(&deep).replacen("nested", "config", 1).into()
            });
        }),
        ("a list", |registry| {
            manifest(registry, MANIFEST, |_| Bytes::from_static(b"[]"))
        }),
        ("a page for people", |registry| {
            manifest(registry, MANIFEST, |_| Bytes::from_static(b"<html>"))
        }),
    ]);
    insta::assert_snapshot!(told.await, @r"
    called an index: media-type-wrong: The manifest is called `application/vnd.oci.image.index.v1+json`, not `application/vnd.oci.image.manifest.v1+json`.
    called nothing: media-type-wrong: The manifest is called ``, not `application/vnd.oci.image.manifest.v1+json`.
    called a page: media-type-wrong: The manifest is called `text/html`, not `application/vnd.oci.image.manifest.v1+json`.
    called one, saying another: media-type-wrong: The manifest is called `application/vnd.oci.image.index.v1+json`, not `application/vnd.oci.image.manifest.v1+json`.
    two things at once: artifact-malformed: The manifest of the artifact cannot be used: it is a list of manifests, or pretends to be two things.
    called an index, and two things: media-type-wrong: The manifest is called `application/vnd.oci.image.index.v1+json`, not `application/vnd.oci.image.manifest.v1+json`.
    two lists of layers: artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    two media types: artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    two digests: artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    nested ten thousand deep: artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a list: artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a page for people: artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    ");
}

#[tokio::test]
async fn b11_a_list_that_is_two_things_is_no_list() {
    let told = outcomes(&[
        ("called a manifest", |registry| list(registry, MANIFEST, Bytes::clone)),
        ("called one, saying another", |registry| {
            list(registry, INDEX, |bytes| {
                document::edited(bytes, "/mediaType", json!(MANIFEST))
            });
        }),
        ("with layers", |registry| {
            list(registry, INDEX, |bytes| document::edited(bytes, "/layers", json!([])));
        }),
        ("with a config", |registry| {
            list(registry, INDEX, |bytes| document::edited(bytes, "/config", json!({})));
        }),
        ("two lists", |registry| {
            list(registry, INDEX, |bytes| document::first(bytes, r#""manifests":[]"#))
        }),
        ("an entry nested ten thousand deep", |registry| {
            list(registry, INDEX, |bytes| {
                let deep = document::nested(bytes, 10_000);
                let deep = String::from_utf8_lossy(&deep).replacen("\"manifests\":", "\"was\":", 1);
                deep.replacen("nested", "manifests", 1).into()
            });
        }),
        ("not a list", |registry| {
            list(registry, INDEX, |_| Bytes::from_static(b"[]"))
        }),
    ]);
    insta::assert_snapshot!(told.await, @r"
    called a manifest: media-type-wrong: The manifest is called `application/vnd.oci.image.manifest.v1+json`, not `application/vnd.oci.image.index.v1+json`.
    called one, saying another: media-type-wrong: The manifest is called `application/vnd.oci.image.manifest.v1+json`, not `application/vnd.oci.image.index.v1+json`.
    with layers: artifact-malformed: The manifest of the artifact cannot be used: the list of referrers pretends to be two things.
    with a config: artifact-malformed: The manifest of the artifact cannot be used: the list of referrers pretends to be two things.
    two lists: artifact-malformed: The manifest of the artifact cannot be used: the list of referrers cannot be read.
    an entry nested ten thousand deep: artifact-malformed: The manifest of the artifact cannot be used: the list of referrers cannot be read.
    not a list: artifact-malformed: The manifest of the artifact cannot be used: the list of referrers cannot be read.
    ");
}

/// A list of signatures is a hint: entries that lie are looked at, and left.
#[tokio::test]
async fn b11_what_a_list_says_of_an_entry_is_never_believed() {
    let mut registry = honest();
    let artifact = registry.artifact().clone();
    let list = document::index([
        // The artifact itself, called a signature.
        json!({"digest": support::evil::digest(&artifact.manifest), "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json"}),
        json!({"digest": support::evil::digest(b"gone")}),
        json!({"digest": "sha1:0"}),
        json!(7),
    ]);
    registry.at(Step::Referrers, move |_| answer::ok(INDEX, &list));
    let running = listen(registry).await;
    let pulled = pull_with(&running, settings(&running)).await.unwrap();
    assert!(pulled.bundles().is_empty());
    // A signature of another artifact, which this registry lists here.
    let mut registry = honest();
    let other = document::edited(
        &artifact.signature,
        "/subject/digest",
        json!(support::evil::digest(b"another")),
    );
    let list = document::index([json!({"digest": support::evil::digest(&other)})]);
    registry.at(Step::Referrers, move |_| answer::ok(INDEX, &list));
    registry.set(&artifact.at(&other), move |_| answer::ok(MANIFEST, &other));
    let running = listen(registry).await;
    let pulled = pull_with(&running, settings(&running)).await.unwrap();
    assert!(pulled.bundles().is_empty());
}

#[tokio::test]
async fn b15_an_archive_is_never_fetched() {
    let kinds = [
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.wasm.content.bundle.v1.tar+gzip",
        "application/x-tar",
        "application/wasm+tar",
    ];
    for kind in kinds {
        let mut registry = honest();
        let archive = document::edited(&registry.artifact().manifest, "/layers/0/mediaType", json!(kind));
        registry.at(Step::Manifest, move |_| answer::ok(MANIFEST, &archive));
        let running = listen(registry).await;
        let refused = pull_with(&running, settings(&running)).await.unwrap_err();
        assert_eq!(refused.code(), Code::MediaTypeWrong, "{kind}");
        assert_eq!(running.seen().len(), 1, "{kind}: nothing but the manifest is asked for");
    }
    // Beside the component, one is no better.
    let mut registry = honest();
    let layers: Value = serde_json::from_slice::<Value>(&registry.artifact().manifest).unwrap()["layers"][0].clone();
    let mut archive = layers.clone();
    archive["mediaType"] = json!(kinds[0]);
    let both = document::edited(&registry.artifact().manifest, "/layers", json!([layers, archive]));
    registry.at(Step::Manifest, move |_| answer::ok(MANIFEST, &both));
    let running = listen(registry).await;
    let refused = pull_with(&running, settings(&running)).await.unwrap_err();
    assert_eq!((refused.code(), running.seen().len()), (Code::ArtifactMalformed, 1));
}

fn manifest(registry: &mut Registry, media_type: &'static str, edit: impl Fn(&Bytes) -> Bytes) {
    let bytes = edit(&registry.artifact().manifest);
    registry.at(Step::Manifest, move |_| answer::ok(media_type, &bytes));
}

fn list(registry: &mut Registry, media_type: &'static str, edit: impl Fn(&Bytes) -> Bytes) {
    let bytes = edit(&registry.artifact().content(Step::Referrers).bytes);
    registry.at(Step::Referrers, move |_| answer::ok(media_type, &bytes));
}
