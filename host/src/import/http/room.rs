//! The host's own memory that one run may fill with fields, bodies and replies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::run::limits::RunLimits;

/// Bytes that are left, shared by all that takes of them.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    left: Arc<AtomicUsize>,
    /// The most of it that one request's body may have.
    pub(crate) request: usize,
}

/// Bytes that were taken. Dropping it gives them back.
#[derive(Debug)]
pub(crate) struct Lease {
    room: Room,
    bytes: usize,
}

impl Room {
    /// The whole room of a run, of which one request's body may have so many bytes.
    pub(crate) fn new(request: usize) -> Self {
        Self {
            left: Arc::new(AtomicUsize::new(RunLimits::HTTP_HELD)),
            request,
        }
    }

    /// Takes so many bytes, if they are left.
    pub(crate) fn take(&self, bytes: usize) -> Option<Lease> {
        let mut lease = Lease {
            room: self.clone(),
            bytes: 0,
        };
        lease.resize(bytes).then_some(lease)
    }
}

impl Lease {
    /// Takes what is missing to so many bytes in all, or gives back what is too much; whether it could.
    pub(crate) fn resize(&mut self, bytes: usize) -> bool {
        let left = &self.room.left;
        let resized = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            (left + self.bytes).checked_sub(bytes)
        });
        if resized.is_ok() {
            self.bytes = bytes;
        }
        resized.is_ok()
    }

    /// A lease of the same size.
    pub(crate) fn again(&self) -> Option<Self> {
        self.room.take(self.bytes)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.resize(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_given_back() {
        let room = Room::new(1024);
        let mut half = room.take(RunLimits::HTTP_HELD / 2).unwrap();
        assert!(half.again().is_some());
        assert!(half.resize(RunLimits::HTTP_HELD));
        assert!(!half.resize(RunLimits::HTTP_HELD + 1));
        assert!(room.take(1).is_none() && half.again().is_none());
        drop(half);
        assert!(room.take(RunLimits::HTTP_HELD).is_some());
    }
}
