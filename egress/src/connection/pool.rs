//! Connections that a next request may use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

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
    /// The oldest first, each since when.
    connections: Vec<(Instant, Connection)>,
    /// Whether a task watches their age.
    watched: bool,
}

impl Pool {
    pub(crate) const fn new(idle: Duration) -> Self {
        let kept = Kept {
            connections: Vec::new(),
            watched: false,
        };
        Self {
            idle,
            kept: Mutex::new(kept),
        }
    }

    /// The newest connection that leads where this request goes, to an address that was judged for it.
    pub(crate) fn take(&self, target: &Target, judged: &Judged) -> Option<Connection> {
        let origin = Origin::of(target);
        let mut kept = self.kept();
        kept.connections
            .retain(|(since, connection)| since.elapsed() < self.idle && connection.sender.is_ready());
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
            if let (true, Some(pool)) = (connection.is_free().await, pool.upgrade()) {
                pool.put(connection);
            }
        });
    }

    fn put(self: &Arc<Self>, connection: Connection) {
        let mut kept = self.kept();
        kept.connections.push((Instant::now(), connection));
        if kept.connections.len() > KEPT {
            kept.connections.remove(0);
        }
        if !std::mem::replace(&mut kept.watched, true) {
            tokio::spawn(watch(Arc::downgrade(self), self.idle));
        }
    }

    /// Closes what nobody used for long, and says whether anything is left.
    fn close_old(&self) -> bool {
        let mut kept = self.kept();
        kept.connections.retain(|(since, _)| since.elapsed() < self.idle);
        kept.watched = !kept.connections.is_empty();
        kept.watched
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn watch(pool: Weak<Pool>, idle: Duration) {
    loop {
        tokio::time::sleep(idle).await;
        let left = pool.upgrade().is_some_and(|pool| pool.close_old());
        if !left {
            return;
        }
    }
}
