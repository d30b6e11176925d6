//! `skillhost serve`: runs the host until it is asked to stop.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::{Global, output};
use crate::config::Config;
use crate::serve::{self, Running};

/// Where to listen.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost serve
  skillhost serve --listen 127.0.0.1:8080 --config skillhost.toml")]
pub(super) struct Args {
    /// The address of the API and the embedded registry; 127.0.0.1:7420 where nothing is said
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Serves until SIGTERM or SIGINT, then finishes what runs.
///
/// # Errors
/// The host cannot start: no state, a wrong key, an address in use.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    speak();
    let config = Config::load(global.config.as_deref())?;
    let host = serve::start(config.settings(&global.data, &global.keys, args.listen)?).await?;
    let url = format!("http://{}/", host.address());
    output::data(global, &json!({"url": url}), |_| format!("listening on {url}\n"))?;
    until_asked(host).await?;
    Ok(ExitCode::SUCCESS)
}

/// Waits until the process is asked to end, then ends the host: what is under way finishes first.
///
/// # Errors
/// The host failed.
pub(super) async fn until_asked(host: Running) -> Result<()> {
    let stopper = host.stopper();
    tokio::spawn(async move {
        if serve::asked_to_end().await.is_ok() {
            output::say("finishing what runs");
        }
        stopper.cancel();
    });
    Ok(host.ended().await?)
}

/// The host's own words go to standard error; `SKILLHOST_LOG` says how many.
fn speak() {
    let filter = EnvFilter::builder()
        .with_env_var("SKILLHOST_LOG")
        .with_default_directive(LevelFilter::INFO.into());
    // A process that speaks already keeps its way.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter.from_env_lossy())
        .with_writer(std::io::stderr)
        .try_init();
}
