//! What the double means by its answers, by which the vendors' own clients are judged too: `expected.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gate::call::model::{Embeddings, ModelReply, Part, Usage};
use gate::{Outcome, Reply};
use serde::Deserialize;
use serde_json::Value;

use crate::backends::Row;
use crate::{cases, talk};

/// Whether the backend's format has the case. Of those that serve Claude only Anthropic says where it ran.
pub(crate) fn applies(case: &str, row: &Row) -> bool {
    let formats = of(case).formats.as_ref().unwrap_or(&facts().all);
    let says_where = ["anthropic", "claude-aws"].contains(&row.provider());
    formats.iter().any(|format| format == row.format()) && (case != "elsewhere" || says_where)
}

/// Whether the case exists where the answer comes whole.
pub(crate) fn comes_whole(case: &str, row: &Row) -> bool {
    of(case)
        .otherwise
        .get(row.format())
        .is_none_or(|otherwise| otherwise.unstreamed)
}

/// Holds what came of each turn of a case against the facts.
///
/// # Panics
/// Where it is something else.
pub(crate) fn check(row: &Row, case: &str, outcomes: &[Outcome]) {
    let facts = of(case);
    if matches!(outcomes, [Outcome::Refused(_)]) && facts.error.is_none() {
        // Not asked at all, because the model cannot take it; what it lacks is said in `backends.toml`.
        return;
    }
    if let Some(vectors) = &facts.vectors {
        return embedded(vectors, &facts.usage, outcomes);
    }
    let first = facts.otherwise.get(row.format());
    let error = first.map_or(&facts.error, |first| &first.error);
    if error.is_some() {
        assert!(
            matches!(outcomes, [Outcome::Failed(_)]),
            "{}, {case}: {outcomes:?}",
            row.name
        );
        return;
    }
    said(row, case, outcomes);
    for outcome in outcomes {
        let served = reply(outcome).served();
        assert_eq!(served.usage, facts.usage(row.format()), "{}, {case}", row.name);
        if facts.region.is_some() {
            assert_eq!(served.region, facts.region, "{}, {case}", row.name);
        }
    }
}

/// Holds what was said in each turn of a case against the facts.
///
/// # Panics
/// Where it is something else.
pub(crate) fn said(row: &Row, case: &str, outcomes: &[Outcome]) {
    let facts = of(case);
    let first = facts.otherwise.get(row.format());
    let first = first.map_or_else(|| facts.turn(), |first| &first.turn);
    let turns: Vec<&Turn> = std::iter::once(first).chain(&facts.then).collect();
    assert_eq!(turns.len(), outcomes.len(), "{}, {case}: {outcomes:?}", row.name);
    for (turn, outcome) in turns.iter().zip(outcomes) {
        turn.check(&format!("{}, {case}", row.name), outcome);
    }
}

#[derive(Deserialize)]
struct Facts {
    all: Vec<String>,
    usage: Usage,
    cases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Case {
    formats: Option<Vec<String>>,
    #[serde(flatten)]
    turn: Option<Turn>,
    then: Option<Turn>,
    #[serde(default)]
    otherwise: BTreeMap<String, Otherwise>,
    error: Option<String>,
    /// Counts of every format, or of each; nothing counted where it is `null`.
    #[serde(default, deserialize_with = "present")]
    usage: Option<Option<Value>>,
    region: Option<String>,
    vectors: Option<Vec<Vec<f32>>>,
}

/// What one format makes of a case that the others make something else of.
#[derive(Deserialize)]
struct Otherwise {
    #[serde(flatten)]
    turn: Turn,
    error: Option<String>,
    #[serde(default = "yes")]
    unstreamed: bool,
}

#[derive(Default, Deserialize)]
struct Turn {
    #[serde(default)]
    parts: Vec<Said>,
    #[serde(default)]
    stop: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Call {
        call: String,
        arguments: Option<Value>,
        text: Option<String>,
    },
    Json {
        json: Value,
    },
    Refusal {
        refusal: String,
    },
    Text {
        text: String,
    },
}

fn facts() -> &'static Facts {
    static FACTS: LazyLock<Facts> = LazyLock::new(|| {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/models/double/expected.json");
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    });
    &FACTS
}

fn of(case: &str) -> &'static Case {
    let found = facts().cases.get(case);
    found.unwrap_or_else(|| panic!("the double has no case `{case}`"))
}

impl Case {
    fn turn(&self) -> &Turn {
        self.turn.as_ref().expect("a case says what is answered")
    }

    fn usage(&self, format: &str) -> Option<Usage> {
        let told = match &self.usage {
            None => return Some(facts().usage),
            Some(told) => told.as_ref()?,
        };
        let told = told.get(format).unwrap_or(told);
        Some(serde_json::from_value(told.clone()).unwrap())
    }
}

impl Turn {
    fn check(&self, at: &str, outcome: &Outcome) {
        let (parts, stop) = talk::said(outcome).unwrap_or_else(|| panic!("{at}: {outcome:?}"));
        let parts: Vec<&Part> = parts
            .iter()
            .filter(|part| !matches!(part, Part::Opaque { .. }))
            .collect();
        assert_eq!(parts.len(), self.parts.len(), "{at}: {parts:?}");
        for (part, said) in parts.into_iter().zip(&self.parts) {
            assert!(said.is(part), "{at}: {part:?}");
        }
        assert_eq!(stop.as_str(), self.stop, "{at}");
    }
}

impl Said {
    fn is(&self, part: &Part) -> bool {
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        match (self, part) {
            (
                Self::Call { call, arguments, text },
                Part::ToolCall {
                    name, arguments: said, ..
                },
            ) => {
                call == name
                    && arguments
                        .as_ref()
                        .is_none_or(|wanted| json(said).as_ref() == Some(wanted))
                    && text.as_ref().is_none_or(|wanted| said == wanted)
            }
            (Self::Json { json: wanted }, Part::Text(said)) => json(said).as_ref() == Some(wanted),
            (Self::Refusal { refusal: wanted }, Part::Text(said)) => said == wanted,
            (Self::Text { text: wanted }, Part::Text(said)) => *said == filled(wanted),
            _ => false,
        }
    }
}

/// The text with what the model saw.
fn filled(text: &str) -> String {
    let (size, media_type) = cases::shown(text.contains("picture"));
    text.replace("{bytes}", &size.to_string())
        .replace("{media}", media_type)
}

fn embedded(vectors: &[Vec<f32>], usage: &Option<Option<Value>>, outcomes: &[Outcome]) {
    let ModelReply::Embeddings(Embeddings {
        vectors: bytes, served, ..
    }) = reply(&outcomes[0])
    else {
        panic!("{outcomes:?}");
    };
    let wanted: Vec<u8> = vectors
        .iter()
        .flatten()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    assert_eq!(bytes.bytes().map(|bytes| &bytes[..]), Some(&wanted[..]));
    let counted = usage
        .clone()
        .flatten()
        .map(|usage| serde_json::from_value(usage).unwrap());
    assert_eq!(served.usage, counted);
}

fn reply(outcome: &Outcome) -> &ModelReply {
    match outcome {
        Outcome::Reply(Reply::Model(reply)) => reply,
        other => panic!("{other:?}"),
    }
}

/// What is there, `null` included.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<Value>>, D::Error> {
    Option::deserialize(from).map(Some)
}

const fn yes() -> bool {
    true
}
