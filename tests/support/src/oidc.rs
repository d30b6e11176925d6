//! A real OpenID provider, npm's `oidc-provider`: it judges by which flows tokens are asked for.

use std::path::Path;

use tokio::process::Command;

use crate::program::{Program, installed};

/// The provider's process.
pub struct OpenIdProvider {
    _program: Program,
    /// Where it gives tokens, at `/token`.
    pub url: String,
    /// Where it gives them as Entra ID does, over TLS and below the name of a directory: `contoso.example`.
    pub directory: String,
    /// What the Kubernetes cluster of the client `workload` writes into its pods.
    pub assertion: String,
}

impl OpenIdProvider {
    /// Starts it, its packages installed in this folder, with the keys of the tests of `egress`. Nothing where this
    /// machine cannot.
    ///
    /// # Panics
    /// Where it must be tried, which the environment says with `CI`, and this machine cannot.
    pub async fn start(folder: &Path) -> Option<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let installed = match installed(&here.join("oidc"), folder).await {
            Ok(installed) => installed,
            Err(missing) => {
                assert!(!continuous(), "{missing}");
                eprintln!("not tried: {missing}");
                return None;
            }
        };
        let keys = here.join("../../egress/tests");
        let mut node = Command::new("node");
        node.arg(installed.join("server.mjs"))
            .args(["keys/client.pem", "tls/server.pem", "tls/server.key"].map(|name| keys.join(name)));
        let mut program = Program::start(node);
        Some(Self {
            url: program.line().await,
            directory: program.line().await,
            assertion: program.line().await,
            _program: program,
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "where nothing may be left out is said by the environment"
)]
fn continuous() -> bool {
    std::env::var_os("CI").is_some()
}
