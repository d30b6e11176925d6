//! Blobs, in pieces and whole.

use super::*;

#[tokio::test]
async fn a_blob_comes_in_chunks() {
    let registry = Registry::new();
    let begun = registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await;
    let upload = location(&begun);
    insta::assert_snapshot!(told(begun).await, @r#"
    202
    location: an upload
    range: 0-0
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "0-4")], "first").await, @r#"
    202
    location: an upload
    range: 0-4
    content-length: 0
    "#);
    // Out of order, too short for its range, and no range at all: nothing of it is acknowledged.
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "9-10")], "xy").await, @r#"
    416
    location: an upload
    range: 0-4
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "5-20")], "xy").await, @r#"
    400
    content-type: application/json
    content-length: 99
    {"errors":[{"code":"SIZE_INVALID","message":"The bytes are not as many as `Content-Range` says."}]}
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "five")], "xy").await, @r#"
    400
    content-type: application/json
    content-length: 110
    {"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"`Content-Range` is `first-last`, both in bytes from 0."}]}
    "#);
    insta::assert_snapshot!(registry.tell("GET", &upload, &[], "").await, @r#"
    204
    location: an upload
    range: 0-4
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[], "second").await, @r#"
    202
    location: an upload
    range: 0-10
    content-length: 0
    "#);
    let digest = Digest::of(b"firstsecondthird");
    let end = format!("{upload}?digest={digest}");
    insta::assert_snapshot!(registry.tell("PUT", &end, &[("content-range", "11-15")], "third").await, @r#"
    201
    location: /v2/acme/deck/blobs/sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    docker-content-digest: sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    content-length: 0
    "#);
    let blob = format!("/v2/acme/deck/blobs/{digest}");
    insta::assert_snapshot!(registry.tell("GET", &blob, &[], "").await, @r#"
    200
    content-type: application/octet-stream
    accept-ranges: bytes
    docker-content-digest: sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    content-length: 16
    firstsecondthird
    "#);
    insta::assert_snapshot!(registry.tell("HEAD", &blob, &[], "").await, @r#"
    200
    content-type: application/octet-stream
    accept-ranges: bytes
    docker-content-digest: sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    content-length: 16
    "#);
    insta::assert_snapshot!(registry.tell("GET", &upload, &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 102
    {"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"There is no such upload here: begin a new one."}]}
    "#);
    assert_eq!(registry.unfinished(), 0);
}

#[tokio::test]
async fn an_upload_that_fails_leaves_nothing_behind() {
    let registry = Registry::new();
    let other = Digest::of(b"other");
    let whole = format!("/v2/acme/deck/blobs/uploads/?digest={other}");
    insta::assert_snapshot!(registry.tell("POST", &whole, &[], "bytes").await, @r#"
    400
    content-type: application/json
    content-length: 262
    {"errors":[{"code":"DIGEST_INVALID","message":"The bytes are those of sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9: send those of sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, or ask for the right digest."}]}
    "#);
    insta::assert_snapshot!(registry.tell("POST", &whole, &[], "b".repeat(65)).await, @r#"
    413
    content-type: application/json
    content-length: 92
    {"errors":[{"code":"SIZE_INVALID","message":"More than the 64 bytes that are taken here."}]}
    "#);
    insta::assert_snapshot!(registry.tell("POST", "/v2/acme/deck/blobs/uploads/?digest=md5:0", &[], "b").await, @r#"
    400
    content-type: application/json
    content-length: 128
    {"errors":[{"code":"DIGEST_INVALID","message":"`md5:0` is not a digest: write `sha256:` and 64 lower-case hexadecimal digits"}]}
    "#);
    let broken = || Body::from_stream(futures_util::stream::iter([Ok(Bytes::from_static(b"by")), Err("gone")]));
    assert_eq!(registry.ask("POST", &whole, &[], broken()).await.status(), 400);
    for method in ["PATCH", "PUT"] {
        let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
        assert_eq!(
            registry
                .ask(method, &format!("{upload}?digest={other}"), &[], broken())
                .await
                .status(),
            400
        );
        assert_eq!(registry.ask("GET", &upload, &[], "").await.status(), 404, "{method}");
    }
    let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
    assert_eq!(registry.ask("PATCH", &upload, &[], "some").await.status(), 202);
    assert_eq!(registry.ask("DELETE", &upload, &[], "").await.status(), 204);
    assert_eq!(registry.unfinished(), 0);
    let blob = format!("/v2/acme/deck/blobs/{other}");
    assert_eq!(registry.ask("HEAD", &blob, &[], "").await.status(), 404);
}

#[tokio::test]
async fn what_was_acknowledged_can_be_continued() {
    let registry = Registry::new();
    let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
    assert_eq!(registry.ask("PATCH", &upload, &[], "first").await.status(), 202);
    let broken = Body::from_stream(futures_util::stream::iter([
        Ok(Bytes::from_static(b"sec")),
        Err("gone"),
    ]));
    assert_eq!(registry.ask("PATCH", &upload, &[], broken).await.status(), 400);
    let status = registry.ask("GET", &upload, &[], "").await;
    assert_eq!(status.headers()["range"], "0-4");
    let end = format!("{upload}?digest={}", Digest::of(b"firstsecond"));
    assert_eq!(
        registry
            .ask("PUT", &end, &[("content-range", "5-10")], "second")
            .await
            .status(),
        201
    );
}

#[tokio::test]
async fn uploads_are_counted_and_belong_to_a_repository() {
    let registry = Registry::new();
    let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
    let elsewhere = upload.replace("/deck/", "/other/");
    assert_eq!(registry.ask("PATCH", &elsewhere, &[], "x").await.status(), 404);
    registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await;
    insta::assert_snapshot!(registry.tell("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await, @r#"
    429
    content-type: application/json
    content-length: 121
    {"errors":[{"code":"TOOMANYREQUESTS","message":"Too many uploads are open: finish or cancel some, or try again later."}]}
    "#);
}

#[tokio::test]
async fn a_blob_is_mounted_only_from_where_it_is() {
    let registry = Registry::new();
    let digest = registry.blob("layer").await;
    let mount = |from: &str| format!("/v2/acme/copy/blobs/uploads/?mount={digest}&from={from}");
    for (from, status) in [("acme/none", 202), ("../..", 202), ("acme/deck", 201)] {
        assert_eq!(
            registry.ask("POST", &mount(from), &[], "").await.status(),
            status,
            "{from}"
        );
    }
    let (copy, original) = (
        format!("/v2/acme/copy/blobs/{digest}"),
        format!("/v2/acme/deck/blobs/{digest}"),
    );
    assert_eq!(registry.ask("DELETE", &original, &[], "").await.status(), 202);
    assert_eq!(registry.ask("DELETE", &original, &[], "").await.status(), 404);
    assert!(registry.tell("GET", &copy, &[], "").await.ends_with("layer"));
}

#[tokio::test]
async fn a_blob_may_be_empty() {
    let registry = Registry::new();
    let begun = registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await;
    let upload = location(&begun);
    assert_eq!(registry.ask("PATCH", &upload, &[], "").await.status(), 202);
    let digest = Digest::of(b"");
    let end = format!("{upload}?digest={digest}");
    assert_eq!(registry.ask("PUT", &end, &[], "").await.status(), 201);
    let blob = format!("/v2/acme/deck/blobs/{digest}");
    assert_eq!(
        registry.ask("GET", &blob, &[], "").await.headers()["content-length"],
        "0"
    );
}

#[tokio::test]
async fn a_part_of_a_blob_can_be_read() {
    let registry = Registry::new();
    let path = format!("/v2/acme/deck/blobs/{}", registry.blob("0123456789").await);
    insta::assert_snapshot!(registry.tell("GET", &path, &[("range", "bytes=2-4")], "").await, @r#"
    206
    content-type: application/octet-stream
    accept-ranges: bytes
    docker-content-digest: sha256:84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882
    content-length: 3
    content-range: bytes 2-4/10
    234
    "#);
    let parts = [
        ("bytes=7-", 206, "789"),
        ("bytes=-3", 206, "789"),
        ("bytes=0-99", 206, "0123456789"),
        ("bytes=-99", 206, "0123456789"),
        ("bytes=10-", 416, ""),
        ("bytes=5-4", 416, ""),
        ("bytes=-0", 416, ""),
        ("bytes=0-1,4-5", 200, "0123456789"),
        ("bytes=x-y", 200, "0123456789"),
        ("lines=1-2", 200, "0123456789"),
    ];
    for (range, status, body) in parts {
        let told = registry.tell("GET", &path, &[("range", range)], "").await;
        assert!(
            told.starts_with(&status.to_string()) && told.ends_with(body),
            "{range}: {told}"
        );
    }
}
