//! Bearer tokens: who asks, for which tenant, and in which roles.

#[cfg(test)]
mod tests;
mod tokens;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use registry::{Digest, PublisherName, Tenant};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use tokens::{Issued, TokenError, Tokens, Wanted};

/// What a bearer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Pushes artifacts into the namespaces of its publisher.
    Publisher,
    /// Invokes tools and sees runs.
    Agent,
    /// Approves artifacts.
    Approver,
    /// Everything in its tenant; in the tenant `default`, everything on the host.
    Admin,
    /// Reads everything and changes nothing.
    Auditor,
}

/// Whoever a verified token stands for. The tenant of everything that follows is taken from here and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    tenant: Tenant,
    token: Uuid,
    name: String,
    roles: BTreeSet<Role>,
    publisher: Option<PublisherName>,
    expires_at: Timestamp,
}

/// A token as its bearer holds it: `skh_`, 64 hexadecimal digits of randomness and 8 of a checksum, so that a scanner
/// of sources knows one when it sees one. Shown once; the host keeps its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token starts with `skh_`, and 72 hexadecimal digits follow; this one was cut or mistyped")]
pub struct SecretMalformed;

impl Role {
    /// Each role.
    pub const ALL: [Self; 5] = [Self::Publisher, Self::Agent, Self::Approver, Self::Admin, Self::Auditor];

    /// The role as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publisher => "publisher",
            Self::Agent => "agent",
            Self::Approver => "approver",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

impl Caller {
    /// Whose things it may see.
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The name of its token, which is no secret.
    pub const fn token(&self) -> Uuid {
        self.token
    }

    /// What people call its token.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it may do.
    pub const fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    /// As whom it publishes.
    pub const fn publisher(&self) -> Option<&PublisherName> {
        self.publisher.as_ref()
    }

    /// Whether it speaks for the whole host: an administrator of the first tenant.
    pub fn is_operator(&self) -> bool {
        self.roles.contains(&Role::Admin) && self.tenant.as_str() == Self::FIRST_TENANT
    }

    /// The tenant that `init` makes.
    pub const FIRST_TENANT: &'static str = "default";
}

impl Secret {
    /// A new one.
    pub fn generate() -> Self {
        let random: [u8; 32] = crate::seal::random();
        let random = format!("{PREFIX}{}", hex::encode(random));
        let check = checksum(&random);
        Self(random + &check)
    }

    /// What the host keeps.
    pub fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The text, for the one time that it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = SecretMalformed;

    fn from_str(text: &str) -> Result<Self, SecretMalformed> {
        let (random, check) = text.split_at_checked(PREFIX.len() + 64).ok_or(SecretMalformed)?;
        if random.starts_with(PREFIX) && checksum(random) == check {
            Ok(Self(text.to_owned()))
        } else {
            Err(SecretMalformed)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| "a role is publisher, agent, approver, admin or auditor".to_owned())
    }
}

const PREFIX: &str = "skh_";

/// Eight digits that anybody can compute: they find typing errors and tell tokens from other hexadecimal text.
fn checksum(random: &str) -> String {
    let [first, second, third, fourth, ..] = *Digest::of(random.as_bytes()).as_bytes();
    hex::encode([first, second, third, fourth])
}
