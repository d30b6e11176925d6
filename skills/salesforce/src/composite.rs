//! Several changes in one request. Salesforce answers 200 whatever became of them.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use skillhost_sdk::ToolError;
use skillhost_sdk::http::Method;

use crate::exports::skillhost::salesforce::records::{
    Action, Changed, Changes, Outcome, Saved, Step, StepError, StepField, StepOutcome, StepResult, StepValue, Value,
};
use crate::failure::{self, Complaint};
use crate::name::{Id, Name};
use crate::record::{self, Answered};
use crate::service::{self, Effect};

/// As many parts fit into a composite.
const MOST: usize = 25;

/// How Salesforce says that a part was undone, or not tried.
const HALTED: &str = "PROCESSING_HALTED";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Composite {
    composite_response: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    #[serde(default)]
    body: Json,
    http_status_code: u16,
}

/// Makes the changes.
pub(crate) fn run(changes: &Changes) -> Result<Changed, ToolError> {
    let all_or_none = changes.all_or_none.unwrap_or(true);
    let body = json!({ "allOrNone": all_or_none, "compositeRequest": parts(&changes.steps)? });
    let response = service::write(Method::POST, service::url(&["composite"], &[])?, &body, Effect::Once)?;
    let answered: Composite = service::json(&response, Effect::Once)?;
    let parts = answered.composite_response;
    if parts.len() != changes.steps.len() {
        let message = "Salesforce answered another number of steps than it was given. They may have happened \
            nevertheless: look for them before you do it again.";
        return Err(ToolError::new("outcome-unknown", message));
    }
    let failed = parts
        .iter()
        .position(|part| refused(part).is_some_and(|why| why.error_code != HALTED));
    let named = changes.steps.iter().zip(&parts).enumerate();
    let result = |(at, (step, part)): (usize, (&Step, &Part))| StepResult {
        name: step.name.clone(),
        outcome: outcome(step, part, all_or_none && failed.is_some_and(|failed| at < failed)),
    };
    let steps: Vec<_> = named.map(result).collect();
    Ok(Changed {
        outcome: together(&steps),
        steps,
    })
}

fn parts(steps: &[Step]) -> Result<Vec<Json>, ToolError> {
    if !(1..=MOST).contains(&steps.len()) {
        let message = format!("Give 1 to {MOST} steps.");
        return Err(ToolError::invalid_argument(message).detail("field", "changes.steps"));
    }
    let mut earlier: Vec<&str> = Vec::new();
    let mut parts = Vec::new();
    for step in steps {
        let part = part(step, &earlier).map_err(|error| error.detail("step", &step.name))?;
        parts.push(part);
        earlier.push(&step.name);
    }
    Ok(parts)
}

fn part(step: &Step, earlier: &[&str]) -> Result<Json, ToolError> {
    let name = Name::read(&step.name)
        .filter(|name| !earlier.contains(&name.as_str()))
        .ok_or_else(|| {
            let message = "Give every step a name of its own: a letter, then letters, digits and underscores.";
            ToolError::invalid_argument(message)
        })?;
    let (method, object, path, fields) = match &step.action {
        Action::Create(create) => ("POST", &create.object, Vec::new(), Some(&create.fields)),
        Action::Update(update) => (
            "PATCH",
            &update.object,
            vec![Id::read(&update.id)?.as_str().to_owned()],
            Some(&update.fields),
        ),
        Action::Upsert(upsert) => {
            let field = record::external(&upsert.key, upsert.fields.iter().map(|field| field.name.as_str()))?;
            no_reference(&upsert.key.value)?;
            (
                "PATCH",
                &upsert.object,
                vec![field.to_string(), upsert.key.value.clone()],
                Some(&upsert.fields),
            )
        }
        Action::Delete(delete) => (
            "DELETE",
            &delete.object,
            vec![Id::read(&delete.id)?.as_str().to_owned()],
            None,
        ),
    };
    let object = Name::object(object)?;
    let mut whole = vec!["sobjects", object.as_str()];
    whole.extend(path.iter().map(String::as_str));
    let url = service::url(&whole, &[])?;
    let mut part = json!({ "method": method, "url": url.path(), "referenceId": name.as_str() });
    if let (Some(fields), Some(part)) = (fields, part.as_object_mut()) {
        let written = fields.iter().map(|field| (field.name.as_str(), write(field, earlier)));
        part.insert("body".to_owned(), record::collect(written)?.into());
    }
    Ok(part)
}

fn write(field: &StepField, earlier: &[&str]) -> Result<Json, ToolError> {
    let value = match &field.value {
        StepValue::IdFrom(step) if earlier.contains(&step.as_str()) => return Ok(format!("@{{{step}.id}}").into()),
        StepValue::IdFrom(step) => {
            let message = format!("There is no step `{step}` before this one.");
            return Err(ToolError::invalid_argument(message));
        }
        StepValue::Text(text) => Value::Text(text.clone()),
        StepValue::Number(number) => Value::Number(*number),
        StepValue::Boolean(value) => Value::Boolean(*value),
        StepValue::Date(text) => Value::Date(text.clone()),
        StepValue::DateTime(text) => Value::DateTime(text.clone()),
        StepValue::Null => Value::Null,
        StepValue::Json(text) => Value::Json(text.clone()),
    };
    let written = record::write(&value)?;
    no_reference(&written.to_string())?;
    Ok(written)
}

/// Inside of a composite, Salesforce takes `@{` for a reference, and nothing escapes it.
fn no_reference(text: &str) -> Result<(), ToolError> {
    if !text.contains("@{") {
        return Ok(());
    }
    let message = "Salesforce would take `@{` in a step for a reference: write this value with `create`, `update` or \
        `upsert` instead. For the id of an earlier step, use `id_from`.";
    Err(ToolError::invalid_argument(message))
}

fn outcome(step: &Step, part: &Part, was_before: bool) -> StepOutcome {
    match refused(part) {
        None => StepOutcome::Done(saved(step, part)),
        Some(why) if why.error_code == HALTED && was_before => StepOutcome::RolledBack,
        Some(why) if why.error_code == HALTED => StepOutcome::Skipped,
        Some(why) => StepOutcome::Failed(StepError {
            code: why.error_code,
            message: why.message,
            fields: why.fields,
        }),
    }
}

/// Why a part was not carried out; None where it was.
fn refused(part: &Part) -> Option<Complaint> {
    if part.http_status_code < 300 {
        return None;
    }
    let said = failure::complaints(&part.body).into_iter().next();
    Some(said.unwrap_or_else(|| {
        Complaint {
            error_code: if part.http_status_code == 300 {
                "MULTIPLE_CHOICES"
            } else {
                "UNKNOWN_EXCEPTION"
            }
            .to_owned(),
            message: format!("Salesforce answered {}: {}", part.http_status_code, part.body),
            fields: Vec::new(),
        }
    }))
}

fn saved(step: &Step, part: &Part) -> Saved {
    let answered = Answered::deserialize(&part.body).ok();
    let given = match &step.action {
        Action::Update(update) => update.id.clone(),
        Action::Delete(delete) => delete.id.clone(),
        Action::Create(_) | Action::Upsert(_) => String::new(),
    };
    let made = matches!(step.action, Action::Create(_));
    match answered {
        Some(answered) => Saved {
            created: answered.created.unwrap_or(made),
            id: answered.id,
        },
        None => Saved {
            id: given,
            created: made,
        },
    }
}

fn together(steps: &[StepResult]) -> Outcome {
    let done = steps
        .iter()
        .filter(|step| matches!(step.outcome, StepOutcome::Done(_)))
        .count();
    match done {
        0 => Outcome::None,
        done if done == steps.len() => Outcome::Done,
        _ => Outcome::Partly,
    }
}
