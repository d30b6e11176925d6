//! Every effect of every skill is judged here.
//!
//! [`Gate::call`] is the whole order in one function. A [`Run`] is opened on its journal; what is recorded is returned,
//! what is not is judged, carried and recorded.

mod audience;
mod backend;
mod budget;
pub mod call;
mod cleared;
mod clock;
mod code;
mod consent;
mod dlp;
mod gate;
mod halt;
mod history;
pub mod journal;
mod open;
mod payload;
mod policy;
mod refusal;
mod run;
mod secret;
pub mod trace;

#[cfg(test)]
mod tests;

pub use audience::{Audience, Delta, Nobody, Provisional};
pub use backend::{
    Backend, Bindings, Bound, Carried, Carriers, Choose, Failure, ModelRules, Reach, Retry, Route, Rules, Unroutable,
};
pub use budget::{Ask, Bottomless, Limits, Purse, PurseError};
pub use call::{Action, Binding, Call, Effect, Failed, Outcome, Reply, Returned};
pub use cleared::{Cleared, IdempotencyKey};
pub use clock::{Clock, SystemClock};
pub use code::Code;
pub use consent::{CONSENT_WAIT, ConsentId, ConsentIdError};
pub use dlp::{Dlp, REDACTED, SHORTEST, SecretTooShort};
pub use gate::{Gate, Parts};
pub use halt::{Halt, Stop, Suspend};
pub use history::Ended;
pub use journal::{Journal, JournalError, MemoryJournal, Record, RunKey};
pub use payload::{Attachment, Payload, PayloadError};
pub use policy::{Decision, Grant, Policies, PolicyError, Ruling};
pub use refusal::{Refusal, Step};
pub use run::{About, Mode, Run};
pub use secret::{HostSecret, RunSecret};
