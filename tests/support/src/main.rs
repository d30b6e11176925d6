//! The simulators as a program, for clients that others wrote: `simulate salesforce --listen 127.0.0.1:8080`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use support::server::{Certificate, Server};
use tokio::net::TcpListener;

/// Simulates a service until it is stopped. Says in one line of JSON where it listens.
#[derive(Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// Which service.
    service: Service,
    /// Where the service listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where what it has seen is read, and where faults are ordered; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    admin: SocketAddr,
    /// A certificate chain in PEM: the service then speaks TLS.
    #[arg(long, requires = "key")]
    certificate: Option<PathBuf>,
    /// The certificate's private key in PEM.
    #[arg(long, requires = "certificate")]
    key: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Service {
    Jira,
    Salesforce,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let certificate = match arguments.certificate.zip(arguments.key) {
        Some((chain, key)) => Some(Certificate::read(&chain, &key)?),
        None => None,
    };
    let service = TcpListener::bind(arguments.listen).await?;
    let admin = TcpListener::bind(arguments.admin).await?;
    let server = match arguments.service {
        Service::Jira => support::jira::server(),
        Service::Salesforce => support::salesforce::server()?,
    };
    announce(&server, &service, &admin)?;
    let steering = server.admin();
    tokio::try_join!(server.run(service, certificate), steering.run(admin, None))?;
    Ok(())
}

fn announce(server: &Server, service: &TcpListener, admin: &TcpListener) -> anyhow::Result<()> {
    let line = serde_json::json!({
        "service": server.name(), "address": service.local_addr()?, "admin": admin.local_addr()?,
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
