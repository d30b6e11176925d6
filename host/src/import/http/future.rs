//! `future-incoming-response`: where the reply to a call appears.

use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use super::bindings::types::{ErrorCode, HostFutureIncomingResponse};
use super::body::Gathered;
use super::failure::unsent;
use super::response::IncomingResponse;
use crate::run::guest::Guest;

/// A reply that came, comes, or was taken.
pub struct FutureReply {
    state: State,
    /// A body that fails makes the future ready without a call.
    body: Option<Gathered>,
}

enum State {
    /// Not yet: the call of this number is open.
    Open(u32),
    Come(Result<IncomingResponse, ErrorCode>),
    Taken,
}

impl FutureReply {
    pub(super) const fn new(number: u32, body: Option<Gathered>) -> Self {
        Self {
            state: State::Open(number),
            body,
        }
    }

    /// What the guest will find from now on.
    pub(super) fn come(&mut self, reply: Result<IncomingResponse, ErrorCode>) {
        self.state = State::Come(reply);
    }

    fn failure(&self) -> Option<ErrorCode> {
        self.body.as_ref().and_then(Gathered::failure)
    }

    fn is_ready(&self) -> bool {
        !matches!(self.state, State::Open(_)) || self.failure().is_some()
    }

    const fn number(&self) -> Option<u32> {
        match self.state {
            State::Open(number) => Some(number),
            State::Come(_) | State::Taken => None,
        }
    }
}

#[async_trait]
impl Pollable for FutureReply {
    async fn ready(&mut self) {
        // Nobody is woken: whoever looks, looks again after a call.
        if !self.is_ready() {
            std::future::pending().await
        }
    }
}

impl HostFutureIncomingResponse for Guest {
    fn subscribe(&mut self, future: Resource<FutureReply>) -> Result<Resource<DynPollable>> {
        subscribe(&mut self.table, future)
    }

    fn get(
        &mut self,
        future: Resource<FutureReply>,
    ) -> Result<Option<Result<Result<Resource<IncomingResponse>, ErrorCode>, ()>>> {
        let held = self.table.get_mut(&future)?;
        let failure = held.failure();
        let reply = match (std::mem::replace(&mut held.state, State::Taken), failure) {
            (State::Taken, _) => return Ok(Some(Err(()))),
            (State::Come(reply), _) => reply,
            (State::Open(number), Some(failure)) => {
                self.http().forget(number);
                self.warn(unsent(&failure));
                Err(failure)
            }
            (State::Open(number), None) => {
                held.state = State::Open(number);
                return Ok(None);
            }
        };
        Ok(Some(Ok(match reply {
            Ok(response) => Ok(self.table.push(response)?),
            Err(code) => Err(code),
        })))
    }

    fn drop(&mut self, future: Resource<FutureReply>) -> Result<()> {
        // A request that nobody waited for was never sent.
        if let Some(number) = self.table.delete(future)?.number() {
            self.http().forget(number);
        }
        Ok(())
    }
}
