//! Skills that ask models, through a whole host: the same component on every kind of backend.

use axum::Json;
use axum::Router;
use axum::http::Uri;
use serde_json::{Value, json};
use support::server::Server;

use crate::program::{Program, text};

/// A brief as a model writes it.
pub(crate) const BRIEF: &str = r#"{"title":"Release","summary":"It fails.","key_points":[{"text":"Orders fail.","sources":[1]}],"open_questions":[],"actions":[{"what":"Fix it.","who":"Ada","due":null,"sources":[1]}]}"#;

pub(crate) const SOURCES: &str = r#"sources=[{"title":"PROJ-1","text":"Orders fail."}]"#;

/// Every kind of backend that is spoken to, with the settings that lead it to `URL`, its model, and what its credential is
/// sent in.
const BACKENDS: [(&str, &str, &str); 8] = [
    ("openai", r#"kind = "openai", url = "URL""#, "gpt-6.1-sol"),
    (
        "azure",
        r#"kind = "azure", resource = "acme", url = "URL""#,
        "our-deployment",
    ),
    (
        "bedrock",
        r#"kind = "bedrock", region = "eu-central-1", url = "URL""#,
        "eu.anthropic.claude-opus-5-5",
    ),
    (
        "mantle",
        r#"kind = "bedrock", region = "eu-central-1", mantle = true, url = "URL""#,
        "openai.gpt-6.1-sol",
    ),
    (
        "vertex",
        r#"kind = "vertex", project = "p", location = "eu", url = "URL""#,
        "gemini-3.8-flash",
    ),
    ("anthropic", r#"kind = "anthropic", url = "URL""#, "claude-opus-5-5"),
    (
        "oracle",
        r#"kind = "oracle", region = "eu-frankfurt-1", url = "URL""#,
        "openai.gpt-oss-120b",
    ),
    ("local", r#"kind = "compatible", url = "URL""#, "llama"),
];

/// Answers each format whole, by its path.
pub(crate) async fn answer(uri: Uri, Json(asked): Json<Value>) -> Json<Value> {
    Json(match uri.path() {
        path if path.ends_with("/chat/completions") => json!({
            "id": "c", "object": "chat.completion", "created": 1, "model": asked["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null, "message": {"role": "assistant", "content": BRIEF, "refusal": null}}],
            "usage": {"prompt_tokens": 400, "completion_tokens": 100, "total_tokens": 500},
        }),
        path if path.ends_with("/responses") => json!({
            "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": asked["model"],
            "error": null, "incomplete_details": null,
            "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                        "content": [{"type": "output_text", "text": BRIEF, "annotations": []}]}],
            "usage": {"input_tokens": 400, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 100,
                      "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 500},
        }),
        path if path.ends_with("/v1/messages") => json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"],
            "content": [{"type": "text", "text": BRIEF}], "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 400, "output_tokens": 100},
        }),
        path if path.ends_with(":generateContent") => json!({
            "candidates": [{"content": {"role": "model", "parts": [{"text": BRIEF}]}, "finishReason": "STOP"}],
            "modelVersion": "gemini-3.8-flash", "responseId": "r",
            "usageMetadata": {"promptTokenCount": 400, "candidatesTokenCount": 100, "totalTokenCount": 500},
        }),
        path if path.ends_with("/converse") => json!({
            "output": {"message": {"role": "assistant", "content": [{"text": BRIEF}]}}, "stopReason": "end_turn",
            "usage": {"inputTokens": 400, "outputTokens": 100, "totalTokens": 500}, "metrics": {"latencyMs": 1},
        }),
        other => panic!("nobody is asked at {other}"),
    })
}

fn ask(program: &Program) -> Value {
    program.json(&["invoke", "skillhost/brief", "brief", SOURCES])
}

/// What the journal says that the run's question cost.
fn bill(program: &Program, answer: &Value) -> Value {
    let path = format!("/v1/runs/{}/journal", text(answer, "run"));
    let journal = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(async { program.front().get(&path, program.token()).await.json() });
    let entries = journal["entries"].as_array().unwrap();
    let bill = entries.iter().find_map(|entry| entry["event"]["finished"].get("bill"));
    bill.unwrap_or_else(|| panic!("{journal:#}")).clone()
}

#[test]
fn a_brief_is_the_same_on_every_backend() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server::new("models", Router::new().fallback(answer));
    let (address, traffic) = runtime.block_on(server.start()).unwrap();
    let mut program = Program::start();
    program.approved_with("brief", &["--grant", "model:default"]);
    std::fs::write(program.folder().join("key"), "canary-credential-4711").unwrap();
    let mut lines = Vec::new();
    for (name, provider, model) in BACKENDS {
        let provider = provider.replace("URL", &format!("http://{address}/base"));
        program.configure(&format!(
            "[[tenants.default.model.default.backends]]\nname = \"{name}\"\nprovider = {{ {provider} }}\nmodel = \"{model}\"\n\
             stream = false\nplain-http = true\nprivate-networks = [\"127.0.0.0/8\"]\n\
             credential = {{ api-key = {{ file = \"key\" }} }}\n"
        ));
        let answer = ask(&program);
        assert_eq!(
            answer["value"]["key_points"][0]["text"], "Orders fail.",
            "{name}: {answer}"
        );
        let seen = traffic.seen().pop().unwrap();
        let login = ["authorization", "api-key", "x-api-key"].map(|name| seen.headers.contains_key(name));
        lines.push(format!("{} {login:?}: {}", seen.path, bill(&program, &answer)));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_script_answers_without_a_cloud_and_says_so() {
    let mut program = Program::start();
    program.approved_with("brief", &["--grant", "model:default"]);
    let script = format!("[[answers]]\ntext = '''{BRIEF}'''\nusage = {{ input = 400, output = 100 }}\n");
    std::fs::write(program.folder().join("answers.toml"), script).unwrap();
    let refused = program.run(&["invoke", "skillhost/brief", "brief", SOURCES, "--json"]);
    let refused = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(refused.contains("binding-unknown"), "{refused}");
    program.configure(
        "[[tenants.default.model.default.backends]]\nname = \"script\"\n\
         provider = { kind = \"recorded\", file = \"answers.toml\" }\n",
    );
    let answer = ask(&program);
    assert_eq!(answer["value"]["author"]["model"], "recorded", "{answer}");
    insta::assert_json_snapshot!(bill(&program, &answer), @r#"
    {
      "backend": "script",
      "model": "recorded",
      "usage": {
        "input": 400,
        "cache-read": 0,
        "cache-write": 0,
        "cache-write-long": 0,
        "output": 100,
        "reasoning": 0
      },
      "cost": null
    }
    "#);
}
