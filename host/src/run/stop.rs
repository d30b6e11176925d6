//! Why a run was stopped, and what to tell whoever asked for it.

use gate::Halt;
use wasmtime::component::ResourceTableError;
use wasmtime::{Error, PoolConcurrencyLimitError, Trap};

use crate::json::OutputError;
use crate::run::Stop;
use crate::run::limits::RunLimits;
use crate::run::memory::Memory;

/// What stopped a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopping {
    #[error("fuel")]
    Fuel,
    #[error("guest time")]
    GuestTime,
    #[error("deadline")]
    Deadline,
    #[error("cancelled")]
    Cancelled,
    #[error("memory")]
    Memory,
    #[error("stack")]
    Stack,
    #[error("handles")]
    Handles,
    #[error("host call")]
    HostCall,
    #[error("random")]
    Random,
    #[error("headers")]
    HttpFields,
    #[error("held")]
    HttpHeld,
    #[error("body unfinished")]
    BodyUnfinished,
    #[error("halted")]
    Halted(Box<Halt>),
    #[error("output")]
    Output(OutputError),
    #[error("exit")]
    Exit,
    #[error("capacity")]
    Capacity,
    #[error("trap: {0}")]
    Trap(String),
    #[error("internal")]
    Internal,
}

impl Stopping {
    /// Reads it from what Wasmtime answered.
    pub(crate) fn read(error: &Error, memory: &Memory) -> Self {
        if let Some(own) = error.downcast_ref::<Self>() {
            return own.clone();
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Self::Capacity;
        }
        if matches!(
            error.downcast_ref::<ResourceTableError>(),
            Some(ResourceTableError::Full)
        ) {
            return Self::Handles;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Self::Fuel,
            Some(Trap::StackOverflow) => Self::Stack,
            // A guest that was refused memory most often breaks of it: that it broke is not the news.
            _ if memory.refused() => Self::Memory,
            Some(trap) => Self::Trap(trap.to_string()),
            None => Self::read_sentence(&error.root_cause().to_string()),
        }
    }

    /// Two of Wasmtime's errors have no type that can be named; tests hold their sentences in place.
    fn read_sentence(cause: &str) -> Self {
        if cause.contains("fuel allocated for hostcalls has been exhausted") {
            return Self::HostCall;
        }
        if cause.contains("store handle limit exceeded") {
            return Self::Handles;
        }
        Self::Trap(cause.to_owned())
    }

    /// What the way out answered instead of an outcome.
    pub(crate) fn halted(halt: Halt) -> Self {
        Self::Halted(Box::new(halt))
    }

    /// What the owner of the run must do, where the way out ended it.
    pub(crate) fn halt(error: &Error) -> Option<Halt> {
        match error.downcast_ref::<Self>() {
            Some(Self::Halted(halt)) => Some(Halt::clone(halt)),
            _ => None,
        }
    }

    /// The code that the API shows.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Fuel => "fuel",
            Self::GuestTime => "guest-time",
            Self::Deadline => "deadline",
            Self::Cancelled => "cancelled",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::Handles => "handles",
            Self::HostCall => "host-call",
            Self::Random => "random",
            Self::HttpFields => "http-headers",
            Self::HttpHeld => "http-held",
            Self::BodyUnfinished => "body-unfinished",
            Self::Halted(halt) => match &**halt {
                Halt::Stop(stop) => stop.code.as_str(),
                Halt::Suspend(_) => "suspended",
            },
            Self::Output(error) => error.code(),
            Self::Exit => "exit",
            Self::Capacity => "capacity",
            Self::Trap(_) => "trap",
            Self::Internal => "internal",
        }
    }

    /// What to tell whoever asked for the run.
    pub(crate) fn told(&self, limits: &RunLimits) -> Stop {
        Stop {
            code: self.code().to_owned(),
            message: self.sentence(limits),
        }
    }

    fn sentence(&self, limits: &RunLimits) -> String {
        match self {
            Self::Fuel => format!(
                "The skill used up its {} million units of fuel. Ask for less in one run, or have `fuel-millions` of \
                 its approval raised.",
                limits.fuel / 1_000_000
            ),
            Self::GuestTime => format!(
                "The skill computed for {} ms, which is all it may. Ask for less in one run, or have `guest-ms` of its \
                 approval raised.",
                limits.guest_time.as_millis()
            ),
            Self::Deadline => format!(
                "The run did not end within {} ms, or waited for longer than that. Ask for less in one run, or have \
                 `deadline-ms` of its approval raised.",
                limits.deadline.as_millis()
            ),
            Self::Cancelled => "The run was cancelled. Start it again if that was not meant.".to_owned(),
            Self::Memory => format!(
                "The skill needed more than its {} MiB of memory. Ask for less in one run, or have `memory-mib` of its \
                 approval raised.",
                limits.memory >> 20
            ),
            Self::Stack => {
                "The skill recursed too deeply. Ask for something less nested, or tell its publisher.".to_owned()
            }
            Self::Handles => format!(
                "The skill held more than {} handles at a time. Tell its publisher that it must drop what it no longer \
                 needs.",
                RunLimits::HANDLES
            ),
            Self::HostCall => format!(
                "The skill passed more than {} MiB at once. Ask for less in one run, or tell its publisher to pass it \
                 in pieces or as files.",
                RunLimits::HOST_CALL >> 20
            ),
            Self::Random => format!(
                "The skill asked for more than {} bytes of randomness at once. Tell its publisher to ask for less.",
                RunLimits::RANDOM
            ),
            Self::HttpFields => format!(
                "The skill put more than {} KiB into the headers of one HTTP request. Tell its publisher.",
                RunLimits::HTTP_FIELDS >> 10
            ),
            Self::HttpHeld => format!(
                "The skill held more than {} MiB of HTTP headers and bodies at a time. Ask for less in one run, or tell \
                 its publisher that it must read or drop what it asked for.",
                RunLimits::HTTP_HELD >> 20
            ),
            Self::BodyUnfinished => {
                "The skill waited for the reply to an HTTP request whose body it never finished. Tell its publisher."
                    .to_owned()
            }
            Self::Halted(halt) => match &**halt {
                Halt::Stop(stop) => stop.told.clone(),
                Halt::Suspend(_) => "The run waits for something to happen, and goes on by itself then.".to_owned(),
            },
            Self::Output(error) => format!("The answer of the skill cannot be given: {error}. Tell its publisher."),
            Self::Exit => {
                "The skill ended itself instead of answering. Its log may say why; tell its publisher.".to_owned()
            }
            Self::Capacity => "The host has no place for another run right now. Try again in a moment.".to_owned(),
            Self::Trap(what) => format!("The skill broke: {what}. Its log may say why; tell its publisher."),
            Self::Internal => {
                "The host failed, not the skill. Try again, and tell the operator if it happens again.".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests;
