//! Wakes whoever attends to a connection, and not while they are at it: they would only be called once more for what they
//! have done.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Wake, Waker};

/// Whoever attends is woken by it.
#[derive(Default)]
pub(super) struct Bell {
    state: AtomicU8,
    attending: Mutex<Option<Waker>>,
}

/// Nobody is at it.
const IDLE: u8 = 0;
/// Somebody is at it.
const AT_IT: u8 = 1;
/// It was rung while somebody was.
const RUNG: u8 = 2;

/// So often in a row they go on at once; then others have their turn.
const AT_ONCE: usize = 4;

impl Bell {
    /// Does the work, again where the bell rings meanwhile, and has this waker woken where it rings later.
    pub(super) fn attend<T>(&self, waker: &Waker, mut work: impl FnMut() -> Poll<T>) -> Poll<T> {
        self.attended_by(waker);
        for _ in 0..AT_ONCE {
            self.state.store(AT_IT, Ordering::Release);
            let done = work();
            let rung = self.state.swap(IDLE, Ordering::AcqRel) == RUNG;
            if done.is_ready() || !rung {
                return done;
            }
        }
        waker.wake_by_ref();
        Poll::Pending
    }

    fn attended_by(&self, waker: &Waker) {
        let mut attending = self.attending.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *attending {
            Some(attending) => attending.clone_from(waker),
            None => *attending = Some(waker.clone()),
        }
    }

    fn ring(&self) {
        let rung = |state| (state != IDLE).then_some(RUNG);
        if self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, rung)
            .is_ok()
        {
            return;
        }
        let attending = self.attending.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(attending) = attending {
            attending.wake();
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counted() -> (Arc<Count>, Waker) {
        let count = Arc::<Count>::default();
        (Arc::clone(&count), Waker::from(count))
    }

    #[test]
    fn it_wakes_nobody_who_is_at_it_and_whoever_was() {
        let (bell, (woken, waker)) = (Bell::default(), counted());
        let mut times = 0;
        let polled = bell.attend(&waker, || {
            times += 1;
            if times == 1 {
                bell.ring();
            }
            Poll::<()>::Pending
        });
        assert_eq!((polled, times, woken.0.load(Ordering::Relaxed)), (Poll::Pending, 2, 0));
        bell.ring();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn work_without_end_gives_way() {
        let (bell, (woken, waker)) = (Bell::default(), counted());
        let mut times = 0;
        let polled = bell.attend(&waker, || {
            times += 1;
            bell.ring();
            Poll::<()>::Pending
        });
        assert_eq!((polled, times), (Poll::Pending, AT_ONCE));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn the_last_who_attended_is_woken() {
        let (bell, (first, before), (second, after)) = (Bell::default(), counted(), counted());
        for waker in [&before, &after] {
            let polled = bell.attend(waker, || Poll::<()>::Pending);
            assert!(polled.is_pending());
        }
        bell.ring();
        let woken = [first, second].map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [0, 1]);
    }
}
