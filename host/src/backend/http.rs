//! HTTP services, by the only way out.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use egress::{Client, Request, Sent};
use gate::call::body::Body;
use gate::call::http::{Headers, HttpCall, HttpReply, HttpRules};
use gate::{Action, Backend, Carried, Cleared, Code, Failure, Reply};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

/// Carries the calls of one HTTP binding.
#[derive(Debug)]
pub(crate) struct HttpBackend {
    client: Client,
    rules: HttpRules,
}

impl HttpBackend {
    /// Carries calls by this client; the rules say which of them read.
    pub(crate) const fn new(client: Client, rules: HttpRules) -> Self {
        Self { client, rules }
    }

    fn request(&self, call: &Cleared, http: &HttpCall) -> Result<Request, Failure> {
        let target = match http.query() {
            Some(query) => self.client.rule().below(&format!("{}?{query}", http.path())),
            None => self.client.rule().below(http.path()),
        };
        let method = Method::from_bytes(http.method().as_bytes()).map_err(|_| unfit("its method"))?;
        let mut request = Request::new(method, target.map_err(|error| failure(&error))?);
        request.repeatable = self.rules.effect(http) == gate::Effect::Read;
        for (name, value) in http.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit("a header"))?;
            let value = HeaderValue::from_bytes(&Headers::value_bytes(value)).map_err(|_| unfit("a header"))?;
            request.headers.append(name, value);
        }
        if let Some(key) = call.key() {
            let name = HeaderName::from_bytes(key.header.as_bytes()).map_err(|_| unfit("its key"))?;
            let value = HeaderValue::from_str(&key.value).map_err(|_| unfit("its key"))?;
            request.added.insert(name, value);
        }
        request.body = http.body().bytes().cloned().ok_or_else(|| unfit("its body"))?;
        request.reply_most = usize::try_from(call.reply_limit()).unwrap_or(usize::MAX);
        Ok(request)
    }

    async fn send(&self, request: Request) -> Result<egress::Reply, Failure> {
        self.client.send(request).await.map_err(|error| failure(&error))
    }
}

#[async_trait]
impl Backend for HttpBackend {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        let Action::Http(http) = call.action() else {
            return Err(unfit("its kind"));
        };
        let request = self.request(call, http)?;
        let mut reply = self.send(request.clone()).await?;
        // Whoever answers so did nothing, so that even a write is sent once more, with a token that is fetched anew.
        if reply.status == StatusCode::UNAUTHORIZED && self.client.invalidate(&reply) {
            reply = self.send(request).await?;
        }
        Ok(Carried {
            reply: Reply::Http(HttpReply {
                status: reply.status.as_u16(),
                headers: headers(&reply.headers)?,
                body: Body::from(reply.body),
            }),
            spent: None,
        })
    }
}

fn headers(headers: &HeaderMap) -> Result<Headers, Failure> {
    let text = |value: &HeaderValue| Headers::value_text(value.as_bytes());
    let fields = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)));
    Headers::new(fields).map_err(|_| {
        let told = "the service answered with a header that is none";
        Failure::perhaps_sent(Code::new(egress::Code::ReplyMalformed.as_str()), told)
    })
}

/// Why there is no reply, in the words of the way out: they name hosts and no secret.
fn failure(error: &egress::Error) -> Failure {
    let code = Code::new(error.code().as_str());
    let mut failure = match error.sent() {
        Sent::No => Failure::nothing_sent(code, error.told()),
        Sent::Maybe => Failure::perhaps_sent(code, error.told()),
    };
    failure.retryable = error.retryable();
    match error.private() {
        Some(causes) => failure.keep(causes),
        None => failure,
    }
}

/// The gate makes no such call; if it did, nothing was sent.
fn unfit(what: &str) -> Failure {
    let code = Code::new(egress::Code::TargetMalformed.as_str());
    Failure::nothing_sent(code, format!("the request cannot be sent: {what} is none"))
}
