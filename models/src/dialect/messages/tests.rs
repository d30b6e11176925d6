//! What is sent, what comes back, and what is refused. `tests/models` has Anthropic's SDK judge the first two.

use gate::call::model::Ask;
use http::HeaderMap;
use insta::{assert_json_snapshot, assert_snapshot};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Messages, Place};
use crate::dialect::native;
use crate::dialect::native::tests::{line, lines, model, prompts, written};
use crate::dialect::{Answer, Content, Delta, Dialect, Framing};
use crate::trouble::CUT;

const ANTHROPIC: Messages = Messages {
    at: Place::Anthropic { geo: None },
};
const VERTEX: Messages = Messages { at: Place::Vertex };

#[derive(Deserialize)]
struct Reply {
    name: String,
    stream: String,
    whole: Option<Value>,
    refused: Option<Value>,
}

fn replies() -> Vec<Reply> {
    serde_json::from_str(include_str!("exchanges/replies.json")).unwrap()
}

fn ask() -> Ask {
    Ask::Complete(Box::default())
}

/// The answer of a stream that comes in these pieces, and what was shown on the way.
fn gathered<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(Value, Vec<Delta>), gate::Failure> {
    native::tests::gathered(&ANTHROPIC, Framing::ServerSent, pieces)
}

/// Without what is null: the SDK leaves out what it does not know, and the stream has nulls that a message has not.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let given = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(given.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

fn answer(whole: &Value) -> Answer {
    ANTHROPIC.answer(&ask(), whole).unwrap()
}

#[test]
fn requests() {
    insta::with_settings!({snapshot_path => "exchanges", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_json_snapshot!("requests", written(&ANTHROPIC));
    });
}

#[test]
fn vertex_has_the_model_in_its_path() {
    let prompt = prompts().swap_remove(0).1;
    let ask = Ask::Complete(Box::new(prompt));
    let streamed = VERTEX.request(&ask, &model(true)).unwrap();
    assert_eq!(
        streamed.path,
        "/publishers/anthropic/models/acme.model-1%2Fv1%3A0:streamRawPredict"
    );
    assert_eq!(streamed.headers, []);
    let body = streamed.json();
    assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
    assert_eq!(body["model"], Value::Null);
    assert_eq!(body["stream"], true);
    let mut whole = model(false);
    whole.can.most_tokens = Some(64);
    let whole = VERTEX.request(&ask, &whole).unwrap();
    assert_eq!(
        whole.path,
        "/publishers/anthropic/models/acme.model-1%2Fv1%3A0:rawPredict"
    );
    assert_eq!(whole.framing, Framing::Whole);
    let body = whole.json();
    assert_eq!(body["stream"], Value::Null);
    assert_eq!(body["max_tokens"], 64);
}

#[test]
fn a_stream_is_gathered_as_the_sdk_gathers_it() {
    let mut refused = 0;
    for reply in replies() {
        let gathered = gathered([reply.stream.as_bytes()]);
        if reply.refused.is_some() {
            refused += 1;
            assert_snapshot!(line(&gathered.unwrap_err()), @"model-overloaded perhaps again");
        } else {
            let (whole, shown) = gathered.unwrap();
            assert_eq!(bare(&whole), bare(&reply.whole.unwrap()), "{}", reply.name);
            let texts: Vec<_> = whole["content"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|block| block["text"].as_str())
                .collect();
            let deltas: Vec<_> = shown
                .iter()
                .filter_map(|delta| match delta {
                    Delta::Text(text) => Some(text.as_str()),
                    Delta::Tool(_) => None,
                })
                .collect();
            assert_eq!(texts.concat(), deltas.concat());
        }
    }
    assert_eq!(refused, 1);
}

#[test]
fn answers() {
    let wholes = replies()
        .into_iter()
        .filter_map(|reply| Some((reply.name, reply.whole?)));
    let answers: String = wholes
        .map(|(name, whole)| format!("{name}\n{}", lines(&answer(&whole))))
        .collect();
    assert_snapshot!(answers, @r#"
    everything
      messages: {"signature":"c2ln","thinking":"Let me see.","type":"thinking"}
      messages: {"data":"cmVk","type":"redacted_thinking"}
      Text("Grüße,\n\ndata: 😀")
      look toolu_01: {"where":"a \"b\"","n":1.5}
      now toolu_02: {}
      tool-calls; claude-opus-5-5 standard us msg_01; 12+2000+300 (200 long) -> 77 (40 thoughts)
    plain
      Text("Hi!")
      end; claude-opus-5-5 - - msg_01; 10+0+0 (0 long) -> 3 (0 thoughts)
    stop sequence
      Text("a")
      stop-sequence; claude-opus-5-5 - - msg_01; 9+0+0 (0 long) -> 3 (0 thoughts)
    refusal
      refusal; claude-opus-5-5 - - msg_01; 9+0+0 (0 long) -> 0 (0 thoughts)
    nothing
      end; claude-opus-5-5 - - msg_01; 9+0+0 (0 long) -> 2 (0 thoughts)
    "#);
}

#[test]
fn a_limit_within_a_tools_input_leaves_the_tool_out() {
    for (stop, expected) in [
        ("max_tokens", Ok(1)),
        ("tool_use", Err("model-reply-malformed".to_owned())),
    ] {
        let stream = replies()[0]
            .stream
            .replace(r#"{\"where\": \"a \\\"b"#, r#"{\"where\": "#);
        assert_ne!(stream, replies()[0].stream);
        let stream = stream.replace(r#""stop_reason": "tool_use""#, &format!(r#""stop_reason": "{stop}""#));
        let tools = gathered([stream.as_bytes()]).map(|(whole, _)| {
            whole["content"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|block| block["type"] == "tool_use")
                .count()
        });
        assert_eq!(tools.map_err(|failure| failure.code.to_string()), expected, "{stop}");
    }
}

#[test]
fn a_stream_that_ends_early_is_cut() {
    let stream = &replies()[1].stream;
    let ends: Vec<_> = stream.match_indices("\n\n").map(|(end, _)| end + 2).collect();
    for end in &ends[..ends.len() - 1] {
        assert_eq!(gathered([&stream.as_bytes()[..*end]]).unwrap_err().code, CUT);
    }
    gathered([stream.as_bytes()]).unwrap();
}

proptest! {
    #[test]
    fn any_pieces_make_the_same_answer(reply in 0..6_usize, mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let reply = &replies()[reply];
        let bytes = reply.stream.as_bytes();
        let mut pieces = Vec::new();
        let mut from = 0;
        cuts.sort_by_key(|cut| cut.index(bytes.len()));
        for cut in cuts {
            pieces.push(&bytes[from..cut.index(bytes.len())]);
            from = cut.index(bytes.len());
        }
        pieces.push(&bytes[from..]);
        prop_assert_eq!(gathered(pieces), gathered([bytes]));
    }
}

#[test]
fn stops() {
    let mut whole = json!({"content": [], "stop_reason": "", "usage": {"input_tokens": 1, "output_tokens": 2}});
    let words = [
        "end_turn",
        "max_tokens",
        "model_context_window_exceeded",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "refusal",
    ];
    let stops = words.map(|word| {
        whole["stop_reason"] = json!(word);
        match answer(&whole).content {
            Content::Message { stop, .. } => format!("{word}: {}", stop.as_str()),
            Content::Vectors(_) => unreachable!(),
        }
    });
    assert_snapshot!(stops.join("\n"), @r#"
    end_turn: end
    max_tokens: length
    model_context_window_exceeded: length
    stop_sequence: stop-sequence
    tool_use: tool-calls
    pause_turn: pause_turn
    refusal: refusal
    "#);
}

#[test]
fn what_makes_no_sense_is_no_answer() {
    for whole in [
        json!(null),
        json!([]),
        json!({"content": [], "stop_reason": null}),
        json!({"content": "Hi", "stop_reason": "end_turn"}),
        json!({"content": [{"text": "Hi"}], "stop_reason": "end_turn"}),
        json!({"content": [{"type": "tool_use", "name": "x"}], "stop_reason": "tool_use"}),
    ] {
        let failure = ANTHROPIC.answer(&ask(), &whole).unwrap_err();
        assert_eq!(line(&failure), "model-reply-malformed perhaps again", "{whole}");
    }
    let error = json!({"type": "error", "error": {"type": "api_error", "message": ""}});
    assert_eq!(
        line(&ANTHROPIC.answer(&ask(), &error).unwrap_err()),
        "model-failed perhaps again"
    );
}

#[test]
fn refusals() {
    let anthropic =
        |kind: &str, message: &str| json!({"type": "error", "error": {"type": kind, "message": message}}).to_string();
    let google = |status: &str| json!([{"error": {"code": 1, "message": "Quota", "status": status}}]).to_string();
    let cases = [
        (
            400,
            "",
            anthropic("invalid_request_error", "messages: roles must alternate"),
        ),
        (
            400,
            "",
            anthropic("invalid_request_error", "prompt is too long: 3 tokens > 2 maximum"),
        ),
        (
            400,
            "",
            anthropic("invalid_request_error", "Your credit balance is too low"),
        ),
        (401, "", anthropic("authentication_error", "invalid x-api-key")),
        (402, "", anthropic("billing_error", "")),
        (403, "", anthropic("permission_error", "")),
        (404, "", anthropic("not_found_error", "model: x")),
        (
            413,
            "",
            anthropic("request_too_large", "Request exceeds the maximum size"),
        ),
        (429, "retry-after: 7", anthropic("rate_limit_error", "")),
        (429, "x-should-retry: false", anthropic("rate_limit_error", "")),
        (409, "", anthropic("invalid_request_error", "")),
        (400, "x-should-retry: true", anthropic("invalid_request_error", "")),
        (500, "", anthropic("api_error", "")),
        (504, "", anthropic("timeout_error", "")),
        (529, "", anthropic("overloaded_error", "")),
        (429, "", google("RESOURCE_EXHAUSTED")),
        (403, "", google("PERMISSION_DENIED")),
        (502, "", "<html>".to_owned()),
    ];
    let lines = cases.map(|(status, header, body)| {
        let header = header
            .split_once(": ")
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let headers: HeaderMap = header.into_iter().collect();
        let failure = ANTHROPIC.trouble(status, &headers, body.as_bytes());
        assert!(failure.kept.as_ref().unwrap().contains(&body));
        format!("{status} {}: {}", line(&failure), failure.told)
    });
    assert_snapshot!(lines.join("\n"), @r#"
    400 model-input-invalid: the model's provider does not take the question as it is; have the operator look up why in the log
    400 model-context-too-long: the conversation is longer than the model reads; shorten it
    400 model-quota-exhausted: the account's quota at the model's provider is used up; have the operator raise it
    401 model-unauthorized: the model's provider does not take the credential; have the operator renew it
    402 model-quota-exhausted: the account's quota at the model's provider is used up; have the operator raise it
    403 model-denied: the credential may not use this model; have the operator allow it
    404 model-unknown: the model's provider has no such model for this account; have the operator check its name
    413 model-input-invalid: the model's provider does not take the question as it is; have the operator look up why in the log
    429 model-rate-limited again 7000: the model's provider takes no more questions at the moment; ask again later
    429 model-rate-limited: the model's provider takes no more questions at the moment; ask again later
    409 model-failed perhaps again: the model's provider failed; ask again
    400 model-input-invalid again: the model's provider does not take the question as it is; have the operator look up why in the log
    500 model-failed perhaps again: the model's provider failed; ask again
    504 model-timed-out perhaps again: the model took too long for its provider; ask again, or for less
    529 model-overloaded perhaps again: the model's provider has no capacity at the moment; ask again later
    429 model-rate-limited again: the model's provider takes no more questions at the moment; ask again later
    403 model-denied: the credential may not use this model; have the operator allow it
    502 model-failed perhaps again: the model's provider failed; ask again
    "#);
}
