//! What requests say, read strictly: sizes and depth have caps, names come once, and unknown ones are refused.

use std::fmt;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::{Map, Number, Value};

use super::problem::Problem;

/// The JSON of a request, as this type.
pub(super) struct Json<T>(pub(super) T);

/// The parameters after the `?`, as this type.
pub(super) struct Query<T>(pub(super) T);

/// The largest JSON body of anything but a tool's arguments, in bytes.
const MOST: usize = 256 << 10;

/// For a body to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// How deep JSON may nest.
const DEEPEST: usize = 64;

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = json_bytes(request, MOST).await?;
        let value = strict(&bytes)?;
        serde_json::from_value(value).map(Self).map_err(|error| unfit(&error))
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::try_from_uri(&parts.uri);
        query.map(|query| Self(query.0)).map_err(|error| {
            // Without what the reader says of itself.
            let text = error.body_text();
            let why = text.split_once(": ").map_or(text.as_str(), |(_, why)| why);
            Problem::input(
                "query-invalid",
                format!("the parameters after `?` do not fit: {}", cut(why)),
            )
        })
    }
}

/// The bytes of a JSON body.
pub(super) async fn json_bytes(request: Request, most: usize) -> Result<Bytes, Problem> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type-unsupported",
            "send JSON, with the header `Content-Type: application/json`",
        ));
    }
    whole(request.into_body(), most).await
}

async fn whole(body: Body, most: usize) -> Result<Bytes, Problem> {
    let collecting = tokio::time::timeout(PATIENCE, Limited::new(body, most).collect());
    match collecting.await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            format!(
                "the body may have {} KiB: upload what is large with POST /v1/files",
                most >> 10
            ),
        )),
        Ok(Err(_)) => Err(Problem::input(
            "body-broken-off",
            "the body ended early: send the request again",
        )),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body-too-slow",
            format!("the body must arrive within {} s", PATIENCE.as_secs()),
        )),
    }
}

/// Reads JSON (RFC 8259) that no two readers understand differently: a name comes once in an object, and nothing nests
/// deeper than 64 levels.
pub(super) fn strict(bytes: &[u8]) -> Result<Value, Problem> {
    let malformed = |error: &serde_json::Error| {
        Problem::input(
            "json-malformed",
            format!("the body cannot be read as JSON: {}", cut(&error.to_string())),
        )
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { left: DEEPEST }
        .deserialize(&mut reader)
        .map_err(|error| malformed(&error))?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// The answer with its JSON. Every type of the API has a JSON form.
pub(super) fn json(answer: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(answer).map_err(|error| Problem::internal(&error))
}

fn unfit(error: &serde_json::Error) -> Problem {
    Problem::input(
        "body-invalid",
        format!("the body does not fit: {}", cut(&error.to_string())),
    )
}

/// What a reader says may repeat what was sent, so it is cut.
fn cut(text: &str) -> String {
    text.chars().take(300).filter(|letter| !letter.is_control()).collect()
}

struct Strict {
    left: usize,
}

impl Strict {
    fn inner<E: serde::de::Error>(&self) -> Result<Self, E> {
        let left = self.left.checked_sub(1);
        let left = left.ok_or_else(|| E::custom(format_args!("it nests deeper than {DEEPEST} levels")))?;
        Ok(Self { left })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "the name {name:?} comes twice in one object"
                )));
            }
            let value = entries.next_value_seed(self.inner()?)?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}
