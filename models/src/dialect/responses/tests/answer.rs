//! What comes.

use gate::Reach;
use gate::call::model::{Ask, Part, Prompt, Role, StopReason, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::dialect::openai::judge::{
    event_of, events, faults_of_reply, gathered, greeting, model, recorded, says, sent,
};
use crate::dialect::responses::Responses;
use crate::dialect::{Answer, Content, Delta, Dialect, Event};
use crate::trouble::{CUT, FAILED, FILTERED, IMAGE, MALFORMED, RATE_LIMITED};

fn answered(whole: &Value) -> Result<Answer, gate::Failure> {
    Responses.answer(&Ask::Complete(Box::new(greeting())), whole)
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

fn opaque(data: &Value) -> Part {
    Part::Opaque {
        dialect: "responses".to_owned(),
        data: data.to_string(),
    }
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

fn all() -> [(Vec<Event>, Value); 5] {
    [
        recorded!("responses-text"),
        recorded!("responses-tools"),
        recorded!("responses-refusal"),
        recorded!("responses-incomplete"),
        recorded!("responses-failed"),
    ]
}

#[test]
fn the_recordings_are_as_openai_describes_them() {
    for (stream, whole) in all() {
        for event in stream {
            let data: Value = serde_json::from_slice(&event.data).unwrap();
            assert_eq!(
                faults_of_reply("ResponseStreamEvent", &data),
                Vec::<String>::new(),
                "{data}"
            );
        }
        assert_eq!(faults_of_reply("Response", &whole), Vec::<String>::new(), "{whole}");
    }
}

#[test]
fn a_stream_adds_up_to_the_whole_answer() {
    for (stream, whole) in all() {
        let (shown, gathered) = gathered(&Responses, &stream);
        assert_eq!(gathered.unwrap(), whole);
        let Ok(answer) = answered(&whole) else { continue };
        let (parts, _) = message(answer);
        let said: String = parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let showed: String = shown
            .iter()
            .filter_map(|delta| match delta {
                Delta::Text(text) => Some(text.as_str()),
                Delta::Tool(_) => None,
            })
            .collect();
        assert_eq!(showed, said);
        let called = parts
            .iter()
            .filter(|part| matches!(part, Part::ToolCall { .. }))
            .count();
        assert_eq!(
            shown.iter().filter(|delta| matches!(delta, Delta::Tool(_))).count(),
            called
        );
    }
}

#[test]
fn texts_thoughts_and_phases_come_in_order() {
    let (_, whole) = recorded!("responses-text");
    let answer = answered(&whole).unwrap();
    let expected = Usage {
        input: 48,
        cache_read: 1024,
        cache_write: 128,
        cache_write_long: 0,
        output: 58,
        reasoning: 32,
    };
    assert_eq!(answer.usage, Some(expected));
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    assert_eq!(said(&answer.model), "gpt-5.6-sol-2026-07-09");
    assert_eq!(said(&answer.tier), "standard");
    assert_eq!(said(&answer.request), "resp_01text");
    let (parts, stop) = message(answer);
    assert_eq!(stop, StopReason::End);
    assert_eq!(
        parts,
        [
            opaque(&whole["output"][0]),
            opaque(&json!({"type": "message", "phase": "commentary"})),
            text("Looking it up."),
            opaque(&json!({"type": "message", "phase": "final_answer"})),
            text("The capital of Norway is Oslo – since 1814."),
        ]
    );
}

#[test]
fn an_answer_goes_back_as_it_came() {
    let (_, whole) = recorded!("responses-tools");
    let (mut parts, stop) = message(answered(&whole).unwrap());
    assert_eq!(stop, StopReason::ToolCalls);
    assert_eq!(
        parts[1..],
        [
            call("call_A1", "weather", r#"{"city":"Oslo"}"#),
            call("call_B2", "time", r#"{"city":"Rome"}"#)
        ]
    );
    let (_, spoken) = recorded!("responses-text");
    parts.extend(message(answered(&spoken).unwrap()).0);
    let prompt = Prompt {
        messages: vec![says(Role::Assistant, parts), says(Role::User, vec![text("Go on.")])],
        ..Prompt::default()
    };
    let wire = sent(&Responses, &Ask::Complete(Box::new(prompt)), &model()).unwrap();
    let body = wire.json();
    let input = body["input"].as_array().unwrap();
    assert_eq!(input[0], whole["output"][0]);
    assert_eq!(input[3], spoken["output"][0]);
    let phases: Vec<&Value> = input.iter().filter_map(|item| item.get("phase")).collect();
    assert_eq!(phases, ["commentary", "final_answer"]);
}

#[test]
fn an_answer_says_why_it_ends() {
    let (_, refusal) = recorded!("responses-refusal");
    let (parts, stop) = message(answered(&refusal).unwrap());
    assert_eq!(
        (parts, stop),
        (vec![text("I'm sorry, I can't help with that.")], StopReason::Refusal)
    );
    let (_, mut incomplete) = recorded!("responses-incomplete");
    for (reason, expected) in [
        (json!({"reason": "max_output_tokens"}), StopReason::Length),
        (json!({"reason": "content_filter"}), StopReason::ContentFilter),
        (json!({"reason": "steered"}), StopReason::Other("steered".to_owned())),
        (json!(null), StopReason::Other("incomplete".to_owned())),
    ] {
        incomplete["incomplete_details"] = reason;
        assert_eq!(message(answered(&incomplete).unwrap()).1, expected);
    }
}

#[test]
fn what_is_not_there_is_not_made_up() {
    let (_, mut whole) = recorded!("responses-tools");
    whole["usage"] = json!(null);
    whole["service_tier"] = json!(null);
    whole["output"][1]["arguments"] = json!("{\"city\":");
    // Nothing is stored, so a thought that is not in the answer cannot be found again.
    whole["output"][0].as_object_mut().unwrap().remove("encrypted_content");
    whole["output"][2] = json!({"type": "something_new", "id": "x"});
    let answer = answered(&whole).unwrap();
    assert_eq!((answer.usage, &answer.tier), (None, &None));
    assert_eq!(message(answer).0, [call("call_A1", "weather", "{\"city\":")]);
}

#[test]
fn what_is_no_answer_fails() {
    let (_, failed) = recorded!("responses-failed");
    for (code, expected, retryable) in [
        ("server_error", FAILED, true),
        ("rate_limit_exceeded", RATE_LIMITED, true),
        ("image_content_policy_violation", FILTERED, false),
        ("invalid_image_format", IMAGE, false),
        ("something_new", FAILED, true),
    ] {
        let mut whole = failed.clone();
        whole["error"]["code"] = json!(code);
        let failure = answered(&whole).unwrap_err();
        assert_eq!(
            (failure.code, failure.retryable, failure.reach),
            (expected, retryable, Reach::Perhaps),
            "{code}"
        );
    }
    let (_, good) = recorded!("responses-tools");
    for (place, value) in [
        ("/status", json!("in_progress")),
        ("/output", json!(null)),
        ("/output/1/call_id", json!("")),
        ("/output/1/name", json!(null)),
        ("/usage/total_tokens", json!(1)),
    ] {
        let mut whole = good.clone();
        *whole.pointer_mut(place).unwrap() = value;
        assert_eq!(answered(&whole).unwrap_err().code, MALFORMED, "{place}");
    }
}

#[test]
fn a_stream_that_fails_or_ends_early_is_no_answer() {
    let recorded = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/models/streams/responses-error.sse"
    ));
    let failure = gathered(&Responses, &events(recorded)).1.unwrap_err();
    assert_eq!((failure.code, failure.reach), (RATE_LIMITED, Reach::Perhaps));
    for (stream, _) in all() {
        for length in 0..stream.len() {
            let failure = gathered(&Responses, &stream[..length]).1.unwrap_err();
            assert_eq!((failure.code, failure.retryable), (CUT, true));
        }
    }
    for (data, expected) in [
        (json!({"error": {"message": "Down.", "type": "server_error"}}), FAILED),
        (json!({"type": "response.completed"}), MALFORMED),
    ] {
        assert_eq!(
            gathered(&Responses, &[event_of(&data)]).1.unwrap_err().code,
            expected,
            "{data}"
        );
    }
    let broken = Event {
        name: None,
        exception: false,
        data: b"{".to_vec(),
    };
    assert_eq!(gathered(&Responses, &[broken]).1.unwrap_err().code, MALFORMED);
}

#[test]
fn what_comes_after_the_end_is_not_read() {
    let (mut stream, whole) = recorded!("responses-text");
    stream.push(event_of(
        &json!({"type": "error", "code": "server_error", "message": "Down."}),
    ));
    stream.push(event_of(&json!({"type": "response.failed", "response": {}})));
    assert_eq!(gathered(&Responses, &stream).1.unwrap(), whole);
}

proptest! {
    /// What is not known is ignored, wherever it comes.
    #[test]
    fn unknown_events_change_nothing(which in 0_usize..5, places in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let (mut stream, whole) = all().into_iter().nth(which).unwrap();
        let (expected, _) = gathered(&Responses, &stream);
        for place in places {
            let unknown = event_of(&json!({"type": "response.steer.something", "delta": "x", "response": {}}));
            stream.insert(place.index(stream.len() + 1), unknown);
        }
        let (shown, gathered) = gathered(&Responses, &stream);
        prop_assert_eq!(gathered.unwrap(), whole);
        prop_assert_eq!(shown, expected);
    }
}
