//! A second double, which others wrote: how they believe that providers answer, and how connections break.
//! `tests/models/aimock/README.md` says what it is asked and what is known to be wrong with it.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use gate::Outcome;
use models::trouble;

use crate::backends::{Given, Row, rows};
use crate::front::{Front, Source};
use crate::talk::Talk;
use crate::{cases, expected};

#[tokio::test]
#[ignore = "tests/models/check runs it, with aimock"]
#[expect(clippy::disallowed_methods, reason = "whoever starts it says where it is")]
async fn aimock_is_understood() {
    let aimock = std::env::var("SKILLHOST_MODEL_AIMOCK").expect("SKILLHOST_MODEL_AIMOCK says where aimock is");
    let aimock = aimock.parse().expect("an address");
    let known = rows().iter().filter(|row| answers(row));
    join_all(known.map(|row| understood(aimock, row))).await;
}

/// Where it answers at all.
fn answers(row: &Row) -> bool {
    match row.format() {
        "messages" => ["anthropic", "claude-aws"].contains(&row.provider()),
        "responses" | "chat" => row.provider() != "vertex",
        _ => true,
    }
}

async fn understood(aimock: SocketAddr, row: &'static Row) {
    // Its stream of Converse is not as Amazon's model has it.
    let streams: &[bool] = if row.format() == "converse" {
        &[false]
    } else {
        &[true, false]
    };
    for &stream in streams {
        // Gemini's calls end for a reason that Google does not have.
        let two_turns = row.format() != "gemini";
        for case in ["text", "tools", "parallel", "schema"] {
            if two_turns || !["tools", "parallel"].contains(&case) {
                let (outcomes, _) = asked(aimock, row, case, stream).await;
                expected::said(row, case, &outcomes);
            }
        }
        troubles(aimock, row, stream).await;
    }
}

/// What goes wrong, by code, by whether it was asked once more, and by the pause that was asked for.
async fn troubles(aimock: SocketAddr, row: &'static Row, stream: bool) {
    let (lost, second) = (gate::Code::new("connection-lost"), Duration::from_secs(1));
    let mut troubles = vec![
        ("busy", vec![trouble::RATE_LIMITED], 1, Some(second)),
        ("failed", vec![trouble::FAILED], 2, None),
        ("malformed", vec![trouble::MALFORMED], 2, None),
        ("disconnected", vec![lost.clone()], 2, None),
    ];
    if stream {
        // It hangs up in a way that may take the beginning with it.
        troubles.push(("cut", vec![trouble::CUT, lost], 2, None));
    }
    for (case, codes, requests, pause) in troubles {
        let at = format!("{}, {case}, streamed: {stream}", row.name);
        let (outcomes, told) = asked(aimock, row, case, stream).await;
        let [Outcome::Failed(failed)] = outcomes.as_slice() else {
            panic!("{at}: {outcomes:?}");
        };
        assert!(codes.contains(&failed.code), "{at}: {failed:?}");
        assert_eq!(told, (requests, pause), "{at}: {failed:?}");
    }
}

/// What came of a case; how many requests were made, and which pause the provider asked for.
async fn asked(
    aimock: SocketAddr,
    row: &'static Row,
    case: &str,
    stream: bool,
) -> (Vec<Outcome>, (usize, Option<Duration>)) {
    let front = Front::start(Source::Live(aimock)).await;
    let given = Given {
        stream,
        ..Given::default()
    };
    let mut talk = Talk::with(&[row], &front, &given).await;
    let outcomes = talk.converse(cases::prompt(case), cases::answer).await;
    let pause = talk.failures().last().and_then(|failure| failure.retry_after);
    let requests = front.finish().await.len();
    (outcomes, (requests, pause))
}
