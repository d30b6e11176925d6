//! Stops the process model: what waits on a blown fuse is dropped, as a killed process is, or goes on much later, as one
//! that was only slow.

use std::future::Future;
use std::sync::Mutex;

use tokio::sync::Notify;

/// Counts boundaries; blows at the one that it was set to.
#[derive(Default)]
pub(crate) struct Fuse {
    left: Mutex<Option<u32>>,
    at: Mutex<&'static str>,
    blown: Notify,
    released: Notify,
}

impl Fuse {
    /// Blows at the boundary with this place, from 0; never for none.
    pub(crate) fn set(&self, place: Option<u32>) {
        *self.left.lock().unwrap() = place;
    }

    /// A boundary.
    pub(crate) async fn pass(&self, name: &'static str) {
        if self.burns() {
            *self.at.lock().unwrap() = name;
            self.blown.notify_one();
            self.released.notified().await;
        }
    }

    /// Where it blew.
    pub(crate) fn at(&self) -> &'static str {
        *self.at.lock().unwrap()
    }

    fn burns(&self) -> bool {
        let mut left = self.left.lock().unwrap();
        match left.as_mut() {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    /// Lets everything that waits on the blown fuse go on.
    pub(crate) fn release(&self) {
        self.set(None);
        self.released.notify_waiters();
    }

    /// Runs a process until it ends or its fuse blows.
    pub(crate) async fn run<T>(&self, process: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = process => Some(done),
            () = self.blown.notified() => None,
        }
    }
}
