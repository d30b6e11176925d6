//! Connections that a next request may use.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Connection, Origin};
use crate::resolve::Judged;
use crate::target::Target;

/// Most connections that one client keeps.
const KEPT: usize = 4;

/// What one client keeps open. No other client sees it.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Duration,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The oldest first, each with its number.
    connections: Vec<(u64, Connection)>,
    next: u64,
}

impl Pool {
    pub(crate) const fn new(idle: Duration) -> Self {
        let kept = Kept {
            connections: Vec::new(),
            next: 0,
        };
        Self {
            idle,
            kept: Mutex::new(kept),
        }
    }

    /// The newest connection that leads where this request goes, to an address that was judged for it.
    pub(crate) fn take(&self, target: &Target, judged: &Judged) -> Option<Connection> {
        let origin = Origin::of(target);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.connections.retain(|(_, connection)| connection.sender.is_ready());
        let found = kept.connections.iter().rposition(|(_, connection)| {
            connection.origin == origin && judged.addresses().contains(&connection.peer)
        })?;
        Some(kept.connections.remove(found).1)
    }

    /// Keeps a connection whose reply was read to its end, for a while.
    pub(crate) fn keep(self: &Arc<Self>, mut connection: Connection) {
        if self.idle.is_zero() {
            return;
        }
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            // It is ready once the other side's last byte was read, and closed if that side wants no more.
            if connection.sender.ready().await.is_err() {
                return;
            }
            let Some(there) = pool.upgrade() else { return };
            let (number, idle) = (there.put(connection), there.idle);
            drop(there);
            tokio::time::sleep(idle).await;
            if let Some(there) = pool.upgrade() {
                there.remove(number);
            }
        });
    }

    fn put(&self, connection: Connection) -> u64 {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let number = kept.next;
        kept.next += 1;
        kept.connections.push((number, connection));
        if kept.connections.len() > KEPT {
            kept.connections.remove(0);
        }
        number
    }

    fn remove(&self, number: u64) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.connections.retain(|(each, _)| *each != number);
    }
}
