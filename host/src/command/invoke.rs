//! `skillhost invoke`: calls a tool of an approved skill.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use http::StatusCode;
use registry::SkillName;
use serde_json::{Map, Value};

use super::client::{Client, Connection, refusal};
use super::{Global, output};

/// What to call, with what.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost invoke acme/greeter greet name=Ada
  skillhost invoke acme/greeter greet --input '{\"name\": \"Ada\"}'
  skillhost invoke skillhost/powerpoint create-deck --input @outline.json --out .
  skillhost invoke acme/reader read report=@file:report.pdf")]
pub(super) struct Args {
    /// `namespace/name`
    skill: SkillName,
    /// The tool's name
    tool: String,
    /// Arguments as `key=value`; a value that is JSON is taken as JSON, `@file:PATH` uploads a file
    arguments: Vec<String>,
    /// All arguments as one JSON object, or `@PATH` of a file that holds it
    #[arg(long, conflicts_with = "arguments", value_name = "JSON")]
    input: Option<String>,
    /// A folder into which the files of the run are written
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// Calls the tool, prints its value, and fails where the tool answered an error (2) or has not ended (3).
///
/// # Errors
/// The arguments cannot be read, or the host refused.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    let input = match &args.input {
        Some(input) => whole(input)?,
        None => pairs(&client, &args.arguments).await?,
    };
    let path = format!("v1/skills/{}/tools/{}", args.skill, args.tool);
    let (status, answer) = client.try_post(&path, &input).await?;
    if !status.is_success() {
        bail!("{}", refusal(status, &answer));
    }
    if status == StatusCode::ACCEPTED {
        output::data(global, &answer, output::facts)?;
        output::say("the run has not ended: `skillhost runs RUN` shows it, `skillhost consents` what it waits for");
        return Ok(ExitCode::from(3));
    }
    if let Some(folder) = &args.out {
        download(&client, &answer, folder).await?;
    }
    let ok = answer.get("ok").and_then(Value::as_bool) == Some(true);
    output::data(global, &answer, |answer| {
        let shown = answer.get(if ok { "value" } else { "error" }).unwrap_or(&Value::Null);
        serde_json::to_string_pretty(shown).unwrap_or_default()
    })?;
    output::say(&format!("run {}", output::text(&answer, &["run"])));
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Writes every file of the answer into a folder, under its own name.
///
/// # Errors
/// A file cannot be fetched or written.
pub(super) async fn download(client: &Client, answer: &Value, folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut written = Vec::new();
    for file in answer.get("files").and_then(Value::as_array).into_iter().flatten() {
        let name = output::text(file, &["name"]);
        // The host checked the name; a host that did not must still not choose where we write.
        let name = Path::new(&name)
            .file_name()
            .context("the host named a file that cannot be written")?;
        let path = folder.join(name);
        let content = client.download(&output::text(file, &["href"])).await?;
        std::fs::write(&path, &content).with_context(|| format!("cannot write {}", path.display()))?;
        output::say(&format!("wrote {} ({} bytes)", path.display(), content.len()));
        written.push(path);
    }
    Ok(written)
}

fn whole(input: &str) -> Result<Value> {
    let text = match input.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?,
        None => input.to_owned(),
    };
    serde_json::from_str(&text).context("--input is not JSON")
}

async fn pairs(client: &Client, arguments: &[String]) -> Result<Value> {
    let mut object = Map::new();
    for argument in arguments {
        let (key, value) = argument
            .split_once('=')
            .with_context(|| format!("`{argument}` is not written as key=value"))?;
        let value = match value.strip_prefix("@file:") {
            Some(path) => upload(client, Path::new(path)).await?,
            None => serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned())),
        };
        object.insert(key.to_owned(), value);
    }
    Ok(Value::Object(object))
}

async fn upload(client: &Client, path: &Path) -> Result<Value> {
    let content = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .context("the file has no name that can be sent")?;
    let media_type = mime_guess::from_path(path).first_or_octet_stream();
    client.upload(name, media_type.essence_str(), content.into()).await
}
