//! Paths that climb, in every spelling, and a property: what is accepted is what every reader reads.

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::rule::RuleSettings;

fn rule() -> Rule {
    Rule::new(RuleSettings::new("test", "https://api.example.test/rest/v1/")).unwrap()
}

#[test]
fn a_path_is_spelled_in_one_way() {
    let cases = [
        ("", "/rest/v1"),
        ("?a=b", "/rest/v1?a=b"),
        ("/", "/rest/v1/"),
        ("/a/b.c/d..e/", "/rest/v1/a/b.c/d..e/"),
        ("/%61%2D%7e%c3%a9%25", "/rest/v1/a-~%C3%A9%25"),
        ("/a;b=c,d:@!$&'()*+", "/rest/v1/a;b=c,d:@!$&'()*+"),
        ("/a?b=/../%2e%2e//\\|{}[]^`", "/rest/v1/a?b=/../%2e%2e//\\|{}[]^`"),
        ("/a?", "/rest/v1/a?"),
        ("/x@evil.test:80/y", "/rest/v1/x@evil.test:80/y"),
        ("/%20%22", "/rest/v1/%20%22"),
    ];
    for (asked, sent) in cases {
        let target = rule().below(asked).unwrap();
        assert_eq!(target.url(), format!("https://api.example.test{sent}"), "{asked}");
        assert_eq!(rule().at(&target.url()).unwrap(), target, "{asked}");
    }
}

#[test]
fn a_path_that_could_climb_is_refused() {
    let (climbs, broken) = (Code::PathNotAllowed, Code::TargetMalformed);
    let cases = [
        ("/..", climbs),
        ("/.", climbs),
        ("/../admin", climbs),
        ("/a/../../admin", climbs),
        ("/a/./b", climbs),
        ("/%2e%2e/admin", climbs),
        ("/%2E./admin", climbs),
        ("/.%2e/admin", climbs),
        ("/..;/admin", climbs),
        ("/..;a=b/admin", climbs),
        ("/%2e%2e%3b/admin", climbs),
        ("/..%20/admin", climbs),
        ("/...", climbs),
        ("/%252e%252e/admin", climbs),
        ("/%25252e%25252e/admin", climbs),
        ("/%2525252525252e/admin", climbs),
        ("/%c0%ae%c0%ae/admin", climbs),
        ("/%e0%80%ae/admin", climbs),
        ("/..%2fadmin", climbs),
        ("/a%2fb", climbs),
        ("/a%252fb", climbs),
        ("/a%5cb", climbs),
        ("/..%5cadmin", climbs),
        ("/%255c..%255c", climbs),
        ("//admin", climbs),
        ("/a//b", climbs),
        ("//evil.test/", climbs),
        ("/a%00b", climbs),
        ("/a%0d%0ahost:%20evil", climbs),
        ("/a%7f", climbs),
        ("/a%ff", climbs),
        ("/a%", broken),
        ("/a%4", broken),
        ("/a%zz", broken),
        ("/a%u002e", broken),
        ("/a b", broken),
        ("/a\\..\\b", broken),
        ("/a\r\nhost: evil", broken),
        ("/a\0", broken),
        ("/é", broken),
        ("/a#b", broken),
        ("/a?b#c", broken),
        ("/a?b c", broken),
        ("/a?b\r\nc", broken),
        ("/a?é", broken),
        ("/<script>", broken),
        ("a", broken),
        ("@evil.test/", broken),
        (":80/", broken),
        (".evil.test/", broken),
        ("https://evil.test/", broken),
    ];
    for (asked, code) in cases {
        assert_eq!(rule().below(asked).unwrap_err().code(), code, "{asked}");
    }
}

#[test]
fn an_encoded_slash_is_a_binding_s_choice_and_climbs_no_more_for_it() {
    let mut settings = RuleSettings::new("test", "https://api.example.test/rest/v1/");
    settings.encoded_slashes = true;
    let rule = Rule::new(settings).unwrap();
    let target = rule.below("/projects/group%2fproject").unwrap();
    assert_eq!(target.path(), "/rest/v1/projects/group%2Fproject");
    for asked in [
        "/..%2fadmin",
        "/a%2f..%2f..%2fadmin",
        "/a%5c..%5cb",
        "/a%252f%252e%252e%252fb",
        "/%2e%2e%2f",
    ] {
        assert_eq!(rule.below(asked).unwrap_err().code(), Code::PathNotAllowed, "{asked}");
    }
}

/// Pieces from which tricks are made.
const PIECES: &[&str] = &[
    "https://",
    "http://",
    "api.example.test",
    "evil.test",
    "127.0.0.1",
    "[::1]",
    "①",
    "%61",
    "/rest/v1",
    "/",
    "//",
    "\\",
    "..",
    ".",
    "%2e",
    "%252e",
    "%2f",
    "%5c",
    ";",
    "@",
    ":",
    ":443",
    ":80",
    "?",
    "#",
    "%",
    "a",
    "x=y",
    "\t",
    "\r\n",
    " ",
    "\u{ad}",
    "\u{200d}",
    "。",
    "é",
    "%00",
    "localhost",
    "0x7f.1",
];

fn spelling() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => proptest::sample::select(PIECES).prop_map(str::to_owned), 1 => ".{0,3}"];
    let pieces = proptest::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat());
    let begun = pieces
        .clone()
        .prop_map(|rest| format!("https://api.example.test/rest/v1{rest}"));
    prop_oneof![1 => pieces, 3 => begun]
}

/// Two readers that are not ours read the same host and the same path.
fn agreed(target: &Target, rule: &Rule) -> Result<(), TestCaseError> {
    let text = target.url();
    prop_assert_eq!(target.host(), "api.example.test");
    prop_assert_eq!((target.scheme(), target.port()), ("https", 443));
    prop_assert!(
        target.path() == "/rest/v1" || target.path().starts_with("/rest/v1/"),
        "{}",
        text
    );
    let read = Url::parse(&text).unwrap();
    prop_assert_eq!(read.host_str(), Some("api.example.test"));
    prop_assert_eq!(
        (read.port_or_known_default(), read.username(), read.password()),
        (Some(443), "", None)
    );
    prop_assert_eq!(read.path(), target.path());
    let uri: http::Uri = text.parse().unwrap();
    prop_assert_eq!(uri.host(), Some("api.example.test"));
    prop_assert_eq!(uri.path(), target.path());
    prop_assert_eq!(uri.query(), target.query());
    prop_assert_eq!(&rule.at(&text).unwrap(), target);
    prop_assert!(target.allowed_by(rule).is_ok());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_reader_reads_an_accepted_url_alike(text in spelling()) {
        let rule = rule();
        if let Ok(target) = rule.at(&text) {
            agreed(&target, &rule)?;
        }
    }

    #[test]
    fn every_reader_reads_an_accepted_path_alike(text in spelling().prop_map(|text| text.replacen("https://api.example.test", "", 1))) {
        let rule = rule();
        if let Ok(target) = rule.below(&text) {
            agreed(&target, &rule)?;
        }
    }

    /// The property above is not empty: ordinary paths are accepted.
    #[test]
    fn ordinary_paths_are_accepted(segments in proptest::collection::vec("[a-z0-9~_-]{1,8}", 0..5), query in proptest::option::of("[a-z=&%]{0,12}")) {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let rule = rule();
        agreed(&rule.below(&format!("/{}{query}", segments.join("/"))).unwrap(), &rule)?;
    }
}
