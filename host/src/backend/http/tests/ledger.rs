//! What is granted follows the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gate::Mode;
use registry::Digest;
use registry::ledger::{Entry, Grants, Ledger, LedgerError, Recorded, Scope};
use registry::signature::SigningKey;

use super::place::{ARTIFACT, BASIC, Place, about, gate};
use crate::trust::Trust;

/// Forgets.
struct NoLedger(AtomicUsize);

#[async_trait]
impl Ledger for NoLedger {
    async fn append(&self, scope: &Scope, by: &str, entry: &Entry) -> Result<Recorded, LedgerError> {
        Ok(Recorded {
            seq: self.0.fetch_add(1, Ordering::SeqCst) as u64 + 1,
            scope: scope.clone(),
            at: jiff::Timestamp::UNIX_EPOCH,
            by: by.to_owned(),
            entry: entry.clone(),
        })
    }

    async fn entries(&self, _: u64) -> Result<Vec<Recorded>, LedgerError> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn what_is_granted_follows_the_ledger() {
    let mut place = Place::new(BASIC).await;
    let trust = Trust::load(Arc::new(NoLedger(AtomicUsize::new(0)))).await.unwrap();
    let outside = place.outside.clone();
    outside.policies.replace("default", &[], "").unwrap();
    trust.follow(move |state, scope| outside.follow(state, scope));
    let key = SigningKey::generate().unwrap().public();
    let tenant = Scope::Tenant("default".parse().unwrap());
    let approved = |grants: &[&str]| Entry::Approved {
        skill: "acme/skill".parse().unwrap(),
        version: "1.0.0".parse().unwrap(),
        digest: Digest::of(ARTIFACT),
        publisher: "acme".parse().unwrap(),
        key: key.id(),
        signed: Vec::new(),
        downgrade: false,
        grants: Grants {
            bindings: grants.iter().map(|grant| grant.parse().unwrap()).collect(),
            ..Grants::default()
        },
        reason: "a test".to_owned(),
    };
    let publisher = Entry::PublisherAdded {
        publisher: "acme".parse().unwrap(),
        namespaces: vec!["acme".parse().unwrap()],
    };
    let added = Entry::KeyAdded {
        publisher: "acme".parse().unwrap(),
        key: key.id(),
        public_key: key.to_pem().unwrap(),
    };
    let taken_back = Entry::ApprovalRevoked {
        digest: Digest::of(ARTIFACT),
        reason: "a test".to_owned(),
    };
    let lost = Entry::KeyRevoked {
        key: key.id(),
        reason: "lost".to_owned(),
    };
    let mut lines = vec![place.call("GET", "/a", &[]).await];
    for (what, scope, entry) in [
        ("a publisher", Scope::Host, publisher),
        ("its key", Scope::Host, added),
        ("all", tenant.clone(), approved(&["http:service"])),
        ("POST", tenant.clone(), approved(&["http:service POST"])),
        ("taken back", tenant.clone(), taken_back),
        ("GET below /a, asking", tenant, approved(&["http:service ask GET /a"])),
        ("the key lost", Scope::Host, lost),
    ] {
        trust.decide(scope, "ann", entry).await.unwrap();
        if what == "the key lost" {
            // The run before is suspended, and answers nothing more.
            let about = about(2);
            place.run = gate(&place.outside, &place.journal)
                .open(about, Mode::Live)
                .await
                .unwrap();
        }
        lines.push(format!("{what}: {}", place.call("GET", "/a", &[]).await));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    GET /a: refused not-granted (seen 0)
    a publisher: GET /a: refused not-granted (seen 0)
    its key: GET /a: refused not-granted (seen 0)
    all: GET /a: reply 200 (seen 1)
    POST: GET /a: refused not-granted (seen 0)
    taken back: GET /a: refused not-granted (seen 0)
    GET below /a, asking: GET /a: suspended (seen 0)
    the key lost: GET /a: refused not-granted (seen 0)
    ");
}
