//! `wasi:http`: requests are gathered whole, go out when the guest waits, and come back whole.
//!
//! Nothing here depends on the machine's timing: streams are always ready, and a reply becomes visible in `poll` alone.
#![expect(
    unreachable_pub,
    reason = "the generated bindings export the types of their resources"
)]

mod body;
mod failure;
mod fields;
mod future;
mod outgoing;
mod request;
mod response;
mod room;
mod served;

use wasmtime::Result;
use wasmtime::component::{HasSelf, Linker};

use crate::run::guest::Guest;
pub(crate) use outgoing::Http;

pub(crate) mod bindings {
    //! The types and traits of `wasi:http`, with streams, pollables and errors as `wasmtime-wasi` has them.
    mod generated {
        wasmtime::component::bindgen!({
            path: "wit",
            world: "skillhost:imports/http",
            imports: { default: trappable },
            require_store_data_send: true,
            with: {
                "wasi:io": wasmtime_wasi::p2::bindings::io,
                "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
                "wasi:http/types.fields": crate::import::http::fields::Fields,
                "wasi:http/types.outgoing-request": crate::import::http::request::OutgoingRequest,
                "wasi:http/types.request-options": crate::import::http::request::RequestOptions,
                "wasi:http/types.outgoing-body": crate::import::http::body::OutgoingBody,
                "wasi:http/types.future-incoming-response": crate::import::http::future::FutureReply,
                "wasi:http/types.incoming-response": crate::import::http::response::IncomingResponse,
                "wasi:http/types.incoming-body": crate::import::http::response::IncomingBody,
                "wasi:http/types.future-trailers": crate::import::http::response::FutureTrailers,
                "wasi:http/types.incoming-request": crate::import::http::served::Never,
                "wasi:http/types.outgoing-response": crate::import::http::served::Never,
                "wasi:http/types.response-outparam": crate::import::http::served::Never,
            },
        });
    }
    pub(crate) use generated::wasi::http::{outgoing_handler, types};
}

/// Links the types and the handler.
///
/// # Errors
/// Where they are linked already.
pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    let options = bindings::types::LinkOptions::default();
    bindings::types::add_to_linker::<_, HasSelf<Guest>>(linker, &options, |guest| guest)?;
    bindings::outgoing_handler::add_to_linker::<_, HasSelf<Guest>>(linker, |guest| guest)
}

impl bindings::types::Host for Guest {
    fn http_error_code(
        &mut self,
        error: wasmtime::component::Resource<bindings::types::IoError>,
    ) -> Result<Option<bindings::types::ErrorCode>> {
        Ok(self.table.get(&error)?.downcast_ref().cloned())
    }
}
