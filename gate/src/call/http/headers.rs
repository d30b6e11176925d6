//! Header fields in order.

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::HttpCallError;

/// Header fields: the name in lower case, the value with one character for each byte (ISO 8859-1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct Headers(Vec<(String, String)>);

/// What frames a message, chooses its receiver, belongs to one connection, or replaces the method that was judged.
const NEVER: [&str; 17] = [
    "connection",
    "expect",
    "forwarded",
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
    "x-forwarded-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

impl Headers {
    /// Fields in order.
    ///
    /// # Errors
    /// [`HttpCallError::Header`] where a name or a value is none (RFC 9110, 5.1 and 5.5).
    pub fn new(fields: impl IntoIterator<Item = (String, String)>) -> Result<Self, HttpCallError> {
        let fields = fields.into_iter().map(|(name, value)| field(&name, value));
        Ok(Self(fields.collect::<Option<_>>().ok_or(HttpCallError::Header)?))
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many fields.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first value under a name in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The value's bytes as they are sent.
    pub fn value_bytes(value: &str) -> Vec<u8> {
        value.chars().filter_map(|char| u8::try_from(char).ok()).collect()
    }

    /// A value from its bytes.
    pub fn value_text(bytes: &[u8]) -> String {
        bytes.iter().copied().map(char::from).collect()
    }

    pub(super) fn of_request(mut self, body: u64) -> Result<Self, HttpCallError> {
        if self.iter().any(|(name, _)| NEVER.contains(&name)) {
            return Err(HttpCallError::Header);
        }
        let length = body.to_string();
        if self
            .iter()
            .any(|(name, value)| name == "content-length" && value != length)
        {
            return Err(HttpCallError::ContentLength);
        }
        self.0.retain(|(name, _)| name != "content-length");
        Ok(self)
    }

    pub(crate) fn size(&self) -> u64 {
        self.iter()
            .map(|(name, value)| (name.len() + value.len() + 4) as u64)
            .sum()
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut String)> {
        self.0.iter_mut().map(|(name, value)| (name.as_str(), value))
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = (&'a str, &'a str);
    type IntoIter = Box<dyn Iterator<Item = Self::Item> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl TryFrom<Vec<(String, String)>> for Headers {
    type Error = HttpCallError;

    fn try_from(fields: Vec<(String, String)>) -> Result<Self, HttpCallError> {
        Self::new(fields)
    }
}

impl From<Headers> for Vec<(String, String)> {
    fn from(headers: Headers) -> Self {
        headers.0
    }
}

fn field(name: &str, value: String) -> Option<(String, String)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let bytes: Vec<u8> = value.chars().map(u8::try_from).collect::<Result<_, _>>().ok()?;
    HeaderValue::from_bytes(&bytes).ok()?;
    Some((name.as_str().to_owned(), value))
}
