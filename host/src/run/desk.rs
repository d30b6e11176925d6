//! What a guest waits for is done outside of its stack, which is small, and which no code of the host expects to stand on;
//! and outside of its time.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

/// Where a guest leaves what it waits for. Whoever polls the guest does it, see [`Attended`].
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<Option<BoxFuture<'static, ()>>>>);

/// A guest, and its desk.
pub(crate) struct Attended<F> {
    guest: Pin<Box<F>>,
    desk: Desk,
}

impl Desk {
    /// Leaves work, and waits for it: on the guest's stack. A guest waits for one thing at a time.
    pub(crate) async fn have_done<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let done = Arc::new(Mutex::new(None));
        let put = Arc::clone(&done);
        *self.work() = Some(
            async move {
                let came = work.await;
                *put.lock().unwrap_or_else(PoisonError::into_inner) = Some(came);
            }
            .boxed(),
        );
        // Polled again once it is done: nobody has to be woken.
        poll_fn(|_| match done.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(came) => Poll::Ready(came),
            None => Poll::Pending,
        })
        .await
    }

    fn work(&self) -> MutexGuard<'_, Option<BoxFuture<'static, ()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with what lies there. Pending only while it has to wait.
    fn poll_work(&self, context: &mut Context<'_>) -> Poll<()> {
        let Some(mut work) = self.work().take() else {
            return Poll::Ready(());
        };
        let polled = work.poll_unpin(context);
        if polled.is_pending() {
            *self.work() = Some(work);
        }
        polled
    }
}

impl<F> Attended<F> {
    pub(crate) fn new(desk: Desk, guest: F) -> Self {
        Self {
            guest: Box::pin(guest),
            desk,
        }
    }
}

impl<F: Future> Future for Attended<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        loop {
            std::task::ready!(this.desk.poll_work(context));
            if let Poll::Ready(output) = this.guest.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            if this.desk.work().is_none() {
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_a_guest_waits_for_is_done_by_whoever_polls_it() {
        let desk = Desk::default();
        let at = desk.clone();
        let guest = async move {
            let mut came = vec![at.have_done(async { 1 }).await];
            tokio::task::yield_now().await;
            let slow = async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                2
            };
            came.push(at.have_done(slow).await);
            came
        };
        assert_eq!(Attended::new(desk, guest).await, [1, 2]);
    }

    #[tokio::test]
    async fn a_guest_that_is_dropped_takes_its_work_along() {
        let (kept, gone) = tokio::sync::oneshot::channel::<()>();
        let desk = Desk::default();
        let at = desk.clone();
        let work = async move {
            let _kept = kept;
            std::future::pending::<()>().await;
        };
        let guest = Attended::new(desk, async move { at.have_done(work).await });
        tokio::time::timeout(Duration::from_millis(1), guest).await.unwrap_err();
        gone.await.unwrap_err();
    }
}
