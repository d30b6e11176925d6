//! Work that is begun where it is asked for, and handed over to the threads of its own where it has to wait.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use futures_util::future::{BoxFuture, CatchUnwind, FutureExt as _};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

/// Work of one runtime that is begun on the thread that asks for it, which may be of another. What it waits for comes to
/// its own runtime, and there it goes on. Dropped, it ends.
///
/// A task from the start does the same, and what is asked leaves later by the time that it takes to wake a thread.
pub struct Handover<T: Send + 'static> {
    runtime: Handle,
    here: Option<Work<T>>,
    there: Option<AbortOnDropHandle<thread::Result<T>>>,
}

/// The work broke with a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work broke with a panic")]
pub struct Broken;

type Work<T> = CatchUnwind<AssertUnwindSafe<BoxFuture<'static, T>>>;

impl<T: Send + 'static> Handover<T> {
    /// This work, of this runtime.
    pub fn new(runtime: Handle, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            runtime,
            here: Some(AssertUnwindSafe(work.boxed()).catch_unwind()),
            there: None,
        }
    }

    fn poll_here(&mut self, cx: &mut Context<'_>) -> Poll<thread::Result<T>> {
        let Some(work) = &mut self.here else {
            return Poll::Pending;
        };
        let _entered = self.runtime.enter();
        let polled = work.poll_unpin(cx);
        if polled.is_ready() {
            self.here = None;
        }
        polled
    }

    fn is_at_home(&self) -> bool {
        Handle::try_current().is_ok_and(|here| here.id() == self.runtime.id())
    }
}

impl<T: Send + 'static> Future for Handover<T> {
    type Output = Result<T, Broken>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(done) = self.poll_here(cx) {
            return Poll::Ready(done.map_err(|_panic| Broken));
        }
        if !self.is_at_home()
            && let Some(work) = self.here.take()
        {
            self.there = Some(AbortOnDropHandle::new(self.runtime.spawn(work)));
        }
        match &mut self.there {
            Some(task) => task
                .poll_unpin(cx)
                .map(|done| done.ok().and_then(Result::ok).ok_or(Broken)),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread::ThreadId;
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::oneshot;

    use super::*;

    fn runtime(threads: usize) -> Runtime {
        Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .unwrap()
    }

    /// The threads before and after a wait.
    async fn waits(until: oneshot::Receiver<()>) -> (ThreadId, ThreadId) {
        let before = thread::current().id();
        until.await.unwrap();
        (before, thread::current().id())
    }

    #[test]
    fn it_begins_where_it_is_asked_for_and_goes_on_at_home() {
        let (home, other) = (runtime(1), runtime(1));
        let at_home = home.block_on(async { tokio::spawn(async { thread::current().id() }).await.unwrap() });
        let (wake, until) = oneshot::channel();
        let work = Handover::new(home.handle().clone(), waits(until));
        let asked = other.spawn(async move { (thread::current().id(), work.await.unwrap()) });
        let _woken = home.spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            wake.send(()).unwrap();
        });
        let (asking, (before, after)) = other.block_on(asked).unwrap();
        assert_eq!((before, after), (asking, at_home));
        assert_ne!(asking, at_home);
    }

    #[test]
    fn at_home_it_stays_where_it_is_asked_for() {
        let home = runtime(2);
        let (wake, until) = oneshot::channel();
        let work = Handover::new(home.handle().clone(), waits(until));
        let (before, after) = home.block_on(async move {
            let woken = async move { wake.send(()).unwrap() };
            futures_util::future::join(work, woken).await.0.unwrap()
        });
        assert_eq!(before, after);
    }

    #[test]
    fn what_it_waits_for_is_its_own_runtimes() {
        let (home, other) = (runtime(1), Builder::new_current_thread().build().unwrap());
        // The other runtime has no timers.
        let work = Handover::new(home.handle().clone(), async {
            tokio::time::sleep(Duration::from_millis(1)).await;
        });
        other.block_on(work).unwrap();
    }

    #[test]
    fn work_that_breaks_breaks_nothing_else() {
        let (home, other) = (runtime(1), runtime(1));
        let at_once = Handover::new(home.handle().clone(), async { panic!("at once") });
        let later = Handover::new(home.handle().clone(), async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            panic!("later")
        });
        let broken: (Result<(), _>, Result<(), _>) = other.block_on(async { (at_once.await, later.await) });
        assert_eq!(broken, (Err(Broken), Err(Broken)));
    }

    #[test]
    fn dropped_it_ends() {
        let (home, other) = (runtime(1), runtime(1));
        let (kept, gone) = oneshot::channel::<()>();
        let work = Handover::new(home.handle().clone(), async move {
            let _kept = kept;
            std::future::pending::<()>().await;
        });
        other.block_on(async {
            tokio::time::timeout(Duration::from_millis(1), work).await.unwrap_err();
            gone.await.unwrap_err();
        });
    }
}
