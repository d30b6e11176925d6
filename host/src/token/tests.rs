//! Tokens: what they look like, who holds them, when they end.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use registry::Tenant;

use super::{Role, Secret, SecretMalformed, Tokens, Wanted};
use crate::seal::HostKey;
use crate::store::{Store, TenantRow};

#[test]
fn a_secret_reads_back_and_a_mistyped_one_does_not() {
    let secret = Secret::generate();
    let text = secret.reveal().to_owned();
    assert_eq!(text.parse(), Ok(secret.clone()));
    assert_eq!(text.len(), 76);
    assert_eq!(format!("{secret:?}"), "Secret(..)");
    for (at, _) in text.char_indices() {
        let mut changed = text.clone().into_bytes();
        let byte = changed.get_mut(at).unwrap();
        *byte = if *byte == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(changed.parse::<Secret>(), Err(SecretMalformed), "digit {at}");
        assert_eq!(text.get(..at).unwrap().parse::<Secret>(), Err(SecretMalformed));
    }
    assert_eq!(format!("{text}0").parse::<Secret>(), Err(SecretMalformed));
}

#[tokio::test]
async fn a_token_holds_until_it_ends_or_is_revoked_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(Store::FILE);
    let store = Store::open(&file).await.unwrap();
    let acme = tenant(&store, folder.path(), "acme").await;
    let tokens = Tokens::load(store.clone()).await.unwrap();
    let kept = tokens.issue(&acme, wanted(Role::Agent)).await.unwrap();
    let gone = tokens.issue(&acme, wanted(Role::Admin)).await.unwrap();
    let now = Timestamp::now();

    let caller = tokens.verify(&kept.secret, now).unwrap();
    assert_eq!((caller.tenant(), caller.name()), (&acme, "for a test"));
    assert!(
        tokens
            .verify(&kept.secret, now + SignedDuration::from_hours(2))
            .is_none()
    );
    assert!(tokens.verify(&Secret::generate(), now).is_none());

    let stranger: Tenant = "other".parse().unwrap();
    assert!(tokens.revoke(&stranger, gone.row.id).await.unwrap().is_none());
    assert!(tokens.verify(&gone.secret, now).is_some());
    assert!(tokens.revoke(&acme, gone.row.id).await.unwrap().is_some());
    assert!(tokens.verify(&gone.secret, now).is_none());
    tokens.note_use().await.unwrap();
    store.close().await;

    let store = Store::open(&file).await.unwrap();
    let tokens = Tokens::load(store).await.unwrap();
    assert!(tokens.verify(&kept.secret, now).is_some());
    assert!(tokens.verify(&gone.secret, now).is_none());
    let rows = tokens.list(&acme);
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.last_used_at.is_some()));
    assert!(tokens.list(&stranger).is_empty());
}

#[tokio::test]
async fn nothing_in_the_data_is_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join(Store::FILE)).await.unwrap();
    let acme = tenant(&store, folder.path(), "acme").await;
    let tokens = Tokens::load(store.clone()).await.unwrap();
    let issued = tokens.issue(&acme, wanted(Role::Agent)).await.unwrap();
    store.close().await;
    let secret = issued.secret.reveal().as_bytes();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join(Store::FILE)).await.unwrap();
    let acme = tenant(&store, folder.path(), "acme").await;
    let tokens = Tokens::load(store).await.unwrap();
    let cases = [
        Wanted {
            name: String::new(),
            ..wanted(Role::Agent)
        },
        Wanted {
            name: "a\nb".to_owned(),
            ..wanted(Role::Agent)
        },
        Wanted {
            roles: BTreeSet::new(),
            ..wanted(Role::Agent)
        },
        wanted(Role::Publisher),
        Wanted {
            publisher: Some("acme".parse().unwrap()),
            ..wanted(Role::Agent)
        },
        Wanted {
            lasts: SignedDuration::ZERO,
            ..wanted(Role::Agent)
        },
        Wanted {
            lasts: SignedDuration::from_hours(24 * 400),
            ..wanted(Role::Agent)
        },
    ];
    let mut told = String::new();
    for case in cases {
        told.push_str(&tokens.issue(&acme, case).await.unwrap_err().to_string());
        told.push('\n');
    }
    insta::assert_snapshot!(told, @r"
    the name of a token is 1 to 64 characters without control characters
    the name of a token is 1 to 64 characters without control characters
    a token needs at least one role
    the role publisher needs the name of a publisher, and no other role takes one
    the role publisher needs the name of a publisher, and no other role takes one
    a token holds for one second to 366 days
    a token holds for one second to 366 days
    ");
}

fn wanted(role: Role) -> Wanted {
    Wanted {
        name: "for a test".to_owned(),
        roles: BTreeSet::from([role]),
        publisher: None,
        lasts: SignedDuration::from_hours(1),
    }
}

async fn tenant(store: &Store, keys: &std::path::Path, name: &str) -> Tenant {
    let tenant: Tenant = name.parse().unwrap();
    let (_, key) = HostKey::create(keys).unwrap().tenant_key(name);
    store
        .add_tenant(TenantRow {
            tenant: tenant.clone(),
            created_at: Timestamp::now(),
            key,
        })
        .await
        .unwrap();
    tenant
}
