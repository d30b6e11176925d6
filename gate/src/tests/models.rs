//! Which steps a question to a model takes, and who is asked when the first does not answer.

use super::support::{CANARY, FakeModel, World, about, prompt, question, word};
use crate::call::model::{Ask, Embed, ModelCall};
use crate::journal::{Event, Meter, Spent};
use crate::{Action, Code, Delta, Failure, Journal, Mode, ModelRules};

fn busy() -> Failure {
    Failure::nothing_sent(Code::new("model-rate-limited"), "too many")
        .retryable(Some(std::time::Duration::from_secs(60)))
}

fn lost() -> Failure {
    Failure::perhaps_sent(Code::new("model-failed"), "it failed").retryable(None)
}

/// The steps and the end of one question to these models.
async fn ask(world: &World, models: &[(&'static str, Vec<Failure>)]) -> String {
    let models = models
        .iter()
        .map(|(name, failures)| FakeModel::new(name, failures.clone(), &world.trace));
    world.bind_models(models.collect());
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Live).await.unwrap();
    let returned = gate.call(&mut run, question(1, "Hello?")).await.unwrap();
    let mut steps = world.steps();
    steps.push(word(&returned.outcome));
    steps.join(", ")
}

#[tokio::test(start_paused = true)]
async fn a_question_costs_and_is_asked_of_the_next_where_the_first_has_no_answer() {
    let unfit = || Failure::nothing_sent(Code::new("model-input-invalid"), "the schema is none");
    let elsewhere = || Failure::nothing_sent(Code::new("model-unknown"), "no such model").elsewhere();
    for (models, steps) in [
        (
            vec![("a", vec![])],
            "reserve 1, start begun+allowed+sent, ask a 1, settle 1=7, append finished, served by a",
        ),
        (
            vec![("a", vec![busy()]), ("b", vec![])],
            "reserve 1, start begun+allowed+sent, ask a 1, reserve 2, settle 1=0, append lost+sent, ask b 2, settle 2=7, \
             append finished, served by b",
        ),
        (
            vec![("a", vec![elsewhere()]), ("b", vec![])],
            "reserve 1, start begun+allowed+sent, ask a 1, reserve 2, settle 1=0, append lost+sent, ask b 2, settle 2=7, \
             append finished, served by b",
        ),
        (
            vec![("a", vec![lost(), lost(), lost()]), ("b", vec![])],
            "reserve 1, start begun+allowed+sent, ask a 1, reserve 2, settle 1=100, append lost+sent, ask a 2, reserve 3, \
             settle 2=100, append lost+sent, ask a 3, reserve 4, settle 3=100, append lost+sent, ask b 4, settle 4=7, \
             append finished, served by b",
        ),
        (
            vec![("a", vec![unfit()]), ("b", vec![])],
            "reserve 1, start begun+allowed+sent, ask a 1, settle 1=0, append finished, model-input-invalid",
        ),
        (
            vec![("a", vec![busy()]), ("b", vec![elsewhere()])],
            "reserve 1, start begun+allowed+sent, ask a 1, reserve 2, settle 1=0, append lost+sent, ask b 2, settle 2=0, \
             append finished, model-unknown",
        ),
        (vec![], "start begun+allowed+refused, nobody-qualifies"),
    ] {
        assert_eq!(ask(&World::new(), &models).await, steps);
    }
}

#[tokio::test(start_paused = true)]
async fn the_journal_says_who_was_asked_each_time() {
    let world = World::new();
    ask(&world, &[("a", vec![busy()]), ("b", vec![])]).await;
    let records = world.journal.read(&about(1).key).await.unwrap();
    let said = records.iter().filter_map(|record| match &record.entry.event {
        Event::Sent { attempt, account, .. } => Some(format!("{attempt} to {account}")),
        Event::Lost { attempt, settled, .. } => Some(format!("{attempt} lost for {settled}")),
        Event::Finished { settled, .. } => Some(format!("finished for {settled}")),
        _ => None,
    });
    let said: Vec<String> = said.collect();
    assert_eq!(said, ["1 to a", "1 lost for 0", "2 to b", "finished for 7"]);
}

/// What the journal of the first run says that its attempts cost.
async fn charged(world: &World) -> Vec<String> {
    let records = world.journal.read(&about(1).key).await.unwrap();
    let mut meter = Meter::default();
    let charges = records.iter().filter_map(|record| meter.take(&record.entry));
    let told = charges.map(|charge| {
        let backend = charge.chosen.unwrap().backend;
        match charge.spent {
            Spent::Answered(bill) => format!("{} answered", bill.backend),
            Spent::Lost(reserved) => format!("{backend} lost for {reserved:?}"),
        }
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn what_may_have_left_is_charged_and_what_did_not_is_not() {
    for (models, expected) in [
        (vec![("a", vec![busy()]), ("b", vec![])], &["b answered"][..]),
        (
            vec![("a", vec![lost()]), ("b", vec![])],
            &["a lost for Some(100)", "a answered"],
        ),
        (vec![("a", vec![lost(), lost(), lost()])], &["a lost for Some(100)"; 3]),
        (vec![("a", vec![busy()])], &[]),
    ] {
        let world = World::new();
        ask(&world, &models).await;
        assert_eq!(charged(&world).await, expected);
    }
}

/// A lost process leaves an attempt that nobody knows of: it is paid as reserved, and the question asked again.
#[tokio::test(start_paused = true)]
async fn a_question_in_flight_is_asked_again_and_paid_twice() {
    let world = World::new();
    world.bind_models(vec![FakeModel::new("a", [], &world.trace)]);
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Live).await.unwrap();
    world.fuse.set(Some(3));
    let killed = world.fuse.run(gate.call(&mut run, question(1, "Hello?"))).await;
    assert!(killed.is_none());
    world.fuse.set(None);
    world.steps();
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Resume).await.unwrap();
    let returned = gate.call(&mut run, question(1, "Hello?")).await.unwrap();
    assert_eq!(word(&returned.outcome), "served by a");
    let steps = "claim, settle 1=100, reserve 2, append lost+allowed+sent, ask a 2, settle 2=7, append finished";
    assert_eq!(world.steps().join(", "), steps);
    assert_eq!(charged(&world).await, ["a lost for Some(100)", "a answered"]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_found_wherever_a_question_has_words() {
    let world = World::new();
    world.bind_models(vec![FakeModel::new("a", [], &world.trace)]);
    let gate = world.gate();
    let system = |text: &str| {
        let mut asked = prompt("Hello?");
        asked.system = Some(text.to_owned());
        Ask::Complete(Box::new(asked))
    };
    let label = |text: &str| {
        let mut asked = prompt("Hello?");
        asked.labels = vec![("team".to_owned(), text.to_owned())];
        Ask::Complete(Box::new(asked))
    };
    let said = |text: &str| Ask::Complete(Box::new(prompt(text)));
    let embedded = |text: &str| {
        Ask::Embed(Embed {
            inputs: vec![text.to_owned()],
            dimensions: None,
            labels: Vec::new(),
            options: Vec::new(),
        })
    };
    let mut runs = 1..;
    let asks: [&dyn Fn(&str) -> Ask; 4] = [&system, &label, &said, &embedded];
    for (place, ask) in asks.iter().enumerate() {
        for (text, expected) in [(CANARY, "secret-leaving"), ("nothing", "served by a")] {
            let mut run = gate.open(about(runs.next().unwrap()), Mode::Live).await.unwrap();
            let mut call = question(1, "");
            call.action = Action::Model(ModelCall::new(ask(text)).unwrap());
            let returned = gate.call(&mut run, call).await.unwrap();
            assert_eq!(word(&returned.outcome), expected, "{place} {text}");
        }
    }
}

fn text(piece: &str) -> Delta {
    Delta::Text(piece.to_owned())
}

/// What those who follow the run see of one question to these models.
async fn seen(world: &World, rules: ModelRules, models: Vec<std::sync::Arc<FakeModel>>) -> Vec<String> {
    world.bind_models_by(rules, models);
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Live).await.unwrap();
    gate.call(&mut run, question(1, "Hello?")).await.unwrap();
    world.audience.seen()
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_shown_while_it_comes_and_taken_back_where_it_failed() {
    let world = World::new();
    let pieces = || [text("Oslo"), text(" it is"), Delta::Tool("weather".to_owned())];
    let model = FakeModel::new("a", [lost()], &world.trace).saying(pieces());
    assert_eq!(
        seen(&world, ModelRules::default(), vec![model]).await,
        [
            r#"1.1 "Oslo""#,
            r#"1.1 " it is""#,
            "1.1 tool weather",
            r#"1.2 "Oslo""#,
            r#"1.2 " it is""#,
            "1.2 tool weather"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shown_before_the_end_where_the_binding_says_so() {
    let world = World::new();
    let model = FakeModel::new("a", [], &world.trace).saying([text("Oslo"), Delta::Tool("weather".to_owned())]);
    let rules = ModelRules { provisional: false };
    assert!(seen(&world, rules, vec![model]).await.is_empty());
}

/// However a secret is cut, and where the attempt that began to say it failed in the middle.
#[tokio::test(start_paused = true)]
async fn a_secret_that_comes_in_pieces_is_shown_to_nobody() {
    let world = World::new();
    let (begin, end) = CANARY.split_at(9);
    let pieces = [
        text("It is "),
        text(begin),
        text(end),
        text("."),
        Delta::Tool(CANARY.to_owned()),
    ];
    let whole = FakeModel::new("a", [], &world.trace).saying(pieces);
    assert_eq!(
        seen(&world, ModelRules::default(), vec![whole]).await,
        [r#"1.1 "It is ""#, r#"1.1 "[redacted].""#, "1.1 tool [redacted]"]
    );
    let world = World::new();
    let half = FakeModel::new("a", [lost()], &world.trace).saying([text(end), text(begin)]);
    let shown = seen(&world, ModelRules::default(), vec![half]).await;
    assert_eq!(shown, [format!("1.1 {end:?}"), format!("1.2 {end:?}")]);
}
