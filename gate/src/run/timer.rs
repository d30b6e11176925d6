//! Waits for a time: short ones in place, long ones out of memory.

use std::time::Duration;

use jiff::Timestamp;

use super::Run;
use super::begin::{diverged, same_time};
use crate::code::Code;
use crate::halt::{Halt, Stop, Suspend};
use crate::history::Past;
use crate::journal::Event;

/// The longest wait in place.
pub(crate) const IN_PLACE: Duration = Duration::from_secs(2);

impl Run {
    /// Waits until a time, or suspends the run until then.
    pub(crate) async fn wait(&mut self, number: u32, until: Timestamp) -> Result<(), Halt> {
        self.enter(number)?;
        self.timers += 1;
        if self.timers > self.limits().timers {
            let told = format!("a run may wait {} times; wait longer, less often", self.limits().timers);
            return Err(Stop::new(Code::TOO_MANY_TIMERS, told).into());
        }
        let set = self.timer_is_set(number, until)?;
        if set != Some(true) {
            self.may_go_live(number)?;
            self.wait_live(number, until, set.is_some()).await?;
        }
        self.last = self.last.max(until);
        self.under_way = false;
        Ok(())
    }

    /// Whether the timer is recorded, and whether it has fired.
    fn timer_is_set(&mut self, number: u32, until: Timestamp) -> Result<Option<bool>, Stop> {
        let Some(number) = self.meet(number)? else {
            return Ok(None);
        };
        match self.history.past.get(&number) {
            Some(Past::Timer { until: recorded, fired }) => {
                same_time(*recorded, until, number)?;
                Ok(Some(*fired))
            }
            _ => Err(diverged(number)),
        }
    }

    async fn wait_live(&mut self, number: u32, until: Timestamp, set: bool) -> Result<(), Halt> {
        let left = Duration::try_from(self.until(until)).unwrap_or_default();
        if left > IN_PLACE {
            if !set {
                self.note(number, Event::Set { until });
                self.flush().await?;
            }
            return Err(Suspend::Timer { number, until }.into());
        }
        // Nothing outside depends on it, so it is written with whatever is written next.
        tokio::time::sleep(left).await;
        self.note(number, Event::Fired { until });
        Ok(())
    }
}
