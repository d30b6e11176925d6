//! `wasi:io/poll`: waiting, by the run's own clock.

use futures_util::FutureExt;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll::{Host, HostPollable};

use crate::run::guest::Guest;
use crate::run::limits::RunLimits;
use crate::run::stop::Stopping;

impl Host for Guest {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        if pollables.len() > RunLimits::HANDLES {
            return Err(Stopping::Handles.into());
        }
        let handles: Vec<u32> = pollables.iter().map(Resource::rep).collect();
        loop {
            self.clock.look();
            let looked_at = handles.iter().map(|handle| Resource::new_borrow(*handle)).collect();
            if let Some(ready) = Host::poll(&mut self.table, looked_at).now_or_never() {
                return ready;
            }
            self.wait().await?;
        }
    }
}

impl HostPollable for Guest {
    async fn ready(&mut self, pollable: Resource<DynPollable>) -> Result<bool> {
        HostPollable::ready(&mut self.table, pollable).await
    }

    async fn block(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        Host::poll(self, vec![pollable]).await.map(|_| ())
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        HostPollable::drop(&mut self.table, pollable)
    }
}

impl Guest {
    /// Waits for the earliest timer among those that were just looked at, and moves the clock to it.
    async fn wait(&mut self) -> Result<()> {
        // Waits are real, so that what waits for longer than the run may last can only end at its deadline: it gives
        // its place back at once.
        let Some(wait) = self.clock.wait() else {
            return Err(Stopping::Deadline.into());
        };
        if self.clock.passed().saturating_add(wait) > self.limits.deadline {
            return Err(Stopping::Deadline.into());
        }
        tokio::time::sleep(wait).await;
        self.clock.pass(wait);
        Ok(())
    }
}
