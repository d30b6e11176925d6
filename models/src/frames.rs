//! The bytes of a streamed body, however they are cut, become the events that it is made of.

mod amazon;
mod server;

#[cfg(test)]
mod tests;

use gate::Failure;

use crate::dialect::{Event, Framing};
use crate::trouble::malformed;
use amazon::Amazon;
use server::ServerSent;

/// The most bytes of one event, comments before it included.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Takes the bytes of one body in order and gives its events.
pub struct Frames(Form);

enum Form {
    ServerSent(ServerSent),
    Amazon(Amazon),
}

impl Frames {
    /// Of a body in this framing; nothing for one that is no stream.
    pub fn new(framing: Framing) -> Option<Self> {
        match framing {
            Framing::Whole => None,
            Framing::ServerSent => Some(Self(Form::ServerSent(ServerSent::default()))),
            Framing::Amazon => Some(Self(Form::Amazon(Amazon::default()))),
        }
    }

    /// The events that are complete with these bytes.
    ///
    /// # Errors
    /// [`crate::trouble::MALFORMED`] for what is no such stream, and for an event of more than [`LARGEST`] bytes. The
    /// rest of the body means nothing then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, Failure> {
        match &mut self.0 {
            Form::ServerSent(decoder) => decoder.push(bytes),
            Form::Amazon(decoder) => decoder.push(bytes),
        }
    }

    /// The body has ended.
    ///
    /// # Errors
    /// [`crate::trouble::cut`] where it ended within a frame. Server-sent events have no such end: what is not complete
    /// is dropped (HTML, 9.2.6), and the dialect misses it.
    pub fn finish(self) -> Result<(), Failure> {
        match self.0 {
            Form::ServerSent(_) => Ok(()),
            Form::Amazon(decoder) => decoder.finish(),
        }
    }
}

fn too_large() -> Failure {
    malformed(format_args!("an event of more than {LARGEST} bytes"))
}
