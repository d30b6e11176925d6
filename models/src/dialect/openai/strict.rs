//! Which schemas OpenAI's strict mode takes. It holds a model to a schema, but only where every object names all of its
//! properties, requires each, and allows no others. A schema that says anything else is sent as it is and not strictly: to
//! rewrite it would change what the skill asked for.

#[cfg(test)]
mod tests;

use serde_json_borrow::Value;

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
pub(in crate::dialect) fn fits(schema: &Value<'_>) -> bool {
    schema.get("anyOf").is_null() && is_one(schema)
}

fn is_one(schema: &Value<'_>) -> bool {
    let Some(keywords) = schema.as_object() else {
        return false;
    };
    let says = |word: &str| keywords.contains_key(word);
    let told = says("type") || says("anyOf") || says("$ref");
    let closed = !is_object(schema) || is_closed(schema);
    told && closed && keywords.iter().all(|(word, value)| is_keyword(word, value))
}

fn is_keyword(word: &str, value: &Value<'_>) -> bool {
    match word {
        "properties" | "$defs" | "definitions" => {
            let schemas = value.as_object();
            schemas.is_some_and(|schemas| schemas.iter().all(|(_, schema)| is_one(schema)))
        }
        "anyOf" => value.as_array().is_some_and(|schemas| schemas.iter().all(is_one)),
        "items" => is_one(value),
        "format" => value.as_str().is_some_and(|format| FORMATS.contains(&format)),
        _ => PLAIN.contains(&word),
    }
}

fn is_object(schema: &Value<'_>) -> bool {
    let by_type = match schema.get("type") {
        Value::Str(kind) => kind == "object",
        Value::Array(kinds) => kinds.iter().any(|kind| kind.as_str() == Some("object")),
        _ => false,
    };
    by_type || !schema.get("properties").is_null()
}

fn is_closed(schema: &Value<'_>) -> bool {
    let required = schema.get("required").as_array().unwrap_or_default();
    let is_required = |name: &str| required.iter().any(|known| known.as_str() == Some(name));
    let properties = schema.get("properties").as_object();
    schema.get("additionalProperties").as_bool() == Some(false)
        && properties.is_none_or(|properties| properties.iter().all(|(name, _)| is_required(name)))
}
