//! Why an artifact did not become trusted.

use std::fmt;

/// What went wrong, for programs: stable, in kebab-case, documented in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// A digest that is not `sha256:` and 64 hexadecimal digits.
    DigestMalformed,
    /// A name that breaks the rules of [`crate::SkillName`] and its kin.
    NameMalformed,
    /// A reference that cannot be read.
    ReferenceMalformed,
    /// `skill.toml` does not say what it must, or says what it may not.
    ManifestInvalid,
    /// A file of the skill is missing, too large or badly named.
    FileInvalid,
    /// The bytes are not a WebAssembly component.
    NotAComponent,
    /// The component has no section that declares a skill.
    DeclarationMissing,
    /// The component has more than one such section.
    DeclarationRepeated,
    /// The section, or a part of it, is larger than allowed.
    DeclarationTooLarge,
    /// The section cannot be read.
    DeclarationMalformed,
    /// The section is of a version that this host does not know.
    DeclarationVersion,
    /// The WIT in the section does not parse, or does not hold the world.
    InterfaceInvalid,
    /// The WIT in the section differs from the component's real types.
    InterfaceMismatch,
    /// A tool cannot be offered: a resource in its signature, or a clash of names.
    ToolInvalid,
    /// The component imports what no skill may import.
    ImportUnknown,
    /// A signature that cannot be read.
    SignatureMalformed,
    /// The manifest of an artifact is not that of a skill.
    ArtifactMalformed,
    /// The artifact, or a part of it, is larger than allowed.
    ArtifactTooLarge,
    /// The registry has no such artifact.
    ArtifactNotFound,
    /// A part of the artifact is of another media type than it must be.
    MediaTypeWrong,
    /// Bytes are not those that their digest names.
    DigestMismatch,
    /// The registry does not answer, or not in time.
    RegistryUnreachable,
    /// The registry says that it is busy or broken.
    RegistryUnavailable,
    /// The registry does not let these credentials do this.
    RegistryRefused,
    /// The registry answers what no registry may.
    RegistryMisbehaved,
    /// The registry asks to send credentials to a host that nobody named.
    TokenHostNotAllowed,
    /// The registry redirects to where no client may follow.
    RedirectNotAllowed,
    /// A key that cannot be read, is weak, or lies open to others.
    KeyInvalid,
    /// A key that the ledger has already.
    KeyKnown,
    /// A key that the ledger does not have.
    KeyUnknown,
    /// The key that signed was revoked.
    KeyRevoked,
    /// A publisher that the ledger does not have.
    PublisherUnknown,
    /// The publisher that signed was revoked.
    PublisherRevoked,
    /// The namespace belongs to another publisher.
    NamespaceTaken,
    /// A name reads like one of another publisher.
    NameConfusable,
    /// The publisher that signed does not own the skill's namespace.
    NamespaceNotOwned,
    /// Nothing beside the artifact is a signature that a host can use.
    Unsigned,
    /// No key that signed is one that the ledger trusts.
    SignedByStranger,
    /// The signature does not fit what is signed.
    SignatureInvalid,
    /// The signature was made for something else than was asked for.
    StatementMismatch,
    /// The signature is too old, or not valid yet.
    StatementExpired,
    /// The trust policy has the key sign at another time.
    KeyNotValid,
    /// The trust policy does not name the namespace.
    NamespaceNotTrusted,
    /// Fewer keys signed than the trust policy asks for.
    SignaturesMissing,
    /// A statement that the trust policy asks for is missing.
    StatementMissing,
    /// The trust policy cannot be read, or could never hold.
    PolicyInvalid,
    /// The artifact was revoked.
    DigestRevoked,
    /// The tenant did not approve the artifact.
    NotApproved,
    /// The tenant took its approval back.
    ApprovalRevoked,
    /// A higher version of the skill was approved before.
    VersionLower,
    /// An approval grants what the skill does not ask for.
    GrantInvalid,
    /// A decision that the ledger cannot hold.
    EntryInvalid,
    /// The folder of artifacts cannot be read or written.
    ShelfUnusable,
    /// A folder to export to or to import from cannot be used.
    FolderUnusable,
    /// Docker's credentials file, or a helper that it names, cannot be used.
    CredentialsUnusable,
    /// What an operator says of registries makes no sense.
    SettingsInvalid,
}

impl Code {
    /// The code as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DigestMalformed => "digest-malformed",
            Self::NameMalformed => "name-malformed",
            Self::ReferenceMalformed => "reference-malformed",
            Self::ManifestInvalid => "manifest-invalid",
            Self::FileInvalid => "file-invalid",
            Self::NotAComponent => "not-a-component",
            Self::DeclarationMissing => "declaration-missing",
            Self::DeclarationRepeated => "declaration-repeated",
            Self::DeclarationTooLarge => "declaration-too-large",
            Self::DeclarationMalformed => "declaration-malformed",
            Self::DeclarationVersion => "declaration-version",
            Self::InterfaceInvalid => "interface-invalid",
            Self::InterfaceMismatch => "interface-mismatch",
            Self::ToolInvalid => "tool-invalid",
            Self::ImportUnknown => "import-unknown",
            Self::SignatureMalformed => "signature-malformed",
            Self::ArtifactMalformed => "artifact-malformed",
            Self::ArtifactTooLarge => "artifact-too-large",
            Self::ArtifactNotFound => "artifact-not-found",
            Self::MediaTypeWrong => "media-type-wrong",
            Self::DigestMismatch => "digest-mismatch",
            Self::RegistryUnreachable => "registry-unreachable",
            Self::RegistryUnavailable => "registry-unavailable",
            Self::RegistryRefused => "registry-refused",
            Self::RegistryMisbehaved => "registry-misbehaved",
            Self::TokenHostNotAllowed => "token-host-not-allowed",
            Self::RedirectNotAllowed => "redirect-not-allowed",
            Self::KeyInvalid => "key-invalid",
            Self::KeyKnown => "key-known",
            Self::KeyUnknown => "key-unknown",
            Self::KeyRevoked => "key-revoked",
            Self::PublisherUnknown => "publisher-unknown",
            Self::PublisherRevoked => "publisher-revoked",
            Self::NamespaceTaken => "namespace-taken",
            Self::NameConfusable => "name-confusable",
            Self::NamespaceNotOwned => "namespace-not-owned",
            Self::Unsigned => "unsigned",
            Self::SignedByStranger => "signed-by-stranger",
            Self::SignatureInvalid => "signature-invalid",
            Self::StatementMismatch => "statement-mismatch",
            Self::StatementExpired => "statement-expired",
            Self::KeyNotValid => "key-not-valid",
            Self::NamespaceNotTrusted => "namespace-not-trusted",
            Self::SignaturesMissing => "signatures-missing",
            Self::StatementMissing => "statement-missing",
            Self::PolicyInvalid => "policy-invalid",
            Self::DigestRevoked => "digest-revoked",
            Self::NotApproved => "not-approved",
            Self::ApprovalRevoked => "approval-revoked",
            Self::VersionLower => "version-lower",
            Self::GrantInvalid => "grant-invalid",
            Self::EntryInvalid => "entry-invalid",
            Self::ShelfUnusable => "shelf-unusable",
            Self::FolderUnusable => "folder-unusable",
            Self::CredentialsUnusable => "credentials-unusable",
            Self::SettingsInvalid => "settings-invalid",
        }
    }

    /// Whether the same request may succeed later, unchanged.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::RegistryUnreachable | Self::RegistryUnavailable)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal of this crate: a code to branch on, a sentence that is safe to show and says what to change, and what only
/// the operator's log may hold.
#[derive(Debug)]
pub struct Error {
    code: Code,
    told: String,
    kept: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal with its sentence.
    pub fn new(code: Code, told: impl Into<String>) -> Self {
        Self {
            code,
            told: told.into(),
            kept: None,
        }
    }

    /// The same, with the cause that only the operator's log may hold.
    #[must_use]
    pub fn keep(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.kept = Some(cause.into());
        self
    }

    /// The code to branch on.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The sentence that is safe to show to whoever asked.
    pub fn told(&self) -> &str {
        &self.told
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kept.as_deref().map(|cause| cause as _)
    }
}
