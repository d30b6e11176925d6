//! The text of a policy, TOML: read strictly, so that what it says aloud is what it does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use super::Written;
use super::rule::{Kind, Named, Required, Rule, Window};
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::name::{Label, Namespace};

/// The most bytes of a policy.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Document {
    #[serde(default)]
    keys: BTreeMap<Label, KeyText>,
    #[serde(default)]
    namespaces: BTreeMap<Namespace, RuleText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct KeyText {
    /// Its name in the ledger: the SHA-256 of its SPKI in DER.
    key: Digest,
    #[serde(default)]
    not_before: Option<Moment>,
    #[serde(default)]
    not_after: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RuleText {
    #[serde(default)]
    all_of: Vec<Label>,
    #[serde(default)]
    any_of: Vec<Label>,
    #[serde(default)]
    minimum: Option<usize>,
    /// For each type, the keys of which one must have signed it.
    #[serde(default)]
    statements: BTreeMap<String, Vec<Label>>,
}

/// A date and time with its offset, as TOML or as a string.
#[derive(Deserialize)]
#[serde(try_from = "toml::Value")]
struct Moment(Timestamp);

impl TryFrom<toml::Value> for Moment {
    type Error = &'static str;

    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Datetime(moment) => moment.to_string(),
            _ => String::new(),
        };
        let told = "a time is written with date, time and offset, such as 2026-12-31T00:00:00Z";
        text.parse().map(Self).map_err(|_| told)
    }
}

pub(super) fn read(text: &str) -> Result<Written, Error> {
    if text.len() > MOST_BYTES {
        return Err(invalid("it is larger than 256 KiB"));
    }
    let document: Document = toml::from_str(text).map_err(|cause| malformed(text, &cause))?;
    let mut windows = BTreeMap::new();
    for (name, key) in &document.keys {
        if windows.insert(key.key, key.window(name)?).is_some() {
            return Err(invalid(&format!(
                "the key of `{name}` has another name too: give it one"
            )));
        }
    }
    let rule = |(namespace, rule): (Namespace, RuleText)| {
        let rule = rule.read(&document.keys);
        let rule = rule.map_err(|why| invalid(&format!("in `namespaces.{namespace}`, {why}")))?;
        Ok((namespace, rule))
    };
    let rules = document
        .namespaces
        .into_iter()
        .map(rule)
        .collect::<Result<_, Error>>()?;
    Ok(Written { rules, windows })
}

impl KeyText {
    fn window(&self, name: &Label) -> Result<Window, Error> {
        let moment = |moment: &Option<Moment>| moment.as_ref().map(|moment| moment.0);
        let window = Window {
            not_before: moment(&self.not_before),
            not_after: moment(&self.not_after),
        };
        match (window.not_before, window.not_after) {
            (Some(start), Some(end)) if start >= end => Err(invalid(&format!(
                "the key `{name}` could never sign: `not-before` must be earlier than `not-after`"
            ))),
            _ => Ok(window),
        }
    }
}

impl RuleText {
    fn read(self, keys: &BTreeMap<Label, KeyText>) -> Result<Rule, String> {
        let minimum = self.minimum.unwrap_or_else(|| self.any_of.len().min(1));
        if self.all_of.is_empty() && self.any_of.is_empty() {
            return Err("nobody signs: name keys in `all-of` or `any-of`".to_owned());
        }
        if self.any_of.is_empty() && self.minimum.is_some() {
            return Err("`minimum` says how many of `any-of`, which is missing".to_owned());
        }
        if minimum > self.any_of.len() || (minimum == 0 && !self.any_of.is_empty()) {
            return Err(format!(
                "`minimum` must be 1 to {}, the keys of `any-of`",
                self.any_of.len()
            ));
        }
        let signers: Vec<Label> = self.all_of.iter().chain(&self.any_of).cloned().collect();
        named(&signers, keys)?;
        let statement = |(kind, by): (String, Vec<Label>)| required(&kind, &by, keys);
        Ok(Rule {
            all_of: named(&self.all_of, keys)?,
            minimum,
            any_of: named(&self.any_of, keys)?,
            statements: self.statements.into_iter().map(statement).collect::<Result<_, _>>()?,
        })
    }
}

fn required(kind: &str, by: &[Label], keys: &BTreeMap<Label, KeyText>) -> Result<Required, String> {
    let shown = || kind.chars().take(120).collect::<String>().escape_debug().to_string();
    if by.is_empty() {
        return Err(format!("nobody signs the statement `{}`: name keys", shown()));
    }
    let kind = Kind::read(kind).ok_or_else(|| {
        format!(
            "`{}` is no type of statement that can be asked for: write `cyclonedx`, `spdx`, `slsa-provenance` or the \
             URI of another type",
            shown()
        )
    })?;
    Ok(Required {
        kind,
        by: named(by, keys)?,
    })
}

/// The keys of these names, each named once.
fn named(names: &[Label], keys: &BTreeMap<Label, KeyText>) -> Result<Vec<Named>, String> {
    let mut seen = BTreeSet::new();
    let one = |name: &Label| {
        if !seen.insert(name.clone()) {
            return Err(format!("the key `{name}` is named twice"));
        }
        let key = keys
            .get(name)
            .ok_or_else(|| format!("the key `{name}` is not one of `keys`"))?;
        Ok(Named {
            name: name.clone(),
            key: key.key,
        })
    };
    names.iter().map(one).collect()
}

/// What TOML has against it, with the line; the text itself may be long and is not shown.
fn malformed(text: &str, cause: &toml::de::Error) -> Error {
    let before = cause.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    invalid(&format!("line {line}: {}", cause.message()))
}

fn invalid(why: &str) -> Error {
    Error::new(Code::PolicyInvalid, format!("the trust policy cannot be used: {why}"))
}
