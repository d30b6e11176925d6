//! How backends log in: what a cloud's own library knows of its credentials, as a credential of [`egress`].
//!
//! Amazon signs each request ([`aws::SigV4`]) or takes a key that is signed once ([`aws::BedrockKey`]); Oracle signs each
//! ([`oracle::Signer`]); Microsoft ([`entra::Entra`]) and Google ([`google::Google`]) give tokens.

pub mod aws;
pub mod entra;
pub mod google;
pub mod oracle;
#[cfg(test)]
mod vectors;
mod way;

pub use way::Way;
