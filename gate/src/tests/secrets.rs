//! No credential in what a guest sees or a journal keeps.

use super::support::{CANARY, Script, World, about, call};
use crate::call::body::INLINE_LIMIT;
use crate::{Code, Failure, Journal, Mode, Outcome, Reply};

/// Everything that the journal keeps of a run, metadata and content.
async fn kept(world: &World) -> Vec<u8> {
    let mut kept = Vec::new();
    for record in world.journal.inner.read(&about(1).key).await.unwrap() {
        kept.extend(record.entry.encode().unwrap().into_bytes());
        for payload in [record.call, record.outcome].into_iter().flatten() {
            kept.extend_from_slice(payload.json());
            let attachments = payload.attachments().iter();
            kept.extend(attachments.flat_map(|attachment| attachment.bytes.to_vec()));
        }
    }
    kept
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_a_service_echoes_reaches_nobody() {
    let world = World::new();
    let echo = format!("{{\"you-sent\":\"{CANARY}\"}}");
    let large = [echo.clone().into_bytes(), vec![b'x'; INLINE_LIMIT]].concat();
    let headers = [("x-echo", CANARY), ("content-length", "1")];
    *world.backend.headers.lock().unwrap() = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let broken = Failure::nothing_sent(Code::new("broken"), format!("could not use {CANARY}")).keep(CANARY);
    world.backend.will([
        Script::Answer(200, echo.into_bytes()),
        Script::Answer(200, large),
        Script::Unreached(broken),
    ]);
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Live).await.unwrap();
    let mut seen = String::new();
    for number in 1..=3 {
        let returned = gate.call(&mut run, call(number, "jira", "GET", "/", "")).await.unwrap();
        if let Outcome::Reply(Reply::Http(reply)) = &returned.outcome {
            let body = reply.body.bytes().unwrap();
            assert!(holds(body, b"[redacted]") && !holds(body, CANARY.as_bytes()));
            assert_eq!(reply.headers.get("content-length").unwrap(), body.len().to_string());
        }
        seen.push_str(&format!("{returned:?}"));
    }
    // A call that carries it is refused, and what it asked is kept nowhere.
    gate.call(&mut run, call(4, "jira", "POST", "/issue", CANARY))
        .await
        .unwrap();
    assert!(!seen.contains(CANARY), "{seen}");
    let kept = kept(&world).await;
    assert!(holds(&kept, b"[redacted]"));
    assert!(!holds(&kept, CANARY.as_bytes()));
}

/// A canary in what is asked and answered is found in payloads, and in no metadata.
#[tokio::test(start_paused = true)]
async fn content_stands_in_payloads_only() {
    let world = World::new();
    world.backend.will([Script::Answer(200, b"content-of-reply".to_vec())]);
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Live).await.unwrap();
    let asked = call(
        1,
        "jira",
        "POST",
        "/content-of-path?content-of-query",
        "content-of-body",
    );
    gate.call(&mut run, asked.clone()).await.unwrap();
    let records = world.journal.inner.read(&about(1).key).await.unwrap();
    for record in &records {
        let line = record.entry.encode().unwrap();
        assert!(!line.contains("content-of"), "{line}");
    }
    let calls: Vec<_> = records.iter().filter_map(|record| record.call.as_ref()).collect();
    assert_eq!(calls.len(), 1, "what was asked is kept once");
    assert_eq!(calls[0].action().unwrap(), asked.action);
}
