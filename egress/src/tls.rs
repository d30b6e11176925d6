//! How the other side proves who it is: rustls with ring, the machine's authorities and those that a rule names.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls_platform_verifier::Verifier;
use tokio::sync::OnceCell;

use crate::connect::tls_failed;
use crate::error::Error;
use crate::rule::Rule;
use crate::target::Target;

/// The machine's authorities, read once: they are some hundred files.
static MACHINE: OnceCell<Arc<Verifier>> = OnceCell::const_new();

/// The TLS settings of one client, made when they are first needed: a machine without certificates still reaches loopback.
/// Each client has its own, so that no session is resumed by another.
#[derive(Debug, Default)]
pub(crate) struct Tls(OnceCell<Arc<ClientConfig>>);

impl Tls {
    /// # Errors
    /// `tls-failed` where the machine has no authorities.
    pub(crate) async fn config(&self, rule: &Rule, target: &Target) -> Result<Arc<ClientConfig>, Error> {
        let config = self.0.get_or_try_init(|| make(rule)).await;
        config.cloned().map_err(|cause| tls_failed(target, cause))
    }
}

async fn make(rule: &Rule) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = match rule.roots() {
        [] => Arc::clone(MACHINE.get_or_try_init(|| verifier(Vec::new(), &provider)).await?),
        roots => verifier(roots.to_vec(), &provider).await?,
    };
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

async fn verifier(
    roots: Vec<rustls::pki_types::CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<Verifier>, rustls::Error> {
    let provider = Arc::clone(provider);
    let read = tokio::task::spawn_blocking(move || Verifier::new_with_extra_roots(roots, provider)).await;
    let read = read.map_err(|cause| rustls::Error::General(cause.to_string()))?;
    read.map(Arc::new)
}
