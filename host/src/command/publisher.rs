//! `skillhost publisher`: lists publishers, adds one with its namespaces and key, or shows the policy over all of them.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use registry::Label;
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, output};

/// What to do with publishers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost publisher list
  skillhost publisher add acme --namespace acme --public-key acme.pub
  skillhost publisher add-key acme --public-key acme-2027.pub
  skillhost publisher policy")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Publishers, their namespaces and keys
    List,
    /// A publisher owns these namespaces from now on, and this key signs for it
    Add {
        name: Label,
        #[arg(long = "namespace", required = true)]
        namespaces: Vec<Label>,
        #[arg(long, value_name = "FILE")]
        public_key: PathBuf,
    },
    /// The trust policy in force, and why its file is not where it is not
    Policy,
    /// One more key signs for a publisher
    AddKey {
        name: Label,
        #[arg(long, value_name = "FILE")]
        public_key: PathBuf,
    },
}

/// Lists or adds.
///
/// # Errors
/// The host refused, or the key cannot be read.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    let answer = match args.what {
        What::List => {
            output::data(global, &client.get("v1/publishers").await?, list)?;
            return Ok(ExitCode::SUCCESS);
        }
        What::Policy => {
            output::data(global, &client.get("v1/trust-policy").await?, policy)?;
            return Ok(ExitCode::SUCCESS);
        }
        What::Add {
            name,
            namespaces,
            public_key,
        } => {
            let key = read(&public_key)?;
            client
                .post("v1/publishers", &json!({"name": name, "namespaces": namespaces}))
                .await?;
            client
                .post(&format!("v1/publishers/{name}/keys"), &json!({"public_key": key}))
                .await?
        }
        What::AddKey { name, public_key } => {
            client
                .post(
                    &format!("v1/publishers/{name}/keys"),
                    &json!({"public_key": read(&public_key)?}),
                )
                .await?
        }
    };
    output::data(global, &answer, output::facts)?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &PathBuf) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn list(answer: &Value) -> String {
    let publishers = answer
        .get("publishers")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut rows = Vec::new();
    for publisher in &publishers {
        let name = output::text(publisher, &["name"]);
        let namespaces = names(publisher.get("namespaces"));
        for key in publisher.get("keys").and_then(Value::as_array).into_iter().flatten() {
            let state = if key.get("revoked").is_some() {
                "revoked"
            } else {
                "trusted"
            };
            rows.push(vec![
                name.clone(),
                namespaces.clone(),
                output::text(key, &["key"]),
                state.to_owned(),
            ]);
        }
    }
    output::table(&["PUBLISHER", "NAMESPACES", "KEY", "STATE"], &rows)
}

/// The policy as it was written, under what is to be known of it.
fn policy(answer: &Value) -> String {
    let found = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let known = ["/state", "/since", "/digest"].map(found).join(" ");
    let told = [
        ("", known.trim()),
        ("the file is not taken: ", found("/fault/detail")),
        ("no publisher has the keys ", &names(answer.get("unknown_keys"))),
    ];
    let lines = told.iter().filter(|(_, text)| !text.is_empty());
    let head: String = lines.map(|(what, text)| format!("# {what}{text}\n")).collect();
    head + found("/text")
}

fn names(list: Option<&Value>) -> String {
    let names: Vec<&str> = list
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    names.join(",")
}
