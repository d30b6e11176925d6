//! Requests about one repository: with the registry's credentials to the registry, and without any elsewhere.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, LINK, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use url::Url;

use super::address::{is_loopback, names_private};
use super::answer::{Answer, misbehaved, unreachable};
use super::transport::Peer;
use super::watch::Etag;
use super::{Client, token};
use crate::error::{Code, Error};
use crate::reference::Reference;

/// Most redirects that are followed.
const REDIRECTS: usize = 3;

/// One repository of one registry, for one purpose.
#[derive(Debug)]
pub(super) struct Session<'a> {
    pub(super) client: &'a Client,
    pub(super) reference: &'a Reference,
    /// What a token is asked for: `pull` or `pull,push`.
    pub(super) actions: &'static str,
    base: Url,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    method: Method,
    url: Url,
    accept: Option<&'static str>,
    unless: Option<Etag>,
    content: Option<(&'static str, Bytes)>,
}

impl<'a> Session<'a> {
    pub(super) fn new(client: &'a Client, reference: &'a Reference, actions: &'static str) -> Result<Self, Error> {
        // Docker's names and its registry differ (moby, registry.IndexServer).
        let host = match reference.host() {
            "docker.io" => "registry-1.docker.io",
            host => host,
        };
        let bad = |_| {
            let told = format!("`{reference}` names no host that can be spoken to.");
            Error::new(Code::ReferenceMalformed, told)
        };
        let mut base = Url::parse(&format!("https://{host}/v2/{}/", reference.repository())).map_err(bad)?;
        let plain = client.settings.plain_http.iter().any(|plain| plain == host);
        if plain || is_loopback(&base) {
            base = Url::parse(&format!("http://{host}/v2/{}/", reference.repository())).map_err(bad)?;
        }
        Ok(Self {
            client,
            reference,
            actions,
            base,
        })
    }

    /// The registry as it is shown to people.
    pub(super) fn host(&self) -> &str {
        self.reference.host()
    }

    /// A request below the repository.
    ///
    /// # Errors
    /// `registry-misbehaved` where a registry chose a part of the path that makes no URL.
    pub(super) fn ask(&self, method: Method, path: &str) -> Result<Ask, Error> {
        let joined = self.base.join(path);
        let url = joined.map_err(|cause| misbehaved(self.host(), "names a path that is no URL").keep(cause))?;
        Ok(Ask::new(method, url))
    }

    /// Whether a URL lies at the registry itself.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        self.base.origin() == url.origin()
    }

    /// Whether both the registry and this URL are on this machine.
    pub(super) fn both_loopback(&self, url: &Url) -> bool {
        is_loopback(&self.base) && is_loopback(url)
    }

    /// Sends a request to the registry, answers one challenge, and follows redirects of reads.
    ///
    /// # Errors
    /// `registry-unreachable`, and the codes of [`token::negotiate`] and of a redirect that goes astray.
    pub(super) async fn send(&self, ask: Ask) -> Result<Answer, Error> {
        let scope = self.scope();
        let kept = self.client.token(&scope);
        let mut answer = self.once(&ask, kept.as_ref()).await?;
        if answer.status() == StatusCode::UNAUTHORIZED && answer.headers().contains_key(WWW_AUTHENTICATE) {
            let fresh = token::negotiate(self, &answer).await?;
            answer = self.once(&ask, Some(&fresh)).await?;
            if answer.status() != StatusCode::UNAUTHORIZED {
                self.client.keep_token(&scope, fresh);
            }
        }
        if leads_on(&answer) {
            return self.follow(&ask, answer).await;
        }
        Ok(answer)
    }

    /// The next page of a list (RFC 8288), which must be at the registry too.
    ///
    /// # Errors
    /// `registry-misbehaved` where it is elsewhere, or no URL.
    pub(super) fn next_page(&self, answer: &Answer) -> Result<Option<Url>, Error> {
        let Some(link) = answer.header(&LINK) else {
            return Ok(None);
        };
        let is_next = |link: &&str| link.contains("rel=\"next\"") || link.contains("rel=next");
        let Some(link) = link.split(',').find(is_next) else {
            return Ok(None);
        };
        let target = link.trim().strip_prefix('<').and_then(|link| link.split_once('>'));
        let url = target.and_then(|(target, _)| answer.url().join(target).ok());
        match url {
            Some(url) if self.is_own(&url) => Ok(Some(url)),
            _ => Err(misbehaved(self.host(), "names a next page that cannot be read")),
        }
    }

    async fn follow(&self, ask: &Ask, mut answer: Answer) -> Result<Answer, Error> {
        if !matches!(ask.method, Method::GET | Method::HEAD) {
            return Err(astray("a request that changes something"));
        }
        for _ in 0..REDIRECTS {
            let url = answer.location()?;
            let peer = self.redirected(&url)?;
            let next = Ask { url, ..ask.clone() };
            answer = self.transmit(&next, peer, None).await?;
            if !leads_on(&answer) {
                return Ok(answer);
            }
        }
        Err(astray("more than three times"))
    }

    /// Where a redirect may lead: by TLS out of private networks, or from loopback to loopback.
    fn redirected(&self, url: &Url) -> Result<Peer, Error> {
        match url.scheme() {
            _ if !url.username().is_empty() || url.password().is_some() => Err(astray("with credentials of its own")),
            "http" if self.both_loopback(url) => Ok(Peer::Plain),
            "https" if names_private(url) => Err(astray("to a private address")),
            "https" => Ok(Peer::Away),
            _ => Err(astray("to something else than https")),
        }
    }

    /// Only here do credentials leave, and only to the registry itself.
    async fn once(&self, ask: &Ask, authorization: Option<&HeaderValue>) -> Result<Answer, Error> {
        if !self.is_own(&ask.url) {
            return Err(misbehaved(self.host(), "sends the request to another host"));
        }
        let peer = self.peer(&ask.url);
        self.transmit(ask, peer, authorization).await
    }

    /// How a host is spoken to that the operator trusts with credentials.
    pub(super) fn peer(&self, url: &Url) -> Peer {
        if url.scheme() == "http" {
            Peer::Plain
        } else {
            Peer::Secure
        }
    }

    pub(super) async fn transmit(
        &self,
        ask: &Ask,
        peer: Peer,
        authorization: Option<&HeaderValue>,
    ) -> Result<Answer, Error> {
        let http = self.client.transport.to(peer, self.host(), &self.client.settings)?;
        let mut request = http.request(ask.method.clone(), ask.url.clone());
        if let Some(accept) = ask.accept {
            request = request.header(ACCEPT, accept);
        }
        if let Some(unless) = &ask.unless {
            request = request.header(IF_NONE_MATCH, unless.as_str());
        }
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some((media_type, bytes)) = &ask.content {
            request = request.header(CONTENT_TYPE, *media_type).body(bytes.clone());
        }
        let response = request.send().await.map_err(|cause| unreachable(self.host(), cause))?;
        Ok(Answer::new(self.host(), response))
    }

    /// The key under which a token is kept.
    fn scope(&self) -> String {
        format!("{} {} {}", self.host(), self.reference.repository(), self.actions)
    }
}

impl Ask {
    pub(super) const fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            accept: None,
            unless: None,
            content: None,
        }
    }

    #[must_use]
    pub(super) const fn accept(mut self, media_type: &'static str) -> Self {
        self.accept = Some(media_type);
        self
    }

    /// Asks for nothing where the registry knows this mark again (RFC 9110, If-None-Match).
    #[must_use]
    pub(super) fn unless(self, known: Option<&Etag>) -> Self {
        Self {
            unless: known.cloned(),
            ..self
        }
    }

    #[must_use]
    pub(super) fn content(mut self, media_type: &'static str, bytes: Bytes) -> Self {
        self.content = Some((media_type, bytes));
        self
    }
}

/// Whether the registry sends us elsewhere; that it knows a mark again is no such answer.
fn leads_on(answer: &Answer) -> bool {
    answer.status().is_redirection() && answer.status() != StatusCode::NOT_MODIFIED
}

fn astray(what: &str) -> Error {
    Error::new(
        Code::RedirectNotAllowed,
        format!("The registry redirects {what}, which is not followed: ask who runs it."),
    )
}
