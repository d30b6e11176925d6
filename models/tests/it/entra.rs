//! Tokens of Entra ID, as Microsoft's library asks for them, from a provider that neither of us wrote.

use std::path::Path;
use std::sync::Arc;

use egress::credential::Tokens as _;
use egress::{Client, Code, Request, Rule, RuleSettings, Secret, SystemResolver};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use models::credential::Way;
use models::credential::entra::{COGNITIVE_SERVICES, Entra, Identity};
use support::oidc::OpenIdProvider;

const ROOTS: &str = include_str!("../../../egress/tests/tls/authority.pem");

fn client(provider: &OpenIdProvider) -> Client {
    let mut settings = RuleSettings::new("entra", &provider.directory);
    settings.networks = vec!["127.0.0.1".to_owned()];
    settings.roots = Some(ROOTS.to_owned());
    Client::new(Rule::new(settings).unwrap(), None, Arc::new(SystemResolver))
}

fn entra(provider: &OpenIdProvider, identity: Identity, scope: &str) -> Entra {
    let authority = Some(provider.directory.clone());
    Entra::new(identity, scope, Way::new(client(provider)), authority)
}

fn secret(client: &str, secret: &str) -> Identity {
    Identity::Secret {
        tenant: "contoso.example".to_owned(),
        client: client.to_owned(),
        secret: Secret::new(secret),
    }
}

/// Whose token it is, and what for.
async fn shown(provider: &OpenIdProvider, token: &Secret) -> String {
    let client = client(provider);
    let mut request = Request::new(Method::GET, client.rule().below("/resource").unwrap());
    let bearer = HeaderValue::from_str(&format!("Bearer {}", token.reveal())).unwrap();
    request.headers.insert(AUTHORIZATION, bearer);
    let reply = client.send(request).await.unwrap();
    format!("{} {}", reply.status.as_u16(), String::from_utf8_lossy(&reply.body))
}

/// One test, so that the packages are installed once.
#[tokio::test]
async fn tokens_of_a_directory_come_from_a_provider_that_is_not_ours() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    let Some(provider) = OpenIdProvider::start(&folder).await else {
        return;
    };
    let pod = tempfile::tempdir().unwrap();
    let file = pod.path().join("token");
    std::fs::write(&file, &provider.assertion).unwrap();
    let workload = Identity::Workload {
        tenant: Some("contoso.example".to_owned()),
        client: Some("workload".to_owned()),
        file: Some(file),
    };
    for (id, identity) in [
        ("application", secret("application", "canary+s3cret %:&=3")),
        ("workload", workload),
    ] {
        let token = entra(&provider, identity, COGNITIVE_SERVICES).token().await.unwrap();
        assert!(token.lifetime.unwrap().as_secs() > 500, "{id}");
        let expected = format!("200 {id} {COGNITIVE_SERVICES}");
        assert_eq!(shown(&provider, &token.token).await, expected);
    }
    for (identity, scope) in [
        (secret("application", "canary-wrong"), COGNITIVE_SERVICES),
        (secret("nobody", "canary-wrong"), COGNITIVE_SERVICES),
        (
            secret("application", "canary+s3cret %:&=3"),
            "https://graph.microsoft.com/.default",
        ),
    ] {
        let error = entra(&provider, identity, scope).token().await.unwrap_err();
        assert_eq!(error.code(), Code::TokenRefused, "{error:?}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}
