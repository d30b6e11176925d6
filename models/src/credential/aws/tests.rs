//! Signatures and keys as Amazon's own library for Python makes them, and credentials that end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::provider::future;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egress::credential::{Sign, Tokens};
use serde::Deserialize;

use super::*;
use crate::credential::vectors::{Asked, NOW, signed};

#[derive(Deserialize)]
struct Credential {
    id: String,
    secret: String,
    session: Option<String>,
}

#[derive(Deserialize)]
struct Vectors {
    aws: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    service: String,
    region: String,
    credential: Credential,
    request: Asked,
    signed: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Keys {
    #[serde(rename = "bedrock-key")]
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    region: String,
    credential: Credential,
    seconds: u64,
    key: String,
}

fn fixed(credential: &Credential) -> Aws {
    let session = credential.session.as_deref().map(Secret::new);
    Aws::fixed(&credential.id, &Secret::new(&*credential.secret), session.as_ref())
}

#[tokio::test]
async fn signatures_are_those_of_botocore() {
    let vectors: Vectors = serde_json::from_str(include_str!("../vectors/aws.json")).unwrap();
    for vector in vectors.aws {
        let mut signer = SigV4::new(fixed(&vector.credential), vector.region, vector.service);
        signer.clock = NOW;
        assert_eq!(
            signed(&signer, &vector.request).await,
            vector.signed,
            "{}",
            vector.request.url
        );
        assert!(
            vector
                .signed
                .keys()
                .all(|name| signer.headers().iter().any(|owned| owned.as_str() == name))
        );
    }
}

#[tokio::test]
async fn keys_are_those_of_amazons_generator() {
    let keys: Keys = serde_json::from_str(include_str!("../vectors/bedrock-key.json")).unwrap();
    for key in keys.keys {
        let life = Duration::from_secs(key.seconds);
        let mut made = BedrockKey::new(fixed(&key.credential), &key.region, life);
        made.clock = NOW;
        let token = made.token().await.unwrap();
        assert_eq!(told(token.token.reveal()), told(&key.key));
        assert_eq!(token.lifetime, Some(life));
    }
}

/// What a key says, by its parameters: only the last has its place, for the others are sorted before they are signed.
fn told(key: &str) -> (String, Vec<String>, String) {
    let encoded = key.strip_prefix("bedrock-api-key-").unwrap();
    let call = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    let (place, query) = call.split_once('?').unwrap();
    let (query, last) = query.rsplit_once('&').unwrap();
    let mut query: Vec<String> = query.split('&').map(str::to_owned).collect();
    query.sort_unstable();
    (place.to_owned(), query, last.to_owned())
}

#[test]
fn a_key_lives_twelve_hours_at_most() {
    let credential = Aws::fixed("id", &Secret::new("secret"), None);
    let key = BedrockKey::new(credential, "us-east-1", Duration::from_secs(1 << 40));
    assert!(format!("{key:?}").contains("lifetime: 43200s"), "{key:?}");
}

/// Gives a session of so many seconds, each with a token of its own.
#[derive(Debug)]
struct Sessions {
    given: Arc<AtomicUsize>,
    seconds: u64,
}

impl ProvideCredentials for Sessions {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        let end = SystemTime::now() + Duration::from_secs(self.seconds);
        let session = Some(format!("canary-session-{number}"));
        future::ProvideCredentials::ready(Ok(Credentials::new("id", "secret", session, Some(end), "test")))
    }
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Watch for Told {
    fn fetched(&self, token: &str, _: Duration) {
        self.0.lock().unwrap().push(token.to_owned());
    }
}

fn sessions(seconds: u64) -> (Aws, Arc<AtomicUsize>, Arc<Told>) {
    let (given, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(Told::default()));
    let provider = SharedCredentialsProvider::new(Sessions {
        given: Arc::clone(&given),
        seconds,
    });
    let rule = egress::Rule::new(egress::RuleSettings::new("aws", "https://sts.us-east-1.amazonaws.com/")).unwrap();
    let client = egress::Client::new(rule, None, Arc::new(egress::SystemResolver));
    let source = Source::Chain {
        way: Way::new(client),
        region: "us-east-1".to_owned(),
        profile: None,
        found: tokio::sync::OnceCell::new_with(Some(provider)),
    };
    let watch: Arc<dyn Watch> = Arc::<Told>::clone(&told);
    (Aws::new(source, Some(watch)), given, told)
}

#[tokio::test]
async fn a_session_is_fetched_once_for_all_and_told_of() {
    let (aws, given, told) = sessions(3600);
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let aws = aws.clone();
            tokio::spawn(async move { aws.credentials().await.unwrap() })
        })
        .collect();
    for each in waiting {
        assert_eq!(each.await.unwrap().session_token(), Some("canary-session-0"));
    }
    assert_eq!(given.load(Ordering::SeqCst), 1);
    assert!(aws.forget());
    assert_eq!(
        aws.credentials().await.unwrap().session_token(),
        Some("canary-session-1")
    );
    assert_eq!(*told.0.lock().unwrap(), ["canary-session-0", "canary-session-1"]);
    let text = format!("{aws:?} {:?}", SigV4::new(aws.clone(), "us-east-1", "bedrock"));
    assert!(!text.contains("canary"), "{text}");
}

/// A session that ends is not used any more, and a key that is made of one lives no longer than it.
#[tokio::test]
async fn a_session_is_not_used_past_its_end() {
    let (aws, given, _) = sessions(0);
    aws.credentials().await.unwrap();
    aws.credentials().await.unwrap();
    assert_eq!(given.load(Ordering::SeqCst), 2);
    let (aws, ..) = sessions(600);
    let key = BedrockKey::new(aws, "us-east-1", Duration::from_secs(3600))
        .token()
        .await
        .unwrap();
    assert!(key.lifetime.unwrap() <= Duration::from_secs(600));
}

#[test]
fn written_credentials_cannot_be_fetched_again() {
    assert!(!Aws::fixed("id", &Secret::new("secret"), None).forget());
}
