//! Tags that are asked again and again.

use http::header::ETAG;

use super::*;

const SAID: http::HeaderName = http::HeaderName::from_static("docker-content-digest");

/// A tag with a mark, which the registry knows again until the tag moves at the fourth request.
#[tokio::test]
async fn a_tag_is_told_again_only_when_it_moved() {
    let mut registry = honest();
    let content = registry.artifact().content(Step::Manifest);
    let (first, second) = (Digest::of(&content.bytes), Digest::of(b"second"));
    registry.at(Step::Manifest, move |asked| {
        assert_eq!(asked.method, "HEAD");
        let (mark, digest) = if asked.nth < 3 {
            ("\"1\"", first)
        } else {
            ("W/\"2\"", second)
        };
        if asked.header("if-none-match") == mark {
            return answer::status(304, &[(ETAG, mark)]);
        }
        answer::document(&content)
            .with(ETAG, mark)
            .with(SAID, &digest.to_string())
    });
    let running = listen(registry).await;
    let (client, tag) = (Client::new(settings(&running)), reference(&running));
    let known = client.resolve_tag(&tag, None).await.unwrap().unwrap();
    assert_eq!(known.digest, first);
    for _ in 0..2 {
        assert_eq!(client.resolve_tag(&tag, known.etag.as_ref()).await.unwrap(), None);
    }
    let moved = client.resolve_tag(&tag, known.etag.as_ref()).await.unwrap().unwrap();
    assert_eq!(moved.digest, second);
    assert_eq!(client.resolve_tag(&tag, moved.etag.as_ref()).await.unwrap(), None);
}

/// Where a registry says no digest that can be used, the bytes say it; what is no manifest has none.
#[tokio::test]
async fn a_tag_is_resolved_by_its_bytes_where_nothing_is_said() {
    type Say = fn(Answer) -> Answer;
    let says: [(&str, Say); 5] = [
        ("nothing", |answer| answer),
        ("SHA-1", |answer| {
            answer.with(SAID, "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709")
        }),
        ("no mark", |answer| answer.with(ETAG, "unquoted")),
        ("a list", |answer| answer.with(http::header::CONTENT_TYPE, INDEX)),
        ("unchanged, unasked", |_| answer::status(304, &[])),
    ];
    let mut told = String::new();
    for (what, say) in says {
        let mut registry = honest();
        let content = registry.artifact().content(Step::Manifest);
        let digest = Digest::of(&content.bytes);
        registry.at(Step::Manifest, move |_| say(answer::document(&content)));
        let running = listen(registry).await;
        let resolved = Client::new(settings(&running))
            .resolve_tag(&reference(&running), None)
            .await;
        let outcome = match resolved {
            Ok(resolved) => {
                assert_eq!(resolved, Some(Resolved { digest, etag: None }), "{what}");
                "resolved".to_owned()
            }
            Err(error) => format!("{}: {}", error.code(), error.told().replace(&running.host(), "HOST")),
        };
        told.push_str(&format!("{what}: {outcome}\n"));
    }
    insta::assert_snapshot!(told, @r"
    nothing: resolved
    SHA-1: digest-mismatch: The bytes that came for `1.0.0` are those of sha256:c251eb1d3548d4189ff71db1e778d8079988aea51e95aacf5236eb815cda4e24: they are not used.
    no mark: resolved
    a list: media-type-wrong: The manifest is called `application/vnd.oci.image.index.v1+json`, not `application/vnd.oci.image.manifest.v1+json`.
    unchanged, unasked: registry-misbehaved: The registry `HOST` answered 304 Not Modified: ask who runs it.
    ");
}

/// What `HEAD` says is a hint: the bytes that `GET` brings for that digest must be its own.
#[tokio::test]
async fn b10_head_and_get_that_disagree_bring_nothing() {
    let mut registry = honest();
    let content = registry.artifact().content(Step::Manifest);
    let promised = Digest::of(b"another");
    let other = content.clone();
    registry.at(Step::Manifest, move |asked| {
        let honest = answer::document(&content);
        if asked.method == "HEAD" {
            honest.with(SAID, &promised.to_string())
        } else {
            honest
        }
    });
    registry.set(&format!("/v2/acme/deck/manifests/{promised}"), move |_| {
        answer::document(&other)
    });
    let running = listen(registry).await;
    let client = Client::new(settings(&running));
    let resolved = client.resolve_tag(&reference(&running), None).await.unwrap().unwrap();
    assert_eq!(resolved.digest, promised);
    let refused = client
        .pull(&reference(&running).with_digest(resolved.digest))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::DigestMismatch);
}

#[tokio::test]
async fn tags_are_listed_page_by_page_and_bounded() {
    type List = fn(usize) -> Answer;
    let lists: [(&str, List); 6] = [
        ("two pages", |nth| match nth {
            0 => answer::ok("application/json", &tags(r#"["1.0.0", "../x", "", "a b"]"#))
                .with(http::header::LINK, "</v2/acme/deck/tags/list?last=1.0.0>; rel=\"next\""),
            _ => answer::ok("application/json", &tags(r#"["1.1.0", "sha256-00", "1.0.0"]"#)),
        }),
        ("none", |_| answer::ok("application/json", &tags("null"))),
        ("a circle", |_| {
            let page = answer::ok("application/json", &tags("[]"));
            page.with(http::header::LINK, "<?again>; rel=\"next\"")
        }),
        ("a page elsewhere", |_| {
            let page = answer::ok("application/json", &tags("[]"));
            page.with(http::header::LINK, "<http://127.0.0.1:1/>; rel=\"next\"")
        }),
        ("endless", |_| answer::endless("application/json")),
        ("no list", |_| {
            answer::ok("application/json", &Bytes::from_static(b"{\"tags\": 1}"))
        }),
    ];
    let mut told = String::new();
    for (what, list) in lists {
        let mut registry = honest();
        registry.set("/v2/acme/deck/tags/list", move |asked| list(asked.nth));
        let running = listen(registry).await;
        let listed = Client::new(settings(&running)).tags(&reference(&running)).await;
        let outcome = match listed {
            Ok(tags) => format!("{tags:?}"),
            Err(error) => format!("{}: {}", error.code(), error.told().replace(&running.host(), "HOST")),
        };
        told.push_str(&format!("{what}: {outcome}, {} requests\n", running.seen().len()));
    }
    insta::assert_snapshot!(told, @r#"
    two pages: ["1.0.0", "1.1.0"], 2 requests
    none: [], 1 requests
    a circle: artifact-too-large: The repository has more than 10 pages of tags: delete those that are old., 10 requests
    a page elsewhere: registry-misbehaved: The registry `HOST` names a next page that cannot be read: ask who runs it., 1 requests
    endless: artifact-too-large: The registry `HOST` sends more than the 1048576 bytes that are read., 1 requests
    no list: registry-misbehaved: The registry `HOST` sends a list of tags that cannot be read: ask who runs it., 1 requests
    "#);
}

fn tags(tags: &str) -> Bytes {
    format!("{{\"name\": \"acme/deck\", \"tags\": {tags}}}").into()
}
