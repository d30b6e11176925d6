//! The records of an instance, and the rules by which they change.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::schema::{Field, Kind, Object, SCHEMA};
use super::{field, id};

/// The values of a record by the names of its fields, in their order.
pub(super) type Record = Map<String, Value>;

/// All records, the deleted ones too. A clone is how a transaction is rolled back.
#[derive(Clone, Default)]
pub(super) struct Data {
    tables: BTreeMap<String, BTreeMap<String, Record>>,
    made: u64,
    changes: i64,
}

impl Data {
    /// The moment of the last change. The first change happens a second after the year 2026 began, each further one a
    /// second later: the same changes always give the same records.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_second(1_767_225_600).unwrap_or_default() + SignedDuration::from_secs(self.changes)
    }

    /// The records of an object in the order in which they were made, the deleted ones too.
    pub(super) fn all(&self, object: &Object) -> impl Iterator<Item = &Record> {
        self.tables.get(&object.name).into_iter().flat_map(BTreeMap::values)
    }

    /// The records of an object that were not deleted.
    pub(super) fn living(&self, object: &Object) -> impl Iterator<Item = &Record> {
        self.all(object).filter(|record| !is_deleted(record))
    }

    /// The record of an id, which may be written with 15 characters.
    pub(super) fn find(&self, object: &Object, id: &str) -> Result<&Record, Refusal> {
        let whole = id::whole(id).filter(|whole| whole.starts_with(&object.prefix));
        let Some(whole) = whole else {
            let message = format!("Provided external ID field does not exist or is not accessible: {id}");
            return Err(Refusal::new(404, "NOT_FOUND", message));
        };
        match self.tables.get(&object.name).and_then(|table| table.get(&whole)) {
            None => Err(Refusal::not_found()),
            Some(record) if is_deleted(record) => Err(Refusal::new(404, "ENTITY_IS_DELETED", "entity is deleted")),
            Some(record) => Ok(record),
        }
    }

    /// The living record that a reference leads to.
    pub(super) fn follow(&self, reference: &Value) -> Option<(&'static Object, &Record)> {
        let id = reference.as_str()?;
        let object = SCHEMA.of_id(id)?;
        self.find(object, id).ok().map(|record| (object, record))
    }

    /// The living records whose field holds this value, letters' case aside.
    pub(super) fn holding<'a>(
        &'a self,
        object: &Object,
        field: &'a Field,
        value: &'a str,
    ) -> impl Iterator<Item = &'a Record> {
        let same = move |record: &&Record| text(record, &field.name).is_some_and(|own| own.eq_ignore_ascii_case(value));
        self.living(object).filter(same)
    }

    /// Makes a record and answers its id.
    pub(super) fn insert(&mut self, object: &Object, given: &Record, user: &str) -> Result<String, Refusal> {
        let values = self.check(object, given, None)?;
        require(object, |field| values.get(&field.name).is_none_or(Value::is_null))?;
        self.made += 1;
        self.changes += 1;
        let id = id::make(&object.prefix, self.made);
        let mut record: Record = object
            .fields
            .iter()
            .map(|field| (field.name.clone(), empty(field)))
            .collect();
        record.insert("Id".to_owned(), id.clone().into());
        stamp(
            &mut record,
            ["CreatedDate", "LastModifiedDate", "SystemModstamp"],
            &field::moment(self.now()),
        );
        stamp(&mut record, ["CreatedById", "LastModifiedById", "OwnerId"], user);
        merge(object, &mut record, values);
        self.tables
            .entry(object.name.clone())
            .or_default()
            .insert(id.clone(), record);
        Ok(id)
    }

    /// Changes a record.
    pub(super) fn update(&mut self, object: &Object, id: &str, given: &Record, user: &str) -> Result<(), Refusal> {
        let id = text(self.find(object, id)?, "Id").unwrap_or_default().to_owned();
        let values = self.check(object, given, Some(&id))?;
        require(object, |field| values.get(&field.name).is_some_and(Value::is_null))?;
        self.changes += 1;
        let now = field::moment(self.now());
        if let Some(record) = self.tables.get_mut(&object.name).and_then(|table| table.get_mut(&id)) {
            stamp(record, ["LastModifiedDate", "SystemModstamp"], &now);
            stamp(record, ["LastModifiedById"], user);
            merge(object, record, values);
        }
        Ok(())
    }

    /// Deletes a record. The standard objects' records that refer to it go with it; custom ones let go of it.
    pub(super) fn delete(&mut self, object: &Object, id: &str) -> Result<(), Refusal> {
        let id = text(self.find(object, id)?, "Id").unwrap_or_default().to_owned();
        self.changes += 1;
        if let Some(record) = self.tables.get_mut(&object.name).and_then(|table| table.get_mut(&id)) {
            record.insert("IsDeleted".to_owned(), true.into());
        }
        for (child, field, _) in SCHEMA.children(object) {
            let referring = self.holding(child, field, &id).filter_map(|record| text(record, "Id"));
            for one in referring.map(str::to_owned).collect::<Vec<_>>() {
                if field.is_custom() {
                    let records = self.tables.get_mut(&child.name).and_then(|table| table.get_mut(&one));
                    records.map(|record| record.insert(field.name.clone(), Value::Null));
                } else {
                    self.delete(child, &one)?;
                }
            }
        }
        Ok(())
    }

    /// Checks what is written, field by field, and answers the values as they are kept.
    fn check(&self, object: &Object, given: &Record, own: Option<&str>) -> Result<Record, Refusal> {
        let mut kept = Record::new();
        for (name, value) in given.iter().filter(|(name, _)| *name != "attributes") {
            if let Some((field, id)) = self.referred(object, name, value)? {
                kept.insert(field.name.clone(), id.into());
                continue;
            }
            let Some(field) = object.field(name) else {
                let message = format!("No such column '{name}' on sobject of type {}", object.name);
                return Err(Refusal::bad("INVALID_FIELD", message));
            };
            writable(field)?;
            let value = field::keep(field, value)?;
            self.unique(object, field, &value, own)?;
            self.refers(field, &value)?;
            kept.insert(field.name.clone(), value);
        }
        Ok(kept)
    }

    /// A reference that is written by an external id of the other record: `"Account": {"External_Id__c": "A-1"}`.
    fn referred<'a>(
        &self,
        object: &'a Object,
        name: &str,
        value: &Value,
    ) -> Result<Option<(&'a Field, String)>, Refusal> {
        let field = object.relationship(name).filter(|field| field.is_writable());
        let Some((field, other)) = field.zip(value.as_object()) else {
            return Ok(None);
        };
        let target = field.reference_to.as_deref().and_then(|target| SCHEMA.object(target));
        let named = target.zip(other.iter().find(|(name, _)| *name != "attributes"));
        let found = named.and_then(|(target, (name, value))| {
            let key = target.field(name).filter(|key| key.external_id)?;
            self.holding(target, key, value.as_str()?)
                .next()
                .and_then(|record| text(record, "Id"))
        });
        let message = || format!("Foreign key external ID: {value} not found for field {name}");
        let id = found.ok_or_else(|| Refusal::bad("INVALID_FIELD", message()).at([name]))?;
        Ok(Some((field, id.to_owned())))
    }

    fn unique(&self, object: &Object, field: &Field, value: &Value, own: Option<&str>) -> Result<(), Refusal> {
        let Some(value) = value.as_str().filter(|_| field.unique) else {
            return Ok(());
        };
        let mut holders = self
            .holding(object, field, value)
            .filter_map(|record| text(record, "Id"));
        match holders.find(|id| Some(*id) != own) {
            None => Ok(()),
            Some(id) => {
                let message = format!(
                    "duplicate value found: {} duplicates value on record with id: {id}",
                    field.name
                );
                Err(Refusal::bad("DUPLICATE_VALUE", message))
            }
        }
    }

    fn refers(&self, field: &Field, value: &Value) -> Result<(), Refusal> {
        if field.kind == Kind::Reference && !value.is_null() && self.follow(value).is_none() {
            return Err(Refusal::bad(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
            ));
        }
        Ok(())
    }
}

/// The text of a field, where it has one.
pub(super) fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_str)
}

/// Whether the record lies in the bin.
pub(super) fn is_deleted(record: &Record) -> bool {
    record.get("IsDeleted") == Some(&Value::Bool(true))
}

fn writable(field: &Field) -> Result<(), Refusal> {
    if field.is_writable() {
        return Ok(());
    }
    if field.name == "Id" {
        return Err(Refusal::bad(
            "INVALID_FIELD",
            "The Id field should not be specified in the sobject data.",
        ));
    }
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is \
         read/write for your profile or permission set.",
        field.name
    );
    Err(Refusal::bad("INVALID_FIELD_FOR_INSERT_UPDATE", message).at([&field.name]))
}

fn require(object: &Object, missing: impl Fn(&Field) -> bool) -> Result<(), Refusal> {
    let missing = object.fields.iter().filter(|field| field.required && missing(field));
    let names: Vec<_> = missing.map(|field| field.name.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!("Required fields are missing: [{}]", names.join(", "));
    Err(Refusal::bad("REQUIRED_FIELD_MISSING", message).at(names))
}

fn empty(field: &Field) -> Value {
    if field.kind == Kind::Boolean {
        false.into()
    } else {
        Value::Null
    }
}

fn stamp<const N: usize>(record: &mut Record, names: [&str; N], value: &str) {
    for name in names {
        if let Some(own) = record.get_mut(name) {
            *own = value.into();
        }
    }
}

fn merge(object: &Object, record: &mut Record, values: Record) {
    record.extend(values);
    for field in object.fields.iter().filter(|field| !field.joins.is_empty()) {
        let parts: Vec<_> = field.joins.iter().filter_map(|name| text(record, name)).collect();
        let joined = parts.join(" ");
        record.insert(field.name.clone(), joined.into());
    }
}
