//! Connections of a registry that may end them as no server should.

use std::convert::Infallible;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::answer::Answer;
use super::{Asked, Record};
use crate::server::Certificate;

/// How a connection ends once HTTP is done with it.
#[derive(Debug, Default)]
enum End {
    #[default]
    InOrder,
    Reset,
    Raw(Bytes),
}

/// There is no answer of HTTP.
#[derive(Debug, thiserror::Error)]
#[error("not answered")]
struct Unanswered;

type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Unanswered>> + Send>>;

pub(super) async fn accept(listener: TcpListener, certificate: Option<Certificate>, record: Arc<Record>) {
    while let Ok((stream, _)) = listener.accept().await {
        record.connections.fetch_add(1, Ordering::SeqCst);
        let record = Arc::clone(&record);
        match &certificate {
            None => drop(tokio::spawn(plain(stream, record))),
            Some(certificate) => {
                let handshake = certificate.accept(stream);
                tokio::spawn(async move {
                    if let Ok(stream) = handshake.await {
                        serve(stream, record).await;
                    }
                });
            }
        }
    }
}

async fn plain(stream: TcpStream, record: Arc<Record>) {
    let (mut stream, end) = serve(stream, record).await;
    // What fails here is what was wanted: the client has gone.
    let _gone = match end {
        End::InOrder => Ok(()),
        End::Reset => stream.set_zero_linger(),
        End::Raw(bytes) => stream.write_all(&bytes).await,
    };
}

/// One request of one connection.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: S, record: Arc<Record>) -> (S, End) {
    let end = Arc::new(Mutex::new(End::default()));
    let ordered = Arc::clone(&end);
    let service = service_fn(move |request| answer(&request, &record, Arc::clone(&ordered)));
    let mut http = http1::Builder::new();
    let mut connection = http.keep_alive(false).serve_connection(TokioIo::new(stream), service);
    let _ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    let end = std::mem::take(&mut *end.lock().unwrap_or_else(PoisonError::into_inner));
    (stream, end)
}

fn answer(request: &Request<Incoming>, record: &Record, end: Arc<Mutex<End>>) -> Answering {
    let authorization = request.headers().get(AUTHORIZATION);
    let authorization = authorization.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let asked = Asked {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
        nth: 0,
    };
    let made = record.answer(asked, authorization.unwrap_or_default());
    Box::pin(async move {
        let order = |wanted| *end.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
        match made {
            Answer::Http(response) => Ok(response),
            Answer::Reset(response) => {
                order(End::Reset);
                response.ok_or(Unanswered)
            }
            Answer::Raw(bytes) => {
                order(End::Raw(bytes));
                Err(Unanswered)
            }
            Answer::Silence => match pending::<Infallible>().await {},
        }
    })
}
