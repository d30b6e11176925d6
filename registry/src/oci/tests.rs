//! Registries that mean no harm, and those that do. Tests of one row of the threat model carry its name.

mod between;
mod confusion;
mod credentials;
mod endless;
mod fault;
mod login;
mod mirrors;
mod mixed;
mod swap;
mod watch;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use support::evil::{Answer, Artifact, Registry, Running, Step, answer, document};

use super::*;
use crate::error::Code;
use crate::fixture::show;
use crate::layout::{INDEX, MANIFEST};

/// Replaces an answer of an honest registry.
type Edit = fn(&mut Registry);

/// The bytes of a skill with a signature.
fn artifact() -> Artifact {
    let (package, attachment) = crate::layout::tests::signed();
    of(&package, attachment.manifest(), attachment.bundle())
}

fn of(package: &Package, signature: &Bytes, bundle: &Bytes) -> Artifact {
    Artifact {
        repository: "acme/deck".to_owned(),
        tag: "1.0.0".to_owned(),
        manifest: package.manifest().clone(),
        config: package.config().clone(),
        component: package.component().clone(),
        signature: signature.clone(),
        bundle: bundle.clone(),
    }
}

fn honest() -> Registry {
    Registry::honest(artifact())
}

async fn listen(registry: Registry) -> Running {
    registry.listen().await.unwrap()
}

/// Settings with a user of this registry.
fn settings(running: &Running) -> ClientSettings {
    let login = Login {
        registry: running.host(),
        user: "user".to_owned(),
        secret: "secret".to_owned(),
    };
    ClientSettings {
        logins: vec![login],
        ..ClientSettings::default()
    }
}

/// The same, without the patience for a registry that does not go on.
fn impatient(running: &Running) -> ClientSettings {
    ClientSettings {
        idle: Duration::from_secs(1),
        total: Duration::from_secs(3),
        ..settings(running)
    }
}

fn reference(running: &Running) -> Reference {
    format!("{}/acme/deck:1.0.0", running.host()).parse().unwrap()
}

/// What comes of a pull, in a word. With little patience where the registry is waited for.
async fn told(running: &Running, waited_for: bool) -> String {
    let patience = if waited_for { impatient } else { settings };
    match pull_with(running, patience(running)).await {
        Ok(_) => "pulled".to_owned(),
        Err(error) => error.code().to_string(),
    }
}

async fn pull_with(running: &Running, settings: ClientSettings) -> Result<Pulled, Error> {
    Client::new(settings).pull(&reference(running)).await
}

/// What comes of a pull from a registry with this edit, as `code: told`, without its port.
async fn outcome(edit: Edit) -> String {
    let mut registry = honest();
    edit(&mut registry);
    let running = listen(registry).await;
    show(pull_with(&running, settings(&running)).await).replace(&running.host(), "HOST")
}

/// The same for a table, a line for each case.
async fn outcomes(cases: &[(&str, Edit)]) -> String {
    let told = join_all(cases.iter().map(|(_, edit)| outcome(*edit))).await;
    let line = |((what, _), told): (&(&str, Edit), String)| format!("{what}: {told}\n");
    cases.iter().zip(told).map(line).collect()
}

#[tokio::test]
async fn an_artifact_is_pulled_with_its_signatures() {
    for listed_by_registry in [true, false] {
        let mut registry = honest();
        if !listed_by_registry {
            registry.without_referrers();
        }
        let artifact = registry.artifact().clone();
        let running = listen(registry).await;
        let pulled = pull_with(&running, settings(&running)).await.unwrap();
        assert_eq!(pulled.digest(), Digest::of(&artifact.manifest));
        assert_eq!(pulled.component(), &artifact.component);
        assert_eq!(pulled.bundles(), [artifact.bundle]);
        assert_eq!(pulled.asked().to_string(), "acme/deck");
    }
}

#[tokio::test]
async fn a_digest_is_asked_for_by_the_digest_alone() {
    let registry = honest();
    let digest = Digest::of(&registry.artifact().manifest);
    let running = listen(registry).await;
    let asked = reference(&running).with_tag("other").unwrap().with_digest(digest);
    let pulled = Client::new(settings(&running)).pull(&asked).await.unwrap();
    assert_eq!(pulled.digest(), digest);
}

#[tokio::test]
async fn a_redirect_leads_nowhere_but_out() {
    let told = outcomes(&[
        ("metadata service", |registry| {
            to(registry, "http://169.254.169.254/latest")
        }),
        ("the same by TLS", |registry| {
            to(registry, "https://169.254.169.254/latest")
        }),
        ("private", |registry| to(registry, "https://10.0.0.1/")),
        ("plain", |registry| to(registry, "http://example.com/")),
        ("a file", |registry| to(registry, "file:///etc/passwd")),
        ("with a login", |registry| to(registry, "https://a:b@example.com/")),
        ("in a circle", |registry| to(registry, "/v2/acme/deck/manifests/1.0.0")),
        ("nowhere", |registry| {
            registry.at(Step::Manifest, |_| answer::status(302, &[]))
        }),
    ]);
    insta::assert_snapshot!(told.await, @r"
    metadata service: redirect-not-allowed: The registry redirects to something else than https, which is not followed: ask who runs it.
    the same by TLS: redirect-not-allowed: The registry redirects to a private address, which is not followed: ask who runs it.
    private: redirect-not-allowed: The registry redirects to a private address, which is not followed: ask who runs it.
    plain: redirect-not-allowed: The registry redirects to something else than https, which is not followed: ask who runs it.
    a file: redirect-not-allowed: The registry redirects to something else than https, which is not followed: ask who runs it.
    with a login: redirect-not-allowed: The registry redirects with credentials of its own, which is not followed: ask who runs it.
    in a circle: redirect-not-allowed: The registry redirects more than three times, which is not followed: ask who runs it.
    nowhere: registry-misbehaved: The registry `HOST` names no location: ask who runs it.
    ");
}

fn to(registry: &mut Registry, place: &'static str) {
    registry.at(Step::Manifest, move |_| answer::redirect(place));
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_worth_another_try() {
    let reference = "127.0.0.1:1/acme/deck:1.0.0".parse().unwrap();
    let refused = Client::new(ClientSettings::default()).pull(&reference).await;
    let code = refused.unwrap_err().code();
    assert_eq!((code, code.retryable()), (Code::RegistryUnreachable, true));
}
