//! The accept loop. It is our own, because each connection needs limits that a framework's loop does not set.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::catch_panic::{CatchPanic, CatchPanicLayer, ResponseForPanic};
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::{Trace, TraceLayer};

use crate::api::Problem;

/// The largest head of a request, in bytes.
const HEAD_MOST: usize = 32 << 10;

/// The most headers of a request.
const HEADERS_MOST: usize = 64;

/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// The connections of a host.
pub(super) struct Connections {
    places: Arc<Semaphore>,
    most: u32,
    head: Duration,
}

/// What answers every request: the API and the registry as one router, where a panic is an answer.
pub(super) type Answering = Trace<CatchPanic<Router, Panicked>, HttpErrors>;

type HttpErrors = SharedClassifier<ServerErrorsAsFailures>;

/// Puts the API and the registry together.
pub(super) fn answering(api: Router, registry: Router) -> Answering {
    ServiceBuilder::new()
        .layer(TraceLayer::new_for_http())
        .layer(CatchPanicLayer::custom(Panicked))
        .service(api.merge(registry))
}

impl Connections {
    pub(super) fn new(most: u32, head: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(most as usize)),
            most,
            head,
        }
    }

    /// Takes connections until it is stopped. Beyond the most that may be open, the system's queue holds them.
    pub(super) async fn accept(&self, listener: TcpListener, answering: Answering, stop: &CancellationToken) {
        loop {
            let place = tokio::select! {
                () = stop.cancelled() => return,
                place = Arc::clone(&self.places).acquire_owned() => place,
            };
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            // The semaphore is never closed.
            let Ok(place) = place else { return };
            match accepted {
                Ok((stream, _)) => drop(tokio::spawn(attend(
                    stream,
                    answering.clone(),
                    stop.clone(),
                    self.head,
                    place,
                ))),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a connection is not accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Waits until all connections are closed.
    pub(super) async fn closed(&self) {
        drop(self.places.acquire_many(self.most).await);
    }
}

async fn attend(
    stream: TcpStream,
    answering: Answering,
    stop: CancellationToken,
    head: Duration,
    place: OwnedSemaphorePermit,
) {
    // Small answers must not wait for more; where it cannot be set, they are only slower.
    drop(stream.set_nodelay(true));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_header_size(HEAD_MOST)
        .max_headers(HEADERS_MOST)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(answering));
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = &mut connection => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke off");
    }
    drop(place);
}

/// Answers where a panic ended the work on a request.
#[derive(Clone, Copy)]
pub(super) struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no words");
        tracing::error!(panic = text, "a request ended in a panic");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the host failed; its log says why",
        )
        .into_response()
    }
}
