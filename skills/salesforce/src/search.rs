//! Search by words. The words travel as a parameter of their own, so there is no language that they could break out of.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use skillhost_sdk::ToolError;

use crate::exports::skillhost::salesforce::records::{SearchIn, SearchRequest, Table};
use crate::name::{Name, Path};
use crate::service::{self, Effect};
use crate::table::{self, Rows};

const DEFAULT: u32 = 25;
const MOST: u32 = 200;
const OBJECTS: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    search_records: Vec<Map<String, Value>>,
}

/// Searches.
pub(crate) fn run(request: &SearchRequest) -> Result<Vec<Table>, ToolError> {
    let parameters = parameters(request)?;
    let query: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let response = service::read(service::url(&["parameterizedSearch"], &query)?)?;
    let found: Found = service::json(&response, Effect::Read)?;
    let mut tables: BTreeMap<usize, Rows> = BTreeMap::new();
    for record in &found.search_records {
        let object = table::object(record);
        let asked = request
            .objects
            .iter()
            .position(|asked| asked.name.eq_ignore_ascii_case(object));
        let rows = tables.entry(asked.unwrap_or(usize::MAX)).or_default();
        // What does not fit into one table would not fit into the whole answer.
        if !rows.push(record) {
            let message = "More was found than fits into an answer: search with more words or for fewer fields.";
            return Err(ToolError::invalid_argument(message));
        }
    }
    Ok(tables.into_values().map(Rows::table).collect())
}

fn parameters(request: &SearchRequest) -> Result<Vec<(String, String)>, ToolError> {
    let refuse = |field: &str, message: String| Err(ToolError::invalid_argument(message).detail("field", field));
    let most = request.max_records.unwrap_or(DEFAULT);
    if !(1..=MOST).contains(&most) {
        return refuse(
            "request.max_records",
            format!("Ask for 1 to {MOST} records of each object."),
        );
    }
    if !(2..=250).contains(&request.term.trim().chars().count()) {
        return refuse("request.term", "Search for 2 to 250 characters.".to_owned());
    }
    if !(1..=OBJECTS).contains(&request.objects.len()) {
        return refuse("request.objects", format!("Search in 1 to {OBJECTS} objects."));
    }
    let mut parameters = vec![
        ("q".to_owned(), request.term.clone()),
        ("in".to_owned(), place(request).to_owned()),
    ];
    for object in &request.objects {
        let name = Name::object(&object.name)?;
        let fields = match &object.fields {
            Some(fields) => Path::list(fields)?,
            None => "Id,Name".to_owned(),
        };
        parameters.push(("sobject".to_owned(), name.to_string()));
        parameters.push((format!("{name}.fields"), fields));
        parameters.push((format!("{name}.limit"), most.to_string()));
    }
    Ok(parameters)
}

fn place(request: &SearchRequest) -> &'static str {
    match request.search_in {
        None | Some(SearchIn::All) => "ALL",
        Some(SearchIn::Name) => "NAME",
        Some(SearchIn::Email) => "EMAIL",
        Some(SearchIn::Phone) => "PHONE",
    }
}
