//! The conversions that authors rely on, and the stand-ins for the host.

use std::time::Duration;

use crate::{File, FileError, ToolError, configuration, files, run};

#[test]
fn a_question_mark_keeps_the_sentence_and_nothing_else() {
    fn parse(text: &str) -> Result<u8, ToolError> {
        Ok(text.parse::<u8>()?)
    }
    assert_eq!(parse("7"), Ok(7));
    assert_eq!(
        parse("seven").unwrap_err(),
        ToolError::internal("invalid digit found in string")
    );
}

#[test]
fn what_the_host_says_of_a_file_reaches_the_agent_under_a_code_it_knows() {
    let cases = [
        ("not-found", "not-found"),
        ("too-large", "invalid-argument"),
        ("too-many", "invalid-argument"),
        ("invalid-name", "internal"),
        ("duplicate-name", "internal"),
    ];
    for (code, expected) in cases {
        let refused = FileError {
            code: code.to_owned(),
            message: "Make it smaller.".to_owned(),
        };
        let error = ToolError::from(refused);
        assert_eq!(
            error,
            ToolError::new(expected, "Make it smaller.").detail("file-error", code)
        );
    }
}

#[test]
fn an_error_says_when_to_come_back_and_why() {
    let error = ToolError::rate_limited("Ask again in a minute.")
        .retry_after(Duration::from_secs(60))
        .detail("quota", "10 a minute");
    assert_eq!(error.to_string(), "rate-limited: Ask again in a minute.");
    assert_eq!(error.retry_after_ms, Some(60_000));
    assert_eq!(error.details, [("quota".to_owned(), "10 a minute".to_owned())]);
}

#[test]
fn a_native_test_finds_what_a_host_would_give() {
    let file = files::put("hello.txt", "text/plain", b"hello").unwrap();
    assert_eq!(file.size, 5);
    assert_eq!(
        file.sha256,
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    );
    assert_eq!(files::get(&file).unwrap(), b"hello");
    let unknown = File {
        sha256: "0".repeat(64),
        ..file
    };
    assert_eq!(files::get(&unknown).unwrap_err().code, "not-found");
    assert_eq!(configuration::all(), []);
    assert_eq!(run::id(), "00000000-0000-0000-0000-000000000000");
}

#[cfg(feature = "http")]
mod http {
    use std::time::Duration;

    use wasip2::http::types::{ErrorCode, FieldSizePayload};

    use crate::ToolError;
    use crate::http::{self, HeaderMap, HeaderValue, Method, Request, Response, Uri, header, testing, wasi};

    fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response<Vec<u8>> {
        let mut response = Response::new(body.as_bytes().to_vec());
        *response.status_mut() = status.try_into().unwrap();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            response.headers_mut().insert(*name, value);
        }
        response
    }

    #[test]
    fn an_argument_stays_one_segment_or_one_value_of_the_url() {
        let cases = [
            (&["issue", "AB-1"][..], &[][..], "https://jira/issue/AB-1"),
            (&["issue", "../x?y#z"], &[], "https://jira/issue/..%2Fx%3Fy%23z"),
            (
                &["a b", "%2e"],
                &[("q", "a&b=c +é")],
                "https://jira/a%20b/%252e?q=a%26b%3Dc%20%2B%C3%A9",
            ),
            (&["s"], &[("x", "1"), ("y", "")], "https://jira/s?x=1&y="),
        ];
        for (path, query, expected) in cases {
            assert_eq!(http::url("jira", path, query).unwrap().to_string(), expected);
        }
        for segment in ["", ".", ".."] {
            let error = http::url("jira", &["issue", segment], &[]).unwrap_err();
            assert_eq!(error.code, "invalid-argument", "{segment}");
        }
    }

    #[test]
    fn a_service_of_the_test_sees_the_request_and_its_reply_is_read() {
        testing::answer(|request: Request<Vec<u8>>| {
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.uri(), "https://jira/search");
            assert_eq!(request.headers()[header::CONTENT_TYPE], "application/json");
            assert_eq!(request.headers()[header::ACCEPT], "application/json");
            Ok(Response::new(request.into_body()))
        });
        let uri = Uri::from_static("https://jira/search");
        let request = http::json(Method::POST, uri, &["a", "b"]).unwrap();
        let response = http::send(request).unwrap();
        assert_eq!(http::read::<Vec<String>>(&response).unwrap(), ["a", "b"]);
        assert_eq!(http::read::<u8>(&response).unwrap_err().code, "upstream");
    }

    #[test]
    fn without_a_service_a_test_is_told_what_to_do() {
        let error = http::send(http::get(Uri::from_static("https://jira/"))).unwrap_err();
        assert_eq!(error.code, "internal");
        assert!(error.message.contains("http::testing::answer"));
    }

    #[test]
    fn a_status_says_what_it_means_for_the_agent() {
        let cases = [
            (400, "invalid-argument"),
            (401, "unauthorized"),
            (402, "denied"),
            (403, "denied"),
            (404, "not-found"),
            (405, "internal"),
            (408, "upstream"),
            (409, "invalid-argument"),
            (410, "not-found"),
            (415, "internal"),
            (422, "invalid-argument"),
            (429, "rate-limited"),
            (451, "denied"),
            (302, "upstream"),
            (500, "upstream"),
            (503, "upstream"),
        ];
        for (status, code) in cases {
            let silent = http::failure(&reply(status, &[], ""), " ");
            assert_eq!(silent.code, code, "{status}");
            assert!(silent.message.ends_with('.'));
            assert_eq!(silent.details, [("status".to_owned(), status.to_string())]);
            assert_eq!(http::failure(&reply(status, &[], ""), "Because.").message, "Because.");
        }
        let endless = http::failure(&reply(400, &[], ""), &"é".repeat(1_001));
        assert_eq!(endless.message, "é".repeat(1_000));
    }

    #[test]
    fn a_service_says_when_to_come_back_in_seconds_or_as_a_date() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        let cases = [
            ("120", now, Some(120)),
            ("0", now, Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", now, Some(60)),
            ("Sunday, 06-Nov-94 08:49:38 GMT", now, Some(1)),
            // It is over already, by the service's own clock and by ours.
            ("Sun, 06 Nov 1994 08:48:37 GMT", now, Some(0)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", "", Some(0)),
            ("-1", now, None),
            ("1.5", now, None),
            ("soon", now, None),
        ];
        for (value, date, seconds) in cases {
            let response = reply(429, &[("retry-after", value), ("date", date)], "");
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(http::retry_after(response.headers()), expected, "{value}");
            let milliseconds = seconds.map(|seconds| seconds * 1_000);
            assert_eq!(http::failure(&response, "").retry_after_ms, milliseconds);
        }
        assert_eq!(http::retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn the_hosts_word_for_a_failed_call_becomes_a_code_that_agents_know() {
        let size = FieldSizePayload {
            field_name: None,
            field_size: None,
        };
        let cases = [
            (ErrorCode::HttpRequestDenied, "denied"),
            (ErrorCode::DestinationNotFound, "denied"),
            (ErrorCode::DestinationIpProhibited, "denied"),
            (ErrorCode::HttpRequestBodySize(Some(1)), "invalid-argument"),
            (ErrorCode::HttpRequestHeaderSize(Some(size)), "internal"),
            (ErrorCode::HttpRequestUriInvalid, "internal"),
            (ErrorCode::ConnectionRefused, "upstream"),
            (ErrorCode::ConnectionTimeout, "upstream"),
            (ErrorCode::HttpResponseTimeout, "upstream"),
            (ErrorCode::HttpResponseBodySize(None), "upstream"),
            (ErrorCode::InternalError(None), "upstream"),
        ];
        for (cause, code) in cases {
            let name = format!("{cause:?}");
            let error = wasi::error(cause);
            assert_eq!(error.code, code, "{name}");
            assert_eq!(error.details, [("cause".to_owned(), name)]);
        }
    }

    #[test]
    fn a_sentence_of_the_hosts_reaches_the_agent_under_the_code_that_the_host_chose() {
        let cases = [
            (
                "rate-limited: Today's budget is used up.",
                ToolError::rate_limited("Today's budget is used up."),
            ),
            ("denied: Not: this.", ToolError::denied("Not: this.")),
            ("Note: it broke.", ToolError::upstream("Note: it broke.")),
            ("It broke.", ToolError::upstream("It broke.")),
        ];
        for (said, expected) in cases {
            assert_eq!(wasi::error(ErrorCode::InternalError(Some(said.to_owned()))), expected);
        }
    }
}

mod model {
    use crate::ToolError;
    use crate::model::{
        self, Completion, Embeddings, Message, ModelError, Opaque, Part, Prompt, Role, Source, Texts, Tool, ToolChoice,
        testing,
    };

    fn message(role: Role, parts: Vec<Part>) -> Message {
        let cache = false;
        Message { role, parts, cache }
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn a_prompt_says_what_was_asked_for_and_nothing_else() {
        let prompt = Prompt::new()
            .system("Be brief.")
            .user("Who?")
            .tool(Tool::new("look-up", "Finds people.", "{}"))
            .output("answer", "{}")
            .max_tokens(100);
        let expected = Prompt {
            system: Some("Be brief.".to_owned()),
            messages: vec![message(Role::User, vec![text("Who?")])],
            tools: vec![Tool::new("look-up", "Finds people.", "{}")],
            output: prompt.output.clone(),
            max_tokens: Some(100),
            ..Prompt::default()
        };
        assert_eq!(prompt, expected);
        assert_eq!(prompt.choice, ToolChoice::Auto);
        let output = prompt.output.unwrap();
        assert_eq!((output.name.as_str(), output.schema.as_str()), ("answer", "{}"));
    }

    /// The thought that a provider wants back stands before the call that follows from it, and goes back there.
    #[test]
    fn a_conversation_with_a_tool_keeps_every_part() {
        let thought = Part::Opaque(Opaque {
            dialect: "messages".to_owned(),
            data: "{\"signature\":\"x\"}".to_owned(),
        });
        let mut asks = testing::calls("1", "look-up", "{\"name\":\"Ada\"}");
        asks.parts.insert(0, thought);
        testing::script([Ok(asks.clone()), Ok(testing::says("A mathematician."))]);

        let question = Prompt::new().user("Who is Ada?");
        let first = model::complete("default", &question).unwrap();
        let call = first.tool_calls().next().unwrap();
        assert_eq!((call.name.as_str(), first.text()), ("look-up", String::new()));
        let found = call.answer("Ada Lovelace");
        let further = question.clone().said(first.clone()).results([found.clone()]);
        let second = model::complete("default", &further).unwrap();
        assert_eq!(second.text(), "A mathematician.");
        assert_eq!(second.tool_calls().count(), 0);

        let (binding, last) = testing::asked().pop().unwrap();
        assert_eq!(binding, "default");
        let expected = [
            message(Role::User, vec![text("Who is Ada?")]),
            message(Role::Assistant, asks.parts),
            message(Role::User, vec![Part::ToolResult(found)]),
        ];
        assert_eq!(last.messages, expected);
        let failed = first.tool_calls().next().unwrap().fail("Nobody of this name.");
        assert_eq!(
            (failed.id.as_str(), failed.name.as_str(), failed.failed),
            ("1", "look-up", true)
        );
    }

    #[test]
    fn a_message_without_parts_is_not_sent_again() {
        let silent = testing::completion("end", Vec::new());
        let prompt = Prompt::new().user("Hello?").said(silent).user("Hello!");
        assert!(prompt.messages.iter().all(|message| message.role == Role::User));
        assert_eq!(prompt.messages.len(), 2);
    }

    #[test]
    fn a_text_in_pieces_is_one_text_and_a_cut_one_is_known() {
        let cut: Completion = testing::completion("length", vec![text("Hel"), text("lo")]);
        assert_eq!((cut.text().as_str(), cut.is_cut()), ("Hello", true));
        assert!(!testing::says("Hello").is_cut());
    }

    #[test]
    fn without_a_script_a_test_is_told_what_to_do() {
        testing::script([]);
        testing::script_embeddings([]);
        let unanswered = model::complete("default", &Prompt::new().user("Hello?")).unwrap_err();
        assert!(unanswered.message.contains("model::testing"));
        assert_eq!(ToolError::from(unanswered).code, "internal");
        assert!(model::embed("default", &Texts::new(["a"])).is_err());
    }

    #[test]
    fn vectors_are_scripted_and_what_they_were_asked_of_is_kept() {
        let vectors = vec![vec![0.5, 0.25], vec![1.0, 0.0]];
        let served = testing::served();
        testing::script_embeddings([Ok(Embeddings { vectors, served })]);
        let answered = model::embed("search", &Texts::new(["a", "b"])).unwrap();
        assert_eq!(answered.vectors, [[0.5, 0.25], [1.0, 0.0]]);
        let asked = testing::asked_for_embeddings();
        assert_eq!(asked, [("search".to_owned(), Texts::new(["a", "b"]))]);
    }

    #[test]
    fn a_question_mark_says_what_an_unanswered_question_means_for_the_agent() {
        let cases = [
            (Source::Host, "invalid-prompt", "invalid-argument"),
            (Source::Host, "request-too-large", "invalid-argument"),
            (Source::Host, "not-granted", "denied"),
            (Source::Host, "budget-exceeded", "denied"),
            (Source::Host, "consent-refused", "denied"),
            (Source::Host, "internal", "internal"),
            (Source::Model, "model-refused", "invalid-argument"),
            (Source::Model, "model-content-filtered", "invalid-argument"),
            (Source::Backend, "model-input-invalid", "invalid-argument"),
            (Source::Backend, "model-context-too-long", "invalid-argument"),
            (Source::Backend, "model-image-refused", "invalid-argument"),
            (Source::Backend, "model-schema-refused", "internal"),
            (Source::Backend, "model-unauthorized", "unauthorized"),
            (Source::Backend, "token-refused", "unauthorized"),
            (Source::Backend, "model-denied", "denied"),
            (Source::Backend, "model-quota-exhausted", "denied"),
            (Source::Backend, "model-rate-limited", "rate-limited"),
            (Source::Backend, "model-overloaded", "upstream"),
            (Source::Backend, "model-unknown", "upstream"),
            (Source::Backend, "model-reply-cut", "upstream"),
            (Source::Backend, "timed-out", "upstream"),
        ];
        for (source, code, expected) in cases {
            let word = format!("{source:?}").to_lowercase();
            let word = word.rsplit("::").next().unwrap();
            let error = ToolError::from(testing::error(source, code, "ask for less"));
            let expected = ToolError::new(expected, "ask for less.")
                .detail("source", word)
                .detail("code", code)
                .detail("retryable", "false");
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn a_rate_limit_says_when_to_come_back_and_a_long_refusal_is_cut() {
        let limited = ModelError {
            retryable: true,
            retry_after_ms: Some(1_500),
            ..testing::error(Source::Backend, "model-rate-limited", "Too many requests.")
        };
        let error = ToolError::from(limited);
        assert_eq!(error.to_string(), "rate-limited: Too many requests.");
        assert_eq!(error.retry_after_ms, Some(1_500));
        assert!(error.details.contains(&("retryable".to_owned(), "true".to_owned())));
        let long = ToolError::from(testing::error(Source::Model, "model-refused", &"é".repeat(1_001)));
        assert_eq!(long.message, format!("{}.", "é".repeat(1_000)));
    }
}
