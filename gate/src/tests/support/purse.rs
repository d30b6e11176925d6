//! A purse with a balance, and a record of what was asked of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{Fuse, Trace};
use crate::{Action, Ask, Purse, PurseError};

/// What an attempt at `/think` or `/dear` costs at worst; everything else is free.
pub(crate) const WORST: u64 = 100;

/// Run, call and attempt.
type Place = (u128, u32, u32);
/// What was set aside, and what was paid.
type Account = (u64, Option<u64>);

pub(crate) struct FakePurse {
    pub(crate) balance: Mutex<u64>,
    pub(crate) broken: Mutex<bool>,
    accounts: Mutex<BTreeMap<Place, Account>>,
    trace: Trace,
    fuse: Arc<Fuse>,
}

impl FakePurse {
    pub(crate) fn new(trace: &Trace, fuse: &Arc<Fuse>) -> Self {
        Self {
            balance: Mutex::new(u64::MAX / 2),
            broken: Mutex::new(false),
            accounts: Mutex::default(),
            trace: Arc::clone(trace),
            fuse: Arc::clone(fuse),
        }
    }

    fn set_aside(&self, ask: &Ask<'_>) -> Result<u64, PurseError> {
        if *self.broken.lock().unwrap() {
            return Err(PurseError::Unavailable("the disk is full".to_owned()));
        }
        let worst = match ask.action {
            Action::Http(http) if matches!(http.path(), "/think" | "/dear") => WORST,
            _ => ask.worst.unwrap_or(0),
        };
        let mut accounts = self.accounts.lock().unwrap();
        if !accounts.contains_key(&place(ask)) {
            let used: u64 = accounts.values().map(|(held, paid)| paid.unwrap_or(*held)).sum();
            if used + worst > *self.balance.lock().unwrap() {
                return Err(PurseError::Exceeded(
                    "the tenant's budget is used up; raise it".to_owned(),
                ));
            }
            accounts.insert(place(ask), (worst, None));
        }
        Ok(worst)
    }

    fn pay(&self, ask: &Ask<'_>, spent: u64) {
        let mut accounts = self.accounts.lock().unwrap();
        accounts.entry(place(ask)).or_insert((0, None)).1.get_or_insert(spent);
    }

    /// What was paid in all.
    pub(crate) fn paid(&self) -> u64 {
        self.accounts
            .lock()
            .unwrap()
            .values()
            .filter_map(|(_, paid)| *paid)
            .sum()
    }

    /// What is set aside and not paid.
    pub(crate) fn held(&self) -> u64 {
        self.accounts
            .lock()
            .unwrap()
            .values()
            .filter(|(_, paid)| paid.is_none())
            .map(|(held, _)| *held)
            .sum()
    }
}

fn place(ask: &Ask<'_>) -> Place {
    (ask.run.run.as_u128(), ask.number, ask.attempt)
}

#[async_trait]
impl Purse for FakePurse {
    async fn reserve(&self, ask: &Ask<'_>) -> Result<u64, PurseError> {
        self.fuse.pass("before reserve").await;
        self.trace.lock().unwrap().push(format!("reserve {}", ask.attempt));
        let reserved = self.set_aside(ask);
        self.fuse.pass("after reserve").await;
        reserved
    }

    async fn settle(&self, ask: &Ask<'_>, spent: u64) {
        self.fuse.pass("before settle").await;
        self.trace
            .lock()
            .unwrap()
            .push(format!("settle {}={spent}", ask.attempt));
        self.pay(ask, spent);
        self.fuse.pass("after settle").await;
    }
}
