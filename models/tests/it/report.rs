//! What the suite found out about one backend.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::backends::Row;

/// The features of the table in the documentation, in the order of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Feature {
    Completion,
    Streaming,
    Tools,
    ParallelTools,
    Schema,
    Images,
    Documents,
    Vectors,
    Cache,
    Errors,
    Cancellation,
    Timeouts,
    Residency,
    Failover,
    Pinning,
}

impl Feature {
    pub(crate) const ALL: [Self; 15] = [
        Self::Completion,
        Self::Streaming,
        Self::Tools,
        Self::ParallelTools,
        Self::Schema,
        Self::Images,
        Self::Documents,
        Self::Vectors,
        Self::Cache,
        Self::Errors,
        Self::Cancellation,
        Self::Timeouts,
        Self::Residency,
        Self::Failover,
        Self::Pinning,
    ];

    /// Its name in `backends.toml` and in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Streaming => "streaming",
            Self::Tools => "tools",
            Self::ParallelTools => "parallel tools",
            Self::Schema => "schema",
            Self::Images => "images",
            Self::Documents => "documents",
            Self::Vectors => "vectors",
            Self::Cache => "cache usage",
            Self::Errors => "errors",
            Self::Cancellation => "cancellation",
            Self::Timeouts => "timeouts",
            Self::Residency => "residency",
            Self::Failover => "failover",
            Self::Pinning => "pinning",
        }
    }
}

/// Everything that was tried with a backend and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) row: &'static Row,
    /// What the table says of each feature that the backend has.
    earned: BTreeMap<Feature, String>,
    /// The whole results, for the snapshot.
    pub(crate) text: String,
}

impl Report {
    pub(crate) const fn new(row: &'static Row) -> Self {
        Self {
            row,
            earned: BTreeMap::new(),
            text: String::new(),
        }
    }

    /// Notes a result.
    pub(crate) fn say(&mut self, what: &str, result: &str) {
        writeln!(self.text, "# {what}\n{}\n", result.trim_end()).unwrap();
    }

    /// Whether the backend has a feature, by what is written of it.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        !self.row.lacks.contains_key(feature.name())
    }

    /// A case passed that shows the feature.
    ///
    /// # Panics
    /// Where `backends.toml` says that the backend lacks it.
    pub(crate) fn earn(&mut self, feature: Feature, cell: &str) {
        assert!(
            self.has(feature),
            "{} has {} after all; correct backends.toml",
            self.row.name,
            feature.name()
        );
        self.earned.insert(feature, cell.to_owned());
    }

    /// What the table says: what was earned, or nothing.
    pub(crate) fn cell(&self, feature: Feature) -> Option<&str> {
        self.earned.get(&feature).map(String::as_str)
    }

    /// # Panics
    /// Where a feature was neither shown nor explained.
    pub(crate) fn check(&self) {
        for feature in Feature::ALL {
            let (earned, explained) = (self.earned.contains_key(&feature), !self.has(feature));
            assert!(
                earned != explained,
                "{}: {} was not shown, and nothing says why",
                self.row.name,
                feature.name()
            );
        }
    }
}
