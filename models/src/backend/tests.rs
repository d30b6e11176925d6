//! Questions through a whole gate to a provider on loopback that says what others recorded.

mod provider;

use std::sync::Arc;
use std::time::Duration;

use gate::call::model::{Ask, ModelCall, ModelReply, Part, Prompt};
use gate::{
    About, Action, Binding, Bindings, Bottomless, Bound, Call, Carriers, Dlp, Gate, Grant, HostSecret, Limits,
    MemoryJournal, Mode, Outcome, Parts, Policies, Reply, Retry, Rules, RunKey, RunSecret, SystemClock,
};

use super::{ModelBackend, Otherwise, Snapshot, Terms};
use crate::choice::{Choice, Member, Order};
use crate::dialect::Model;
use crate::price::Pricing;
use crate::provider::{Format, Provider as Settings};
use crate::residency::Residency;
use provider::{Answer, Provider, client};

const CHAT: &str = include_str!("../../../tests/models/streams/chat-text.sse");
const TOOLS: &str = include_str!("../../../tests/models/streams/chat-tools.sse");
const RESPONSES: &str = include_str!("../../../tests/models/streams/responses-text.sse");

/// What one test changes about a backend.
#[derive(Clone, Default)]
struct Given {
    format: Option<Format>,
    snapshot: Option<Snapshot>,
    residency: Option<Residency>,
    anthropic: bool,
}

fn backend(provider: &Provider, name: &str, given: &Given) -> Arc<ModelBackend> {
    let url = format!("http://{}/v1", provider.address);
    let settings = match given.anthropic {
        true => format!("kind = 'anthropic'\ngeo = 'us'\nurl = '{url}'"),
        false => format!("kind = 'openai'\nurl = '{url}'"),
    };
    let settings: Settings = toml::from_str(&settings).unwrap();
    let model = if given.anthropic {
        "claude-haiku-5-5"
    } else {
        "gpt-6.1-sol"
    };
    let entry = crate::abilities::Catalog::builtin().find(settings.kind(), model);
    let place = settings.place(model, &entry, given.format).unwrap();
    let model = Model {
        name: model.to_owned(),
        stream: true,
        can: entry.can,
    };
    Arc::new(ModelBackend::new(client(&place.base), place, terms(name, model, given)))
}

fn terms(name: &str, model: Model, given: &Given) -> Terms {
    Terms {
        name: name.to_owned(),
        model,
        residency: given.residency.clone(),
        snapshot: given.snapshot.clone(),
        prices: Pricing::listed(None),
    }
}

/// Asks the backends in their order, and says what the run was told.
async fn ask(backends: Vec<Arc<ModelBackend>>) -> Outcome {
    let members = backends
        .into_iter()
        .map(|backend| Member::new(backend, "account".to_owned(), 1));
    let binding = Binding {
        kind: "model".to_owned(),
        name: "default".to_owned(),
    };
    let bound = Bound {
        carriers: Carriers::Chosen(Arc::new(Choice::new(Order::Listed, None, members.collect()))),
        rules: Rules::Model(gate::ModelRules::default()),
        timeout: Duration::from_secs(2),
        retry: Retry {
            sendings: 2,
            pause: Duration::from_millis(1),
            longest: Duration::from_millis(100),
        },
    };
    let (bindings, policies) = (Bindings::default(), Policies::default());
    bindings.replace("acme", [(binding.clone(), bound)]);
    policies.replace("acme", &[grant(binding)], "").unwrap();
    let gate = Gate::new(Parts {
        journal: Arc::new(MemoryJournal::default()),
        policies: Arc::new(policies),
        dlp: Arc::new(Dlp::default()),
        bindings: Arc::new(bindings),
        purse: Arc::new(Bottomless),
        audience: Arc::new(gate::Nobody),
        clock: Arc::new(SystemClock),
        secret: HostSecret::new([7; 32]),
    });
    let mut run = gate.open(about(), Mode::Live).await.unwrap();
    let returned = gate.call(&mut run, question()).await.unwrap();
    returned.outcome
}

fn grant(binding: Binding) -> Grant {
    Grant {
        approval: "1".to_owned(),
        skill: "acme/skill".to_owned(),
        digest: "sha256:aa".to_owned(),
        binding,
        ask: false,
        methods: Vec::new(),
        paths: Vec::new(),
    }
}

fn about() -> About {
    About {
        key: RunKey {
            tenant: "acme".to_owned(),
            run: "00000000-0000-0000-0000-000000000001".parse().unwrap(),
        },
        skill: "acme/skill".to_owned(),
        digest: "sha256:aa".to_owned(),
        tool: "try".to_owned(),
        by: "agent".to_owned(),
        secret: RunSecret::new([9; 32]),
        limits: Limits::default(),
    }
}

fn question() -> Call {
    let prompt: Prompt = serde_json::from_str(r#"{"messages":[{"role":"user","parts":[{"text":"Hello?"}]}]}"#).unwrap();
    Call {
        number: 1,
        fuel: 0,
        binding: "default".to_owned(),
        action: Action::Model(ModelCall::new(Ask::Complete(Box::new(prompt))).unwrap()),
    }
}

/// What a run was told, in one line.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Reply(Reply::Model(reply)) => match reply.as_ref() {
            ModelReply::Completion(completion) => {
                let parts = completion.parts.iter().map(|part| match part {
                    Part::Text(text) => format!("{text:?}"),
                    Part::ToolCall { name, arguments, .. } => format!("{name}({arguments})"),
                    other => format!("{other:?}"),
                });
                let parts: Vec<String> = parts.collect();
                let served = &completion.served;
                let usage = served
                    .usage
                    .map(|usage| format!("{}+{}", usage.total_input(), usage.output));
                let cost = served.cost.as_ref().map(ToString::to_string);
                format!(
                    "{} [{}] by {} {} {} {} {:?}",
                    parts.join(" "),
                    completion.stop.as_str(),
                    served.backend,
                    served.model.as_deref().unwrap_or("?"),
                    usage.as_deref().unwrap_or("uncounted"),
                    cost.as_deref().unwrap_or("unknown"),
                    served.notes,
                )
            }
            ModelReply::Embeddings(embeddings) => format!("{} dimensions", embeddings.dimensions),
        },
        Outcome::Failed(failed) => {
            let again = if failed.retryable { ", retryable" } else { "" };
            format!("failed {}{again}: {}", failed.code, failed.told)
        }
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn streams_become_messages() {
    let mut lines = Vec::new();
    for (format, stream) in [
        (Format::Chat, CHAT),
        (Format::Chat, TOOLS),
        (Format::Responses, RESPONSES),
    ] {
        // However the network cuts them.
        for piece in [usize::MAX, 7] {
            let provider = Provider::start([Answer::stream(stream, piece)]).await;
            let given = Given {
                format: Some(format),
                ..Given::default()
            };
            lines.push(told(&ask(vec![backend(&provider, "a", &given)]).await));
        }
    }
    assert!(lines.chunks(2).all(|same| same[0] == same[1]), "{lines:#?}");
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let provider = Provider::start([Answer::stream(CHAT, 64), Answer::stream(CHAT, 64)]).await;
    let given = Given {
        format: Some(Format::Chat),
        ..Given::default()
    };
    let backend = backend(&provider, "a", &given);
    for _ in 0..2 {
        ask(vec![Arc::clone(&backend)]).await;
        // The rest of the body is read beside.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((provider.seen().len(), provider.connections()), (2, 1));
}

#[tokio::test]
async fn the_request_is_the_providers() {
    let provider = Provider::start([Answer::stream(CHAT, usize::MAX)]).await;
    let given = Given {
        format: Some(Format::Chat),
        ..Given::default()
    };
    ask(vec![backend(&provider, "a", &given)]).await;
    let (head, body) = provider.seen().remove(0);
    let head = head.replace(&provider.address.to_string(), "HOST");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    insta::assert_snapshot!(format!("{head}{body:#}"));
}

#[tokio::test]
async fn what_goes_wrong_is_told_or_asked_elsewhere() {
    let error = |status: &str, body: &str| Answer::json(status, body);
    let limited = r#"{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}"#;
    let broke = r#"{"error":{"message":"no credit","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let long = r#"{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}"#;
    let mut lines = Vec::new();
    for (name, answers) in [
        (
            "busy, then not",
            vec![
                error("429 Too Many Requests\r\nretry-after-ms: 5", limited),
                Answer::stream(CHAT, 64),
            ],
        ),
        (
            "busy for long",
            vec![error("429 Too Many Requests\r\nretry-after: 60", limited)],
        ),
        ("without credit", vec![error("429 Too Many Requests", broke)]),
        ("too long", vec![error("400 Bad Request", long)]),
        (
            "unauthorized",
            vec![error("401 Unauthorized", r#"{"error":{"message":"bad key"}}"#)],
        ),
        (
            "down twice",
            vec![
                error("503 Service Unavailable", "down"),
                error("503 Service Unavailable", "down"),
            ],
        ),
        ("cut", vec![Answer::cut(CHAT), Answer::cut(CHAT)]),
        ("garbage", vec![error("200 OK", "no json"), error("200 OK", "no json")]),
        ("silent", vec![Answer::silence(), Answer::silence()]),
    ] {
        let given = Given {
            format: Some(Format::Chat),
            ..Given::default()
        };
        let (first, other) = (
            Provider::start(answers.clone()).await,
            Provider::start([Answer::stream(CHAT, 64)]).await,
        );
        let alone = told(&ask(vec![backend(&first, "a", &given)]).await);
        let first = Provider::start(answers).await;
        let both = told(&ask(vec![backend(&first, "a", &given), backend(&other, "b", &given)]).await);
        let by = if both.contains(" by b ") {
            "answered by b"
        } else {
            "not asked of b"
        };
        lines.push(format!("{name}: {alone}; {by} after {} at a", first.seen().len()));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn another_snapshot_than_the_pinned_one_is_refused_or_noted() {
    let mut lines = Vec::new();
    let unnamed = CHAT.replace(r#""model":"#, r#""modal":"#);
    let cases = [Otherwise::Refuse, Otherwise::Warn, Otherwise::Note].map(|otherwise| (CHAT, otherwise));
    for (stream, otherwise) in cases.into_iter().chain([(unnamed.as_str(), Otherwise::Refuse)]) {
        let provider = Provider::start([Answer::stream(stream, 64)]).await;
        let given = Given {
            format: Some(Format::Chat),
            snapshot: Some(Snapshot {
                model: "gpt-pinned".to_owned(),
                otherwise,
            }),
            ..Given::default()
        };
        lines.push(format!(
            "{otherwise:?}: {}",
            told(&ask(vec![backend(&provider, "a", &given)]).await)
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

/// Replies of InvokeModel name no model, so that each would be paid and then refused.
#[tokio::test]
async fn nobody_is_asked_whose_reply_could_not_be_used() {
    let settings: Settings = toml::from_str("kind = 'bedrock'\nregion = 'us-east-1'").unwrap();
    let name = "cohere.embed-v4:0";
    let entry = crate::abilities::Catalog::builtin().find(settings.kind(), name);
    let embed = Ask::Embed(serde_json::from_str(r#"{"inputs":["A text."]}"#).unwrap());
    let wire = |otherwise| {
        let place = settings.place(name, &entry, Some(Format::Responses)).unwrap();
        let model = Model {
            name: name.to_owned(),
            stream: false,
            can: entry.can.clone(),
        };
        let given = Given {
            snapshot: Some(Snapshot {
                model: name.to_owned(),
                otherwise,
            }),
            ..Given::default()
        };
        let wire = ModelBackend::new(client(&place.base), place, terms("a", model, &given)).wire(&embed);
        wire.map(|wire| wire.path).map_err(|unfit| unfit.feature)
    };
    assert_eq!(wire(Otherwise::Refuse), Err("snapshot"));
    assert_eq!(
        wire(Otherwise::Note),
        Ok("/model/cohere.embed-v4%3A0/invoke".to_owned())
    );
}

/// Anthropic says where a model ran; an answer from elsewhere is not used, and nobody else is asked.
#[tokio::test]
async fn an_answer_from_elsewhere_is_not_used() {
    let message = |geo: &str| {
        format!(
            r#"{{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-5-5","content":[{{"type":"text","text":"Hi."}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":5,"output_tokens":2,"inference_geo":"{geo}"}}}}"#
        )
    };
    let mut lines = Vec::new();
    for geo in ["us", "global"] {
        let provider = Provider::start([Answer::json("200 OK", &message(geo))]).await;
        let given = Given {
            anthropic: true,
            residency: Some(Residency {
                geo: "us".to_owned(),
                in_region: false,
            }),
            ..Given::default()
        };
        lines.push(format!(
            "{geo}: {}",
            told(&ask(vec![backend(&provider, "a", &given)]).await)
        ));
        assert!(provider.seen()[0].1.contains(r#""inference_geo":"us""#));
    }
    insta::assert_snapshot!(lines.join("\n"));
}
