//! Payloads between the gate and the store: sealed for their place in their run, and opened only there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use gate::journal::Entry;
use gate::{Attachment, JournalError, Payload, Record};

use super::unopened;
use crate::runs::record::about;
use crate::seal::{DataKey, OpenError, Sealed};
use crate::store::{JournalBody, JournalId, JournalRow};

/// The key of one run, and whose it is.
pub(super) struct Sealing<'a> {
    key: &'a DataKey,
    pub(super) id: &'a JournalId,
}

/// A record whose large bodies are still missing.
pub(super) struct Framed {
    entry: Entry,
    call: Option<Frame>,
    outcome: Option<Frame>,
}

/// What is sealed of a payload: the digests of its large bodies, and its JSON.
struct Frame {
    bodies: Vec<[u8; 32]>,
    json: Vec<u8>,
}

pub(super) fn names_bodies(framed: &Framed) -> bool {
    framed.frames().any(|frame| !frame.bodies.is_empty())
}

impl<'a> Sealing<'a> {
    pub(super) const fn new(key: &'a DataKey, id: &'a JournalId) -> Self {
        Self { key, id }
    }

    /// The records, sealed for the places from `from` on.
    pub(super) fn rows(&self, from: u64, records: &[Record]) -> Vec<JournalRow> {
        let seal = |place, part, payload: &Payload| self.key.seal(&self.about(place, part), &Frame::write(payload));
        records
            .iter()
            .zip(from..)
            .map(|(record, place)| JournalRow {
                entry: record.entry.clone(),
                call: record.call.as_ref().map(|payload| seal(place, "call", payload)),
                outcome: record.outcome.as_ref().map(|payload| seal(place, "outcome", payload)),
            })
            .collect()
    }

    /// The large bodies of the records, each once.
    pub(super) fn bodies(&self, records: &[Record]) -> Arc<[JournalBody]> {
        let payloads = records
            .iter()
            .flat_map(|record| record.call.iter().chain(&record.outcome));
        let named: BTreeMap<_, _> = payloads
            .flat_map(Payload::attachments)
            .map(|body| (body.sha256, &body.bytes))
            .collect();
        named
            .into_iter()
            .map(|(sha256, bytes)| {
                let name = self.name(&sha256);
                let bytes = self.key.seal(&self.about_body(&name), bytes);
                JournalBody { name, bytes }
            })
            .collect()
    }

    /// Opens records of the places from `from` on.
    pub(super) fn open_rows(&self, from: u64, rows: Vec<JournalRow>) -> Result<Vec<Framed>, JournalError> {
        let open = |place, part, sealed: Option<Sealed>| {
            let opened = sealed.map(|sealed| Frame::read(&self.key.open(&self.about(place, part), sealed)?));
            opened.transpose().map_err(unopened)
        };
        rows.into_iter()
            .zip(from..)
            .map(|(row, place)| {
                Ok(Framed {
                    entry: row.entry,
                    call: open(place, "call", row.call)?,
                    outcome: open(place, "outcome", row.outcome)?,
                })
            })
            .collect()
    }

    /// Puts the bodies where they are named.
    pub(super) fn join(&self, framed: Vec<Framed>, bodies: Vec<JournalBody>) -> Result<Vec<Record>, JournalError> {
        let mut sealed: HashMap<_, _> = bodies.into_iter().map(|body| (body.name, body.bytes)).collect();
        let mut opened: HashMap<[u8; 32], Bytes> = HashMap::new();
        for sha256 in framed.iter().flat_map(Framed::frames).flat_map(|frame| &frame.bodies) {
            if opened.contains_key(sha256) {
                continue;
            }
            let name = self.name(sha256);
            let body = sealed.remove(&name).ok_or_else(|| unopened(OpenError))?;
            let bytes = self.key.open(&self.about_body(&name), body).map_err(unopened)?;
            opened.insert(*sha256, bytes.into());
        }
        let whole = |frame: Option<Frame>| frame.map(|frame| frame.whole(&opened));
        let records = framed.into_iter().map(|framed| Record {
            entry: framed.entry,
            call: whole(framed.call),
            outcome: whole(framed.outcome),
        });
        Ok(records.collect())
    }

    fn about(&self, place: u64, part: &str) -> String {
        about(&self.id.tenant, self.id.run, &format!("journal/{place}/{part}"))
    }

    fn about_body(&self, name: &[u8; 32]) -> String {
        let kind = format!("journal/body/{}", hex::encode(name));
        about(&self.id.tenant, self.id.run, &kind)
    }

    fn name(&self, sha256: &[u8; 32]) -> [u8; 32] {
        let place = about(&self.id.tenant, self.id.run, "journal/body");
        self.key.commitment(&place, sha256)
    }
}

impl Framed {
    fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.call.iter().chain(&self.outcome)
    }
}

impl Frame {
    /// How many bodies in four bytes, their digests, the JSON.
    fn write(payload: &Payload) -> Vec<u8> {
        let bodies = payload.attachments();
        let count = u32::try_from(bodies.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(4 + 32 * bodies.len() + payload.json().len());
        bytes.extend_from_slice(&count.to_be_bytes());
        for body in bodies {
            bytes.extend_from_slice(&body.sha256);
        }
        bytes.extend_from_slice(payload.json());
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Self, OpenError> {
        let (count, rest) = bytes.split_first_chunk::<4>().ok_or(OpenError)?;
        let size = usize::try_from(u32::from_be_bytes(*count))
            .ok()
            .and_then(|count| count.checked_mul(32));
        let (digests, json) = size.and_then(|size| rest.split_at_checked(size)).ok_or(OpenError)?;
        Ok(Self {
            bodies: digests.as_chunks::<32>().0.to_vec(),
            json: json.to_vec(),
        })
    }

    fn whole(self, opened: &HashMap<[u8; 32], Bytes>) -> Payload {
        let attachments = self.bodies.into_iter().filter_map(|sha256| {
            let bytes = opened.get(&sha256)?.clone();
            Some(Attachment { sha256, bytes })
        });
        Payload::from_parts(self.json, attachments.collect())
    }
}
