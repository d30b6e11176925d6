//! `fields`: headers in order, names as they were given.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::types::{HeaderError, HostFields};
use super::room::{Lease, Room};
use crate::run::guest::Guest;
use crate::run::limits::RunLimits;
use crate::run::stop::Stopping;

/// Names and values. A copy shares them until one of the two is changed.
#[derive(Clone)]
pub struct Fields {
    list: Arc<List>,
    fixed: bool,
}

struct List {
    fields: Vec<Field>,
    lease: Lease,
}

/// A name as it was given, and a value.
type Field = (String, Vec<u8>);

/// What the host is charged for a field beside its bytes.
const FIELD: usize = 64;

/// What belongs to one connection (RFC 9110, 7.6.1), or says where a request goes.
const FORBIDDEN: [&str; 11] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Fields {
    fn new(room: &Room, fields: Vec<Field>) -> Result<Self, Stopping> {
        let lease = room.take(size(&fields)?).ok_or(Stopping::HttpHeld)?;
        Ok(Self {
            list: Arc::new(List { fields, lease }),
            fixed: false,
        })
    }

    /// Fields of a reply: those that belong to the connection are left out, and nothing can be changed.
    ///
    /// # Errors
    /// Where they do not fit.
    pub(super) fn of_reply(room: &Room, fields: Vec<Field>) -> Result<Self, Stopping> {
        let allowed = fields.into_iter().filter(|(name, _)| !is_forbidden(name)).collect();
        Self::new(room, allowed).map(Self::fixed)
    }

    /// The same, unchangeable.
    pub(super) fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.list
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    pub(super) fn get(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Changes the list, in a copy of its own where another shares it.
    fn change(&mut self, change: impl FnOnce(&mut Vec<Field>)) -> Result<(), Stopping> {
        if Arc::get_mut(&mut self.list).is_none() {
            let lease = self.list.lease.again().ok_or(Stopping::HttpHeld)?;
            let fields = self.list.fields.clone();
            self.list = Arc::new(List { fields, lease });
        }
        if let Some(list) = Arc::get_mut(&mut self.list) {
            change(&mut list.fields);
            if !list.lease.resize(size(&list.fields)?) {
                return Err(Stopping::HttpHeld);
            }
        }
        Ok(())
    }
}

fn size(fields: &[Field]) -> Result<usize, Stopping> {
    let size = fields
        .iter()
        .map(|(name, value)| name.len() + value.len() + FIELD)
        .sum();
    if size > RunLimits::HTTP_FIELDS {
        return Err(Stopping::HttpFields);
    }
    Ok(size)
}

fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden))
}

fn is_name(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

/// What may be set: well formed, and not the connection's.
fn judge<'a>(name: &str, values: impl IntoIterator<Item = &'a Vec<u8>>) -> Result<(), HeaderError> {
    if !is_name(name) || values.into_iter().any(|value| HeaderValue::from_bytes(value).is_err()) {
        return Err(HeaderError::InvalidSyntax);
    }
    if is_forbidden(name) {
        return Err(HeaderError::Forbidden);
    }
    Ok(())
}

impl Guest {
    /// Changes fields, where they can be changed and the change was judged to be good.
    fn change_fields(
        &mut self,
        fields: &Resource<Fields>,
        judged: Result<(), HeaderError>,
        change: impl FnOnce(&mut Vec<Field>),
    ) -> Result<Result<(), HeaderError>> {
        let fields = self.table.get_mut(fields)?;
        if fields.fixed {
            return Ok(Err(HeaderError::Immutable));
        }
        if judged.is_ok() {
            fields.change(change)?;
        }
        Ok(judged)
    }
}

impl HostFields for Guest {
    fn new(&mut self) -> Result<Resource<Fields>> {
        let fields = Fields::new(&self.http().room, Vec::new())?;
        Ok(self.table.push(fields)?)
    }

    fn from_list(&mut self, entries: Vec<Field>) -> Result<Result<Resource<Fields>, HeaderError>> {
        for (name, value) in &entries {
            if let Err(refused) = judge(name, [value]) {
                return Ok(Err(refused));
            }
        }
        let fields = Fields::new(&self.http().room, entries)?;
        Ok(Ok(self.table.push(fields)?))
    }

    fn get(&mut self, fields: Resource<Fields>, name: String) -> Result<Vec<Vec<u8>>> {
        Ok(self.table.get(&fields)?.get(&name).map(<[u8]>::to_vec).collect())
    }

    fn has(&mut self, fields: Resource<Fields>, name: String) -> Result<bool> {
        Ok(self.table.get(&fields)?.get(&name).next().is_some())
    }

    fn set(&mut self, fields: Resource<Fields>, name: String, values: Vec<Vec<u8>>) -> Result<Result<(), HeaderError>> {
        let judged = judge(&name, &values);
        self.change_fields(&fields, judged, |list| {
            list.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            list.extend(values.into_iter().map(|value| (name.clone(), value)));
        })
    }

    fn delete(&mut self, fields: Resource<Fields>, name: String) -> Result<Result<(), HeaderError>> {
        let judged = judge(&name, []);
        self.change_fields(&fields, judged, |list| {
            list.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        })
    }

    fn append(&mut self, fields: Resource<Fields>, name: String, value: Vec<u8>) -> Result<Result<(), HeaderError>> {
        let judged = judge(&name, [&value]);
        self.change_fields(&fields, judged, |list| list.push((name, value)))
    }

    fn entries(&mut self, fields: Resource<Fields>) -> Result<Vec<Field>> {
        Ok(self.table.get(&fields)?.list.fields.clone())
    }

    fn clone(&mut self, fields: Resource<Fields>) -> Result<Resource<Fields>> {
        let copy = Fields {
            list: Arc::clone(&self.table.get(&fields)?.list),
            fixed: false,
        };
        Ok(self.table.push(copy)?)
    }

    fn drop(&mut self, fields: Resource<Fields>) -> Result<()> {
        self.table.delete(fields)?;
        Ok(())
    }
}
