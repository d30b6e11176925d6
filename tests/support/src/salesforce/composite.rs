//! `/composite`: up to 25 requests in one, each of which may use what those before it answered. The answer is 200 with
//! the status of each inside, whatever became of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::exchange::{Answer, Request, Target};
use super::instance::Instance;
use super::refusal::Refusal;

const LIMIT: usize = 25;
const QUERY_LIMIT: usize = 5;

pub(super) fn answer(instance: &mut Instance, request: &Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let parts = body.get("compositeRequest").and_then(Value::as_array);
    let parts = parts.ok_or_else(|| Refusal::bad("JSON_PARSER_ERROR", "compositeRequest is missing"))?;
    let names = check(parts)?;
    let all_or_none = body.get("allOrNone").and_then(Value::as_bool).unwrap_or_default();
    let before = instance.data.clone();
    let mut answered = BTreeMap::new();
    let mut answers = Vec::new();
    for (part, name) in parts.iter().zip(&names) {
        let answer = run(instance, request, part, &answered).unwrap_or_else(Answer::from);
        if !answer.is_error() {
            answered.insert(name.clone(), answer.body.clone());
        }
        let stop = answer.is_error() && all_or_none;
        answers.push(answer);
        if stop {
            break;
        }
    }
    if all_or_none && answers.iter().any(Answer::is_error) {
        instance.data = before;
        roll_back(&mut answers, parts.len());
    }
    let said: Vec<_> = answers
        .iter()
        .zip(&names)
        .map(|(answer, name)| said(answer, name))
        .collect();
    Ok(Answer::ok(json!({ "compositeResponse": said })))
}

/// The names of the parts; they must differ, or nothing is done at all.
fn check(parts: &[Value]) -> Result<Vec<String>, Refusal> {
    let is_query = |part: &&Value| part["url"].as_str().is_some_and(|url| url.contains("/query"));
    if parts.len() > LIMIT || parts.iter().filter(is_query).count() > QUERY_LIMIT {
        let message =
            format!("At most {LIMIT} subrequests, {QUERY_LIMIT} of them queries, fit into a composite request.");
        return Err(Refusal::bad("LIMIT_EXCEEDED", message));
    }
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        let name = part["referenceId"].as_str().unwrap_or_default();
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain || names.iter().any(|own| own == name) {
            let message = format!(
                "Provided referenceId ('{name}') is missing, used twice, or has other characters than \
                letters, numbers and underscores."
            );
            return Err(Refusal::bad("INVALID_INPUT", message));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// All parts but those that failed by themselves say that they were rolled back or not begun.
fn roll_back(answers: &mut Vec<Answer>, parts: usize) {
    let message = "The transaction was rolled back since another operation in the same transaction failed.";
    let halted = Answer::from(Refusal::bad("PROCESSING_HALTED", message));
    for answer in answers.iter_mut().filter(|answer| !answer.is_error()) {
        *answer = halted.clone();
    }
    answers.resize(parts, halted);
}

fn run(
    instance: &mut Instance,
    request: &Request,
    part: &Value,
    answered: &BTreeMap<String, Value>,
) -> Result<Answer, Refusal> {
    let url = filled(part["url"].as_str().unwrap_or_default(), answered)?;
    let url = url.as_str().unwrap_or_default();
    let target = Target::read(url).ok_or_else(Refusal::not_found)?;
    let path = match target.parts().as_slice() {
        ["services", "data", _, rest @ ..] => rest.iter().map(|part| (*part).to_owned()).collect(),
        _ => return Err(Refusal::not_found()),
    };
    let headers = part["httpHeaders"].as_object().into_iter().flatten();
    let inner = Request {
        method: part["method"].as_str().unwrap_or_default().to_ascii_uppercase(),
        version: request.version,
        path,
        parameters: target.parameters,
        headers: headers
            .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())))
            .collect(),
        body: part.get("body").map(|body| fill(body, answered)).transpose()?,
    };
    if matches!(inner.path.as_slice(), [first] if first == "composite") {
        return Err(Refusal::bad(
            "INVALID_INPUT",
            "A composite request cannot hold another.",
        ));
    }
    Ok(instance.answer(&inner))
}

/// A body with its references replaced.
fn fill(value: &Value, answered: &BTreeMap<String, Value>) -> Result<Value, Refusal> {
    Ok(match value {
        Value::String(text) => filled(text, answered)?,
        Value::Array(items) => items
            .iter()
            .map(|item| fill(item, answered))
            .collect::<Result<Vec<_>, _>>()?
            .into(),
        Value::Object(fields) => {
            let pairs = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill(value, answered)?)));
            pairs.collect::<Result<Map<_, _>, Refusal>>()?.into()
        }
        _ => value.clone(),
    })
}

/// A text with `@{name.field}` replaced; the value itself where there is nothing else in it.
fn filled(text: &str, answered: &BTreeMap<String, Value>) -> Result<Value, Refusal> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, (reference, after))) = rest
        .split_once("@{")
        .and_then(|(before, inner)| Some((before, inner.split_once('}')?)))
    {
        let value = referred(reference, answered)?;
        if before.is_empty() && after.is_empty() && out.is_empty() {
            return Ok(value.clone());
        }
        out.push_str(before);
        out.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        rest = after;
    }
    out.push_str(rest);
    Ok(out.into())
}

fn referred<'a>(reference: &str, answered: &'a BTreeMap<String, Value>) -> Result<&'a Value, Refusal> {
    let mut parts = reference.split(['.', '[', ']']).filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or_default();
    let step = |value: &'a Value, part: &str| match part.parse::<usize>() {
        Ok(at) => value.get(at),
        Err(_) => value.get(part),
    };
    let found = answered.get(name).and_then(|value| parts.try_fold(value, step));
    found.ok_or_else(|| {
        let path = reference.split_once('.').map_or(reference, |(_, path)| path);
        let message = format!("Invalid reference specified. No value for {path} found in {name}");
        Refusal::bad("PROCESSING_HALTED", message)
    })
}

fn said(answer: &Answer, name: &str) -> Value {
    let headers: Map<_, _> = answer
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
        .collect();
    json!({ "body": answer.body, "httpHeaders": headers, "httpStatusCode": answer.status, "referenceId": name })
}
