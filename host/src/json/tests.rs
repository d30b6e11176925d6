//! JSON for WIT values, on a tool that uses every type, and on types made up at random.

mod generated;

use registry::{Code, Digest};
use serde_json::{Value, json};
use wasmtime::component::Val;
use wit_parser::Resolve;

use super::{Answer, Signature};

/// Every rule of the mapping, in the words of an author.
const RICH: &str = r#"
    use skillhost:skill/files@0.1.0.{file};
    use skillhost:skill/errors@0.1.0.{tool-error};

    /// How a deck looks.
    enum theme {
        /// Dark on light.
        light,
        /// Light on dark.
        very-dark,
    }

    /// What to leave out.
    flags leave-out { notes, page-numbers }

    /// A colour.
    variant colour {
        /// By its name.
        named(string),
        /// By its parts.
        rgb(tuple<u8, u8, u8>),
        /// Another one, where there is one.
        %like(option<char>),
        none,
    }

    /// The number of a slide.
    type slide-id = u32;

    /// One slide.
    record slide {
        id: slide-id,
        /// What is written at the top.
        title: option<string>,
        colour: colour,
        /// The same for the title.
        title-colour: option<colour>,
        images: list<file>,
    }

    record every {
        %bool: bool,
        smallest: s8,
        number: s32,
        wide: u64,
        wide-signed: s64,
        half: f32,
        whole: f64,
        letter: char,
        bytes: list<u8>,
        fixed: list<u8, 4>,
        by-name: map<string, u16>,
        by-number: map<u32, string>,
        nested: option<option<string>>,
        outcome: result<u8, string>,
        done: result,
    }

    /// Makes a deck.
    make: func(
        slides: list<slide>,
        theme: option<theme>,
        leave-out: leave-out,
        logo: option<file>,
    ) -> result<file, tool-error>;

    mirror: func(every: every) -> every;

    nothing: func();
"#;

#[test]
fn schemas_read_as_the_author_wrote() {
    let make = signature(RICH, "make");
    insta::assert_json_snapshot!("make_input", make.input_schema());
    insta::assert_json_snapshot!("make_output", make.output_schema());
    insta::assert_json_snapshot!("make_error", make.error_schema());
    let mirror = signature(RICH, "mirror");
    insta::assert_json_snapshot!("mirror_input", mirror.input_schema());
    insta::assert_json_snapshot!("mirror_output", mirror.output_schema());
    assert_eq!(mirror.error_schema(), None);
}

#[test]
fn a_function_without_parameters_and_result_takes_nothing_and_answers_null() {
    let nothing = signature(RICH, "nothing");
    insta::assert_snapshot!(
        nothing.input_schema(),
        @r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{},"additionalProperties":false}"#
    );
    insta::assert_snapshot!(
        nothing.output_schema(),
        @r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"null"}"#
    );
    assert_eq!(nothing.arguments(&json!({})).unwrap().values, []);
    assert_eq!(nothing.answer(&[]), Ok(Answer::Value(Value::Null)));
}

#[test]
fn every_type_goes_in_and_comes_out() {
    let mirror = signature(RICH, "mirror");
    let every = every();
    let arguments = mirror.arguments(&json!({ "every": every })).unwrap();
    assert_eq!(mirror.answer(&arguments.values), Ok(Answer::Value(every)));
}

#[test]
fn each_spelling_of_a_value_is_read() {
    let cases = [
        ("smallest", json!(-3.0), json!(-3)),
        ("number", json!(1e3), json!(1000)),
        ("wide", json!("18446744073709551615"), json!("18446744073709551615")),
        ("wide", json!(u64::MAX), json!("18446744073709551615")),
        ("wide", json!("7"), json!(7)),
        (
            "wide",
            json!(9_007_199_254_740_991_u64),
            json!(9_007_199_254_740_991_u64),
        ),
        ("wide", json!(9_007_199_254_740_992_u64), json!("9007199254740992")),
        ("wide_signed", json!(i64::MIN), json!("-9223372036854775808")),
        ("half", json!(0.1), json!(0.1)),
        ("half", json!(7), json!(7.0)),
        ("whole", json!(-0.0), json!(-0.0)),
        ("letter", json!("é"), json!("é")),
        ("bytes", json!(""), json!("")),
        ("nested", json!({ "some": null }), json!({ "some": null })),
        ("outcome", json!({ "err": "no" }), json!({ "err": "no" })),
        ("done", json!({ "err": null }), json!({ "err": null })),
    ];
    let mirror = signature(RICH, "mirror");
    for (field, written, read) in cases {
        let arguments = mirror.arguments(&json!({ "every": with(field, written) })).unwrap();
        assert_eq!(mirror.answer(&arguments.values), Ok(Answer::Value(with(field, read))));
    }
}

#[test]
fn an_empty_option_is_null_or_missing_and_is_left_out() {
    let mirror = signature(RICH, "mirror");
    let mut without = every();
    without.as_object_mut().unwrap().shift_remove("nested");
    for written in [with("nested", Value::Null), without.clone()] {
        let arguments = mirror.arguments(&json!({ "every": written })).unwrap();
        assert_eq!(mirror.answer(&arguments.values), Ok(Answer::Value(without.clone())));
    }
}

#[test]
fn what_does_not_fit_is_named_with_what_would() {
    let cases = [
        ("bool", json!("true")),
        ("smallest", json!(128)),
        ("smallest", json!(1.5)),
        ("smallest", json!("1")),
        ("wide", json!(-1)),
        ("wide", json!("+1")),
        ("wide", json!("01")),
        ("wide", json!("18446744073709551616")),
        ("wide_signed", json!("-0")),
        ("wide_signed", json!(9_223_372_036_854_775_808_u64)),
        ("half", json!(1e39)),
        ("letter", json!("ab")),
        ("bytes", json!("AAA")),
        ("bytes", json!("A".repeat(87_388))),
        ("fixed", json!([1, 2, 3])),
        ("fixed", json!([1, 2, 3, 256])),
        ("by_name", json!({ "a/b~c": "x" })),
        ("by_number", json!([[1, "one"], [2]])),
        ("nested", json!("x")),
        ("nested", json!({ "some": 1 })),
        ("outcome", json!({ "ok": 1, "err": "no" })),
        ("outcome", json!({ "ok": null })),
        ("done", json!({ "ok": 1 })),
        ("number", Value::Null),
    ];
    let mirror = signature(RICH, "mirror");
    let said = cases.map(|(field, written)| {
        let error = mirror.arguments(&json!({ "every": with(field, written) })).unwrap_err();
        error.to_string()
    });
    insta::assert_snapshot!(said.join("\n"), @r#"
    `/every/bool` must be true or false, not this string
    `/every/smallest` must be an integer from -128 to 127, not 128
    `/every/smallest` must be an integer from -128 to 127, not 1.5
    `/every/smallest` must be an integer from -128 to 127, not this string
    `/every/wide` must be an integer from 0 to 18446744073709551615, as a number or a decimal string, not -1
    `/every/wide` must be an integer from 0 to 18446744073709551615, as a number or a decimal string, not this string
    `/every/wide` must be an integer from 0 to 18446744073709551615, as a number or a decimal string, not this string
    `/every/wide` must be an integer from 0 to 18446744073709551615, as a number or a decimal string, not this string
    `/every/wide_signed` must be an integer from -9223372036854775808 to 9223372036854775807, as a number or a decimal string, not this string
    `/every/wide_signed` must be an integer from -9223372036854775808 to 9223372036854775807, as a number or a decimal string, not 9223372036854775808
    `/every/half` must be from -3.4028235e38 to 3.4028235e38, not 1e+39
    `/every/letter` must be a string of one character, not this string
    `/every/bytes` must be base64 with padding (RFC 4648, section 4)
    `/every/bytes` has more than 64 KiB: upload it, where the tool takes a file
    `/every/fixed` must be an array of 4 items, not an array of 3 items
    `/every/fixed/3` must be an integer from 0 to 255, not 256
    `/every/by_name/a~1b~0c` must be an integer from 0 to 65535, not this string
    `/every/by_number/1` must be an array of a key and a value
    `/every/nested` must be an object with only `some`, or null, not this string
    `/every/nested/some` must be a string, not 1
    `/every/outcome` must be an object with only `ok` or `err`, not an object
    `/every/outcome/ok` must be an integer from 0 to 255, not null
    `/every/done/ok` must be null, not 1
    `/every/number` must be an integer from -2147483648 to 2147483647, not null
    "#);
}

#[test]
fn fields_are_neither_forgotten_nor_invented() {
    let cases = [
        json!(null),
        json!([]),
        json!({}),
        json!({ "slides": [], "leave_out": [], "lgoo": null }),
        json!({ "slides": [], "leave-out": [] }),
        json!({ "slides": [], "leave_out": ["notes", "notes"] }),
        json!({ "slides": [], "leave_out": ["Notes"] }),
        json!({ "slides": [], "leave_out": [], "theme": "very-dark" }),
        json!({ "slides": [{ "id": 1, "colour": { "tag": "pink" }, "images": [] }], "leave_out": [] }),
        json!({ "slides": [{ "id": 1, "colour": { "value": "pink" }, "images": [] }], "leave_out": [] }),
        json!({ "slides": [{ "id": 1, "colour": { "tag": "none", "value": null }, "images": [] }], "leave_out": [] }),
        json!({ "slides": [{ "id": 1, "colour": { "tag": "named" }, "images": [] }], "leave_out": [] }),
        json!({ "slides": [{ "id": 1, "colour": { "tag": "none", "also": 1 }, "images": [] }], "leave_out": [] }),
        json!({ "slides": [{ "id": 1, "colour": { "tag": "rgb", "value": [1, 2, -3] }, "images": [] }], "leave_out": [] }),
    ];
    let make = signature(RICH, "make");
    let said = cases.map(|arguments| make.arguments(&arguments).unwrap_err().to_string());
    insta::assert_snapshot!(said.join("\n"), @r#"
    the arguments must be an object, not null
    the arguments must be an object, not an array of 0 items
    `/slides` is missing: it must be an array
    `/lgoo` is not known: the fields are `slides`, `theme`, `leave_out`, `logo`
    `/leave_out` is missing: it must be an array of names out of `notes`, `page_numbers`
    `/leave_out/1` is in the array twice
    `/leave_out/0` must be one of `notes`, `page_numbers`
    `/theme` must be one of `light`, `very_dark`, not this string
    `/slides/0/colour/tag` must be one of `named`, `rgb`, `like`, `none`
    `/slides/0/colour/tag` is missing: it must be one of `named`, `rgb`, `like`, `none`
    `/slides/0/colour/value` must be left out: this case has no value
    `/slides/0/colour/value` is missing: it must be a string
    `/slides/0/colour/also` is not known: the fields are `tag`, `value`
    `/slides/0/colour/value/2` must be an integer from 0 to 255, not -3
    "#);
}

#[test]
fn files_among_the_arguments_are_reported_once_each() {
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let slide = json!({ "id": 1, "colour": { "tag": "like" }, "images": [file(one), file(two), file(one)] });
    let make = signature(RICH, "make");
    let mut uploaded = file(two);
    uploaded
        .as_object_mut()
        .unwrap()
        .insert("href".to_owned(), "/v1/files/two".into());
    let arguments = make
        .arguments(&json!({ "slides": [slide], "leave_out": [], "logo": uploaded }))
        .unwrap();
    assert!(make.takes_files());
    let mut wanted = vec![one, two];
    wanted.sort();
    assert_eq!(arguments.files, wanted);

    let mut bad = file(one);
    bad.as_object_mut().unwrap().insert("sha256".to_owned(), "ABC".into());
    let error = make
        .arguments(&json!({ "slides": [], "leave_out": [], "logo": bad }))
        .unwrap_err();
    assert_eq!(error.path(), "/logo/sha256");
}

#[test]
fn a_record_that_only_looks_like_a_file_names_nothing() {
    let wit = "record file { name: string, media-type: string, size: u64, sha256: string } look: func(file: file);";
    let look = signature(wit, "look");
    assert!(!look.takes_files());
    assert_eq!(
        look.arguments(&json!({ "file": file(Digest::of(b"one")) }))
            .unwrap()
            .files,
        []
    );
    let mut uploaded = file(Digest::of(b"one"));
    uploaded
        .as_object_mut()
        .unwrap()
        .insert("href".to_owned(), "/v1/files/one".into());
    let error = look.arguments(&json!({ "file": uploaded })).unwrap_err();
    assert_eq!(error.path(), "/file/href");
}

#[test]
fn the_error_of_a_tool_is_an_answer() {
    let make = signature(RICH, "make");
    let error = Val::Record(vec![
        ("code".to_owned(), Val::String("rate-limited".to_owned())),
        ("message".to_owned(), Val::String("Too fast.".to_owned())),
        ("retry-after-ms".to_owned(), Val::Option(Some(Box::new(Val::U64(250))))),
        ("details".to_owned(), Val::List(vec![])),
    ]);
    let answer = make.answer(&[Val::Result(Err(Some(Box::new(error))))]);
    let expected = json!({ "code": "rate-limited", "message": "Too fast.", "retry_after_ms": 250, "details": [] });
    assert_eq!(answer, Ok(Answer::ToolError(expected)));
}

#[test]
fn answers_that_json_cannot_say_are_errors() {
    let text = |length| Val::String("\n".repeat(length));
    let cases = [
        ("f64", Val::Float64(f64::NAN)),
        ("f32", Val::Float32(f32::NEG_INFINITY)),
        (
            "list<f64>",
            Val::List(vec![Val::Float64(0.0), Val::Float64(f64::INFINITY)]),
        ),
        ("list<u8>", Val::List(vec![Val::U8(0); 64 * 1024 + 1])),
        ("string", text(2 * 1024 * 1024)),
        (
            "list<list<bool>>",
            Val::List(vec![Val::List(vec![Val::Bool(true); 1000]); 1000]),
        ),
        ("string", Val::Bool(true)),
        ("tuple<bool, bool>", Val::Tuple(vec![Val::Bool(true)])),
    ];
    let said = cases.map(|(ty, value)| {
        let error = signature(&format!("tool: func() -> {ty};"), "tool")
            .answer(&[value])
            .unwrap_err();
        format!("{}: {error}", error.code())
    });
    insta::assert_snapshot!(said.join("\n"), @r#"
    output-not-finite: the answer is not a finite number, which JSON cannot say: answer an option
    output-not-finite: the answer is not a finite number, which JSON cannot say: answer an option
    output-not-finite: `/1` is not a finite number, which JSON cannot say: answer an option
    output-bytes-too-large: the answer has more than 64 KiB of bytes: put them in a file
    output-too-large: the answer is larger than 4 MiB as JSON: answer less, or put it in a file
    output-too-large: the answer is larger than 4 MiB as JSON: answer less, or put it in a file
    output-unexpected: the answer is not what the skill's WIT describes: build the skill again
    output-unexpected: the answer is not what the skill's WIT describes: build the skill again
    "#);
    let string = signature("tool: func() -> string;", "tool");
    assert!(string.answer(&[text(2 * 1024 * 1024 - 1)]).is_ok());
}

#[test]
fn arguments_do_not_unfold_without_end() {
    let fields: String = (0..100).map(|field| format!("field-{field}: option<u8>, ")).collect();
    let wide = signature(
        &format!("record wide {{ {fields} }} tool: func(all: list<wide>);"),
        "tool",
    );
    let error = wide.arguments(&json!({ "all": vec![json!({}); 100_000] })).unwrap_err();
    assert!(error.message().starts_with("unfolds to more than 64 MiB"), "{error}");
    assert!(wide.arguments(&json!({ "all": vec![json!({}); 1000] })).is_ok());
}

#[test]
fn types_that_share_parts_are_written_once() {
    let mut wit = "record level0 { x: u8 }".to_owned();
    for level in 1..30 {
        let below = level - 1;
        wit += &format!("record level{level} {{ a: level{below}, b: level{below} }}");
    }
    wit += "tool: func(deep: level29);";
    let deep = signature(&wit, "tool");
    assert!(deep.input_schema().to_string().len() < 10_000);
    jsonschema::draft202012::new(&deep.input_schema()).unwrap();
}

#[test]
fn tools_without_json_are_refused() {
    let deep = |levels: usize| format!("tool: func(x: {}u8{});", "option<".repeat(levels), ">".repeat(levels));
    let cases = [
        "resource thing; tool: func(x: thing);".to_owned(),
        "resource thing; tool: func(x: list<borrow<thing>>);".to_owned(),
        "tool: func() -> future<u8>;".to_owned(),
        "tool: func() -> result<stream<u8>>;".to_owned(),
        "tool: func() -> error-context;".to_owned(),
        deep(32),
    ];
    let said = cases.map(|wit| {
        let error = compiled(&wit, "tool").unwrap_err();
        assert_eq!(error.code(), Code::ToolInvalid);
        error.told().to_owned()
    });
    insta::assert_snapshot!(said.join("\n"), @r#"
    the tool `tool` uses a own, which has no JSON: use records, lists and numbers instead
    the tool `tool` uses a borrow, which has no JSON: use records, lists and numbers instead
    the tool `tool` uses a future, which has no JSON: use records, lists and numbers instead
    the tool `tool` uses a stream, which has no JSON: use records, lists and numbers instead
    the tool `tool` uses a error-context, which has no JSON: use records, lists and numbers instead
    the types of the tool `tool` nest deeper than 32 levels: flatten them
    "#);
    compiled(&deep(31), "tool").unwrap();
}

fn signature(interface: &str, tool: &str) -> Signature {
    compiled(interface, tool).unwrap()
}

fn compiled(interface: &str, tool: &str) -> Result<Signature, registry::Error> {
    let mut resolve = Resolve::default();
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");
    resolve.push_dir(std::path::Path::new(wit)).unwrap();
    let text = format!("package acme:deck@0.1.0; interface tools {{ {interface} }}");
    let package = resolve.push_str("tools.wit", &text).unwrap();
    let id = *resolve.packages.get(package).unwrap().interfaces.get("tools").unwrap();
    let function = resolve.interfaces.get(id).unwrap().functions.get(tool).unwrap().clone();
    Signature::of(&resolve, &function)
}

fn every() -> Value {
    json!({
        "bool": true,
        "smallest": -128,
        "number": 7,
        "wide": 1,
        "wide_signed": -1,
        "half": 0.5,
        "whole": 1e300,
        "letter": "x",
        "bytes": "AAEC",
        "fixed": [1, 2, 3, 4],
        "by_name": { "one": 1 },
        "by_number": [[1, "one"]],
        "nested": { "some": "x" },
        "outcome": { "ok": 1 },
        "done": { "ok": null },
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut every = every();
    every.as_object_mut().unwrap().insert(field.to_owned(), value);
    every
}

fn file(sha256: Digest) -> Value {
    json!({ "name": "logo.png", "media_type": "image/png", "size": 3, "sha256": sha256.hex() })
}
