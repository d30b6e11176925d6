//! Manifests, and the lists that lead to them.

use super::*;

#[tokio::test]
async fn a_manifest_is_pushed_read_and_deleted() {
    let registry = Registry::new();
    let (digest, pushed) = registry.manifest("1.0.0", json!({})).await;
    insta::assert_snapshot!(told(pushed).await, @r#"
    201
    location: /v2/acme/deck/manifests/1.0.0
    docker-content-digest: sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6
    oci-tag: 1.0.0
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/manifests/1.0.0", &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.manifest.v1+json
    etag: "sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6"
    docker-content-digest: sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6
    content-length: 357
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[{"mediaType":"text/plain","digest":"sha256:dac1d7cfa95021764849fd102524e141488c5e3a90f861dbb5a12d9ac8584f85","size":5}]}
    "#);
    let path = format!("/v2/acme/deck/manifests/{digest}");
    insta::assert_snapshot!(registry.tell("HEAD", &path, &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.manifest.v1+json
    etag: "sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6"
    docker-content-digest: sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6
    content-length: 357
    "#);
    assert_eq!(
        registry
            .manifest("DIGEST?tag=a&tag=b", json!({}))
            .await
            .1
            .headers()
            .get_all("oci-tag")
            .iter()
            .count(),
        2
    );
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list", &[], "").await, @r#"
    200
    content-type: application/json
    content-length: 45
    {"name":"acme/deck","tags":["1.0.0","a","b"]}
    "#);
    assert_eq!(
        registry
            .ask("DELETE", "/v2/acme/deck/manifests/a", &[], "")
            .await
            .status(),
        202
    );
    assert_eq!(registry.ask("GET", &path, &[], "").await.status(), 200);
    assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 202);
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/manifests/b", &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 90
    {"errors":[{"code":"MANIFEST_UNKNOWN","message":"This repository has no such manifest."}]}
    "#);
    assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 404);
}

#[tokio::test]
async fn a_manifest_that_cannot_be_whole_is_refused() {
    let registry = Registry::new();
    let missing = json!({"layers": [{"mediaType": "text/plain", "digest": Digest::of(b"missing"), "size": 7}]});
    insta::assert_snapshot!(told(registry.manifest("1", missing).await.1).await, @r#"
    400
    content-type: application/json
    content-length: 201
    {"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"The manifest names sha256:ffa63583dfa6706b87d284b86b0d693a161e4840aad2c5cf6b5d27c3b9621f7d, which this repository does not have: push it first."}]}
    "#);
    let refused = [
        ("an index too", json!({"manifests": []}), "1", 400),
        ("version 1", json!({"schemaVersion": 1}), "1", 400),
        ("another type", json!({"mediaType": INDEX}), "1", 400),
        (
            "sha1",
            json!({"layers": [{"mediaType": "a/b", "digest": "sha1:00", "size": 7}]}),
            "1",
            400,
        ),
        ("too large", json!({"annotations": {"a": "a".repeat(1024)}}), "1", 413),
        (
            "another digest",
            json!({}),
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            400,
        ),
        ("no tag", json!({}), ".hidden", 400),
    ];
    for (what, extra, reference, status) in refused {
        assert_eq!(registry.manifest(reference, extra).await.1.status(), status, "{what}");
    }
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list", &[], "").await, @r#"
    200
    content-type: application/json
    content-length: 30
    {"name":"acme/deck","tags":[]}
    "#);
    // Layers that may not be distributed, and manifests that come later, need not be there.
    let elsewhere = json!({"layers": [{"mediaType": "a/b", "digest": Digest::of(b"x"), "size": 1, "urls": ["u"]}]});
    assert_eq!(registry.manifest("1", elsewhere).await.1.status(), 201);
    let sparse =
        json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": Digest::of(b"x"), "size": 1}]});
    let put = registry.ask(
        "PUT",
        "/v2/acme/deck/manifests/sparse",
        &[("content-type", INDEX)],
        sparse.to_string(),
    );
    assert_eq!(put.await.status(), 201);
}

#[tokio::test]
async fn referrers_are_listed_with_and_without_their_subject() {
    let registry = Registry::new();
    let subject = Digest::of(b"pushed later");
    let path = format!("/v2/acme/deck/referrers/{subject}");
    assert!(registry.tell("GET", &path, &[], "").await.contains(r#""manifests":[]"#));
    let refers = json!({
        "artifactType": "a/signature",
        "subject": {"mediaType": MANIFEST, "digest": subject, "size": 1},
        "annotations": {"k": "v"},
    });
    let (digest, pushed) = registry.manifest("DIGEST", refers).await;
    assert_eq!(pushed.headers()["oci-subject"], subject.to_string());
    insta::assert_snapshot!(registry.tell("GET", &path, &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.index.v1+json
    content-length: 293
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:11bc6e89659a0471d3e63eaa4a7aed98e161c324e80ea409ab0dc108fdee61a0","size":571,"artifactType":"a/signature","annotations":{"k":"v"}}]}
    "#);
    insta::assert_snapshot!(registry.tell("GET", &format!("{path}?artifactType=a/other"), &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.index.v1+json
    oci-filters-applied: artifactType
    content-length: 88
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}
    "#);
    assert!(
        registry
            .tell("GET", &format!("{path}?artifactType=a/signature"), &[], "")
            .await
            .contains("a/signature")
    );
    assert_eq!(
        registry
            .ask("GET", "/v2/acme/deck/referrers/sha256:0", &[], "")
            .await
            .status(),
        400
    );
    registry
        .ask("DELETE", &format!("/v2/acme/deck/manifests/{digest}"), &[], "")
        .await;
    assert!(registry.tell("GET", &path, &[], "").await.contains(r#""manifests":[]"#));
}

#[tokio::test]
async fn tags_come_in_pages() {
    let registry = Registry::new();
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list", &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 81
    {"errors":[{"code":"NAME_UNKNOWN","message":"There is no such repository yet."}]}
    "#);
    for tag in ["b", "a", "C", "d"] {
        registry.manifest(tag, json!({})).await;
    }
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list?n=2", &[], "").await, @r#"
    200
    content-type: application/json
    link: </v2/acme/deck/tags/list?n=2&last=a>; rel="next"
    content-length: 37
    {"name":"acme/deck","tags":["C","a"]}
    "#);
    for (query, tags) in [
        ("n=0", "[]"),
        ("last=a", r#"["b","d"]"#),
        ("n=9&last=b", r#"["d"]"#),
        ("last=z", "[]"),
    ] {
        let told = registry
            .tell("GET", &format!("/v2/acme/deck/tags/list?{query}"), &[], "")
            .await;
        assert!(told.ends_with(&format!(r#""tags":{tags}}}"#)), "{query}: {told}");
        assert!(!told.contains("link:"), "{query}: {told}");
    }
    assert_eq!(
        registry
            .ask("GET", "/v2/acme/deck/tags/list?n=x", &[], "")
            .await
            .status(),
        400
    );
}

#[tokio::test]
async fn a_damaged_manifest_is_not_served() {
    let registry = Registry::new();
    let (digest, _) = registry.manifest("1.0.0", json!({})).await;
    let file = registry
        .folder
        .path()
        .join("repositories/acme/deck/manifests")
        .join(digest.hex());
    let mut content = std::fs::read(&file).unwrap();
    *content.last_mut().unwrap() = b' ';
    std::fs::write(&file, content).unwrap();
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/manifests/1.0.0", &[], "").await, @r#"
    500
    content-type: application/json
    content-length: 97
    {"errors":[{"code":"UNKNOWN","message":"The registry cannot use its folder: ask its operator."}]}
    "#);
}

/// A client that has the bytes is told so, however it spells their mark.
#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    let registry = Registry::new();
    let (digest, _) = registry.manifest("1.0.0", json!({})).await;
    for (known, status) in [
        (format!("\"{digest}\""), "304"),
        (format!("\"other\", W/\"{digest}\""), "304"),
        ("*".to_owned(), "304"),
        (digest.to_string(), "200"),
        ("\"other\"".to_owned(), "200"),
    ] {
        for method in ["GET", "HEAD"] {
            let headers = [("if-none-match", known.as_str())];
            let answer = registry.tell(method, "/v2/acme/deck/manifests/1.0.0", &headers, "");
            assert!(answer.await.starts_with(status), "{method} {known}");
        }
    }
    let known = format!("\"{digest}\"");
    let headers = [("if-none-match", known.as_str())];
    let answer = registry.tell("HEAD", "/v2/acme/deck/manifests/1.0.0", &headers, "");
    insta::assert_snapshot!(answer.await, @r#"
    304
    etag: "sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6"
    docker-content-digest: sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6
    content-length: 0
    "#);
}
