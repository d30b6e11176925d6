//! Finds, reads and writes records of Salesforce.

mod bind;
mod composite;
mod describe;
mod failure;
mod literal;
mod name;
mod query;
mod record;
mod search;
mod service;
mod table;

use exports::skillhost::salesforce::records::{
    Changed, Changes, Deleted, ExternalId, Field, Found, Guest, Key, ObjectDescription, ObjectSummary, Question, Saved,
    SearchRequest, Table, WholeRecord,
};
use skillhost_sdk::ToolError;

skillhost_sdk::bindings!("salesforce");

struct Salesforce;

export!(Salesforce);

impl Guest for Salesforce {
    fn query(question: Question) -> Result<Found, ToolError> {
        query::run(&question)
    }

    fn search(request: SearchRequest) -> Result<Vec<Table>, ToolError> {
        search::run(&request)
    }

    fn list_objects(containing: Option<String>) -> Result<Vec<ObjectSummary>, ToolError> {
        describe::list(containing.as_deref())
    }

    fn describe(object: String, fields_containing: Option<String>) -> Result<ObjectDescription, ToolError> {
        describe::object(&object, fields_containing.as_deref())
    }

    fn get(object: String, key: Key, fields: Option<Vec<String>>) -> Result<WholeRecord, ToolError> {
        record::get(&object, &key, fields.as_deref())
    }

    fn create(object: String, fields: Vec<Field>) -> Result<Saved, ToolError> {
        record::create(&object, &fields)
    }

    fn update(
        object: String,
        id: String,
        fields: Vec<Field>,
        unless_changed_since: Option<String>,
    ) -> Result<Saved, ToolError> {
        record::update(&object, &id, &fields, unless_changed_since.as_deref())
    }

    fn upsert(object: String, key: ExternalId, fields: Vec<Field>) -> Result<Saved, ToolError> {
        record::upsert(&object, &key, &fields)
    }

    fn delete(object: String, id: String) -> Result<Deleted, ToolError> {
        record::delete(&object, &id)
    }

    fn composite(changes: Changes) -> Result<Changed, ToolError> {
        composite::run(&changes)
    }
}

#[cfg(test)]
mod tests;
