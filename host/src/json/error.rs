//! Why arguments or an answer cannot be used.

use std::borrow::Cow;
use std::fmt;

/// The first thing in the arguments that does not fit the tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    path: String,
    message: String,
}

/// What keeps an answer from being JSON for the agent: the skill is to blame, not the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputError {
    kind: Kind,
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotFinite,
    TooLarge,
    BytesTooLarge,
    Unexpected,
}

impl InputError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            message: message.into(),
        }
    }

    /// Says that it lies in this field or item of what surrounds it.
    pub(super) fn under(mut self, segment: impl fmt::Display) -> Self {
        prepend(&mut self.path, &segment.to_string());
        self
    }

    /// Where it is: a JSON pointer (RFC 6901) into the arguments, empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong with it, such as "must be a string, not null".
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl OutputError {
    pub(super) const fn not_finite() -> Self {
        Self::new(Kind::NotFinite)
    }

    pub(super) const fn too_large() -> Self {
        Self::new(Kind::TooLarge)
    }

    pub(super) const fn bytes_too_large() -> Self {
        Self::new(Kind::BytesTooLarge)
    }

    pub(super) const fn unexpected() -> Self {
        Self::new(Kind::Unexpected)
    }

    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            path: String::new(),
        }
    }

    /// Says that it lies in this field or item of what surrounds it.
    pub(super) fn under(mut self, segment: impl fmt::Display) -> Self {
        prepend(&mut self.path, &segment.to_string());
        self
    }

    /// Stable, in kebab-case: `output-not-finite`, `output-too-large`, `output-bytes-too-large` or `output-unexpected`.
    pub const fn code(&self) -> &'static str {
        match self.kind {
            Kind::NotFinite => "output-not-finite",
            Kind::TooLarge => "output-too-large",
            Kind::BytesTooLarge => "output-bytes-too-large",
            Kind::Unexpected => "output-unexpected",
        }
    }

    /// Where it is: a JSON pointer (RFC 6901) into the answer, empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", place(&self.path, "the arguments"), self.message)
    }
}

impl std::error::Error for InputError {}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = place(&self.path, "the answer");
        match self.kind {
            Kind::NotFinite => write!(
                f,
                "{place} is not a finite number, which JSON cannot say: answer an option"
            ),
            Kind::TooLarge => f.write_str("the answer is larger than 4 MiB as JSON: answer less, or put it in a file"),
            Kind::BytesTooLarge => write!(f, "{place} has more than 64 KiB of bytes: put them in a file"),
            Kind::Unexpected => write!(
                f,
                "{place} is not what the skill's WIT describes: build the skill again"
            ),
        }
    }
}

impl std::error::Error for OutputError {}

/// Errors are rare and types are shallow, so the path grows from its end, while the error passes outwards.
fn prepend(path: &mut String, segment: &str) {
    let shown: Cow<'_, str> = match segment.char_indices().nth(MAX_SEGMENT) {
        Some((end, _)) => Cow::Owned(format!("{}…", segment.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(segment),
    };
    path.insert_str(0, &format!("/{}", shown.replace('~', "~0").replace('/', "~1")));
}

/// A caller's own key may be as long as the whole request; errors and logs stay short.
const MAX_SEGMENT: usize = 64;

fn place(path: &str, whole: &str) -> String {
    match path {
        "" => whole.to_owned(),
        path => format!("`{}`", path.escape_debug()),
    }
}
