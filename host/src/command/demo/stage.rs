//! The demo's host and the people around it: an administrator, a publisher, an agent.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use http::StatusCode;
use jiff::Timestamp;
use registry::signature::{Claim, SigningKey};
use registry::{Attachment, Digest, Package, PublisherName, Reference};
use serde_json::{Value, json};
use url::Url;

use crate::command::build::Built;
use crate::command::client::{Client, Connection, refusal};
use crate::command::serve::until_asked;
use crate::command::{keygen, output, publish};
use crate::config::Config;
use crate::serve::{self, Running};

/// What the deck says.
const OUTLINE: &str = include_str!("outline.json");

/// A host in a fresh folder, with a client for each of the people who use it.
pub(super) struct Stage {
    host: Running,
    url: Url,
    keys: PathBuf,
    token: String,
    /// The administrator.
    pub(super) admin: Client,
    /// The agent.
    pub(super) agent: Client,
}

/// What was pushed.
#[derive(Clone, Debug)]
pub(super) struct Published {
    /// Where to.
    pub(super) reference: Reference,
    /// The digest of its manifest.
    pub(super) digest: Digest,
}

impl Stage {
    /// Starts a host and makes its people.
    ///
    /// # Errors
    /// The host cannot start.
    pub(super) async fn start(folder: &Path, listen: SocketAddr) -> Result<Self> {
        let (data, keys) = (folder.join("data"), folder.join("keys"));
        let token = serve::init(&data, &keys).await?.secret.reveal().to_owned();
        let host = serve::start(Config::default().settings(&data, &keys, Some(listen))?).await?;
        let url: Url = format!("http://{}/", host.address()).parse()?;
        let admin = Connection::new(url.clone(), token.clone()).open()?;
        let agent = token_for(&admin, json!({"name": "demo agent", "roles": ["agent"], "days": 1})).await?;
        let agent = Connection::new(url.clone(), agent).open()?;
        Ok(Self {
            host,
            url,
            keys,
            token,
            admin,
            agent,
        })
    }

    /// Makes a publisher that owns the namespace of its own name, with its key.
    ///
    /// # Errors
    /// The host refused.
    pub(super) async fn publisher(&self, name: &str) -> Result<SigningKey> {
        let name: PublisherName = name.parse()?;
        let (key, public) = self.key(&name)?;
        self.admin
            .post("v1/publishers", &json!({"name": name, "namespaces": [name]}))
            .await?;
        self.admin
            .post(&format!("v1/publishers/{name}/keys"), &json!({"public_key": public}))
            .await?;
        Ok(key)
    }

    /// The key that a publisher was given.
    ///
    /// # Errors
    /// It has none.
    pub(super) fn key_of(&self, publisher: &str) -> Result<SigningKey> {
        Ok(SigningKey::read(&keygen::path(&self.keys, &publisher.parse()?))?)
    }

    /// Makes a key that nobody has heard of.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn stranger(&self) -> Result<SigningKey> {
        Ok(self.key(&"stranger".parse()?)?.0)
    }

    /// Signs where there is a key, and pushes.
    ///
    /// # Errors
    /// The registry refused.
    pub(super) async fn publish(&self, built: &Built, key: Option<&SigningKey>) -> Result<Published> {
        let package = Package::new(built.component.clone(), &built.declaration)?;
        let attachments = match key {
            Some(key) => publish::attachments(key, &claim(built, package.digest()), package.manifest())?,
            None => Vec::new(),
        };
        let reference = self.reference(built)?;
        let digest = self.push(&reference, &package, &attachments).await?;
        Ok(Published { reference, digest })
    }

    /// Pushes one artifact with the signatures that were made for another.
    ///
    /// # Errors
    /// The registry refused.
    pub(super) async fn publish_with_signature_of(
        &self,
        built: &Built,
        signed: &Built,
        key: &SigningKey,
    ) -> Result<Published> {
        let package = Package::new(built.component.clone(), &built.declaration)?;
        let other = Package::new(signed.component.clone(), &signed.declaration)?;
        let claim = claim(signed, other.digest());
        let attachments = publish::attachments(key, &claim, package.manifest())?;
        let reference = self.reference(built)?;
        let digest = self.push(&reference, &package, &attachments).await?;
        Ok(Published { reference, digest })
    }

    /// Asks the host to approve.
    ///
    /// # Errors
    /// The host refused.
    pub(super) async fn approve(&self, reference: &Reference, reason: &str) -> Result<Value> {
        let (status, answer) = self.try_approve(reference, reason).await?;
        ensure!(status.is_success(), "{}", refusal(status, &answer));
        Ok(answer)
    }

    /// Asks the host to approve, and gives its answer whatever it is.
    ///
    /// # Errors
    /// The host cannot be reached.
    pub(super) async fn try_approve(&self, reference: &Reference, reason: &str) -> Result<(StatusCode, Value)> {
        let request = json!({"reference": reference.to_string(), "grants": {}, "reason": reason});
        self.admin.try_post("v1/approvals", &request).await
    }

    /// Makes a deck.
    ///
    /// # Errors
    /// The host refused.
    pub(super) async fn make_deck(&self) -> Result<Value> {
        let (status, answer) = self.try_make_deck().await?;
        ensure!(status.is_success(), "{}", refusal(status, &answer));
        ensure!(
            answer.get("ok") == Some(&Value::Bool(true)),
            "the skill answered an error: {answer}"
        );
        Ok(answer)
    }

    /// Asks for a deck, and gives the host's answer whatever it is.
    ///
    /// # Errors
    /// The host cannot be reached.
    pub(super) async fn try_make_deck(&self) -> Result<(StatusCode, Value)> {
        let outline: Value = serde_json::from_str(OUTLINE).context("the demo's outline is not JSON")?;
        let path = "v1/skills/skillhost/powerpoint/tools/create-deck";
        self.agent.try_post(path, &json!({"outline": outline})).await
    }

    /// Prints a refusal, and fails where there was none.
    ///
    /// # Errors
    /// It was not refused.
    pub(super) fn refused(&self, what: &str, (status, answer): (StatusCode, Value)) -> Result<()> {
        ensure!(
            status.is_client_error(),
            "{what} should have been refused and was answered {status}: {answer}"
        );
        output::say(&format!("   {what}: {status} {}", refusal(status, &answer)));
        Ok(())
    }

    /// The lines to paste.
    pub(super) fn invitation(&self) -> String {
        let (url, token) = (&self.url, &self.token);
        format!(
            "\nThe host stays up. In another terminal:\n\n\
             export SKILLHOST_URL={url} SKILLHOST_TOKEN={token}\n\
             curl -s -H \"Authorization: Bearer $SKILLHOST_TOKEN\" ${{SKILLHOST_URL}}v1/skills\n\
             curl -s -H \"Authorization: Bearer $SKILLHOST_TOKEN\" -H 'Content-Type: application/json' \\\n  \
             -d '{{\"outline\": {{\"title\": \"Hello\", \"sections\": [{{\"slides\": [{{\"title\": \"First\"}}]}}]}}}}' \\\n  \
             ${{SKILLHOST_URL}}v1/skills/skillhost/powerpoint/tools/create-deck\n"
        )
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// The host failed.
    pub(super) async fn serve(self) -> Result<ExitCode> {
        until_asked(self.host).await?;
        Ok(ExitCode::SUCCESS)
    }

    /// Ends the host.
    ///
    /// # Errors
    /// What runs does not end.
    pub(super) async fn stop(self) -> Result<()> {
        Ok(self.host.shutdown().await?)
    }

    fn key(&self, name: &PublisherName) -> Result<(SigningKey, String)> {
        let private = keygen::path(&self.keys, name);
        keygen::make(&private)?;
        let public = std::fs::read_to_string(private.with_extension("pub")).context("the public key is gone")?;
        Ok((SigningKey::read(&private)?, public))
    }

    /// Pushes with a token that only the publisher of the namespace has.
    async fn push(&self, reference: &Reference, package: &Package, attachments: &[Attachment]) -> Result<Digest> {
        let publisher = reference.name().namespace();
        let request = json!({"name": "demo push", "roles": ["publisher"], "publisher": publisher, "days": 1});
        let token = token_for(&self.admin, request).await?;
        let client = publish::client(&Config::default(), &Connection::new(self.url.clone(), token))?;
        Ok(client.push(reference, package, attachments).await?)
    }

    fn reference(&self, built: &Built) -> Result<Reference> {
        let about = &built.declaration.manifest().skill;
        let authority = publish::authority(&self.url)?;
        Ok(format!("{authority}/{}:{}", about.name, about.version).parse()?)
    }
}

fn claim(built: &Built, digest: Digest) -> Claim {
    let about = &built.declaration.manifest().skill;
    let (name, version) = (about.name.clone(), about.version.clone());
    Claim::new(name.namespace().clone(), name, version, digest, Timestamp::now())
}

async fn token_for(admin: &Client, request: Value) -> Result<String> {
    Ok(output::text(&admin.post("v1/tokens", &request).await?, &["token"]))
}
