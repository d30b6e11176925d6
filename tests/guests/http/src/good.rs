//! What ordinary programs do.

use crate::bindings::wasi::clocks::monotonic_clock::{now, subscribe_duration};
use crate::bindings::wasi::http::outgoing_handler::handle;
use crate::bindings::wasi::http::types::{IncomingBody, Method, OutgoingBody};
use crate::bindings::wasi::io::poll::poll;
use crate::client::{get, read, request, seen, wait, write};

const MILLISECOND: u64 = 1_000_000;

pub(crate) fn write_before() -> String {
    let request = request(Method::Post, "/before");
    let body = request.body().unwrap();
    write(&body, b"written before").unwrap();
    OutgoingBody::finish(body, None).unwrap();
    wait(&handle(request, None).unwrap())
}

pub(crate) fn write_after() -> String {
    let request = request(Method::Post, "/after");
    let body = request.body().unwrap();
    let future = handle(request, None).unwrap();
    write(&body, b"written after").unwrap();
    OutgoingBody::finish(body, None).unwrap();
    wait(&future)
}

pub(crate) fn write_most() -> String {
    let request = request(Method::Put, "/most");
    let body = request.body().unwrap();
    let future = handle(request, None).unwrap();
    write(&body, &vec![b'x'; 1 << 20]).unwrap();
    OutgoingBody::finish(body, None).unwrap();
    wait(&future)
}

pub(crate) fn two() -> String {
    let request = request(Method::Post, "/first");
    let body = request.body().unwrap();
    let (first, second) = (handle(request, None).unwrap(), get("/second"));
    write(&body, b"late").unwrap();
    OutgoingBody::finish(body, None).unwrap();
    let pollables = [first.subscribe(), second.subscribe()];
    let once = poll(&[&pollables[0], &pollables[1]]);
    pollables[1].block();
    let then = poll(&[&pollables[0], &pollables[1]]);
    format!("{once:?} then {then:?}: {}; {}", seen(&first), seen(&second))
}

pub(crate) fn race() -> String {
    let (future, timer) = (get("/race"), subscribe_duration(50 * MILLISECOND));
    let reply = future.subscribe();
    let ready = poll(&[&timer, &reply]);
    let at = now() / MILLISECOND;
    format!("{ready:?} at {at}: {}", seen(&future))
}

pub(crate) fn sleep() -> String {
    let future = get("/sleep");
    let timer = subscribe_duration(1000 * MILLISECOND);
    timer.block();
    let at = now() / MILLISECOND;
    format!("awake at {at}: {}", seen(&future))
}

pub(crate) fn dropped() -> String {
    let never = get("/never");
    let pollable = never.subscribe();
    let kept = get("/kept");
    drop(pollable);
    drop(never);
    wait(&kept)
}

pub(crate) fn impatient() -> String {
    let future = get("/impatient");
    let pollable = future.subscribe();
    let early = (0..100).filter(|_| pollable.ready() || future.get().is_some()).count();
    // What is ready without a call comes first.
    let timer = subscribe_duration(0);
    let ready = poll(&[&pollable, &timer]);
    format!("{early} early, {ready:?}, {}: {}", seen(&future), wait(&future))
}

pub(crate) fn splice() -> String {
    let first = get("/source");
    first.subscribe().block();
    let source = first.get().unwrap().unwrap().unwrap().consume().unwrap();
    let from = source.stream().unwrap();
    let request = request(Method::Post, "/sink");
    let body = request.body().unwrap();
    let future = handle(request, None).unwrap();
    let into = body.write().unwrap();
    let mut copied = 0;
    while let Ok(bytes) = into.blocking_splice(&from, 1000) {
        copied += bytes;
    }
    drop((from, into));
    IncomingBody::finish(source);
    OutgoingBody::finish(body, None).unwrap();
    format!("{copied} copied: {}", wait(&future))
}

pub(crate) fn twice() -> String {
    let future = get("/twice");
    future.subscribe().block();
    let response = future.get().unwrap().unwrap().unwrap();
    let again = future.get().unwrap().is_err();
    let headers = response.headers();
    let number = String::from_utf8(headers.get("X-NUMBER").remove(0)).unwrap();
    let fixed = headers.append("x-own", b"1").is_err();
    let connection = headers.has("connection");
    let body = response.consume().unwrap();
    let consumed = response.consume().is_err();
    let stream = body.stream().unwrap();
    let streamed = body.stream().is_err();
    let read = stream.read(4).unwrap();
    let skipped = stream.skip(u64::MAX).unwrap();
    let closed = stream.read(1).is_err();
    drop(stream);
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    let none = matches!(trailers.get(), Some(Ok(Ok(None))));
    let trailed = matches!(trailers.get(), Some(Err(())));
    format!(
        "{number} {again} {fixed} {connection} {consumed} {streamed} {} {skipped} {closed} {none} {trailed}",
        read.len()
    )
}

pub(crate) fn many() -> String {
    let futures: Vec<_> = (0..200).map(|number| get(&format!("/{number}"))).collect();
    let pollables: Vec<_> = futures.iter().map(|future| future.subscribe()).collect();
    let mut left: Vec<usize> = (0..200).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waiting: Vec<_> = left.iter().map(|index| &pollables[*index]).collect();
        let ready: Vec<usize> = poll(&waiting).into_iter().map(|at| left[at as usize]).collect();
        left.retain(|index| !ready.contains(index));
        order.extend(ready);
    }
    let whole = futures
        .iter()
        .filter(|future| read(future.get().unwrap().unwrap().unwrap()).starts_with("GET /"));
    let sorted = order.is_sorted();
    format!("{} of {}, in order: {sorted}", whole.count(), order.len())
}

pub(crate) fn last_of_many() -> String {
    let futures: Vec<_> = (0..900).map(|number| get(&format!("/{number}"))).collect();
    wait(&futures[899])
}
