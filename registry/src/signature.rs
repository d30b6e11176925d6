//! Who says what of an artifact: pure Ed25519 (RFC 8032) over an in-toto statement in a Sigstore bundle.

mod bundle;
mod key;
mod statement;

#[cfg(test)]
mod tests;

pub use key::{PublicKey, SigningKey};
pub use statement::{Claim, PURPOSE, Statement};

pub(crate) use bundle::Bundle;
