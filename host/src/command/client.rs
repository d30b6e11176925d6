//! Speaks to a host over its API, as every other client does.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{Method, StatusCode};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use url::Url;

/// Where the host is and what opens it.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Connection {
    /// The host's address
    #[arg(
        long,
        env = "SKILLHOST_URL",
        default_value = "http://127.0.0.1:7420",
        value_name = "URL",
        global = true
    )]
    url: Url,
    /// The token that opens it
    #[arg(
        long,
        env = "SKILLHOST_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        global = true
    )]
    token: Option<String>,
}

/// A client of one host.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    token: String,
}

/// The most that a client takes in: a run's files are the largest answers.
const ANSWER_BYTES: usize = 65 << 20;

impl Connection {
    /// The address and token of a host that was just started.
    pub(super) const fn new(url: Url, token: String) -> Self {
        Self {
            url,
            token: Some(token),
        }
    }

    /// The host's address.
    pub(super) const fn url(&self) -> &Url {
        &self.url
    }

    /// The token.
    ///
    /// # Errors
    /// None was given.
    pub(super) fn token(&self) -> Result<&str> {
        self.token
            .as_deref()
            .context("no token: set SKILLHOST_TOKEN, or make one with `skillhost token add`")
    }

    /// A client of this host.
    ///
    /// # Errors
    /// There is no token.
    pub(super) fn open(&self) -> Result<Client> {
        registry::install_tls_provider();
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(10));
        // A machine without the system's certificates can still speak to a host of its own.
        let builder = if self.url.scheme() == "https" {
            builder
        } else {
            builder.tls_certs_only([])
        };
        let http = builder.build().context("cannot make an HTTP client")?;
        Ok(Client {
            http,
            base: self.url.clone(),
            token: self.token()?.to_owned(),
        })
    }
}

impl Client {
    /// Reads.
    ///
    /// # Errors
    /// The host cannot be reached, or refuses: its own sentence.
    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.json(self.request(Method::GET, path)?).await
    }

    /// Reads with a query.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn find(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.json(self.request(Method::GET, path)?.query(query)).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(self.request(Method::POST, path)?.json(body)).await
    }

    /// Sends JSON and gives status and body whatever they are.
    ///
    /// # Errors
    /// The host cannot be reached.
    pub(super) async fn try_post(&self, path: &str, body: &Value) -> Result<(StatusCode, Value)> {
        self.exchange(self.request(Method::POST, path)?.json(body)).await
    }

    /// Uploads a file.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn upload(&self, name: &str, media_type: &str, content: Bytes) -> Result<Value> {
        let request = self.request(Method::POST, "v1/files")?.query(&[("name", name)]);
        self.json(request.header(http::header::CONTENT_TYPE, media_type).body(content))
            .await
    }

    /// Downloads.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn download(&self, path: &str) -> Result<Bytes> {
        let response = self.send(self.request(Method::GET, path)?).await?;
        let status = response.status();
        let body = read(response).await?;
        if !status.is_success() {
            bail!("{}", refusal(status, &parse(&body)));
        }
        Ok(body)
    }

    /// Opens an answer that comes in pieces.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn stream(&self, path: &str) -> Result<impl Stream<Item = reqwest::Result<Bytes>> + use<>> {
        let response = self.send(self.request(Method::GET, path)?).await?;
        let status = response.status();
        if !status.is_success() {
            bail!("{}", refusal(status, &parse(&read(response).await?)));
        }
        Ok(response.bytes_stream())
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let url = self
            .base
            .join(path.trim_start_matches('/'))
            .with_context(|| format!("{path} is no path"))?;
        Ok(self.http.request(method, url).bearer_auth(&self.token))
    }

    async fn json(&self, request: RequestBuilder) -> Result<Value> {
        let (status, body) = self.exchange(request).await?;
        if !status.is_success() {
            bail!("{}", refusal(status, &body));
        }
        Ok(body)
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<(StatusCode, Value)> {
        let response = self.send(request).await?;
        let status = response.status();
        Ok((status, parse(&read(response).await?)))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        request
            .send()
            .await
            .with_context(|| format!("no host answers at {}: is `skillhost serve` running?", self.base))
    }
}

/// The sentence of a problem document (RFC 9457), with its code.
pub(super) fn refusal(status: StatusCode, body: &Value) -> String {
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    match (field("detail"), field("code")) {
        (Some(detail), Some(code)) => format!("{detail} [{code}]"),
        _ => format!("the host answered {status}"),
    }
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or(Value::Null)
}

async fn read(response: Response) -> Result<Bytes> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.context("the answer broke off")?;
        if body.len() + chunk.len() > ANSWER_BYTES {
            bail!("the answer is larger than {ANSWER_BYTES} bytes");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}
