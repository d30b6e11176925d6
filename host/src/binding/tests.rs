//! Configurations, good and bad, and what approvals grant.

use std::collections::BTreeMap;
use std::path::Path;

use registry::ledger::{Entry, Grants, Recorded, Scope, State};
use registry::signature::SigningKey;
use registry::{Digest, Tenant};
use tempfile::TempDir;

use super::{Outside, check_grants};
use crate::config::Config;

/// Each text that holds opens; `DIR` is a folder with a secret, a short secret, a key and policies.
fn open(folder: &Path, text: &str) -> Result<Outside, String> {
    let text = text.replace("DIR", folder.to_str().unwrap());
    let config: Config = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
    let opened = Outside::open(&config.tenants, &[7; 32]);
    opened.map_err(|error| error.to_string().replace(folder.to_str().unwrap(), "DIR"))
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("secret", "canary-credential-4711\n"),
        ("short", "seven77"),
        ("line", "canary\ncredential"),
        (
            "forbid.cedar",
            "@id(\"reads\") forbid (principal, action == Action::\"http\", resource) unless { context.method == \"GET\" };",
        ),
        ("permit.cedar", "permit (principal, action, resource);"),
        (
            "typo.cedar",
            "forbid (principal, action, resource) when { context.methd == \"GET\" };",
        ),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../egress/tests/keys/client.pem");
    std::fs::copy(key, folder.path().join("key.pem")).unwrap();
    folder
}

fn tenant(name: &str) -> Tenant {
    name.parse().unwrap()
}

#[test]
fn every_key_can_be_written() {
    let folder = folder();
    let outside = open(folder.path(), include_str!("tests/every-key.toml")).unwrap();
    let default = tenant("default");
    let mut shown = String::new();
    for (name, hosts) in outside.http(&default) {
        let binding = gate::Binding {
            kind: "http".to_owned(),
            name: name.clone(),
        };
        let bound = outside.bindings.find("default", &binding).unwrap();
        shown += &format!("{name} {hosts:?} {:?}\n{bound:#?}\n", bound.timeout);
    }
    insta::assert_snapshot!(shown);
    assert!(outside.http(&tenant("other")).is_empty());
}

#[test]
fn the_page_about_bindings_holds() {
    let page = concat!(
        include_str!("../../../docs/bindings.md"),
        include_str!("../../../docs/models.md")
    );
    let examples: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(examples.len() > 2, "the page has examples");
    for example in examples {
        let parsed = toml::from_str::<Config>(example);
        assert!(parsed.is_ok(), "{example}\n{}", parsed.unwrap_err());
    }
}

#[test]
fn what_cannot_hold_says_what_to_change() {
    let folder = folder();
    let mut shown = String::new();
    for line in include_str!("tests/refused.txt")
        .lines()
        .filter(|line| !line.is_empty())
    {
        let (section, settings) = line.split_once(": ").unwrap();
        let url = if settings.starts_with("url") || section != "http" {
            ""
        } else {
            "url = \"https://a.example\"\n"
        };
        let at = if section == "http" {
            "tenants.default.http.jira"
        } else {
            section
        };
        let text = format!("[{at}]\n{url}{}", settings.replace("; ", "\n"));
        let told = match open(folder.path(), &text) {
            Ok(_) => "opens".to_owned(),
            Err(told) => told,
        };
        shown += &format!("{line}\n    {}\n", told.trim().replace('\n', "\n    "));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn an_account_is_told_by_who_logs_in() {
    let folder = folder();
    std::fs::write(folder.path().join("other"), "canary-credential-4712").unwrap();
    let account = |url: &str, credential: &str| {
        let text = format!("[tenants.default.http.jira]\nurl = \"{url}\"\ncredential = {credential}");
        let outside = open(folder.path(), &text).unwrap();
        let binding = gate::Binding {
            kind: "http".to_owned(),
            name: "jira".to_owned(),
        };
        let bound = outside.bindings.find("default", &binding).unwrap();
        let gate::Carriers::One(route) = &bound.carriers else {
            panic!("an HTTP binding reaches one service")
        };
        route.account.clone()
    };
    let basic = |user: &str, file: &str| {
        format!("{{ basic = {{ user = \"{user}\", password = {{ file = \"DIR/{file}\" }} }} }}")
    };
    let bearer = |file: &str| format!("{{ bearer = {{ file = \"DIR/{file}\" }} }}");
    let (one, two) = ("https://a.example/1", "https://a.example/2");
    let me = account(one, &basic("me", "secret"));
    assert!(me.starts_with("a.example:443 ") && me.len() == 30, "{me}");
    assert_eq!(me, account(one, &basic("me", "other")), "a password may change");
    let others = [
        account(one, &basic("you", "secret")),
        account(two, &basic("me", "secret")),
        account(one, &bearer("secret")),
        account(one, &bearer("other")),
    ];
    let different: std::collections::BTreeSet<_> = others.iter().chain([&me]).collect();
    assert_eq!(different.len(), 5, "{different:?}");
}

/// A ledger in which `tester` owns `acme`, and what follows.
fn ledger(entries: Vec<(&str, Entry)>) -> (State, Vec<Recorded>) {
    let scope = |name: &str| match name {
        "" => Scope::Host,
        name => Scope::Tenant(tenant(name)),
    };
    let recorded = |(place, (name, entry)): (usize, (&str, Entry))| Recorded {
        seq: place as u64 + 1,
        scope: scope(name),
        at: jiff::Timestamp::UNIX_EPOCH,
        by: "ann".to_owned(),
        entry,
    };
    let entries: Vec<Recorded> = entries.into_iter().enumerate().map(recorded).collect();
    (State::fold(&entries), entries)
}

fn approved(key: &SigningKey, artifact: &str, grants: &[&str]) -> Entry {
    Entry::Approved {
        skill: "acme/jira".parse().unwrap(),
        version: "1.0.0".parse().unwrap(),
        digest: Digest::of(artifact.as_bytes()),
        publisher: "tester".parse().unwrap(),
        key: key.public().id(),
        signed: Vec::new(),
        downgrade: false,
        grants: Grants {
            bindings: grants.iter().map(|grant| grant.parse().unwrap()).collect(),
            ..Grants::default()
        },
        reason: "a test".to_owned(),
    }
}

#[test]
fn the_newest_approval_of_each_artifact_grants() {
    let key = SigningKey::generate().unwrap();
    let taken_back = |artifact: &str| Entry::ApprovalRevoked {
        digest: Digest::of(artifact.as_bytes()),
        reason: "a test".to_owned(),
    };
    let history = [
        (
            "",
            Entry::PublisherAdded {
                publisher: "tester".parse().unwrap(),
                namespaces: vec!["acme".parse().unwrap()],
            },
        ),
        (
            "",
            Entry::KeyAdded {
                publisher: "tester".parse().unwrap(),
                key: key.public().id(),
                public_key: key.public().to_pem().unwrap(),
            },
        ),
        ("red", approved(&key, "one", &["http:jira"])),
        ("red", approved(&key, "two", &["http:jira", "http:mail"])),
        ("red", approved(&key, "two", &["http:jira ask POST /rest/api/3"])),
        ("blue", approved(&key, "two", &["http:jira"])),
        ("red", taken_back("one")),
        (
            "",
            Entry::KeyRevoked {
                key: key.public().id(),
                reason: "lost".to_owned(),
            },
        ),
    ];
    let mut shown = String::new();
    for length in 2..=history.len() {
        let (state, entries) = ledger(history.iter().take(length).cloned().collect());
        let last = entries.last().unwrap();
        shown += &format!("after {}\n", last.seq);
        for tenant in state.tenants() {
            let grants = super::grants::standing(&state, tenant);
            for grant in grants {
                let digest = if grant.digest == Digest::of(b"one").to_string() {
                    "one"
                } else {
                    "two"
                };
                shown += &format!(
                    "  {tenant}: {} {digest} approval {} {} ask {} {:?} {:?}\n",
                    grant.skill, grant.approval, grant.binding, grant.ask, grant.methods, grant.paths
                );
            }
        }
    }
    insta::assert_snapshot!(shown, @r#"
    after 2
    after 3
      red: acme/jira one approval 3 http "jira" ask false [] []
    after 4
      red: acme/jira two approval 4 http "jira" ask false [] []
      red: acme/jira two approval 4 http "mail" ask false [] []
      red: acme/jira one approval 3 http "jira" ask false [] []
    after 5
      red: acme/jira two approval 5 http "jira" ask true ["POST"] ["/rest/api/3"]
      red: acme/jira one approval 3 http "jira" ask false [] []
    after 6
      blue: acme/jira two approval 6 http "jira" ask false [] []
      red: acme/jira two approval 5 http "jira" ask true ["POST"] ["/rest/api/3"]
      red: acme/jira one approval 3 http "jira" ask false [] []
    after 7
      blue: acme/jira two approval 6 http "jira" ask false [] []
      red: acme/jira two approval 5 http "jira" ask true ["POST"] ["/rest/api/3"]
    after 8
    "#);
}

#[test]
fn grants_are_tried_before_they_are_approved() {
    let check = |path: &str| {
        let grant = registry::ledger::Grant {
            paths: vec![path.to_owned()],
            ..registry::ledger::Grant::new("http".parse().unwrap(), "jira".parse().unwrap())
        };
        let grants = Grants {
            bindings: vec![grant],
            ..Grants::default()
        };
        check_grants(&grants).map_err(|error| error.to_string())
    };
    let told: Vec<String> = ["/rest/api/3", "/", "/a/../b", "/a//b", "/a%zz"]
        .into_iter()
        .map(|path| format!("{path}: {}", check(path).err().unwrap_or_else(|| "holds".to_owned())))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    /rest/api/3: holds
    /: holds
    /a/../b: the grant of http "jira" cannot hold: no call can have `/a/../b`
    /a//b: the grant of http "jira" cannot hold: no call can have `/a//b`
    /a%zz: the grant of http "jira" cannot hold: no call can have `/a%zz`
    "#);
}

#[test]
fn nothing_is_configured_by_default() {
    let outside = Outside::open(&BTreeMap::new(), &[7; 32]).unwrap();
    assert!(outside.http(&tenant("default")).is_empty());
}
