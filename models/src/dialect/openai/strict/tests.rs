//! Which schemas are held to.

use serde_json::{Value, json};

fn fits(schema: &Value) -> bool {
    super::fits(&schema.into())
}

/// An object that strict mode takes, with one property of this schema.
fn holding(inner: &Value) -> Value {
    json!({"type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": false})
}

#[test]
fn strict_is_what_names_requires_and_closes_everything() {
    let inner = holding(&json!({"type": "string"}));
    for schema in [
        inner.clone(),
        holding(&inner),
        json!({"type": "object", "properties": {}, "additionalProperties": false}),
        holding(&json!({"type": ["string", "null"], "description": "A name."})),
        holding(&json!({"type": "array", "items": inner, "minItems": 1})),
        holding(&json!({"anyOf": [inner, {"type": "null"}]})),
        holding(&json!({"type": "string", "enum": ["x", "y"]})),
        holding(&json!({"type": "string", "format": "date"})),
        json!({
            "type": "object", "properties": {"next": {"$ref": "#/$defs/a"}}, "required": ["next"],
            "additionalProperties": false, "$defs": {"a": inner},
        }),
        // A property may have the name of a keyword.
        json!({
            "type": "object", "properties": {"allOf": {"type": "string"}, "properties": {"type": "number"}},
            "required": ["properties", "allOf"], "additionalProperties": false,
        }),
    ] {
        assert!(fits(&schema), "{schema}");
    }
}

#[test]
fn what_strict_mode_refuses_is_not_strict() {
    let open = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    let optional = json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false});
    let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
    for schema in [
        json!({"type": "object"}),
        json!(true),
        json!({"type": "object", "properties": 1, "additionalProperties": false}),
        json!({"type": "object", "properties": {}, "additionalProperties": true}),
        json!({"anyOf": [holding(&json!({"type": "string"}))], "type": "object", "additionalProperties": false}),
        holding(&json!({})),
        holding(&json!({"enum": ["x"]})),
        holding(&json!({"type": "string", "minLength": 1})),
        holding(&json!({"type": "string", "format": "iri"})),
        holding(&json!({"type": "string", "default": "x"})),
        holding(&json!({"oneOf": [{"type": "string"}], "type": "string"})),
        holding(&json!({"type": "array", "items": true})),
        holding(&json!({"type": ["object", "null"]})),
        holding(&json!({"properties": {"b": {"type": "string"}}, "type": "string"})),
    ] {
        assert!(!fits(&schema), "{schema}");
    }
    for loose in [open, optional, map] {
        assert!(!fits(&loose), "{loose}");
        for deep in [
            holding(&loose),
            holding(&json!({"type": "array", "items": loose})),
            holding(&json!({"anyOf": [{"type": "null"}, loose]})),
            json!({"type": "object", "properties": {}, "additionalProperties": false, "$defs": {"a": loose}}),
            json!({"type": "object", "properties": {}, "additionalProperties": false, "definitions": {"a": loose}}),
        ] {
            assert!(!fits(&deep), "{deep}");
        }
    }
}
