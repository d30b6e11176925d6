//! The side of a server. Toolchains import it with the rest; a skill serves nobody, so that none of it can be made.

use wasmtime::component::Resource;
use wasmtime::{Result, format_err};

use super::bindings::types::{
    ErrorCode, Headers, HostIncomingRequest, HostOutgoingResponse, HostResponseOutparam, Method, Scheme, StatusCode,
};
use super::body::OutgoingBody;
use super::fields::Fields;
use super::response::IncomingBody;
use crate::run::guest::Guest;

/// What has no value.
pub enum Never {}

impl Guest {
    /// Finds what cannot be there: a handle of it is one that the guest made up.
    fn never<T>(&self, handle: &Resource<Never>) -> Result<T> {
        match *self.table.get(handle)? {}
    }
}

impl HostIncomingRequest for Guest {
    fn method(&mut self, request: Resource<Never>) -> Result<Method> {
        self.never(&request)
    }

    fn path_with_query(&mut self, request: Resource<Never>) -> Result<Option<String>> {
        self.never(&request)
    }

    fn scheme(&mut self, request: Resource<Never>) -> Result<Option<Scheme>> {
        self.never(&request)
    }

    fn authority(&mut self, request: Resource<Never>) -> Result<Option<String>> {
        self.never(&request)
    }

    fn headers(&mut self, request: Resource<Never>) -> Result<Resource<Headers>> {
        self.never(&request)
    }

    fn consume(&mut self, request: Resource<Never>) -> Result<Result<Resource<IncomingBody>, ()>> {
        self.never(&request)
    }

    fn drop(&mut self, request: Resource<Never>) -> Result<()> {
        self.never(&request)
    }
}

impl HostOutgoingResponse for Guest {
    fn new(&mut self, _headers: Resource<Fields>) -> Result<Resource<Never>> {
        Err(format_err!("it made a response, and a skill is asked for none"))
    }

    fn status_code(&mut self, response: Resource<Never>) -> Result<StatusCode> {
        self.never(&response)
    }

    fn set_status_code(&mut self, response: Resource<Never>, _code: StatusCode) -> Result<Result<(), ()>> {
        self.never(&response)
    }

    fn headers(&mut self, response: Resource<Never>) -> Result<Resource<Headers>> {
        self.never(&response)
    }

    fn body(&mut self, response: Resource<Never>) -> Result<Result<Resource<OutgoingBody>, ()>> {
        self.never(&response)
    }

    fn drop(&mut self, response: Resource<Never>) -> Result<()> {
        self.never(&response)
    }
}

impl HostResponseOutparam for Guest {
    fn send_informational(
        &mut self,
        outparam: Resource<Never>,
        _status: StatusCode,
        _headers: Resource<Headers>,
    ) -> Result<Result<(), ErrorCode>> {
        self.never(&outparam)
    }

    fn set(&mut self, outparam: Resource<Never>, _response: Result<Resource<Never>, ErrorCode>) -> Result<()> {
        self.never(&outparam)
    }

    fn drop(&mut self, outparam: Resource<Never>) -> Result<()> {
        self.never(&outparam)
    }
}
