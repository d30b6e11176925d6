//! Tests of what a call is.

use insta::assert_snapshot;

use super::body::{Body, INLINE_LIMIT};
use super::http::{Headers, HttpCall, HttpCallError, HttpReply, HttpRules, Key, Pattern};
use super::{Action, Call, Effect, Outcome, Reply};
use crate::payload::Payload;
use crate::secret::{HostSecret, RunSecret};
use crate::tests::support::about;

fn http(method: &str, target: &str) -> Result<HttpCall, HttpCallError> {
    HttpCall::new(method, target, Headers::default(), Body::empty())
}

fn headers(fields: &[(&str, &str)]) -> Result<Headers, HttpCallError> {
    Headers::new(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

#[test]
fn a_target_has_one_form() {
    for (target, path, query) in [
        ("/", "/", None),
        ("/a/b/", "/a/b/", None),
        ("/%61%2D%7e", "/a-~", None),
        ("/a%2fb%c3%a4", "/a%2Fb%C3%A4", None),
        ("/a;v=1/b", "/a;v=1/b", None),
        ("/a/...", "/a/...", None),
        ("/x?", "/x", Some("")),
        ("/x?a=%7e&b=/?c", "/x", Some("a=~&b=/?c")),
        ("/x?jql=project%20%3D%20A", "/x", Some("jql=project%20%3D%20A")),
    ] {
        let call = http("GET", target).unwrap();
        assert_eq!((call.path(), call.query()), (path, query), "{target}");
    }
}

#[test]
fn what_two_servers_could_read_in_two_ways_is_refused() {
    for target in [
        "",
        "a",
        "https://jira/a",
        "*",
        "/a b",
        "/a\tb",
        "/a\n",
        "/ä",
        "/a\\b",
        "/a#b",
        "/%",
        "/%4",
        "/%zz",
        "/a/../b",
        "/a/..",
        "/..",
        "/.",
        "/a/./b",
        "/%2e%2E/b",
        "/a%2f..%2fb",
        "/a%5c..%5cb",
        "/a%2F%2e%2e",
        "/a/..;x/b",
        "//a",
        "/a//b",
        "/a%2F%2Fb",
        "/a%2f/b",
        "/a/;x/b",
        "/a%00b",
    ] {
        assert_eq!(http("GET", target), Err(HttpCallError::Path), "{target}");
    }
    for target in [
        "/?a b",
        "/?ä",
        "/?a=%4",
        "/?_method=DELETE",
        "/?x=1&_HttpMethod=PATCH",
        "/?%5fmethod=PUT",
        "/?a;_method=x",
    ] {
        assert_eq!(http("GET", target), Err(HttpCallError::Query), "{target}");
    }
    for method in [
        "",
        "get",
        "GET ",
        "CONNECT",
        "TRACE",
        "TRACK",
        "G\u{c9}T",
        "PROPFINDPROPFINDS",
        "A\r\nB",
    ] {
        assert_eq!(http(method, "/"), Err(HttpCallError::Method), "{method}");
    }
}

#[test]
fn headers_that_frame_or_redirect_are_refused() {
    for name in [
        "Host",
        "connection",
        "Transfer-Encoding",
        "TE",
        "upgrade",
        "Trailer",
        "expect",
        "proxy-authorization",
        "X-HTTP-Method-Override",
        "x-forwarded-host",
        "keep-alive",
    ] {
        let headers = headers(&[(name, "x")]).unwrap();
        assert_eq!(
            HttpCall::new("GET", "/", headers, Body::empty()),
            Err(HttpCallError::Header),
            "{name}"
        );
    }
    for (name, value) in [
        ("", "x"),
        ("a b", "x"),
        ("a:", "x"),
        ("ä", "x"),
        ("a", "x\r\nb: c"),
        ("a", "x\0"),
        ("a", "€"),
    ] {
        assert_eq!(headers(&[(name, value)]), Err(HttpCallError::Header), "{name}: {value}");
    }
    let lying = headers(&[("Content-Length", "4")]).unwrap();
    assert_eq!(
        HttpCall::new("POST", "/", lying, Body::from("abc")),
        Err(HttpCallError::ContentLength)
    );
    let honest = headers(&[("Content-Length", "3"), ("X-Name", "caf\u{e9}")]).unwrap();
    let call = HttpCall::new("POST", "/", honest, Body::from("abc")).unwrap();
    assert_eq!(call.headers().iter().collect::<Vec<_>>(), [("x-name", "caf\u{e9}")]);
    assert_eq!(Headers::value_text(&Headers::value_bytes("caf\u{e9}")), "caf\u{e9}");
}

/// What comes over a socket is judged as if it were made here.
#[test]
fn a_message_cannot_carry_what_no_constructor_makes() {
    let message = |target: &str, header: &str| {
        format!(
            r#"{{"number":1,"fuel":0,"binding":"jira","action":{{"http":{{"method":"GET","target":"{target}","headers":[["{header}","x"]],"body":{{"base64":""}}}}}}}}"#
        )
    };
    let call: Call = serde_json::from_str(&message("/%61", "X-A")).unwrap();
    let Action::Http(http) = &call.action else { panic!() };
    assert_eq!((http.path(), http.headers().get("x-a")), ("/a", Some("x")));
    assert_eq!(serde_json::to_string(&call).unwrap(), message("/a", "x-a"));
    for (target, header) in [("/../a", "x-a"), ("/a", "host"), ("//a", "x-a")] {
        serde_json::from_str::<Call>(&message(target, header)).unwrap_err();
    }
    serde_json::from_str::<Call>(&message("/", "x-a").replacen("{", r#"{"more":1,"#, 1)).unwrap_err();
}

#[test]
fn a_pattern_means_whole_segments() {
    for (pattern, target, meant) in [
        ("POST /search/jql", "/search/jql", true),
        ("POST /search/jql", "/search/jql?x=1", true),
        ("POST /search/jql", "/search/jql/", false),
        ("POST /search/jql", "/search", false),
        ("GET /search/jql", "/search/jql", false),
        ("POST /*/jql", "/search/jql", true),
        ("POST /*/jql", "/a/b/jql", false),
        ("POST /a/*", "/a/", false),
        ("POST /a/**", "/a/b/c", true),
        ("POST /a/**", "/a", false),
        ("POST /a/**", "/ab/c", false),
        ("POST /**", "/a", true),
        ("POST /%73earch", "/search", true),
    ] {
        let pattern: Pattern = pattern.parse().unwrap();
        assert_eq!(
            pattern.matches(&http("POST", target).unwrap()),
            meant,
            "{pattern} {target}"
        );
    }
    for wrong in [
        "",
        "POST",
        "/a",
        "POST a",
        "post /a",
        "POST /a?b",
        "POST /**/a",
        "POST /a**",
        "POST  /a",
        "POST /a/../b",
    ] {
        wrong.parse::<Pattern>().unwrap_err();
    }
}

#[test]
fn a_binding_says_what_a_request_is() {
    let rules: HttpRules = serde_json::from_str(
        r#"{"read":["POST /search"],"costly":["POST /think"],"key":{"header":"Idempotency-Key","window-s":60},"owned-headers":["X-Api-Key"]}"#,
    )
    .unwrap();
    let keyed = Effect::KeyedWrite { window_s: 60 };
    for (method, target, effect) in [
        ("GET", "/a", Effect::Read),
        ("HEAD", "/a", Effect::Read),
        ("OPTIONS", "/a", Effect::Read),
        ("POST", "/search", Effect::Read),
        ("POST", "/think", Effect::CostlyRead),
        ("POST", "/a", keyed),
        ("PUT", "/a", Effect::Write),
        ("DELETE", "/search", Effect::Write),
        ("PROPFIND", "/a", Effect::Write),
    ] {
        assert_eq!(
            rules.effect(&http(method, target).unwrap()),
            effect,
            "{method} {target}"
        );
    }
    let none = HttpRules {
        key: None::<Key>,
        ..rules.clone()
    };
    assert_eq!(none.effect(&http("POST", "/a").unwrap()), Effect::Write);
    for (header, owned) in [("idempotency-key", true), ("X-API-KEY", true), ("x-other", false)] {
        let call = HttpCall::new("GET", "/", headers(&[(header, "x")]).unwrap(), Body::empty()).unwrap();
        assert_eq!(rules.owned(&call).is_some(), owned, "{header}");
    }
}

fn sample(body: &str) -> Call {
    let headers = headers(&[("accept", "application/json")]).unwrap();
    let http = HttpCall::new(
        "POST",
        "/rest/api/3/issue?notify=false",
        headers,
        Body::from(body.to_owned()),
    )
    .unwrap();
    Call {
        number: 3,
        fuel: 100,
        binding: "jira".to_owned(),
        action: Action::Http(http),
    }
}

/// The vectors of digest, commitment and key: replays, consents and services hold on to them.
#[test]
fn digests_are_what_they_were() {
    let call = sample("{}");
    let digest = call.digest();
    let (run, host) = (RunSecret::new([1; 32]), HostSecret::new([2; 32]));
    let vectors = format!(
        "digest {}\ncommitment {}\nkey {}",
        hex::encode(digest.as_bytes()),
        run.commitment(&digest),
        host.key(&about(1).key, 3, &digest)
    );
    assert_snapshot!("digests", vectors);
}

#[test]
fn a_digest_is_of_everything_that_is_asked() {
    let call = sample("{}");
    let same = Call {
        number: 4,
        fuel: 0,
        ..call.clone()
    };
    assert_eq!(call.digest(), same.digest());
    let Action::Http(http) = &call.action else { panic!() };
    let variant = |method: &str, target: &str, fields: &[(&str, &str)], body: &str| {
        let http = HttpCall::new(method, target, headers(fields).unwrap(), Body::from(body.to_owned())).unwrap();
        Call {
            action: Action::Http(http),
            ..call.clone()
        }
    };
    let (target, accept) = ("/rest/api/3/issue?notify=false", ("accept", "application/json"));
    assert_eq!(variant(http.method(), target, &[accept], "{}").digest(), call.digest());
    let mut digests = vec![
        call.digest(),
        Call {
            binding: "other".to_owned(),
            ..call.clone()
        }
        .digest(),
        variant("PUT", target, &[accept], "{}").digest(),
        variant("POST", "/rest/api/3/issue", &[accept], "{}").digest(),
        variant("POST", "/rest/api/3/issue?", &[accept], "{}").digest(),
        variant("POST", target, &[], "{}").digest(),
        variant("POST", target, &[accept, accept], "{}").digest(),
        variant("POST", target, &[("accept", "application/jso")], "n{}").digest(),
        variant("POST", target, &[accept], "{ }").digest(),
    ];
    digests.sort_unstable_by_key(|digest| *digest.as_bytes());
    digests.dedup();
    assert_eq!(digests.len(), 9);
}

#[test]
fn a_key_belongs_to_one_call_of_one_run_of_one_tenant() {
    let (host, digest) = (HostSecret::new([2; 32]), sample("{}").digest());
    let (key, run) = (about(1).key, about(2).key);
    let mut tenant = key.clone();
    tenant.tenant = "other".to_owned();
    let mut keys = vec![
        host.key(&key, 3, &digest),
        host.key(&key, 4, &digest),
        host.key(&run, 3, &digest),
        host.key(&tenant, 3, &digest),
        host.key(&key, 3, &sample("{ }").digest()),
        HostSecret::new([3; 32]).key(&key, 3, &digest),
    ];
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 6);
}

#[test]
fn large_bodies_stand_beside_their_payload() {
    for (size, attached) in [(0, 0), (INLINE_LIMIT, 0), (INLINE_LIMIT + 1, 1)] {
        let reply = HttpReply {
            status: 200,
            headers: Headers::default(),
            body: Body::from(vec![b'x'; size]),
        };
        let outcome = Outcome::Reply(Reply::Http(reply));
        let payload = Payload::of(&outcome).unwrap();
        assert_eq!(payload.attachments().len(), attached, "{size}");
        assert_eq!(payload.outcome().unwrap(), outcome);
        payload.action().unwrap_err();
        let (json, mut attachments) = payload.into_parts();
        if let Some(mut first) = attachments.pop() {
            assert!(json.len() < 300);
            Payload::from_parts(json.clone(), Vec::new()).outcome().unwrap_err();
            first.bytes = vec![b'y'; size].into();
            Payload::from_parts(json, vec![first]).outcome().unwrap_err();
        }
    }
}
