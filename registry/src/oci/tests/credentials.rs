//! Docker's credentials file, and real helpers: programs in `helpers/`.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;

/// `user:secret`
const AUTH: &str = "dXNlcjpzZWNyZXQ=";

fn docker(folder: &tempfile::TempDir, config: &Value) -> DockerCredentials {
    let file = folder.path().join("config.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let helpers = concat!(env!("CARGO_MANIFEST_DIR"), "/src/oci/tests/helpers");
    DockerCredentials {
        file,
        helpers: Some(PathBuf::from(helpers)),
    }
}

async fn found(config: &Value, registry: &str, patience: Duration) -> String {
    let folder = tempfile::tempdir().unwrap();
    match docker(&folder, config).login(registry, patience).await {
        Ok(Some(login)) => format!("{} {}", login.user, login.secret),
        Ok(None) => "nobody".to_owned(),
        Err(error) => show::<()>(Err(error)),
    }
}

#[tokio::test]
async fn who_somebody_is_stands_where_docker_keeps_it() {
    let other = json!({"auths": {"other.example": {"auth": AUTH}}});
    let cases = [
        ("in the file", json!({"auths": {"registry.example": {"auth": AUTH}}})),
        (
            "as a URL",
            json!({"auths": {"https://registry.example/v2/": {"auth": AUTH}}}),
        ),
        (
            "apart",
            json!({"auths": {"registry.example": {"username": "user", "password": "apart"}}}),
        ),
        (
            "an identity",
            json!({"auths": {"registry.example": {"auth": AUTH, "identitytoken": "identity"}}}),
        ),
        ("of another", other),
        (
            "of a part of it",
            json!({"auths": {"registry.example/acme": {"auth": AUTH}}}),
        ),
        (
            "of a name that it begins",
            json!({"auths": {"registry.example.org": {"auth": AUTH}}}),
        ),
        ("logged out", json!({"auths": {"registry.example": {}}})),
        ("nothing", json!({})),
        ("no pair", json!({"auths": {"registry.example": {"auth": "dXNlcg=="}}})),
        ("no file of Docker's", json!([])),
        (
            "its own helper",
            json!({"credHelpers": {"registry.example": "good"}, "credsStore": "broken"}),
        ),
        (
            "the helper for all",
            json!({"credHelpers": {"other.example": "broken"}, "credsStore": "good"}),
        ),
        (
            "a helper, then the file",
            json!({"credsStore": "empty", "auths": {"registry.example": {"auth": AUTH}}}),
        ),
        ("a helper that knows nobody", json!({"credsStore": "empty"})),
        (
            "a helper that fails",
            json!({"credsStore": "broken", "auths": {"registry.example": {"auth": AUTH}}}),
        ),
        ("a helper that says nonsense", json!({"credsStore": "nonsense"})),
        ("a helper that never stops", json!({"credsStore": "endless"})),
        ("a helper that is not there", json!({"credsStore": "absent"})),
        ("a path for a helper", json!({"credsStore": "../../evil"})),
    ];
    let mut told = String::new();
    for (what, config) in cases {
        let found = found(&config, "registry.example", Duration::from_secs(60)).await;
        told.push_str(&format!("{what}: {found}\n"));
    }
    insta::assert_snapshot!(told, @r"
    in the file: user secret
    as a URL: user secret
    apart: user apart
    an identity: <token> identity
    of another: nobody
    of a part of it: nobody
    of a name that it begins: nobody
    logged out: nobody
    nothing: nobody
    no pair: credentials-unusable: Docker's credentials cannot be used: the file's `auth` of `registry.example` is not Base64 of a user and a password.
    no file of Docker's: credentials-unusable: Docker's credentials cannot be used: the file is not the JSON that Docker writes.
    its own helper: of registry.example helped
    the helper for all: of registry.example helped
    a helper, then the file: user secret
    a helper that knows nobody: nobody
    a helper that fails: credentials-unusable: Docker's credentials cannot be used: the helper `docker-credential-broken` failed.
    a helper that says nonsense: credentials-unusable: Docker's credentials cannot be used: the helper `docker-credential-nonsense` says what is no answer.
    a helper that never stops: credentials-unusable: Docker's credentials cannot be used: the helper `docker-credential-endless` says too much.
    a helper that is not there: credentials-unusable: Docker's credentials cannot be used: the helper `docker-credential-absent` cannot be started.
    a path for a helper: credentials-unusable: Docker's credentials cannot be used: the file names a helper that is no plain name.
    ");
}

#[tokio::test]
async fn docker_calls_its_own_registry_otherwise() {
    let auths = json!({"auths": {"https://index.docker.io/v1/": {"auth": AUTH}}});
    assert_eq!(found(&auths, "docker.io", Duration::from_secs(60)).await, "user secret");
    let helped = found(&json!({"credsStore": "good"}), "docker.io", Duration::from_secs(60)).await;
    assert_eq!(helped, "of https://index.docker.io/v1/ helped");
}

#[tokio::test]
async fn a_helper_that_does_not_answer_is_not_waited_for() {
    let silent = found(
        &json!({"credsStore": "silent"}),
        "registry.example",
        Duration::from_millis(200),
    )
    .await;
    insta::assert_snapshot!(silent, @"credentials-unusable: Docker's credentials cannot be used: the helper `docker-credential-silent` does not answer.");
}

#[tokio::test]
async fn a_pull_logs_in_as_docker_would() {
    let mut registry = honest();
    registry.guard("Basic dXNlcjpzZWNyZXQ=", "Basic realm=\"r\"");
    let running = listen(registry).await;
    let folder = tempfile::tempdir().unwrap();
    let docker = docker(&folder, &json!({"auths": {(running.host()): {"auth": AUTH}}}));
    let of_docker = ClientSettings {
        docker: Some(docker.clone()),
        ..ClientSettings::default()
    };
    assert!(pull_with(&running, of_docker).await.is_ok());
    // A login that the operator names goes first.
    let mut named = settings(&running);
    named.docker = Some(docker);
    named.logins[0].secret = "other".to_owned();
    let refused = pull_with(&running, named).await.unwrap_err();
    assert_eq!(refused.code(), Code::RegistryRefused);
}

/// An identity token is not a password: it is given to the token server for another one, in a form.
#[tokio::test]
async fn an_identity_is_exchanged_for_a_token() {
    let mut server = honest();
    server.set("/token", |asked| {
        assert_eq!((asked.method.as_str(), asked.header("authorization")), ("POST", ""));
        answer::ok("application/json", &Bytes::from_static(br#"{"access_token": "t"}"#))
    });
    let token = listen(server).await;
    let mut registry = honest();
    registry.guard(
        "Bearer t",
        &format!("Bearer realm=\"http://{}/token\",service=\"s\"", token.host()),
    );
    let running = listen(registry).await;
    let mut identity = settings(&running);
    identity.logins[0].user = Login::IDENTITY.to_owned();
    let refused = pull_with(&running, identity.clone()).await.unwrap_err();
    assert_eq!((refused.code(), token.connections()), (Code::TokenHostNotAllowed, 0));
    identity.token_hosts.push(TokenHost {
        registry: running.host(),
        host: token.host(),
    });
    assert!(pull_with(&running, identity).await.is_ok());
    assert_eq!(token.seen().len(), 1);
}
