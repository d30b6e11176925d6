//! `wasi:io/poll`: waiting, by the run's own clock. Whatever a guest waits for, it waits for here.

use std::time::Duration;

use futures_util::FutureExt;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll::{Host, HostPollable};

use crate::run::guest::Guest;
use crate::run::limits::RunLimits;
use crate::run::stop::Stopping;

/// Links it by hand: a wait needs the store, because the fuel that was used goes with each call.
///
/// # Errors
/// Where it is linked already.
pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    let mut interface = linker.instance("wasi:io/poll@0.2.12")?;
    interface.resource("pollable", ResourceType::host::<DynPollable>(), |mut store, handle| {
        HostPollable::drop(&mut store.data_mut().table, Resource::new_own(handle))
    })?;
    interface.func_wrap_async("[method]pollable.ready", |mut store, (pollable,)| {
        Box::new(async move { Ok((HostPollable::ready(&mut store.data_mut().table, pollable).await?,)) })
    })?;
    interface.func_wrap_async("[method]pollable.block", |mut store, (pollable,)| {
        Box::new(async move { poll(&mut store, &[pollable]).await.map(|_| ()) })
    })?;
    interface.func_wrap_async("poll", |mut store, (pollables,): (Vec<_>,)| {
        Box::new(async move { Ok((poll(&mut store, &pollables).await?,)) })
    })
}

/// First what is ready as things stand; then what a call makes ready, one call at a time; then what a timer does.
async fn poll(store: &mut StoreContextMut<'_, Guest>, pollables: &[Resource<DynPollable>]) -> Result<Vec<u32>> {
    if pollables.len() > RunLimits::HANDLES {
        return Err(Stopping::Handles.into());
    }
    loop {
        if let Some(ready) = store.data_mut().look(pollables) {
            return ready;
        }
        let fuel = store.get_fuel()?;
        let guest = store.data_mut();
        let used = guest.limits.fuel.saturating_sub(fuel);
        if !guest.call_http(used).await? {
            guest.wait(used).await?;
        }
    }
}

impl Guest {
    /// Which of them are ready, if any is; notes the earliest timer among those that are not.
    fn look(&mut self, pollables: &[Resource<DynPollable>]) -> Option<Result<Vec<u32>>> {
        self.clock.look();
        let borrowed = pollables.iter().map(|handle| Resource::new_borrow(handle.rep()));
        Host::poll(&mut self.table, borrowed.collect()).now_or_never()
    }

    /// Waits for the earliest timer among those that were just looked at, and moves the clock to it.
    async fn wait(&mut self, used: u64) -> Result<()> {
        // What waits for nothing, or for longer than the run may last, can only end at its deadline: it gives its
        // place back at once.
        let Some(wait) = self.clock.wait() else {
            return Err(self.without_end().into());
        };
        if self.clock.waited().saturating_add(wait) > self.limits.deadline {
            return Err(Stopping::Deadline.into());
        }
        let (from, until) = (self.clock.after(Duration::ZERO), self.clock.after(wait));
        self.way_out.wait(used, from, until).await?;
        self.clock.pass(wait);
        Ok(())
    }

    /// Why a wait for neither a timer nor a call has no end.
    fn without_end(&self) -> Stopping {
        if self.http.as_ref().is_some_and(|http| http.is_open()) {
            Stopping::BodyUnfinished
        } else {
            Stopping::Deadline
        }
    }
}
