//! What is signed: in-toto statements about the manifest of an artifact. We write version 1; cosign writes 0.1, which
//! has the same form.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use semver::Version;
use serde::{Deserialize, Serialize};

use super::{PublicKey, SigningKey, bundle};
use crate::digest::Digest;
use crate::layout::MANIFEST;
use crate::name::{PublisherName, SkillName};

/// What an artifact may be used for by its signature: hosts may run it.
pub const PURPOSE: &str = "run";

/// The type of our own statement, which hosts require.
pub(crate) const PREDICATE: &str = "https://skillhost.dev/skill/v1";

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const STATEMENTS: [&str; 2] = [STATEMENT, "https://in-toto.io/Statement/v0.1"];
const COSIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// How long a signature may be used for new approvals, unless its publisher says otherwise.
const LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);

/// What a publisher says of an artifact. Everything that a host is asked for is in it, so that a signature made for
/// one name, version or use never holds for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    /// Who says it.
    pub publisher: PublisherName,
    /// The skill's name.
    pub skill: SkillName,
    /// The skill's version.
    pub version: Version,
    /// The manifest of the artifact.
    pub digest: Digest,
    /// The media type as which the manifest is to be read.
    pub media_type: String,
    /// What the artifact may be used for: [`PURPOSE`].
    pub purpose: String,
    /// When it was said.
    pub issued: Timestamp,
    /// From when on it is no reason for new approvals.
    pub expires: Timestamp,
}

/// A statement ready to be signed, here or wherever the key is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement(Vec<u8>);

/// An in-toto statement (attestation framework v1, "Statement").
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document<S, P> {
    #[serde(rename = "_type")]
    kind: String,
    subject: [S; 1],
    predicate_type: String,
    predicate: P,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: Sha256,
}

/// What every statement says in the same place: of which type it is, and about what. The rest is not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Heading {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Named>,
    predicate_type: String,
}

/// One thing that a statement is about; other ways to name it than by SHA-256 are passed over.
#[derive(Deserialize)]
struct Named {
    digest: MaybeSha256,
}

#[derive(Deserialize)]
struct MaybeSha256 {
    #[serde(default)]
    sha256: Option<String>,
}

/// The subject of cosign's statement, in cosign's own form.
#[derive(Serialize)]
struct CosignSubject {
    digest: Sha256,
    annotations: Empty,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sha256 {
    sha256: String,
}

#[derive(Serialize)]
struct Empty {}

impl Claim {
    /// A claim that an artifact is this version of this skill, good for a year.
    pub fn new(
        publisher: PublisherName,
        skill: SkillName,
        version: Version,
        digest: Digest,
        issued: Timestamp,
    ) -> Self {
        Self {
            publisher,
            skill,
            version,
            digest,
            media_type: MANIFEST.to_owned(),
            purpose: PURPOSE.to_owned(),
            issued,
            expires: issued.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
        }
    }

    /// Reads a signed payload, once the signature is known to hold. None where it is no statement of ours, is about
    /// several artifacts, or two places in it name different ones.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let document: Document<Subject, Self> = serde_json::from_slice(payload).ok()?;
        let [subject] = &document.subject;
        let claim = document.predicate;
        let holds = STATEMENTS.contains(&document.kind.as_str())
            && document.predicate_type == PREDICATE
            && names(&subject.name, &claim.skill)
            && subject.digest.sha256 == claim.digest.hex();
        holds.then_some(claim)
    }
}

/// Whether a subject's name is the skill's, or a repository that ends with it, which is what cosign writes.
fn names(subject: &str, skill: &SkillName) -> bool {
    let skill = skill.to_string();
    subject
        .strip_suffix(&skill)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

impl Heading {
    /// Reads the heading of a signed payload; none where it is no statement.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let heading: Self = serde_json::from_slice(payload).ok()?;
        STATEMENTS.contains(&heading.kind.as_str()).then_some(heading)
    }

    /// Whether it is about this artifact, among others or alone: a build may make several things at once.
    pub(crate) fn is_about(&self, digest: Digest) -> bool {
        let hex = digest.hex();
        self.subject
            .iter()
            .any(|named| named.digest.sha256.as_ref() == Some(&hex))
    }

    /// The type of what it says.
    pub(crate) fn into_predicate_type(self) -> String {
        self.predicate_type
    }
}

impl Statement {
    /// The statement that hosts require.
    pub fn of_skill(claim: &Claim) -> Self {
        Self::of(
            PREDICATE,
            claim,
            Subject {
                name: claim.skill.to_string(),
                digest: Sha256 {
                    sha256: claim.digest.hex(),
                },
            },
        )
    }

    /// The statement that `cosign verify` looks for. It does not say which name it is made for, so hosts do not use it.
    pub fn of_cosign(digest: Digest) -> Self {
        Self::of(
            COSIGN,
            Empty {},
            CosignSubject {
                digest: Sha256 { sha256: digest.hex() },
                annotations: Empty {},
            },
        )
    }

    fn of(predicate_type: &str, predicate: impl Serialize, subject: impl Serialize) -> Self {
        let document = Document {
            kind: STATEMENT.to_owned(),
            subject: [subject],
            predicate_type: predicate_type.to_owned(),
            predicate,
        };
        Self(serde_json::to_vec(&document).expect("what is said is always JSON"))
    }

    /// Whether a payload says that it is a statement which hosts require; not known to be true.
    pub(crate) fn is_ours(payload: &[u8]) -> bool {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Typed {
            predicate_type: String,
        }
        serde_json::from_slice(payload).is_ok_and(|typed: Typed| typed.predicate_type == PREDICATE)
    }

    /// A statement of any type about an artifact: a bill of materials, where it was built, who looked at it.
    pub fn other(predicate_type: &str, predicate: &impl Serialize, name: &SkillName, digest: Digest) -> Self {
        Self::of(
            predicate_type,
            predicate,
            Subject {
                name: name.to_string(),
                digest: Sha256 { sha256: digest.hex() },
            },
        )
    }

    /// The bytes to be signed, where the key is kept elsewhere: with pure Ed25519, or with ECDSA P-256 over SHA-256.
    pub fn to_be_signed(&self) -> Vec<u8> {
        bundle::pae(&self.0)
    }

    /// The bundle with a signature that was made elsewhere. It is not checked here: hosts do that.
    pub fn with_signature(&self, key: &PublicKey, signature: &[u8]) -> Bytes {
        bundle::write(&self.0, key, signature)
    }

    /// Signs it: a Sigstore bundle v0.3.
    pub fn sign(&self, key: &SigningKey) -> Bytes {
        let signature = key.sign(&self.to_be_signed());
        self.with_signature(&key.public(), &signature)
    }
}
