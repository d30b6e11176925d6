//! What no program should do.

use crate::bindings::wasi::http::outgoing_handler::handle;
use crate::bindings::wasi::http::types::{
    Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, OutgoingResponse, Scheme, http_error_code,
};
use crate::bindings::wasi::io::streams::StreamError;
use crate::client::{BINDING, get, name, request, request_with, wait, write};

pub(crate) fn thousand() -> String {
    let futures: Vec<_> = (0..1000).map(|number| get(&format!("/{number}"))).collect();
    wait(&futures[0])
}

pub(crate) fn write_more() -> String {
    let request = request(Method::Put, "/never");
    let body = request.body().unwrap();
    let future = handle(request, None).unwrap();
    let written = write(&body, &vec![b'x'; (1 << 20) + 1]).unwrap_err();
    let finished = OutgoingBody::finish(body, None).unwrap_err();
    format!("{}; {}; {}", told(&written), name(&finished), wait(&future))
}

pub(crate) fn hoard() -> String {
    let mut kept = Vec::new();
    loop {
        let request = request(Method::Put, "/never");
        let body = request.body().unwrap();
        if write(&body, &vec![b'x'; 1 << 20]).is_err() {
            return format!("{} bodies of 1 MiB fit", kept.len());
        }
        kept.push((request, body));
    }
}

pub(crate) fn hoard_replies() -> String {
    let mut kept: Vec<IncomingResponse> = Vec::new();
    loop {
        let future = get("/large");
        future.subscribe().block();
        match future.get().unwrap().unwrap() {
            Ok(response) => kept.push(response),
            Err(code) => return format!("{} replies of 8 MiB fit: {}", kept.len(), name(&code)),
        }
    }
}

pub(crate) fn large_headers() -> String {
    let headers = Fields::new();
    for number in 0..70 {
        headers.append(&format!("x-{number}"), &[b'x'; 1024]).unwrap();
    }
    "too many fit".to_owned()
}

pub(crate) fn hoard_headers() -> String {
    let one = Fields::new();
    one.append("x-large", &[b'x'; 60_000]).unwrap();
    let copies: Vec<_> = (0..900).map(|_| one.clone()).collect();
    for copy in &copies {
        // A copy costs nothing before it is changed.
        copy.append("x-own", b"1").unwrap();
    }
    "too many fit".to_owned()
}

pub(crate) fn unfinished() -> String {
    let request = request(Method::Post, "/never");
    let body = request.body().unwrap();
    let future = handle(request, None).unwrap();
    write(&body, b"to be continued").unwrap();
    wait(&future)
}

pub(crate) fn dropped_body() -> String {
    let request = request(Method::Post, "/never");
    drop(request.body().unwrap());
    wait(&handle(request, None).unwrap())
}

pub(crate) fn wrong_length() -> String {
    let with = |length: &[u8]| {
        let headers = Fields::new();
        headers.append("Content-Length", length).unwrap();
        request_with(headers, Method::Post, "/never")
    };
    let short = with(b"10");
    let body = short.body().unwrap();
    write(&body, b"nine.....").unwrap();
    let short = (
        OutgoingBody::finish(body, None).unwrap_err(),
        wait(&handle(short, None).unwrap()),
    );
    let long = with(b"2");
    let body = long.body().unwrap();
    let written = write(&body, b"more than two").is_err();
    let none = handle(with(b"1"), None).unwrap_err();
    let invalid = with(b"+1").body().is_err();
    format!("{} {}; {written}; {}; {invalid}", name(&short.0), short.1, name(&none))
}

pub(crate) fn trailers() -> String {
    let request = request(Method::Post, "/never");
    let body = request.body().unwrap();
    let trailers = Fields::new();
    trailers.append("x-last", b"1").unwrap();
    name(&OutgoingBody::finish(body, Some(trailers)).unwrap_err())
}

pub(crate) fn headers() -> String {
    let fields = Fields::new();
    let mut said = Vec::new();
    for header in ["Host", "connection", "Transfer-Encoding", "not a name", "X-Good"] {
        said.push(format!(
            "{header}: {:?}",
            fields.set(header, &[b"echo.example".to_vec()])
        ));
    }
    said.push(format!("line feed: {:?}", fields.append("x-good", b"a\nb: c")));
    said.push(format!("{:?}", fields.entries().len()));
    let request = request_with(fields, Method::Get, "/");
    said.push(format!("fixed: {:?}", request.headers().delete("x-good")));
    let own = request.headers().clone();
    said.push(format!("copy: {:?} {}", own.delete("x-GOOD"), own.has("x-good")));
    // Not the guest's either, though `fields` take it.
    let fields = Fields::from_list(&[("X-HTTP-Method-Override".to_owned(), b"DELETE".to_vec())]).unwrap();
    let refused = handle(request_with(fields, Method::Post, "/"), None).unwrap_err();
    said.push(name(&refused));
    said.join("\n")
}

pub(crate) fn no_requests() -> String {
    let mut said = Vec::new();
    for path in ["/a/../b", "/a//b", "/%00", "/?_method=DELETE"] {
        let refused = handle(request(Method::Get, path), None).unwrap_err();
        said.push(format!("{path}: {}", name(&refused)));
    }
    for method in [Method::Connect, Method::Trace, Method::Other("get".to_owned())] {
        let refused = handle(request(method.clone(), "/"), None).unwrap_err();
        said.push(format!("{method:?}: {}", name(&refused)));
    }
    let with = |set: &dyn Fn(&OutgoingRequest)| {
        let request = request(Method::Get, "/");
        set(&request);
        name(&handle(request, None).unwrap_err())
    };
    said.push(with(&|request| request.set_authority(None).unwrap()));
    said.push(with(&|request| request.set_authority(Some("user@echo")).unwrap()));
    said.push(with(&|request| {
        request.set_scheme(Some(&Scheme::Other("ftp".to_owned()))).unwrap()
    }));
    let blank = request(Method::Get, "/");
    said.push(format!("{:?}", blank.set_authority(Some("two words"))));
    said.push(format!("{:?}", blank.set_path_with_query(Some(&"/".repeat(9000)))));
    said.push(format!(
        "{:?}",
        blank.set_method(&Method::Other("two words".to_owned()))
    ));
    said.join("\n")
}

pub(crate) fn no_binding() -> String {
    let mut said = Vec::new();
    for (scheme, authority) in [
        (Scheme::Https, "evil.example"),
        (Scheme::Https, "echo.example.evil.example"),
        (Scheme::Https, "echo.example:8443"),
        (Scheme::Http, "echo.example:443"),
        (Scheme::Https, "169.254.169.254"),
        (Scheme::Https, "[::1]"),
        (Scheme::Https, "ECHO.example:443"),
        (Scheme::Http, "Echo:80"),
    ] {
        let request = request(Method::Get, "/found");
        request.set_scheme(Some(&scheme)).unwrap();
        request.set_authority(Some(authority)).unwrap();
        let heard = match handle(request, None) {
            Ok(future) => wait(&future),
            Err(code) => name(&code),
        };
        said.push(format!("{authority}: {heard}"));
    }
    said.join("\n")
}

pub(crate) fn failures() -> String {
    let said = ["/refused", "/lost", "/strange"].map(|path| wait(&get(path)));
    format!("{BINDING}: {}", said.join("; "))
}

pub(crate) fn serve() -> String {
    OutgoingResponse::new(Fields::new());
    "served".to_owned()
}

/// What a stream says of the write that failed.
fn told(error: &StreamError) -> String {
    match error {
        StreamError::Closed => "closed".to_owned(),
        StreamError::LastOperationFailed(error) => {
            http_error_code(error).map_or("unknown".to_owned(), |code| name(&code))
        }
    }
}
