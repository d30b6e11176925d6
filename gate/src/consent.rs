//! A person allowed this one call, or did not, or has not yet.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::halt::Suspend;
use crate::journal::Event;
use crate::open::{Open, Stay};
use crate::policy::Allowed;
use crate::refusal::{Refusal, Step};
use crate::run::Run;
use crate::trace::step;

/// How long a question waits for a person.
pub const CONSENT_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Which question: the run and the number of its call. Whoever may answer is the host's to say; the name alone gives no
/// right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ConsentId {
    /// The run that waits.
    pub run: Uuid,
    /// The call that it waits at.
    pub number: u32,
}

/// The text names no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this names no consent; take the id from the list of consents")]
pub struct ConsentIdError;

/// Proof that no person has to be asked, or that one allowed exactly this call.
#[derive(Debug)]
pub(crate) struct Consented {
    _made_here: (),
}

/// Never waits in place: what is not answered suspends the run.
pub(crate) async fn obtain(run: &mut Run, open: &mut Open, allowed: &Allowed) -> Result<Consented, Stay> {
    step("consent");
    let consented = Consented { _made_here: () };
    let Some(asked) = open.asked else {
        if !allowed.ask {
            return Ok(consented);
        }
        let until = run.now().checked_add(CONSENT_WAIT).unwrap_or(jiff::Timestamp::MAX);
        run.note_with_call(open, Event::Asked { until })?;
        run.flush().await?;
        return Err(suspended(run, open, until));
    };
    match asked.answer {
        // Bound to the digest: a call that differs from the one that was shown never came this far.
        Some(true) => Ok(consented),
        Some(false) => Err(refused(
            Code::CONSENT_REFUSED,
            "a person refused this call; do without it, or ask them why",
        )),
        None if run.now() >= asked.until => Err(refused(
            Code::CONSENT_EXPIRED,
            "nobody allowed this call within seven days; invoke the tool again when somebody can answer",
        )),
        None => Err(suspended(run, open, asked.until)),
    }
}

fn suspended(run: &Run, open: &Open, until: jiff::Timestamp) -> Stay {
    let id = ConsentId {
        run: run.key().run,
        number: open.call.number,
    };
    Stay::Halt(Suspend::Consent { id, until }.into())
}

fn refused(code: Code, told: &str) -> Stay {
    Stay::Refused(Refusal::new(Step::Consent, code, told))
}

impl fmt::Display for ConsentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.number)
    }
}

impl FromStr for ConsentId {
    type Err = ConsentIdError;

    fn from_str(text: &str) -> Result<Self, ConsentIdError> {
        let (run, number) = text.rsplit_once('-').ok_or(ConsentIdError)?;
        let id = Self {
            run: run.parse().map_err(|_| ConsentIdError)?,
            number: number.parse().map_err(|_| ConsentIdError)?,
        };
        // One spelling each, so that a name can be compared as text.
        if id.to_string() == text {
            Ok(id)
        } else {
            Err(ConsentIdError)
        }
    }
}

impl TryFrom<String> for ConsentId {
    type Error = ConsentIdError;

    fn try_from(text: String) -> Result<Self, ConsentIdError> {
        text.parse()
    }
}

impl From<ConsentId> for String {
    fn from(id: ConsentId) -> Self {
        id.to_string()
    }
}
