//! A model that says what a test tells it to, when it tells it.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender, channel};

type Piece = io::Result<Bytes>;

/// Each question gets the next answer.
#[derive(Clone, Default)]
pub(super) struct Model(Arc<Mutex<VecDeque<Receiver<Piece>>>>);

/// An answer while it is given.
pub(super) struct Answer(Sender<Piece>);

impl Model {
    /// What the next question is answered, after those before.
    pub(super) fn answers(&self) -> Answer {
        let (sender, receiver) = channel(8);
        self.0.lock().unwrap().push_back(receiver);
        Answer(sender)
    }

    pub(super) fn router(&self) -> Router {
        let model = self.clone();
        Router::new().fallback(move || async move { model.answer() })
    }

    fn answer(&self) -> Response {
        let answer = self.0.lock().unwrap().pop_front().expect("nobody said what to answer");
        let pieces = stream::unfold(answer, async |mut answer| Some((answer.recv().await?, answer)));
        ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(pieces)).into_response()
    }
}

impl Answer {
    /// Says more, as Chat Completions do.
    pub(super) async fn says(&self, text: &str) {
        self.chunk(&json!({"index": 0, "delta": {"content": text}, "finish_reason": null}))
            .await;
    }

    /// Says that this was all.
    pub(super) async fn ends(self) {
        self.chunk(&json!({"index": 0, "delta": {}, "finish_reason": "stop"}))
            .await;
        self.send(Ok(Bytes::from_static(b"data: [DONE]\n\n"))).await;
    }

    /// Breaks the connection.
    pub(super) async fn breaks(self) {
        self.send(Err(io::ErrorKind::ConnectionReset.into())).await;
    }

    async fn chunk(&self, choice: &serde_json::Value) {
        let chunk =
            json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "llama", "choices": [choice]});
        self.send(Ok(format!("data: {chunk}\n\n").into())).await;
    }

    async fn send(&self, piece: Piece) {
        self.0.send(piece).await.unwrap();
    }
}
