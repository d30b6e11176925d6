//! `skillhost doctor`: looks for what keeps a host from working on this machine.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{ExitCode, Stdio};

use anyhow::Result;
use registry::Policy;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::process::Command;

use super::{Global, output};
use crate::binding::Outside;
use crate::config::Config;
use crate::engine::Reset;
use crate::serve::Settings;
use crate::watch;

/// Nothing to say but where.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost doctor
  skillhost doctor --json | jq '.[] | select(.state != \"good\")'")]
pub(super) struct Args {}

/// What was found about one thing.
#[derive(Debug, Serialize)]
struct Finding {
    thing: &'static str,
    state: State,
    /// What was seen, and what to do where it is not good.
    says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    /// The host works, and something it could do it cannot.
    Limited,
    Bad,
}

/// Looks at everything, prints what it found, and fails where something is bad.
///
/// # Errors
/// Standard output is closed.
pub(super) async fn run(global: &Global, _: &Args) -> Result<ExitCode> {
    let findings = vec![
        platform(),
        configuration(global),
        trust_policy(global),
        folder("data", &global.data),
        keys(global),
        listening(global).await,
        memory(),
        toolchain().await,
    ];
    let bad = findings.iter().any(|finding| finding.state == State::Bad);
    output::data(global, &findings, |findings| {
        let rows: Vec<Vec<String>> = findings
            .iter()
            .map(|finding| {
                vec![
                    finding.thing.to_owned(),
                    format!("{:?}", finding.state).to_lowercase(),
                    finding.says.clone(),
                ]
            })
            .collect();
        output::table(&["THING", "STATE", "SAYS"], &rows)
    })?;
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn platform() -> Finding {
    let here = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let state = if here == "x86_64-linux" {
        State::Good
    } else {
        State::Bad
    };
    Finding {
        thing: "platform",
        state,
        says: format!("{here}; the supported platform is x86_64 Linux"),
    }
}

fn configuration(global: &Global) -> Finding {
    let read = Config::load(global.config.as_deref());
    // The key only names accounts, and nobody asks for their names here.
    let tried = read.and_then(|config| {
        watch::read(&config.tenants, "localhost")?;
        Ok(Outside::priced(&config.tenants, &[0; 32], config.prices()?.as_ref())?)
    });
    match tried {
        Ok(_) => Finding {
            thing: "configuration",
            state: State::Good,
            says: "it can be used, with every secret that it refers to".to_owned(),
        },
        Err(error) => Finding {
            thing: "configuration",
            state: State::Bad,
            says: format!("{error:#}"),
        },
    }
}

fn trust_policy(global: &Global) -> Finding {
    let found = |state, says| Finding {
        thing: "trust policy",
        state,
        says,
    };
    // What else the configuration says was looked at before.
    let configured = Config::load(global.config.as_deref())
        .ok()
        .and_then(|config| config.trust_policy);
    let Some(file) = configured else {
        return found(
            State::Good,
            "none is configured: the publishers of the ledger decide".to_owned(),
        );
    };
    let read = std::fs::read_to_string(&file).map_err(|cause| format!("it cannot be read: {}", cause.kind()));
    match read.and_then(|text| Policy::parse(&text).map_err(|error| error.told().to_owned())) {
        Ok(policy) => found(
            State::Good,
            format!(
                "{} can be used; it names {} keys",
                file.display(),
                policy.keys().count()
            ),
        ),
        Err(told) => found(State::Bad, format!("{}: {told}", file.display())),
    }
}

fn folder(thing: &'static str, path: &Path) -> Finding {
    let probe = if path.exists() {
        path
    } else {
        path.parent().filter(|parent| parent.is_dir()).unwrap_or(Path::new("."))
    };
    match tempfile::tempfile_in(probe) {
        Ok(_) if path.exists() => Finding {
            thing,
            state: State::Good,
            says: format!("{} can be written", path.display()),
        },
        Ok(_) => Finding {
            thing,
            state: State::Limited,
            says: format!("{} does not exist yet: `skillhost init` makes it", path.display()),
        },
        Err(error) => Finding {
            thing,
            state: State::Bad,
            says: format!("{} cannot be written: {error}", path.display()),
        },
    }
}

fn keys(global: &Global) -> Finding {
    let found = |state, says| Finding {
        thing: "keys",
        state,
        says,
    };
    if global.keys.starts_with(&global.data) {
        return found(
            State::Bad,
            "the keys lie inside the data folder: whoever copies the data can read it".to_owned(),
        );
    }
    let open: Vec<String> = std::fs::read_dir(&global.keys)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().extension().is_none_or(|extension| extension != "pub"))
        .filter(|entry| {
            entry
                .metadata()
                .is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
        })
        .map(|entry| entry.path().display().to_string())
        .collect();
    match open.as_slice() {
        [] => folder("keys", &global.keys),
        _ => found(State::Bad, format!("others can read {}: chmod 600", open.join(", "))),
    }
}

async fn listening(global: &Global) -> Finding {
    let configured = Config::load(global.config.as_deref())
        .ok()
        .and_then(|config| config.listen);
    let address = configured.unwrap_or_else(|| Settings::new(global.data.clone(), global.keys.clone()).listen);
    match TcpListener::bind(address).await {
        Ok(_) => Finding {
            thing: "address",
            state: State::Good,
            says: format!("{address} is free"),
        },
        Err(error) => Finding {
            thing: "address",
            state: State::Limited,
            says: format!("{address}: {error}; a host may be running there already, or choose another with --listen"),
        },
    }
}

fn memory() -> Finding {
    let says = match Reset::here() {
        Reset::Scan => "dirty pages are found by scanning: nothing can be swapped out here",
        Reset::Zero => "memory is cleared between runs, which is slower: swap is on, or the kernel cannot scan",
    };
    let state = if Reset::here() == Reset::Scan {
        State::Good
    } else {
        State::Limited
    };
    Finding {
        thing: "memory",
        state,
        says: says.to_owned(),
    }
}

async fn toolchain() -> Finding {
    let out = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", "wasm32-wasip2"])
        .stdin(Stdio::null())
        .output();
    let there = out
        .await
        .is_ok_and(|out| out.status.success() && Path::new(String::from_utf8_lossy(&out.stdout).trim()).is_dir());
    let (state, says) = match there {
        true => (State::Good, "skills can be built here"),
        false => (
            State::Limited,
            "skills cannot be built here: `rustup target add wasm32-wasip2`",
        ),
    };
    Finding {
        thing: "toolchain",
        state,
        says: says.to_owned(),
    }
}
