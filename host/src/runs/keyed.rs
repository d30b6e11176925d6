//! Invocations that carry an Idempotency-Key: the first is run, and every other is answered by its run.

use jiff::Timestamp;
use registry::{Digest, Tenant};

use super::{RunError, Runs};
use crate::run::RunId;
use crate::store::{InvocationRow, RunTitle};
use crate::token::Caller;

/// The key of an invocation, and what it stands for.
#[derive(Clone, Debug)]
pub struct Keyed {
    key: Digest,
    parameters: Digest,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Nobody used it.
    Free,
    /// This run answers it.
    Answered(RunId),
    /// It was used with other parameters.
    Reused,
}

impl Keyed {
    /// The key that this caller gave, for this path and body. Names of tokens may be the same, so that a caller is told
    /// by its token.
    pub fn new(caller: &Caller, key: &str, path: &str, body: &[u8]) -> Self {
        let parameters = [path.as_bytes(), b"\0", body].concat();
        Self {
            key: Digest::of(format!("{}\0{key}", caller.token()).as_bytes()),
            parameters: Digest::of(&parameters),
        }
    }

    pub(super) fn row(&self, title: &RunTitle) -> InvocationRow {
        InvocationRow {
            key: self.key,
            parameters: self.parameters,
            run: title.id,
            at: title.started_at,
        }
    }
}

impl Runs {
    /// How long a key is remembered, in hours.
    pub const KEYS_HOURS: i64 = 24;

    /// What is known of a key of the tenant.
    ///
    /// # Errors
    /// Where the store cannot be used.
    pub async fn key(&self, tenant: &Tenant, keyed: &Keyed) -> Result<Key, RunError> {
        let Some(known) = self.store.invocation(tenant, keyed.key).await? else {
            return Ok(Key::Free);
        };
        if known.at < oldest() {
            // It would be in the way of whoever takes it next.
            self.store.forget_invocations(tenant, oldest()).await?;
            return Ok(Key::Free);
        }
        Ok(if known.parameters == keyed.parameters {
            Key::Answered(known.run)
        } else {
            Key::Reused
        })
    }

    /// Forgets the keys of every tenant that are remembered no longer.
    ///
    /// # Errors
    /// Where the store cannot be used.
    pub async fn forget_keys(&self) -> Result<(), RunError> {
        for tenant in self.tenants.names() {
            self.store.forget_invocations(&tenant, oldest()).await?;
        }
        Ok(())
    }
}

/// The moment before which keys are forgotten.
fn oldest() -> Timestamp {
    Timestamp::now() - jiff::SignedDuration::from_hours(Runs::KEYS_HOURS)
}
