//! `skillhost publish`: build, sign, push and attach in one step, or any of them alone.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use jiff::{Timestamp, ToSpan};
use registry::signature::{Claim, SigningKey, Statement};
use registry::{Attachment, Declaration, Digest, Login, Package, PublisherName, Reference};
use serde_json::json;
use url::Url;

use super::build::Source;
use super::client::Connection;
use super::{Global, keygen, output};
use crate::config::Config;

/// What to publish, where to and signed by whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost publish --key acme                       this project, to the host's own registry
  skillhost publish --wasm app.wasm --manifest skill.toml --key acme
  skillhost publish --key acme --to ghcr.io/acme-corp
  skillhost publish --unsigned                       push; sign later, elsewhere:
  skillhost publish --sign-only acme/greeter:0.1.0 --key acme
  skillhost publish --print-predicate --sign-only acme/greeter:0.1.0 > predicate.json
  cosign attest --type https://skillhost.dev/skill/v1 --predicate predicate.json --key cosign.key …")]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    /// The signing key: a publisher's name for a key in the keys folder, or a PEM file
    #[arg(long, value_name = "NAME|FILE")]
    key: Option<String>,
    /// The publisher who signs; the skill's namespace where it is not given
    #[arg(long)]
    publisher: Option<PublisherName>,
    /// A registry outside with an optional prefix, such as `ghcr.io/acme-corp`
    #[arg(long, value_name = "REGISTRY")]
    to: Option<String>,
    /// Push without a signature; nobody can approve it until one is attached
    #[arg(long, conflicts_with = "sign_only")]
    unsigned: bool,
    /// Sign and attach to what was pushed before
    #[arg(long, value_name = "REFERENCE", conflicts_with_all = ["wasm", "manifest"])]
    sign_only: Option<String>,
    /// Print the predicate that would be signed as JSON, and stop
    #[arg(long, conflicts_with = "unsigned")]
    print_predicate: bool,
    /// Days after which the signature no longer allows new approvals
    #[arg(long, default_value_t = 365)]
    days: u16,
    #[command(flatten)]
    connection: Connection,
}

/// Publishes and prints the digest under which the skill can be approved.
///
/// # Errors
/// Building, signing or pushing failed; what was pushed before is left as it was.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let config = Config::load(global.config.as_deref())?;
    let client = client(&config, &args.connection)?;
    if args.print_predicate {
        output::json(&predicate(&args, &client).await?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let published = match &args.sign_only {
        Some(reference) => sign_only(global, &args, &client, reference).await?,
        None => build_and_push(global, &args, &client).await?,
    };
    output::data(global, &published, output::facts)?;
    Ok(ExitCode::SUCCESS)
}

/// A client of registries: of this host's own with the token, of those outside with what the configuration says.
///
/// # Errors
/// A secret of the configuration cannot be read.
pub(super) fn client(config: &Config, connection: &Connection) -> Result<registry::Client> {
    let mut settings = config.registries()?;
    if let Ok(token) = connection.token() {
        let (registry, secret) = (authority(connection.url())?, token.to_owned());
        settings.logins.push(Login {
            registry,
            user: "token".to_owned(),
            secret,
        });
    }
    Ok(registry::Client::new(settings))
}

/// Host and port of the embedded registry.
///
/// # Errors
/// The URL names no host.
pub(super) fn authority(url: &Url) -> Result<String> {
    let host = url.host_str().context("the host's URL names no host")?;
    let port = url.port_or_known_default().context("the host's URL names no port")?;
    Ok(format!("{host}:{port}"))
}

async fn build_and_push(global: &Global, args: &Args, client: &registry::Client) -> Result<serde_json::Value> {
    let built = args.source.build().await?;
    let package = Package::new(built.component, &built.declaration)?;
    let claim = claim(args, &built.declaration, package.digest())?;
    let attachments = match args.unsigned {
        true => Vec::new(),
        false => attachments(
            &signing_key(global, args, &claim.publisher)?,
            &claim,
            package.manifest(),
        )?,
    };
    let reference = format!(
        "{}/{}:{}",
        registry(args.to.as_deref(), &args.connection)?,
        claim.skill,
        claim.version
    )
    .parse::<Reference>()?;
    output::say(&format!("pushing {reference}"));
    let digest = client.push(&reference, &package, &attachments).await?;
    Ok(json!({
        "skill": claim.skill, "version": claim.version, "reference": reference.to_string(), "digest": digest,
        "publisher": claim.publisher, "signed": !args.unsigned,
    }))
}

/// What is to be signed, of this project or of what was pushed before, for whichever tool signs it.
async fn predicate(args: &Args, client: &registry::Client) -> Result<Claim> {
    if let Some(reference) = &args.sign_only {
        let registry = registry(args.to.as_deref(), &args.connection)?;
        let pulled = client.pull(&full(&registry, reference)?).await?;
        return claim(args, &Declaration::read(pulled.component())?, pulled.digest());
    }
    let built = args.source.build().await?;
    let package = Package::new(built.component, &built.declaration)?;
    claim(args, &built.declaration, package.digest())
}

async fn sign_only(
    global: &Global,
    args: &Args,
    client: &registry::Client,
    reference: &str,
) -> Result<serde_json::Value> {
    let reference = full(&registry(args.to.as_deref(), &args.connection)?, reference)?;
    let pulled = client.pull(&reference).await?;
    let declaration = Declaration::read(pulled.component())?;
    let claim = claim(args, &declaration, pulled.digest())?;
    let attachments = attachments(&signing_key(global, args, &claim.publisher)?, &claim, pulled.manifest())?;
    client.attach(&reference, &attachments).await?;
    Ok(json!({
        "skill": claim.skill, "version": claim.version, "reference": reference.to_string(),
        "digest": pulled.digest(), "publisher": claim.publisher, "signed": true,
    }))
}

/// The registry that was named, or the host's own.
///
/// # Errors
/// The host's URL names no host.
pub(super) fn registry(to: Option<&str>, connection: &Connection) -> Result<String> {
    match to {
        Some(registry) => Ok(registry.trim_end_matches('/').to_owned()),
        None => authority(connection.url()),
    }
}

/// `namespace/name:version` means this registry.
///
/// # Errors
/// It is no reference.
pub(super) fn full(registry: &str, reference: &str) -> Result<Reference> {
    let short = reference.split('/').count() == 2;
    let text = if short {
        format!("{registry}/{reference}")
    } else {
        reference.to_owned()
    };
    Ok(text.parse()?)
}

fn claim(args: &Args, declaration: &Declaration, digest: Digest) -> Result<Claim> {
    let about = &declaration.manifest().skill;
    let publisher = args.publisher.clone().unwrap_or_else(|| about.name.namespace().clone());
    let issued = Timestamp::now();
    let expires = issued.checked_add((i64::from(args.days) * 24).hours())?;
    Ok(Claim {
        expires,
        ..Claim::new(publisher, about.name.clone(), about.version.clone(), digest, issued)
    })
}

/// Our statement and cosign's, each signed and ready to be attached to the artifact with this manifest.
///
/// # Errors
/// A statement cannot be written.
pub(super) fn attachments(key: &SigningKey, claim: &Claim, manifest: &[u8]) -> Result<Vec<Attachment>> {
    let statements = [Statement::of_skill(claim), Statement::of_cosign(claim.digest)];
    let attach = |statement: Statement| Ok(Attachment::new(manifest, statement.sign(key), claim.issued)?);
    statements.into_iter().map(attach).collect()
}

fn signing_key(global: &Global, args: &Args, publisher: &PublisherName) -> Result<SigningKey> {
    let path = match &args.key {
        None => keygen::path(&global.keys, publisher),
        Some(key) => keygen::find(&global.keys, key),
    };
    if !path.is_file() {
        bail!(
            "no key in {}: make one with `skillhost keygen {publisher}`, or publish with --unsigned",
            path.display()
        );
    }
    SigningKey::read(&path).with_context(|| format!("{} cannot be used", path.display()))
}
