//! Why a request was not sent, or brought no reply.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

/// What went wrong, for programs: stable, in kebab-case, documented in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The settings of a binding cannot hold.
    RuleInvalid,
    /// A credential that cannot be read or sent.
    CredentialInvalid,
    /// What was asked for is no URL, or is spelled so that two readers could understand it differently.
    TargetMalformed,
    /// The URL has another scheme than the binding.
    SchemeNotAllowed,
    /// The URL carries a user or a password.
    UserinfoNotAllowed,
    /// The URL names a host that the binding does not have.
    HostNotAllowed,
    /// The URL names a port that the binding does not have.
    PortNotAllowed,
    /// The path leaves the binding's, or could be understood so.
    PathNotAllowed,
    /// A method that no skill may use.
    MethodNotAllowed,
    /// A header that belongs to the connection or to the binding.
    HeaderNotAllowed,
    /// The request's head or body is larger than the binding allows.
    RequestTooLarge,
    /// The host's name has no address.
    NameUnresolved,
    /// One of the host's addresses is one that nothing may be sent to.
    AddressForbidden,
    /// No address of the host takes a connection.
    ConnectFailed,
    /// No connection stood in time.
    ConnectTimeout,
    /// The host could not prove who it is, or speaks no TLS.
    TlsFailed,
    /// The reply's head, or its end, did not come in time.
    ReplyTimeout,
    /// The connection ended before the reply did.
    ConnectionLost,
    /// The reply is not HTTP.
    ReplyMalformed,
    /// The reply's head has too many bytes or headers.
    ReplyHeadTooLarge,
    /// The reply's body is larger than the binding allows, as sent or once decompressed.
    ReplyBodyTooLarge,
    /// The reply's body is encoded in a way that is not read here, or is damaged.
    ReplyEncoding,
    /// The token endpoint does not accept the binding's credential.
    TokenRefused,
    /// The token endpoint does not answer, or says that it is busy or broken.
    TokenUnavailable,
    /// The token endpoint answers what no token endpoint may.
    TokenMalformed,
}

/// Whether anything of the request can have reached the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sent {
    /// Nothing has: whatever the request would have done was not done.
    No,
    /// Something may have: the request may have been carried out.
    Maybe,
}

/// A failure of this crate: a code to branch on, whether anything can have been sent, a sentence that is safe to show and
/// says what to change, and what only the operator's log may hold.
#[derive(Clone, Debug)]
pub struct Error {
    code: Code,
    sent: Sent,
    told: String,
    kept: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Code {
    /// The code as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RuleInvalid => "rule-invalid",
            Self::CredentialInvalid => "credential-invalid",
            Self::TargetMalformed => "target-malformed",
            Self::SchemeNotAllowed => "scheme-not-allowed",
            Self::UserinfoNotAllowed => "userinfo-not-allowed",
            Self::HostNotAllowed => "host-not-allowed",
            Self::PortNotAllowed => "port-not-allowed",
            Self::PathNotAllowed => "path-not-allowed",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::HeaderNotAllowed => "header-not-allowed",
            Self::RequestTooLarge => "request-too-large",
            Self::NameUnresolved => "name-unresolved",
            Self::AddressForbidden => "address-forbidden",
            Self::ConnectFailed => "connect-failed",
            Self::ConnectTimeout => "connect-timeout",
            Self::TlsFailed => "tls-failed",
            Self::ReplyTimeout => "reply-timeout",
            Self::ConnectionLost => "connection-lost",
            Self::ReplyMalformed => "reply-malformed",
            Self::ReplyHeadTooLarge => "reply-head-too-large",
            Self::ReplyBodyTooLarge => "reply-body-too-large",
            Self::ReplyEncoding => "reply-encoding",
            Self::TokenRefused => "token-refused",
            Self::TokenUnavailable => "token-unavailable",
            Self::TokenMalformed => "token-malformed",
        }
    }

    /// Whether the same request may succeed later, unchanged. Whether it may be sent again is another question, which
    /// [`Error::sent`] and the call's effect answer.
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::NameUnresolved
                | Self::ConnectFailed
                | Self::ConnectTimeout
                | Self::ReplyTimeout
                | Self::ConnectionLost
                | Self::TokenUnavailable
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error {
    /// A failure before anything was sent.
    pub fn new(code: Code, told: impl Into<String>) -> Self {
        Self {
            code,
            sent: Sent::No,
            told: told.into(),
            kept: None,
        }
    }

    /// The same, after something may have been sent.
    #[must_use]
    pub(crate) const fn maybe_sent(mut self) -> Self {
        self.sent = Sent::Maybe;
        self
    }

    /// The same, with the cause that only the operator's log may hold.
    #[must_use]
    pub fn keep(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.kept = Some(Arc::from(cause.into()));
        self
    }

    /// The code to branch on.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Whether the same request may succeed later, unchanged.
    pub const fn retryable(&self) -> bool {
        self.code.retryable()
    }

    /// Whether anything of the request can have reached the other side.
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    /// What only the operator's log may hold: the causes, each behind the one that it led to.
    pub fn private(&self) -> Option<String> {
        let first = std::error::Error::source(self);
        let causes = std::iter::successors(first, |cause| cause.source());
        let told: Vec<String> = causes.map(ToString::to_string).collect();
        (!told.is_empty()).then(|| told.join(": "))
    }

    /// The sentence that is safe to show to a skill and to whoever runs it: it names hosts and headers, and no address.
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
