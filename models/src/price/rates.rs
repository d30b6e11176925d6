//! Rates, and what tokens cost at them.

use std::fmt;

use bigdecimal::{BigDecimal, Zero};
use gate::call::model::Usage;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

/// A decimal that is not negative: `0.125`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Price(pub(super) BigDecimal);

/// US dollars for a million tokens of a kind; a kind without a rate has no known price.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Rates {
    pub(super) input: Option<Price>,
    pub(super) read: Option<Price>,
    pub(super) write: Option<Price>,
    pub(super) write_long: Option<Price>,
    pub(super) output: Option<Price>,
}

/// What was counted, by the kinds that have rates.
pub(super) struct Tokens {
    input: u64,
    read: u64,
    write: u64,
    write_long: u64,
    output: u64,
}

/// A text is no price.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no price; write it in digits with a point, such as \"0.125\"")]
pub(super) struct NoPrice(String);

impl Tokens {
    /// Nothing where more was kept for long than was written at all.
    pub(super) fn new(usage: &Usage) -> Option<Self> {
        Some(Self {
            input: usage.input,
            read: usage.cache_read,
            write: usage.cache_write.checked_sub(usage.cache_write_long)?,
            write_long: usage.cache_write_long,
            output: usage.output,
        })
    }
}

impl Rates {
    /// Tokens times rates. Nothing where some were counted whose rate is not known.
    pub(super) fn amount(&self, tokens: &Tokens) -> Option<BigDecimal> {
        let kinds = [
            (tokens.input, &self.input),
            (tokens.read, &self.read),
            (tokens.write, &self.write),
            (tokens.write_long, &self.write_long),
            (tokens.output, &self.output),
        ];
        kinds
            .into_iter()
            .map(|(tokens, rate)| times(tokens, rate.as_ref()))
            .sum()
    }

    /// The most that a token of the input costs.
    fn dearest_input(&self) -> Option<&Price> {
        let caches = [&self.read, &self.write, &self.write_long].into_iter().flatten();
        caches.chain(&self.input).max().filter(|_| self.input.is_some())
    }
}

/// The most that so many tokens cost at any of these rates. Nothing where one of them does not know input or output.
pub(super) fn dearest<'a>(
    bands: impl Iterator<Item = &'a Rates> + Clone,
    most_input: u64,
    most_output: u64,
) -> Option<BigDecimal> {
    let input = bands.clone().map(|rates| times(most_input, rates.dearest_input()));
    let output = bands.map(|rates| times(most_output, rates.output.as_ref()));
    let most = |amounts: Option<Vec<BigDecimal>>| amounts?.into_iter().max();
    Some(most(input.collect())? + most(output.collect())?)
}

fn times(tokens: u64, rate: Option<&Price>) -> Option<BigDecimal> {
    if tokens == 0 {
        return Some(BigDecimal::zero());
    }
    rate.map(|rate| &rate.0 * BigDecimal::from(tokens))
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written)
    }
}

/// A number of JSON's or TOML's is not taken: on its way here it may have become another one.
struct Written;

impl Visitor<'_> for Written {
    type Value = Price;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a price between quotes, such as \"0.125\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Price, E> {
        Price::try_from(text.to_owned()).map_err(E::custom)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.normalized().to_plain_string())
    }
}

impl TryFrom<String> for Price {
    type Error = NoPrice;

    fn try_from(text: String) -> Result<Self, NoPrice> {
        let digits =
            |part: &str| !part.is_empty() && part.len() <= 18 && part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let price = text.parse().ok().filter(|_| digits(whole) && digits(fraction));
        price.map(Self).ok_or(NoPrice(text))
    }
}
