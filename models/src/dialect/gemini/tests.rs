//! What is sent, what comes back, and what is refused. Google's discovery document judges the first two.

use std::sync::LazyLock;

use gate::call::model::{Ask, Message, Part, Prompt, Role};
use http::HeaderMap;
use insta::{assert_json_snapshot, assert_snapshot};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Gemini;
use crate::dialect::native;
use crate::dialect::native::tests::{line, lines, model, prompts, written};
use crate::dialect::{Content, Delta, Dialect, Event, Framing};
use crate::trouble::CUT;

static REQUEST: LazyLock<Validator> = LazyLock::new(|| validator("GenerateContentRequest"));
static RESPONSE: LazyLock<Validator> = LazyLock::new(|| validator("GenerateContentResponse"));

fn validator(name: &str) -> Validator {
    let mut schema: Value = serde_json::from_str(include_str!("exchanges/schema.json")).unwrap();
    schema["$ref"] = json!(format!("#/$defs/{name}"));
    jsonschema::validator_for(&schema).unwrap()
}

fn judge(validator: &Validator, name: &str, instance: &Value) {
    let errors: Vec<_> = validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{name}");
}

fn ask(messages: Vec<Message>) -> Ask {
    Ask::Complete(Box::new(Prompt {
        messages,
        ..Prompt::default()
    }))
}

/// Streams, each an array of what comes in one event.
fn streams() -> Vec<(&'static str, Vec<Value>)> {
    let text = |text: &str| json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}]});
    let last = |reason: &str, parts: Value| {
        json!({
            "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason}],
            "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 12, "trafficType": "ON_DEMAND"},
            "modelVersion": "gemini-3.8-flash",
            "responseId": "r-1",
        })
    };
    vec![
        (
            "plain",
            vec![text("Grü"), text("ße"), last("STOP", json!([{"text": "!"}]))],
        ),
        (
            "signed",
            vec![
                json!({"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": true}]}}]}),
                json!({"candidates": [{"content": {"parts": [{"text": " So.", "thought": true}]}}]}),
                text("I "),
                text("look."),
                json!({"candidates": [{"content": {"parts": [
                    {"functionCall": {"name": "look", "args": {"where": "here", "n": 1.5}}, "thoughtSignature": "c2lnMQ=="},
                    {"functionCall": {"id": "fc-9", "name": "look", "args": {}}},
                ]}}]}),
                json!({"candidates": [{"content": {"parts": [{"functionCall": {"name": "now"}}]}}]}),
                json!({
                    "candidates": [{"content": {"parts": [{"text": "", "thoughtSignature": "c2lnMg=="}]}, "finishReason": "STOP", "index": 0}],
                    "usageMetadata": {
                        "promptTokenCount": 1000, "cachedContentTokenCount": 600, "toolUsePromptTokenCount": 7,
                        "candidatesTokenCount": 20, "thoughtsTokenCount": 40, "totalTokenCount": 1067,
                        "trafficType": "ON_DEMAND_PRIORITY",
                    },
                    "modelVersion": "gemini-3.8-pro",
                    "createTime": "2026-11-20T10:00:00.123456Z",
                    "responseId": "r-2",
                }),
            ],
        ),
        (
            "signed text",
            vec![
                text("One"),
                json!({"candidates": [{"content": {"parts": [{"text": "two", "thoughtSignature": "c2ln"}]}}]}),
                last("STOP", json!([{"text": "three"}])),
            ],
        ),
        ("long", vec![text("On and on"), last("MAX_TOKENS", json!([]))]),
        ("unsafe", vec![last("SAFETY", json!([]))]),
        ("odd", vec![last("MALFORMED_FUNCTION_CALL", json!([]))]),
        (
            "counted late",
            vec![
                json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}),
                json!({"usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 1, "trafficType": "PROVISIONED_THROUGHPUT"}}),
            ],
        ),
        (
            "blocked",
            vec![json!({
                "promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "No."},
                "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9},
                "responseId": "r-3",
            })],
        ),
    ]
}

fn body(events: &[Value]) -> Vec<u8> {
    let events = events.iter().map(|event| format!("data: {event}\r\n\r\n"));
    events.collect::<String>().into_bytes()
}

fn gathered<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(Value, Vec<Delta>), gate::Failure> {
    native::tests::gathered(&Gemini, Framing::ServerSent, pieces)
}

#[test]
fn requests() {
    let written = written(&Gemini);
    let mut judged = 0;
    for (name, request) in written.as_object().unwrap() {
        if let Some(body) = request.get("body") {
            judge(&REQUEST, name, body);
            judged += 1;
        }
    }
    assert!(judged > 10);
    insta::with_settings!({snapshot_path => "exchanges", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_json_snapshot!("requests", written);
    });
}

#[test]
fn the_judge_can_say_no() {
    let good = || json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]});
    assert!(REQUEST.is_valid(&good()));
    let spoils: [fn(&mut Value); 5] = [
        |body| body["model"] = json!("gemini"),
        |body| body["contents"][0]["parts"][0]["text"] = json!(1),
        |body| body["contents"][0]["parts"][0]["thought_signature"] = json!("c2ln"),
        |body| body["generationConfig"] = json!({"maxOutputTokens": 1.5}),
        |body| body["toolConfig"] = json!({"functionCallingConfig": {"mode": "REQUIRED"}}),
    ];
    for spoil in spoils {
        let mut body = good();
        spoil(&mut body);
        assert!(!REQUEST.is_valid(&body), "{body}");
    }
}

#[test]
fn unstreamed_has_a_verb_of_its_own() {
    let (_, prompt) = prompts().swap_remove(0);
    let wire = Gemini.request(&Ask::Complete(Box::new(prompt)), &model(false)).unwrap();
    assert_eq!(
        wire.path,
        "/publishers/google/models/acme.model-1%2Fv1%3A0:generateContent"
    );
    assert_eq!(wire.framing, Framing::Whole);
}

#[test]
fn answers() {
    let mut told = String::new();
    for (name, events) in streams() {
        events.iter().for_each(|event| judge(&RESPONSE, name, event));
        let (whole, _) = gathered([body(&events).as_slice()]).unwrap();
        judge(&RESPONSE, name, &whole);
        let answer = Gemini.answer(&ask(Vec::new()), &whole).unwrap();
        told += &format!("{name}\n{}", lines(&answer));
    }
    assert_snapshot!(told, @r#"
    plain
      Text("Grüße!")
      end; gemini-3.8-flash standard - r-1; 9+0+0 (0 long) -> 3 (0 thoughts)
    signed
      gemini: {"part":{"text":"Hm. So.","thought":true}}
      Text("I look.")
      gemini: {"signature":{"of":"call","signature":"c2lnMQ=="}}
      look call-1: {"where":"here","n":1.5}
      look fc-9: {}
      now call-2: {}
      gemini: {"part":{"text":"","thoughtSignature":"c2lnMg=="}}
      tool-calls; gemini-3.8-pro priority - r-2; 407+600+0 (0 long) -> 60 (40 thoughts)
    signed text
      Text("One")
      gemini: {"signature":{"of":"text","signature":"c2ln"}}
      Text("two")
      Text("three")
      end; gemini-3.8-flash standard - r-1; 9+0+0 (0 long) -> 3 (0 thoughts)
    long
      Text("On and on")
      length; gemini-3.8-flash standard - r-1; 9+0+0 (0 long) -> 3 (0 thoughts)
    unsafe
      content-filter; gemini-3.8-flash standard - r-1; 9+0+0 (0 long) -> 3 (0 thoughts)
    odd
      MALFORMED_FUNCTION_CALL; gemini-3.8-flash standard - r-1; 9+0+0 (0 long) -> 3 (0 thoughts)
    counted late
      Text("Hi")
      end; - PROVISIONED_THROUGHPUT - -; 1+0+0 (0 long) -> 0 (0 thoughts)
    blocked
      content-filter; - - - r-3; 9+0+0 (0 long) -> 0 (0 thoughts)
    "#);
}

#[test]
fn what_is_said_comes_back_as_it_was() {
    for (name, events) in streams() {
        let (whole, _) = gathered([body(&events).as_slice()]).unwrap();
        let Content::Message { parts, .. } = Gemini.answer(&ask(Vec::new()), &whole).unwrap().content else {
            unreachable!()
        };
        if parts.is_empty() {
            continue;
        }
        let said = Message {
            role: Role::Assistant,
            parts,
            cache: false,
        };
        let body = Gemini.request(&ask(vec![said]), &model(true)).unwrap().json();
        let mut came = whole["candidates"][0]["content"]["parts"].clone();
        // Calls that came without a name or without arguments have some now.
        for part in came.as_array_mut().unwrap() {
            if let Some(call) = part.get_mut("functionCall") {
                call["id"] = json!(null);
                call["args"] = call.get("args").cloned().unwrap_or_else(|| json!({}));
            }
        }
        let mut went = body["contents"][0]["parts"].clone();
        for part in went.as_array_mut().unwrap() {
            if let Some(call) = part.get_mut("functionCall") {
                call["id"] = json!(null);
            }
        }
        assert_eq!(went, came, "{name}");
    }
}

#[test]
fn a_signature_is_of_its_part_only() {
    let signature = Part::Opaque {
        dialect: "gemini".to_owned(),
        data: json!({"signature": {"of": "call", "signature": "c2ln"}}).to_string(),
    };
    let said = Message {
        role: Role::Assistant,
        parts: vec![signature, Part::Text("The call is gone.".to_owned())],
        cache: false,
    };
    let body = Gemini.request(&ask(vec![said]), &model(true)).unwrap().json();
    assert_eq!(body["contents"][0]["parts"], json!([{"text": "The call is gone."}]));
    let changed = Message {
        role: Role::Assistant,
        parts: vec![Part::Opaque {
            dialect: "gemini".to_owned(),
            data: "{}".to_owned(),
        }],
        cache: false,
    };
    let unfit = Gemini.request(&ask(vec![changed]), &model(true)).unwrap_err();
    assert_eq!(unfit.feature, "opaque");
}

#[test]
fn calls_without_a_name_get_one_that_is_new() {
    let part = |name: &str| json!({"functionCall": {"name": name}});
    let whole = json!({"candidates": [{"content": {"parts": [part("a"), part("b")]}, "finishReason": "STOP"}]});
    let said = Message {
        role: Role::Assistant,
        parts: ["call-1", "call-3"]
            .map(|id| Part::ToolCall {
                id: id.to_owned(),
                name: "a".to_owned(),
                arguments: "{}".to_owned(),
            })
            .to_vec(),
        cache: false,
    };
    assert_snapshot!(lines(&Gemini.answer(&ask(vec![said]), &whole).unwrap()), @r#"
    a call-2: {}
    b call-4: {}
    tool-calls; - - - -; uncounted
    "#);
}

#[test]
fn a_stream_is_complete_with_its_counts() {
    for (name, events) in streams() {
        let mut gather = Gemini.gather();
        for event in &events {
            assert!(!gather.is_complete(), "{name}");
            let data = event.to_string().into_bytes();
            gather
                .event(&Event {
                    name: None,
                    exception: false,
                    data,
                })
                .unwrap();
        }
        assert!(gather.is_complete(), "{name}");
    }
}

#[test]
fn a_stream_that_ends_early_is_cut() {
    for (name, events) in streams() {
        let mut before = events.clone();
        before.retain(|event| {
            event.pointer("/candidates/0/finishReason").is_none() && event.get("promptFeedback").is_none()
        });
        let failure = gathered([body(&before).as_slice()]).unwrap_err();
        assert_eq!(failure.code, CUT, "{name}");
    }
}

#[test]
fn what_makes_no_sense_is_no_answer() {
    for whole in [
        json!(null),
        json!({}),
        json!({"candidates": []}),
        json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}}]}),
        json!({"candidates": [{"content": {"parts": [{"functionCall": {}}]}, "finishReason": "STOP"}]}),
    ] {
        let failure = Gemini.answer(&ask(Vec::new()), &whole).unwrap_err();
        assert_eq!(line(&failure), "model-reply-malformed perhaps again", "{whole}");
    }
    for data in ["[DONE]", "[]", "1"] {
        let failure = gathered([format!("data: {data}\n\n").as_bytes()]).unwrap_err();
        assert_eq!(line(&failure), "model-reply-malformed perhaps again", "{data}");
    }
    let error = json!({"error": {"code": 503, "message": "", "status": "UNAVAILABLE"}});
    let failure = gathered([body(&[error]).as_slice()]).unwrap_err();
    assert_eq!(line(&failure), "model-overloaded perhaps again");
}

proptest! {
    #[test]
    fn any_pieces_make_the_same_answer(stream in 0..8_usize, mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let bytes = body(&streams()[stream].1);
        let mut pieces = Vec::new();
        let mut from = 0;
        cuts.sort_by_key(|cut| cut.index(bytes.len()));
        for cut in cuts {
            pieces.push(&bytes[from..cut.index(bytes.len())]);
            from = cut.index(bytes.len());
        }
        pieces.push(&bytes[from..]);
        prop_assert_eq!(gathered(pieces), gathered([bytes.as_slice()]));
    }
}

#[test]
fn refusals() {
    let google = |status: &str, message: &str, details: Value| {
        json!({"error": {"code": 0, "message": message, "status": status, "details": details}}).to_string()
    };
    let wait = json!([
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"},
    ]);
    let cases = [
        (
            400,
            "",
            google("INVALID_ARGUMENT", "Request contains an invalid argument.", json!([])),
        ),
        (
            400,
            "",
            google(
                "INVALID_ARGUMENT",
                "The input token count (2) exceeds the maximum number of tokens allowed (1).",
                json!([]),
            ),
        ),
        (
            400,
            "",
            google("INVALID_ARGUMENT", "Unable to process input image.", json!([])),
        ),
        (400, "", google("FAILED_PRECONDITION", "", json!([]))),
        (401, "", google("UNAUTHENTICATED", "", json!([]))),
        (403, "", google("PERMISSION_DENIED", "", json!([]))),
        (
            403,
            "",
            google("PERMISSION_DENIED", "", json!([{"reason": "BILLING_DISABLED"}])),
        ),
        (404, "", google("NOT_FOUND", "", json!([]))),
        (429, "", google("RESOURCE_EXHAUSTED", "", json!([]))),
        (429, "", google("RESOURCE_EXHAUSTED", "", wait.clone())),
        (429, "9", format!("[{}]", google("RESOURCE_EXHAUSTED", "", wait))),
        (
            429,
            "",
            google("RESOURCE_EXHAUSTED", "", json!([{"retryDelay": "soon"}])),
        ),
        (499, "", google("CANCELLED", "", json!([]))),
        (500, "", google("INTERNAL", "", json!([]))),
        (503, "", google("UNAVAILABLE", "", json!([]))),
        (504, "", google("DEADLINE_EXCEEDED", "", json!([]))),
        (502, "", "<html>".to_owned()),
        (408, "", String::new()),
    ];
    let lines = cases.map(|(status, after, body)| {
        let mut headers = HeaderMap::new();
        if !after.is_empty() {
            headers.insert("retry-after", after.parse().unwrap());
        }
        let failure = Gemini.trouble(status, &headers, body.as_bytes());
        assert!(failure.kept.as_ref().unwrap().contains(&body));
        format!("{status} {}", line(&failure))
    });
    assert_snapshot!(lines.join("\n"), @r#"
    400 model-input-invalid
    400 model-context-too-long
    400 model-image-refused
    400 model-input-invalid
    401 model-unauthorized
    403 model-denied
    403 model-quota-exhausted
    404 model-unknown
    429 model-rate-limited again
    429 model-rate-limited again 3500
    429 model-rate-limited again 9000
    429 model-rate-limited again
    499 model-failed again
    500 model-failed perhaps again
    503 model-overloaded perhaps again
    504 model-timed-out perhaps again
    502 model-failed perhaps again
    408 model-timed-out perhaps again
    "#);
}
