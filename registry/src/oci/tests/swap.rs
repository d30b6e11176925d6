//! Row B10: the right name for the wrong bytes.

use http::HeaderName;

use super::*;

const SAID: HeaderName = HeaderName::from_static("docker-content-digest");

#[tokio::test]
async fn b10_other_bytes_under_a_digest_are_refused_at_every_step() {
    let mut told = String::new();
    // A list of signatures has no digest that anybody knows: it is a hint.
    for step in Step::PULL.into_iter().filter(|step| *step != Step::Referrers) {
        let mut registry = honest();
        let content = registry.artifact().content(step);
        let said = support::evil::digest(&content.bytes);
        // A space more changes no document, only the bytes.
        let other = Bytes::from([&content.bytes, &b" "[..]].concat()).slice(1..);
        registry.at(step, move |_| answer::ok(content.media_type, &other).with(SAID, &said));
        let running = listen(registry).await;
        told.push_str(&format!("{step:?}: {}\n", code(&running).await));
    }
    insta::assert_snapshot!(told, @r"
    Manifest: digest-mismatch
    Config: digest-mismatch
    Component: digest-mismatch
    Signature: digest-mismatch
    Bundle: digest-mismatch
    ");
}

/// What a registry says of a manifest must be its digest; where it says nothing, the digest is computed all the same.
#[tokio::test]
async fn b10_a_header_is_never_the_digest() {
    let says: [(&str, Option<&str>); 5] = [
        ("nothing", None),
        (
            "another",
            Some("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ),
        ("SHA-1", Some("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709")),
        ("no digest", Some("latest")),
        ("an empty one", Some("")),
    ];
    let mut told = String::new();
    for (what, said) in says {
        let mut registry = honest();
        let content = registry.artifact().content(Step::Manifest);
        registry.at(Step::Manifest, move |_| {
            let honest = answer::document(&content);
            said.map_or_else(|| answer::document(&content), |said| honest.with(SAID, said))
        });
        told.push_str(&format!("{what}: {}\n", code(&listen(registry).await).await));
    }
    insta::assert_snapshot!(told, @r"
    nothing: pulled
    another: digest-mismatch
    SHA-1: digest-mismatch
    no digest: digest-mismatch
    an empty one: digest-mismatch
    ");
}

/// Whatever other algorithm a manifest names a part by, that part is not fetched.
#[tokio::test]
async fn b10_only_sha256_names_a_part() {
    for digest in [
        "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "",
    ] {
        for place in ["/config/digest", "/layers/0/digest"] {
            let mut registry = honest();
            let manifest = document::edited(&registry.artifact().manifest, place, digest.into());
            registry.at(Step::Manifest, move |_| answer::ok(MANIFEST, &manifest));
            let running = listen(registry).await;
            assert_eq!(code(&running).await, "artifact-malformed", "{place} {digest}");
            assert_eq!(running.seen().len(), 1, "{place} {digest}");
        }
    }
}

/// A tag is asked once for each pull, and everything else by its digest.
#[tokio::test]
async fn b10_a_tag_that_moves_during_a_pull_mixes_nothing() {
    let mut registry = honest();
    let content = registry.artifact().content(Step::Manifest);
    let other = document::edited(&content.bytes, "/annotations/moved", "yes".into());
    registry.at(Step::Manifest, move |asked| match asked.nth {
        0 => answer::document(&content),
        _ => answer::ok(MANIFEST, &other),
    });
    let digest = Digest::of(&registry.artifact().manifest);
    let running = listen(registry).await;
    let client = Client::new(settings(&running));
    assert_eq!(client.pull(&reference(&running)).await.unwrap().digest(), digest);
    let tags = running
        .seen()
        .iter()
        .filter(|seen| seen.path.ends_with("/manifests/1.0.0"))
        .count();
    assert_eq!(tags, 1);
    // What was found once is asked for by its digest from then on, and comes however the tag moved.
    let pinned = reference(&running).with_digest(digest);
    assert_eq!(client.pull(&pinned).await.unwrap().digest(), digest);
}

/// The second request for the same digest brings another manifest.
#[tokio::test]
async fn b10_a_second_answer_is_hashed_like_the_first() {
    let mut registry = honest();
    let content = registry.artifact().content(Step::Manifest);
    let other = document::edited(&content.bytes, "/annotations/second", "yes".into());
    let digest = Digest::of(&content.bytes);
    registry.set(&registry.artifact().at(&content.bytes), move |asked| match asked.nth {
        0 => answer::document(&content),
        _ => answer::ok(MANIFEST, &other),
    });
    let running = listen(registry).await;
    let (client, pinned) = (Client::new(settings(&running)), reference(&running).with_digest(digest));
    assert!(client.pull(&pinned).await.is_ok());
    assert_eq!(client.pull(&pinned).await.unwrap_err().code(), Code::DigestMismatch);
}

async fn code(running: &Running) -> String {
    match pull_with(running, settings(running)).await {
        Ok(_) => "pulled".to_owned(),
        Err(error) => error.code().to_string(),
    }
}
