//! What an instance says of its objects and fields.

use serde_json::{Value, json};

use super::exchange::Request;
use super::schema::{Field, Kind, Object, SCHEMA};

/// `GET /sobjects`: every object in short.
pub(super) fn global(request: &Request) -> Value {
    let sobjects: Vec<_> = SCHEMA.objects().iter().map(|object| short(request, object)).collect();
    json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sobjects })
}

/// What is said of an object in every place.
pub(super) fn short(request: &Request, object: &Object) -> Value {
    let base = request.url(&format!("sobjects/{}", object.name));
    let open = !object.read_only;
    json!({
        "name": object.name, "label": object.label(), "labelPlural": object.plural, "keyPrefix": object.prefix,
        "custom": object.name.ends_with("__c"), "customSetting": false, "deprecatedAndHidden": false,
        "createable": open, "updateable": open, "deletable": open, "undeletable": open, "mergeable": false,
        "queryable": true, "retrieveable": true, "replicateable": true, "searchable": open, "layoutable": open,
        "urls": {
            "sobject": base, "describe": format!("{base}/describe"), "rowTemplate": format!("{base}/{{ID}}"),
        },
    })
}

/// `GET /sobjects/{object}/describe`: all of it.
pub(super) fn object(request: &Request, object: &Object) -> Value {
    let children = SCHEMA.children(object).map(|(child, field, name)| {
        json!({
            "childSObject": child.name, "field": field.name, "relationshipName": name,
            "cascadeDelete": !field.is_custom(), "deprecatedAndHidden": false,
        })
    });
    let fields = object.fields.iter().map(|one| field(object, one));
    let more = [
        ("childRelationships", children.collect()),
        ("fields", fields.collect()),
        ("recordTypeInfos", json!([])),
        (
            "supportedScopes",
            json!([{ "label": "All records", "name": "everything" }]),
        ),
    ];
    let mut whole = short(request, object);
    if let Some(entries) = whole.as_object_mut() {
        entries.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    whole
}

fn field(object: &Object, field: &Field) -> Value {
    let kind = field.kind;
    let open = !object.read_only && field.is_writable();
    let values: Vec<_> = field.values.iter().map(|value| choice(value)).collect();
    json!({
        "name": field.name, "label": field.label(), "type": kind.name(), "soapType": soap(kind),
        "length": if kind == Kind::Reference { 18 } else { field.length }, "byteLength": field.length * 3,
        "precision": if kind == Kind::Int { 0 } else { field.precision }, "scale": field.scale,
        "digits": if kind == Kind::Int { field.precision } else { 0 },
        "createable": open, "updateable": open, "nillable": !field.required && kind != Kind::Boolean,
        "defaultedOnCreate": !field.is_writable() || kind == Kind::Boolean || field.name == "OwnerId",
        "filterable": field.is_filterable(), "sortable": field.is_filterable(), "groupable": field.is_filterable(),
        "aggregatable": field.is_filterable(), "unique": field.unique, "externalId": field.external_id,
        "idLookup": field.external_id || matches!(kind, Kind::Id | Kind::Email), "custom": field.is_custom(),
        "calculated": false, "autoNumber": false, "nameField": field.name == "Name", "caseSensitive": false,
        "restrictedPicklist": field.restricted, "dependentPicklist": false, "picklistValues": values,
        "referenceTo": field.reference_to.iter().collect::<Vec<_>>(), "relationshipName": field.relationship,
        "polymorphicForeignKey": false, "permissionable": field.is_writable() && !field.required,
        "deprecatedAndHidden": false, "defaultValue": Value::Null, "inlineHelpText": Value::Null,
        "compoundFieldName": Value::Null, "extraTypeInfo": Value::Null,
    })
}

fn choice(value: &str) -> Value {
    json!({ "active": true, "defaultValue": false, "label": value, "validFor": Value::Null, "value": value })
}

fn soap(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference => "tns:ID",
        Kind::Boolean => "xsd:boolean",
        Kind::Int => "xsd:int",
        Kind::Double | Kind::Currency | Kind::Percent => "xsd:double",
        Kind::Date => "xsd:date",
        Kind::Datetime => "xsd:dateTime",
        _ => "xsd:string",
    }
}
