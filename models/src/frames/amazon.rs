//! `application/vnd.amazon.eventstream`: frames with a length, headers and two checksums.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message;
use bytes::BytesMut;
use gate::Failure;
use serde_json::json;

use super::{LARGEST, too_large};
use crate::dialect::Event;
use crate::trouble::{cut, malformed};

#[derive(Default)]
pub(super) struct Amazon {
    decoder: MessageFrameDecoder,
    held: BytesMut,
    /// Whether the decoder took the start of a frame out of what is held.
    within: bool,
}

impl Amazon {
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, Failure> {
        self.held.extend_from_slice(bytes);
        let mut events = Vec::new();
        loop {
            self.refuse_large()?;
            let before = self.held.len();
            match self.decoder.decode_frame(&mut self.held).map_err(malformed)? {
                DecodedFrame::Complete(message) => {
                    self.within = false;
                    events.push(event(&message)?);
                }
                DecodedFrame::Incomplete => {
                    self.within |= self.held.len() < before;
                    return Ok(events);
                }
            }
        }
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.within || !self.held.is_empty() {
            return Err(cut());
        }
        Ok(())
    }

    /// The decoder knows no cap and sees only at the end that a frame was none: a page of HTML is one of a gigabyte to it.
    fn refuse_large(&self) -> Result<(), Failure> {
        match self.held.first_chunk() {
            Some(length) if !self.within && u64::from(u32::from_be_bytes(*length)) > LARGEST as u64 => Err(too_large()),
            _ => Ok(()),
        }
    }
}

fn event(message: &Message) -> Result<Event, Failure> {
    let header = |name: &str| {
        let found = message.headers().iter().find(|header| header.name().as_str() == name);
        found
            .and_then(|header| header.value().as_string().ok())
            .map(|text| text.as_str().to_owned())
    };
    let (exception, name) = match header(":message-type").as_deref() {
        Some("event") => (false, header(":event-type")),
        Some("exception") => (true, header(":exception-type")),
        Some("error") => (true, header(":error-code")),
        other => return Err(malformed(format_args!("a frame of type {other:?}"))),
    };
    let data = match header(":error-message") {
        Some(message) => json!({ "message": message }).to_string().into_bytes(),
        None => message.payload().to_vec(),
    };
    Ok(Event { name, exception, data })
}
