//! What each model can do and how it is asked: data in one file, `models/data/abilities.toml`, with its sources.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde::Deserialize;
use wildmatch::WildMatch;

use crate::dialect::Abilities;
use crate::price::Prices;

/// What is known of models.
#[derive(Clone, Debug)]
pub struct Catalog {
    rows: Vec<Row>,
}

/// What is known of one model at a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The dialect by which it is best asked: `responses` where it can be, or else `chat`, `messages`, `gemini` or
    /// `converse`. None where no dialect asks it, or nothing is known.
    pub dialect: Option<String>,
    /// What comes before the dialect's path, where that depends on the model: `/openai/v1` or `/v1`.
    pub base_path: Option<String>,
    /// Whether it is served only under the name of an inference profile, and not under this one.
    pub profile_only: bool,
    /// What it can do.
    pub can: Abilities,
}

/// A catalog cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the catalog of models cannot be read: {0}")]
pub struct CatalogError(#[from] toml::de::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    entry: Vec<WrittenRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenRow {
    backend: String,
    models: Vec<String>,
    reason: Option<String>,
    dialect: Option<String>,
    base_path: Option<String>,
    #[serde(default)]
    profile_only: bool,
    #[serde(default)]
    can: Abilities,
}

#[derive(Clone, Debug)]
struct Row {
    backend: String,
    models: Vec<WildMatch>,
    /// Why it is there, where it was written by hand.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests ask every row for it"))]
    reason: Option<String>,
    entry: Entry,
}

impl Catalog {
    /// The catalog that is built in.
    pub fn builtin() -> &'static Self {
        static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
            let catalog = Catalog::parse(include_str!("../data/abilities.toml"));
            catalog.expect("the tests read the catalog that is built in")
        });
        &CATALOG
    }

    /// Reads a catalog.
    ///
    /// # Errors
    /// [`CatalogError`], which says where it is wrong.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let written: Written = toml::from_str(text)?;
        let rows = written.entry.into_iter().map(Row::from).collect();
        Ok(Self { rows })
    }

    /// What is known of a model at a backend of a kind; kinds are named as in price lists. A model that nobody knows is
    /// assumed to be able to do everything.
    pub fn find(&self, backend: &str, model: &str) -> Entry {
        let names = Prices::builtin().candidates(model);
        let mut rows = self.rows.iter().filter(|row| row.backend == backend);
        let row = rows.find(|row| row.is_for(&names));
        row.map(|row| row.entry.clone()).unwrap_or_default()
    }
}

impl Row {
    fn is_for(&self, names: &[String]) -> bool {
        self.models
            .iter()
            .any(|model| names.iter().any(|name| model.matches(name)))
    }
}

impl From<WrittenRow> for Row {
    fn from(row: WrittenRow) -> Self {
        Self {
            backend: row.backend,
            models: row.models.iter().map(|model| WildMatch::new(model)).collect(),
            reason: row.reason,
            entry: Entry {
                dialect: row.dialect,
                base_path: row.base_path,
                profile_only: row.profile_only,
                can: row.can,
            },
        }
    }
}
