//! Work that whoever waits for it drives, and that goes on by itself when they leave.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Work that is finished whatever happens to whoever waits for it: dropped before its end, it goes on as a task.
///
/// A task from the start does the same, and costs an invocation two changes of task; most are waited for to their end.
pub struct Outliving<T: Send + 'static> {
    /// Nothing once it ended, or broke with a panic.
    work: Option<Work<T>>,
    runtime: Handle,
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> Outliving<T> {
    /// This work, which goes on there.
    pub(crate) fn new(runtime: Handle, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            work: Some(Box::pin(work)),
            runtime,
        }
    }

    /// Makes a task of it now, unless it has ended.
    pub(crate) fn leave(mut self) -> Option<JoinHandle<T>> {
        self.work.take().map(|work| self.runtime.spawn(work))
    }
}

impl<T: Send + 'static> Future for Outliving<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // Out of its place while it is polled, so that work that panicked is not gone on with.
        let Some(mut work) = self.work.take() else {
            return Poll::Pending;
        };
        let polled = work.as_mut().poll(cx);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Outliving<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            drop(self.runtime.spawn(work));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::time::{Duration, timeout};

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it() {
        let (done, seen) = oneshot::channel();
        let (go, may) = oneshot::channel::<()>();
        let mut work = Outliving::new(Handle::current(), async move {
            may.await.unwrap();
            done.send("the end").unwrap();
        });
        assert!(timeout(Duration::from_millis(1), &mut work).await.is_err());
        drop(work);
        go.send(()).unwrap();
        assert_eq!(seen.await, Ok("the end"));
    }

    #[tokio::test]
    async fn work_that_nobody_ever_waited_for_is_done() {
        let (done, seen) = oneshot::channel();
        drop(Outliving::new(Handle::current(), async move { done.send(1).unwrap() }));
        assert_eq!(seen.await, Ok(1));
    }

    #[tokio::test]
    async fn work_that_broke_is_not_gone_on_with() {
        let (kept, gone) = oneshot::channel::<()>();
        let work = tokio::spawn(Outliving::new(Handle::current(), async move {
            let _kept = kept;
            panic!("it breaks");
        }));
        assert!(work.await.unwrap_err().is_panic());
        // What it held is let go of.
        gone.await.unwrap_err();
    }
}
