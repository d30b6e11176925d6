//! Who says what of an artifact: a signature over an in-toto statement in a Sigstore bundle. We sign with pure Ed25519
//! (RFC 8032); ECDSA P-256 is taken too, because it is what stock tools sign with.

mod bundle;
mod key;
mod public;
mod statement;

#[cfg(test)]
pub(crate) mod tests;

pub use key::SigningKey;
pub use public::PublicKey;
pub use statement::{Claim, PURPOSE, Statement};

pub(crate) use bundle::Bundle;
pub(crate) use statement::{Heading, PREDICATE};
