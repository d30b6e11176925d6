//! Row B13: whatever goes wrong, and wherever, nothing was pulled, and so nothing can be verified.

use http::header::WWW_AUTHENTICATE;

use super::*;

/// What goes wrong with the bytes of a step.
type Fault = fn(&'static str, &Bytes) -> Answer;

const FAULTS: [(&str, Fault); 9] = [
    ("429", |_, _| answer::status(429, &[])),
    ("500", |_, _| answer::status(500, &[])),
    ("503", |_, _| answer::status(503, &[])),
    ("says nothing", |_, _| Answer::Silence),
    ("stalls", |media_type, _| answer::stall(media_type)),
    ("reset at once", |_, _| Answer::Reset(None)),
    ("reset half way", answer::reset),
    ("truncated", answer::truncated),
    ("403", |_, _| answer::status(403, &[])),
];

/// Which of them end by our patience.
const WAITED_FOR: [&str; 2] = ["says nothing", "stalls"];

/// The reads of a pull, and what else may stand between: the list that clients keep, and the token server.
const STEPS: [&str; 8] = [
    "manifest",
    "config",
    "component",
    "referrers",
    "signature",
    "bundle",
    "fallback",
    "token",
];

#[tokio::test]
async fn b13_a_fault_at_any_step_means_that_nothing_is_pulled() {
    let mut told = String::new();
    for (what, fault) in FAULTS {
        let codes = join_all(STEPS.map(|step| at(step, what, fault))).await;
        told.push_str(&format!("{what}: {}\n", codes.join(", ")));
    }
    insta::assert_snapshot!(told, @r"
    429: registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable
    500: registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable
    503: registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable, registry-unavailable
    says nothing: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    stalls: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    reset at once: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    reset half way: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    truncated: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    403: registry-refused, registry-refused, registry-refused, registry-refused, registry-refused, registry-refused, registry-refused, registry-refused
    ");
}

/// Without a fault, all of these steps are taken, so that none of the faults above is one that nobody meets.
#[tokio::test]
async fn b13_every_step_is_taken() {
    for step in STEPS {
        let running = faulty(step, answer::ok).await;
        let pulled = pull_with(&running, settings(&running)).await;
        assert_eq!(pulled.map(|pulled| pulled.bundles().len()).ok(), Some(1), "{step}");
    }
}

/// A storm is met by one request: whoever asked may ask again, the client itself does not add to it.
#[tokio::test]
async fn b13_a_storm_is_not_answered_by_another() {
    for status in [429, 500, 502, 503, 504] {
        let mut registry = honest();
        for step in Step::PULL {
            registry.at(step, move |_| {
                answer::status(status, &[(http::header::RETRY_AFTER, "0")])
            });
        }
        let running = listen(registry).await;
        let refused = pull_with(&running, settings(&running)).await.unwrap_err();
        assert_eq!(
            (refused.code(), running.seen().len()),
            (Code::RegistryUnavailable, 1),
            "{status}"
        );
    }
}

async fn at(step: &str, what: &str, fault: Fault) -> String {
    let running = faulty(step, fault).await;
    told(&running, WAITED_FOR.contains(&what)).await
}

/// A registry with a fault at one of [`STEPS`].
async fn faulty(step: &str, fault: Fault) -> Running {
    let mut registry = honest();
    let read = match step {
        "token" => return without_token(registry, fault).await,
        "fallback" => {
            registry.without_referrers();
            Step::Fallback
        }
        step => Step::PULL[STEPS.iter().position(|one| *one == step).unwrap()],
    };
    let content = registry.artifact().content(read);
    registry.at(read, move |_| fault(content.media_type, &content.bytes));
    listen(registry).await
}

/// A registry that wants a token and hands it out itself, or fails to.
async fn without_token(mut registry: Registry, fault: Fault) -> Running {
    // The token server is the registry itself, whose port is not known before it listens.
    for step in Step::PULL {
        let content = registry.artifact().content(step);
        registry.at(step, move |asked| {
            if asked.header("authorization") == "Bearer t" {
                return answer::document(&content);
            }
            let realm = format!("Bearer realm=\"http://{}/token\"", asked.header("host"));
            answer::status(401, &[(WWW_AUTHENTICATE, &realm)])
        });
    }
    let token = Bytes::from_static(br#"{"token":"t"}"#);
    registry.set("/token", move |_| fault("application/json", &token));
    listen(registry).await
}
