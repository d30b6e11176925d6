//! The judge can say no: each of these is a mistake that it has to find.

use serde_json::{Value, json};

use super::{faults_of_reply, faults_of_request};

fn response() -> Value {
    json!({
        "model": "gpt-5.6-sol", "store": false,
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "x"},
        ],
        "reasoning": {"effort": "low"},
        "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": false}},
    })
}

fn chat() -> Value {
    json!({
        "model": "gpt-5.6-sol",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {}, "strict": true}}],
    })
}

/// The same with something else at a place.
fn with(mut body: Value, place: &str, value: Value) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[key] = value;
    body
}

#[test]
fn good_requests_pass() {
    assert_eq!(faults_of_request("CreateResponse", &response()), Vec::<String>::new());
    assert_eq!(
        faults_of_request("CreateChatCompletionRequest", &chat()),
        Vec::<String>::new()
    );
    let embed = json!({"model": "m", "input": ["a"]});
    assert_eq!(
        faults_of_request("CreateEmbeddingRequest", &embed),
        Vec::<String>::new()
    );
}

#[test]
fn bad_requests_are_found() {
    for (place, value) in [
        ("/reasoning_effort", json!("low")),
        ("/reasoning/effort", json!("enormous")),
        ("/reasoning/efort", json!("low")),
        ("/max_output_tokens", json!(15)),
        ("/temperature", json!(2.1)),
        ("/input/0/content/0/type", json!("text")),
        ("/input/0/content/0/txt", json!("text")),
        ("/input/1/arguments", json!({})),
        ("/input/2/call_id", json!("")),
        ("/text/format/schema", json!("{}")),
        (
            "/tool_choice",
            json!({"type": "function", "function": {"name": "look"}}),
        ),
        ("/metadata", json!({"a": 1})),
    ] {
        let body = with(response(), place, value);
        assert!(!faults_of_request("CreateResponse", &body).is_empty(), "{place}");
    }
    for (place, value) in [
        ("/max_output_tokens", json!(16)),
        ("/messages", json!([])),
        ("/messages/0/role", json!("tool")),
        ("/messages/0/content/0/type", json!("input_text")),
        ("/tools/0/function/strict", json!("yes")),
        ("/tools/0/name", json!("look")),
        ("/tool_choice", json!({"type": "function", "name": "look"})),
        ("/stop", json!(["1", "2", "3", "4", "5"])),
    ] {
        let body = with(chat(), place, value);
        assert!(
            !faults_of_request("CreateChatCompletionRequest", &body).is_empty(),
            "{place}"
        );
    }
    let embed = json!({"model": "m", "input": ["a"], "metadata": {}});
    assert!(!faults_of_request("CreateEmbeddingRequest", &embed).is_empty());
}

#[test]
fn bad_replies_are_found() {
    let chunk = json!({
        "id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": null}],
    });
    let schema = "CreateChatCompletionStreamResponse";
    assert_eq!(faults_of_reply(schema, &chunk), Vec::<String>::new());
    for (place, value) in [
        ("/object", json!("chat.completion")),
        ("/choices/0/finish_reason", json!("done")),
        ("/choices/0/delta/content", json!(1)),
        ("/usage", json!({"prompt_tokens": 1})),
    ] {
        let body = with(chunk.clone(), place, value);
        assert!(!faults_of_reply(schema, &body).is_empty(), "{place}");
    }
}
