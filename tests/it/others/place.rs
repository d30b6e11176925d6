//! Registries that listen, and the programs of others that talk to them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use registry::server::{Action, Credentials, Denial, Doorkeeper, RegistryLimits, Who, router};
use registry::signature::SigningKey;
use registry::{Client, ClientSettings, Login, Reference};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

const TOKEN: &str = "s3cret";

/// A registry that listens, with a login for the programs of others.
pub(super) struct Place {
    /// Where it listens, as `127.0.0.1:port`.
    pub(super) host: String,
    /// Its data, and the home of the programs.
    pub(super) folder: TempDir,
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
    pub(super) async fn embedded() -> Self {
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
    pub(super) async fn debian() -> Self {
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
        Self::started(command.arg("serve").arg(&file), free, folder).await
    }

    /// crane's registry, which forgets everything, and says that it knows no referrers in its own way.
    pub(super) async fn crane() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let mut command = tool("crane", folder.path());
        let command = command.args(["registry", "serve", "--address", &free.to_string()]);
        Self::started(command, free, folder).await
    }

    async fn started(command: &mut Command, at: SocketAddr, folder: TempDir) -> Self {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let place = Self {
            host: at.to_string(),
            folder,
            process: Some(process),
        };
        while TcpStream::connect(at).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        place
    }

    pub(super) fn reference(&self) -> Reference {
        format!("{}/acme/deck:1.0.0", self.host).parse().unwrap()
    }

    pub(super) fn client(&self) -> Client {
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
    pub(super) async fn run(&self, name: &str, arguments: &[&str]) -> Output {
        let mut command = tool(name, self.folder.path());
        command.args(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    pub(super) async fn succeed(&self, name: &str, arguments: &[&str]) -> String {
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
    pub(super) async fn cosign(&self, key: &SigningKey, digest: &str) -> Output {
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
pub(super) fn tool(name: &str, home: &Path) -> Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/tools/others says where it unpacked them"
    )]
    let tools = std::env::var("SKILLHOST_TOOLS").expect("run these tests with tests/tools/others");
    let tools = Path::new(&tools);
    let unpacked = tools.join("bin").join(name);
    let mut command = Command::new(if unpacked.exists() { unpacked } else { name.into() });
    command.env("NODE_PATH", tools.join("node_modules"));
    command
        .current_dir(home)
        .env("HOME", home)
        .env("DOCKER_CONFIG", home.join("docker"))
        // The keys that cosign makes live as long as the test.
        .env("COSIGN_PASSWORD", "");
    command
}
