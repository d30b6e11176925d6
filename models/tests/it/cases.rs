//! What is asked. The double finds its answer by the first word of the question: `case:NAME`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::call::model::{Ask, Embed, Media, Message, OutputSchema, Part, Prompt, Role, Tool};

/// What the tool `weather` answers for each place.
pub(crate) const WEATHER: [(&str, &str); 2] = [("Oslo", "sunny"), ("Bergen", "rainy")];

/// A picture of one grey pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

/// The cases that a backend answers one after the other, each streamed and whole.
pub(crate) const ANSWERED: [&str; 16] = [
    "text",
    "pieces",
    "tools",
    "parallel",
    "schema",
    "image",
    "file",
    "cache",
    "length",
    "window",
    "refusal",
    "filtered",
    "uncounted",
    "arguments",
    "elsewhere",
    "cut",
];

/// The question of a case.
pub(crate) fn prompt(case: &str) -> Prompt {
    let mut prompt = Prompt {
        messages: vec![Message {
            role: Role::User,
            parts: vec![Part::Text(format!("case:{case} What of Oslo?"))],
            cache: false,
        }],
        ..Prompt::default()
    };
    match case {
        "tools" | "parallel" | "arguments" => prompt.tools = vec![weather()],
        "schema" => prompt.output = Some(city()),
        "image" => prompt.messages[0]
            .parts
            .push(Part::Image(media(None, "image/png", &STANDARD.decode(PNG).unwrap()))),
        "file" => prompt.messages[0]
            .parts
            .push(Part::File(media(Some("oslo.pdf"), "application/pdf", PDF))),
        "cache" => {
            prompt.system = Some("You know the cities of Norway.".to_owned());
            prompt.cache = true;
        }
        "length" => prompt.max_tokens = Some(16),
        _ => {}
    }
    prompt
}

/// The case of vectors and its texts.
pub(crate) const SEVERAL: (&str, &[&str]) = ("embed", &["case:embed Oslo", "Bergen"]);

/// The same for a model that takes one text at a time.
pub(crate) const ONE: (&str, &[&str]) = ("one", &["case:one Oslo"]);

/// Vectors of texts.
pub(crate) fn embed(texts: &[&str]) -> Ask {
    Ask::Embed(Embed {
        inputs: texts.iter().map(|text| (*text).to_owned()).collect(),
        dimensions: Some(4),
        labels: Vec::new(),
        options: Vec::new(),
    })
}

/// What the tool answers to a call; nothing where its arguments are no JSON.
pub(crate) fn answer(call: &Part) -> Option<String> {
    let Part::ToolCall { arguments, .. } = call else {
        panic!("{call:?} is no call");
    };
    let arguments: serde_json::Value = serde_json::from_str(arguments).ok()?;
    let known = WEATHER.iter().find(|(place, _)| arguments["place"] == **place);
    Some(
        known
            .unwrap_or_else(|| panic!("nobody asked for {arguments}"))
            .1
            .to_owned(),
    )
}

fn weather() -> Tool {
    Tool {
        name: "weather".to_owned(),
        description: "The weather of a place.".to_owned(),
        schema: r#"{"type":"object","properties":{"place":{"type":"string"}},"required":["place"],"additionalProperties":false}"#.to_owned(),
        strict: true,
    }
}

fn city() -> OutputSchema {
    OutputSchema {
        name: "city".to_owned(),
        schema: r#"{"type":"object","properties":{"city":{"type":"string"},"people":{"type":"integer"}},"required":["city","people"],"additionalProperties":false}"#.to_owned(),
    }
}

fn media(name: Option<&str>, media_type: &str, bytes: &[u8]) -> Media {
    Media {
        name: name.map(str::to_owned),
        media_type: media_type.to_owned(),
        content: bytes.to_vec().into(),
    }
}

/// How many bytes the picture or the document has, and of which type it is.
pub(crate) fn shown(picture: bool) -> (usize, &'static str) {
    match picture {
        true => (STANDARD.decode(PNG).unwrap().len(), "image/png"),
        false => (PDF.len(), "application/pdf"),
    }
}
