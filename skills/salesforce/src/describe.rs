//! Objects and their fields.

use serde::Deserialize;
use skillhost_sdk::ToolError;

use crate::exports::skillhost::salesforce::records::{
    ChildDescription, FieldDescription, ObjectDescription, ObjectSummary,
};
use crate::name::Name;
use crate::service::{self, Effect};

/// An organization may have thousands of objects.
const MOST: usize = 500;

#[derive(Deserialize)]
struct Global {
    sobjects: Vec<Short>,
}

#[derive(Deserialize)]
struct Short {
    name: String,
    label: String,
    createable: bool,
    queryable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    name: String,
    label: String,
    createable: bool,
    updateable: bool,
    deletable: bool,
    fields: Vec<Field>,
    child_relationships: Vec<Child>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: String,
    label: String,
    #[serde(rename = "type")]
    data_type: String,
    length: u32,
    nillable: bool,
    createable: bool,
    updateable: bool,
    filterable: bool,
    defaulted_on_create: bool,
    external_id: bool,
    id_lookup: bool,
    reference_to: Vec<String>,
    relationship_name: Option<String>,
    picklist_values: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    active: bool,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Child {
    #[serde(rename = "childSObject")]
    child_object: String,
    field: String,
    relationship_name: Option<String>,
}

/// The objects whose name or label contains this.
pub(crate) fn list(containing: Option<&str>) -> Result<Vec<ObjectSummary>, ToolError> {
    let response = service::read(service::url(&["sobjects"], &[])?)?;
    let global: Global = service::json(&response, Effect::Read)?;
    let wanted = global
        .sobjects
        .into_iter()
        .filter(|one| contains(containing, &one.name, &one.label));
    let summary = |Short {
                       name,
                       label,
                       createable,
                       queryable,
                   }| ObjectSummary {
        name,
        label,
        createable,
        queryable,
    };
    Ok(wanted.take(MOST).map(summary).collect())
}

/// An object, with the fields whose name or label contains this.
pub(crate) fn object(name: &str, containing: Option<&str>) -> Result<ObjectDescription, ToolError> {
    let name = Name::object(name)?;
    let response = service::read(service::url(&["sobjects", name.as_str(), "describe"], &[])?)?;
    let object: Object = service::json(&response, Effect::Read)?;
    let wanted = object
        .fields
        .into_iter()
        .filter(|one| contains(containing, &one.name, &one.label));
    let named = |child: Child| {
        let relationship = child.relationship_name?;
        Some(ChildDescription {
            relationship,
            object: child.child_object,
            field: child.field,
        })
    };
    Ok(ObjectDescription {
        name: object.name,
        label: object.label,
        createable: object.createable,
        updateable: object.updateable,
        deletable: object.deletable,
        fields: wanted.map(field).collect(),
        children: object.child_relationships.into_iter().filter_map(named).collect(),
    })
}

fn field(field: Field) -> FieldDescription {
    FieldDescription {
        required: field.createable && !field.nillable && !field.defaulted_on_create,
        external_id: field.external_id || (field.id_lookup && field.data_type == "id"),
        max_length: Some(field.length).filter(|length| *length > 0),
        choices: field
            .picklist_values
            .into_iter()
            .filter(|one| one.active)
            .map(|one| one.value)
            .collect(),
        name: field.name,
        label: field.label,
        data_type: field.data_type,
        createable: field.createable,
        updateable: field.updateable,
        filterable: field.filterable,
        refers_to: field.reference_to,
        relationship: field.relationship_name,
    }
}

fn contains(wanted: Option<&str>, name: &str, label: &str) -> bool {
    let wanted = wanted.map(str::to_lowercase);
    wanted.is_none_or(|wanted| name.to_lowercase().contains(&wanted) || label.to_lowercase().contains(&wanted))
}
