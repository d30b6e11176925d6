//! What a model cannot take, and that it takes everything else.

use gate::call::body::Body;
use gate::call::model::{Ask, Embed, Media, Message, OutputSchema, Part, Prompt, Role, Tool, ToolChoice};

use super::{check, effort_word};
use crate::dialect::Abilities;

fn media(bytes: usize) -> Media {
    Media {
        name: None,
        media_type: "image/png".to_owned(),
        content: Body::from(vec![0; bytes]),
    }
}

fn says(role: Role, part: Part) -> Message {
    Message {
        role,
        parts: vec![part],
        cache: false,
    }
}

/// A prompt that asks for everything, the only place where anything is too much for somebody.
fn everything() -> Prompt {
    Prompt {
        messages: vec![
            says(Role::User, Part::Image(media(100))),
            says(Role::User, Part::File(media(5000))),
        ],
        tools: vec![Tool {
            name: "look".to_owned(),
            description: String::new(),
            schema: r#"{"type":"object"}"#.to_owned(),
            strict: false,
        }],
        choice: ToolChoice::Required,
        output: Some(OutputSchema {
            name: "answer".to_owned(),
            schema: r#"{"type":"object"}"#.to_owned(),
        }),
        max_tokens: Some(100),
        effort: Some("high".to_owned()),
        temperature: Some(0),
        stop: vec!["END".to_owned()],
        ..Prompt::default()
    }
}

fn able() -> Abilities {
    Abilities {
        efforts: ["low", "high"].map(str::to_owned).to_vec(),
        most_tokens: Some(100),
        image_bytes: Some(100),
        ..Abilities::default()
    }
}

type Lack = fn(&mut Abilities);

#[test]
fn what_a_model_cannot_take_is_named() {
    let ask = Ask::Complete(Box::new(everything()));
    assert_eq!(check(&ask, &able()), Ok(()));
    let lacks: [(&str, Lack); 11] = [
        ("temperature", |can| can.temperature = false),
        ("forced-tools", |can| can.forced_tools = false),
        ("tools", |can| can.tools = false),
        ("images", |can| can.images = false),
        ("files", |can| can.files = false),
        ("output", |can| can.output = false),
        ("stop", |can| can.stop = false),
        ("effort", |can| can.efforts.clear()),
        ("effort", |can| can.efforts = vec!["low".to_owned()]),
        ("max-tokens", |can| can.most_tokens = Some(99)),
        ("image-bytes", |can| can.image_bytes = Some(99)),
    ];
    for (feature, lack) in lacks {
        let mut can = able();
        lack(&mut can);
        let unfit = check(&ask, &can).unwrap_err();
        assert_eq!(unfit.feature, feature, "{unfit}");
        let plain = Ask::Complete(Box::new(Prompt {
            messages: vec![says(Role::User, Part::Text("Hi".to_owned()))],
            ..Prompt::default()
        }));
        assert_eq!(check(&plain, &can), Ok(()), "{feature}");
    }
}

#[test]
fn a_tool_of_earlier_is_a_tool() {
    let can = Abilities { tools: false, ..able() };
    let call = Part::ToolCall {
        id: "1".to_owned(),
        name: "look".to_owned(),
        arguments: "{}".to_owned(),
    };
    let result = Part::ToolResult {
        id: "1".to_owned(),
        name: "look".to_owned(),
        content: String::new(),
        failed: false,
    };
    let prompt = Prompt {
        messages: vec![says(Role::Assistant, call), says(Role::User, result)],
        ..Prompt::default()
    };
    assert_eq!(
        check(&Ask::Complete(Box::new(prompt)), &can).unwrap_err().feature,
        "tools"
    );
}

#[test]
fn the_most_effort_has_two_names() {
    for (efforts, asked, expected) in [
        (&["low", "max"][..], "max", Some("max")),
        (&["low", "xhigh"][..], "max", Some("xhigh")),
        (&["xhigh", "max"][..], "max", Some("max")),
        (&["low", "high"][..], "max", None),
        (&["low", "high"][..], "low", Some("low")),
        (&[][..], "low", None),
    ] {
        let can = Abilities {
            efforts: efforts.iter().map(|word| (*word).to_owned()).collect(),
            ..Abilities::default()
        };
        assert_eq!(effort_word(asked, &can), expected, "{efforts:?} {asked}");
    }
}

#[test]
fn vectors_need_nothing_of_this() {
    let can = Abilities {
        temperature: false,
        tools: false,
        ..Abilities::default()
    };
    let embed = Embed {
        inputs: vec!["text".to_owned()],
        dimensions: None,
        labels: Vec::new(),
        options: Vec::new(),
    };
    assert_eq!(check(&Ask::Embed(embed), &can), Ok(()));
}
