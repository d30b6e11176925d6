//! Credentials that are missing, or that have expired.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use egress::credential::{Token, Tokens};
use egress::{Code, Error, Secret};
use gate::Outcome;
use gate::call::model::Ask;

use crate::backends::{Given, KEY, tokens};
use crate::front::{Front, Source};
use crate::report::Report;
use crate::talk::Talk;
use crate::tape::{Tape, Told};
use crate::{cases, render};

pub(crate) async fn logins(report: &mut Report) {
    missing(report).await;
    expired(report).await;
}

/// Nothing leaves without what logs in.
async fn missing(report: &mut Report) {
    let front = Front::start(Source::Record(Vec::new())).await;
    let outcome = asked(report, &front, Nowhere).await;
    assert!(front.finish().await.is_empty(), "{}", report.row.name);
    report.say("without a credential", &render::outcome(&outcome));
}

/// A token that the provider no longer takes is fetched anew, once, and the question is asked again with it.
async fn expired(report: &mut Report) {
    let host = report.row.host();
    let text = Tape::of(&report.row.name, "text", false);
    let text = text.run("streamed")[0].reply.clone();
    let refused = || Told {
        status: 401,
        ..Told::default()
    };
    for (name, replies, requests) in [
        ("an expired token", vec![refused(), text.clone()], 2),
        ("a token that is refused twice", vec![refused(), refused(), text], 2),
    ] {
        let front = Front::start(Source::Told(
            replies.into_iter().map(|told| (host.clone(), told)).collect(),
        ))
        .await;
        let outcome = asked(report, &front, Numbered::default()).await;
        assert_eq!(front.finish().await.len(), requests, "{}", report.row.name);
        report.say(name, &render::outcome(&outcome));
    }
}

async fn asked(report: &Report, front: &Front, from: impl Tokens + 'static) -> Outcome {
    let given = Given {
        credential: Some(tokens(from)),
        ..Given::default()
    };
    let mut talk = Talk::with(&[report.row], front, &given).await;
    talk.ask(Ask::Complete(Box::new(cases::prompt("text")))).await
}

struct Nowhere;

#[async_trait]
impl Tokens for Nowhere {
    async fn token(&self) -> Result<Token, Error> {
        Err(Error::new(
            Code::CredentialInvalid,
            "There is no credential where the settings say.",
        ))
    }
}

/// Another token each time.
#[derive(Default)]
struct Numbered(AtomicUsize);

#[async_trait]
impl Tokens for Numbered {
    async fn token(&self) -> Result<Token, Error> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Token {
            token: Secret::new(format!("{KEY}-{number}")),
            lifetime: None,
        })
    }
}
