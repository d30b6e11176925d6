//! The form of a price list, and what is checked when it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::name::Names;
use super::rates::{Price, Rates};
use super::{Prices, STANDARD};
use crate::provider::KINDS;

/// Digits of the SHA-256 in a version.
pub(super) const DIGITS: usize = 12;

/// What the version of an operator's own prices begins with.
pub(super) const OPERATOR: &str = "operator-";

/// What is wrong with a price list.
#[derive(Debug, thiserror::Error)]
pub enum PriceListError {
    /// It is not JSON, or not of this form.
    #[error("the price list cannot be read: {0}")]
    Unreadable(serde_json::Error),
    /// Two entries give the same model a price in the same place.
    #[error("the price list names `{model}` of `{backend}` twice for {place}; keep one")]
    Twice {
        /// The backend.
        backend: String,
        /// The model.
        model: String,
        /// The place.
        place: String,
    },
    /// An entry has no name or no terms.
    #[error("an entry of `{0}` in the price list has no names or no terms; give it some or take it out")]
    Empty(String),
    /// Names are compared in lower case.
    #[error("the price list writes `{0}` with capitals; write names, tiers and places in lower case")]
    Capitals(String),
    /// A price ends on the day on which it begins, or before.
    #[error("a price of `{0}` in the price list ends before it begins; change `from` or `until`")]
    Backwards(String),
    /// A backend is of no kind that there is.
    #[error("the price list has the backend `{name}`, which is none; write one of {known}")]
    Backend {
        /// What it says.
        name: String,
        /// What it may say.
        known: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `date` and `backends`")]
struct Written {
    date: Date,
    /// What it was made from.
    #[serde(default, rename = "sources")]
    _sources: BTreeMap<String, String>,
    /// Which words mean the same terms.
    #[serde(default)]
    tiers: BTreeMap<String, String>,
    #[serde(default)]
    prefixes: Vec<String>,
    #[serde(default)]
    suffixes: Vec<String>,
    backends: BTreeMap<String, Vec<Entry>>,
}

/// The price of some models in some places.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) names: Vec<String>,
    /// The places that it is for: `global`, `eu`, `eu-central-1`; everywhere that has no entry of its own where none is
    /// said.
    #[serde(default, rename = "where")]
    places: Vec<String>,
    /// Where it is from.
    #[serde(rename = "source")]
    _source: String,
    /// What it is multiplied by in a place; `*` is every place that is a part of the world.
    #[serde(default)]
    pub(super) uplift: BTreeMap<String, Price>,
    terms: Vec<Term>,
}

/// A price on some terms, for some time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Term {
    tier: Option<String>,
    /// The first day; it has always held where none is said.
    from: Option<Date>,
    /// The day on which it holds no more.
    until: Option<Date>,
    /// Where it is from, if not from where the entry is.
    #[serde(default, rename = "source")]
    _source: Option<String>,
    rates: Rates,
    /// The rates of all tokens of a call whose whole input is above so many.
    #[serde(default)]
    above: BTreeMap<u64, Rates>,
}

impl Prices {
    /// Reads a price list.
    ///
    /// # Errors
    /// [`PriceListError`], which says what to change.
    pub fn parse(text: &str) -> Result<Self, PriceListError> {
        Self::read(written(text)?, text)
    }

    /// Reads an operator's list. The words for terms, and what may stand around a name, are those of the list that is built
    /// in where it says nothing of them.
    ///
    /// # Errors
    /// [`PriceListError`], which says what to change.
    pub fn of_operator(text: &str) -> Result<Self, PriceListError> {
        let written = written(text)?;
        let unknown = written.backends.keys().find(|name| !KINDS.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(PriceListError::Backend {
                name: name.clone(),
                known: KINDS.join(", "),
            });
        }
        let (own, builtin) = (Self::read(written, text)?, Self::builtin());
        let or = |own: Vec<String>, builtin: &[String]| if own.is_empty() { builtin.to_vec() } else { own };
        Ok(Self {
            version: format!("{OPERATOR}{}", own.version),
            tiers: if own.tiers.is_empty() {
                builtin.tiers.clone()
            } else {
                own.tiers
            },
            names: Names {
                prefixes: or(own.names.prefixes, &builtin.names.prefixes),
                suffixes: or(own.names.suffixes, &builtin.names.suffixes),
            },
            entries: own.entries,
        })
    }

    fn read(written: Written, text: &str) -> Result<Self, PriceListError> {
        let mut digest = hex::encode(Sha256::digest(text));
        digest.truncate(DIGITS);
        let mut entries = BTreeMap::new();
        for (backend, listed) in written.backends {
            let by_name = by_name(&backend, listed)?;
            entries.insert(backend, by_name);
        }
        Ok(Self {
            version: format!("{}-{digest}", written.date),
            tiers: written.tiers,
            names: Names {
                prefixes: written.prefixes,
                suffixes: written.suffixes,
            },
            entries,
        })
    }
}

impl Entry {
    pub(super) fn is_for(&self, place: &str) -> bool {
        self.places.iter().any(|own| own == place)
    }

    pub(super) fn is_for_all(&self) -> bool {
        self.places.is_empty()
    }

    /// The newest terms of a tier that hold on a day.
    pub(super) fn term(&self, tier: &str, at: Date) -> Option<&Term> {
        let holding = self.terms.iter().filter(|term| term.tier() == tier && term.holds(at));
        holding.max_by_key(|term| term.from)
    }

    fn check(&self, backend: &str) -> Result<(), PriceListError> {
        if self.names.is_empty() || self.terms.is_empty() {
            return Err(PriceListError::Empty(backend.to_owned()));
        }
        let tiers = self.terms.iter().filter_map(|term| term.tier.as_ref());
        let mut words = self
            .names
            .iter()
            .chain(&self.places)
            .chain(self.uplift.keys())
            .chain(tiers);
        if let Some(word) = words.find(|word| word.bytes().any(|byte| byte.is_ascii_uppercase())) {
            return Err(PriceListError::Capitals(word.clone()));
        }
        let backwards = self
            .terms
            .iter()
            .any(|term| term.until.is_some() && term.until <= term.from);
        match self.names.first().filter(|_| backwards) {
            Some(name) => Err(PriceListError::Backwards(name.clone())),
            None => Ok(()),
        }
    }
}

impl Term {
    fn tier(&self) -> &str {
        self.tier.as_deref().unwrap_or(STANDARD)
    }

    fn holds(&self, at: Date) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// The rates of a call with so much input.
    pub(super) fn rates(&self, input: u64) -> &Rates {
        let above = self.above.range(..input).next_back();
        above.map_or(&self.rates, |(_, rates)| rates)
    }

    /// Every rate of calls with at most so much input.
    pub(super) fn bands(&self, most_input: u64) -> impl Iterator<Item = &Rates> + Clone {
        std::iter::once(&self.rates).chain(self.above.range(..most_input).map(|(_, rates)| rates))
    }
}

fn written(text: &str) -> Result<Written, PriceListError> {
    serde_json::from_str(text).map_err(PriceListError::Unreadable)
}

fn by_name(backend: &str, listed: Vec<Entry>) -> Result<BTreeMap<String, Vec<Arc<Entry>>>, PriceListError> {
    let mut found: BTreeMap<String, Vec<Arc<Entry>>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for entry in listed {
        entry.check(backend)?;
        let entry = Arc::new(entry);
        for name in &entry.names {
            let everywhere = entry.is_for_all().then_some("everywhere");
            for place in entry.places.iter().map(String::as_str).chain(everywhere) {
                if !seen.insert((name.clone(), place.to_owned())) {
                    return Err(PriceListError::Twice {
                        backend: backend.to_owned(),
                        model: name.clone(),
                        place: place.to_owned(),
                    });
                }
            }
            found.entry(name.clone()).or_default().push(Arc::clone(&entry));
        }
    }
    Ok(found)
}
