//! What others make of our artifacts: cosign verifies them, oras and wkg pull them, Debian's registry keeps them.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use registry::server::{Action, Credentials, Denial, Doorkeeper, RegistryLimits, Who, router};
use registry::signature::{Claim, SigningKey, Statement};
use registry::{Attachment, Client, ClientSettings, Declaration, Login, Package, Reference, SkillFile};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

const TOKEN: &str = "s3cret";

/// A skill, signed for hosts and for cosign.
struct Signed {
    key: SigningKey,
    package: Package,
    attachments: Vec<Attachment>,
}

/// A registry that listens, with a login for the programs of others.
struct Place {
    host: String,
    folder: TempDir,
    process: Option<Child>,
}

/// Whoever has the token may do everything.
struct OneToken;

#[async_trait]
impl Doorkeeper for OneToken {
    async fn admit(&self, credentials: Option<Credentials>, _: Action) -> Result<Who, Denial> {
        let known = credentials.is_some_and(|shown| shown.secret() == TOKEN);
        known.then(|| Who("test".to_owned())).ok_or(Denial::Unknown)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Place {
    /// The embedded registry, which lists referrers itself.
    async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let router = router(
            &folder.path().join("data"),
            RegistryLimits::default(),
            Arc::new(OneToken),
        )
        .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        #[expect(clippy::disallowed_methods, reason = "no test waits for a silent client")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        let place = Self {
            host,
            folder,
            process: None,
        };
        place.log_in("oras", &["--plain-http"]).await;
        place.log_in("cosign", &[]).await;
        place
    }

    /// Debian's docker-registry, which knows no referrers: clients keep their list under a tag.
    async fn debian() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let root = folder.path().join("data");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{free}'}}\nstorage: {{filesystem: {{rootdirectory: '{}'}}}}\n",
            root.display()
        );
        let file = folder.path().join("config.yml");
        fs::write(&file, config).unwrap();
        let mut command = tool("docker-registry", folder.path());
        let process = command
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let place = Self {
            host: free.to_string(),
            folder,
            process: Some(process),
        };
        while TcpStream::connect(free).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        place
    }

    fn reference(&self) -> Reference {
        format!("{}/acme/deck:1.0.0", self.host).parse().unwrap()
    }

    fn client(&self) -> Client {
        let login = Login {
            registry: self.host.clone(),
            user: "anybody".to_owned(),
            secret: TOKEN.to_owned(),
        };
        Client::new(ClientSettings {
            logins: vec![login],
            ..ClientSettings::default()
        })
    }

    /// Runs a program, with a home in the folder; the registry is served meanwhile.
    async fn run(&self, name: &str, arguments: &[&str]) -> Output {
        let mut command = tool(name, self.folder.path());
        command.args(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    async fn succeed(&self, name: &str, arguments: &[&str]) -> String {
        let output = self.run(name, arguments).await;
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name} {arguments:?}: {talk}");
        String::from_utf8_lossy(&output.stdout).into_owned() + &talk
    }

    async fn log_in(&self, name: &str, more: &[&str]) {
        let arguments = [&["login", &self.host, "-u", "anybody", "-p", TOKEN], more].concat();
        self.succeed(name, &arguments).await;
    }

    /// Runs cosign with a public key.
    async fn cosign(&self, key: &SigningKey, digest: &str) -> Output {
        let file = self.folder.path().join("key.pub");
        fs::write(&file, key.public().to_pem().unwrap()).unwrap();
        let artifact = format!("{}/acme/deck@{digest}", self.host);
        let key = file.to_str().unwrap();
        let arguments = [
            "verify",
            "--key",
            key,
            "--insecure-ignore-tlog=true",
            "--allow-http-registry",
            &artifact,
        ];
        self.run("cosign", &arguments).await
    }
}

/// One of the programs that were unpacked, or of the system's.
fn tool(name: &str, home: &Path) -> Command {
    let tools = Path::new(env!("SKILLHOST_TOOLS"));
    let unpacked = tools.join("bin").join(name);
    let mut command = Command::new(if unpacked.exists() { unpacked } else { name.into() });
    command.env("NODE_PATH", tools.join("node_modules"));
    command
        .current_dir(home)
        .env("HOME", home)
        .env("DOCKER_CONFIG", home.join("docker"));
    command
}

fn signed() -> Signed {
    let component = wat::parse_str(
        r#"(component
            (core module $m (func (export "run")))
            (core instance $i (instantiate $m))
            (func $run (canon lift (core func $i "run")))
            (component $shim (import "run" (func $f)) (export "run" (func $f)))
            (instance $tools (instantiate $shim (with "run" (func $run))))
            (export "acme:deck/tools@1.0.0" (instance $tools)))"#,
    );
    let manifest = "[skill]\nname = 'acme/deck'\nversion = '1.0.0'\nsummary = 'Makes decks.'\nlicense = 'Apache-2.0'\n";
    let wit = "package acme:deck@1.0.0;\ninterface tools { run: func(); }\nworld deck { export tools; }\n";
    let page = SkillFile {
        path: "SKILL.md".to_owned(),
        content: Bytes::from_static(b"---\nname: deck\ndescription: Makes decks.\n---\n"),
    };
    let component = registry::component::embed(&component.unwrap(), manifest, wit, &[page]).unwrap();
    let declaration = Declaration::read(&component).unwrap();
    let package = Package::new(component, &declaration).unwrap();
    let key = SigningKey::generate().unwrap();
    let (now, about) = (Timestamp::now(), &declaration.manifest().skill);
    let publisher = "acme".parse().unwrap();
    let claim = Claim::new(
        publisher,
        about.name.clone(),
        about.version.clone(),
        package.digest(),
        now,
    );
    let attach = |bundle: Bytes| Attachment::new(package.manifest(), bundle, now).unwrap();
    let attachments = [Statement::of_skill(&claim), Statement::of_cosign(package.digest())];
    let attachments = attachments.map(|statement| attach(statement.sign(&key))).into();
    Signed {
        key,
        package,
        attachments,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_push_is_verified_and_pulled_by_others() {
    for place in [Place::embedded().await, Place::debian().await] {
        let (signed, reference) = (signed(), place.reference());
        let digest = place
            .client()
            .push(&reference, &signed.package, &signed.attachments)
            .await
            .unwrap();
        let pulled = place.client().pull(&reference).await.unwrap();
        assert_eq!((pulled.digest(), pulled.bundles().len()), (digest, 2));

        let verified = place.cosign(&signed.key, &digest.to_string()).await;
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stderr)
        );
        let stranger = place
            .cosign(&SigningKey::generate().unwrap(), &digest.to_string())
            .await;
        assert!(!stranger.status.success(), "cosign took a stranger's key");

        let artifact = reference.to_string();
        place.succeed("oras", &["pull", "--plain-http", &artifact]).await;
        let file = fs::read(place.folder.path().join("deck.wasm")).unwrap();
        assert_eq!(file, signed.package.component().to_vec());
        let tree = place.succeed("oras", &["discover", "--plain-http", &artifact]).await;
        assert_eq!(tree.matches("dev.sigstore.bundle.content").count(), 2, "{tree}");
    }
}

/// The bundles alone, by two programs that have nothing in common with cosign.
#[tokio::test(flavor = "multi_thread")]
async fn what_we_sign_is_verified_by_others() {
    let (place, signed) = (Place::embedded().await, signed());
    let folder = place.folder.path();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tools/verify.cjs");
    for attachment in &signed.attachments {
        fs::write(folder.join("bundle.json"), attachment.bundle()).unwrap();
        let (signature, covered) = envelope(attachment.bundle());
        fs::write(folder.join("signature"), signature).unwrap();
        fs::write(folder.join("covered"), covered).unwrap();
        for (key, good) in [(&signed.key, true), (&SigningKey::generate().unwrap(), false)] {
            fs::write(folder.join("key.pub"), key.public().to_pem().unwrap()).unwrap();
            let sigstore = place.run("node", &[script, "bundle.json", "key.pub"]).await;
            assert_eq!(
                sigstore.status.success(),
                good,
                "{}",
                String::from_utf8_lossy(&sigstore.stderr)
            );
            let arguments = "pkeyutl -verify -rawin -pubin -inkey key.pub -in covered -sigfile signature";
            let openssl = place.run("openssl", &arguments.split(' ').collect::<Vec<_>>()).await;
            assert_eq!(
                openssl.status.success(),
                good,
                "{}",
                String::from_utf8_lossy(&openssl.stderr)
            );
        }
    }
}

/// The signature of a bundle, and the bytes that it covers (DSSE v1, PAE), taken apart without our own code.
fn envelope(bundle: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let bundle: serde_json::Value = serde_json::from_slice(bundle).unwrap();
    let text = |pointer: &str| bundle.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let decoded = |pointer: &str| STANDARD.decode(text(pointer)).unwrap();
    let (kind, payload) = (text("/dsseEnvelope/payloadType"), decoded("/dsseEnvelope/payload"));
    let mut covered = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    covered.extend(payload);
    (decoded("/dsseEnvelope/signatures/0/sig"), covered)
}

#[cfg(feature = "wkg")]
#[tokio::test(flavor = "multi_thread")]
async fn wkg_pulls_what_we_push() {
    let (place, signed) = (Place::embedded().await, signed());
    let reference = place.reference();
    place
        .client()
        .push(&reference, &signed.package, &signed.attachments)
        .await
        .unwrap();
    let arguments = [
        "oci",
        "pull",
        "--insecure",
        &place.host,
        &reference.to_string(),
        "-o",
        "pulled.wasm",
    ];
    place.succeed("wkg", &arguments).await;
    let file = fs::read(place.folder.path().join("pulled.wasm")).unwrap();
    assert_eq!(file, signed.package.component().to_vec());
}
