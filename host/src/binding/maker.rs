//! What bindings are made with, and what is the same for every kind of them.

use std::sync::Arc;
use std::time::Duration;

use egress::credential::Watch;
use egress::{Resolve, Rule, Times};
use gate::Dlp;
use models::price::Prices;
use ring::hmac;

use super::TextFile;
use super::credential::Read;
use super::error::{BindingError, of_egress};
use super::tokens::Tokens;

/// What a binding is made with.
pub(super) struct Maker<'a> {
    /// The tenant and the binding, as messages name it.
    pub(super) label: String,
    /// The name that skills use.
    pub(super) name: &'a str,
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) dlp: &'a Arc<Dlp>,
    /// The operator's own price list.
    pub(super) prices: Option<&'a Arc<Prices>>,
    /// Makes names of accounts.
    pub(super) account_key: &'a hmac::Key,
}

/// The gate waits this much longer than the way out does, which knows whether anything was sent.
pub(super) const GRACE: Duration = Duration::from_secs(1);

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(60 * 60);

impl Maker<'_> {
    /// Lets the secrets of a login be known to whoever keeps them from leaving.
    pub(super) fn known(&self, label: &str, mut login: Read) -> Result<Read, BindingError> {
        let known = self.dlp.know(label, std::mem::take(&mut login.secrets));
        known.map_err(|error| BindingError::new("credential", error.to_string()))?;
        Ok(login)
    }

    /// Lets each token that is fetched be known, for as long as it is valid.
    pub(super) fn watch(&self, label: &str) -> Arc<dyn Watch> {
        Arc::new(Tokens::new(format!("{label} token"), Arc::clone(self.dlp)))
    }

    /// The host, and behind it what tells one account there from another: it says nothing to whoever lacks the key.
    pub(super) fn account<'a>(
        &self,
        rule: &Rule,
        url: &'a String,
        parts: impl Iterator<Item = &'a String>,
    ) -> Result<String, BindingError> {
        let place = rule.below("/").map_err(of_egress("url"))?;
        let mut context = hmac::Context::with_key(self.account_key);
        for part in std::iter::once(url).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let tag = context.sign();
        let short = hex::encode(tag.as_ref().get(..8).unwrap_or_default());
        Ok(format!("{}:{} {short}", place.host(), place.port()))
    }
}

/// The certificates that are trusted beside the machine's.
///
/// # Errors
/// The file cannot be read.
pub(super) fn roots(roots: Option<&TextFile>) -> Result<Option<String>, BindingError> {
    roots.map(|roots| super::text("roots", roots)).transpose()
}

/// One sending ends within this time, whatever it waits for.
pub(super) fn within(times: &mut Times, timeout: Duration) {
    times.total = timeout;
    times.head = timeout;
    times.connect = times.connect.min(timeout);
}

/// # Errors
/// A time in which nothing can be answered, or for which nobody waits.
pub(super) fn timed(timeout: Duration) -> Result<(), BindingError> {
    if (SHORTEST..=LONGEST).contains(&timeout) {
        return Ok(());
    }
    let told = "say 100 milliseconds to 1 hour, such as \"30s\"";
    Err(BindingError::new("timeout", told))
}
