//! What moves the bytes of a connection. Whoever waits for a reply moves them, on its own thread: to wake a task for it and
//! to be woken by it again costs more than all that is done. While nobody waits, a task does, so that a connection that the
//! other side closes is not kept.

mod bell;

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use crate::connect::Stream;
use bell::Bell;

/// hyper's half of a connection.
type Moving = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// Moves the bytes of one connection. Dropping it closes the connection.
pub(super) struct Driver {
    shared: Arc<Mutex<Shared>>,
    _task: JoinSet<()>,
}

struct Shared {
    /// Nothing once it has ended.
    moving: Option<Pin<Box<Moving>>>,
    /// Rung where something can be moved.
    bell: Arc<Bell>,
    /// Whether somebody waits.
    attended: bool,
    /// The task that moves what nobody waits for.
    task: Option<Waker>,
}

impl Driver {
    pub(super) fn new(moving: Moving) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            moving: Some(Box::pin(moving)),
            bell: Arc::default(),
            attended: false,
            task: None,
        }));
        let mut task = JoinSet::new();
        let driven = Arc::clone(&shared);
        task.spawn(poll_fn(move |context| lock(&driven).poll_unattended(context)));
        Self { shared, _task: task }
    }

    /// Waits for something that comes by this connection, and moves its bytes until then. It is woken for the connection
    /// alone: nothing else makes such a future ready.
    pub(super) async fn drive<F: Future>(&self, coming: F) -> F::Output {
        let mut coming = pin!(coming);
        poll_fn(|context| {
            let mut unwoken = Context::from_waker(Waker::noop());
            let mut shared = lock(&self.shared);
            shared.attended = true;
            let bell = Arc::clone(&shared.bell);
            bell.attend(context.waker(), || {
                if let Poll::Ready(came) = coming.as_mut().poll(&mut unwoken) {
                    return Poll::Ready(came);
                }
                // What goes wrong is told to whoever waits.
                let _ = shared.poll();
                coming.as_mut().poll(&mut unwoken)
            })
        })
        .await
    }

    /// Nobody waits any more: the task takes over.
    pub(super) fn rest(&self) {
        let mut shared = lock(&self.shared);
        shared.attended = false;
        if let Some(task) = &shared.task {
            task.wake_by_ref();
        }
    }
}

impl Shared {
    fn poll_unattended(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.task = Some(context.waker().clone());
        if self.attended {
            return Poll::Pending;
        }
        let bell = Arc::clone(&self.bell);
        bell.attend(context.waker(), || self.poll())
    }

    /// Moves what can be moved, and has the bell rung where more can be.
    fn poll(&mut self) -> Poll<()> {
        let Some(moving) = &mut self.moving else {
            return Poll::Ready(());
        };
        let bell = Waker::from(Arc::clone(&self.bell));
        let polled = moving.as_mut().poll(&mut Context::from_waker(&bell));
        if polled.is_ready() {
            self.moving = None;
        }
        polled.map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        lock(&self.shared).moving = None;
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Driver")
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
