//! Google's library with accounts that it reads from files, and a token service on this machine.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const PEM: &str = include_str!("../../../../egress/tests/keys/client.pem");

fn of(file: &Value) -> Result<Google, Error> {
    Google::of(&Secret::new(file.to_string()), CLOUD_PLATFORM)
}

fn key() -> UnparsedPublicKey<Vec<u8>> {
    let PrivateKeyDer::Pkcs8(der) = PrivateKeyDer::from_pem_slice(PEM.as_bytes()).unwrap() else {
        panic!("the key is PKCS#8");
    };
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref().to_vec())
}

/// A service account needs nobody: its token is a statement that it signs.
#[tokio::test]
async fn a_service_account_signs_its_token() {
    let google = of(&json!({
        "type": "service_account",
        "client_email": "robot@project.iam.gserviceaccount.com",
        "private_key_id": "key-1",
        "private_key": PEM,
        "project_id": "project",
        "token_uri": "https://oauth2.googleapis.com/token",
    }))
    .unwrap();
    let token = google.token().await.unwrap();
    let [header, claims, signature] = token.token.reveal().split('.').collect::<Vec<_>>().try_into().unwrap();
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(read(header)["kid"], "key-1");
    let claims_read = read(claims);
    assert_eq!(claims_read["iss"], "robot@project.iam.gserviceaccount.com");
    assert_eq!(claims_read["scope"], CLOUD_PLATFORM);
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    key()
        .verify(format!("{header}.{claims}").as_bytes(), &signature)
        .unwrap();
    assert!(!format!("{google:?}").contains("PRIVATE KEY"));
}

/// Answers once, with what it was asked.
async fn token_service(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 16 << 10];
        let mut text = String::new();
        while !text.contains("subject_token=") || !text.contains("audience=") {
            let read = stream.read(&mut bytes).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        text
    });
    (url, asked)
}

fn external(url: &str, file: &std::path::Path) -> Value {
    json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/p",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": url,
        "credential_source": {"file": file},
    })
}

#[tokio::test]
async fn a_workload_exchanges_the_token_of_its_file() {
    let body = r#"{"access_token":"canary-google-token","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3600}"#;
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
    let (url, asked) = token_service(answer.leak()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "canary-subject-token").unwrap();
    let google = of(&external(&url, &file)).unwrap();
    assert_eq!(google.token().await.unwrap().token.reveal(), "canary-google-token");
    let asked = asked.await.unwrap();
    let mut form: Vec<&str> = asked.split("\r\n\r\n").last().unwrap().split('&').collect();
    form.sort_unstable();
    insta::assert_snapshot!(form.join("\n"), @r"
    audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2FworkloadIdentityPools%2Fpool%2Fproviders%2Fp
    grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange
    requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token
    scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform
    subject_token=canary-subject-token
    subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt
    ");
}

#[tokio::test]
async fn what_google_refuses_is_refused() {
    let answer = "HTTP/1.1 400 Bad Request\r\ncontent-length: 25\r\n\r\n{\"error\":\"invalid_grant\"}";
    let (url, _asked) = token_service(answer).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "canary-subject-token").unwrap();
    let error = of(&external(&url, &file)).unwrap().token().await.unwrap_err();
    assert_eq!(error.code(), Code::TokenRefused, "{error:?}");
    assert!(!error.told().contains("canary"));
}

#[tokio::test]
async fn files_that_are_no_credential_are_refused() {
    let cases = [
        json!({}),
        json!({"type": "gdch_service_account"}),
        json!({"type": "service_account"}),
        json!([1]),
    ];
    for case in cases {
        let error = of(&case).unwrap_err();
        assert_eq!(error.code(), Code::CredentialInvalid, "{case}");
    }
    assert!(Google::of(&Secret::new("no json"), CLOUD_PLATFORM).is_err());
}
