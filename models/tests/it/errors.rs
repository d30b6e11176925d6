//! Every way in which a provider says no: what the run is told, how often the provider is asked, and whether the next
//! backend is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use gate::call::model::Ask;
use gate::{Failure, Outcome};
use serde::Deserialize;

use crate::backends::{Given, Row, row};
use crate::front::{Front, Source};
use crate::report::{Feature, Report};
use crate::talk::{LONGEST, SENDINGS, Talk};
use crate::tape::{Exchange, Told};
use crate::world::{Scene, World};
use crate::{cases, render};

/// How an error is asked for.
#[derive(Clone, Copy)]
enum How {
    Streamed,
    Whole,
    /// By a question for vectors.
    Vectors,
}

/// What came of an error.
struct Tried {
    outcome: Outcome,
    failures: Vec<Failure>,
    exchanges: Vec<Exchange>,
    text: String,
}

pub(crate) async fn errors(world: World, report: &mut Report) {
    let mut scene = world.scene(report.row, "errors");
    let mut shown = 0;
    for error in listed_for(report.row.format(), report.row) {
        let streamed = tried(&mut scene, report.row, error, How::Streamed).await;
        let mut text = streamed.text.clone();
        streamed.check(report.row, report.row.format(), error);
        if error.comes_whole() {
            let whole = tried(&mut scene, report.row, error, How::Whole).await;
            assert_eq!(streamed.text, whole.text, "{}, {}", report.row.name, error.name);
        }
        if world.live.is_none() {
            let then = failover(report, error, &streamed.outcome, &streamed.exchanges).await;
            write!(text, "\n{then}").unwrap();
        }
        report.say(&format!("error {}", error.name), &text);
        shown += 1;
    }
    scene.close();
    report.earn(Feature::Errors, &shown.to_string());
    of_vectors(world, report).await;
}

/// The same where vectors are asked, which are asked by formats of their own.
async fn of_vectors(world: World, report: &mut Report) {
    if !report.has(Feature::Vectors) {
        return;
    }
    let mut scene = world.scene(report.row, "embed-errors");
    let embedding = report.row.embedding();
    let format = embedding.vectors_format();
    let listed: Vec<_> = listed_for(format, report.row).collect();
    assert!(!listed.is_empty(), "{}: {format} has no errors", report.row.name);
    for error in listed {
        let vectors = tried(&mut scene, &embedding, error, How::Vectors).await;
        vectors.check(report.row, format, error);
        report.say(&format!("vectors, error {}", error.name), &vectors.text);
    }
    scene.close();
}

/// Asks for an error.
async fn tried(scene: &mut Scene, row: &Row, error: &Listed, how: How) -> Tried {
    let (name, case) = (&error.name, format!("error:{}", error.name));
    let (run, ask) = match how {
        How::Streamed => (name.clone(), Ask::Complete(Box::new(cases::prompt(&case)))),
        How::Whole => (format!("{name}, whole"), Ask::Complete(Box::new(cases::prompt(&case)))),
        How::Vectors => (name.clone(), cases::embed(&[&format!("case:{case} Oslo")])),
    };
    let given = Given {
        stream: matches!(how, How::Streamed),
        ..Given::default()
    };
    let front = scene.front(&run).await;
    let mut talk = Talk::with(&[row], &front, &given).await;
    let outcome = talk.ask(ask).await;
    let exchanges = scene.end(&run, front).await;
    let failures = talk.failures();
    let mut text = format!("{}\n({} requests)", render::outcome(&outcome), exchanges.len());
    if let Some(failure) = failures.first() {
        write!(text, "\n{}", render::failure(failure)).unwrap();
    }
    Tried {
        outcome,
        failures,
        exchanges,
        text,
    }
}

impl Tried {
    /// It is asked again as often as it should be, and as the vendor's own client does.
    fn check(&self, row: &Row, format: &str, error: &Listed) {
        // With a token that is fetched anew, a question is asked once more beside.
        let renewed = row.renews() && self.exchanges[0].reply.status == 401;
        let requests = self.exchanges.len() - usize::from(renewed);
        if let Some(failure) = self.failures.first() {
            asked_as_often_as_it_should(row, error, failure, requests);
        }
        as_the_vendors_client_does(row, format, error, requests);
    }
}

/// The rows of a format that a backend answers.
fn listed_for(format: &str, row: &Row) -> impl Iterator<Item = &'static Listed> {
    listed().iter().filter(move |error| error.is_of(format, row))
}

/// Every row of the double's `errors.toml`.
fn listed() -> &'static [Listed] {
    static ROWS: LazyLock<Vec<Listed>> = LazyLock::new(|| {
        #[derive(Deserialize)]
        struct Written {
            error: Vec<Listed>,
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/models/double/errors.toml");
        let written: Written = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        written.error
    });
    &ROWS
}

/// A row of it, as far as it is of use here.
#[derive(Deserialize)]
struct Listed {
    name: String,
    formats: Vec<String>,
    #[serde(default)]
    providers: Vec<String>,
    then: String,
    /// Where it comes in the middle of a stream.
    event: Option<String>,
    frame: Option<String>,
}

impl Listed {
    fn is_of(&self, format: &str, row: &Row) -> bool {
        let by = |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == name);
        by(&self.formats, format) && by(&self.providers, row.provider())
    }

    /// Whether whoever asks for no stream can be told it.
    const fn comes_whole(&self) -> bool {
        self.event.is_none() && self.frame.is_none()
    }
}

/// What can be repeated is repeated, unless the provider asks for more time than there is.
fn asked_as_often_as_it_should(row: &Row, error: &Listed, failure: &Failure, requests: usize) {
    let waits = failure.retry_after.is_none_or(|pause| pause <= LONGEST);
    let expected = if failure.retryable && waits { SENDINGS } else { 1 };
    assert_eq!(
        requests,
        usize::try_from(expected).unwrap(),
        "{}, {}: {failure:?}",
        row.name,
        error.name
    );
}

/// The provider's own client decides alike whether it asks again, or `differences.toml` says why this house does not.
fn as_the_vendors_client_does(row: &Row, format: &str, error: &Listed, requests: usize) {
    #[derive(Deserialize)]
    struct Written {
        difference: Vec<Difference>,
    }
    #[derive(Deserialize)]
    struct Difference {
        formats: Vec<String>,
        errors: Vec<String>,
        #[serde(rename = "why")]
        _why: String,
    }
    static KNOWN: LazyLock<Vec<Difference>> = LazyLock::new(|| {
        let written: Written = toml::from_str(include_str!("differences.toml")).unwrap();
        written.difference
    });
    let again = requests > 1;
    let theirs = error.then == "retried";
    let explained = KNOWN
        .iter()
        .any(|known| known.formats.iter().any(|known| known == format) && known.errors.contains(&error.name));
    assert!(
        (again == theirs) != explained,
        "{}, {}: asked {requests} times, and the provider's client says `{}`; differences.toml explains what differs",
        row.name,
        error.name,
        error.then
    );
}

/// The same error with a second backend in the binding: it answers where the first cannot, after the first and never at
/// once, and each attempt stands in the journal.
async fn failover(report: &mut Report, error: &Listed, alone: &Outcome, exchanges: &[Exchange]) -> String {
    let (first, second) = (report.row, second(report.row));
    let text = crate::tape::Tape::of(&second.name, "text", false);
    let answer = text.run("streamed").iter().map(|exchange| exchange.reply.clone());
    let told = exchanges.iter().map(|exchange| exchange.reply.clone());
    let of = |row: &Row, told: Vec<Told>| told.into_iter().map(|told| (row.host(), told)).collect::<Vec<_>>();
    let script = [of(first, told.collect()), of(second, answer.collect())].concat();
    let front = Front::start(Source::Told(script)).await;
    let mut talk = Talk::with(&[first, second], &front, &Given::default()).await;
    let outcome = talk.ask(Ask::Complete(Box::new(cases::prompt("text")))).await;
    assert_eq!(front.most_at_once(), 1, "{}, {}", first.name, error.name);
    let asked: BTreeMap<String, usize> =
        front
            .finish()
            .await
            .into_iter()
            .fold(BTreeMap::new(), |mut asked, exchange| {
                *asked.entry(exchange.request.host).or_default() += 1;
                asked
            });
    let events: Vec<String> = talk.events().await.iter().filter_map(render::event).collect();
    let sent = events.iter().filter(|event| event.starts_with("sent ")).count();
    let elsewhere = asked.contains_key(&second.host());
    match talk.failures().last() {
        Some(failure) if failure.elsewhere => {
            assert!(
                elsewhere && matches!(outcome, Outcome::Reply(_)),
                "{}, {}: {outcome:?}",
                first.name,
                error.name
            );
            report.earn(Feature::Failover, "yes");
        }
        _ => assert!(
            !elsewhere && outcome == *alone,
            "{}, {}: {outcome:?}",
            first.name,
            error.name
        ),
    }
    // A sending that cannot have cost anything is repeated as the same attempt.
    assert!(sent >= asked.len(), "{events:?}");
    events.join("; ")
}

/// Whoever is asked next: Anthropic, or OpenAI after one that is at Anthropic's.
fn second(first: &Row) -> &'static Row {
    row(if first.host() == row("anthropic").host() {
        "openai-responses"
    } else {
        "anthropic"
    })
}
