//! Where answers come from: the records, or the live double that they are recorded from.

use std::net::SocketAddr;

use crate::backends::Row;
use crate::front::{Front, Source};
use crate::tape::{Exchange, Tape};

/// The double's address, where one is running.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct World {
    pub(crate) live: Option<SocketAddr>,
}

/// One case of a backend.
pub(crate) struct Scene {
    world: World,
    tape: Tape,
}

impl World {
    /// A case of a backend.
    pub(crate) fn scene(self, row: &Row, case: &str) -> Scene {
        Scene {
            tape: Tape::of(&row.name, case, self.live.is_some()),
            world: self,
        }
    }
}

impl Scene {
    /// A front that answers one run of the case.
    pub(crate) async fn front(&self, run: &str) -> Front {
        let source = match self.world.live {
            Some(double) => Source::Live(double),
            None => Source::Record(self.tape.run(run).to_vec()),
        };
        Front::start(source).await
    }

    /// Ends a run: what was asked was as recorded, or is from now on.
    pub(crate) async fn end(&mut self, run: &str, front: Front) -> Vec<Exchange> {
        let exchanges = front.finish().await;
        if self.world.live.is_some() && !exchanges.is_empty() {
            self.tape.keep(run, exchanges.clone());
        }
        exchanges
    }

    /// Writes what was recorded.
    pub(crate) fn close(self) {
        if self.world.live.is_some() {
            self.tape.write();
        }
    }
}
