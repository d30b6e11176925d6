//! `skillhost approvals`: lists approvals, and signs one for hosts elsewhere.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use jiff::Timestamp;
use registry::signature::{SigningKey, Statement};
use registry::{Attachment, Digest, SkillName};
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, keygen, output, publish};
use crate::config::Config;

/// What to do with approvals.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An exported approval says who approved which digest with which grants, signed by the key that is named. A trust policy
elsewhere asks for it as `\"https://skillhost.dev/approval/v1\" = [\"ann\"]`.

Examples:
  skillhost approvals                                what was approved, and what was taken back
  skillhost approvals export sha256:… --key ann --out approval.json
  skillhost approvals attach approval.json ghcr.io/acme-corp/acme/jira:2.0.0")]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Sign an approval that holds, as a statement about its artifact
    Export {
        digest: Digest,
        /// The approver's key: a name for a key in the keys folder, or a PEM file
        #[arg(long, value_name = "NAME|FILE")]
        key: String,
        /// Where the statement goes
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Lay an exported approval beside its artifact; needs the right to push there
    Attach { file: PathBuf, reference: String },
}

/// The type of what an approver says.
const PREDICATE: &str = "https://skillhost.dev/approval/v1";

/// Lists, signs or attaches.
///
/// # Errors
/// The host refused, the approval does not hold, or a file or registry cannot be used.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    match args.what {
        None => {
            let answer = args.connection.open()?.get("v1/approvals").await?;
            output::data(global, &answer, list)?;
        }
        Some(What::Export { digest, key, out }) => {
            let key =
                SigningKey::read(&keygen::find(&global.keys, &key)).context("the approver's key cannot be used")?;
            let answer = args.connection.open()?.get("v1/approvals").await?;
            let (skill, approval) = holding(&answer, digest)?;
            let bundle = Statement::other(PREDICATE, &approval, &skill, digest).sign(&key);
            std::fs::write(&out, bundle).with_context(|| format!("cannot write {}", out.display()))?;
            let made = json!({"statement": PREDICATE, "digest": digest, "key": key.public().id(), "file": out});
            output::data(global, &made, output::facts)?;
        }
        Some(What::Attach { file, reference }) => {
            let bundle = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let client = publish::client(&Config::load(global.config.as_deref())?, &args.connection)?;
            let reference = publish::full(&publish::registry(None, &args.connection)?, &reference)?;
            let pulled = client.pull(&reference).await?;
            let attachment = Attachment::new(pulled.manifest(), bundle.into(), Timestamp::now())?;
            client.attach(&reference, &[attachment]).await?;
            output::say(&format!("attached to {}", pulled.digest()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The newest approval of an artifact, where it holds: what is signed is what the ledger says.
fn holding(answer: &Value, digest: Digest) -> Result<(SkillName, Value)> {
    let mut approvals = answer.get("approvals").and_then(Value::as_array).into_iter().flatten();
    let digest = digest.to_string();
    let found = approvals.rfind(|approval| output::text(approval, &["digest"]) == digest);
    let mut approval = found.cloned().context("this digest is not approved here")?;
    anyhow::ensure!(approval.get("revoked").is_none(), "this approval was taken back");
    if let Some(approval) = approval.as_object_mut() {
        approval.remove("warnings");
    }
    Ok((output::text(&approval, &["skill"]).parse()?, approval))
}

fn list(answer: &Value) -> String {
    let approvals = answer.get("approvals").and_then(Value::as_array).into_iter().flatten();
    let rows: Vec<_> = approvals
        .map(|approval| {
            let mut row = ["skill", "version", "digest", "at", "by", "reason"]
                .map(|name| output::text(approval, &[name]))
                .to_vec();
            let warned = approval.get("warnings").and_then(Value::as_array).into_iter().flatten();
            let warned: Vec<_> = warned.map(|warning| output::text(warning, &["code"])).collect();
            row.push(match approval.get("revoked") {
                Some(_) => "taken back".to_owned(),
                None => warned.join(" "),
            });
            row
        })
        .collect();
    output::table(&["SKILL", "VERSION", "DIGEST", "AT", "BY", "REASON", "NOTE"], &rows)
}
