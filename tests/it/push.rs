//! A host that is killed between any two answers of a push: after it starts again the artifact is whole or absent.

mod proxy;

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use jiff::Timestamp;
use proxy::Proxy;
use registry::signature::{SigningKey, Statement};
use registry::{Attachment, Client, ClientSettings, Code, Declaration, Login, Package, Reference, SkillFile};
use serde::Deserialize as _;
use serde_json::{Value, json};

/// The program, serving a folder on a free port.
struct Program {
    child: Child,
    host: String,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut child = program(folder, &["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let said = Value::deserialize(&mut serde_json::Deserializer::from_reader(said)).unwrap();
        let host = said["url"].as_str().unwrap().trim_start_matches("http://");
        Self {
            host: host.trim_end_matches('/').to_owned(),
            child,
        }
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        registry::install_tls_provider();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("http://{}{path}", self.host)).bearer_auth(token);
        let mut reply = request.json(body).send().await.unwrap();
        assert!(reply.status().is_success(), "{path}: {}", reply.status());
        let body = reply.chunk().await.unwrap().unwrap_or_default();
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Program {
    /// SIGKILL: nothing is finished and nothing is tidied.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let token = publisher(folder.path()).await;
    for answers in 1.. {
        let killed = push_and_kill(folder.path(), &token, answers).await;
        if !killed {
            // The push was done before so many answers: it was killed after each of them once.
            assert!(answers > 10, "only {answers} answers were seen");
            return;
        }
    }
}

/// Pushes through a proxy, and kills the host after so many answers; false where the push was done before.
async fn push_and_kill(folder: &Path, token: &str, answers: usize) -> bool {
    let (package, attachment) = signed(&format!("deck-{answers}"));
    let mut program = Program::start(folder);
    let proxy = Proxy::start(program.host.clone(), answers).await;
    let reference = reference(&proxy.host, answers);
    let pushing = client(&proxy.host, token);
    let attachments = std::slice::from_ref(&attachment);
    let acknowledged = tokio::select! {
        biased;
        () = proxy.is_due() => false,
        pushed = pushing.push(&reference, &package, attachments) => pushed.is_ok(),
    };
    program.child.kill().unwrap();
    proxy.let_go();
    drop(program);

    let program = Program::start(folder);
    let unfinished = folder.join("data/registry/unfinished");
    assert_eq!(
        std::fs::read_dir(unfinished).unwrap().count(),
        0,
        "after {answers} answers"
    );
    let reference = self::reference(&program.host, answers);
    let there = client(&program.host, token);
    match there.pull(&reference).await {
        Ok(pulled) => {
            assert_eq!(pulled.digest(), package.digest());
            assert_eq!(
                pulled.bundles(),
                [attachment.bundle().clone()],
                "after {answers} answers"
            );
        }
        Err(error) => {
            assert_eq!(error.code(), Code::ArtifactNotFound, "after {answers} answers: {error}");
            assert!(!acknowledged, "an acknowledged push is lost");
            there.push(&reference, &package, attachments).await.unwrap();
        }
    }
    !acknowledged
}

/// A fresh host with publisher `acme`; the publisher's token.
async fn publisher(folder: &Path) -> String {
    let made = program(folder, &["init"]).output().unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let admin = made["token"].as_str().unwrap();
    let program = Program::start(folder);
    let publisher = json!({"name": "acme", "namespaces": ["acme"]});
    program.post("/v1/publishers", admin, &publisher).await;
    let wanted = json!({"name": "ci", "roles": ["publisher"], "publisher": "acme"});
    let issued = program.post("/v1/tokens", admin, &wanted).await;
    issued["token"].as_str().unwrap().to_owned()
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skillhost"));
    command
        .current_dir(folder)
        .args(["--data", "data", "--keys", "keys", "--json"])
        .args(arguments);
    command
}

fn reference(host: &str, number: usize) -> Reference {
    format!("{host}/acme/deck-{number}:1.0.0").parse().unwrap()
}

fn client(host: &str, token: &str) -> Client {
    let login = Login {
        registry: host.to_owned(),
        user: "token".to_owned(),
        secret: token.to_owned(),
    };
    Client::new(ClientSettings {
        logins: vec![login],
        ..ClientSettings::default()
    })
}

/// A skill without tools that do anything, and cosign's signature of it.
fn signed(name: &str) -> (Package, Attachment) {
    let component = wat::parse_str(
        r#"(component
            (core module $m (func (export "run")))
            (core instance $i (instantiate $m))
            (func $run (canon lift (core func $i "run")))
            (component $shim (import "run" (func $f)) (export "run" (func $f)))
            (instance $tools (instantiate $shim (with "run" (func $run))))
            (export "acme:deck/tools@1.0.0" (instance $tools)))"#,
    );
    let manifest =
        format!("[skill]\nname = 'acme/{name}'\nversion = '1.0.0'\nsummary = 'Makes decks.'\nlicense = 'Apache-2.0'\n");
    let wit = "package acme:deck@1.0.0;\ninterface tools { run: func(); }\nworld deck { export tools; }\n";
    let page = SkillFile {
        path: "SKILL.md".to_owned(),
        content: Bytes::from(format!("---\nname: {name}\ndescription: Makes decks.\n---\n")),
    };
    let component = registry::component::embed(&component.unwrap(), &manifest, wit, &[page]).unwrap();
    let package = Package::new(component.clone(), &Declaration::read(&component).unwrap()).unwrap();
    let bundle = Statement::of_cosign(package.digest()).sign(&SigningKey::generate().unwrap());
    let attachment = Attachment::new(package.manifest(), bundle, Timestamp::now()).unwrap();
    (package, attachment)
}
