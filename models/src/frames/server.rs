//! Server-sent events (HTML, 9.2).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_util::Stream;
use gate::Failure;
use sse_stream::{Sse, SseByteStream};

use super::{LARGEST, too_large};
use crate::dialect::Event;
use crate::trouble::malformed;

/// The crate's decoder draws from a stream and knows no cap: it gets a stream of what was pushed, and the bytes since the
/// last event are counted here.
pub(super) struct ServerSent {
    pushed: Pushed,
    decoder: Pin<Box<SseByteStream<Pushed>>>,
    held: usize,
}

#[derive(Clone, Default)]
struct Pushed(Arc<Mutex<VecDeque<Bytes>>>);

impl ServerSent {
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, Failure> {
        self.held = self.held.saturating_add(bytes.len());
        if self.held > LARGEST {
            return Err(too_large());
        }
        self.pushed.put(bytes);
        let mut events = Vec::new();
        let mut context = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(block)) = self.decoder.as_mut().poll_next(&mut context) {
            let block = block.map_err(malformed)?;
            self.held = bytes.len();
            events.extend(event(block));
        }
        Ok(events)
    }
}

/// A block without data is no event (HTML, 9.2.6).
fn event(block: Sse) -> Option<Event> {
    Some(Event {
        name: block.event.filter(|name| !name.is_empty()),
        exception: false,
        data: block.data?.into_bytes(),
    })
}

impl Default for ServerSent {
    fn default() -> Self {
        let pushed = Pushed::default();
        Self {
            decoder: Box::pin(SseByteStream::new(pushed.clone())),
            pushed,
            held: 0,
        }
    }
}

impl Pushed {
    fn put(&self, bytes: &[u8]) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_back(Bytes::copy_from_slice(bytes));
    }
}

impl Stream for Pushed {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .pop_front()
            .map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(bytes))))
    }
}
