//! Token flows against npm's oidc-provider, which is somebody else's idea of them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egress::credential::oauth::{ClientAuth, Grant, SigningKey, TokenSettings, TokenSource};
use egress::{Client, Code, Credential, Request, Rule, RuleSettings, Secret};
use http::Method;
use support::oidc::OpenIdProvider;

use crate::server::{Names, get};

/// A client of the resource, whose tokens are fetched so.
fn client(provider: &OpenIdProvider, auth: ClientAuth, scope: Option<&str>) -> Client {
    let settings = TokenSettings {
        endpoint: loopback("provider", &format!("{}/token", provider.url)),
        client: auth,
        grant: Grant::ClientCredentials,
        scope: scope.map(str::to_owned),
        parameters: Vec::new(),
        lifetime: Duration::from_secs(60),
    };
    let resolver = Arc::new(Names::default());
    let source = TokenSource::new(settings, Arc::clone(&resolver) as _);
    Client::new(
        loopback("resource", &provider.url),
        Some(Credential::oauth(source)),
        resolver,
    )
}

fn loopback(name: &str, base: &str) -> Rule {
    let mut settings = RuleSettings::new(name, base);
    settings.plain_http = true;
    settings.networks = vec!["127.0.0.1".to_owned()];
    Rule::new(settings).unwrap()
}

fn key() -> SigningKey {
    let pem = include_str!("../keys/client.pem");
    SigningKey::from_pem(&Secret::new(pem)).unwrap()
}

/// One test, so that the packages are installed once.
#[tokio::test]
async fn tokens_come_from_a_provider_that_is_not_ours() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    let Some(provider) = OpenIdProvider::start(&folder).await else {
        return;
    };
    let ways = [
        (
            "basic:client/1",
            ClientAuth::Basic {
                id: "basic:client/1".to_owned(),
                secret: Secret::new("canary+s3cret %:&=1"),
            },
        ),
        (
            "post",
            ClientAuth::Post {
                id: "post".to_owned(),
                secret: Secret::new("canary+s3cret %:&=2"),
            },
        ),
        (
            "signs",
            ClientAuth::PrivateKey {
                id: "signs".to_owned(),
                key: key().named("first"),
                audience: provider.url.clone(),
            },
        ),
    ];
    for (id, auth) in ways {
        let client = client(&provider, auth, Some("read"));
        let reply = get(&client, "/resource").await.unwrap();
        assert_eq!(
            (reply.status.as_u16(), &reply.body[..]),
            (200, format!("{id} read").as_bytes()),
            "{id}"
        );
        a_token_that_ended_is_fetched_again(&client).await;
    }
    wrong_credentials_are_refused(&provider).await;
}

async fn a_token_that_ended_is_fetched_again(client: &Client) {
    let forget = Request::new(Method::DELETE, client.rule().below("/resource").unwrap());
    assert_eq!(client.send(forget).await.unwrap().status, 200);
    let ended = get(client, "/resource").await.unwrap();
    assert_eq!(ended.status, 401);
    assert!(client.invalidate(&ended));
    assert_eq!(get(client, "/resource").await.unwrap().status, 200);
}

async fn wrong_credentials_are_refused(provider: &OpenIdProvider) {
    let wrong = [
        ClientAuth::Basic {
            id: "basic:client/1".to_owned(),
            secret: Secret::new("canary-wrong"),
        },
        ClientAuth::Post {
            id: "nobody".to_owned(),
            secret: Secret::new("canary-wrong"),
        },
        ClientAuth::PrivateKey {
            id: "signs".to_owned(),
            key: key().named("first"),
            audience: "https://another.example/".to_owned(),
        },
    ];
    for auth in wrong {
        let error = get(&client(provider, auth, None), "/resource").await.unwrap_err();
        assert_eq!(error.code(), Code::TokenRefused);
        assert!(error.told().ends_with("invalid_client."), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    let auth = ClientAuth::Post {
        id: "post".to_owned(),
        secret: Secret::new("canary+s3cret %:&=2"),
    };
    let error = get(&client(provider, auth, Some("write")), "/resource")
        .await
        .unwrap_err();
    assert!(error.told().ends_with("invalid_scope."), "{error}");
}
