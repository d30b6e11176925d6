//! What attempts at models cost, read from the entries that say so.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::{Bill, Chosen, Ending, Entry, Event};
use crate::call::Binding;
use crate::call::model::ModelCall;

/// An attempt at a model that cost something, or may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// When it was settled.
    pub at: Timestamp,
    /// On which binding it was.
    pub binding: Binding,
    /// Which model was asked; nothing where the attempt left before the journal said so.
    pub chosen: Option<Chosen>,
    /// What came of it.
    pub spent: Spent,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spent {
    /// An answer.
    Answered(Bill),
    /// No answer, and it may have left: what was reserved for it, in billionths of a US dollar, where that is known.
    Lost(Option<u64>),
}

/// Reads the entries of a run in their order. A call is the last one until the next begins, so a meter may start at the
/// beginning of any call.
#[derive(Debug, Default)]
pub struct Meter {
    /// Of the call, where it asks a model.
    binding: Option<Binding>,
    /// The attempt that is not settled.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    reserved: u64,
    chosen: Option<Chosen>,
}

impl Meter {
    /// Whether an entry like this can settle anything. Of one that cannot, nobody need ask a meter.
    pub const fn settles(event: &Event) -> bool {
        match event {
            Event::Lost { unsent, .. } => !*unsent,
            Event::Finished {
                bill, lost, settled, ..
            } => bill.is_some() || *lost || *settled > 0,
            // A guest that returned waited for each of its calls.
            Event::Ended { ending, .. } => matches!(ending, Ending::Stopped { .. }),
            _ => false,
        }
    }

    /// Takes the next entry, and says what it settles.
    pub fn take(&mut self, entry: &Entry) -> Option<Charge> {
        let settled = match &entry.event {
            Event::Begun { binding, .. } => {
                let is_model = binding.kind == ModelCall::KIND;
                self.binding = is_model.then(|| binding.clone());
                self.open = None;
                return None;
            }
            Event::Sent { reserved, chosen, .. } => {
                self.open = Some(Open {
                    reserved: *reserved,
                    chosen: chosen.as_deref().cloned(),
                });
                return None;
            }
            Event::Lost { settled, .. } | Event::Finished { settled, .. } => Some(*settled),
            Event::Ended { .. } => None,
            _ => return None,
        };
        let open = self.open.take()?;
        let settles = Self::settles(&entry.event);
        let binding = self.binding.clone().filter(|_| settles)?;
        Some(Charge {
            at: entry.at,
            binding,
            spent: match &entry.event {
                Event::Finished { bill: Some(bill), .. } => Spent::Answered(bill.as_ref().clone()),
                _ => open.lost(settled),
            },
            chosen: open.chosen,
        })
    }
}

impl Open {
    /// What is paid for it. Where nobody knew the most that it can cost, nothing was reserved, and nothing is known.
    fn lost(&self, settled: Option<u64>) -> Spent {
        let settled = settled.unwrap_or(self.reserved);
        let priced = self.chosen.as_ref().is_some_and(|chosen| chosen.priced);
        Spent::Lost((priced || settled > 0).then_some(settled))
    }
}
