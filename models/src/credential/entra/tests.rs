//! Microsoft's library, by the house's own way, at an authority that answers as Entra ID does.

use std::sync::{Arc, Mutex};

use egress::{Client, Rule, RuleSettings, SystemResolver};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::*;

const CHAIN: &[u8] = include_bytes!("../../../../egress/tests/tls/server.pem");
const KEY: &[u8] = include_bytes!("../../../../egress/tests/tls/server.key");
const ROOTS: &str = include_str!("../../../../egress/tests/tls/authority.pem");

const GOOD: (&str, &str) = (
    "200 OK",
    r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"canary-entra-token"}"#,
);
const BAD: (&str, &str) = (
    "401 Unauthorized",
    r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.","error_codes":[7000215]}"#,
);
const BUSY: (&str, &str) = ("503 Service Unavailable", "{}");

/// An authority with one answer to everything, which writes down what it was asked.
struct Authority {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl Authority {
    async fn new((status, body): (&'static str, &'static str)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut task = JoinSet::new();
        let (tls, to_tell) = (acceptor(), Arc::clone(&asked));
        task.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = tls.accept(stream).await else {
                    continue;
                };
                let mut bytes = Vec::new();
                while !whole(&bytes) && stream.read_buf(&mut bytes).await.unwrap() > 0 {}
                to_tell.lock().unwrap().push(String::from_utf8(bytes).unwrap());
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                let _ = stream.shutdown().await;
            }
        });
        Self {
            url,
            asked,
            _task: task,
        }
    }

    fn entra(&self, identity: Identity) -> Entra {
        let mut settings = RuleSettings::new("entra", &self.url);
        settings.networks = vec!["127.0.0.1".to_owned()];
        settings.roots = Some(ROOTS.to_owned());
        Entra::new(identity, COGNITIVE_SERVICES, way(settings), Some(self.url.clone()))
    }

    /// Request line and form of the only request.
    fn asked(&self) -> (String, String) {
        let asked = self.asked.lock().unwrap();
        let [only] = asked.as_slice() else { panic!("{asked:?}") };
        let (head, form) = only.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), form.to_owned())
    }
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(CHAIN)
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
}

fn whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

fn way(settings: RuleSettings) -> Way {
    Way::new(Client::new(
        Rule::new(settings).unwrap(),
        None,
        Arc::new(SystemResolver),
    ))
}

fn secret() -> Identity {
    Identity::Secret {
        tenant: "contoso.example".to_owned(),
        client: "client-1".to_owned(),
        secret: Secret::new("canary-secret"),
    }
}

#[tokio::test]
async fn a_secret_becomes_a_token_for_the_scope() {
    let authority = Authority::new(GOOD).await;
    let entra = authority.entra(secret());
    assert!(!format!("{entra:?}").contains("canary"), "{entra:?}");
    let token = entra.token().await.unwrap();
    assert_eq!(token.token.reveal(), "canary-entra-token");
    assert!(token.lifetime.unwrap() > Duration::from_secs(3000));
    let (line, form) = authority.asked();
    assert_eq!(line, "POST /contoso.example/oauth2/v2.0/token HTTP/1.1");
    insta::assert_snapshot!(form, @"client_id=client-1&client_secret=canary-secret&grant_type=client_credentials&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default");
}

#[tokio::test]
async fn a_workload_shows_the_token_of_its_file() {
    let authority = Authority::new(GOOD).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "canary-federated-token").unwrap();
    let entra = authority.entra(Identity::Workload {
        tenant: Some("contoso.example".to_owned()),
        client: Some("client-1".to_owned()),
        file: Some(file),
    });
    assert_eq!(entra.token().await.unwrap().token.reveal(), "canary-entra-token");
    let (_, form) = authority.asked();
    let mut form: Vec<&str> = form.split('&').collect();
    form.sort_unstable();
    insta::assert_snapshot!(form.join("\n"), @r"
    client_assertion=canary-federated-token
    client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer
    client_id=client-1
    grant_type=client_credentials
    scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default
    ");
}

#[tokio::test]
async fn what_entra_refuses_is_refused_and_what_is_busy_may_be_asked_again() {
    for (answer, code) in [(BAD, Code::TokenRefused), (BUSY, Code::TokenUnavailable)] {
        let authority = Authority::new(answer).await;
        let error = authority.entra(secret()).token().await.unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        assert!(!error.told().contains("AADSTS"), "{error}");
        authority.asked();
    }
}

/// The library reaches no place that its way does not lead to: the machine's metadata service, unless it is named.
#[tokio::test]
async fn a_library_goes_only_where_its_way_leads() {
    let settings = RuleSettings::new("entra", "https://login.example/");
    let managed = Entra::new(
        Identity::Managed { client: None },
        COGNITIVE_SERVICES,
        way(settings),
        None,
    );
    let error = managed.token().await.unwrap_err();
    assert_eq!(error.code(), Code::HostNotAllowed, "{error:?}");
    let mut settings = RuleSettings::new("entra", "http://169.254.169.254/");
    settings.plain_http = true;
    let managed = Entra::new(
        Identity::Managed { client: None },
        COGNITIVE_SERVICES,
        way(settings),
        None,
    );
    let error = managed.token().await.unwrap_err();
    assert_eq!(error.code(), Code::AddressForbidden, "{error:?}");
}

#[tokio::test]
async fn an_identity_that_cannot_be_one_is_said_so() {
    let settings = || RuleSettings::new("entra", "https://login.example/");
    let nameless = Identity::Secret {
        tenant: "no tenant".to_owned(),
        client: "c".to_owned(),
        secret: Secret::new("s"),
    };
    let error = Entra::new(nameless, COGNITIVE_SERVICES, way(settings()), None)
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::CredentialInvalid);
    let authority = Some("http://login.example".to_owned());
    let error = Entra::new(secret(), COGNITIVE_SERVICES, way(settings()), authority)
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::CredentialInvalid);
}
