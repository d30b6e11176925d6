//! Docker's credentials file and the helpers that it names (docker/cli, `config.json`; docker-credential-helpers).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::Login;
use crate::error::{Code, Error};

/// Most bytes of the file.
const FILE_MOST: u64 = 1 << 20;
/// Most bytes that a helper may say.
const ANSWER_MOST: u64 = 64 << 10;
/// How Docker calls its own registry there.
const DOCKER: &str = "https://index.docker.io/v1/";
/// What every helper says where it knows nothing (docker-credential-helpers, credentials/error.go).
const NOT_FOUND: &str = "credentials not found";

/// Where Docker and its kin keep who somebody is at which registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerCredentials {
    /// The file, such as `~/.docker/config.json`. It is read whenever a registry asks.
    pub file: PathBuf,
    /// The folder of the programs `docker-credential-…`; they are found by `PATH` where it is not given.
    pub helpers: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    #[serde(rename = "identitytoken")]
    identity_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

impl DockerCredentials {
    /// The user of a registry, none where nobody is known there: by the registry's own helper, else by the helper for all,
    /// else in the file itself.
    ///
    /// # Errors
    /// `credentials-unusable`.
    pub(super) async fn login(&self, registry: &str, patience: Duration) -> Result<Option<Login>, Error> {
        let file = self.read()?;
        let own = file.cred_helpers.iter().find(|(key, _)| is_of(key, registry));
        let helper = own.map(|(_, name)| name).or(file.creds_store.as_ref());
        if let Some(name) = helper.filter(|name| !name.is_empty())
            && let Some(login) = self.ask(name, registry, patience).await?
        {
            return Ok(Some(login));
        }
        let found = file.auths.into_iter().find(|(key, _)| is_of(key, registry));
        found.map_or(Ok(None), |(_, auth)| auth.login(registry))
    }

    fn read(&self) -> Result<File, Error> {
        let refuse = |why: &str| unusable(&format!("the file {why}"));
        let opened = std::fs::File::open(&self.file).and_then(|file| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::Read::take(file, FILE_MOST + 1), &mut bytes)?;
            Ok(bytes)
        });
        let bytes = opened.map_err(|cause| refuse("cannot be read").keep(cause))?;
        if bytes.len() as u64 > FILE_MOST {
            return Err(refuse("is larger than a mebibyte"));
        }
        // The cause may quote what stands in the file.
        serde_json::from_slice(&bytes).map_err(|_| refuse("is not the JSON that Docker writes"))
    }

    async fn ask(&self, name: &str, registry: &str, patience: Duration) -> Result<Option<Login>, Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if !name.bytes().all(plain) {
            return Err(unusable("the file names a helper that is no plain name"));
        }
        let program = format!("docker-credential-{name}");
        let refuse = |why: &str| unusable(&format!("the helper `{program}` {why}"));
        let path = self
            .helpers
            .as_deref()
            .map_or_else(|| PathBuf::from(&program), |at| at.join(&program));
        let child = start(&path).map_err(|cause| refuse("cannot be started").keep(cause))?;
        let server = if registry == "docker.io" { DOCKER } else { registry };
        let answered = tokio::time::timeout(patience, converse(child, server)).await;
        let answered = answered.map_err(|_| refuse("does not answer"))?;
        let (said, good) = answered.map_err(|cause| refuse("broke off").keep(cause))?;
        if said.len() as u64 > ANSWER_MOST {
            return Err(refuse("says too much"));
        }
        if !good {
            let unknown = String::from_utf8_lossy(&said).contains(NOT_FOUND);
            return if unknown { Ok(None) } else { Err(refuse("failed")) };
        }
        let answer: Answer = serde_json::from_slice(&said).map_err(|_| refuse("says what is no answer"))?;
        Ok(Some(Login {
            registry: registry.to_owned(),
            user: answer.username,
            secret: answer.secret,
        }))
    }
}

impl Auth {
    fn login(self, registry: &str) -> Result<Option<Login>, Error> {
        let (user, secret) = match (self.identity_token, self.auth, self.username.zip(self.password)) {
            (Some(token), ..) if !token.is_empty() => (Login::IDENTITY.to_owned(), token),
            (_, Some(auth), _) if !auth.is_empty() => pair(&auth).ok_or_else(|| {
                unusable(&format!(
                    "the file's `auth` of `{registry}` is not Base64 of a user and a password"
                ))
            })?,
            (_, _, Some(pair)) => pair,
            _ => return Ok(None),
        };
        Ok(Some(Login {
            registry: registry.to_owned(),
            user,
            secret,
        }))
    }
}

fn pair(auth: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
    let (user, secret) = text.split_once(':')?;
    Some((user.to_owned(), secret.trim_end_matches('\0').to_owned()))
}

/// Whether a key of the file means a registry. One that goes on into a registry means a part of it, and not all.
fn is_of(key: &str, registry: &str) -> bool {
    let bare = key.trim_start_matches("https://").trim_start_matches("http://");
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        host => host,
    };
    host.eq_ignore_ascii_case(registry) && matches!(path, "" | "v1" | "v1/" | "v2" | "v2/")
}

fn start(program: &Path) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.kill_on_drop(true).spawn()
}

/// What the helper says, never much more than it may, and whether it ended well.
async fn converse(mut child: Child, server: &str) -> std::io::Result<(Vec<u8>, bool)> {
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not listen has its reasons: what it says counts.
        let _ = input.write_all(server.as_bytes()).await;
    }
    let mut said = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(ANSWER_MOST + 1).read_to_end(&mut said).await?;
    }
    if said.len() as u64 > ANSWER_MOST {
        return Ok((said, false));
    }
    Ok((said, child.wait().await?.success()))
}

fn unusable(why: &str) -> Error {
    Error::new(
        Code::CredentialsUnusable,
        format!("Docker's credentials cannot be used: {why}."),
    )
}
