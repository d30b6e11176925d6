//! Signed requests by the house's own way to moto, which works out each signature once more.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use egress::{Client, Credential, Reply, Request, Rule, RuleSettings, Secret, SystemResolver};
use http::{HeaderValue, Method};
use models::credential::Way;
use models::credential::aws::{Aws, SigV4};
use serde::Deserialize;
use support::program::Program;
use tokio::process::Command;

const REGION: &str = "us-east-1";
const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// Id, secret, and the token of a session.
type Key = (String, String, Option<String>);

#[derive(Deserialize)]
struct Ready {
    port: u16,
    user: Key,
    role: Key,
    arn: String,
}

/// moto's process, which ends with it.
struct Moto {
    _program: Program,
    ready: Ready,
}

impl Moto {
    /// Installs it where it is not, and starts it.
    async fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
        let mut install = Command::new(root.join("tools/venv"));
        install.arg(&environment).arg(root.join("models/moto/requirements.txt"));
        let installed = install.output().await.unwrap();
        let missing = String::from_utf8_lossy(&installed.stderr);
        assert!(installed.status.success(), "{missing}");
        let mut python = Command::new(environment.join("bin/python"));
        python.arg(root.join("models/moto/server.py"));
        let mut program = Program::start(python);
        loop {
            if let Ok(ready) = serde_json::from_str(&program.line().await) {
                let _program = program;
                return Self { _program, ready };
            }
        }
    }

    fn client(&self, (id, secret, session): &Key, service: &str) -> Client {
        let session = session.as_deref().map(Secret::new);
        let aws = Aws::fixed(id, &Secret::new(secret.as_str()), session.as_ref());
        let signer = Credential::signed(SigV4::new(aws, REGION, service));
        client(self.ready.port, Some(signer))
    }

    async fn who(&self, key: &Key) -> Reply {
        who(&self.client(key, "sts")).await
    }
}

fn client(port: u16, credential: Option<Credential>) -> Client {
    let mut settings = RuleSettings::new("moto", format!("http://127.0.0.1:{port}/"));
    settings.plain_http = true;
    settings.networks = vec!["127.0.0.1".to_owned()];
    Client::new(Rule::new(settings).unwrap(), credential, Arc::new(SystemResolver))
}

async fn who(client: &Client) -> Reply {
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    post(client, "/", form, IDENTITY).await
}

async fn post(client: &Client, path: &str, kind: &'static str, body: &'static str) -> Reply {
    let mut request = Request::new(Method::POST, client.rule().below(path).unwrap());
    request.headers.insert("content-type", HeaderValue::from_static(kind));
    request.body = Bytes::from_static(body.as_bytes());
    client.send(request).await.unwrap()
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

#[tokio::test]
#[ignore = "tests/models/check runs it"]
async fn moto_takes_what_is_signed_and_nothing_else() {
    let moto = Moto::start().await;
    works_out_the_same_signature(&moto).await;
    hands_out_a_session(&moto).await;
}

async fn works_out_the_same_signature(moto: &Moto) {
    let Ready { user, role, arn, .. } = &moto.ready;
    let who = moto.who(user).await;
    assert_eq!(who.status, 200, "{}", text(&who));
    assert!(text(&who).contains(":user/robot"), "{}", text(&who));
    let who = moto.who(role).await;
    assert_eq!(who.status, 200, "{}", text(&who));
    assert!(text(&who).contains("assumed-role/role/robot"), "{arn} {}", text(&who));

    let (id, secret, _) = user.clone();
    let (session_id, session_secret, _) = role.clone();
    let wrong = [
        ((id.clone(), format!("{secret}x"), None), "SignatureDoesNotMatch"),
        (("AKIANOBODY".to_owned(), secret.clone(), None), "InvalidClientTokenId"),
        (
            (session_id, session_secret, Some("another".to_owned())),
            "InvalidClientTokenId",
        ),
    ];
    for (key, code) in wrong {
        let who = moto.who(&key).await;
        assert_eq!(who.status, 403, "{}", text(&who));
        assert!(text(&who).contains(code), "{code}: {}", text(&who));
    }

    // A path that is encoded, as Bedrock's are.
    let bedrock = moto.client(user, "bedrock");
    let path = "/model/amazon.nova-lite-v1%3A0/invoke";
    let reply = post(&bedrock, path, "application/json", "{}").await;
    assert_eq!(reply.status, 200, "{}", text(&reply));
    let wrong = moto.client(&(id, format!("{secret}x"), None), "bedrock");
    let reply = post(&wrong, path, "application/json", "{}").await;
    assert_eq!(reply.status, 403, "{}", text(&reply));
}

/// A profile that takes on a role with the key of another profile: Amazon's library asks moto for the session by the house's
/// way out. What it reads of the environment is told to a process of its own.
async fn hands_out_a_session(moto: &Moto) {
    let Ready { port, user, arn, .. } = &moto.ready;
    let (id, secret, _) = user;
    let folder = tempfile::tempdir().unwrap();
    let (config, none) = (folder.path().join("config"), folder.path().join("none"));
    let profiles = format!(
        "[profile robot]\nrole_arn = {arn}\nsource_profile = key\nendpoint_url = http://127.0.0.1:{port}\n\
         [profile key]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
    );
    std::fs::write(&config, profiles).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "moto::by_the_chain", "--ignored", "--nocapture"])
        .env_clear()
        .env("AWS_CONFIG_FILE", config)
        .env("AWS_SHARED_CREDENTIALS_FILE", none)
        .env("MOTO_PORT", port.to_string())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said} {}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "another test runs it, in a process of its own"]
#[expect(
    clippy::disallowed_methods,
    reason = "what the other test says is in the environment"
)]
async fn by_the_chain() {
    let port = std::env::var("MOTO_PORT").unwrap().parse().unwrap();
    let aws = Aws::chain(Way::new(client(port, None)), REGION, Some("robot".to_owned()), None);
    let signer = Credential::signed(SigV4::new(aws, REGION, "sts"));
    let reply = who(&client(port, Some(signer))).await;
    assert_eq!(reply.status, 200, "{}", text(&reply));
    assert!(text(&reply).contains("assumed-role/role/"), "{}", text(&reply));
    let unknown = Aws::chain(Way::new(client(port, None)), REGION, Some("nobody".to_owned()), None);
    let signer = Credential::signed(SigV4::new(unknown, REGION, "sts"));
    let client = client(port, Some(signer));
    let request = Request::new(Method::GET, client.rule().below("/").unwrap());
    let error = client.send(request).await.unwrap_err();
    assert_eq!(error.code(), egress::Code::CredentialInvalid, "{error:?}");
}
