//! The beat to which guests yield: the engine's epoch moves every 2 ms while any run is under way.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// How long a guest computes before others get their turn.
pub(crate) const TICK: Duration = Duration::from_millis(2);

/// Ticks without a run before the thread sleeps for good: waking it costs more than a short run.
const IDLE: u32 = 50;

/// A thread that sleeps for good while nothing runs.
#[derive(Debug)]
pub(crate) struct Ticker {
    thread: Thread,
    state: Arc<State>,
}

/// Keeps the epoch moving for as long as it lives.
#[derive(Debug)]
pub(crate) struct Ticking(Arc<State>);

#[derive(Debug, Default)]
struct State {
    runs: AtomicUsize,
    asleep: AtomicBool,
    over: AtomicBool,
}

impl Ticker {
    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let state = Arc::new(State::default());
        let thread = thread::Builder::new().name("epoch".to_owned()).spawn({
            let (engine, state) = (engine.clone(), Arc::clone(&state));
            move || tick(&engine, &state)
        })?;
        Ok(Self {
            thread: thread.thread().clone(),
            state,
        })
    }

    /// A run begins.
    pub(crate) fn run(&self) -> Ticking {
        self.state.runs.fetch_add(1, Ordering::SeqCst);
        if self.state.asleep.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        Ticking(Arc::clone(&self.state))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.runs.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick(engine: &Engine, state: &State) {
    let mut idle = 0;
    while !state.over.load(Ordering::SeqCst) {
        thread::park_timeout(TICK);
        engine.increment_epoch();
        idle = if state.runs.load(Ordering::SeqCst) == 0 {
            idle + 1
        } else {
            0
        };
        if idle > IDLE {
            sleep(state);
            idle = 0;
        }
    }
}

/// Sleeps until a run begins. Whoever begins one sees that this is asleep, or is seen here.
fn sleep(state: &State) {
    state.asleep.store(true, Ordering::SeqCst);
    while state.runs.load(Ordering::SeqCst) == 0 && !state.over.load(Ordering::SeqCst) {
        thread::park();
    }
    state.asleep.store(false, Ordering::SeqCst);
}
