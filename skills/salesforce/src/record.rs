//! Single records.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use skillhost_sdk::ToolError;
use skillhost_sdk::http::{self, HeaderValue, Method, Request, header};

use crate::exports::skillhost::salesforce::records::{Deleted, ExternalId, Field, Key, Saved, Value, WholeRecord};
use crate::literal;
use crate::name::{Id, Name, Path};
use crate::service::{self, Effect};
use crate::table;

/// What Salesforce answers to a record that was made, or upserted.
#[derive(Deserialize)]
pub(crate) struct Answered {
    pub(crate) id: String,
    /// Only an upsert says it.
    pub(crate) created: Option<bool>,
}

/// Reads a record.
pub(crate) fn get(object: &str, key: &Key, fields: Option<&[String]>) -> Result<WholeRecord, ToolError> {
    let object = Name::object(object)?;
    let id = match key {
        Key::Id(id) => vec![Id::read(id)?.as_str().to_owned()],
        Key::ExternalId(ExternalId { field, value }) => vec![Name::field(field)?.to_string(), value.clone()],
    };
    let mut path = vec!["sobjects", object.as_str()];
    path.extend(id.iter().map(String::as_str));
    let list = fields.map(Path::list).transpose()?;
    let query: Vec<_> = list.iter().map(|list| ("fields", list.as_str())).collect();
    let response = service::read(service::url(&path, &query)?)?;
    let record: Map<String, Json> = service::json(&response, Effect::Read)?;
    let mut cells = Vec::new();
    table::flatten("", &record, &mut cells);
    Ok(WholeRecord {
        object: table::object(&record).to_owned(),
        id: own_id(&record),
        fields: cells
            .into_iter()
            .map(|(name, value)| Field {
                name,
                value: read(&value),
            })
            .collect(),
    })
}

/// Makes a record.
pub(crate) fn create(object: &str, fields: &[Field]) -> Result<Saved, ToolError> {
    let object = Name::object(object)?;
    let url = service::url(&["sobjects", object.as_str()], &[])?;
    let response = service::write(Method::POST, url, &body(fields)?.into(), Effect::Once)?;
    let answered: Answered = service::json(&response, Effect::Once)?;
    Ok(Saved {
        id: answered.id,
        created: true,
    })
}

/// Changes a record.
pub(crate) fn update(object: &str, id: &str, fields: &[Field], since: Option<&str>) -> Result<Saved, ToolError> {
    let (object, id) = (Name::object(object)?, Id::read(id)?);
    let url = service::url(&["sobjects", object.as_str(), id.as_str()], &[])?;
    let mut request = http::json(Method::PATCH, url, &body(fields)?)?;
    if let Some(since) = since {
        let since = literal::http_date(since).map_err(|error| error.detail("field", "unless_changed_since"))?;
        request
            .headers_mut()
            .insert(header::IF_UNMODIFIED_SINCE, HeaderValue::from_str(&since)?);
    }
    service::send(request, Effect::Repeatable)?;
    Ok(Saved {
        id: id.as_str().to_owned(),
        created: false,
    })
}

/// Changes the record that holds an external id, or makes it.
pub(crate) fn upsert(object: &str, key: &ExternalId, fields: &[Field]) -> Result<Saved, ToolError> {
    let (object, field) = (
        Name::object(object)?,
        external(key, fields.iter().map(|field| field.name.as_str()))?,
    );
    let url = service::url(&["sobjects", object.as_str(), field.as_str(), &key.value], &[])?;
    let response = service::write(Method::PATCH, url, &body(fields)?.into(), Effect::Repeatable)?;
    let answered: Answered = service::json(&response, Effect::Repeatable)?;
    Ok(Saved {
        id: answered.id,
        created: answered.created == Some(true),
    })
}

/// Deletes a record.
pub(crate) fn delete(object: &str, id: &str) -> Result<Deleted, ToolError> {
    let (object, id) = (Name::object(object)?, Id::read(id)?);
    let mut request = Request::new(Vec::new());
    *request.method_mut() = Method::DELETE;
    *request.uri_mut() = service::url(&["sobjects", object.as_str(), id.as_str()], &[])?;
    service::send(request, Effect::Repeatable)?;
    Ok(Deleted {
        id: id.as_str().to_owned(),
    })
}

/// The field of an external id, which must not stand among the others.
pub(crate) fn external<'a>(key: &ExternalId, mut others: impl Iterator<Item = &'a str>) -> Result<Name, ToolError> {
    let field = Name::field(&key.field)?;
    if others.any(|name| name.eq_ignore_ascii_case(&key.field)) {
        let message = format!("`{field}` is the external id already: leave it out of the fields.");
        return Err(ToolError::invalid_argument(message).detail("field", "fields"));
    }
    Ok(field)
}

/// Fields as the body of a request.
pub(crate) fn body(fields: &[Field]) -> Result<Map<String, Json>, ToolError> {
    collect(fields.iter().map(|field| (field.name.as_str(), write(&field.value))))
}

/// Names and values as the body of a request: at least one, each once.
pub(crate) fn collect<'a>(
    fields: impl Iterator<Item = (&'a str, Result<Json, ToolError>)>,
) -> Result<Map<String, Json>, ToolError> {
    let mut body: Map<String, Json> = Map::new();
    for (name, value) in fields {
        let named = Name::field(name)?;
        let value = value.map_err(|error| error.detail("field", name))?;
        if body.keys().any(|own| own.eq_ignore_ascii_case(name)) {
            let message = format!("`{name}` is given twice.");
            return Err(ToolError::invalid_argument(message).detail("field", name));
        }
        body.insert(named.to_string(), value);
    }
    if body.is_empty() {
        let message = "Give at least one field.";
        return Err(ToolError::invalid_argument(message).detail("field", "fields"));
    }
    Ok(body)
}

/// A value as JSON.
pub(crate) fn write(value: &Value) -> Result<Json, ToolError> {
    match value {
        Value::Text(text) => Ok(text.as_str().into()),
        Value::Number(number) => Ok(literal::json_number(*number)?.into()),
        Value::Boolean(value) => Ok((*value).into()),
        Value::Date(text) => Ok(literal::date(text)?.into()),
        Value::DateTime(text) => Ok(literal::moment(text)?.into()),
        Value::Null => Ok(Json::Null),
        Value::Json(text) => serde_json::from_str(text)
            .map_err(|cause| ToolError::invalid_argument(format!("The JSON text of a field cannot be read: {cause}."))),
    }
}

fn read(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => number
            .as_f64()
            .map_or_else(|| Value::Json(number.to_string()), Value::Number),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => Value::Json(value.to_string()),
    }
}

/// From the fields, or from the address that every record has.
fn own_id(record: &Map<String, Json>) -> Option<String> {
    let url = record.get("attributes").and_then(|attributes| attributes.get("url"));
    let last = url.and_then(Json::as_str).and_then(|url| url.rsplit('/').next());
    record.get("Id").and_then(Json::as_str).or(last).map(str::to_owned)
}
