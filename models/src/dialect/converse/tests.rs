//! What is sent, what comes back, and what is refused. `tests/models` has botocore judge the first, and moto made the second.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::call::model::{Ask, Message, Prompt, Role};
use http::HeaderMap;
use insta::{assert_json_snapshot, assert_snapshot};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Converse;
use super::document::Documents;
use crate::dialect::native;
use crate::dialect::native::tests::{line, lines, model, prompts, written};
use crate::dialect::{Content, Delta, Dialect, Event, Framing};
use crate::trouble::CUT;

#[derive(Deserialize)]
struct Reply {
    name: String,
    stream: String,
    whole: Value,
}

impl Reply {
    fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.stream).unwrap()
    }
}

fn replies() -> Vec<Reply> {
    serde_json::from_str(include_str!("exchanges/replies.json")).unwrap()
}

fn ask() -> Ask {
    Ask::Complete(Box::default())
}

fn gathered<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(Value, Vec<Delta>), gate::Failure> {
    native::tests::gathered(&Converse, Framing::Amazon, pieces)
}

#[test]
fn requests() {
    insta::with_settings!({snapshot_path => "exchanges", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_json_snapshot!("requests", written(&Converse));
    });
}

#[test]
fn unstreamed_has_a_verb_of_its_own() {
    let (_, prompt) = prompts().swap_remove(0);
    let wire = Converse
        .request(&Ask::Complete(Box::new(prompt)), &model(false))
        .unwrap();
    assert_eq!(wire.path, "/model/acme.model-1%2Fv1%3A0/converse");
    assert_eq!(wire.framing, Framing::Whole);
}

#[test]
fn a_stream_is_gathered_to_the_response_that_comes_unstreamed() {
    for reply in replies() {
        let (whole, shown) = gathered([reply.bytes().as_slice()]).unwrap();
        assert_eq!(whole, reply.whole, "{}", reply.name);
        let content = whole["output"]["message"]["content"].as_array().unwrap();
        let texts: String = content.iter().filter_map(|block| block["text"].as_str()).collect();
        let deltas: String = shown
            .iter()
            .filter_map(|delta| match delta {
                Delta::Text(text) => Some(text.as_str()),
                Delta::Tool(_) => None,
            })
            .collect();
        assert_eq!(texts, deltas, "{}", reply.name);
    }
}

#[test]
fn answers() {
    let mut told = String::new();
    for reply in replies() {
        let answer = Converse.answer(&ask(), &reply.whole).unwrap();
        told += &format!("{}\n{}", reply.name, lines(&answer));
    }
    let routed = json!({
        "output": {"message": {"role": "assistant", "content": []}},
        "stopReason": "malformed_tool_use",
        "trace": {"promptRouter": {"invokedModelId": "acme.model-2"}},
    });
    told += &format!("routed\n{}", lines(&Converse.answer(&ask(), &routed).unwrap()));
    assert_snapshot!(told, @r#"
    everything
      converse: {"reasoningContent":{"reasoningText":{"text":"Let me see.","signature":"c2ln"}}}
      converse: {"reasoningContent":{"redactedContent":"c2VjcmV0IHRob3VnaHRz"}}
      Text("Grüße,\n\n😀")
      look tooluse_1: {"where":"a \"b\"","n":1.5}
      now tooluse_2: {}
      tool-calls; - standard - -; 12+2000+300 (200 long) -> 77 (0 thoughts)
    plain
      Text("Hi")
      end; - - - -; 9+0+0 (0 long) -> 3 (0 thoughts)
    filtered
      content-filter; - flex - -; 9+0+0 (0 long) -> 3 (0 thoughts)
    too long
      Text("Hi")
      length; - - - -; 9+0+0 (0 long) -> 3 (0 thoughts)
    routed
      malformed_tool_use; acme.model-2 - - -; uncounted
    "#);
}

#[test]
fn what_is_said_comes_back_as_it_was() {
    let whole = replies().swap_remove(0).whole;
    let Content::Message { parts, .. } = Converse.answer(&ask(), &whole).unwrap().content else {
        unreachable!()
    };
    let said = Message {
        role: Role::Assistant,
        parts,
        cache: false,
    };
    let prompt = Prompt {
        messages: vec![said],
        ..Prompt::default()
    };
    let body = Converse
        .request(&Ask::Complete(Box::new(prompt)), &model(true))
        .unwrap()
        .json();
    assert_eq!(body["messages"][0], whole["output"]["message"]);
}

#[test]
fn a_stream_that_ends_early_is_cut() {
    let bytes = replies()[1].bytes();
    let stop = b"messageStop";
    let stop = bytes.windows(stop.len()).position(|window| window == stop).unwrap();
    for end in [0, 1, 11, 12, 13, 100, stop] {
        assert_eq!(gathered([&bytes[..end]]).unwrap_err().code, CUT, "{end}");
    }
    let mut broken = bytes;
    broken[stop] ^= 1;
    assert_eq!(
        line(&gathered([broken.as_slice()]).unwrap_err()),
        "model-reply-malformed perhaps again"
    );
}

#[test]
fn a_tool_is_not_asked_for_with_half_a_question() {
    let event = |name: &str, data: Value| Event {
        name: Some(name.to_owned()),
        exception: false,
        data: data.to_string().into_bytes(),
    };
    let mut gather = Converse.gather();
    let tool = json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t", "name": "look"}}});
    gather.event(&event("contentBlockStart", tool)).unwrap();
    let input = json!({"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{"}}});
    gather.event(&event("contentBlockDelta", input)).unwrap();
    gather
        .event(&event("messageStop", json!({"stopReason": "tool_use"})))
        .unwrap();
    assert_eq!(
        line(&gather.whole().unwrap_err()),
        "model-reply-malformed perhaps again"
    );
}

proptest! {
    #[test]
    fn any_pieces_make_the_same_answer(reply in 0..4_usize, mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let bytes = replies()[reply].bytes();
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
fn documents_have_names_of_their_own() {
    let mut documents = Documents::default();
    let names =
        ["a.pdf", "a-pdf", "", "ü [1] (2)", " a \u{a0}\t b ", "a b", "-", "\n"].map(|name| documents.name(name));
    assert_eq!(
        names,
        [
            "a-pdf",
            "a-pdf (2)",
            "document",
            "- [1] (2)",
            "a b",
            "a b (2)",
            "-",
            "document (2)"
        ]
    );
    assert!(documents.name(&"x".repeat(500)).len() <= 200);
}

#[test]
fn exceptions_after_the_start() {
    let names = [
        "throttlingException",
        "modelStreamErrorException",
        "internalServerException",
        "serviceUnavailableException",
        "validationException",
        "newException",
    ];
    let lines = names.map(|name| {
        let event = Event {
            name: Some(name.to_owned()),
            exception: true,
            data: br#"{"message":"Input is too long for requested model."}"#.to_vec(),
        };
        format!("{name}: {}", line(&Converse.gather().event(&event).unwrap_err()))
    });
    assert_snapshot!(lines.join("\n"), @r#"
    throttlingException: model-rate-limited perhaps again
    modelStreamErrorException: model-failed perhaps again
    internalServerException: model-failed perhaps again
    serviceUnavailableException: model-overloaded perhaps again
    validationException: model-context-too-long perhaps
    newException: model-failed perhaps again
    "#);
}

#[test]
fn refusals() {
    let cases = [
        (
            403,
            "AccessDeniedException",
            "You don't have access to the model with the specified model ID.",
        ),
        (
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            403,
            "ExpiredTokenException:http://internal.amazon.com/coral/",
            "The security token has expired",
        ),
        (429, "ThrottlingException", "Too many tokens"),
        (429, "ModelNotReadyException", "The model is not ready"),
        (
            404,
            "ResourceNotFoundException:http://internal.amazon.com/coral/",
            "Could not resolve the foundation model",
        ),
        (408, "ModelTimeoutException", ""),
        (424, "ModelErrorException", ""),
        (500, "InternalServerException", ""),
        (503, "ServiceUnavailableException", ""),
        (400, "ServiceQuotaExceededException", ""),
        (400, "ValidationException", "Input is too long for requested model."),
        (400, "ValidationException", "The provided model identifier is invalid."),
        (
            400,
            "ValidationException",
            "Invocation of model ID x with on-demand throughput isn’t supported.",
        ),
        (
            400,
            "ValidationException",
            "The text field in the ContentBlock object is blank.",
        ),
        (400, "com.amazon.coral.service#SerializationException", ""),
        (418, "TeapotException", ""),
        (502, "", ""),
    ];
    let lines = cases.map(|(status, name, message)| {
        let body = json!({"message": message}).to_string();
        let mut headers = HeaderMap::new();
        if !name.is_empty() {
            headers.insert("x-amzn-errortype", name.parse().unwrap());
        }
        let failure = Converse.trouble(status, &headers, body.as_bytes());
        assert!(failure.kept.as_ref().unwrap().contains(&body));
        let typed = json!({"__type": name, "message": message}).to_string();
        let named = Converse.trouble(status, &HeaderMap::new(), typed.as_bytes());
        assert_eq!(line(&named), line(&failure));
        format!("{status} {name}: {}", line(&failure))
    });
    assert_snapshot!(lines.join("\n"), @r#"
    403 AccessDeniedException: model-denied
    403 UnrecognizedClientException: model-unauthorized
    403 ExpiredTokenException:http://internal.amazon.com/coral/: model-unauthorized
    429 ThrottlingException: model-rate-limited again
    429 ModelNotReadyException: model-overloaded again
    404 ResourceNotFoundException:http://internal.amazon.com/coral/: model-unknown
    408 ModelTimeoutException: model-timed-out perhaps again
    424 ModelErrorException: model-failed perhaps again
    500 InternalServerException: model-failed perhaps again
    503 ServiceUnavailableException: model-overloaded perhaps again
    400 ServiceQuotaExceededException: model-quota-exhausted
    400 ValidationException: model-context-too-long
    400 ValidationException: model-unknown
    400 ValidationException: model-unknown
    400 ValidationException: model-input-invalid
    400 com.amazon.coral.service#SerializationException: model-input-invalid
    418 TeapotException: model-input-invalid
    502 : model-failed perhaps again
    "#);
}

#[test]
fn what_makes_no_sense_is_no_answer() {
    let said = |block: Value| json!({"output": {"message": {"content": [block]}}, "stopReason": "end_turn"});
    for whole in [
        json!(null),
        json!({"output": {}, "stopReason": "end_turn"}),
        json!({"output": {"message": {"content": []}}}),
        said(json!({"toolUse": {"name": "look", "input": {}}})),
    ] {
        let failure = Converse.answer(&ask(), &whole).unwrap_err();
        assert_eq!(line(&failure), "model-reply-malformed perhaps again", "{whole}");
    }
}
