//! WIT types to JSON Schema 2020-12.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::read::{HREF, MAX_BASE64, SHA256};
use super::types::{Case, Cases, Field, Integer, Record, Shape, Type};
use super::write::MAX_SAFE;

/// Which way the values go: readers are told what may come, writers what they may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Input,
    Output,
}

type Schema = Map<String, Value>;

/// The schema of arguments.
pub(super) fn object(parameters: &[Field]) -> Value {
    let mut writer = Writer::new(parameters.iter().map(|field| &field.ty), Direction::Input);
    let schema = writer.fields(parameters);
    writer.finish(schema)
}

/// The schema of one value.
pub(super) fn document(ty: Option<&Arc<Type>>, direction: Direction) -> Value {
    let mut writer = Writer::new(ty.into_iter(), direction);
    let schema = writer.payload(ty);
    writer.finish(schema)
}

struct Writer {
    direction: Direction,
    /// Types that are written once, under `$defs`, with their name there: those that have a name and occur more than
    /// once. Anything else is written in place, where it is read best. Without this, types that share parts could
    /// grow without end.
    shared: HashMap<*const Type, String>,
    definitions: Schema,
}

impl Writer {
    fn new<'a>(roots: impl Iterator<Item = &'a Arc<Type>>, direction: Direction) -> Self {
        Self {
            direction,
            shared: shared(roots),
            definitions: Schema::new(),
        }
    }

    fn finish(self, schema: Schema) -> Value {
        let mut document = Schema::new();
        document.insert(
            "$schema".to_owned(),
            "https://json-schema.org/draft/2020-12/schema".into(),
        );
        document.extend(schema);
        if !self.definitions.is_empty() {
            document.insert("$defs".to_owned(), Value::Object(self.definitions));
        }
        Value::Object(document)
    }

    fn ty(&mut self, ty: &Arc<Type>) -> Schema {
        let Some(name) = self.shared.get(&Arc::as_ptr(ty)).cloned() else {
            return self.in_place(ty);
        };
        if !self.definitions.contains_key(&name) {
            // The place is taken first, so that definitions stand in the order in which they are met.
            self.definitions.insert(name.clone(), Value::Null);
            let schema = self.in_place(ty);
            self.definitions.insert(name.clone(), Value::Object(schema));
        }
        keywords(json!({ "$ref": format!("#/$defs/{name}") }))
    }

    fn in_place(&mut self, ty: &Type) -> Schema {
        let schema = match &ty.shape {
            Shape::Bool => keywords(json!({ "type": "boolean" })),
            Shape::Integer(integer) => self.integer(*integer),
            // The range of an `f32` would be two numbers of 39 digits: the reader says it to whoever leaves it.
            Shape::F32 | Shape::F64 => keywords(json!({ "type": "number" })),
            Shape::Char => keywords(json!({ "type": "string", "minLength": 1, "maxLength": 1 })),
            Shape::String => keywords(json!({ "type": "string" })),
            Shape::Bytes => keywords(json!({
                "type": "string", "contentEncoding": "base64", "maxLength": MAX_BASE64,
            })),
            Shape::List(item) => keywords(json!({ "type": "array", "items": self.ty(item) })),
            Shape::Array(item, length) => keywords(json!({
                "type": "array", "items": self.ty(item), "minItems": length, "maxItems": length,
            })),
            Shape::Object(value) => keywords(json!({ "type": "object", "additionalProperties": self.ty(value) })),
            Shape::Pairs(key, value) => {
                let pair = self.tuple(&[Arc::clone(key), Arc::clone(value)]);
                keywords(json!({ "type": "array", "items": pair }))
            }
            Shape::Tuple(items) => self.tuple(items),
            Shape::Record(record) => self.record(record),
            Shape::Variant(cases) => {
                let cases: Vec<_> = cases.iter().map(|case| self.case(case)).collect();
                keywords(json!({ "anyOf": cases }))
            }
            Shape::Enum(cases) => names(cases),
            Shape::Flags(flags) => flag_set(flags),
            Shape::Option(inner) => nullable(self.ty(inner)),
            Shape::Wrapped(inner) => nullable(only("some", &self.ty(inner))),
            Shape::Result(ok, err) => {
                let (ok, err) = (self.payload(ok.as_ref()), self.payload(err.as_ref()));
                keywords(json!({ "anyOf": [only("ok", &ok), only("err", &err)] }))
            }
        };
        described(ty.docs.as_deref(), schema)
    }

    fn payload(&mut self, ty: Option<&Arc<Type>>) -> Schema {
        ty.map_or_else(|| keywords(json!({ "type": "null" })), |ty| self.ty(ty))
    }

    /// A wide integer is a number or a decimal string; written, it is a string where a number would not be safe.
    fn integer(&self, integer: Integer) -> Schema {
        let (min, max) = integer.range();
        let digits = match integer {
            Integer::U64 => "^(0|[1-9][0-9]{0,19})$",
            Integer::S64 => "^(0|-?[1-9][0-9]{0,18})$",
            _ => return keywords(json!({ "type": "integer", "minimum": min, "maximum": max })),
        };
        let (min, max) = match self.direction {
            Direction::Input => (min, max),
            Direction::Output => (min.max(-MAX_SAFE.cast_signed()), max.min(MAX_SAFE)),
        };
        keywords(json!({ "type": ["integer", "string"], "minimum": min, "maximum": max, "pattern": digits }))
    }

    fn tuple(&mut self, items: &[Arc<Type>]) -> Schema {
        let length = items.len();
        let items: Vec<_> = items.iter().map(|item| self.ty(item)).collect();
        keywords(json!({
            "type": "array", "prefixItems": items, "items": false, "minItems": length, "maxItems": length,
        }))
    }

    fn record(&mut self, record: &Record) -> Schema {
        let mut schema = self.fields(&record.fields);
        if record.file && self.direction == Direction::Input {
            let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
            if let Some(properties) = properties {
                if let Some(Value::Object(sha256)) = properties.get_mut(SHA256) {
                    sha256.insert("pattern".to_owned(), "^[0-9a-f]{64}$".into());
                }
                let href = json!({ "description": "Ignored, so that the answer of an upload fits as it is." });
                properties.insert(HREF.to_owned(), href);
            }
        }
        schema
    }

    fn fields(&mut self, fields: &[Field]) -> Schema {
        let mut properties = Schema::new();
        for field in fields {
            let schema = self.ty(&field.ty);
            let schema = described(field.docs.as_deref(), schema);
            properties.insert(String::from(&*field.name.json), Value::Object(schema));
        }
        let required: Vec<&str> = fields
            .iter()
            .filter(|field| !field.ty.is_option())
            .map(|f| &*f.name.json)
            .collect();
        let mut schema = keywords(json!({ "type": "object", "properties": properties }));
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
        schema.insert("additionalProperties".to_owned(), false.into());
        schema
    }

    fn case(&mut self, case: &Case) -> Schema {
        let mut properties = keywords(json!({ "tag": { "const": case.name.json } }));
        let mut required = vec!["tag"];
        if let Some(ty) = &case.ty {
            properties.insert("value".to_owned(), Value::Object(self.ty(ty)));
            required.extend((!ty.is_option()).then_some("value"));
        }
        let schema = keywords(json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        }));
        described(case.docs.as_deref(), schema)
    }
}

/// The named types that occur more than once in these, with a name for each that no other has.
fn shared<'a>(roots: impl Iterator<Item = &'a Arc<Type>>) -> HashMap<*const Type, String> {
    let mut met = HashSet::new();
    let mut repeated = Vec::new();
    let mut open: Vec<_> = roots.collect();
    open.reverse();
    while let Some(ty) = open.pop() {
        if met.insert(Arc::as_ptr(ty)) {
            open.extend(ty.parts().into_iter().rev());
        } else {
            repeated.push(ty);
        }
    }
    let mut named = HashMap::new();
    let mut taken = HashSet::new();
    for ty in repeated {
        let Some(name) = ty
            .name
            .as_deref()
            .filter(|_| is_composite(ty) && !named.contains_key(&Arc::as_ptr(ty)))
        else {
            continue;
        };
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|name| !taken.contains(name));
        if let Some(free) = free {
            taken.insert(free.clone());
            named.insert(Arc::as_ptr(ty), free);
        }
    }
    named
}

/// A number under a name is shorter than a reference to it.
fn is_composite(ty: &Type) -> bool {
    matches!(ty.shape, Shape::Enum(_) | Shape::Flags(_)) || !ty.parts().is_empty()
}

fn names(cases: &Cases) -> Schema {
    let names: Vec<&str> = cases.iter().map(|case| &*case.name.json).collect();
    described(
        explained(cases).as_deref(),
        keywords(json!({ "type": "string", "enum": names })),
    )
}

fn flag_set(flags: &Cases) -> Schema {
    let names: Vec<&str> = flags.iter().map(|flag| &*flag.name.json).collect();
    let items = json!({ "type": "string", "enum": names });
    let schema = keywords(json!({ "type": "array", "items": items, "uniqueItems": true }));
    described(explained(flags).as_deref(), schema)
}

/// What the author says about each name, as a list: `enum` has no room for it.
fn explained(cases: &Cases) -> Option<String> {
    let line = |case: &Case| {
        let docs = case.docs.as_deref()?.replace('\n', "\n  ");
        Some(format!("- `{}`: {docs}", case.name.json))
    };
    let lines: Vec<String> = cases.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn only(name: &str, schema: &Schema) -> Schema {
    keywords(json!({
        "type": "object", "properties": { name: schema }, "required": [name], "additionalProperties": false,
    }))
}

/// The same, or null.
fn nullable(mut schema: Schema) -> Schema {
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(json!({ "type": "null" }));
        return schema;
    }
    if schema.contains_key("$ref") {
        return keywords(json!({ "anyOf": [schema, { "type": "null" }] }));
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    if let Some(ty) = schema.get_mut("type") {
        let mut types = match ty.take() {
            Value::Array(types) => types,
            ty => vec![ty],
        };
        types.push("null".into());
        *ty = Value::Array(types);
    }
    schema
}

/// With these words in front of those that it has.
fn described(docs: Option<&str>, mut schema: Schema) -> Schema {
    let Some(docs) = docs else {
        return schema;
    };
    let description = match schema.shift_remove("description") {
        Some(Value::String(more)) => format!("{docs}\n\n{more}"),
        _ => docs.to_owned(),
    };
    schema.shift_insert(0, "description".to_owned(), description.into());
    schema
}

fn keywords(schema: Value) -> Schema {
    match schema {
        Value::Object(keywords) => keywords,
        _ => Schema::new(),
    }
}
