//! References, as people write them.

use super::*;

const HEX: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

#[test]
fn a_reference_names_a_skill_in_a_registry() {
    let cases = [
        ("127.0.0.1:7420/acme/deck", "127.0.0.1:7420", "acme/deck", None, false),
        (
            "localhost/acme/deck:1.2.3",
            "localhost",
            "acme/deck",
            Some("1.2.3"),
            false,
        ),
        (
            "ghcr.io/team/skills/acme/deck:latest",
            "ghcr.io",
            "acme/deck",
            Some("latest"),
            false,
        ),
        (
            "r.example.com/acme/deck:1@sha256:HEX",
            "r.example.com",
            "acme/deck",
            Some("1"),
            true,
        ),
        (
            "r.example.com/acme/deck@sha256:HEX",
            "r.example.com",
            "acme/deck",
            None,
            true,
        ),
    ];
    for (text, host, name, tag, digest) in cases {
        let text = text.replace("HEX", HEX);
        let reference: Reference = text.parse().unwrap();
        assert_eq!(reference.host(), host);
        assert_eq!(reference.name().to_string(), name);
        assert_eq!((reference.tag(), reference.digest().is_some()), (tag, digest), "{text}");
        assert_eq!(reference.to_string(), text);
    }
}

#[test]
fn what_cannot_name_a_skill_is_refused_with_a_sentence() {
    let cases = [
        "",
        "acme/deck",
        "acme/deck:1.0.0",
        "r.example.com/deck",
        "r.example.com/acme/Deck",
        "r.example.com/acme/de_ck",
        "r.example.com/acme/deck@sha1:00",
        "https://r.example.com/acme/deck",
        "user@r.example.com/acme/deck",
        "r.example.com/acme/../deck",
        "r.example.com/acme/deck:a/b",
        "r.example.com/acme/deck\n:1",
    ];
    for text in cases {
        let refused = text.parse::<Reference>().unwrap_err();
        assert_eq!(refused.code(), Code::ReferenceMalformed, "{text}");
    }
    let refused = "acme/deck:1.0.0".parse::<Reference>().unwrap_err();
    insta::assert_snapshot!(refused, @"`acme/deck:1.0.0` is not a reference (the registry's host comes first): write `host[:port]/namespace/name[:tag][@sha256:digest]`.");
}

#[test]
fn the_digest_is_asked_for_before_the_tag() {
    let reference: Reference = "r.example.com/acme/deck".parse().unwrap();
    assert_eq!(reference.wanted(), "latest");
    let tagged = reference.with_tag("1.0.0").unwrap();
    assert_eq!(tagged.wanted(), "1.0.0");
    let digest = Digest::of(b"{}");
    assert_eq!(tagged.with_digest(digest).wanted(), digest.to_string());
    assert_eq!(
        reference.with_tag("no tag").unwrap_err().code(),
        Code::ReferenceMalformed
    );
}
