//! The codes of this crate: stable, in kebab-case, what programs branch on.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong, for programs. An open set: backends and the host add codes of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal;)+) => {
        impl Code {
            $($(#[doc = $doc])+ pub const $name: Self = Self::new($text);)+

            /// Every code that the gate itself says.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

codes! {
    /// Refusal: no grant of the approval covers the call.
    NOT_GRANTED = "not-granted";
    /// Refusal: a policy of the operator forbids the call.
    FORBIDDEN = "forbidden";
    /// Refusal: a policy could not be evaluated, so nothing is allowed.
    POLICY_BROKEN = "policy-broken";
    /// Refusal: nobody configured the binding.
    BINDING_UNKNOWN = "binding-unknown";
    /// Refusal: of the backends behind the binding none may or can carry the call.
    NOBODY_QUALIFIES = "nobody-qualifies";
    /// Refusal: the guest sets a header that the binding owns.
    HEADER_OWNED = "header-owned";
    /// Refusal: the call carries a known secret.
    SECRET_LEAVING = "secret-leaving";
    /// Refusal: a person said no.
    CONSENT_REFUSED = "consent-refused";
    /// Refusal: no person answered in time.
    CONSENT_EXPIRED = "consent-expired";
    /// Refusal: the run made as many calls as it may.
    TOO_MANY_CALLS = "too-many-calls";
    /// Refusal: the request is larger than one may be.
    REQUEST_TOO_LARGE = "request-too-large";
    /// Refusal: the tenant's budget does not cover the worst case.
    BUDGET_EXCEEDED = "budget-exceeded";
    /// Failure: the reply is larger than one may be.
    REPLY_TOO_LARGE = "reply-too-large";
    /// Failure: the backend did not answer in time.
    TIMED_OUT = "timed-out";
    /// Stop, and failure once a person said so: nobody knows whether the call was carried out.
    OUTCOME_UNKNOWN = "outcome-unknown";
    /// Stop: the run did something else than its journal says.
    DIVERGED = "diverged";
    /// Stop: a replay came to what was never recorded.
    NOT_RECORDED = "not-recorded";
    /// Stop: another holder took the run over.
    SUPERSEDED = "superseded";
    /// Stop: the journal cannot be read or written.
    JOURNAL_UNAVAILABLE = "journal-unavailable";
    /// Stop: the journal holds an entry of a newer version.
    JOURNAL_NEWER = "journal-newer";
    /// Stop: the journal holds what cannot be read.
    JOURNAL_DAMAGED = "journal-damaged";
    /// Stop, and answer refused: there is no such run, or it is another tenant's.
    RUN_UNKNOWN = "run-unknown";
    /// Stop: a run that should be new has a journal already.
    RUN_EXISTS = "run-exists";
    /// Stop: the run has ended; nothing can be added to it.
    RUN_ENDED = "run-ended";
    /// Stop: the run was dropped in the middle of a call and must be opened again.
    RUN_INTERRUPTED = "run-interrupted";
    /// Stop: the run went on calling after it was told that it may not.
    TOO_MANY_REFUSALS = "too-many-refusals";
    /// Stop: the run set as many timers as it may.
    TOO_MANY_TIMERS = "too-many-timers";
    /// Stop: what keeps the tenant's budget does not answer.
    BUDGET_UNAVAILABLE = "budget-unavailable";
    /// Stop: the call names bytes that it does not bring.
    CALL_INCOMPLETE = "call-incomplete";
    /// Answer refused: there is no such question.
    NOT_ASKED = "not-asked";
    /// Answer refused: the question was answered before.
    ALREADY_ANSWERED = "already-answered";
    /// Answer refused: the question waited too long.
    ANSWER_EXPIRED = "answer-expired";
}

impl Code {
    /// A code of a backend or of the host.
    pub const fn new(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// The code as the API spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Code {
    /// A code that was read back, or that another part of the host says.
    fn from(code: String) -> Self {
        Self(Cow::Owned(code))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
