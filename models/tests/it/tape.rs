//! Recorded exchanges: what was asked of the double and what it answered, a file for each case of a backend.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many bytes of a binary body come at once.
const PIECE: usize = 61;

/// One request and its reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) request: Asked,
    pub(crate) reply: Told,
}

/// A request, without what logs in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    /// The headers that log in, by name.
    pub(crate) login: Vec<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// A reply.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Content,
    #[serde(default)]
    pub(crate) end: End,
}

/// The bytes of a body, as they can be read best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Content {
    Json(Value),
    /// Each with the empty line that ends it.
    Events(Vec<String>),
    Text(String),
    Base64(String),
}

/// How a reply ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum End {
    /// As it should.
    #[default]
    Whole,
    /// The connection is lost.
    Cut,
    /// Nothing more comes, not even a head where there is no status, until whoever asked leaves.
    Nothing,
}

/// The exchanges of one case, by how it was asked.
#[derive(Debug)]
pub(crate) struct Tape {
    file: PathBuf,
    runs: BTreeMap<String, Vec<Exchange>>,
}

impl Tape {
    /// What is kept of a case; an empty one where it is to be recorded anew.
    pub(crate) fn of(backend: &str, case: &str, anew: bool) -> Self {
        let file = folder().join(backend).join(format!("{case}.json"));
        let runs = match anew {
            true => BTreeMap::new(),
            false => read(&file),
        };
        Self { file, runs }
    }

    /// The exchanges of one run of it; none where nothing was sent.
    pub(crate) fn run(&self, name: &str) -> &[Exchange] {
        self.runs.get(name).map_or(&[], Vec::as_slice)
    }

    /// Keeps a run.
    pub(crate) fn keep(&mut self, name: &str, exchanges: Vec<Exchange>) {
        self.runs.insert(name.to_owned(), exchanges);
    }

    /// Writes what was kept, if anything was.
    pub(crate) fn write(&self) {
        if self.runs.is_empty() {
            return;
        }
        std::fs::create_dir_all(self.file.parent().unwrap()).unwrap();
        let text = written(&self.runs);
        assert!(
            !text.contains(crate::backends::KEY),
            "{} holds a key",
            self.file.display()
        );
        std::fs::write(&self.file, text).unwrap();
    }
}

/// Where the records of all backends lie.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/models/recorded")
}

fn read(file: &PathBuf) -> BTreeMap<String, Vec<Exchange>> {
    // Where nothing was sent, there is no file. What is sent all the same is answered by nobody, and the test says so.
    let Ok(text) = std::fs::read_to_string(file) else {
        return BTreeMap::new();
    };
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A line for each request and each reply: what changes shows, and the files stay short.
fn written(runs: &BTreeMap<String, Vec<Exchange>>) -> String {
    let line = |exchange: &Exchange| {
        let (request, reply) = (json!(exchange.request), json!(exchange.reply));
        format!("  {{\"request\": {request},\n   \"reply\": {reply}}}")
    };
    let runs = runs.iter().map(|(name, exchanges)| {
        let lines: Vec<String> = exchanges.iter().map(line).collect();
        format!(" {}: [\n{}\n ]", json!(name), lines.join(",\n"))
    });
    format!("{{\n{}\n}}\n", runs.collect::<Vec<_>>().join(",\n"))
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Content {
    /// A body of this type.
    pub(crate) fn of(kind: &str, bytes: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::Base64(STANDARD.encode(bytes));
        };
        if kind.starts_with("text/event-stream") {
            let end = if text.contains("\r\n\r\n") { "\r\n\r\n" } else { "\n\n" };
            return Self::Events(text.split_inclusive(end).map(str::to_owned).collect());
        }
        serde_json::from_str(text).map_or_else(|_| Self::Text(text.to_owned()), Self::Json)
    }

    /// As it comes, piece by piece.
    pub(crate) fn pieces(&self) -> Vec<Bytes> {
        let cut = |bytes: &[u8]| bytes.chunks(PIECE).map(Bytes::copy_from_slice).collect();
        match self {
            Self::Json(value) => vec![value.to_string().into()],
            Self::Events(events) => events.iter().cloned().map(Bytes::from).collect(),
            Self::Text(text) => cut(text.as_bytes()),
            Self::Base64(text) => cut(&STANDARD.decode(text).unwrap()),
        }
    }
}

/// Where two JSON values differ, a line for each place.
pub(crate) fn differences(at: &str, expected: &Value, found: &Value, lines: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names: std::collections::BTreeSet<_> = expected.keys().chain(found.keys()).collect();
            for name in names {
                let side = |of: &serde_json::Map<String, Value>| of.get(name).cloned().unwrap_or(Value::Null);
                differences(&format!("{at}/{name}"), &side(expected), &side(found), lines);
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (place, (expected, found)) in expected.iter().zip(found).enumerate() {
                differences(&format!("{at}/{place}"), expected, found, lines);
            }
        }
        _ if expected == found => {}
        _ => lines.push(format!("{at}: {expected} was recorded, and now it is {found}")),
    }
}
