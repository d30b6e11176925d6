//! An artifact becomes trusted, or does not.
//!
//! [`Reference`] -> [`Pulled`] -> [`Verified`] -> [`Approved`] is the only way in, and each step needs the one before.
#![forbid(unsafe_code)]

mod artifact;
pub mod component;
pub mod declaration;
mod digest;
mod error;
mod expiry;
#[cfg(test)]
mod fixture;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod interface;
mod layout;
pub mod ledger;
mod limits;
mod manifest;
mod name;
mod oci;
mod policy;
mod reference;
pub mod server;
mod shelf;
pub mod signature;
mod tls;
mod trust;
mod words;

pub use artifact::{Approved, Pulled, Verified};
pub use declaration::{Declaration, SkillFile};
pub use digest::Digest;
pub use error::{Code, Error};
pub use interface::{Interface, Tool};
pub use layout::{Attachment, Package, Parcel};
pub use limits::Limits;
pub use manifest::{About, Binding, Manifest, ToolHints, WitSource};
pub use name::{Label, Namespace, PublisherName, SkillName, Tenant};
pub use oci::{Authority, Client, ClientSettings, DockerCredentials, Etag, Login, Mirror, Proxy, Resolved, TokenHost};
pub use policy::Policy;
pub use reference::Reference;
pub use shelf::Shelf;
pub use tls::install_tls_provider;
pub use words::visible;
