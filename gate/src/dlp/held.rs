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
        let sure = self.known().take_sure(&mut held.0);
        (!sure.is_empty()).then_some(sure)
    }
}
