//! What every journal must do: one suite, run against each store.

mod cases;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::{Journal, RunKey};

/// A store to be tried.
#[async_trait]
pub trait Workbench: Sync {
    /// The journal on the store.
    async fn journal(&self) -> Arc<dyn Journal>;

    /// The journal as a process finds it that starts after the one before was killed: whatever had not been written by
    /// then is gone.
    async fn restart(&self) -> Arc<dyn Journal>;

    /// Makes a run known to the store, and its tenant, where the store needs that. It has no journal yet.
    async fn run(&self, tenant: &str, run: Uuid) -> RunKey;
}

/// A journal does something else than it must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{case}: {found}")]
pub struct Violation {
    /// Which promise is broken.
    pub case: &'static str,
    /// What was found instead.
    pub found: String,
}

type Checked<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;
type Case = for<'a> fn(&'a dyn Workbench) -> Checked<'a>;

const CASES: &[(&str, Case)] = &[
    ("what was added comes back, in order and whole", |bench| {
        Box::pin(cases::comes_back(bench))
    }),
    ("what was added outlives the process", |bench| {
        Box::pin(cases::outlives(bench))
    }),
    ("a run begins once", |bench| Box::pin(cases::begins_once(bench))),
    ("a claim shuts out whoever held the run", |bench| {
        Box::pin(cases::shuts_out(bench))
    }),
    ("of many that resume one run, one writes", |bench| {
        Box::pin(cases::one_writes(bench))
    }),
    ("nothing follows the end", |bench| {
        Box::pin(cases::nothing_follows(bench))
    }),
    ("a question is answered once", |bench| {
        Box::pin(cases::answered_once(bench))
    }),
    ("of many answers, one is taken", |bench| {
        Box::pin(cases::one_answer(bench))
    }),
    ("a question expires", |bench| Box::pin(cases::expires(bench))),
    ("a doubt is decided once", |bench| Box::pin(cases::decided_once(bench))),
    ("tenants do not meet", |bench| Box::pin(cases::tenants_apart(bench))),
    ("an unknown run is named so", |bench| Box::pin(cases::unknown(bench))),
    ("a long run comes back", |bench| Box::pin(cases::long(bench))),
];

/// Tries every promise of [`Journal`] on a store.
///
/// # Errors
/// The first promise that is broken.
pub async fn check(bench: &dyn Workbench) -> Result<(), Violation> {
    for (case, run) in CASES {
        run(bench).await.map_err(|found| Violation { case, found })?;
    }
    Ok(())
}
