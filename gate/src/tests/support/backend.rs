//! A backend that does what its script says and remembers what reached it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{Fuse, Trace};
use crate::call::body::Body;
use crate::call::http::{Headers, HttpReply};
use crate::{Action, Backend, Carried, Cleared, Failure, Reply};

/// What the backend does with one sending.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// Acts and answers with this status and body.
    Answer(u16, Vec<u8>),
    /// Does not act.
    Unreached(Failure),
    /// Acts, and the answer is lost.
    Lost(Failure),
    /// Acts, and never answers.
    Silence,
}

/// One sending that reached the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) number: u32,
    pub(crate) attempt: u32,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) key: Option<String>,
}

pub(crate) struct FakeBackend {
    pub(crate) script: Mutex<VecDeque<Script>>,
    pub(crate) headers: Mutex<Vec<(String, String)>>,
    pub(crate) spent: Mutex<Option<u64>>,
    seen: Mutex<Vec<Seen>>,
    trace: Trace,
    fuse: Arc<Fuse>,
}

impl FakeBackend {
    pub(crate) fn new(trace: &Trace, fuse: &Arc<Fuse>) -> Self {
        Self {
            script: Mutex::default(),
            headers: Mutex::default(),
            spent: Mutex::default(),
            seen: Mutex::default(),
            trace: Arc::clone(trace),
            fuse: Arc::clone(fuse),
        }
    }

    pub(crate) fn will(&self, script: impl IntoIterator<Item = Script>) {
        self.script.lock().unwrap().extend(script);
    }

    /// Sendings on which the service acted.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn act(&self, call: &Cleared) {
        let Action::Http(http) = call.action() else {
            return;
        };
        self.seen.lock().unwrap().push(Seen {
            number: call.number(),
            attempt: call.attempt(),
            method: http.method().to_owned(),
            path: http.path().to_owned(),
            key: call.key().map(|key| format!("{}: {}", key.header, key.value)),
        });
    }

    fn answer(&self, status: u16, body: Vec<u8>) -> Carried {
        Carried {
            reply: Reply::Http(HttpReply {
                status,
                headers: Headers::new(self.headers.lock().unwrap().clone()).unwrap(),
                body: Body::from(body),
            }),
            spent: *self.spent.lock().unwrap(),
        }
    }
}

#[async_trait]
impl Backend for FakeBackend {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        self.fuse.pass("before carry").await;
        self.trace.lock().unwrap().push(format!("carry {}", call.attempt()));
        let script = self.script.lock().unwrap().pop_front();
        let script = script.unwrap_or_else(|| Script::Answer(200, b"done".to_vec()));
        if !matches!(script, Script::Unreached(_)) {
            self.act(call);
        }
        self.fuse.pass("after carry").await;
        match script {
            Script::Answer(status, body) => Ok(self.answer(status, body)),
            Script::Unreached(failure) | Script::Lost(failure) => Err(failure),
            Script::Silence => std::future::pending().await,
        }
    }
}
