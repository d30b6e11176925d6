//! Tokens that were fetched are secrets like those that were configured, for as long as they are valid.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use egress::credential::oauth::Watch;
use gate::Dlp;
use tokio::time::Instant;

/// Tokens of one binding that are known at a time; a service that refuses each token could make any number.
const MOST: usize = 8;

/// Tells the search for secrets of each token of one binding.
pub(super) struct Tokens {
    label: String,
    dlp: Arc<Dlp>,
    valid: Mutex<Vec<(Instant, Vec<u8>)>>,
}

impl Tokens {
    /// Those of the binding that is called so in messages.
    pub(super) fn new(label: String, dlp: Arc<Dlp>) -> Self {
        Self {
            label,
            dlp,
            valid: Mutex::default(),
        }
    }
}

impl Watch for Tokens {
    fn fetched(&self, token: &str, lifetime: Duration) {
        let now = Instant::now();
        let mut valid = self.valid.lock().unwrap_or_else(PoisonError::into_inner);
        valid.retain(|(until, _)| *until > now);
        let surplus = (valid.len() + 1).saturating_sub(MOST);
        valid.drain(..surplus);
        valid.push((now + lifetime, token.as_bytes().to_vec()));
        let values = valid.iter().map(|(_, token)| token.clone()).collect();
        if self.dlp.know(&self.label, values).is_err() {
            valid.pop();
            tracing::warn!(binding = %self.label, "a token is so short that nobody can look for it in what leaves");
        }
    }
}
