//! `outgoing-handler`: a request is numbered and kept, and goes out when the guest waits.

use std::collections::BTreeMap;

use gate::call::body::Body;
use gate::call::http::{Headers, HttpCall, HttpCallError};
use gate::{Action, Outcome, Reply};
use http::uri::Authority;
use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::outgoing_handler::Host;
use super::bindings::types::{ErrorCode, Method, Scheme};
use super::body::Gathered;
use super::failure;
use super::fields::Fields;
use super::future::FutureReply;
use super::request::{OutgoingRequest, RequestOptions};
use super::response::IncomingResponse;
use super::room::Room;
use crate::run::LogLevel;
use crate::run::guest::Guest;
use crate::run::limits::RunLimits;

/// What a call is on where no binding has the authority of its URL: no binding can be called so. The gate refuses it, so
/// that the journal tells of it; the name itself is content and stands in the run's log.
const NONE: &str = "?";

/// What the host holds for a guest that uses HTTP.
pub(crate) struct Http {
    pub(super) room: Room,
    /// Calls that are open, by number.
    open: BTreeMap<u32, Open>,
}

/// A request that was handed over and not sent yet.
struct Open {
    /// The handle of its future.
    future: u32,
    request: Judged,
}

/// A request of which everything but the body is known to be good.
struct Judged {
    binding: String,
    method: String,
    target: String,
    headers: Fields,
    body: Option<Gathered>,
}

impl Http {
    pub(crate) fn new(limits: &RunLimits) -> Self {
        Self {
            room: Room::new(limits.request),
            open: BTreeMap::new(),
        }
    }

    /// Whether a call waits for the guest to finish its body.
    pub(crate) fn is_open(&self) -> bool {
        let mut bodies = self.open.values().filter_map(|open| open.request.body.as_ref());
        bodies.any(Gathered::is_open)
    }

    pub(super) fn forget(&mut self, number: u32) {
        self.open.remove(&number);
    }

    /// The call of the lowest number that can go out. It is not open any more.
    fn next(&mut self) -> Option<(u32, Open)> {
        let whole = |open: &Open| open.request.body.as_ref().is_none_or(Gathered::is_whole);
        let (number, _) = self.open.iter().find(|(_, open)| whole(open))?;
        let number = *number;
        self.open.remove_entry(&number)
    }
}

impl Guest {
    pub(super) fn http(&mut self) -> &mut Http {
        self.http.get_or_insert_with(|| Box::new(Http::new(&self.limits)))
    }

    /// Makes the open call of the lowest number whose body is whole, and moves the clock to its end; whether there was
    /// one.
    pub(crate) async fn call_http(&mut self, fuel: u64) -> Result<bool> {
        let Some((number, open)) = self.http.as_mut().and_then(|http| http.next()) else {
            return Ok(false);
        };
        let binding = open.request.binding.clone();
        let reply = match open.request.call() {
            Ok(call) => {
                let action = Action::Http(call);
                let returned = self.way_out.call(number, fuel, binding.clone(), action).await?;
                self.clock.move_to(returned.at);
                self.read(&binding, returned.outcome)
            }
            Err(code) => Err(code),
        };
        self.table
            .get_mut(&Resource::<FutureReply>::new_borrow(open.future))?
            .come(reply);
        Ok(true)
    }

    /// What the guest is told; what it is not told goes to the log.
    fn read(&mut self, binding: &str, outcome: Outcome) -> Result<IncomingResponse, ErrorCode> {
        let (code, told, seen) = match outcome {
            Outcome::Reply(Reply::Http(reply)) => return IncomingResponse::new(&self.http().room, &reply),
            Outcome::Reply(Reply::Model(_)) => return Err(ErrorCode::ConfigurationError),
            Outcome::Refused(refusal) => (refusal.code.clone(), refusal.told.clone(), failure::refused(&refusal)),
            Outcome::Failed(failed) => (failed.code.clone(), failed.told.clone(), failure::failed(&failed)),
        };
        if binding != NONE {
            self.warn(&format!("{binding}: {told} [{code}]"));
        }
        Err(seen)
    }

    /// Judges all of a request but its body. Which binding it goes to is looked up, and nobody is asked.
    fn judge(&self, request: OutgoingRequest) -> Result<Judged, ErrorCode> {
        let authority = authority(&request)?;
        let binding = self.bindings.http(&authority).unwrap_or(NONE);
        if binding == NONE {
            self.warn(&format!(
                "no HTTP binding of this run is called `{authority}` or lists it under `hosts`: declare a binding of \
                 that name, or add the host to one, and grant it to the skill [binding-unknown]"
            ));
        }
        if !self.way_out.is_open() {
            self.warn("this run has no way out: nothing that it asks for leaves [no-way-out]");
            return Err(ErrorCode::HttpRequestDenied);
        }
        let invalid = |error| {
            self.warn(&format!("{binding}: {error}"));
            failure::invalid(error)
        };
        let declared = request.declared().ok_or(ErrorCode::HttpRequestBodySize(None))?;
        if request.body.is_none() && declared.is_some_and(|length| length > 0) {
            return Err(ErrorCode::HttpRequestBodySize(Some(0)));
        }
        let judged = Judged {
            binding: binding.to_owned(),
            method: method(&request.method).to_owned(),
            target: request.path.unwrap_or_else(|| "/".to_owned()),
            headers: request.headers,
            body: request.body,
        };
        judged.with(Body::empty()).map_err(invalid)?;
        Ok(judged)
    }

    pub(super) fn warn(&self, message: &str) {
        self.logs.lock().push(LogLevel::Warn, message);
    }
}

impl Judged {
    /// What leaves.
    fn call(&self) -> Result<HttpCall, ErrorCode> {
        let body = self.body.as_ref().map(Gathered::take).unwrap_or_default();
        self.with(body.into()).map_err(failure::invalid)
    }

    fn with(&self, body: Body) -> Result<HttpCall, HttpCallError> {
        // The length is the body's own; what was declared was compared with it when the body was finished.
        let fields = self
            .headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        let fields = fields.map(|(name, value)| (name.to_owned(), Headers::value_text(value)));
        HttpCall::new(&self.method, &self.target, Headers::new(fields)?, body)
    }
}

/// The authority in lower case, without the scheme's own port.
fn authority(request: &OutgoingRequest) -> Result<String, ErrorCode> {
    let port = match &request.scheme {
        None | Some(Scheme::Https) => 443,
        Some(Scheme::Http) => 80,
        Some(Scheme::Other(_)) => return Err(ErrorCode::HttpProtocolError),
    };
    let text = request.authority.as_deref().unwrap_or_default();
    let authority: Authority = text.parse().map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    if text.contains('@') {
        return Err(ErrorCode::HttpRequestUriInvalid);
    }
    let host = authority.host().to_ascii_lowercase();
    Ok(match authority.port_u16() {
        Some(other) if other != port => format!("{host}:{other}"),
        _ => host,
    })
}

fn method(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(other) => other,
    }
}

impl Host for Guest {
    fn handle(
        &mut self,
        request: Resource<OutgoingRequest>,
        options: Option<Resource<RequestOptions>>,
    ) -> Result<Result<Resource<FutureReply>, ErrorCode>> {
        if let Some(options) = options {
            self.table.delete(options)?;
        }
        let request = self.table.delete(request)?;
        let request = match self.judge(request) {
            Ok(request) => request,
            Err(code) => return Ok(Err(code)),
        };
        let number = self.way_out.number();
        let future = self.table.push(FutureReply::new(number, request.body.clone()))?;
        let open = Open {
            future: future.rep(),
            request,
        };
        self.http().open.insert(number, open);
        Ok(Ok(future))
    }
}
