//! How much a namespace keeps, and what is removed when nobody needs it any more.

use std::fs::File;
use std::time::{Duration, SystemTime};

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn small(namespace_bytes: u64, namespace_manifests: usize) -> Registry {
    Registry::with(RegistryLimits {
        namespace_bytes,
        namespace_manifests,
        ..RegistryLimits::default()
    })
}

async fn upload(registry: &Registry, repository: &str, bytes: &'static str) -> String {
    let digest = Digest::of(bytes.as_bytes());
    let path = format!("/v2/{repository}/blobs/uploads/?digest={digest}");
    registry.tell("POST", &path, &[], bytes).await
}

#[tokio::test]
async fn a_namespace_is_not_filled_beyond_its_bytes() {
    let registry = small(10, 100);
    assert!(upload(&registry, "acme/deck", "five5").await.starts_with("201"));
    // The same again takes no room, in another repository it does.
    assert!(upload(&registry, "acme/deck", "five5").await.starts_with("201"));
    assert!(upload(&registry, "acme/other", "five5").await.starts_with("201"));
    insta::assert_snapshot!(upload(&registry, "acme/deck", "6").await, @r#"
    403
    content-type: application/json
    content-length: 137
    {"errors":[{"code":"DENIED","message":"The namespace `acme` has no room left: delete versions that nobody needs, or ask the operator."}]}
    "#);
    // A mount that finds no room is an upload like any other.
    let five = Digest::of(b"five5");
    let mount = format!("/v2/acme/third/blobs/uploads/?mount={five}&from=acme/deck");
    assert!(registry.tell("POST", &mount, &[], "").await.starts_with("202"));
    let path = format!("/v2/acme/other/blobs/{five}");
    assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 202);
    assert!(upload(&registry, "acme/deck", "6").await.starts_with("201"));
    assert_eq!(registry.unfinished(), 0);
}

#[tokio::test]
async fn a_namespace_is_not_filled_beyond_its_manifests() {
    let registry = small(1 << 20, 2);
    let (first, _) = registry.manifest("one", json!({})).await;
    // The same again, under another tag.
    assert_eq!(registry.manifest("two", json!({})).await.1.status(), 201);
    assert_eq!(
        registry
            .manifest("three", json!({"annotations": {"a": "b"}}))
            .await
            .1
            .status(),
        201
    );
    let (_, full) = registry.manifest("four", json!({"annotations": {"a": "c"}})).await;
    insta::assert_snapshot!(told(full).await, @r#"
    403
    content-type: application/json
    content-length: 137
    {"errors":[{"code":"DENIED","message":"The namespace `acme` has no room left: delete versions that nobody needs, or ask the operator."}]}
    "#);
    let path = format!("/v2/acme/deck/manifests/{first}");
    assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 202);
    assert_eq!(
        registry
            .manifest("four", json!({"annotations": {"a": "c"}}))
            .await
            .1
            .status(),
        201
    );
}

/// What is there counts after a start as before it.
#[tokio::test]
async fn a_namespace_is_counted_again_after_a_start() {
    let registry = small(10, 100);
    assert!(upload(&registry, "acme/deck", "nine bytes").await.starts_with("201"));
    let limits = RegistryLimits {
        namespace_bytes: 10,
        ..RegistryLimits::default()
    };
    let again = Registry::over(registry.folder, limits);
    assert!(upload(&again, "acme/deck", "6").await.starts_with("403"));
}

/// Every blob in a repository as if nobody had needed it for two days.
fn age(registry: &Registry, repository: &str) {
    let blobs = registry
        .folder
        .path()
        .join("repositories")
        .join(repository)
        .join("blobs");
    for entry in std::fs::read_dir(blobs).unwrap() {
        // A sweep that goes on meanwhile may have been faster.
        if let Ok(file) = File::open(entry.unwrap().path()) {
            file.set_modified(SystemTime::now() - 2 * DAY).unwrap();
        }
    }
}

fn sweep(registry: &Registry) -> usize {
    registry.store.sweep(DAY).unwrap()
}

#[tokio::test]
async fn only_what_no_manifest_names_is_removed() {
    let registry = Registry::with(RegistryLimits::default());
    let (manifest, _) = registry.manifest("1.0.0", json!({})).await;
    let loose = registry.blob("loose").await;
    assert_eq!(sweep(&registry), 0, "what was pushed just now is left alone");
    age(&registry, "acme/deck");
    assert_eq!(sweep(&registry), 1);
    assert!(
        registry
            .tell("GET", &format!("/v2/acme/deck/blobs/{loose}"), &[], "")
            .await
            .starts_with("404")
    );
    let layer = Digest::of(b"layer");
    assert!(
        registry
            .tell("GET", &format!("/v2/acme/deck/blobs/{layer}"), &[], "")
            .await
            .starts_with("200")
    );
    // Without its manifest, the layer goes too, and the config with it.
    let path = format!("/v2/acme/deck/manifests/{manifest}");
    assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 202);
    assert_eq!(sweep(&registry), 2);
}

/// Each of these says that somebody is about to name the blob.
#[tokio::test]
async fn a_blob_that_somebody_relies_on_is_left_alone() {
    let registry = Registry::with(RegistryLimits::default());
    let blob = registry.blob("loose").await;
    let asked = format!("/v2/acme/deck/blobs/{blob}");
    age(&registry, "acme/deck");
    assert_eq!(registry.ask("HEAD", &asked, &[], "").await.status(), 200);
    assert_eq!(sweep(&registry), 0, "a client asked whether it is there");
    age(&registry, "acme/deck");
    assert_eq!(registry.blob("loose").await, blob);
    assert_eq!(sweep(&registry), 0, "a client pushed it again");
    age(&registry, "acme/deck");
    let mount = format!("/v2/acme/other/blobs/uploads/?mount={blob}&from=acme/deck");
    assert_eq!(registry.ask("POST", &mount, &[], "").await.status(), 201);
    assert_eq!(sweep(&registry), 0, "a client mounted it");
    age(&registry, "acme/deck");
    assert_eq!(registry.ask("GET", &asked, &[], "").await.status(), 200);
    assert_eq!(sweep(&registry), 2, "who reads it does not rely on it: both copies go");
}

#[tokio::test]
async fn a_damaged_manifest_keeps_its_repository() {
    let registry = Registry::with(RegistryLimits::default());
    let (manifest, _) = registry.manifest("1.0.0", json!({})).await;
    registry.blob("loose").await;
    age(&registry, "acme/deck");
    let file = registry
        .folder
        .path()
        .join("repositories/acme/deck/manifests")
        .join(manifest.hex());
    std::fs::write(file, "damaged").unwrap();
    assert_eq!(sweep(&registry), 0);
}

/// Pushes and sweeps at once: whatever a push was told is there, is there when its manifest comes.
#[tokio::test(flavor = "multi_thread")]
async fn no_push_loses_a_blob_to_a_sweep() {
    let registry = Arc::new(Registry::with(RegistryLimits::default()));
    let (digest, _) = registry.manifest("1.0.0", json!({})).await;
    let path = format!("/v2/acme/deck/manifests/{digest}");
    let manifest = registry
        .ask("GET", &path, &[], "")
        .await
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    let pushing = Arc::new(());
    let sweeping = tokio::task::spawn_blocking({
        let (registry, pushing) = (Arc::clone(&registry), Arc::downgrade(&pushing));
        move || {
            while pushing.strong_count() > 0 {
                sweep(&registry);
            }
        }
    });
    for _ in 0..200 {
        assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 202);
        age(&registry, "acme/deck");
        for blob in ["{}", "layer"] {
            let asked = format!("/v2/acme/deck/blobs/{}", Digest::of(blob.as_bytes()));
            if registry.ask("HEAD", &asked, &[], "").await.status() != 200 {
                registry.blob(blob).await;
            }
        }
        let put = registry.ask("PUT", &path, &[("content-type", MANIFEST)], manifest.clone());
        assert_eq!(put.await.status(), 201);
    }
    drop(pushing);
    sweeping.await.unwrap();
}

/// A tag names one manifest or the other, never none, while it moves.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_moves_always_names_something() {
    let registry = Arc::new(Registry::with(RegistryLimits::default()));
    let (first, _) = registry.manifest("latest", json!({})).await;
    let (second, _) = registry.manifest("other", json!({"annotations": {"a": "b"}})).await;
    let moving = tokio::spawn({
        let registry = Arc::clone(&registry);
        async move {
            for _ in 0..50 {
                registry.manifest("latest", json!({"annotations": {"a": "b"}})).await;
                registry.manifest("latest", json!({})).await;
            }
        }
    });
    while !moving.is_finished() {
        let answer = registry.ask("HEAD", "/v2/acme/deck/manifests/latest", &[], "").await;
        assert_eq!(answer.status(), 200);
        let named = answer.headers()["docker-content-digest"].to_str().unwrap().to_owned();
        assert!(
            [first, second].map(|digest| digest.to_string()).contains(&named),
            "{named}"
        );
    }
    moving.await.unwrap();
}
