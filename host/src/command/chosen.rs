//! What somebody chooses that a skill may do, as the command line spells it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use registry::Limits;
use registry::ledger::{Grant, Grants};
use serde_json::Value;

/// Grants, settings and limits.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Chosen {
    /// Leave to use a binding, as `kind:name`; may be given several times. What narrows it stands behind, each after a
    /// space: `ask` (a person allows each call), methods in capitals, paths (each with everything below it)
    #[arg(long = "grant", value_name = "KIND:NAME [ask] [METHOD]... [/PATH]...")]
    grants: Vec<Grant>,
    /// A setting that the skill reads, as `key=value`; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    settings: Vec<(String, String)>,
    /// A limit that differs from the host's default, as `name=number`; may be given several times
    #[arg(long = "limit", value_name = "NAME=NUMBER", value_parser = limit)]
    limits: Vec<(String, u32)>,
}

impl Chosen {
    /// Whether anything was chosen.
    pub(super) const fn is_empty(&self) -> bool {
        self.grants.is_empty() && self.settings.is_empty() && self.limits.is_empty()
    }

    /// The same as an approval takes it.
    ///
    /// # Errors
    /// There is no such limit.
    pub(super) fn grants(&self) -> Result<Grants> {
        let limits: BTreeMap<_, _> = self.limits.iter().cloned().collect();
        let limits: Limits = serde_json::from_value(Value::from_iter(limits)).context("no such limit")?;
        Ok(Grants {
            bindings: self.grants.clone(),
            limits,
            configuration: self.settings.iter().cloned().collect(),
        })
    }
}

fn pair(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').context("write it as key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn limit(text: &str) -> Result<(String, u32)> {
    let (name, number) = pair(text)?;
    Ok((name, number.parse().context("a limit is a whole number")?))
}
