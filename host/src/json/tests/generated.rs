//! Types made up at random: what is written is read back as it was, and the schema and the reader agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
use wasmtime::component::Val;

use super::super::types::{Cases, Integer, Shape, Type};
use super::super::{Answer, Signature, write};
use super::signature;

/// A type as WIT text is made of.
#[derive(Clone, Debug)]
enum Wit {
    Plain(&'static str),
    List(Box<Wit>),
    Array(Box<Wit>, u32),
    Map(&'static str, Box<Wit>),
    Option(Box<Wit>),
    Result(Option<Box<Wit>>, Option<Box<Wit>>),
    Tuple(Vec<Wit>),
    Record(Vec<Wit>),
    Variant(Vec<Option<Wit>>),
    Enum(usize),
    Flags(usize),
}

/// One change to some JSON: where, counted through all its values, and what.
#[derive(Clone, Debug)]
struct Edit {
    place: prop::sample::Index,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Replace(Value),
    Remove,
    Add(Value),
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn what_is_written_is_read_back(case in tools().prop_flat_map(|tool| {
        let value = value(&tool.parameters[0].ty);
        (Just(tool), value)
    })) {
        let (tool, value) = case;
        let written = written(&tool, &value);
        prop_assert!(is_valid(&tool.output_schema(), &json!([written])), "{written} breaks {}", tool.output_schema());
        let text = json!({ "value": written }).to_string();
        let arguments: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(is_valid(&tool.input_schema(), &arguments), "{arguments} breaks {}", tool.input_schema());
        prop_assert_eq!(tool.arguments(&arguments).unwrap().values, vec![value]);
    }

    #[test]
    fn the_schema_says_what_the_reader_takes(case in tools().prop_flat_map(|tool| {
        let value = value(&tool.parameters[0].ty);
        (Just(tool), value, vec(edit(), 1..4))
    })) {
        let (tool, value, edits) = case;
        let mut arguments = json!({ "value": written(&tool, &value) });
        for edit in &edits {
            apply(edit, &mut arguments);
        }
        let valid = is_valid(&tool.input_schema(), &arguments);
        match tool.arguments(&arguments) {
            Ok(_) => prop_assert!(valid, "{arguments} is read, and breaks {}", tool.input_schema()),
            // What no keyword says: the alphabet of base64, the range of a number that is written as a string, and of an f32.
            Err(error) if error.message().starts_with("must be from -3.4") => {}
            Err(error) if error.message().starts_with("must be base64") => {}
            Err(error) if error.message().ends_with("decimal string, not this string") => {}
            Err(error) => prop_assert!(!valid, "{arguments} fits {}, and is refused: {error}", tool.input_schema()),
        }
    }

    #[test]
    fn an_answer_is_never_larger_than_its_limit(case in tools().prop_flat_map(|tool| {
        let value = value(&tool.parameters[0].ty);
        (Just(tool), value)
    })) {
        let (tool, value) = case;
        let limit = written(&tool, &value).to_string().len() - 1;
        let answer = write::document(Some(&tool.parameters[0].ty), Some(&value), limit);
        prop_assert_eq!(answer.unwrap_err().code(), "output-too-large");
    }
}

/// A tool that takes a value, and answers it in a tuple, so that a `result` is not taken apart.
fn tools() -> impl Strategy<Value = Signature> {
    wit().prop_map(|wit| {
        let mut definitions = String::new();
        let ty = render(&wit, &mut definitions);
        signature(
            &format!("{definitions} tool: func(value: {ty}) -> tuple<{ty}>;"),
            "tool",
        )
    })
}

fn wit() -> impl Strategy<Value = Wit> {
    let plain = prop::sample::select(vec![
        "bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string", "list<u8>",
    ]);
    let keys = prop::sample::select(vec!["string", "u32", "char"]);
    let leaf = prop_oneof![
        4 => plain.prop_map(Wit::Plain),
        1 => (1..5_usize).prop_map(Wit::Enum),
        1 => (1..9_usize).prop_map(Wit::Flags),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let boxed = inner.clone().prop_map(Box::new).boxed();
        prop_oneof![
            boxed.clone().prop_map(Wit::List),
            (boxed.clone(), 1..4_u32).prop_map(|(inner, length)| Wit::Array(inner, length)),
            (keys.clone(), boxed.clone()).prop_map(|(key, inner)| Wit::Map(key, inner)),
            boxed.clone().prop_map(Wit::Option),
            (option::of(boxed.clone()), option::of(boxed)).prop_map(|(ok, err)| Wit::Result(ok, err)),
            vec(inner.clone(), 1..4).prop_map(Wit::Tuple),
            vec(inner.clone(), 1..5).prop_map(Wit::Record),
            vec(option::of(inner), 1..4).prop_map(Wit::Variant),
        ]
    })
}

/// The type's name in WIT; what needs a definition gets one.
fn render(wit: &Wit, definitions: &mut String) -> String {
    let side = |side: &Option<Box<Wit>>, definitions: &mut String| match side {
        Some(wit) => render(wit, definitions),
        None => "_".to_owned(),
    };
    match wit {
        Wit::Plain(name) => (*name).to_owned(),
        Wit::List(inner) => format!("list<{}>", render(inner, definitions)),
        Wit::Array(inner, length) => format!("list<{}, {length}>", render(inner, definitions)),
        Wit::Map(key, inner) => format!("map<{key}, {}>", render(inner, definitions)),
        Wit::Option(inner) => format!("option<{}>", render(inner, definitions)),
        Wit::Result(None, None) => "result".to_owned(),
        Wit::Result(Some(ok), None) => format!("result<{}>", render(ok, definitions)),
        Wit::Result(ok, err) => format!("result<{}, {}>", side(ok, definitions), side(err, definitions)),
        Wit::Tuple(items) => {
            let items: Vec<_> = items.iter().map(|item| render(item, definitions)).collect();
            format!("tuple<{}>", items.join(", "))
        }
        Wit::Record(fields) => {
            let fields: Vec<_> = fields.iter().map(|field| render(field, definitions)).collect();
            let fields = fields
                .iter()
                .enumerate()
                .map(|(index, ty)| format!("a-field{index}: {ty}"));
            define("record", fields, definitions)
        }
        Wit::Variant(cases) => {
            let cases: Vec<_> = cases
                .iter()
                .map(|case| case.as_ref().map(|ty| render(ty, definitions)))
                .collect();
            let cases = cases.iter().enumerate().map(|(index, case)| match case {
                Some(ty) => format!("a-case{index}({ty})"),
                None => format!("a-case{index}"),
            });
            define("variant", cases, definitions)
        }
        Wit::Enum(cases) => define("enum", (0..*cases).map(|index| format!("a-case{index}")), definitions),
        Wit::Flags(flags) => define("flags", (0..*flags).map(|index| format!("a-flag{index}")), definitions),
    }
}

fn define(kind: &str, parts: impl Iterator<Item = String>, definitions: &mut String) -> String {
    let name = format!("type{}", definitions.len());
    let parts: Vec<_> = parts.collect();
    definitions.push_str(&format!("{kind} {name} {{ {} }} ", parts.join(", ")));
    name
}

/// Values of a type, without those that JSON cannot say.
fn value(ty: &Type) -> BoxedStrategy<Val> {
    match &ty.shape {
        Shape::Bool => any::<bool>().prop_map(Val::Bool).boxed(),
        Shape::Integer(Integer::U8) => any::<u8>().prop_map(Val::U8).boxed(),
        Shape::Integer(Integer::U16) => any::<u16>().prop_map(Val::U16).boxed(),
        Shape::Integer(Integer::U32) => any::<u32>().prop_map(Val::U32).boxed(),
        Shape::Integer(Integer::U64) => any::<u64>().prop_map(Val::U64).boxed(),
        Shape::Integer(Integer::S8) => any::<i8>().prop_map(Val::S8).boxed(),
        Shape::Integer(Integer::S16) => any::<i16>().prop_map(Val::S16).boxed(),
        Shape::Integer(Integer::S32) => any::<i32>().prop_map(Val::S32).boxed(),
        Shape::Integer(Integer::S64) => any::<i64>().prop_map(Val::S64).boxed(),
        Shape::F32 => any::<u32>()
            .prop_map(f32::from_bits)
            .prop_filter("finite", |x| x.is_finite())
            .prop_map(Val::Float32)
            .boxed(),
        Shape::F64 => any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("finite", |x| x.is_finite())
            .prop_map(Val::Float64)
            .boxed(),
        Shape::Char => any::<char>().prop_map(Val::Char).boxed(),
        Shape::String => any::<String>().prop_map(Val::String).boxed(),
        Shape::Bytes => vec(any::<u8>(), 0..40)
            .prop_map(|bytes| Val::List(bytes.into_iter().map(Val::U8).collect()))
            .boxed(),
        Shape::List(item) => vec(value(item), 0..4).prop_map(Val::List).boxed(),
        Shape::Array(item, length) => vec(value(item), *length).prop_map(Val::FixedLengthList).boxed(),
        Shape::Object(item) => {
            let pairs = prop::collection::btree_map(any::<String>(), value(item), 0..4);
            let map = |pairs: BTreeMap<String, Val>| pairs.into_iter().map(|(key, value)| (Val::String(key), value));
            pairs.prop_map(move |pairs| Val::Map(map(pairs).collect())).boxed()
        }
        Shape::Pairs(key, item) => vec((value(key), value(item)), 0..4).prop_map(Val::Map).boxed(),
        Shape::Tuple(items) => items
            .iter()
            .map(|item| value(item))
            .collect::<Vec<_>>()
            .prop_map(Val::Tuple)
            .boxed(),
        Shape::Record(record) => {
            let names: Vec<_> = record.fields.iter().map(|field| field.name.wit.to_string()).collect();
            let values: Vec<_> = record.fields.iter().map(|field| value(&field.ty)).collect();
            values
                .prop_map(move |values| Val::Record(names.iter().cloned().zip(values).collect()))
                .boxed()
        }
        Shape::Variant(cases) => {
            let cases: Vec<_> = cases
                .iter()
                .map(|case| (case.name.wit.to_string(), case.ty.clone()))
                .collect();
            let case = prop::sample::select(cases);
            case.prop_flat_map(|(name, ty)| {
                let payload = ty
                    .as_deref()
                    .map_or_else(|| Just(None).boxed(), |ty| boxed(ty).prop_map(Some).boxed());
                payload.prop_map(move |payload| Val::Variant(name.clone(), payload))
            })
            .boxed()
        }
        Shape::Enum(cases) => prop::sample::select(names(cases)).prop_map(Val::Enum).boxed(),
        Shape::Flags(flags) => prop::sample::subsequence(names(flags), 0..=flags.iter().count())
            .prop_map(Val::Flags)
            .boxed(),
        Shape::Option(inner) | Shape::Wrapped(inner) => option::of(boxed(inner)).prop_map(Val::Option).boxed(),
        Shape::Result(ok, err) => {
            let side = |ty: &Option<Arc<Type>>| match ty {
                Some(ty) => boxed(ty).prop_map(Some).boxed(),
                None => Just(None).boxed(),
            };
            prop_oneof![
                side(ok).prop_map(|ok| Val::Result(Ok(ok))),
                side(err).prop_map(|err| Val::Result(Err(err)))
            ]
            .boxed()
        }
    }
}

fn boxed(ty: &Type) -> BoxedStrategy<Box<Val>> {
    value(ty).prop_map(Box::new).boxed()
}

fn names(cases: &Cases) -> Vec<String> {
    cases.iter().map(|case| case.name.wit.to_string()).collect()
}

fn written(tool: &Signature, value: &Val) -> Value {
    let Ok(Answer::Value(Value::Array(mut items))) = tool.answer(&[Val::Tuple(vec![value.clone()])]) else {
        panic!("a finite value was not written: {value:?}");
    };
    items.remove(0)
}

fn is_valid(schema: &Value, instance: &Value) -> bool {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(schema).unwrap().is_valid(instance)
}

fn edit() -> impl Strategy<Value = Edit> {
    let anything = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(255),
        json!(256),
        json!(-129),
        json!(70_000),
        json!(5e9),
        json!(1e39),
        json!(9_007_199_254_740_993_u64),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.9e19),
        json!(""),
        json!("x"),
        json!("xy"),
        json!("-5"),
        json!("5"),
        json!("05"),
        json!("-0"),
        json!("18446744073709551616"),
        json!("AA=="),
        json!("a_case0"),
        json!("a-case0"),
        json!("a_flag1"),
        json!([]),
        json!([1]),
        json!([1, "x"]),
        json!(["a_flag0", "a_flag0"]),
        json!({}),
        json!({ "some": null }),
        json!({ "some": 1 }),
        json!({ "ok": null }),
        json!({ "err": 1 }),
        json!({ "ok": null, "err": null }),
        json!({ "tag": "a_case0" }),
        json!({ "tag": "a_case0", "value": null }),
        json!({ "tag": "a_case1", "value": 1 }),
    ]);
    let change = prop_oneof![
        3 => anything.clone().prop_map(Change::Replace),
        1 => Just(Change::Remove),
        1 => anything.prop_map(Change::Add),
    ];
    (any::<prop::sample::Index>(), change).prop_map(|(place, change)| Edit { place, change })
}

fn apply(edit: &Edit, json: &mut Value) {
    let mut place = edit.place.index(count(json));
    let Some(found) = nth(json, &mut place) else {
        return;
    };
    match (&edit.change, found) {
        (Change::Replace(with), found) => *found = with.clone(),
        (Change::Remove, Value::Array(items)) => drop(items.pop()),
        (Change::Remove, Value::Object(object)) => {
            let first = object.keys().next().cloned().unwrap_or_default();
            object.shift_remove(&first);
        }
        (Change::Add(item), Value::Array(items)) => items.push(item.clone()),
        (Change::Add(item), Value::Object(object)) => drop(object.insert("more".to_owned(), item.clone())),
        _ => {}
    }
}

fn children(json: &mut Value) -> Vec<&mut Value> {
    match json {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(object) => object.values_mut().collect(),
        _ => Vec::new(),
    }
}

fn count(json: &Value) -> usize {
    1 + match json {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(object) => object.values().map(count).sum(),
        _ => 0_usize,
    }
}

fn nth<'a>(json: &'a mut Value, place: &mut usize) -> Option<&'a mut Value> {
    if *place == 0 {
        return Some(json);
    }
    *place -= 1;
    children(json).into_iter().find_map(|child| nth(child, place))
}
