//! The tools, run without a host: against recorded answers of the simulator (`talk.rs`), and against answers that it
//! cannot give.

mod binding;
mod changes;
mod failures;
mod queries;
mod records;
mod refusals;
mod talk;

use crate::Salesforce;
use crate::exports::skillhost::salesforce::records::{
    Action, Argument, Changes, CreateStep, DeleteStep, ExternalId, Field, Guest, Key, Parameter, Question, SearchIn,
    SearchObject, SearchRequest, Step, StepField, StepValue, UpdateStep, UpsertStep, Value,
};
use talk::Talk;

fn field(name: &str, value: Value) -> Field {
    Field {
        name: name.to_owned(),
        value,
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn account(name: &str) -> Vec<Field> {
    vec![field("Name", text(name))]
}

fn question(soql: &str, parameters: &[(&str, Argument)]) -> Question {
    let named = |(name, value): &(&str, Argument)| Parameter {
        name: (*name).to_owned(),
        value: value.clone(),
    };
    Question {
        soql: soql.to_owned(),
        parameters: Some(parameters.iter().map(named).collect()),
        max_records: None,
        include_deleted: None,
    }
}

fn by_code(value: &str) -> ExternalId {
    ExternalId {
        field: "External_Id__c".to_owned(),
        value: value.to_owned(),
    }
}

fn step(name: &str, action: Action) -> Step {
    Step {
        name: name.to_owned(),
        action,
    }
}

fn steps(fields: &[(&str, StepValue)]) -> Vec<StepField> {
    let one = |(name, value): &(&str, StepValue)| StepField {
        name: (*name).to_owned(),
        value: value.clone(),
    };
    fields.iter().map(one).collect()
}

fn create(object: &str, fields: &[(&str, StepValue)]) -> Action {
    Action::Create(CreateStep {
        object: object.to_owned(),
        fields: steps(fields),
    })
}

fn name(text: &str) -> (&'static str, StepValue) {
    ("Name", StepValue::Text(text.to_owned()))
}
