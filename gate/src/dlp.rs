//! What must not leave, and what must not be recorded: the secrets that the host knows.

mod beginnings;
mod forms;
mod held;
mod known;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::backend::{Carried, Failure};
use crate::call::body::Body;
use crate::call::http::{Headers, HttpCall, HttpReply};
use crate::call::model::{ModelCall, ModelReply};
use crate::call::{Action, Failed, Outcome, Reply};
use crate::code::Code;
use crate::open::{Open, Stay};
use crate::refusal::{Refusal, Step};
use crate::trace::step;

pub(crate) use held::Held;
use known::Known;

/// Every secret that the host knows, and the search for them. They are found as they are and in base64, hexadecimal,
/// percent-encoding and JSON strings; not compressed, encrypted, or cut in pieces.
#[derive(Default)]
pub struct Dlp {
    secrets: Mutex<BTreeMap<String, Vec<Vec<u8>>>>,
    known: RwLock<Arc<Known>>,
}

/// A value is too short to be told from ordinary text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{0}` is shorter than {SHORTEST} bytes; use a longer one")]
pub struct SecretTooShort(pub String);

/// Bytes that a secret must have, or it would be found everywhere.
pub const SHORTEST: usize = 8;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Proof that a call carries no known secret.
#[derive(Debug)]
pub(crate) struct Screened {
    _made_here: (),
}

/// Proof that an outcome holds no known secret.
#[derive(Debug)]
pub(crate) struct Redacted {
    pub(crate) outcome: Outcome,
}

impl Dlp {
    /// Knows these values under this label, in place of those before. A credential that was just replaced stays among
    /// the values for as long as it is valid.
    ///
    /// # Errors
    /// [`SecretTooShort`], and then nothing has changed.
    pub fn know(&self, label: &str, values: Vec<Vec<u8>>) -> Result<(), SecretTooShort> {
        if values.iter().any(|value| value.len() < SHORTEST) {
            return Err(SecretTooShort(label.to_owned()));
        }
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.insert(label.to_owned(), values);
        self.rebuild(&secrets);
        Ok(())
    }

    /// Knows nothing under this label any more.
    pub fn forget(&self, label: &str) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.remove(label);
        self.rebuild(&secrets);
    }

    /// The text with every known secret replaced: for logs and errors of the host.
    pub fn redact_text(&self, text: &str) -> String {
        self.known().redact_text(text).unwrap_or_else(|| text.to_owned())
    }

    /// Refuses a call that carries a secret anywhere.
    pub(crate) fn screen(&self, open: &Open) -> Result<Screened, Stay> {
        step("dlp");
        let known = self.known();
        let found = match &open.call.action {
            Action::Http(call) => is_in_http(&known, call),
            Action::Model(call) => is_in_model(&known, call),
        };
        if found {
            let told = "the call carries a credential of this host; the binding adds it by itself, so leave it out";
            return Err(Refusal::new(Step::Dlp, Code::SECRET_LEAVING, told).into());
        }
        Ok(Screened { _made_here: () })
    }

    /// Takes the secrets out of whatever a backend answered, so that neither the guest nor the journal gets them.
    pub(crate) fn redact(&self, carried: &Result<Carried, Failure>) -> Redacted {
        step("redact");
        let known = self.known();
        let outcome = match carried {
            Ok(carried) => {
                let mut reply = carried.reply.clone();
                match &mut reply {
                    Reply::Http(reply) => redact_http(&known, reply),
                    Reply::Model(reply) => redact_model(&known, reply),
                }
                Outcome::Reply(reply)
            }
            Err(failure) => Outcome::Failed(Failed {
                code: failure.code.clone(),
                retryable: failure.retryable,
                retry_after_ms: failure
                    .retry_after
                    .and_then(|after| u64::try_from(after.as_millis()).ok()),
                told: self.redact_text(&failure.told),
            }),
        };
        Redacted { outcome }
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn rebuild(&self, secrets: &BTreeMap<String, Vec<Vec<u8>>>) {
        let known = Known::new(secrets.values().flatten());
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }
}

fn is_in_http(known: &Known, call: &HttpCall) -> bool {
    let body = call.body().bytes().is_some_and(|bytes| known.is_in(bytes));
    let query = call.query().is_some_and(|query| known.is_in_form(query));
    let header = |(name, value): (&str, &str)| known.is_in(name.as_bytes()) || known.is_in_latin(value);
    body || query || known.is_in(call.path().as_bytes()) || call.headers().iter().any(header)
}

fn is_in_model(known: &Known, call: &ModelCall) -> bool {
    let text = call.texts().iter().any(|text| known.is_in(text.as_bytes()));
    let body = |body: &&Body| body.bytes().is_some_and(|bytes| known.is_in(bytes));
    text || call.bodies().iter().any(body)
}

fn redact_model(known: &Known, reply: &mut ModelReply) {
    for text in reply.texts_mut() {
        if let Some(redacted) = known.redact_text(text) {
            *text = redacted;
        }
    }
}

fn redact_http(known: &Known, reply: &mut HttpReply) {
    for (_, value) in reply.headers.values_mut() {
        if let Some(redacted) = known.redact(&Headers::value_bytes(value)) {
            *value = Headers::value_text(&redacted);
        }
    }
    let redacted = reply.body.bytes().and_then(|bytes| known.redact(bytes));
    if let Some(redacted) = redacted {
        let length = redacted.len().to_string();
        reply.body = Body::from(redacted);
        for (_, value) in reply.headers.values_mut().filter(|(name, _)| *name == "content-length") {
            value.clone_from(&length);
        }
    }
}
