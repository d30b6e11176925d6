//! The append-only record of publishers, keys, approvals and revocations.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::limits::Limits;
use crate::name::{Label, Namespace, PublisherName, SkillName, Tenant};

/// One thing that an administrator decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Entry {
    /// A publisher owns these namespaces from now on.
    PublisherAdded {
        publisher: PublisherName,
        namespaces: Vec<Namespace>,
    },
    /// A key signs for a publisher from now on. The key is SPKI in PEM (RFC 8410).
    KeyAdded {
        publisher: PublisherName,
        key: Digest,
        public_key: String,
    },
    /// A key no longer signs for anybody.
    KeyRevoked { key: Digest, reason: String },
    /// Nothing that a publisher signed is trusted any more.
    PublisherRevoked { publisher: PublisherName, reason: String },
    /// An artifact is not trusted any more, whoever signed it.
    DigestRevoked { digest: Digest, reason: String },
    /// A tenant runs this artifact with these grants from now on.
    Approved {
        skill: SkillName,
        version: Version,
        digest: Digest,
        publisher: PublisherName,
        key: Digest,
        grants: Grants,
        reason: String,
    },
    /// A tenant no longer runs this artifact.
    ApprovalRevoked { digest: Digest, reason: String },
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
