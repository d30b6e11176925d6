//! Where a call stands, for whoever follows one or ends a process there: an event a step, at the level `trace`.

/// The target of the events. Each has one field, `step`.
pub const STEPS: &str = "gate::step";

/// What calls come to, in this order. A call that is refused goes from its step to `finish`; one that is answered from
/// the journal comes to `begin` alone.
pub const ORDER: [&str; 10] = [
    "begin", "policy", "dlp", "consent", "reserve", "sent", "backend", "redact", "finish", "finished",
];

/// A call comes to this step.
pub(crate) fn step(step: &'static str) {
    tracing::trace!(target: STEPS, step);
}
