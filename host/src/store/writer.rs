//! The one task that writes: what waits in its queue becomes one transaction, and each is answered after the commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use super::runs::RunRow;
use super::{StoreError, insert};

/// What the writer has done since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Transactions that became durable.
    pub commits: u64,
    /// Checkpoints of the log.
    pub checkpoints: u64,
}

/// The way to the writing task. Cheap to clone.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Write>,
    tally: Arc<Tally>,
    broken: watch::Receiver<bool>,
}

/// One request of the queue.
enum Write {
    /// The record of a run: all of a batch go in as one statement.
    Run(Box<RunRow>, oneshot::Sender<Result<(), StoreError>>),
    /// Anything else.
    Work(Work),
    /// Close the database.
    Close(oneshot::Sender<()>),
}

/// Statements of one request, under a savepoint of their own.
type Work = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Done> + Send>;

/// Why the statements failed, if they did, and how to answer once the commit is decided.
type Done = (Option<StoreError>, Answer);
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

#[derive(Default)]
struct Tally {
    commits: AtomicU64,
    checkpoints: AtomicU64,
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE);
        let (fail, broken) = watch::channel(false);
        let tally = Arc::new(Tally::default());
        let task = Task {
            connection,
            tally: Arc::clone(&tally),
            fail,
            unchecked: 0,
        };
        tokio::spawn(task.run(requests));
        Self { queue, tally, broken }
    }

    /// Records a run; durable when it returns.
    pub(super) async fn run(&self, row: RunRow) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Write::Run(Box::new(row), answer)).await?;
        answered.await.unwrap_or(Err(StoreError::Broken))
    }

    /// Does these statements, all or none; durable when it returns.
    pub(super) async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    {
        let (sender, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            Box::pin(async move {
                let result = work(connection).await;
                let failure = result.as_ref().err().cloned();
                let answer: Answer = Box::new(move |commit| drop(sender.send(commit.and(result))));
                (failure, answer)
            })
        });
        self.send(Write::Work(work)).await?;
        answered.await.unwrap_or(Err(StoreError::Broken))
    }

    pub(super) async fn close(&self) {
        let (answer, answered) = oneshot::channel();
        if self.send(Write::Close(answer)).await.is_ok() {
            // A task that is gone has closed the database too.
            drop(answered.await);
        }
    }

    pub(super) fn counters(&self) -> Counters {
        Counters {
            commits: self.tally.commits.load(Ordering::Relaxed),
            checkpoints: self.tally.checkpoints.load(Ordering::Relaxed),
        }
    }

    pub(super) fn broken(&self) -> watch::Receiver<bool> {
        self.broken.clone()
    }

    async fn send(&self, write: Write) -> Result<(), StoreError> {
        self.queue.send(write).await.map_err(|_| StoreError::Broken)
    }
}

/// Requests that wait before senders do.
const QUEUE: usize = 4096;

/// Requests of one transaction at most.
const BATCH: usize = 512;

/// Commits between two checkpoints: at most some 20 MiB of log.
const CHECKPOINT: u32 = 256;

struct Task {
    connection: SqliteConnection,
    tally: Arc<Tally>,
    fail: watch::Sender<bool>,
    /// Commits since the last checkpoint.
    unchecked: u32,
}

impl Task {
    async fn run(mut self, mut requests: mpsc::Receiver<Write>) {
        let mut batch = Vec::with_capacity(BATCH);
        while requests.recv_many(&mut batch, BATCH).await > 0 {
            // Whoever can run now has something to write soon: they share this commit instead of waiting for it.
            tokio::task::yield_now().await;
            while batch.len() < BATCH
                && let Ok(request) = requests.try_recv()
            {
                batch.push(request);
            }
            let (works, runs, closing) = sort(&mut batch);
            if let Err(error) = self.group(works, runs).await
                && error.breaks()
            {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the store failed and takes nothing more"
                );
                self.fail.send_replace(true);
                return;
            }
            if let Some(closed) = closing {
                drop(self.connection.close().await);
                let _ = closed.send(());
                return;
            }
        }
    }

    /// One transaction for everything that waited.
    async fn group(&mut self, works: Vec<Work>, runs: Vec<Waiting>) -> Result<(), StoreError> {
        if works.is_empty() && runs.is_empty() {
            return Ok(());
        }
        let (rows, waiting): (Vec<_>, Vec<_>) = runs.into_iter().map(|(row, sender)| (*row, sender)).unzip();
        let mut answers = Vec::with_capacity(works.len());
        let result = self.transaction(works, rows, &mut answers).await;
        if result.is_err() {
            // A full disk has rolled back by itself already, and then this is refused.
            drop(sqlx::query("ROLLBACK").execute(&mut self.connection).await);
        } else {
            self.unchecked += 1;
            self.tally.commits.fetch_add(1, Ordering::Relaxed);
        }
        for answer in answers {
            answer(result.clone());
        }
        for sender in waiting {
            drop(sender.send(result.clone()));
        }
        result?;
        self.checkpoint().await
    }

    async fn transaction(
        &mut self,
        works: Vec<Work>,
        rows: Vec<RunRow>,
        answers: &mut Vec<Answer>,
    ) -> Result<(), StoreError> {
        let connection = &mut self.connection;
        if works.is_empty() {
            return insert::commit_runs(connection, rows).await;
        }
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
        for work in works {
            sqlx::query("SAVEPOINT work").execute(&mut *connection).await?;
            let (failure, answer) = work(&mut *connection).await;
            answers.push(answer);
            match failure {
                None => sqlx::query("RELEASE work").execute(&mut *connection).await?,
                // Its own fault: the others go on.
                Some(failure) if failure.is_its_own() => {
                    sqlx::query("ROLLBACK TO work").execute(&mut *connection).await?
                }
                Some(failure) => return Err(failure),
            };
        }
        insert::runs(connection, rows).await?;
        sqlx::query("COMMIT").execute(connection).await?;
        Ok(())
    }

    async fn checkpoint(&mut self) -> Result<(), StoreError> {
        if self.unchecked < CHECKPOINT {
            return Ok(());
        }
        self.unchecked = 0;
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(&mut self.connection)
            .await?;
        self.tally.checkpoints.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

type Waiting = (Box<RunRow>, oneshot::Sender<Result<(), StoreError>>);

fn sort(batch: &mut Vec<Write>) -> (Vec<Work>, Vec<Waiting>, Option<oneshot::Sender<()>>) {
    let (mut works, mut runs, mut closing) = (Vec::new(), Vec::new(), None);
    for write in batch.drain(..) {
        match write {
            Write::Work(work) => works.push(work),
            Write::Run(row, answer) => runs.push((row, answer)),
            Write::Close(answer) => closing = Some(answer),
        }
    }
    (works, runs, closing)
}
