//! What an operator says that models cost: one backend's price, or a list that goes before the one that is built in.

use std::sync::Arc;

use bigdecimal::BigDecimal;
use gate::call::model::{Cost, Usage};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::list::{DIGITS, OPERATOR};
use super::rates::{self, Price, Rates, Tokens};
use super::{Prices, Sold, charged};

/// What all calls of one backend cost, in US dollars for a million tokens. A kind of token that is left out has no known
/// price.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OwnPrice {
    input: Price,
    #[serde(default)]
    output: Option<Price>,
    #[serde(default)]
    cache_read: Option<Price>,
    #[serde(default)]
    cache_write: Option<Price>,
    #[serde(default)]
    cache_write_long: Option<Price>,
}

/// By what the calls of a backend are priced.
#[derive(Clone, Debug)]
pub struct Pricing(Source);

#[derive(Clone, Debug)]
enum Source {
    /// A price of its own.
    Own { rates: Box<Rates>, version: String },
    /// The first of these lists that knows the model.
    Lists(Vec<Arc<Prices>>),
}

impl OwnPrice {
    /// `operator-` and the first twelve digits of the SHA-256 of the price as it is written here.
    fn version(&self) -> String {
        let kinds = [
            ("input", Some(&self.input)),
            ("output", self.output.as_ref()),
            ("cache-read", self.cache_read.as_ref()),
            ("cache-write", self.cache_write.as_ref()),
            ("cache-write-long", self.cache_write_long.as_ref()),
        ];
        let kinds = kinds.into_iter().filter_map(|(kind, price)| Some((kind, price?)));
        let text: Vec<String> = kinds.map(|(kind, price)| format!("{kind} {price}")).collect();
        let mut digest = hex::encode(Sha256::digest(text.join(", ")));
        digest.truncate(DIGITS);
        format!("{OPERATOR}{digest}")
    }
}

impl Pricing {
    /// By this price and nothing else.
    pub fn own(price: OwnPrice) -> Self {
        let version = price.version();
        let rates = Box::new(Rates {
            input: Some(price.input),
            read: price.cache_read,
            write: price.cache_write,
            write_long: price.cache_write_long,
            output: price.output,
        });
        Self(Source::Own { rates, version })
    }

    /// By the operator's list where it knows the model, and by the one that is built in where it does not.
    pub fn listed(operator: Option<Arc<Prices>>) -> Self {
        let builtin = Arc::clone(Prices::builtin());
        Self(Source::Lists(operator.into_iter().chain([builtin]).collect()))
    }

    /// What these tokens cost of a model that was asked for as `sold` says and answered under the name `served`. A list
    /// that knows either name decides alone: a model that it prices in some places is not priced by another list in others.
    pub fn cost(&self, sold: &Sold<'_>, served: Option<&str>, usage: &Usage) -> Option<Cost> {
        match &self.0 {
            Source::Own { rates, version } => {
                let amount = rates.amount(&Tokens::new(usage)?).filter(|_| is_standard(sold))?;
                charged(&amount, version)
            }
            Source::Lists(lists) => {
                // A deployment has a name of its own, and a profile serves a model that it does not name.
                let by_served = served.map(|model| Sold { model, ..*sold });
                let names: Vec<Sold<'_>> = by_served.into_iter().chain([*sold]).collect();
                let (list, listed) = lists.iter().find_map(|list| {
                    let listed = names.iter().filter_map(|sold| Some((sold, list.listed(sold)?)));
                    let listed: Vec<_> = listed.collect();
                    (!listed.is_empty()).then_some((list, listed))
                })?;
                let mut listed = listed.into_iter();
                listed.find_map(|(sold, listed)| list.cost_of(listed, sold, usage))
            }
        }
    }

    /// The most that a call can cost, as [`Prices::worst`].
    pub fn worst(&self, sold: &Sold<'_>, input_upper_bound: u64, most_output: u64) -> Option<Cost> {
        match &self.0 {
            Source::Own { rates, version } => {
                let only = std::iter::once(rates.as_ref());
                let amount = rates::dearest(only, input_upper_bound, most_output);
                let amount: BigDecimal = amount.filter(|_| is_standard(sold))?;
                charged(&amount, version)
            }
            Source::Lists(lists) => {
                let known = lists.iter().find_map(|list| Some((list, list.listed(sold)?)));
                let (list, listed) = known?;
                list.worst_of(listed, sold, (input_upper_bound, most_output))
            }
        }
    }
}

/// An own price holds on the terms that nobody had to ask for.
fn is_standard(sold: &Sold<'_>) -> bool {
    sold.tier.is_none_or(|tier| Prices::builtin().is_standard(tier))
}
