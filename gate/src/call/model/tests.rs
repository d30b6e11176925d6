//! Which questions can be asked, and what stands for them.

use super::{Ask, Embed, Media, Message, ModelCall, OutputSchema, Part, Prompt, Role, Tool, ToolChoice};
use crate::call::body::{Body, INLINE_LIMIT};
use crate::payload::Payload;
use crate::{Action, Call};

fn message(role: Role, parts: impl IntoIterator<Item = Part>) -> Message {
    Message {
        role,
        parts: parts.into_iter().collect(),
        cache: false,
    }
}

fn says(role: Role, text: &str) -> Message {
    message(role, [Part::Text(text.to_owned())])
}

fn calls(id: &str) -> Message {
    let (id, name) = (id.to_owned(), "look".to_owned());
    let arguments = r#"{"at":"it"}"#.to_owned();
    message(Role::Assistant, [Part::ToolCall { id, name, arguments }])
}

fn answers(id: &str) -> Message {
    let (id, name, content) = (id.to_owned(), "look".to_owned(), "seen".to_owned());
    let failed = false;
    message(
        Role::User,
        [Part::ToolResult {
            id,
            name,
            content,
            failed,
        }],
    )
}

fn media(media_type: &str, content: Vec<u8>) -> Media {
    Media {
        name: None,
        media_type: media_type.to_owned(),
        content: Body::from(content),
    }
}

fn tool(name: &str, schema: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: "Looks.".to_owned(),
        schema: schema.to_owned(),
        strict: true,
    }
}

fn of(messages: impl IntoIterator<Item = Message>) -> Prompt {
    Prompt {
        messages: messages.into_iter().collect(),
        ..Prompt::default()
    }
}

fn new(prompt: Prompt) -> Result<ModelCall, String> {
    ModelCall::new(Ask::Complete(Box::new(prompt))).map_err(|error| error.to_string())
}

const OBJECT: &str = r#"{"type":"object"}"#;

fn hello() -> Prompt {
    of([says(Role::User, "Hello?")])
}

#[test]
fn what_somebody_could_answer_can_be_asked() {
    let whole = Prompt {
        system: Some("Be brief.".to_owned()),
        tools: vec![tool("look", OBJECT), tool("think-2", OBJECT)],
        choice: ToolChoice::Named("look".to_owned()),
        output: Some(OutputSchema {
            name: "brief".to_owned(),
            schema: OBJECT.to_owned(),
        }),
        max_tokens: Some(1),
        effort: Some("high".to_owned()),
        temperature: Some(2000),
        options: vec![
            ("service-tier".to_owned(), "flex".to_owned()),
            ("cache-key".to_owned(), "x".to_owned()),
        ],
        ..hello()
    };
    for prompt in [
        hello(),
        whole,
        of([says(Role::User, "a"), says(Role::User, "b")]),
        of([says(Role::User, "a"), calls("1"), answers("1")]),
        of([
            says(Role::User, "a"),
            calls("1"),
            answers("1"),
            calls("2"),
            answers("2"),
        ]),
        of([message(
            Role::User,
            [
                Part::Image(media("image/png", vec![1])),
                Part::File(media("application/pdf", vec![2])),
            ],
        )]),
    ] {
        new(prompt).unwrap();
    }
}

#[test]
fn what_nobody_could_answer_is_refused_and_says_why() {
    let opaque = || Part::Opaque {
        dialect: "messages".to_owned(),
        data: "{}".to_owned(),
    };
    let twice = message(Role::Assistant, calls("1").parts.into_iter().chain(calls("1").parts));
    let cases = [
        of([]),
        of([says(Role::Assistant, "a")]),
        of([message(Role::User, [])]),
        of([message(Role::User, [opaque()])]),
        of([
            message(Role::Assistant, [Part::Image(media("image/png", vec![]))]),
            says(Role::User, "a"),
        ]),
        of([says(Role::User, "a"), calls("1"), says(Role::User, "b")]),
        of([says(Role::User, "a"), answers("1")]),
        of([says(Role::User, "a"), calls("1"), calls("2"), answers("2")]),
        of([says(Role::User, "a"), twice, answers("1")]),
        of([message(Role::User, [Part::Image(media("image/tiff", vec![1]))])]),
        of([message(Role::User, [Part::File(media("pdf", vec![1]))])]),
        Prompt {
            tools: vec![tool("a b", OBJECT)],
            ..hello()
        },
        Prompt {
            tools: vec![tool("a", OBJECT), tool("a", OBJECT)],
            ..hello()
        },
        Prompt {
            tools: vec![tool("a", "[]")],
            ..hello()
        },
        Prompt {
            tools: vec![tool("a", r#"["object"]"#)],
            ..hello()
        },
        Prompt {
            tools: vec![tool("a", "{")],
            ..hello()
        },
        Prompt {
            choice: ToolChoice::Required,
            ..hello()
        },
        Prompt {
            choice: ToolChoice::Named("b".to_owned()),
            tools: vec![tool("a", OBJECT)],
            ..hello()
        },
        Prompt {
            max_tokens: Some(0),
            ..hello()
        },
        Prompt {
            temperature: Some(2001),
            ..hello()
        },
        Prompt {
            effort: Some("utmost".to_owned()),
            ..hello()
        },
        Prompt {
            options: vec![("seed".to_owned(), "1".to_owned())],
            ..hello()
        },
        Prompt {
            options: vec![("service-tier".to_owned(), "first".to_owned())],
            ..hello()
        },
    ];
    let told: Vec<String> = cases.into_iter().map(|prompt| new(prompt).unwrap_err()).collect();
    insta::assert_snapshot!(told.join("\n"));
    let embed = |inputs: &[&str], dimensions| {
        ModelCall::new(Ask::Embed(Embed {
            inputs: inputs.iter().map(|input| (*input).to_owned()).collect(),
            dimensions,
            labels: Vec::new(),
            options: Vec::new(),
        }))
    };
    embed(&["a"], Some(3)).unwrap();
    embed(&[], None).unwrap_err();
    embed(&[""], None).unwrap_err();
    embed(&["a"], Some(0)).unwrap_err();
}

fn asked(prompt: Prompt) -> Call {
    Call {
        number: 1,
        fuel: 0,
        binding: "default".to_owned(),
        action: Action::Model(new(prompt).unwrap()),
    }
}

fn shows(images: &[&[u8]]) -> Prompt {
    let parts = images
        .iter()
        .map(|image| Part::Image(media("image/png", image.to_vec())));
    of([message(Role::User, parts)])
}

#[test]
fn a_digest_is_of_every_field_and_every_byte() {
    let variants = [
        hello(),
        Prompt {
            system: Some(String::new()),
            ..hello()
        },
        Prompt { cache: true, ..hello() },
        Prompt {
            labels: vec![("a".to_owned(), "b".to_owned())],
            ..hello()
        },
        Prompt {
            parallel: Some(false),
            ..hello()
        },
        Prompt {
            stop: vec!["a".to_owned()],
            ..hello()
        },
        of([says(Role::User, "Hello!")]),
        of([says(Role::User, "Hel"), says(Role::User, "lo?")]),
        shows(&[b"a", b"b"]),
        shows(&[b"b", b"a"]),
        shows(&[b"ab"]),
        shows(&[b"ab", b"ab"]),
    ];
    let mut digests: Vec<_> = variants
        .iter()
        .map(|prompt| *asked(prompt.clone()).digest().as_bytes())
        .collect();
    assert_eq!(asked(hello()).digest().as_bytes(), &digests[0]);
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), variants.len());
}

/// Images of which one comes twice: each stands once beside the payload, and comes back in both places.
#[test]
fn large_bodies_stand_beside_a_payload_once_each() {
    let (large, other) = (vec![1; INLINE_LIMIT + 1], vec![2; INLINE_LIMIT + 1]);
    let action = asked(shows(&[&large, b"small", &other, &large])).action;
    let payload = Payload::of(&action).unwrap();
    assert_eq!(payload.attachments().len(), 2);
    assert_eq!(payload.action().unwrap(), action);
    let (json, mut attachments) = payload.into_parts();
    attachments.pop();
    Payload::from_parts(json, attachments).action().unwrap_err();
}

/// What is recorded is the same, whether it was written for the digest already or not.
#[test]
fn a_question_is_written_once() {
    let embed = Ask::Embed(Embed {
        inputs: vec!["\"a\"".to_owned()],
        dimensions: None,
        labels: Vec::new(),
        options: Vec::new(),
    });
    let embed = Call {
        action: Action::Model(ModelCall::new(embed).unwrap()),
        ..asked(hello())
    };
    for call in [asked(hello()), embed] {
        let json = call.digest_and_json().1.unwrap();
        assert_eq!(Payload::of_model(&json), Payload::of(&call.action).unwrap());
    }
    assert_eq!(asked(shows(&[b"a"])).digest_and_json().1, None);
}

#[test]
fn a_message_cannot_carry_what_no_constructor_makes() {
    let whole = serde_json::to_string(&asked(hello())).unwrap();
    assert_eq!(serde_json::from_str::<Call>(&whole).unwrap(), asked(hello()));
    for (from, to) in [
        ("\"user\"", "\"assistant\""),
        ("{\"text\":\"Hello?\"}", ""),
        ("\"cache\"", "\"more\""),
    ] {
        assert!(whole.contains(from), "{whole}");
        serde_json::from_str::<Call>(&whole.replace(from, to)).unwrap_err();
    }
}
