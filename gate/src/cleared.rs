//! A call that passed every step of the gate.

use std::sync::Arc;
use std::time::Duration;

use crate::audience::{Delta, Stage};
use crate::budget::Reserved;
use crate::call::{Action, Call};
use crate::consent::Consented;
use crate::dlp::Screened;
use crate::journal::RunKey;
use crate::open::Open;
use crate::policy::Allowed;
use crate::run::Noted;

/// A call that may leave. Only [`crate::Gate::call`] makes one, out of the proof of every step before it; a backend
/// takes nothing else.
///
/// ```compile_fail
/// let cleared = gate::Cleared { call: todo!() };
/// ```
#[derive(Debug)]
pub struct Cleared {
    run: RunKey,
    call: Arc<Call>,
    attempt: u32,
    key: Option<IdempotencyKey>,
    reply_limit: u64,
    timeout: Duration,
    stage: Option<Stage>,
}

/// By what a service knows a repeated write again.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The header that carries it.
    pub header: String,
    /// 64 hexadecimal digits: HMAC(host secret, tenant, run, call number, digest of the call).
    pub value: String,
}

/// Every step's proof, so that leaving a step out does not compile.
pub(crate) struct Proofs<'a> {
    pub(crate) allowed: Allowed,
    pub(crate) screened: Screened,
    pub(crate) consented: Consented,
    pub(crate) reserved: &'a Reserved,
    pub(crate) noted: Noted,
}

impl Cleared {
    /// The gate's own: takes the proofs, gives the call its key.
    pub(crate) fn new(
        run: &RunKey,
        open: &Open,
        (key, stage): (Option<IdempotencyKey>, Option<Stage>),
        proofs: Proofs<'_>,
    ) -> Self {
        let Proofs {
            allowed,
            screened: Screened { .. },
            consented: Consented { .. },
            reserved,
            noted,
        } = proofs;
        Self {
            run: run.clone(),
            call: Arc::clone(&open.call),
            attempt: noted.attempt,
            key,
            reply_limit: reserved.reply_limit,
            timeout: allowed.bound.timeout,
            stage,
        }
    }

    /// The run that calls.
    pub const fn run(&self) -> &RunKey {
        &self.run
    }

    /// Its number in the run.
    pub fn number(&self) -> u32 {
        self.call.number
    }

    /// The name of the binding.
    pub fn binding(&self) -> &str {
        &self.call.binding
    }

    /// What is asked, exactly as it was judged.
    pub fn action(&self) -> &Action {
        &self.call.action
    }

    /// Which attempt this is, from 1.
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The key to send, for a keyed write.
    pub const fn key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    /// Bytes of headers and body after which the backend stops reading and fails with
    /// [`crate::Code::REPLY_TOO_LARGE`].
    pub const fn reply_limit(&self) -> u64 {
        self.reply_limit
    }

    /// When the gate drops the sending.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Shows a piece of the answer to those who follow the run, where the binding lets them see any.
    pub fn show(&self, delta: Delta) {
        if let Some(stage) = &self.stage {
            stage.show(&self.run, (self.call.number, self.attempt), delta);
        }
    }

    pub(crate) const fn again(&mut self, noted: &Noted) {
        self.attempt = noted.attempt;
    }
}

/// A key lets whoever has it read the reply again.
impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdempotencyKey({})", self.header)
    }
}
