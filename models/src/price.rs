//! What a call costs, by a list that has a date and a digest.
//!
//! The list that is built in is made by `tests/models/prices.py` from two sources; an operator may give one of their own in
//! the same form, or a price for one backend. Arithmetic is in decimals and exact, and rounds once, at the end. What the list does not know has no price:
//! it is never taken for nothing.

mod list;
mod name;
mod own;
mod rates;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use bigdecimal::{BigDecimal, One, RoundingMode, ToPrimitive};
use gate::call::model::{Cost, Usage};
use jiff::civil::Date;

use list::{Entry, Term};
use name::Names;
use rates::Tokens;

pub use list::PriceListError;
pub use own::{OwnPrice, Pricing};

/// A price list, read and checked.
#[derive(Clone, Debug)]
pub struct Prices {
    version: String,
    tiers: BTreeMap<String, String>,
    names: Names,
    /// By backend and by model.
    entries: BTreeMap<String, BTreeMap<String, Vec<Arc<Entry>>>>,
}

/// What was sold, or is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sold<'a> {
    /// The kind of the backend, as the list names it: `openai`, `azure`, `bedrock`, `bedrock-mantle`, `vertex`,
    /// `anthropic`, `claude-aws`, `oci`.
    pub backend: &'a str,
    /// The model, as it was served or as it was asked for.
    pub model: &'a str,
    /// On which terms; the standard ones where nothing is said.
    pub tier: Option<&'a str>,
    /// Where.
    pub region: Region<'a>,
    /// On which day, in UTC.
    pub at: Date,
}

/// Where a call is answered, as far as prices tell places apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region<'a> {
    /// Nobody says.
    Unknown,
    /// Anywhere in the world.
    Global,
    /// Anywhere in a part of it: `us`, `eu`.
    Geo(&'a str),
    /// In one region of a cloud: `eu-central-1`.
    In(&'a str),
}

/// The SHA-256 of the list that is built in. Whoever makes a new list writes its digest here.
pub const DIGEST: &str = "08cd469939f0180285f85ffcf1f63d0c4ccc95020adfd00e2724d80d85409264";
const BUILTIN: &str = include_str!("../data/prices.json");
/// Terms where nothing else is said.
const STANDARD: &str = "standard";
/// The place that is everywhere.
const GLOBAL: &str = "global";

/// A price, and what it is multiplied by in a place.
struct Offer<'a> {
    term: &'a Term,
    factor: BigDecimal,
}

impl Prices {
    /// The list that is built in.
    pub fn builtin() -> &'static Arc<Self> {
        static PRICES: LazyLock<Arc<Prices>> = LazyLock::new(|| {
            let prices = Prices::parse(BUILTIN);
            Arc::new(prices.expect("the tests read the list that is built in"))
        });
        &PRICES
    }

    /// The names under which the model may be listed, the likeliest first.
    pub(crate) fn candidates(&self, model: &str) -> Vec<String> {
        self.names.candidates(model)
    }

    /// Every backend and model that has a price.
    pub fn models(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.entries.iter();
        entries.flat_map(|(backend, models)| models.keys().map(|model| (backend.as_str(), model.as_str())))
    }

    /// Its date and the first twelve digits of its SHA-256: `2026-11-29-0123456789ab`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What these tokens cost. Nothing where the list does not know: the backend, the model, the tier, the place, the day
    /// or a kind of token that was counted.
    pub fn cost(&self, sold: &Sold<'_>, usage: &Usage) -> Option<Cost> {
        self.cost_of(self.listed(sold)?, sold, usage)
    }

    fn cost_of(&self, listed: &[Arc<Entry>], sold: &Sold<'_>, usage: &Usage) -> Option<Cost> {
        let tokens = Tokens::new(usage)?;
        let mut amounts = self.offers(listed, sold)?.into_iter().map(|offer| {
            let rates = offer.term.rates(usage.total_input());
            rates.amount(&tokens).map(|amount| amount * offer.factor)
        });
        let first = amounts.next()??;
        // Where nobody says the place, the price is known only if it is the same in all of them.
        let same = amounts.all(|amount| amount.as_ref() == Some(&first));
        same.then_some(first).and_then(|amount| charged(&amount, &self.version))
    }

    /// The most that a call can cost which reads and writes at most so many tokens: whatever is cached, however the input
    /// divides at the sizes from which prices change, and wherever it is answered where nobody says. Nothing where
    /// [`Self::cost`] would not know.
    pub fn worst(&self, sold: &Sold<'_>, input_upper_bound: u64, most_output: u64) -> Option<Cost> {
        self.worst_of(self.listed(sold)?, sold, (input_upper_bound, most_output))
    }

    fn worst_of(&self, listed: &[Arc<Entry>], sold: &Sold<'_>, (input, output): (u64, u64)) -> Option<Cost> {
        let offers = self.offers(listed, sold)?.into_iter();
        let amounts = offers.map(|offer| {
            let bands = offer.term.bands(input);
            let amount = rates::dearest(bands, input, output);
            amount.map(|amount| amount * offer.factor)
        });
        let amounts: Option<Vec<BigDecimal>> = amounts.collect();
        charged(&amounts?.into_iter().max()?, &self.version)
    }

    /// What may hold: one offer where the place is known, one for every place where it is not. Nothing where there is none,
    /// or one of them has no price on these terms.
    fn offers<'a>(&self, listed: &'a [Arc<Entry>], sold: &Sold<'_>) -> Option<Vec<Offer<'a>>> {
        let places = match sold.region.place() {
            Some(place) => vec![at(listed, &place)?],
            None => everywhere(listed),
        };
        let offers = places.into_iter().map(|(entry, factor)| {
            let term = self.term(entry, sold)?;
            Some(Offer { term, factor })
        });
        offers.collect()
    }

    /// The terms by their own word, or else by what it means the same as.
    fn term<'a>(&self, entry: &'a Entry, sold: &Sold<'_>) -> Option<&'a Term> {
        let word = sold.tier.map_or_else(|| STANDARD.to_owned(), word);
        let other = || self.tiers.get(&word).and_then(|tier| entry.term(tier, sold.at));
        entry.term(&word, sold.at).or_else(other)
    }

    /// What the list says of the model, on whatever terms; nothing where it does not name it.
    fn listed(&self, sold: &Sold<'_>) -> Option<&[Arc<Entry>]> {
        let models = self.entries.get(sold.backend)?;
        let names = self.names.candidates(sold.model);
        names.iter().find_map(|name| models.get(name)).map(Vec::as_slice)
    }

    /// Whether a word for terms means those that hold where nothing else is said.
    fn is_standard(&self, tier: &str) -> bool {
        let word = word(tier);
        word == STANDARD || self.tiers.get(&word).is_some_and(|meant| meant == STANDARD)
    }
}

/// Rates are dollars for a million tokens, and an amount is rates times tokens.
fn charged(amount: &BigDecimal, version: &str) -> Option<Cost> {
    let nano = amount * BigDecimal::from(1_000);
    let nano_dollars = nano.with_scale_round(0, RoundingMode::HalfEven).to_u64()?;
    Some(Cost {
        nano_dollars,
        prices: version.to_owned(),
    })
}

impl Region<'_> {
    fn place(self) -> Option<String> {
        match self {
            Self::Unknown => None,
            Self::Global => Some(GLOBAL.to_owned()),
            Self::Geo(place) | Self::In(place) => Some(place.to_ascii_lowercase()),
        }
    }
}

/// A tier as the list writes it: `ON_DEMAND` is `on-demand`.
fn word(tier: &str) -> String {
    tier.to_ascii_lowercase().replace('_', "-")
}

/// The entry of a place: one that is for it, or the one for everywhere, multiplied. A model that costs more in some places
/// has no price in a place that is not listed.
fn at<'a>(entries: &'a [Arc<Entry>], place: &str) -> Option<(&'a Entry, BigDecimal)> {
    if let Some(entry) = entries.iter().find(|entry| entry.is_for(place)) {
        return Some((entry, BigDecimal::one()));
    }
    let entry = entries.iter().find(|entry| entry.is_for_all())?;
    if place == GLOBAL || entry.uplift.is_empty() {
        return Some((entry, BigDecimal::one()));
    }
    let factor = entry.uplift.get(place).or_else(|| entry.uplift.get("*"))?;
    Some((entry, factor.0.clone()))
}

fn everywhere(entries: &[Arc<Entry>]) -> Vec<(&Entry, BigDecimal)> {
    let places = entries.iter().flat_map(|entry| {
        let factors = entry.uplift.values().map(|factor| factor.0.clone());
        let factors = std::iter::once(BigDecimal::one()).chain(factors);
        factors.map(|factor| (entry.as_ref(), factor))
    });
    places.collect()
}
