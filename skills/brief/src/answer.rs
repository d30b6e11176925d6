//! What the model answered: read, and believed only as far as it can be checked.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};

use crate::exports::skillhost::brief::briefs::{Action, Point};

/// Of each list; more than was asked for, so that one point too many costs no second answer.
const MOST_ITEMS: usize = 30;
const TITLE: usize = 200;
const SUMMARY: usize = 6_000;
const ITEM: usize = 1_000;
const DETAIL: usize = 200;

/// A brief as the model wrote it. Every field has to be there: a list that was left out is not an empty one.
#[derive(Deserialize)]
struct Answer {
    title: String,
    summary: String,
    key_points: Vec<WrittenPoint>,
    open_questions: Vec<String>,
    actions: Vec<WrittenAction>,
}

#[derive(Deserialize)]
struct WrittenPoint {
    text: String,
    sources: Vec<i64>,
}

#[derive(Deserialize)]
struct WrittenAction {
    what: String,
    #[serde(deserialize_with = "nullable")]
    who: Option<String>,
    #[serde(deserialize_with = "nullable")]
    due: Option<String>,
    sources: Vec<i64>,
}

/// Makes a field that may be null one that still has to be there.
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

/// A brief without the facts about who wrote it.
pub(crate) struct Checked {
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) key_points: Vec<Point>,
    pub(crate) open_questions: Vec<String>,
    pub(crate) actions: Vec<Action>,
}

impl Checked {
    /// The numbers of all sources that something rests on.
    pub(crate) fn cited(&self) -> BTreeSet<u32> {
        let points = self.key_points.iter().map(|point| &point.sources);
        let actions = self.actions.iter().map(|action| &action.sources);
        points.chain(actions).flatten().copied().collect()
    }
}

/// Reads an answer about as many sources. Numbers that no source has are dropped; what then rests on nothing is a fault,
/// since it may be invented.
///
/// # Errors
/// What is wrong with it, as the end of a sentence that the model understands.
pub(crate) fn read(text: &str, sources: usize) -> Result<Checked, String> {
    let answer: Answer = serde_json::from_str(bare(text)).map_err(|cause| other(&cause))?;
    let known = |given: &[i64], place: &str| known(given, sources, place);
    let point = |(place, written): (usize, WrittenPoint)| {
        let place = format!("key_points[{place}]");
        let text = line(&written.text, ITEM, &place)?;
        let sources = known(&written.sources, &place)?;
        Ok(Point { text, sources })
    };
    let action = |(place, written): (usize, WrittenAction)| {
        let place = format!("actions[{place}]");
        Ok(Action {
            what: line(&written.what, ITEM, &place)?,
            who: perhaps(written.who, &format!("{place}.who"))?,
            due: perhaps(written.due, &format!("{place}.due"))?,
            sources: known(&written.sources, &place)?,
        })
    };
    let question = |(place, text): (usize, String)| line(&text, ITEM, &format!("open_questions[{place}]"));
    Ok(Checked {
        title: line(&answer.title, TITLE, "title")?,
        summary: filled(answer.summary.trim(), SUMMARY, "summary")?,
        key_points: each(answer.key_points, "key_points", point)?,
        open_questions: each(answer.open_questions, "open_questions", question)?,
        actions: each(answer.actions, "actions", action)?,
    })
}

/// The cause may quote all that the model wrote.
fn other(cause: &serde_json::Error) -> String {
    format!(
        "it is not the JSON that the schema asks for ({:.200})",
        cause.to_string()
    )
}

/// Models that no provider holds to a schema like to put a fence of Markdown around JSON.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let fenced = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    fenced
        .and_then(|inside| inside.split_once('\n'))
        .map_or(text, |(_, inside)| inside)
}

fn each<T, U>(items: Vec<T>, name: &str, read: impl FnMut((usize, T)) -> Result<U, String>) -> Result<Vec<U>, String> {
    if items.len() > MOST_ITEMS {
        return Err(format!(
            "`{name}` has {} items, and at most {MOST_ITEMS} are taken",
            items.len()
        ));
    }
    items.into_iter().enumerate().map(read).collect()
}

/// In their order, each once.
fn known(given: &[i64], sources: usize, place: &str) -> Result<Vec<u32>, String> {
    let is_known = |number: &u32| (1..=sources).contains(&usize::try_from(*number).unwrap_or(usize::MAX));
    let numbers = given.iter().filter_map(|number| u32::try_from(*number).ok());
    let known: BTreeSet<u32> = numbers.filter(is_known).collect();
    if known.is_empty() {
        return Err(format!("`{place}` names no source, whose numbers are 1 to {sources}"));
    }
    Ok(known.into_iter().collect())
}

fn perhaps(text: Option<String>, place: &str) -> Result<Option<String>, String> {
    match text {
        Some(text) if !text.trim().is_empty() => line(&text, DETAIL, place).map(Some),
        _ => Ok(None),
    }
}

/// Text on one line.
fn line(text: &str, most: usize, place: &str) -> Result<String, String> {
    let words: Vec<_> = text.split_whitespace().collect();
    filled(&words.join(" "), most, place)
}

fn filled(text: &str, most: usize, place: &str) -> Result<String, String> {
    match text.chars().count() {
        0 => Err(format!("`{place}` is empty")),
        characters if characters > most => Err(format!(
            "`{place}` has a text of {characters} characters, and at most {most} are taken"
        )),
        _ => Ok(text.to_owned()),
    }
}
