//! What comes.

use gate::Reach;
use gate::call::model::{Ask, Part, Role, StopReason, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::dialect::chat::Chat;
use crate::dialect::openai::judge::{event_of, events, faults_of_reply, gathered, greeting, model, recorded, says};
use crate::dialect::{Answer, Content, Delta, Dialect, Event};
use crate::trouble::{CUT, FAILED, MALFORMED};

fn answered(whole: &Value) -> Result<Answer, gate::Failure> {
    Chat::default().answer(&Ask::Complete(Box::new(greeting())), whole)
}

fn message(answer: Answer) -> (Vec<Part>, StopReason) {
    match answer.content {
        Content::Message { parts, stop } => (parts, stop),
        Content::Vectors(_) => panic!("vectors"),
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

fn all() -> [(Vec<Event>, Value); 4] {
    [
        recorded!("chat-text"),
        recorded!("chat-tools"),
        recorded!("chat-refusal"),
        recorded!("chat-length"),
    ]
}

#[test]
fn the_recordings_are_as_openai_describes_them() {
    for (stream, whole) in all() {
        for event in stream.iter().filter(|event| event.data != b"[DONE]") {
            let data: Value = serde_json::from_slice(&event.data).unwrap();
            let faults = faults_of_reply("CreateChatCompletionStreamResponse", &data);
            assert_eq!(faults, Vec::<String>::new(), "{data}");
        }
        assert_eq!(
            faults_of_reply("CreateChatCompletionResponse", &whole),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_stream_adds_up_to_the_whole_answer() {
    for (stream, whole) in all() {
        let (_, made) = gathered(&Chat::default(), &stream);
        let made = made.unwrap();
        assert_eq!(made, whole);
        assert_eq!(
            faults_of_reply("CreateChatCompletionResponse", &made),
            Vec::<String>::new()
        );
    }
    let (shown, _) = gathered(&Chat::default(), &recorded!("chat-tools").0);
    assert_eq!(shown, ["weather", "time"].map(|name| Delta::Tool(name.to_owned())));
    let (shown, _) = gathered(&Chat::default(), &recorded!("chat-length").0);
    assert_eq!(shown, ["Once upon", " a time"].map(|text| Delta::Text(text.to_owned())));
}

#[test]
fn answers_say_what_they_hold_and_why_they_end() {
    let [said, tools, refusal, length] = all().map(|(_, whole)| message(answered(&whole).unwrap()));
    assert_eq!(
        said,
        (
            vec![text("The capital of Norway is Oslo – since 1814.")],
            StopReason::End
        )
    );
    let calls = vec![
        call("call_A1", "weather", r#"{"city":"Oslo"}"#),
        call("call_B2", "time", r#"{"city":"Rome"}"#),
    ];
    assert_eq!(tools, (calls, StopReason::ToolCalls));
    assert_eq!(
        refusal,
        (vec![text("I'm sorry, I can't help with that.")], StopReason::Refusal)
    );
    assert_eq!(length, (vec![text("Once upon a time")], StopReason::Length));
}

#[test]
fn an_answer_says_who_gave_it_and_what_was_counted() {
    let answer = answered(&recorded!("chat-tools").1).unwrap();
    let expected = Usage {
        input: 26,
        cache_write: 64,
        output: 41,
        reasoning: 16,
        ..Usage::default()
    };
    assert_eq!(answer.usage, Some(expected));
    let said = [answer.model, answer.tier, answer.request].map(Option::unwrap_or_default);
    assert_eq!(said, ["gpt-5.6-sol-2026-07-09", "standard", "chatcmpl-02"]);
}

#[test]
fn reasons_are_read_with_what_came() {
    let (_, tools) = recorded!("chat-tools");
    let (_, plain) = recorded!("chat-text");
    for (whole, finish, expected) in [
        // A model that had to use a tool ends with `stop`.
        (&tools, "stop", StopReason::ToolCalls),
        (&tools, "length", StopReason::Length),
        (&plain, "content_filter", StopReason::ContentFilter),
        (&plain, "something_new", StopReason::Other("something_new".to_owned())),
    ] {
        let mut whole = whole.clone();
        whole["choices"][0]["finish_reason"] = json!(finish);
        assert_eq!(message(answered(&whole).unwrap()).1, expected, "{finish}");
    }
}

#[test]
fn what_is_no_answer_fails() {
    let (_, good) = recorded!("chat-tools");
    for (place, value, expected) in [
        ("/choices", json!([]), MALFORMED),
        ("/choices/0/message", json!(null), MALFORMED),
        ("/choices/0/finish_reason", json!(null), MALFORMED),
        ("/choices/0/message/tool_calls/0/id", json!(""), MALFORMED),
        ("/choices/0/message/tool_calls/0/function", json!({}), MALFORMED),
        ("/usage/prompt_tokens", json!(1), MALFORMED),
        ("", json!({"error": {"message": "Down.", "code": 500}}), FAILED),
    ] {
        let mut whole = good.clone();
        *whole.pointer_mut(place).unwrap() = value;
        assert_eq!(answered(&whole).unwrap_err().code, expected, "{place}");
    }
    let mut whole = good;
    whole["usage"] = json!(null);
    whole["choices"][0]["message"]["tool_calls"][1]["function"]["arguments"] = json!("[1]");
    let answer = answered(&whole).unwrap();
    assert_eq!(answer.usage, None);
    assert_eq!(message(answer).0[1], call("call_B2", "time", "[1]"));
}

#[test]
fn a_stream_that_fails_or_ends_early_is_no_answer() {
    let recorded = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/models/streams/chat-error.sse"
    ));
    let failure = gathered(&Chat::default(), &events(recorded)).1.unwrap_err();
    assert_eq!(
        (failure.code, failure.reach, failure.retryable),
        (FAILED, Reach::Perhaps, true)
    );
    for (stream, _) in all() {
        let finish = |event: &Event| !String::from_utf8_lossy(&event.data).contains("\"finish_reason\":null");
        let end = stream.iter().position(finish).unwrap();
        for length in 0..end {
            let failure = gathered(&Chat::default(), &stream[..length]).1.unwrap_err();
            assert_eq!((failure.code, failure.retryable), (CUT, true));
        }
    }
    let done = &events("data: [DONE]\n\n");
    assert_eq!(gathered(&Chat::default(), done).1.unwrap_err().code, CUT);
}

#[test]
fn a_chunk_about_filters_hides_nothing() {
    let (mut stream, whole) = recorded!("chat-text");
    let filters = json!({
        "id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}],
    });
    stream.insert(0, event_of(&filters));
    assert_eq!(gathered(&Chat::default(), &stream).1.unwrap(), whole);
    stream.insert(7, event_of(&json!({"id": "", "model": "", "choices": []})));
    assert_eq!(gathered(&Chat::default(), &stream).1.unwrap(), whole);
}

#[test]
fn calls_that_share_an_index_are_told_apart_by_their_identifiers() {
    let piece = |id: &str, arguments: &str| {
        let call = json!({"index": 0, "id": id, "function": {"name": id, "arguments": arguments}});
        event_of(&json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}))
    };
    let end = event_of(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}));
    let stream = [piece("a", "{"), piece("b", "[1]"), piece("a", "}"), piece("", "x"), end];
    let whole = gathered(&Chat::default(), &stream).1.unwrap();
    let parts = message(answered(&whole).unwrap()).0;
    assert_eq!(parts, [call("a", "a", "{}"), call("b", "b", "[1]x")]);
}

/// Google's models sign their thoughts beside the first of their calls, and refuse it where it comes back without.
#[test]
fn what_came_with_a_call_goes_back_with_it() {
    let google = Chat { extra: true };
    let signed = json!({"google": {"thought_signature": "c2ln"}});
    let chunk = |call: Value| event_of(&json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}));
    let stream = [
        chunk(json!({"index": 0, "id": "a", "extra_content": signed, "function": {"name": "go", "arguments": "{"}})),
        chunk(json!({"index": 0, "function": {"arguments": "}"}})),
        chunk(json!({"index": 1, "id": "b", "function": {"name": "stay", "arguments": "{}"}})),
        event_of(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})),
    ];
    let whole = gathered(&google, &stream).1.unwrap();
    let ask = Ask::Complete(Box::new(greeting()));
    let (parts, _) = message(google.answer(&ask, &whole).unwrap());
    let opaque = Part::Opaque {
        dialect: "chat".to_owned(),
        data: json!({"extra_content": signed}).to_string(),
    };
    let calls = [call("a", "go", "{}"), call("b", "stay", "{}")];
    assert_eq!(parts, [&[opaque][..], &calls].concat());
    // Where OpenAI's description holds, nothing of it is known.
    assert_eq!(message(answered(&whole).unwrap()).0, calls);

    let mut prompt = greeting();
    prompt.messages.push(says(Role::Assistant, parts));
    for (chat, expected) in [(google, Some(&signed)), (Chat::default(), None)] {
        let body = chat
            .request(&Ask::Complete(Box::new(prompt.clone())), &model())
            .unwrap()
            .json();
        let calls = body.pointer("/messages/1/tool_calls").unwrap();
        let extra = |place: usize| calls[place].get("extra_content");
        assert_eq!((extra(0), extra(1)), (expected, None), "{body}");
    }
}

/// A text in pieces.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("\\PC{1,6}", 1..6)
}

proptest! {
    /// However an answer is cut, it adds up to the same.
    #[test]
    fn any_split_adds_up_to_the_same(
        texts in pieces(), calls in prop::collection::vec(pieces(), 0..4), order in any::<prop::sample::Index>(),
    ) {
        let chunk = |delta: Value, finish: Value| event_of(&json!({
            "id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }));
        let mut stream = vec![chunk(json!({"role": "assistant", "content": ""}), json!(null))];
        stream.extend(texts.iter().map(|text| chunk(json!({"content": text}), json!(null))));
        let of_text = stream.len();
        for index in 0..calls.len() {
            let head = json!({"index": index, "id": format!("c{index}"), "type": "function", "function": {"name": "f", "arguments": ""}});
            stream.push(chunk(json!({"tool_calls": [head]}), json!(null)));
        }
        // The pieces of several calls may alternate.
        let longest = calls.iter().map(Vec::len).max().unwrap_or(0);
        for turn in 0..longest {
            let mut of_turn: Vec<Event> = calls.iter().enumerate().filter_map(|(index, pieces)| {
                let call = json!({"index": index, "function": {"arguments": pieces.get(turn)?}});
                Some(chunk(json!({"tool_calls": [call]}), json!(null)))
            }).collect();
            if !of_turn.is_empty() {
                let by = order.index(of_turn.len());
                of_turn.rotate_left(by);
            }
            stream.extend(of_turn);
        }
        stream.push(chunk(json!({}), json!("stop")));
        let (shown, whole) = gathered(&Chat::default(), &stream);
        let calls = calls.iter().enumerate().map(|(index, pieces)| json!({
            "id": format!("c{index}"), "type": "function", "function": {"name": "f", "arguments": pieces.concat()},
        }));
        let mut message = json!({"role": "assistant", "content": texts.concat(), "refusal": null});
        let calls: Vec<Value> = calls.collect();
        if !calls.is_empty() {
            message["tool_calls"] = json!(calls);
        }
        prop_assert_eq!(&whole.unwrap()["choices"][0]["message"], &message);
        let showed = shown.iter().filter(|delta| matches!(delta, Delta::Text(_))).count();
        prop_assert_eq!(showed, of_text - 1);
    }
}
