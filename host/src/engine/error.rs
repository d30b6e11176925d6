//! Why a skill could not be made ready to run.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// What went wrong, for programs: stable, in kebab-case, documented in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The component is larger than any may be.
    ComponentTooLarge,
    /// The component has more of something than any may have, so that it was not even compiled.
    ComponentTooComplex,
    /// The component uses what this host does not run, or is broken.
    CompileFailed,
    /// The compiler used all the memory or time that it may.
    CompileLimit,
    /// The component imports what is not there.
    ImportUnknown,
    /// A declared tool is not in the component.
    ToolMissing,
    /// The host itself failed.
    Internal,
}

/// A skill could not be made ready: a code to branch on, a sentence that is safe to show and says what to change, and
/// what only the operator's log may hold.
#[derive(Clone, Debug)]
pub struct Error {
    code: Code,
    told: String,
    kept: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Code {
    /// The code as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ComponentTooLarge => "component-too-large",
            Self::ComponentTooComplex => "component-too-complex",
            Self::CompileFailed => "compile-failed",
            Self::CompileLimit => "compile-limit",
            Self::ImportUnknown => "import-unknown",
            Self::ToolMissing => "tool-missing",
            Self::Internal => "internal",
        }
    }

    /// Whether the same skill may be ready later, unchanged.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::Internal)
    }
}

impl Error {
    pub(crate) fn new(code: Code, told: impl Into<String>) -> Self {
        Self {
            code,
            told: told.into(),
            kept: None,
        }
    }

    /// The host failed, for a reason that only its log may hold.
    pub(crate) fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let told = "the host could not prepare the skill: try again, and tell the operator if it happens again";
        Self::new(Code::Internal, told).keep(cause)
    }

    /// The same, with the cause that only the operator's log may hold.
    #[must_use]
    pub(crate) fn keep(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.kept = Some(Arc::from(cause.into()));
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

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.kept.as_deref().map(|cause| cause as _)
    }
}
