//! `outgoing-body`: what a guest writes is gathered at once, and nothing leaves before it is whole.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use wasmtime::component::Resource;
use wasmtime::{Result, format_err};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynOutputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::bindings::types::{ErrorCode, HostOutgoingBody};
use super::fields::Fields;
use super::room::{Lease, Room};
use crate::run::guest::Guest;
use crate::run::stop::Stopping;

/// Bytes that a guest may write at once.
const CHUNK: usize = 64 << 10;

/// The body of one request, shared by who writes it and who sends it.
#[derive(Clone)]
pub(crate) struct Gathered(Arc<Mutex<Parts>>);

struct Parts {
    bytes: Vec<u8>,
    lease: Lease,
    most: usize,
    /// What `content-length` says.
    declared: Option<u64>,
    state: State,
}

#[derive(Clone)]
enum State {
    Open,
    Whole,
    Failed(ErrorCode),
}

/// The guest's hold on a body.
pub struct OutgoingBody {
    gathered: Gathered,
    stream_taken: bool,
}

impl Gathered {
    /// An empty body, of which the request's headers declare a length or none.
    ///
    /// # Errors
    /// Where the run's room is used up.
    pub(super) fn new(room: &Room, declared: Option<u64>) -> Result<Self, Stopping> {
        Ok(Self(Arc::new(Mutex::new(Parts {
            bytes: Vec::new(),
            lease: room.take(0).ok_or(Stopping::HttpHeld)?,
            most: room.request,
            declared,
            state: State::Open,
        }))))
    }

    /// Whether it can go out.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.lock().state, State::Whole)
    }

    /// Whether it waits for the guest.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.lock().state, State::Open)
    }

    /// Why it can never go out.
    pub(super) fn failure(&self) -> Option<ErrorCode> {
        match &self.lock().state {
            State::Failed(code) => Some(code.clone()),
            State::Open | State::Whole => None,
        }
    }

    /// The bytes, which are gone from here.
    pub(super) fn take(&self) -> Bytes {
        let mut parts = self.lock();
        parts.lease.resize(0);
        std::mem::take(&mut parts.bytes).into()
    }

    fn write(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        let mut parts = self.lock();
        let size = parts.bytes.len().saturating_add(bytes.len());
        let declared = parts.declared.unwrap_or(u64::MAX);
        if size as u64 > declared {
            return Err(parts.fail(ErrorCode::HttpRequestBodySize(Some(declared))));
        }
        if size > parts.most || !parts.lease.resize(size) {
            let most = parts.most as u64;
            return Err(parts.fail(ErrorCode::HttpRequestBodySize(Some(most))));
        }
        parts.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(&self, has_trailers: bool) -> Result<(), ErrorCode> {
        let mut parts = self.lock();
        if let State::Failed(code) = &parts.state {
            return Err(code.clone());
        }
        let size = parts.bytes.len() as u64;
        if parts.declared.is_some_and(|declared| declared != size) {
            return Err(parts.fail(ErrorCode::HttpRequestBodySize(Some(size))));
        }
        if has_trailers {
            // HTTP/1.1 has room for them only where the length is not declared, and few servers read them.
            return Err(parts.fail(ErrorCode::HttpRequestTrailerSectionSize(Some(0))));
        }
        parts.state = State::Whole;
        Ok(())
    }

    fn abandon(&self) {
        let mut parts = self.lock();
        if matches!(parts.state, State::Open) {
            parts.fail(ErrorCode::HttpProtocolError);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts {
    fn fail(&mut self, code: ErrorCode) -> ErrorCode {
        self.bytes = Vec::new();
        self.lease.resize(0);
        self.state = State::Failed(code.clone());
        code
    }
}

impl OutgoingBody {
    pub(super) const fn new(gathered: Gathered) -> Self {
        Self {
            gathered,
            stream_taken: false,
        }
    }
}

/// What writes into a body. It never waits, and how much it takes depends on what was written alone.
struct Writer(Gathered);

#[async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if bytes.len() > CHUNK {
            return Err(StreamError::Trap(format_err!("wrote more than `check-write` allowed")));
        }
        self.check_write()?;
        let written = self.0.write(&bytes);
        written.map_err(|code| StreamError::LastOperationFailed(code.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.check_write().map(|_| ())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        match self.0.failure() {
            None => Ok(CHUNK),
            Some(_) => Err(StreamError::Closed),
        }
    }
}

impl HostOutgoingBody for Guest {
    fn write(&mut self, body: Resource<OutgoingBody>) -> Result<Result<Resource<DynOutputStream>, ()>> {
        let held = self.table.get_mut(&body)?;
        if std::mem::replace(&mut held.stream_taken, true) {
            return Ok(Err(()));
        }
        let stream: DynOutputStream = Box::new(Writer(held.gathered.clone()));
        Ok(Ok(self.table.push_child(stream, &body)?))
    }

    fn finish(
        &mut self,
        body: Resource<OutgoingBody>,
        trailers: Option<Resource<Fields>>,
    ) -> Result<Result<(), ErrorCode>> {
        let body = self.table.delete(body)?;
        let trailers = trailers.map(|trailers| self.table.delete(trailers)).transpose()?;
        let has_trailers = trailers.is_some_and(|trailers| trailers.iter().next().is_some());
        Ok(body.gathered.finish(has_trailers))
    }

    fn drop(&mut self, body: Resource<OutgoingBody>) -> Result<()> {
        self.table.delete(body)?.gathered.abandon();
        Ok(())
    }
}
