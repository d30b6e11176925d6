//! One crypto provider for every TLS connection of the process.

use std::sync::OnceLock;

/// Installs ring as the process's crypto provider, once. Without one, an HTTP client panics when it is built; a process
/// that installed another before keeps it.
pub fn install_tls_provider() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
