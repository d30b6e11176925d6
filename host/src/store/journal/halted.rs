//! Why a change of a journal stops: a conflict is an answer to whoever asked, a failure is the store's.

use futures_util::future::BoxFuture;
use gate::JournalError;
use gate::journal::{DecisionError, EntryError};
use serde::de::Error as _;
use sqlx::SqliteConnection;

use crate::store::{Store, StoreError};

/// Why a change stops.
#[derive(Debug)]
pub(super) enum Halted {
    /// The journal says no. It says so before anything is written.
    Journal(JournalError),
    /// The store failed.
    Store(StoreError),
}

impl Store {
    /// Changes a journal, wholly or not at all; durable when it returns. A conflict leaves the batch that it is
    /// committed with alone.
    pub(super) async fn change<T, W>(&self, work: W) -> Result<T, JournalError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, Halted>> + Send + 'static,
    {
        let answer = self.writer.write(move |connection| {
            Box::pin(async move {
                match work(connection).await {
                    Ok(done) => Ok(Ok(done)),
                    Err(Halted::Journal(conflict)) => Ok(Err(conflict)),
                    Err(Halted::Store(failure)) => Err(failure),
                }
            })
        });
        answer.await?
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::Unknown,
            // A place that is taken is damage too: only the writer gives places.
            StoreError::Damaged(_) | StoreError::Exists => {
                Self::Entry(EntryError::Damaged(serde_json::Error::custom(error)))
            }
            error => Self::Unavailable(error.into()),
        }
    }
}

impl From<Halted> for JournalError {
    fn from(halted: Halted) -> Self {
        match halted {
            Halted::Journal(error) => error,
            Halted::Store(error) => error.into(),
        }
    }
}

impl From<JournalError> for Halted {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<EntryError> for Halted {
    fn from(error: EntryError) -> Self {
        Self::Journal(error.into())
    }
}

impl From<DecisionError> for Halted {
    fn from(error: DecisionError) -> Self {
        Self::Journal(error.into())
    }
}

impl From<StoreError> for Halted {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Halted {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
