//! `/composite/sobjects`: up to 200 records in a request. The answer is 200 with a result for each, whatever became of
//! them.

use serde_json::{Value, json};

use super::data::Record;
use super::exchange::{Answer, Request};
use super::instance::{self, Instance};
use super::refusal::Refusal;
use super::schema::{Field, Object, SCHEMA};
use super::{id, rows};

const LIMIT: usize = 200;

pub(super) fn answer(instance: &mut Instance, request: &Request, rest: &[&str]) -> Result<Answer, Refusal> {
    match (request.method.as_str(), rest) {
        ("POST", []) => each(instance, request, records(request)?, |instance, record| {
            create(instance, &record)
        }),
        ("PATCH", []) => each(instance, request, records(request)?, |instance, record| {
            update(instance, record)
        }),
        ("DELETE", []) => {
            let ids = request.list("ids").unwrap_or_default();
            each(instance, request, capped(ids)?, |instance, id| delete(instance, &id))
        }
        ("GET" | "POST", [name]) => retrieve(instance, request, instance::object(name)?),
        ("PATCH", [name, field]) => {
            let object = instance::object(name)?;
            let field = rows::external_id(object, field)?;
            each(instance, request, records(request)?, |instance, record| {
                upsert(instance, object, field, &record)
            })
        }
        (method, [] | [_] | [_, _]) => Err(Refusal::no_method(method)),
        _ => Err(Refusal::not_found()),
    }
}

fn capped<T>(items: Vec<T>) -> Result<Vec<T>, Refusal> {
    if items.len() <= LIMIT {
        return Ok(items);
    }
    let message = "record limit reached. cannot submit more than 200 records into this call";
    Err(Refusal::bad("EXCEEDED_ID_LIMIT", message))
}

fn records(request: &Request) -> Result<Vec<Record>, Refusal> {
    let list = request.object()?.get("records").and_then(Value::as_array);
    let list = list.ok_or_else(|| Refusal::bad("REQUIRED_FIELD_MISSING", "Required fields are missing: [records]"))?;
    let records: Option<Vec<_>> = list.iter().map(|record| record.as_object().cloned()).collect();
    capped(records.ok_or_else(|| Refusal::bad("JSON_PARSER_ERROR", "Every record must be a JSON object."))?)
}

/// Does something to each, and all or nothing where the request says so.
fn each<T>(
    instance: &mut Instance,
    request: &Request,
    items: Vec<T>,
    change: impl Fn(&mut Instance, T) -> Result<Value, Refusal>,
) -> Result<Answer, Refusal> {
    let in_body = request.body.as_ref().and_then(|body| body["allOrNone"].as_bool());
    let all_or_none = in_body.unwrap_or(request.parameter("allOrNone") == Some("true"));
    let before = instance.data.clone();
    let results: Vec<_> = items.into_iter().map(|item| change(instance, item)).collect();
    let roll_back = all_or_none && results.iter().any(Result::is_err);
    if roll_back {
        instance.data = before;
    }
    let said = results.into_iter().map(|result| match result {
        Ok(value) if !roll_back => value,
        Ok(_) => {
            let message =
                "Record rolled back because not all records were valid and the request was using AllOrNone header";
            failed(&Refusal::bad("ALL_OR_NONE_OPERATION_ROLLED_BACK", message))
        }
        Err(refusal) => failed(&refusal),
    });
    Ok(Answer::ok(said.collect()))
}

fn failed(refusal: &Refusal) -> Value {
    json!({ "success": false, "errors": [refusal.in_result()] })
}

fn done(id: &str) -> Value {
    json!({ "id": id, "success": true, "errors": [] })
}

fn typed(record: &Record) -> Result<&'static Object, Refusal> {
    let name = record
        .get("attributes")
        .and_then(|attributes| attributes["type"].as_str())
        .unwrap_or_default();
    let message = || format!("sObject type '{name}' is not supported.");
    SCHEMA
        .object(name)
        .ok_or_else(|| Refusal::bad("INVALID_TYPE", message()))
}

/// The id of a record and its other values.
fn parted(mut record: Record) -> (String, Record) {
    let name = record
        .keys()
        .find(|name| name.eq_ignore_ascii_case("id"))
        .cloned()
        .unwrap_or_default();
    let id = record
        .shift_remove(&name)
        .and_then(|id| id.as_str().map(str::to_owned))
        .unwrap_or_default();
    (id, record)
}

fn create(instance: &mut Instance, record: &Record) -> Result<Value, Refusal> {
    let object = typed(record)?;
    instance.insert(object, record).map(|id| done(&id))
}

fn update(instance: &mut Instance, record: Record) -> Result<Value, Refusal> {
    let object = typed(&record)?;
    let (id, values) = parted(record);
    instance.update(object, &id, &values).map(|()| done(&id))
}

fn upsert(instance: &mut Instance, object: &'static Object, field: &Field, record: &Record) -> Result<Value, Refusal> {
    let value = record
        .get(&field.name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if value.is_empty() {
        let message = format!("{} not specified", field.name);
        return Err(Refusal::bad("MISSING_ARGUMENT", message));
    }
    let (id, created) = match rows::holders(instance, object, field, &value).as_slice() {
        [] => (instance.insert(object, record)?, true),
        [id] => {
            instance.update(object, id, record)?;
            (id.clone(), false)
        }
        _ => {
            let message = format!("{}: more than one record found for external id field", field.name);
            return Err(Refusal::bad("DUPLICATE_EXTERNAL_ID", message));
        }
    };
    Ok(json!({ "id": id, "success": true, "errors": [], "created": created }))
}

fn delete(instance: &mut Instance, given: &str) -> Result<Value, Refusal> {
    let malformed = || Refusal::bad("MALFORMED_ID", format!("malformed id {given}"));
    let whole = id::whole(given).ok_or_else(malformed)?;
    let object = SCHEMA.of_id(&whole).ok_or_else(malformed)?;
    instance.delete(object, &whole).map(|()| done(&whole))
}

/// Records by their ids, null for those that are not there.
fn retrieve(instance: &Instance, request: &Request, object: &'static Object) -> Result<Answer, Refusal> {
    let texts = |name: &str| -> Option<Vec<String>> {
        let body = request.body.as_ref().and_then(|body| body[name].as_array());
        let listed = body.map(|list| list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect());
        listed.or_else(|| request.list(name))
    };
    let missing = |name| {
        Refusal::bad(
            "REQUIRED_FIELD_MISSING",
            format!("Required fields are missing: [{name}]"),
        )
    };
    let ids = capped(texts("ids").ok_or_else(|| missing("ids"))?)?;
    let names = texts("fields").ok_or_else(|| missing("fields"))?;
    let query = rows::fields(object, rows::selections(&names));
    let scope = instance.scope(request);
    let one = |id: &String| match instance.data.find(object, id) {
        Err(_) => Ok(Value::Null),
        Ok(record) => scope
            .render(object, &query, vec![record])
            .map(|mut rows| rows.pop().unwrap_or_default()),
    };
    let found: Result<Vec<_>, _> = ids.iter().map(one).collect();
    found
        .map(|records| Answer::ok(records.into()))
        .map_err(|flaw| Refusal::bad(flaw.code, flaw.message))
}
