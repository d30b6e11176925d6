//! The order in which every call is judged, carried and recorded.

use std::sync::Arc;

use jiff::Timestamp;

use crate::audience::{Audience, Stage};
use crate::backend::{Bindings, Bound};
use crate::budget::{self, Purse};
use crate::call::{Call, Returned};
use crate::cleared::{Cleared, IdempotencyKey, Proofs};
use crate::clock::Clock;
use crate::consent::{self, ConsentId};
use crate::dlp::Dlp;
use crate::halt::{Halt, Stop};
use crate::journal::{Ending, Entry, Event, Journal, JournalError, Resolution, RunKey};
use crate::open::{Ended, Open, Stay};
use crate::policy::Policies;
use crate::run::{About, Begun, Mode, Run};
use crate::secret::HostSecret;

/// The only way of a skill's effect to the outside.
pub struct Gate(Parts);

/// What a gate is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where calls are recorded.
    pub journal: Arc<dyn Journal>,
    /// Who may call what.
    pub policies: Arc<Policies>,
    /// What must not leave.
    pub dlp: Arc<Dlp>,
    /// What bindings reach.
    pub bindings: Arc<Bindings>,
    /// Whose money it is.
    pub purse: Arc<dyn Purse>,
    /// Who is shown what comes of calls while they are under way.
    pub audience: Arc<dyn Audience>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What keys are made with.
    pub secret: HostSecret,
}

impl Gate {
    /// A gate of these parts.
    pub const fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// Opens a run on its journal. In [`Mode::Resume`] the run is taken over from whoever holds it.
    ///
    /// # Errors
    /// A [`Stop`] where the journal cannot be read, or is of a newer version.
    pub async fn open(&self, about: About, mode: Mode) -> Result<Run, Stop> {
        let (journal, clock) = (Arc::clone(&self.0.journal), Arc::clone(&self.0.clock));
        Run::open(about, mode, journal, clock).await
    }

    /// Carries one call out of the sandbox. The order below is the product's security policy.
    ///
    /// # Errors
    /// A [`Halt`]: the guest does not go on. What it is told, refusals and failures included, is a [`Returned`].
    pub async fn call(&self, run: &mut Run, call: Call) -> Result<Returned, Halt> {
        // 1. Outermost: a replay must see what the skill saw, refusals and waits included, and do nothing.
        let mut open = match run.begin(&self.0.bindings, call)? {
            Begun::Recorded(returned) => return Ok(returned),
            Begun::Open(open) => *open,
        };
        // An attempt that was lost before is paid, whatever becomes of the call now.
        self.pay_lost(run, &open).await;
        let carried = async {
            // A person who looked at the service knows more than the steps below.
            if let Some(outcome) = open.decided.take() {
                return Ok(Ended::free(outcome));
            }
            // 2. Before anything looks into the call or costs: what is not granted ends here, by the policies of today.
            let allowed = self.0.policies.judge(run, &open)?;
            // 3. Before a person or a journal sees the call: neither is to be shown a secret.
            let screened = self.0.dlp.screen(&open)?;
            // 4. Before money is set aside: a person may take days.
            let consented = consent::obtain(run, &mut open, &allowed).await?;
            // 5. Before it leaves, and the worst case: what is counted afterwards is overdrawn at the same time.
            let (bound, mut routes) = (Arc::clone(&allowed.bound), allowed.routes.clone());
            let reserved = budget::reserve(self.purse(), run, &open, routes.now(), open.next).await?;
            // 6. Last before it leaves: from here on a crash leaves a doubt, and the journal knows of it.
            let noted = run.sent(&mut open, routes.now(), &reserved).await?;
            // 7. Takes the proof of each step above; nothing else leaves.
            let proofs = Proofs {
                allowed,
                screened,
                consented,
                reserved: &reserved,
                noted,
            };
            let (key, stage) = (self.key(run, &open), self.stage(&bound));
            let cleared = Cleared::new(run.key(), &open, (key, stage), proofs);
            let delivered = self
                .deliver(run, &mut open, (&bound, &mut routes), cleared, reserved)
                .await?;
            // 8. Before anybody sees the reply, the journal included; and what was set aside too much is free again.
            let redacted = self.0.dlp.redact(&delivered.carried);
            budget::settle(self.purse(), run, &open, delivered.attempt, delivered.spent()).await;
            Ok(Ended::new(redacted, &delivered))
        };
        let ended = match carried.await {
            Ok(ended) => ended,
            Err(Stay::Refused(refusal)) => open.refuse(refusal)?,
            Err(Stay::Halt(halt)) => return Err(halt),
        };
        // 9. Durable before the skill sees it: a skill that acted on what is lost would act again on something else.
        run.finish(&mut open, ended).await
    }

    /// Waits until a time: up to two seconds here, longer by suspending the run. Timers and calls share one sequence of
    /// numbers.
    ///
    /// # Errors
    /// A [`Halt`], as for a call.
    pub async fn timer(&self, run: &mut Run, number: u32, until: Timestamp) -> Result<(), Halt> {
        run.wait(number, until).await
    }

    /// Records how a run ended. In a replay nothing is written, and the end is compared with the recorded one.
    ///
    /// # Errors
    /// A [`Stop`] where the journal cannot be written, or the run ended otherwise before.
    pub async fn end(&self, run: &mut Run, ending: Ending, fuel: u64) -> Result<(), Stop> {
        run.end(ending, fuel).await
    }

    /// Takes a person's answer to a call that waits for consent. Who may answer is the caller's to check. The run can be
    /// opened again once this returns.
    ///
    /// # Errors
    /// [`JournalError`]: the run is unknown to the tenant, nobody asked, or the question was answered or has expired.
    pub async fn answer(&self, tenant: &str, id: ConsentId, allowed: bool, by: &str) -> Result<(), JournalError> {
        let key = RunKey {
            tenant: tenant.to_owned(),
            run: id.run,
        };
        let by = by.to_owned();
        self.decide(&key, id.number, Event::Answered { allowed, by }).await
    }

    /// Takes a person's decision about a call that stopped its run as [`crate::Code::OUTCOME_UNKNOWN`]. The caller asks
    /// only for runs that have stopped so: to the journal a call under way looks the same.
    ///
    /// # Errors
    /// [`JournalError`]: the run is unknown, the call is not in doubt, or somebody decided before.
    pub async fn resolve(&self, run: &RunKey, number: u32, how: Resolution, by: &str) -> Result<(), JournalError> {
        let by = by.to_owned();
        self.decide(run, number, Event::Resolved { how, by }).await
    }

    /// The text with every secret that the gate knows replaced.
    pub fn redact_text(&self, text: &str) -> String {
        self.0.dlp.redact_text(text)
    }

    pub(crate) fn purse(&self) -> &dyn Purse {
        self.0.purse.as_ref()
    }

    async fn decide(&self, run: &RunKey, number: u32, event: Event) -> Result<(), JournalError> {
        let at = crate::run::whole_milliseconds(self.0.clock.now());
        self.0.journal.decide(run, Entry { at, number, event }).await
    }

    async fn pay_lost(&self, run: &mut Run, open: &Open) {
        let Some(lost) = &open.owed else {
            return;
        };
        budget::settle(self.purse(), run, open, lost.number, lost.reserved).await;
        let event = Event::Lost {
            attempt: lost.number,
            settled: lost.reserved,
            unsent: false,
        };
        run.note(open.call.number, event);
    }

    /// Where pieces of an answer are shown: as redacted as the whole will be, and nowhere where the binding says so.
    fn stage(&self, bound: &Bound) -> Option<Stage> {
        let stage = || Stage::new(Arc::clone(&self.0.audience), Arc::clone(&self.0.dlp));
        bound.shows_pieces().then(stage)
    }

    fn key(&self, run: &Run, open: &Open) -> Option<IdempotencyKey> {
        open.effect.window()?;
        Some(IdempotencyKey {
            header: open.bound.as_ref()?.key_header()?.to_owned(),
            value: self.0.secret.key(run.key(), open.call.number, &open.digest),
        })
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}
