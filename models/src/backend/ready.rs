//! A backend with its request written: whether a model can take a question is found by writing it down, and most are sent.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use gate::call::model::ModelCall;
use gate::{Action, Backend, Carried, Cleared, Failure};

use super::{ModelBackend, asked};
use crate::dialect::{Unfit, Wire};

/// A backend, and what it sends for one call.
pub(super) struct Ready {
    backend: Arc<ModelBackend>,
    call: ModelCall,
    /// Nothing once it was sent.
    wire: Mutex<Option<Wire>>,
}

impl Ready {
    /// Writes the request.
    ///
    /// # Errors
    /// [`Unfit`] where the backend cannot take the question.
    pub(super) fn new(backend: Arc<ModelBackend>, call: &ModelCall) -> Result<Self, Unfit> {
        let wire = backend.wire(call.ask())?;
        Ok(Self {
            backend,
            call: call.clone(),
            wire: Mutex::new(Some(wire)),
        })
    }

    /// What is sent for a call that was cleared: what was written, if it was for this very call.
    fn written(&self, asked: &ModelCall) -> Option<Wire> {
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        wire.take_if(|_| self.call.is_copy_of(asked))
    }
}

#[async_trait]
impl Backend for Ready {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        match self.written(asked(call)?) {
            Some(wire) => self.backend.send(wire, call).await,
            None => self.backend.carry(call).await,
        }
    }

    fn worst(&self, action: &Action) -> Option<u64> {
        self.backend.worst(action)
    }

    fn model(&self) -> Option<(&str, &str)> {
        self.backend.model()
    }
}
