//! What models used and cost, summed by what somebody asks: the agent, the skill, the model, the day.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::store::{Amounts, UsageRow};

/// By what sums are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Whose calls they were.
    Tenant,
    /// When, in UTC.
    Day,
    /// Which skill asked.
    Skill,
    /// Who invoked it: the name of a token.
    Agent,
    /// Which binding was asked.
    Binding,
    /// Which backend of it.
    Backend,
    /// Which model was asked for.
    Asked,
    /// Which model answered, or was asked for where none did.
    Model,
}

/// The days that are summed, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    first: Date,
    last: Date,
}

/// Why nothing can be summed; the sentence says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(String);

/// Sums by some dimensions.
#[derive(Clone, Debug)]
pub struct Usage {
    by: Vec<Dimension>,
    /// By the values of the dimensions, in their order.
    groups: BTreeMap<Vec<String>, Sums>,
    total: Sums,
}

/// What calls used together. Wider than what is kept, so that no sum of sums is cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Calls that were answered.
    pub calls: u128,
    /// Those of them whose price is unknown.
    pub unpriced: u128,
    /// Those of them whose tokens nobody counted.
    pub uncounted: u128,
    /// Tokens of the input at the base rate.
    pub input: u128,
    /// Tokens of the input that were read from a cache.
    pub cache_read: u128,
    /// Tokens of the input that were written to a cache.
    pub cache_write: u128,
    /// Tokens of the output, thoughts included.
    pub output: u128,
    /// Tokens of the output that are thoughts.
    pub reasoning: u128,
    /// What the calls cost whose price is known, in billionths of a US dollar.
    pub nano_dollars: u128,
    /// Attempts that may have left and have no answer.
    pub lost: u128,
    /// Those of them for which nobody knew what to reserve.
    pub lost_unpriced: u128,
    /// What was reserved for the others, in billionths of a US dollar.
    pub lost_nano_dollars: u128,
    /// The versions of the price lists by which calls were priced.
    pub prices: BTreeSet<String>,
}

impl Dimension {
    /// Each of them.
    pub const ALL: [Self; 8] = [
        Self::Tenant,
        Self::Day,
        Self::Skill,
        Self::Agent,
        Self::Binding,
        Self::Backend,
        Self::Asked,
        Self::Model,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Day => "day",
            Self::Skill => "skill",
            Self::Agent => "agent",
            Self::Binding => "binding",
            Self::Backend => "backend",
            Self::Asked => "asked",
            Self::Model => "model",
        }
    }

    /// Reads words that commas part, each of which is one of those that are allowed here.
    ///
    /// # Errors
    /// A word is none of them, or comes twice.
    pub fn list(text: &str, allowed: &[Self]) -> Result<Vec<Self>, UsageError> {
        let mut found = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let dimension = word.parse().ok().filter(|dimension| allowed.contains(dimension));
            let dimension = dimension.ok_or_else(|| {
                let words: Vec<_> = allowed.iter().map(|dimension| dimension.as_str()).collect();
                UsageError(format!(
                    "sums cannot be told apart by `{word}`: say some of {}",
                    words.join(", ")
                ))
            })?;
            if found.contains(&dimension) {
                return Err(UsageError(format!("`{word}` comes twice: say it once")));
            }
            found.push(dimension);
        }
        Ok(found)
    }

    fn of(self, row: &UsageRow) -> String {
        match self {
            Self::Tenant => row.tenant.to_string(),
            Self::Day => row.day.to_string(),
            Self::Skill => row.skill.clone(),
            Self::Agent => row.agent.clone(),
            Self::Binding => row.binding.clone(),
            Self::Backend => row.backend.clone(),
            Self::Asked => row.asked.clone(),
            Self::Model => row.served.as_ref().unwrap_or(&row.asked).clone(),
        }
    }
}

impl Period {
    /// The days from the first to the last; the days of this month so far where nothing is said.
    ///
    /// # Errors
    /// A day is none, they come in the wrong order, or they are too many.
    pub fn read(from: Option<&str>, to: Option<&str>, today: Date) -> Result<Self, UsageError> {
        let day = |name: &str, text: &str| {
            let told = || UsageError(format!("`{name}` is no day: write one as 2026-11-30"));
            text.parse::<Date>().map_err(|_| told())
        };
        let last = to.map_or(Ok(today), |text| day("to", text))?;
        let first = from.map_or(Ok(last.first_of_month()), |text| day("from", text))?;
        if first > last {
            return Err(UsageError(format!(
                "{first} is after {last}: let `from` be the earlier one"
            )));
        }
        if first.until(last).map_or(i32::MAX, |span| span.get_days()) >= MOST_DAYS {
            return Err(UsageError(format!(
                "{first} to {last} are more than {MOST_DAYS} days: ask for them in parts"
            )));
        }
        Ok(Self { first, last })
    }

    /// The first day and the last.
    pub const fn days(self) -> (Date, Date) {
        (self.first, self.last)
    }
}

/// Days that are summed at a time: a leap year.
const MOST_DAYS: i32 = 366;

impl Usage {
    /// Nothing yet, to be told apart by these.
    pub fn new(by: Vec<Dimension>) -> Self {
        Self {
            by,
            groups: BTreeMap::new(),
            total: Sums::default(),
        }
    }

    /// Adds what the store keeps.
    pub fn add(&mut self, row: &UsageRow) {
        self.total.add(row);
        if !self.by.is_empty() {
            let group = self.by.iter().map(|dimension| dimension.of(row)).collect();
            self.groups.entry(group).or_default().add(row);
        }
    }

    /// By what the sums are told apart.
    pub fn by(&self) -> &[Dimension] {
        &self.by
    }

    /// Each sum with the values of its dimensions, in their order.
    pub fn groups(&self) -> impl Iterator<Item = (&[String], &Sums)> {
        self.groups.iter().map(|(group, sums)| (group.as_slice(), sums))
    }

    /// All of it.
    pub const fn total(&self) -> &Sums {
        &self.total
    }
}

impl Sums {
    fn add(&mut self, row: &UsageRow) {
        let Amounts {
            calls,
            uncounted,
            input,
            cache_read,
            cache_write,
            output,
            reasoning,
            nano_dollars,
            lost,
            lost_unpriced,
            lost_nano_dollars,
        } = row.amounts;
        match &row.prices {
            Some(prices) => drop(self.prices.insert(prices.clone())),
            None => self.unpriced += u128::from(calls),
        }
        for (sum, amount) in [
            (&mut self.calls, calls),
            (&mut self.uncounted, uncounted),
            (&mut self.input, input),
            (&mut self.cache_read, cache_read),
            (&mut self.cache_write, cache_write),
            (&mut self.output, output),
            (&mut self.reasoning, reasoning),
            (&mut self.nano_dollars, nano_dollars),
            (&mut self.lost, lost),
            (&mut self.lost_unpriced, lost_unpriced),
            (&mut self.lost_nano_dollars, lost_nano_dollars),
        ] {
            *sum += u128::from(amount);
        }
    }

    /// What the answered calls cost as far as it is known, in billionths of a US dollar; nothing where nothing is known.
    pub fn known(&self) -> Option<u128> {
        (self.calls == 0 || self.unpriced < self.calls).then_some(self.nano_dollars)
    }

    /// The same of the lost attempts.
    pub fn lost_known(&self) -> Option<u128> {
        (self.lost == 0 || self.lost_unpriced < self.lost).then_some(self.lost_nano_dollars)
    }

    /// Whether the tokens of any call were counted, or there was none.
    pub const fn counted(&self) -> bool {
        self.calls == 0 || self.uncounted < self.calls
    }
}

/// Billionths of a dollar as an exact decimal number of dollars: `0.004350000`.
pub fn dollars(nano: u128) -> String {
    const BILLION: u128 = 1_000_000_000;
    format!("{}.{:09}", nano / BILLION, nano % BILLION)
}

impl FromStr for Dimension {
    type Err = UsageError;

    fn from_str(text: &str) -> Result<Self, UsageError> {
        let found = Self::ALL.into_iter().find(|dimension| dimension.as_str() == text);
        found.ok_or_else(|| UsageError(format!("`{text}` tells no sums apart")))
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
