//! The append-only record of publishers, keys, approvals and revocations.

mod check;
mod grant;
mod proposal;
mod rollback;
mod state;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::limits::Limits;
use crate::name::{Label, Namespace, PublisherName, SkillName, Tenant};
use crate::signature::PREDICATE;

pub use proposal::Proposal;
pub use state::{Approval, Key, Publisher, Revocation, State};

/// One thing that an administrator decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Entry {
    /// A publisher owns these namespaces from now on, beside those that it owns already.
    PublisherAdded {
        /// Who signs.
        publisher: PublisherName,
        /// The first parts of the names of its skills.
        namespaces: Vec<Namespace>,
    },
    /// A key signs for a publisher from now on.
    KeyAdded {
        /// Whom it signs for.
        publisher: PublisherName,
        /// Its name: the SHA-256 of its SPKI in DER.
        key: Digest,
        /// SPKI in PEM (RFC 8410).
        public_key: String,
    },
    /// A key no longer signs for anybody.
    KeyRevoked {
        /// Its name.
        key: Digest,
        /// Why.
        reason: String,
    },
    /// Nothing that a publisher signed is trusted any more.
    PublisherRevoked {
        /// Who signed.
        publisher: PublisherName,
        /// Why.
        reason: String,
    },
    /// An artifact is not trusted any more, whoever signed it.
    DigestRevoked {
        /// Its manifest.
        digest: Digest,
        /// Why.
        reason: String,
    },
    /// A tenant runs this artifact with these grants from now on.
    Approved {
        /// Its name.
        skill: SkillName,
        /// Its version.
        version: Version,
        /// Its manifest.
        digest: Digest,
        /// Who signed it.
        publisher: PublisherName,
        /// The key that signed it: the first of `signed`.
        key: Digest,
        /// Every statement that it rests on. Entries of before there was a trust policy have none, and rest on `key`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        signed: Vec<Signed>,
        /// What it may do.
        grants: Grants,
        /// Whether a version may be lower than one that was approved before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        downgrade: bool,
        /// Why.
        reason: String,
    },
    /// Somebody would let a tenant run this artifact with these grants, and a second person must agree.
    Proposed {
        /// Its name.
        skill: SkillName,
        /// Its manifest.
        digest: Digest,
        /// What it may do.
        grants: Grants,
        /// Why.
        reason: String,
    },
    /// A tenant runs an artifact again that it approved before, with the grants that it had then.
    RolledBack {
        /// Its name.
        skill: SkillName,
        /// Its manifest.
        digest: Digest,
        /// Why.
        reason: String,
    },
    /// A tenant no longer runs this artifact.
    ApprovalRevoked {
        /// Its manifest.
        digest: Digest,
        /// Why.
        reason: String,
    },
}

/// One statement about an artifact, and the key that signed it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signed {
    /// The type of what it says.
    pub statement: String,
    /// Its name: the SHA-256 of its SPKI in DER.
    pub key: Digest,
}

/// What an approved skill may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Grants {
    /// The bindings that it may use.
    #[serde(default)]
    pub bindings: Vec<Grant>,
    /// Limits that differ from the host's defaults.
    #[serde(default)]
    pub limits: Limits,
    /// What `configuration` answers.
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
}

/// Leave to use one binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Grant {
    /// Such as `http` or `model`.
    pub kind: Label,
    /// The name that the skill uses.
    pub name: Label,
    /// Whether a person allows each call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask: bool,
    /// The methods that may be used, such as `GET`; any where none is named. Of `http` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The paths that may be used, each with everything below it; any where none is named. Of `http` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
}

impl Signed {
    /// Our own statement, signed by this key.
    pub(crate) fn ours(key: Digest) -> Self {
        Self {
            statement: PREDICATE.to_owned(),
            key,
        }
    }

    /// Whether it is our own statement.
    pub(crate) fn is_ours(&self) -> bool {
        self.statement == PREDICATE
    }
}

impl Entry {
    /// The same; an approval then also holds where a higher version was approved before. Any other entry is as it was.
    #[must_use]
    pub fn as_downgrade(mut self) -> Self {
        if let Self::Approved { downgrade, .. } = &mut self {
            *downgrade = true;
        }
        self
    }
}

/// Whom an entry concerns.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everyone: publishers, keys, revoked artifacts.
    Host,
    /// One tenant: approvals.
    Tenant(Tenant),
}

/// An entry as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place: 1, 2, 3 and so on over all scopes.
    pub seq: u64,
    /// Whom it concerns.
    pub scope: Scope,
    /// When it was decided.
    pub at: Timestamp,
    /// Who decided: the name of a token, or `operator` for the command line beside the data.
    pub by: String,
    /// What was decided.
    pub entry: Entry,
}

/// Where entries are kept. Each method is one transaction.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Adds an entry; durable when it returns.
    ///
    /// # Errors
    /// What the store said.
    async fn append(&self, scope: &Scope, by: &str, entry: &Entry) -> Result<Recorded, LedgerError>;

    /// All entries with a place after `seq`, in order.
    ///
    /// # Errors
    /// What the store said.
    async fn entries(&self, after: u64) -> Result<Vec<Recorded>, LedgerError>;
}

/// The store failed; the decision was not recorded.
#[derive(Debug, thiserror::Error)]
#[error("the ledger cannot be used")]
pub struct LedgerError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
