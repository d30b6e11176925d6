//! Secrets taken out of a text that comes in pieces, wherever it is cut.

use super::Dlp;

/// The end of what came so far, which may be the beginning of a secret.
#[derive(Debug, Default)]
pub(crate) struct Held(pub(super) String);

impl Dlp {
    /// As much of the text so far as can be told to hold no secret, redacted; nothing where it could still become one.
    /// The rest is held until more comes.
    pub(crate) fn redact_piece(&self, held: &mut Held, piece: &str) -> Option<String> {
        held.0.push_str(piece);
        let known = self.known();
        let cut = known.sure(&held.0);
        let rest = held.0.split_off(cut);
        let ready = std::mem::replace(&mut held.0, rest);
        if ready.is_empty() {
            return None;
        }
        Some(match known.redact(ready.as_bytes()) {
            Some(redacted) => String::from_utf8_lossy(&redacted).into_owned(),
            None => ready,
        })
    }
}
