//! What is wrong with a binding as it is configured.

/// What is wrong, with the key of the configuration that says it. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {told}")]
pub struct BindingError {
    at: String,
    told: String,
}

impl BindingError {
    /// At a key below what is spoken of; empty for all of it.
    pub(super) fn new(at: &str, told: impl Into<String>) -> Self {
        Self {
            at: at.to_owned(),
            told: told.into(),
        }
    }

    /// Says of what lies below a key which it is.
    pub(super) fn within(self, at: &str) -> Self {
        let at = match self.at.as_str() {
            "" => at.to_owned(),
            below => format!("{at}.{below}"),
        };
        Self { at, ..self }
    }
}

/// Below this key; egress's own sentences name the setting.
pub(super) fn of_egress(at: &'static str) -> impl Fn(egress::Error) -> BindingError {
    move |error| match std::error::Error::source(&error) {
        Some(cause) => BindingError::new(at, format!("{error} ({cause})")),
        None => BindingError::new(at, error.to_string()),
    }
}
