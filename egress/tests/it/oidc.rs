//! Token flows against npm's oidc-provider, which is somebody else's idea of them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use egress::credential::oauth::{ClientAuth, Grant, SigningKey, TokenSettings, TokenSource};
use egress::{Client, Code, Credential, Request, Rule, RuleSettings, Secret};
use http::Method;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::server::{Names, get};

/// The provider's process, which ends with it.
struct Provider {
    _process: Child,
    url: String,
}

impl Provider {
    /// Starts it, or says that this machine cannot, which is a failure where everything must be tried.
    async fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let installed = match install(&folder.join("oidc")).await {
            Ok(installed) => installed,
            Err(missing) => {
                assert!(!continuous(), "{missing}");
                eprintln!("not tried: {missing}");
                return None;
            }
        };
        let mut process = Command::new("node")
            .arg(installed.join("server.mjs"))
            .arg(folder.join("keys/client.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().expect("the provider says its port");
        Some(Self {
            _process: process,
            url: format!("http://127.0.0.1:{port}"),
        })
    }

    /// A client of the resource, whose tokens are fetched so.
    fn client(&self, auth: ClientAuth, scope: Option<&str>) -> Client {
        let settings = TokenSettings {
            endpoint: loopback("provider", &format!("{}/token", self.url)),
            client: auth,
            grant: Grant::ClientCredentials,
            scope: scope.map(str::to_owned),
            parameters: Vec::new(),
            lifetime: Duration::from_secs(60),
        };
        let resolver = Arc::new(Names::default());
        let source = TokenSource::new(settings, Arc::clone(&resolver) as _);
        Client::new(
            loopback("resource", &self.url),
            Some(Credential::oauth(source)),
            resolver,
        )
    }
}

fn loopback(name: &str, base: &str) -> Rule {
    let mut settings = RuleSettings::new(name, base);
    settings.plain_http = true;
    settings.networks = vec!["127.0.0.1".to_owned()];
    Rule::new(settings).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "where nothing may be left out is said by the environment"
)]
fn continuous() -> bool {
    std::env::var_os("CI").is_some()
}

/// Installs the pinned packages below the target directory, once.
async fn install(from: &Path) -> Result<PathBuf, String> {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    std::fs::create_dir_all(&to).unwrap();
    for name in ["package.json", "server.mjs"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    let lock = std::fs::read(from.join("package-lock.json")).unwrap();
    if std::fs::read(to.join("installed")).is_ok_and(|installed| installed == lock) {
        return Ok(to);
    }
    std::fs::write(to.join("package-lock.json"), &lock).unwrap();
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--silent"])
        .current_dir(&to);
    let done = npm
        .output()
        .await
        .map_err(|cause| format!("npm does not start: {cause}"))?;
    if !done.status.success() {
        return Err(format!("npm: {}", String::from_utf8_lossy(&done.stderr)));
    }
    std::fs::write(to.join("installed"), &lock).unwrap();
    Ok(to)
}

fn key() -> SigningKey {
    let pem = include_str!("../keys/client.pem");
    SigningKey::from_pem(&Secret::new(pem)).unwrap()
}

/// One test, so that the packages are installed once.
#[tokio::test]
async fn tokens_come_from_a_provider_that_is_not_ours() {
    let Some(provider) = Provider::start().await else {
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
        let client = provider.client(auth, Some("read"));
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

async fn wrong_credentials_are_refused(provider: &Provider) {
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
        let error = get(&provider.client(auth, None), "/resource").await.unwrap_err();
        assert_eq!(error.code(), Code::TokenRefused);
        assert!(error.told().ends_with("invalid_client."), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    let auth = ClientAuth::Post {
        id: "post".to_owned(),
        secret: Secret::new("canary+s3cret %:&=2"),
    };
    let error = get(&provider.client(auth, Some("write")), "/resource")
        .await
        .unwrap_err();
    assert!(error.told().ends_with("invalid_scope."), "{error}");
}
