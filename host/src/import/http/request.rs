//! `outgoing-request` and `request-options`: what a guest fills in before it sends.

use std::str::FromStr;

use http::uri::{self, Authority, PathAndQuery};
use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::types::{Duration, HostOutgoingRequest, HostRequestOptions, Method, Scheme};
use super::body::{Gathered, OutgoingBody};
use super::fields::Fields;
use crate::run::guest::Guest;

/// A request that was not handed over yet.
pub struct OutgoingRequest {
    pub(super) method: Method,
    pub(super) scheme: Option<Scheme>,
    pub(super) authority: Option<String>,
    pub(super) path: Option<String>,
    pub(super) headers: Fields,
    /// What a guest that asked for the body writes.
    pub(super) body: Option<Gathered>,
}

/// How long a guest would wait. The binding's own limits count; these are kept and shown.
#[derive(Default)]
pub struct RequestOptions {
    connect: Option<Duration>,
    first_byte: Option<Duration>,
    between_bytes: Option<Duration>,
}

/// Bytes of a path with its query: what most servers take (RFC 9110, 4.1, asks for 8000).
const PATH: usize = 8 << 10;

/// Bytes of a method, a scheme or an authority: a name of DNS with its port fits.
const NAME: usize = 262;

impl OutgoingRequest {
    /// The length that its headers declare; nothing where they say something that is no length.
    pub(super) fn declared(&self) -> Option<Option<u64>> {
        let mut lengths = self.headers.get("content-length");
        let Some(first) = lengths.next() else {
            return Some(None);
        };
        let digits = std::str::from_utf8(first)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        let length = digits.parse().ok()?;
        lengths.next().is_none().then_some(Some(length))
    }
}

fn fits<T: FromStr>(text: &str, most: usize) -> bool {
    text.len() <= most && T::from_str(text).is_ok()
}

impl HostOutgoingRequest for Guest {
    fn new(&mut self, headers: Resource<Fields>) -> Result<Resource<OutgoingRequest>> {
        let headers = self.table.delete(headers)?.fixed();
        Ok(self.table.push(OutgoingRequest {
            method: Method::Get,
            scheme: None,
            authority: None,
            path: None,
            headers,
            body: None,
        })?)
    }

    fn body(&mut self, request: Resource<OutgoingRequest>) -> Result<Result<Resource<OutgoingBody>, ()>> {
        let asked = self.table.get(&request)?;
        let (None, Some(declared)) = (&asked.body, asked.declared()) else {
            return Ok(Err(()));
        };
        let gathered = Gathered::new(&self.http().room, declared)?;
        self.table.get_mut(&request)?.body = Some(gathered.clone());
        Ok(Ok(self.table.push(OutgoingBody::new(gathered))?))
    }

    fn method(&mut self, request: Resource<OutgoingRequest>) -> Result<Method> {
        Ok(self.table.get(&request)?.method.clone())
    }

    fn set_method(&mut self, request: Resource<OutgoingRequest>, method: Method) -> Result<Result<(), ()>> {
        if matches!(&method, Method::Other(other) if !fits::<http::Method>(other, NAME)) {
            return Ok(Err(()));
        }
        self.table.get_mut(&request)?.method = method;
        Ok(Ok(()))
    }

    fn path_with_query(&mut self, request: Resource<OutgoingRequest>) -> Result<Option<String>> {
        Ok(self.table.get(&request)?.path.clone())
    }

    fn set_path_with_query(
        &mut self,
        request: Resource<OutgoingRequest>,
        path: Option<String>,
    ) -> Result<Result<(), ()>> {
        if path.as_ref().is_some_and(|path| !fits::<PathAndQuery>(path, PATH)) {
            return Ok(Err(()));
        }
        self.table.get_mut(&request)?.path = path;
        Ok(Ok(()))
    }

    fn scheme(&mut self, request: Resource<OutgoingRequest>) -> Result<Option<Scheme>> {
        Ok(self.table.get(&request)?.scheme.clone())
    }

    fn set_scheme(&mut self, request: Resource<OutgoingRequest>, scheme: Option<Scheme>) -> Result<Result<(), ()>> {
        if matches!(&scheme, Some(Scheme::Other(other)) if !fits::<uri::Scheme>(other, NAME)) {
            return Ok(Err(()));
        }
        self.table.get_mut(&request)?.scheme = scheme;
        Ok(Ok(()))
    }

    fn authority(&mut self, request: Resource<OutgoingRequest>) -> Result<Option<String>> {
        Ok(self.table.get(&request)?.authority.clone())
    }

    fn set_authority(
        &mut self,
        request: Resource<OutgoingRequest>,
        authority: Option<String>,
    ) -> Result<Result<(), ()>> {
        if authority.as_ref().is_some_and(|name| !fits::<Authority>(name, NAME)) {
            return Ok(Err(()));
        }
        self.table.get_mut(&request)?.authority = authority;
        Ok(Ok(()))
    }

    fn headers(&mut self, request: Resource<OutgoingRequest>) -> Result<Resource<Fields>> {
        let headers = self.table.get(&request)?.headers.clone();
        Ok(self.table.push(headers)?)
    }

    fn drop(&mut self, request: Resource<OutgoingRequest>) -> Result<()> {
        self.table.delete(request)?;
        Ok(())
    }
}

impl HostRequestOptions for Guest {
    fn new(&mut self) -> Result<Resource<RequestOptions>> {
        Ok(self.table.push(RequestOptions::default())?)
    }

    fn connect_timeout(&mut self, options: Resource<RequestOptions>) -> Result<Option<Duration>> {
        Ok(self.table.get(&options)?.connect)
    }

    fn set_connect_timeout(
        &mut self,
        options: Resource<RequestOptions>,
        timeout: Option<Duration>,
    ) -> Result<Result<(), ()>> {
        self.table.get_mut(&options)?.connect = timeout;
        Ok(Ok(()))
    }

    fn first_byte_timeout(&mut self, options: Resource<RequestOptions>) -> Result<Option<Duration>> {
        Ok(self.table.get(&options)?.first_byte)
    }

    fn set_first_byte_timeout(
        &mut self,
        options: Resource<RequestOptions>,
        timeout: Option<Duration>,
    ) -> Result<Result<(), ()>> {
        self.table.get_mut(&options)?.first_byte = timeout;
        Ok(Ok(()))
    }

    fn between_bytes_timeout(&mut self, options: Resource<RequestOptions>) -> Result<Option<Duration>> {
        Ok(self.table.get(&options)?.between_bytes)
    }

    fn set_between_bytes_timeout(
        &mut self,
        options: Resource<RequestOptions>,
        timeout: Option<Duration>,
    ) -> Result<Result<(), ()>> {
        self.table.get_mut(&options)?.between_bytes = timeout;
        Ok(Ok(()))
    }

    fn drop(&mut self, options: Resource<RequestOptions>) -> Result<()> {
        self.table.delete(options)?;
        Ok(())
    }
}
