//! Words for the operator: [`trace!`](crate::trace), [`debug!`](crate::debug), [`info!`](crate::info),
//! [`warn!`](crate::warn) and [`error!`](crate::error), each with the arguments of [`format!`].

pub use crate::interfaces::logging::Level;

/// Writes one line, kept with the run and never answered to the agent.
pub fn log(level: Level, message: &str) {
    #[cfg(target_family = "wasm")]
    crate::interfaces::logging::log(level, message);
    #[cfg(not(target_family = "wasm"))]
    eprintln!("{level:?}: {message}");
}

/// Logs what only a developer who follows every step wants to see.
#[macro_export]
macro_rules! trace {
    ($($message:tt)+) => { $crate::logging::log($crate::logging::Level::Trace, &::std::format!($($message)+)) };
}

/// Logs what a developer wants to see.
#[macro_export]
macro_rules! debug {
    ($($message:tt)+) => { $crate::logging::log($crate::logging::Level::Debug, &::std::format!($($message)+)) };
}

/// Logs what an operator wants to see.
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => { $crate::logging::log($crate::logging::Level::Info, &::std::format!($($message)+)) };
}

/// Logs that something is odd and the tool goes on.
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => { $crate::logging::log($crate::logging::Level::Warn, &::std::format!($($message)+)) };
}

/// Logs that the tool failed, or is about to.
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => { $crate::logging::log($crate::logging::Level::Error, &::std::format!($($message)+)) };
}
