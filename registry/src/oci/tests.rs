//! Registries that mean no harm, and those that do.

mod registry;

use std::time::Duration;

use bytes::Bytes;
use registry::{
    Registry, Running, break_off, compressed, declared, drip, endless, index, many, ok, page, redirect, stall, status,
};
use serde_json::json;

use super::*;
use crate::error::Code;
use crate::layout::{INDEX, MANIFEST};

/// Makes one answer.
type Answer = fn() -> axum::response::Response;

const BASIC: &str = "Basic dXNlcjpzZWNyZXQ=";

fn settings(running: &Running) -> ClientSettings {
    let login = Login {
        registry: running.host.clone(),
        user: "user".to_owned(),
        secret: "secret".to_owned(),
    };
    ClientSettings {
        logins: vec![login],
        idle: Duration::from_millis(200),
        total: Duration::from_secs(2),
        ..ClientSettings::default()
    }
}

async fn pull(running: &Running) -> Result<Pulled, Error> {
    pull_with(running, settings(running)).await
}

async fn pull_with(running: &Running, settings: ClientSettings) -> Result<Pulled, Error> {
    let reference = format!("{}/acme/deck:1.0.0", running.host).parse().unwrap();
    Client::new(settings).pull(&reference).await
}

#[tokio::test]
async fn an_artifact_is_pulled_with_its_signatures() {
    for listed_by_registry in [true, false] {
        let mut registry = Registry::good();
        if !listed_by_registry {
            registry.without_referrers();
        }
        let (digest, bundle) = (registry.package.digest(), registry.attachment.bundle().clone());
        let component = registry.package.component().clone();
        let pulled = pull(&registry.listen().await).await.unwrap();
        assert_eq!(pulled.digest(), digest);
        assert_eq!(pulled.component(), &component);
        assert_eq!(pulled.bundles(), [bundle]);
        assert_eq!(pulled.asked().to_string(), "acme/deck");
    }
}

#[tokio::test]
async fn a_digest_is_asked_for_by_the_digest_alone() {
    let registry = Registry::good();
    let digest = registry.package.digest();
    let running = registry.listen().await;
    let reference: Reference = format!("{}/acme/deck:other", running.host).parse().unwrap();
    let client = Client::new(settings(&running));
    assert_eq!(
        client.pull(&reference.with_digest(digest)).await.unwrap().digest(),
        digest
    );
}

/// Each answer, at the first thing that a pull reads, ends it with a code.
#[tokio::test]
async fn a_registry_that_misbehaves_is_refused_by_code() {
    let answers: [(&str, Answer, Code); 19] = [
        ("endless", endless, Code::ArtifactTooLarge),
        ("declared too long", declared, Code::ArtifactTooLarge),
        ("stalls", stall, Code::RegistryUnreachable),
        ("drips", drip, Code::RegistryUnreachable),
        ("breaks off", break_off, Code::RegistryUnreachable),
        ("compressed", compressed, Code::RegistryMisbehaved),
        (
            "nested",
            || ok(MANIFEST, &"[".repeat(1 << 20).into()),
            Code::ArtifactMalformed,
        ),
        (
            "not JSON",
            || ok(MANIFEST, &Bytes::from_static(b"<html>")),
            Code::ArtifactMalformed,
        ),
        ("an index", || ok(INDEX, &index([])), Code::MediaTypeWrong),
        ("another type", || ok("text/html", &index([])), Code::MediaTypeWrong),
        (
            "metadata service",
            || redirect("http://169.254.169.254/latest"),
            Code::RedirectNotAllowed,
        ),
        (
            "the same by TLS",
            || redirect("https://169.254.169.254/latest"),
            Code::RedirectNotAllowed,
        ),
        ("private", || redirect("https://10.0.0.1/"), Code::RedirectNotAllowed),
        ("plain", || redirect("http://example.com/"), Code::RedirectNotAllowed),
        ("a file", || redirect("file:///etc/passwd"), Code::RedirectNotAllowed),
        (
            "with a login",
            || redirect("https://a:b@example.com/"),
            Code::RedirectNotAllowed,
        ),
        (
            "in a circle",
            || redirect("/v2/acme/deck/manifests/1.0.0"),
            Code::RedirectNotAllowed,
        ),
        ("nowhere", || status(302, &[]), Code::RegistryMisbehaved),
        ("a teapot", || status(418, &[]), Code::RegistryMisbehaved),
    ];
    for (what, answer, code) in answers {
        let mut registry = Registry::good();
        registry.at("manifest", move |_| answer());
        let refused = pull(&registry.listen().await).await.unwrap_err();
        assert_eq!(refused.code(), code, "{what}: {refused}");
    }
}

/// Whatever fails, and wherever, nothing is pulled; what may pass is worth another try.
#[tokio::test]
async fn a_fault_at_any_step_means_that_nothing_is_pulled() {
    let faults: [(&str, Answer, Code); 7] = [
        ("429", || status(429, &[]), Code::RegistryUnavailable),
        ("500", || status(500, &[]), Code::RegistryUnavailable),
        ("503", || status(503, &[]), Code::RegistryUnavailable),
        ("stalls", stall, Code::RegistryUnreachable),
        ("breaks off", break_off, Code::RegistryUnreachable),
        ("endless", endless, Code::ArtifactTooLarge),
        ("403", || status(403, &[]), Code::RegistryRefused),
    ];
    for step in Registry::STEPS {
        for (what, answer, code) in faults {
            let mut registry = Registry::good();
            registry.at(step, move |_| answer());
            let refused = pull(&registry.listen().await).await.unwrap_err();
            assert_eq!(refused.code(), code, "{what} at {step}: {refused}");
        }
    }
}

#[tokio::test]
async fn other_bytes_under_a_digest_are_refused_at_every_step() {
    for step in ["config", "component", "signature", "bundle"] {
        let mut registry = Registry::good();
        registry.put(&registry.path(step), MANIFEST, b"{}");
        let refused = pull(&registry.listen().await).await.unwrap_err();
        assert_eq!(refused.code(), Code::DigestMismatch, "{step}: {refused}");
    }
    let mut registry = Registry::good();
    let manifest = registry.package.manifest().clone();
    registry.at("manifest", move |_| {
        let mut response = ok(MANIFEST, &manifest);
        let other = Digest::of(b"").to_string().parse().unwrap();
        response.headers_mut().insert("docker-content-digest", other);
        response
    });
    let refused = pull(&registry.listen().await).await.unwrap_err();
    assert_eq!(refused.code(), Code::DigestMismatch);
}

#[tokio::test]
async fn a_list_of_signatures_is_bounded_and_never_believed() {
    let lists: [(&str, Answer, Code); 5] = [
        ("a circle of pages", || page("?page=again"), Code::ArtifactTooLarge),
        (
            "a page elsewhere",
            || page("http://127.0.0.1:1/"),
            Code::RegistryMisbehaved,
        ),
        ("too many", || ok(INDEX, &many(51)), Code::ArtifactTooLarge),
        (
            "not a list",
            || ok(INDEX, &Bytes::from_static(b"[]")),
            Code::ArtifactMalformed,
        ),
        ("another type", || ok(MANIFEST, &index([])), Code::MediaTypeWrong),
    ];
    for (what, list, code) in lists {
        let mut registry = Registry::good();
        registry.at("referrers", move |_| list());
        let refused = pull(&registry.listen().await).await.unwrap_err();
        assert_eq!(refused.code(), code, "{what}: {refused}");
    }
    // The list calls the artifact itself a signature, names what is gone, and writes nonsense.
    let mut registry = Registry::good();
    let (artifact, gone) = (registry.package.digest(), Digest::of(b"gone"));
    let list = index([
        json!({"digest": artifact}),
        json!({"digest": gone}),
        json!({"digest": "sha1:0"}),
        json!(7),
    ]);
    registry.at("referrers", move |_| ok(INDEX, &list));
    assert!(pull(&registry.listen().await).await.unwrap().bundles().is_empty());
}

#[tokio::test]
async fn credentials_go_to_the_registry_that_asks_for_them() {
    let mut registry = Registry::good();
    registry.guard(BASIC, "Basic realm=\"r\"");
    let running = registry.listen().await;
    assert!(pull(&running).await.is_ok());
    let anonymous = ClientSettings {
        logins: Vec::new(),
        ..settings(&running)
    };
    let refused = pull_with(&running, anonymous).await.unwrap_err();
    assert_eq!(refused.code(), Code::RegistryRefused);
}

#[tokio::test]
async fn a_token_is_asked_only_of_a_named_host() {
    let mut registry = Registry::good();
    registry.outside("/token", |authorization| {
        assert_eq!(authorization, BASIC);
        ok("application/json", &Bytes::from_static(br#"{"access_token": "t"}"#))
    });
    let token = registry.listen().await;
    // The registry and its token server are two hosts here, so the second must be named.
    let mut registry = Registry::good();
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"s\"", token.host);
    registry.guard("Bearer t", &challenge);
    let running = registry.listen().await;
    let refused = pull(&running).await.unwrap_err();
    assert_eq!(refused.code(), Code::TokenHostNotAllowed);
    assert!(token.seen().is_empty(), "not even a question is sent there");
    let named = ClientSettings {
        token_hosts: vec![TokenHost {
            registry: running.host.clone(),
            host: token.host.clone(),
        }],
        ..settings(&running)
    };
    assert!(pull_with(&running, named).await.is_ok());
    insta::assert_json_snapshot!(token.seen(), @r#"
    [
      [
        "/token?scope=repository%3Aacme%2Fdeck%3Apull&service=s",
        "Basic dXNlcjpzZWNyZXQ="
      ]
    ]
    "#);
}

#[tokio::test]
async fn a_redirect_takes_no_credentials_along() {
    let storage = Registry::good();
    let path = storage.path("component");
    let storage = storage.listen().await;
    let mut registry = Registry::good();
    let elsewhere = format!("http://{}/v2/acme/deck/{path}", storage.host);
    registry.at("component", move |_| redirect(&elsewhere));
    registry.guard(BASIC, "Basic realm=\"r\"");
    assert!(pull(&registry.listen().await).await.is_ok());
    assert_eq!(storage.seen(), [(format!("/v2/acme/deck/{path}"), String::new())]);
}

/// Each challenge would have the credentials sent to a host that nobody named.
#[tokio::test]
async fn a_realm_that_only_the_registry_names_gets_nothing() {
    let realms = [
        "http://169.254.169.254/latest/meta-data",
        "https://attacker.example/token",
        "http://127.0.0.1:1/token",
        "https://user:password@127.0.0.1/token",
        "file:///etc/passwd",
    ];
    for realm in realms {
        let mut registry = Registry::good();
        registry.guard("Bearer t", &format!("Bearer realm=\"{realm}\""));
        let refused = pull(&registry.listen().await).await.unwrap_err();
        assert_eq!(refused.code(), Code::TokenHostNotAllowed, "{realm}: {refused}");
    }
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_worth_another_try() {
    let reference = "127.0.0.1:1/acme/deck:1.0.0".parse().unwrap();
    let refused = Client::new(ClientSettings::default())
        .pull(&reference)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), refused.code().retryable()),
        (Code::RegistryUnreachable, true)
    );
}
