//! `incoming-response`, its body and its trailers: whole from the start.

use bytes::Bytes;
use gate::call::http::{Headers, HttpReply};
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynInputStream, DynPollable, InputStream, Pollable, StreamError, StreamResult, subscribe};

use super::bindings::types::{ErrorCode, HostFutureTrailers, HostIncomingBody, HostIncomingResponse};
use super::fields::Fields;
use super::room::{Lease, Room};
use crate::run::guest::Guest;

/// A reply.
pub struct IncomingResponse {
    status: u16,
    headers: Fields,
    body: Option<Content>,
}

/// The body of a reply, until its stream is taken.
pub struct IncomingBody(Option<Content>);

/// Trailers of a reply: there never are any.
#[derive(Default)]
pub struct FutureTrailers {
    taken: bool,
}

/// Bytes that are left to be read.
struct Content {
    left: Bytes,
    /// Of the whole: reading does not make it smaller, since the pieces share one buffer.
    _lease: Lease,
}

impl IncomingResponse {
    /// A reply as the guest sees it.
    ///
    /// # Errors
    /// Where the run's room is used up, or the bytes are missing.
    pub(super) fn new(room: &Room, reply: &HttpReply) -> Result<Self, ErrorCode> {
        let missing = || ErrorCode::InternalError(Some("the reply came without its bytes".to_owned()));
        let left = reply.body.bytes().ok_or_else(missing)?.clone();
        let too_large = || ErrorCode::HttpResponseBodySize(Some(left.len() as u64));
        let lease = room.take(left.len()).ok_or_else(too_large)?;
        let fields = reply
            .headers
            .iter()
            .map(|(name, value)| (name.to_owned(), Headers::value_bytes(value)));
        let headers = Fields::of_reply(room, fields.collect());
        Ok(Self {
            status: reply.status,
            headers: headers.map_err(|_| ErrorCode::HttpResponseHeaderSectionSize(None))?,
            body: Some(Content { left, _lease: lease }),
        })
    }
}

#[async_trait]
impl Pollable for Content {
    async fn ready(&mut self) {}
}

#[async_trait]
impl InputStream for Content {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if self.left.is_empty() {
            return Err(StreamError::Closed);
        }
        Ok(self.left.split_to(size.min(self.left.len())))
    }
}

#[async_trait]
impl Pollable for FutureTrailers {
    async fn ready(&mut self) {}
}

impl HostIncomingResponse for Guest {
    fn status(&mut self, response: Resource<IncomingResponse>) -> Result<u16> {
        Ok(self.table.get(&response)?.status)
    }

    fn headers(&mut self, response: Resource<IncomingResponse>) -> Result<Resource<Fields>> {
        let headers = self.table.get(&response)?.headers.clone();
        Ok(self.table.push(headers)?)
    }

    fn consume(&mut self, response: Resource<IncomingResponse>) -> Result<Result<Resource<IncomingBody>, ()>> {
        match self.table.get_mut(&response)?.body.take() {
            Some(content) => Ok(Ok(self.table.push(IncomingBody(Some(content)))?)),
            None => Ok(Err(())),
        }
    }

    fn drop(&mut self, response: Resource<IncomingResponse>) -> Result<()> {
        self.table.delete(response)?;
        Ok(())
    }
}

impl HostIncomingBody for Guest {
    fn stream(&mut self, body: Resource<IncomingBody>) -> Result<Result<Resource<DynInputStream>, ()>> {
        let Some(content) = self.table.get_mut(&body)?.0.take() else {
            return Ok(Err(()));
        };
        let stream: DynInputStream = Box::new(content);
        Ok(Ok(self.table.push_child(stream, &body)?))
    }

    fn finish(&mut self, body: Resource<IncomingBody>) -> Result<Resource<FutureTrailers>> {
        self.table.delete(body)?;
        Ok(self.table.push(FutureTrailers::default())?)
    }

    fn drop(&mut self, body: Resource<IncomingBody>) -> Result<()> {
        self.table.delete(body)?;
        Ok(())
    }
}

impl HostFutureTrailers for Guest {
    fn subscribe(&mut self, trailers: Resource<FutureTrailers>) -> Result<Resource<DynPollable>> {
        subscribe(&mut self.table, trailers)
    }

    fn get(
        &mut self,
        trailers: Resource<FutureTrailers>,
    ) -> Result<Option<Result<Result<Option<Resource<Fields>>, ErrorCode>, ()>>> {
        let taken = std::mem::replace(&mut self.table.get_mut(&trailers)?.taken, true);
        Ok(Some(if taken { Err(()) } else { Ok(Ok(None)) }))
    }

    fn drop(&mut self, trailers: Resource<FutureTrailers>) -> Result<()> {
        self.table.delete(trailers)?;
        Ok(())
    }
}
