//! Credentials, and row B12: who gets to see them, and who is not even asked.

use http::header::WWW_AUTHENTICATE;

use super::*;

const BASIC: &str = "Basic dXNlcjpzZWNyZXQ=";

#[tokio::test]
async fn credentials_go_to_the_registry_that_asks_for_them() {
    let mut registry = honest();
    registry.guard(BASIC, "Basic realm=\"r\"");
    let running = listen(registry).await;
    assert!(pull_with(&running, settings(&running)).await.is_ok());
    let anonymous = ClientSettings {
        logins: Vec::new(),
        ..settings(&running)
    };
    let refused = pull_with(&running, anonymous).await.unwrap_err();
    assert_eq!(refused.code(), Code::RegistryRefused);
}

#[tokio::test]
async fn a_token_is_asked_only_of_a_named_host() {
    let mut server = honest();
    server.set("/token", |asked| {
        assert_eq!(asked.header("authorization"), BASIC);
        answer::ok("application/json", &Bytes::from_static(br#"{"access_token": "t"}"#))
    });
    let token = listen(server).await;
    // The registry and its token server are two hosts here, so the second must be named.
    let mut registry = honest();
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"s\"", token.host());
    registry.guard("Bearer t", &challenge);
    let running = listen(registry).await;
    let refused = pull_with(&running, settings(&running)).await.unwrap_err();
    assert_eq!(refused.code(), Code::TokenHostNotAllowed);
    assert_eq!(token.connections(), 0, "not even a connection is made there");
    let named = ClientSettings {
        token_hosts: vec![TokenHost {
            registry: running.host(),
            host: token.host(),
        }],
        ..settings(&running)
    };
    assert!(pull_with(&running, named).await.is_ok());
    insta::assert_json_snapshot!(token.seen(), @r#"
    [
      {
        "method": "GET",
        "path": "/token?scope=repository%3Aacme%2Fdeck%3Apull&service=s",
        "authorization": "Basic dXNlcjpzZWNyZXQ="
      }
    ]
    "#);
}

#[tokio::test]
async fn a_redirect_takes_no_credentials_along() {
    let storage = listen(honest()).await;
    let mut registry = honest();
    let path = registry.artifact().path(Step::Component);
    let elsewhere = format!("http://{}{path}", storage.host());
    registry.at(Step::Component, move |_| answer::redirect(&elsewhere));
    registry.guard(BASIC, "Basic realm=\"r\"");
    let running = listen(registry).await;
    assert!(pull_with(&running, settings(&running)).await.is_ok());
    let seen: Vec<_> = storage
        .seen()
        .into_iter()
        .map(|seen| (seen.path, seen.authorization))
        .collect();
    assert_eq!(seen, [(path, String::new())]);
}

/// Each challenge would have the credentials sent to a host that nobody named.
#[tokio::test]
async fn b12_a_realm_that_only_the_registry_names_gets_nothing() {
    let watcher = listen(honest()).await;
    let realms = [
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://[fd00:ec2::254]/latest".to_owned(),
        "https://attacker.example/token".to_owned(),
        format!("http://{}/token", watcher.host()),
        format!("http://user:password@{}/token", watcher.host()),
        format!("https://{}/token", watcher.host()),
        "//attacker.example/token".to_owned(),
        "file:///etc/passwd".to_owned(),
        String::new(),
    ];
    let mut told = String::new();
    for realm in realms {
        let mut registry = honest();
        registry.guard("Bearer t", &format!("Bearer realm=\"{realm}\""));
        let running = listen(registry).await;
        let refused = show(pull_with(&running, settings(&running)).await);
        let credentials = running
            .seen()
            .iter()
            .filter(|seen| !seen.authorization.is_empty())
            .count();
        assert_eq!(credentials, 0, "{realm}: credentials went out");
        told.push_str(
            &refused
                .replace(&running.host(), "HOST")
                .replace(&watcher.host(), "WATCHER"),
        );
        told.push('\n');
    }
    insta::assert_snapshot!(told, @r"
    token-host-not-allowed: The registry `HOST` wants a token from `169.254.169.254`: if that is right, name it as a token host of this registry.
    token-host-not-allowed: The registry `HOST` wants a token from `[fd00:ec2::254]`: if that is right, name it as a token host of this registry.
    token-host-not-allowed: The registry `HOST` wants a token from `attacker.example`: if that is right, name it as a token host of this registry.
    token-host-not-allowed: The registry `HOST` wants a token from `WATCHER`: if that is right, name it as a token host of this registry.
    token-host-not-allowed: The registry `HOST` wants a token from `WATCHER`: if that is right, name it as a token host of this registry.
    token-host-not-allowed: The registry `HOST` wants a token from `WATCHER`: if that is right, name it as a token host of this registry.
    registry-misbehaved: The registry `HOST` names no token server: ask who runs it.
    token-host-not-allowed: The registry `HOST` wants a token from ``: if that is right, name it as a token host of this registry.
    registry-misbehaved: The registry `HOST` names no token server: ask who runs it.
    ");
    assert_eq!(watcher.connections(), 0);
}

/// The second of two challenges, the second header, and one that comes only for the blob, are read no less warily.
#[tokio::test]
async fn b12_no_other_challenge_opens_the_way() {
    let watcher = listen(honest()).await;
    let bad = format!("Bearer realm=\"http://{}/token\"", watcher.host());
    let both = format!("Negotiate, {bad}");
    for (step, challenge) in [(Step::Manifest, &both), (Step::Component, &bad), (Step::Bundle, &bad)] {
        let mut registry = honest();
        let challenge = challenge.clone();
        registry.at(step, move |_| answer::status(401, &[(WWW_AUTHENTICATE, &challenge)]));
        let running = listen(registry).await;
        let refused = pull_with(&running, settings(&running)).await.unwrap_err();
        assert_eq!(refused.code(), Code::TokenHostNotAllowed, "{step:?}");
    }
    assert_eq!(watcher.connections(), 0);
}

/// A registry that is not on this machine may not send us to this machine. Linux takes `0.0.0.0` for it, and we do not.
#[tokio::test]
async fn b12_a_redirect_into_this_machine_is_not_followed() {
    let watcher = listen(honest()).await;
    let places = [
        format!("http://{}/", watcher.host()),
        format!("https://{}/", watcher.host()),
        format!("http://localhost:{}/", watcher.address().port()),
        format!("https://0.0.0.0:{}/", watcher.address().port()),
        format!("https://[::ffff:127.0.0.1]:{}/", watcher.address().port()),
        "http://169.254.169.254/latest".to_owned(),
    ];
    for place in places {
        for step in Step::PULL {
            let mut registry = honest();
            let to = place.clone();
            registry.at(step, move |_| answer::redirect(&to));
            let running = listen(registry).await;
            let outside = format!("0.0.0.0:{}", running.address().port());
            let named = ClientSettings {
                plain_http: vec![outside.clone()],
                ..ClientSettings::default()
            };
            let reference = format!("{outside}/acme/deck:1.0.0").parse().unwrap();
            let refused = Client::new(named).pull(&reference).await.unwrap_err();
            assert_eq!(refused.code(), Code::RedirectNotAllowed, "{place} at {step:?}");
        }
    }
    assert_eq!(watcher.connections(), 0);
}
