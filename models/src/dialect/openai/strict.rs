//! Which schemas OpenAI's strict mode takes. It holds a model to a schema, but only where every object names all of its
//! properties, requires each, and allows no others. A schema that says anything else is sent as it is and not strictly: to
//! rewrite it would change what the skill asked for.

#[cfg(test)]
mod tests;

use serde_json::Value;

/// Keywords that hold no schemas and that strict mode knows.
const PLAIN: [&str; 17] = [
    "$schema",
    "title",
    "description",
    "type",
    "enum",
    "const",
    "$ref",
    "required",
    "additionalProperties",
    "pattern",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
];

/// Values of `format` that strict mode knows.
const FORMATS: [&str; 9] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Whether strict mode takes a schema as it is.
pub(in crate::dialect) fn fits(schema: &Value) -> bool {
    schema.get("anyOf").is_none() && is_one(schema)
}

fn is_one(schema: &Value) -> bool {
    let Value::Object(keywords) = schema else {
        return false;
    };
    let says = |word: &str| keywords.contains_key(word);
    let told = says("type") || says("anyOf") || says("$ref");
    let closed = !is_object(schema) || is_closed(schema);
    told && closed && keywords.iter().all(|(word, value)| is_keyword(word, value))
}

fn is_keyword(word: &str, value: &Value) -> bool {
    match word {
        "properties" | "$defs" | "definitions" => {
            let schemas = value.as_object();
            schemas.is_some_and(|schemas| schemas.values().all(is_one))
        }
        "anyOf" => value.as_array().is_some_and(|schemas| schemas.iter().all(is_one)),
        "items" => is_one(value),
        "format" => value.as_str().is_some_and(|format| FORMATS.contains(&format)),
        _ => PLAIN.contains(&word),
    }
}

fn is_object(schema: &Value) -> bool {
    let by_type = match schema.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => false,
    };
    by_type || schema.get("properties").is_some()
}

fn is_closed(schema: &Value) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &String| required.is_some_and(|names| names.iter().any(|known| known == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    schema.get("additionalProperties") == Some(&Value::Bool(false))
        && properties.is_none_or(|properties| properties.keys().all(is_required))
}
