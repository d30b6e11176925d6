//! Tests of decisions.

use proptest::prelude::*;

use super::attributes::{Attribute, named};
use super::judge::Question;
use super::{Grant, Policies, PolicyError, Ruling};
use crate::call::body::Body;
use crate::call::http::{Headers, HttpCall};
use crate::{Action, Binding, Effect};

fn grant(name: &str) -> Grant {
    Grant {
        approval: "7".to_owned(),
        skill: "acme/jira".to_owned(),
        digest: "sha256:aa".to_owned(),
        binding: binding(name),
        ask: false,
        methods: Vec::new(),
        paths: Vec::new(),
    }
}

fn binding(name: &str) -> Binding {
    Binding {
        kind: "http".to_owned(),
        name: name.to_owned(),
    }
}

/// What is decided of a request on a binding, and by which policies.
fn decide(policies: &Policies, name: &str, method: &str, target: &str) -> (Ruling, String) {
    decide_for(policies, ["acme", "acme/jira", "sha256:aa"], name, method, target)
}

fn decide_for(
    policies: &Policies,
    [tenant, skill, digest]: [&str; 3],
    name: &str,
    method: &str,
    target: &str,
) -> (Ruling, String) {
    let body = Body::from("12345");
    let action = Action::Http(HttpCall::new(method, target, Headers::default(), body).unwrap());
    let decision = policies.decide(&Question {
        tenant,
        digest,
        skill,
        tool: "search",
        by: "agent",
        binding: &binding(name),
        effect: if method == "GET" { Effect::Read } else { Effect::Write },
        action: &action,
    });
    (decision.ruling, decision.policies.join(" "))
}

const ALLOWED: Ruling = Ruling::Allowed { ask: false };
const ASK: Ruling = Ruling::Allowed { ask: true };

#[test]
fn nothing_is_allowed_that_nobody_granted() {
    let policies = Policies::default();
    assert_eq!(decide(&policies, "jira", "GET", "/").0, Ruling::NotGranted);
    policies.replace("acme", &[grant("jira")], "").unwrap();
    assert_eq!(
        decide(&policies, "jira", "GET", "/"),
        (ALLOWED, "grant/7/http/jira/0".to_owned())
    );
    for (whose, name) in [
        (["acme", "acme/jira", "sha256:aa"], "other"),
        (["acme", "acme/jira", "sha256:bb"], "jira"),
        (["acme", "acme/twin", "sha256:aa"], "jira"),
        (["other", "acme/jira", "sha256:aa"], "jira"),
    ] {
        assert_eq!(
            decide_for(&policies, whose, name, "GET", "/").0,
            Ruling::NotGranted,
            "{whose:?} {name}"
        );
    }
    // One digest under two names is two approvals.
    let twin = Grant {
        skill: "acme/twin".to_owned(),
        methods: vec!["POST".to_owned()],
        ..grant("jira")
    };
    policies.replace("acme", &[grant("jira"), twin], "").unwrap();
    let twin = |method| decide_for(&policies, ["acme", "acme/twin", "sha256:aa"], "jira", method, "/").0;
    assert_eq!((twin("GET"), twin("POST")), (Ruling::NotGranted, ALLOWED));
    assert_eq!(decide(&policies, "jira", "GET", "/").0, ALLOWED);
    policies.replace("acme", &[], "").unwrap();
    assert_eq!(decide(&policies, "jira", "GET", "/").0, Ruling::NotGranted);
}

#[test]
fn a_grant_names_methods_and_paths() {
    let policies = Policies::default();
    let narrow = Grant {
        methods: vec!["GET".to_owned(), "POST".to_owned()],
        paths: vec!["/rest/api/3".to_owned(), "/st*r/".to_owned()],
        ..grant("jira")
    };
    policies.replace("acme", &[narrow], "").unwrap();
    for (method, target, ruling) in [
        ("GET", "/rest/api/3", ALLOWED),
        ("POST", "/rest/api/3/issue?x", ALLOWED),
        ("GET", "/rest/%61pi/3/issue", ALLOWED),
        ("DELETE", "/rest/api/3/issue", Ruling::NotGranted),
        ("GET", "/rest/api/30", Ruling::NotGranted),
        ("GET", "/rest/api", Ruling::NotGranted),
        ("GET", "/other/rest/api/3", Ruling::NotGranted),
        ("GET", "/st*r/a", ALLOWED),
        ("GET", "/star/a", Ruling::NotGranted),
    ] {
        assert_eq!(decide(&policies, "jira", method, target).0, ruling, "{method} {target}");
    }
    let root = Grant {
        paths: vec!["/".to_owned()],
        ..grant("jira")
    };
    policies.replace("acme", &[root], "").unwrap();
    assert_eq!(decide(&policies, "jira", "GET", "/anything").0, ALLOWED);
    for (methods, paths) in [
        (vec!["get"], vec![]),
        (vec![""], vec![]),
        (vec![], vec!["rest"]),
        (vec![], vec!["/a/../b"]),
        (vec![], vec!["/a?b"]),
    ] {
        let own = |parts: Vec<&str>| parts.into_iter().map(str::to_owned).collect();
        let wrong = Grant {
            methods: own(methods),
            paths: own(paths),
            ..grant("jira")
        };
        assert!(matches!(
            policies.replace("acme", &[wrong], ""),
            Err(PolicyError::Grant { .. })
        ));
    }
    assert_eq!(
        decide(&policies, "jira", "GET", "/anything").0,
        ALLOWED,
        "the last good set stays in force"
    );
}

#[test]
fn a_name_is_never_read_as_cedar() {
    let policies = Policies::default();
    let odd = r#"x" || true //*"#;
    policies
        .replace(
            "acme",
            &[Grant {
                skill: odd.to_owned(),
                ..grant(odd)
            }],
            "",
        )
        .unwrap();
    assert_eq!(
        decide_for(&policies, ["acme", odd, "sha256:aa"], odd, "GET", "/").0,
        ALLOWED
    );
    assert_eq!(decide(&policies, "jira", "GET", "/").0, Ruling::NotGranted);
}

#[test]
fn an_operator_forbids_and_asks() {
    let text = r#"
        @id("no-deletes")
        forbid (principal, action == Action::"http", resource) when { context.method == "DELETE" };
        @id("not-there")
        forbid (principal == Skill::"acme/jira", action == Action::"http", resource == Binding::"http/jira")
        when { context.path like "/admin/*" };
        @id("ask-first") @ask("always")
        permit (principal, action, resource) when { context.effect == "write" && context.size > 4 };
        @id("others")
        forbid (principal == Skill::"acme/other", action, resource);
    "#;
    let policies = Policies::default();
    let asking = Grant {
        ask: true,
        ..grant("asking")
    };
    policies.replace("acme", &[grant("jira"), asking], text).unwrap();
    for (name, method, target, ruling, by) in [
        ("jira", "GET", "/", ALLOWED, "grant/7/http/jira/0"),
        ("jira", "POST", "/", ASK, "grant/7/http/jira/0 operator/ask-first"),
        ("jira", "DELETE", "/", Ruling::Forbidden, "operator/no-deletes"),
        (
            "jira",
            "DELETE",
            "/admin/x",
            Ruling::Forbidden,
            "operator/no-deletes operator/not-there",
        ),
        ("jira", "GET", "/admin/x", Ruling::Forbidden, "operator/not-there"),
        ("asking", "GET", "/", ASK, "grant/7/http/asking/1"),
        ("stranger", "GET", "/", Ruling::NotGranted, ""),
    ] {
        assert_eq!(
            decide(&policies, name, method, target),
            (ruling, by.to_owned()),
            "{name} {method} {target}"
        );
    }
}

#[test]
fn policies_that_cannot_be_used_change_nothing() {
    let policies = Policies::default();
    let set = policies.replace("acme", &[grant("jira")], "").unwrap();
    for text in [
        "permit",
        "permit (principal, action, resource);",
        "forbid (principal == ?principal, action, resource);",
        r#"forbid (principal, action, resource) when { context.metod == "GET" };"#,
        r#"forbid (principal, action, resource) when { context.size == "GET" };"#,
        r#"forbid (principal == User::"maria", action, resource);"#,
        r#"forbid (principal, action == Action::"mail", resource);"#,
        r#"@id("a") forbid (principal, action, resource); @id("a") forbid (principal, action, resource);"#,
    ] {
        let error = policies.replace("acme", &[], text).unwrap_err();
        assert!(!error.to_string().is_empty(), "{text}");
    }
    assert_eq!(decide(&policies, "jira", "GET", "/").0, ALLOWED);
    let other = policies.replace("acme", &[grant("jira")], "// nothing").unwrap();
    assert_ne!(set, other);
    assert_eq!(policies.replace("acme", &[grant("jira")], "").unwrap(), set);
}

/// Cedar leaves a policy out that fails; here it may be the one that forbids.
#[test]
fn a_policy_that_fails_allows_nothing() {
    let policies = Policies::default();
    let fails = r#"@id("a") forbid (principal, action, resource) when { context.size + 9223372036854775807 > 0 };"#;
    let never = r#"@id("b") forbid (principal, action, resource) when { context.tool == "other" };"#;
    let always = r#"@id("c") forbid (principal, action, resource) unless { context.tool == "other" };"#;
    for text in [
        fails.to_owned(),
        [fails, never].concat(),
        [always, fails].concat(),
        [never, fails].concat(),
    ] {
        policies.replace("acme", &[grant("jira")], &text).unwrap();
        let decided = decide(&policies, "jira", "GET", "/");
        assert_eq!(decided, (Ruling::Broken, String::new()), "{text}");
    }
}

#[test]
fn only_named_facts_are_shown_to_cedar() {
    let named = |text: &str| {
        let set: cedar_policy::PolicySet = text.parse().unwrap();
        named(set.policies())
    };
    assert_eq!(named("permit (principal, action, resource);"), []);
    assert_eq!(
        named(r#"permit (principal, action, resource) when { context.method == "GET" } unless { context has path };"#),
        [Attribute::Method, Attribute::Path]
    );
    assert_eq!(
        named("permit (principal, action, resource) when { context == {} };").len(),
        10
    );
    assert_eq!(
        named(r#"permit (principal, action, resource) when { "context.method" == "GET" };"#),
        []
    );
}

/// Paths of grants, of which many lie within one another, and paths of calls.
fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "ab", "b"]), 0..4)
        .prop_flat_map(|parts| (Just(parts), any::<bool>()))
        .prop_map(|(parts, ended)| {
            format!(
                "/{}{}",
                parts.join("/"),
                if ended && !parts.is_empty() { "/" } else { "" }
            )
        })
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let method = prop::sample::select(vec!["GET", "POST"]).prop_map(str::to_owned);
    let one = (
        prop::collection::vec(path(), 0..3),
        prop::collection::vec(method, 0..2),
        any::<bool>(),
    );
    let one = one.prop_map(|(paths, methods, ask)| Grant {
        paths,
        methods,
        ask,
        ..grant("jira")
    });
    prop::collection::vec(one, 1..6)
}

/// Whether a method and a target are matched.
type Matches = fn(&str, &str) -> bool;

/// An operator's policies, each with which calls it matches, and whether it asks about them or forbids them.
const OPERATORS: [(&str, Matches, bool); 4] = [
    (
        r#"@id("0") forbid (principal, action, resource) when { context.effect == "write" };"#,
        |method, _| method != "GET",
        false,
    ),
    (
        r#"@id("1") forbid (principal, action == Action::"http", resource) when { context.path like "/a/*" };"#,
        |_, target| target.starts_with("/a/"),
        false,
    ),
    (
        r#"@id("2") @ask("always") permit (principal, action in [Action::"http"], resource)
           unless { context.method != "GET" };"#,
        |method, _| method == "GET",
        true,
    ),
    (
        r#"@id("3") forbid (principal, action == Action::"model", resource);"#,
        |_, _| false,
        false,
    ),
];

proptest! {
    /// A decision evaluates only the policies that can concern a path and a method, and grants once for many calls. It
    /// comes out as if it had evaluated all of them.
    #[test]
    fn what_is_decided_is_what_all_policies_together_say(
        grants in grants(),
        operators in prop::sample::subsequence(OPERATORS.to_vec(), 0..4),
        calls in prop::collection::vec((path(), prop::sample::select(vec!["GET", "POST", "PUT"])), 1..6),
    ) {
        let policies = Policies::default();
        let text: Vec<&str> = operators.iter().map(|(text, ..)| *text).collect();
        policies.replace("acme", &grants, &text.join("\n")).unwrap();
        for (target, method) in calls {
            let matching = matching(&grants, &target, method);
            let by = |asks: bool| {
                let matching = operators.iter().filter(|(_, matches, _)| matches(method, &target));
                let named = matching.filter(|(.., ask)| *ask == asks).map(|(text, ..)| format!("operator/{}", &text[5..6]));
                named.collect::<Vec<_>>()
            };
            let (against, asking) = (by(false), by(true));
            let names = matching.iter().map(|(place, _)| format!("grant/7/http/jira/{place}"));
            let permitting: Vec<String> = names.chain(asking.clone()).collect();
            let expected = match (against.is_empty(), matching.is_empty()) {
                (false, _) => (Ruling::Forbidden, against),
                (true, true) => (Ruling::NotGranted, permitting),
                (true, false) => {
                    let ask = !asking.is_empty() || matching.iter().any(|(_, grant)| grant.ask);
                    (Ruling::Allowed { ask }, permitting)
                }
            };
            prop_assert_eq!(decide(&policies, "jira", method, &target), (expected.0, expected.1.join(" ")));
        }
    }
}

/// The grants that cover a call, by the words of [`Grant`] alone.
fn matching<'a>(grants: &'a [Grant], target: &str, method: &str) -> Vec<(usize, &'a Grant)> {
    let within = format!("{}/", target.trim_end_matches('/'));
    let above = |path: &String| within.starts_with(&format!("{}/", path.trim_end_matches('/')));
    let covers = |grant: &Grant| {
        let here = grant.paths.is_empty() || grant.paths.iter().any(above);
        here && (grant.methods.is_empty() || grant.methods.iter().any(|named| named == method))
    };
    grants.iter().enumerate().filter(|(_, grant)| covers(grant)).collect()
}
