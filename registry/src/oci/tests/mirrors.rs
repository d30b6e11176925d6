//! Mirrors, good ones and others.

use super::*;

/// The origin, and settings that name these mirrors of it.
fn mirrored(origin: &Running, mirrors: &[&Running]) -> ClientSettings {
    let mirror = |mirror: &&Running| Mirror {
        registry: origin.host(),
        place: format!("{}/copies", mirror.host()),
    };
    ClientSettings {
        mirrors: mirrors.iter().map(mirror).collect(),
        ..settings(origin)
    }
}

/// What a mirror keeps, below a path of its own.
fn copy() -> Registry {
    Registry::honest(Artifact {
        repository: "copies/acme/deck".to_owned(),
        ..artifact()
    })
}

fn paths(running: &Running) -> Vec<String> {
    running.seen().into_iter().map(|seen| seen.path).collect()
}

#[tokio::test]
async fn a_tag_is_asked_of_the_registry_and_the_rest_of_its_mirror() {
    let (origin, mirror) = (listen(honest()).await, listen(copy()).await);
    let pulled = pull_with(&origin, mirrored(&origin, &[&mirror])).await.unwrap();
    assert_eq!(
        (pulled.bundles().len(), pulled.asked().to_string()),
        (1, "acme/deck".to_owned())
    );
    assert_eq!(paths(&origin), ["/v2/acme/deck/manifests/1.0.0"]);
    assert_eq!(mirror.seen().len(), 6);
    assert!(
        paths(&mirror).iter().all(|path| path.contains("sha256:")),
        "{:?}",
        paths(&mirror)
    );
    // By digest, the registry itself is not even asked.
    let (origin, digest) = (listen(honest()).await, pulled.digest());
    let client = Client::new(mirrored(&origin, &[&mirror]));
    assert!(client.pull(&reference(&origin).with_digest(digest)).await.is_ok());
    assert_eq!(origin.connections(), 0);
}

/// Whatever a mirror does, the next place is asked, and its bytes count only if they are those of the digest.
#[tokio::test]
async fn a_mirror_that_does_not_serve_is_passed_over() {
    type Edit = fn(&mut Registry);
    let edits: [(&str, Edit); 8] = [
        ("has nothing", |mirror| {
            let manifest = mirror.artifact().manifest.clone();
            mirror.set(&mirror.artifact().at(&manifest), |_| answer::status(404, &[]));
        }),
        ("is busy", |mirror| {
            mirror.at(Step::Config, |_| answer::status(503, &[]))
        }),
        ("wants a login", |mirror| mirror.guard("Basic", "Basic realm=\"r\"")),
        ("stalls", |mirror| {
            mirror.at(Step::Component, |_| answer::stall("application/wasm"))
        }),
        ("resets", |mirror| mirror.at(Step::Bundle, |_| Answer::Reset(None))),
        ("has another component", |mirror| {
            mirror.at(Step::Component, |_| {
                answer::ok("application/wasm", &Bytes::from(vec![0; 151]))
            });
        }),
        ("has no signatures", |mirror| {
            mirror.at(Step::Referrers, |_| answer::ok(INDEX, &document::index([])));
        }),
        ("redirects inside", |mirror| {
            mirror.at(Step::Component, |_| answer::redirect("http://10.0.0.1/"))
        }),
    ];
    for (what, edit) in edits {
        let (origin, second) = (listen(honest()).await, listen(copy()).await);
        let mut first = copy();
        edit(&mut first);
        let first = listen(first).await;
        let patience = if what == "stalls" { impatient } else { settings };
        let settings = |mirrors: &[&Running]| ClientSettings {
            mirrors: mirrored(&origin, mirrors).mirrors,
            ..patience(&origin)
        };
        let pulled = pull_with(&origin, settings(&[&first, &second])).await.unwrap();
        assert_eq!((pulled.bundles().len(), second.seen().len()), (1, 6), "{what}");
        assert!(first.seen().iter().all(|seen| seen.authorization.is_empty()), "{what}");
        // With no second mirror, the registry itself is the last place.
        let pulled = pull_with(&origin, settings(&[&first])).await.unwrap();
        assert_eq!(pulled.bundles().len(), 1, "{what}");
    }
}

#[tokio::test]
async fn where_nobody_serves_the_registry_says_why() {
    let mut origin = honest();
    origin.set(&origin.artifact().at(&origin.artifact().manifest), |_| {
        answer::status(403, &[])
    });
    let origin = listen(origin).await;
    let mut mirror = copy();
    mirror.at(Step::Config, |_| answer::status(503, &[]));
    let mirror = listen(mirror).await;
    let refused = pull_with(&origin, mirrored(&origin, &[&mirror])).await.unwrap_err();
    assert_eq!(refused.code(), Code::RegistryRefused);
}
