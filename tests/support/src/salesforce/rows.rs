//! `/sobjects/{object}`: single records, by id or by an external id.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::{Value, json};

use super::data::{self, Record};
use super::describe;
use super::exchange::{Answer, Request};
use super::instance::Instance;
use super::refusal::Refusal;
use super::schema::{Field, Object};
use super::soql::{Path, Query, Selection, Which};

/// Since this version, an upsert that changes a record says so in a body; before, it answers 204.
const UPSERT_ANSWERS: u32 = 46;

pub(super) fn answer(
    instance: &mut Instance,
    request: &Request,
    object: &'static Object,
    rest: &[&str],
) -> Result<Answer, Refusal> {
    match (request.method.as_str(), rest) {
        ("GET", []) => Ok(Answer::ok(json!({
            "objectDescribe": describe::short(request, object), "recentItems": [],
        }))),
        ("POST", [] | ["Id"]) => create(instance, request, object, request.object()?),
        ("GET", [id]) => {
            let record = instance.data.find(object, id)?;
            Ok(Answer::ok(whole(instance, request, object, record)?))
        }
        ("PATCH", [id]) => {
            unchanged(request, instance.data.find(object, id)?)?;
            instance.update(object, id, request.object()?)?;
            Ok(Answer::nothing())
        }
        ("DELETE", [id]) => {
            unchanged(request, instance.data.find(object, id)?)?;
            instance.delete(object, id)?;
            Ok(Answer::nothing())
        }
        (method, [field, value]) => by_external_id(instance, request, object, method, (field, value)),
        (method, [] | [_]) => Err(Refusal::no_method(method)),
        _ => Err(Refusal::not_found()),
    }
}

/// The field of this name, if records can be found by it.
pub(super) fn external_id<'a>(object: &'a Object, name: &str) -> Result<&'a Field, Refusal> {
    let found = object
        .field(name)
        .filter(|field| field.external_id || field.name == "Id");
    found.ok_or_else(|| {
        let message = format!("Provided external ID field does not exist or is not accessible: {name}");
        Refusal::new(404, "NOT_FOUND", message)
    })
}

/// The ids of the records whose field holds this value.
pub(super) fn holders(instance: &Instance, object: &Object, field: &Field, value: &str) -> Vec<String> {
    let found = instance.data.holding(object, field, value);
    found
        .filter_map(|record| data::text(record, "Id").map(str::to_owned))
        .collect()
}

fn by_external_id(
    instance: &mut Instance,
    request: &Request,
    object: &'static Object,
    method: &str,
    (field, value): (&str, &str),
) -> Result<Answer, Refusal> {
    let field = external_id(object, field)?;
    let found = holders(instance, object, field, value);
    match (method, found.as_slice()) {
        (_, [_, _, ..]) => {
            let url = |id: &String| request.url(&format!("sobjects/{}/{id}", object.name));
            Ok(Answer::json(300, found.iter().map(url).collect::<Vec<_>>().into()))
        }
        ("GET", [id]) => {
            let record = instance.data.find(object, id)?;
            Ok(Answer::ok(whole(instance, request, object, record)?))
        }
        ("DELETE", [id]) => {
            instance.delete(object, id)?;
            Ok(Answer::nothing())
        }
        ("PATCH", [] | [_]) => upsert(instance, request, object, (field, value), found.first()),
        _ => Err(Refusal::not_found()),
    }
}

fn upsert(
    instance: &mut Instance,
    request: &Request,
    object: &'static Object,
    (field, value): (&Field, &str),
    found: Option<&String>,
) -> Result<Answer, Refusal> {
    let values = request.object()?;
    if values.keys().any(|name| name.eq_ignore_ascii_case(&field.name)) {
        let message = format!("The {} field should not be specified in the sobject data.", field.name);
        return Err(Refusal::bad("INVALID_FIELD", message));
    }
    match found {
        Some(id) => {
            instance.update(object, id, values)?;
            if request.version < UPSERT_ANSWERS {
                return Ok(Answer::nothing());
            }
            Ok(Answer::ok(
                json!({ "id": id, "success": true, "errors": [], "created": false }),
            ))
        }
        None if field.name == "Id" || request.parameter("updateOnly") == Some("true") => Err(Refusal::not_found()),
        None => {
            let mut values = values.clone();
            values.insert(field.name.clone(), value.into());
            let mut answer = create(instance, request, object, &values)?;
            if let Some(body) = answer
                .body
                .as_object_mut()
                .filter(|_| request.version >= UPSERT_ANSWERS)
            {
                body.insert("created".to_owned(), true.into());
            }
            Ok(answer)
        }
    }
}

fn create(
    instance: &mut Instance,
    request: &Request,
    object: &'static Object,
    values: &Record,
) -> Result<Answer, Refusal> {
    let id = instance.insert(object, values)?;
    let mut answer = Answer::json(201, json!({ "id": id, "success": true, "errors": [] }));
    answer
        .headers
        .push(("Location", request.url(&format!("sobjects/{}/{id}", object.name))));
    Ok(answer)
}

/// A record with the fields that were asked for, or all.
pub(super) fn whole(
    instance: &Instance,
    request: &Request,
    object: &'static Object,
    record: &Record,
) -> Result<Value, Refusal> {
    let selections = match request.list("fields") {
        None => vec![Selection::Fields(Which::All)],
        Some(names) => selections(&names),
    };
    let query = fields(object, selections);
    let rendered = instance.scope(request).render(object, &query, vec![record]);
    let rendered = rendered.map_err(|flaw| Refusal::bad(flaw.code, flaw.message))?;
    Ok(rendered.into_iter().next().unwrap_or_default())
}

/// Fields by their names, which may lead through references.
pub(super) fn selections(names: &[String]) -> Vec<Selection> {
    let path = |name: &String| Path {
        names: name.split('.').map(str::to_owned).collect(),
        at: 0,
    };
    names.iter().map(|name| Selection::Field(path(name))).collect()
}

/// A query for these fields.
pub(super) fn fields(object: &Object, selections: Vec<Selection>) -> Query {
    Query {
        selections,
        from: Path {
            names: vec![object.name.clone()],
            at: 0,
        },
        condition: None,
        group_by: Vec::new(),
        order_by: Vec::new(),
        limit: Some(1),
        offset: 0,
    }
}

/// `If-Unmodified-Since`: refused where the record changed since then.
fn unchanged(request: &Request, record: &Record) -> Result<(), Refusal> {
    let since = request
        .headers
        .get("if-unmodified-since")
        .map(|text| rfc2822::parse(text));
    let changed: Option<Timestamp> = data::text(record, "LastModifiedDate").and_then(|text| text.parse().ok());
    match since.zip(changed) {
        Some((Ok(since), changed)) if changed > since.timestamp() => {
            let message = "The request's precondition was not met: the record was changed.";
            Err(Refusal::new(412, "PRECONDITION_FAILED", message))
        }
        _ => Ok(()),
    }
}
