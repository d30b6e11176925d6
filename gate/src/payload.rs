//! What a run asked and was answered, apart from everything that may be read without its keys.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::body::Body;
use crate::call::{Action, Outcome, Reply};

/// Content: JSON, and the large bodies that it names by digest. A journal seals both before they reach a disk.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    json: Vec<u8>,
    attachments: Vec<Attachment>,
}

/// A body too large to stand in a payload's JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// The bytes.
    pub bytes: Bytes,
}

/// A payload cannot be read: its JSON is not what this version writes, or a body is missing or another.
#[derive(Debug, thiserror::Error)]
#[error("a payload cannot be read: {0}")]
pub struct PayloadError(String);

impl Payload {
    /// A payload that comes back from where it was kept.
    pub const fn from_parts(json: Vec<u8>, attachments: Vec<Attachment>) -> Self {
        Self { json, attachments }
    }

    /// The JSON.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// The bodies that the JSON names by digest.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// The same, taken apart.
    pub fn into_parts(self) -> (Vec<u8>, Vec<Attachment>) {
        (self.json, self.attachments)
    }

    /// What a call asked, if this is the payload of a call.
    ///
    /// # Errors
    /// [`PayloadError`] if it is not.
    pub fn action(&self) -> Result<Action, PayloadError> {
        self.open()
    }

    /// How a call ended, if this is the payload of an outcome.
    ///
    /// # Errors
    /// [`PayloadError`] if it is not.
    pub fn outcome(&self) -> Result<Outcome, PayloadError> {
        self.open()
    }

    pub(crate) fn of<T: Bodies + Clone + Serialize>(content: &T) -> Result<Self, PayloadError> {
        let mut content = content.clone();
        let detached = content.bodies_mut().into_iter().filter_map(Body::detach);
        let mut attachments: Vec<Attachment> = detached.map(|(sha256, bytes)| Attachment { sha256, bytes }).collect();
        attachments.sort_by_key(|attachment| attachment.sha256);
        attachments.dedup_by_key(|attachment| attachment.sha256);
        let json = serde_json::to_vec(&content).map_err(PayloadError::because)?;
        Ok(Self { json, attachments })
    }

    /// The payload of a question to a model that brings no bodies, from its JSON.
    pub(crate) fn of_model(question: &[u8]) -> Self {
        Self {
            json: [br#"{"model":"#, question, b"}"].concat(),
            attachments: Vec::new(),
        }
    }

    fn open<T: Bodies + DeserializeOwned>(&self) -> Result<T, PayloadError> {
        let mut content: T = serde_json::from_slice(&self.json).map_err(PayloadError::because)?;
        for body in content.bodies_mut() {
            if let Some(sha256) = body.missing() {
                *body = self.whole(sha256)?;
            }
        }
        Ok(content)
    }

    fn whole(&self, sha256: [u8; 32]) -> Result<Body, PayloadError> {
        let kept = self.attachments.iter().find(|kept| kept.sha256 == sha256);
        let whole = kept
            .map(|kept| Body::from(kept.bytes.clone()))
            .filter(|whole| whole.sha256() == sha256);
        whole.ok_or_else(|| PayloadError::because("a body is missing"))
    }
}

impl PayloadError {
    fn because(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// Content shows nowhere by accident.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Payload({} bytes, {} attachments)",
            self.json.len(),
            self.attachments.len()
        )
    }
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({} bytes)", self.bytes.len())
    }
}

/// Where a message keeps bytes that may be large.
pub(crate) trait Bodies {
    fn bodies_mut(&mut self) -> Vec<&mut Body>;
}

impl Bodies for Action {
    fn bodies_mut(&mut self) -> Vec<&mut Body> {
        match self {
            Self::Http(call) => vec![call.body_mut()],
            Self::Model(call) => call.bodies_mut(),
        }
    }
}

impl Bodies for Outcome {
    fn bodies_mut(&mut self) -> Vec<&mut Body> {
        match self {
            Self::Reply(Reply::Http(reply)) => vec![&mut reply.body],
            Self::Reply(Reply::Model(reply)) => reply.body_mut().into_iter().collect(),
            Self::Refused(_) | Self::Failed(_) => Vec::new(),
        }
    }
}
