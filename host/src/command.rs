//! The command line. Standard output is data, standard error is talk.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod approvals;
mod approve;
mod build;
mod chosen;
mod client;
mod consents;
mod demo;
mod doctor;
mod export;
mod import;
mod init;
mod inspect;
mod invoke;
mod keygen;
mod new;
mod output;
mod pending;
mod publish;
mod publisher;
mod revoke;
mod rollback;
mod runs;
mod serve;
mod tenant;
mod token;
mod trial;
mod usage;

/// Runs signed, approved agent skills in a sandbox.
#[derive(Debug, Parser)]
#[command(name = "skillhost", version, disable_help_subcommand = true, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// Where the host keeps its state
    #[arg(long, global = true, value_name = "DIR", default_value = "skillhost-data")]
    data: PathBuf,
    /// Where private keys lie, never inside the data folder
    #[arg(long, global = true, value_name = "DIR", default_value = "skillhost-keys")]
    keys: PathBuf,
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON on standard output
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a fresh host: its folders, its keys, tenant `default` and the first admin token
    Init(init::Args),
    /// Run the host: the API, the embedded registry, the sandbox
    Serve(serve::Args),
    /// Make a publisher's signing key
    Keygen(keygen::Args),
    /// Start a skill of your own
    New(new::Args),
    /// Compile a skill and put into it what it declares
    Build(build::Args),
    /// Build, sign, push and attach in one step
    Publish(publish::Args),
    /// Write a published skill into a folder with all that it takes to verify it elsewhere
    Export(export::Args),
    /// Push what was exported to a registry, this host's own or another
    Import(import::Args),
    /// Show what a published skill is and asks for, before anyone approves it
    Inspect(inspect::Args),
    /// Let your tenant run one digest of a skill, with the grants that you name
    Approve(approve::Args),
    /// List approvals, or sign one for hosts elsewhere
    Approvals(approvals::Args),
    /// List new versions that nobody decided about
    Pending(pending::Args),
    /// Try a version on what runs recorded, before anybody approves it
    Try(trial::Args),
    /// Run again what ran before, with the grants that it had then
    Rollback(rollback::Args),
    /// Take back an approval, a key, a publisher or a digest
    Revoke(revoke::Args),
    /// Call a tool of an approved skill
    Invoke(invoke::Args),
    /// List runs, show one, or cancel one
    Runs(runs::Args),
    /// List the calls that wait for a person, or answer one
    Consents(consents::Args),
    /// Show what models used and cost
    Usage(usage::Args),
    /// List publishers, or add one with its namespaces and key
    Publisher(publisher::Args),
    /// List tenants, or add one
    Tenant(tenant::Args),
    /// List tokens, make one, or take one back
    Token(token::Args),
    /// The whole path in one command: publish, approve, invoke, and four refusals
    Demo(demo::Args),
    /// Look for what keeps a host from working on this machine
    Doctor(doctor::Args),
}

const EXAMPLES: &str = "\
Examples:
  skillhost demo                                   see the whole path once
  skillhost init && skillhost serve                a host on 127.0.0.1:7420
  skillhost new acme/greeter && cd greeter         a skill of your own
  skillhost publish --key acme                     build, sign and push it
  skillhost approve acme/greeter:0.1.0 --reason 'tried it'
  skillhost invoke acme/greeter greet name=Ada";

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return output::failed(&cause.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => output::failed(&error),
    }
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let Cli { global, command } = cli;
    match command {
        Command::Init(args) => init::run(&global, args).await,
        Command::Serve(args) => serve::run(&global, args).await,
        Command::Keygen(args) => keygen::run(&global, &args),
        Command::New(args) => new::run(&global, &args),
        Command::Build(args) => build::run(&global, &args).await,
        Command::Publish(args) => publish::run(&global, args).await,
        Command::Export(args) => export::run(&global, args).await,
        Command::Import(args) => import::run(&global, args).await,
        Command::Inspect(args) => inspect::run(&global, args).await,
        Command::Approve(args) => approve::run(&global, args).await,
        Command::Approvals(args) => approvals::run(&global, args).await,
        Command::Pending(args) => pending::run(&global, args).await,
        Command::Try(args) => trial::run(&global, args).await,
        Command::Rollback(args) => rollback::run(&global, args).await,
        Command::Revoke(args) => revoke::run(&global, args).await,
        Command::Invoke(args) => invoke::run(&global, args).await,
        Command::Runs(args) => runs::run(&global, args).await,
        Command::Consents(args) => consents::run(&global, args).await,
        Command::Usage(args) => usage::run(&global, args).await,
        Command::Publisher(args) => publisher::run(&global, args).await,
        Command::Tenant(args) => tenant::run(&global, args).await,
        Command::Token(args) => token::run(&global, args).await,
        Command::Demo(args) => demo::run(&global, args).await,
        Command::Doctor(args) => doctor::run(&global, &args).await,
    }
}
