//! One attempt at a run: a store of its own, an instance, one call, and nothing kept.

use std::pin::pin;
use std::sync::Arc;

use serde_json::Value;
use wasmtime::component::Val;
use wasmtime::{Error, Store, UpdateDeadline};

use crate::engine::code::{Code, ToolCode};
use crate::engine::skill::Skill;
use crate::json::Answer;
use crate::run::calls::Calls;
use crate::run::desk::{Attended, Desk};
use crate::run::guest::Guest;
use crate::run::limits::RunLimits;
use crate::run::meter::{Meter, Metered};
use crate::run::stop::Stopping;
use crate::run::{Finished, Outcome, Start, Stop};

/// Runs the tool. The store is used for this alone and dropped, however it ends.
pub(crate) async fn attempt(
    skill: &Skill,
    mut start: Start,
    calls: Option<Box<dyn Calls>>,
    meter: Arc<Meter>,
) -> Finished {
    let limits = skill.limits();
    let (tool, arguments) = match prepare(skill, &start) {
        Ok(prepared) => prepared,
        Err(refused) => return Finished::before_start(Outcome::Refused(refused)),
    };
    let configuration = start.configuration.take();
    let configuration = configuration.unwrap_or_else(|| Arc::clone(skill.configuration()));
    let desk = Desk::default();
    let guest = Guest::new(
        &mut start,
        calls,
        *limits,
        configuration,
        (Arc::clone(&meter), desk.clone()),
    );
    let mut store = match equip(skill.code(), guest) {
        Ok(store) => store,
        Err(cause) => {
            tracing::error!(cause = &*cause, "a store cannot be made");
            return Finished::before_start(Outcome::Stopped(Stopping::Internal.told(limits)));
        }
    };
    let answered = {
        // Armed before the instance is made: start functions are the guest's code too.
        let work = pin!(call(&mut store, skill.code(), tool, &arguments));
        tokio::select! {
            biased;
            answered = Attended::new(desk, Metered::new(meter, work)) => answered,
            () = start.cancel.cancelled() => Err(Stopping::Cancelled.into()),
            () = tokio::time::sleep(limits.deadline.saturating_sub(start.used)) => Err(Stopping::Deadline.into()),
        }
    };
    finish(store, tool, answered)
}

/// Checks what was asked for against the tool's types.
fn prepare<'a>(skill: &'a Skill, start: &Start) -> Result<(&'a ToolCode, Vec<Val>), Stop> {
    let tool = skill.tool(&start.tool)?;
    let arguments = skill.arguments(tool, &start.arguments)?;
    match arguments.files.iter().find(|file| !start.files.contains_key(file)) {
        None => Ok((tool, arguments.values)),
        Some(missing) => Err(Stop {
            code: "file-unknown".to_owned(),
            message: format!("the arguments name a file that was not uploaded: {}", missing.hex()),
        }),
    }
}

fn equip(code: &Code, guest: Guest) -> Result<Store<Guest>, Error> {
    let limits = guest.limits;
    let mut store = Store::new(code.pre.engine(), guest);
    store.limiter(|guest| &mut guest.memory);
    store.set_fuel(limits.fuel)?;
    store.set_hostcall_fuel(RunLimits::HOST_CALL);
    store.set_max_component_handles(RunLimits::HANDLES);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        let guest = store.data();
        if guest.meter.so_far() > guest.limits.guest_time {
            return Err(Stopping::GuestTime.into());
        }
        Ok(UpdateDeadline::Yield(1))
    });
    Ok(store)
}

async fn call(store: &mut Store<Guest>, code: &Code, tool: &ToolCode, arguments: &[Val]) -> Result<Vec<Val>, Error> {
    let instance = code.pre.instantiate_async(&mut *store).await?;
    let function = instance
        .get_func(&mut *store, tool.export)
        .ok_or_else(|| wasmtime::format_err!("the tool's function vanished"))?;
    let mut results = vec![Val::Bool(false); tool.results];
    function.call_async(store, arguments, &mut results).await?;
    Ok(results)
}

fn finish(store: Store<Guest>, tool: &ToolCode, answered: Result<Vec<Val>, Error>) -> Finished {
    let left = store.get_fuel().unwrap_or_default();
    let mut guest = store.into_data();
    let (logs, logs_dropped) = guest.logs.lock().finish();
    let halt = answered.as_ref().err().and_then(Stopping::halt);
    Finished {
        outcome: outcome(&guest, tool, answered),
        halt,
        fuel: guest.limits.fuel.saturating_sub(left),
        guest_time: guest.meter.spent(),
        files: guest.files.finish(),
        logs,
        logs_dropped,
    }
}

fn outcome(guest: &Guest, tool: &ToolCode, answered: Result<Vec<Val>, Error>) -> Outcome {
    let answer = answered
        .map_err(|error| Stopping::read(&error, &guest.memory))
        .and_then(|results| tool.signature.answer(&results).map_err(Stopping::Output));
    match answer {
        Ok(Answer::Value(value)) => Outcome::Value(value),
        Ok(Answer::ToolError(error)) => Outcome::ToolError(error),
        Err(stopping) => Outcome::Stopped(stopping.told(&guest.limits)),
    }
}

impl Finished {
    /// A run whose guest never started.
    pub(crate) fn before_start(outcome: Outcome) -> Self {
        Self {
            outcome,
            halt: None,
            fuel: 0,
            guest_time: std::time::Duration::ZERO,
            files: Vec::new(),
            logs: Vec::new(),
            logs_dropped: 0,
        }
    }
}

/// The bytes of a value as JSON, counted up to a limit and not kept.
pub(crate) fn fits(value: &Value, limit: usize) -> bool {
    struct Room(usize);
    impl std::io::Write for Room {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(std::io::ErrorKind::FileTooLarge)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    serde_json::to_writer(Room(limit), value).is_ok()
}
