//! Policies read, and what they ask.

use jiff::Timestamp;

use super::Policy;
use crate::fixture::{key, now, policy, show};
use crate::ledger::Signed;
use crate::signature::PREDICATE;

/// The text of a policy with the keys 1 and 2 as `ann` and `ben`.
fn with_keys(rest: &str) -> String {
    format!(
        "[keys]\nann = {{ key = \"{}\" }}\nben = {{ key = \"{}\" }}\n{rest}",
        key(1).public().id(),
        key(2).public().id()
    )
}

/// `1 2 cyclonedx=3`: the keys 1 and 2 signed our statement, key 3 a bill of materials.
fn said(text: &str) -> Vec<Signed> {
    let types = [
        ("cyclonedx", "https://cyclonedx.org/bom"),
        ("cyclonedx-1.6", "https://cyclonedx.org/bom/v1.6"),
        ("cyclonedx-like", "https://cyclonedx.org/bomb"),
        ("spdx", "https://spdx.dev/Document"),
        ("slsa", "https://slsa.dev/provenance/v1"),
        ("slsa-0.2", "https://slsa.dev/provenance/v0.2"),
        ("slsa-9", "https://slsa.dev/provenance/v9"),
        ("looked", "https://acme.example/looked/v1"),
        ("looked-again", "https://acme.example/looked/v1/again"),
        ("cosign", "https://sigstore.dev/cosign/sign/v1"),
    ];
    let one = |part: &str| {
        let (word, number) = part.split_once('=').unwrap_or((PREDICATE, part));
        let known = types.iter().find(|(name, _)| *name == word);
        Signed {
            statement: known.map_or(word, |(_, kind)| kind).to_owned(),
            key: key(number.parse().unwrap()).public().id(),
        }
    };
    text.split_whitespace().map(one).collect()
}

fn judge(policy: &Policy, text: &str) -> String {
    let said = said(text);
    let said: Vec<&Signed> = said.iter().collect();
    show(policy.check(&"acme/deck".parse().unwrap(), &said))
}

#[test]
fn without_a_policy_one_key_of_the_ledger_is_enough() {
    let policy = Policy::default();
    assert!(policy.is_of_the_ledger() && policy == Policy::of_the_ledger());
    assert_eq!(judge(&policy, "7"), "accepted");
    insta::assert_snapshot!([judge(&policy, ""), judge(&policy, "cosign=1 spdx=1")].join("\n"), @r"
    signatures-missing: no key that is trusted now has signed `acme/deck`: sign it again, and approve it again
    signatures-missing: no key that is trusted now has signed `acme/deck`: sign it again, and approve it again
    ");
}

#[test]
fn an_empty_policy_trusts_nothing() {
    for text in [
        "",
        "# nobody\n",
        &with_keys(""),
        &with_keys("[namespaces.rival]\nall-of = [\"ann\"]\n"),
    ] {
        let policy = Policy::parse(text).unwrap();
        assert!(!policy.is_of_the_ledger());
        insta::allow_duplicates! {
            insta::assert_snapshot!(judge(&policy, "1 2 3"), @r"namespace-not-trusted: the trust policy does not name the namespace `acme`, so nothing in it is trusted: its administrator names it, or not");
        }
    }
    assert_eq!(Policy::parse("").unwrap(), Policy::of_nothing());
}

#[test]
fn keys_are_counted_as_the_policy_says_aloud() {
    let all = policy("[namespaces.acme]\nall-of = [\"ann\", \"ben\"]\n");
    let any = policy("[namespaces.acme]\nany-of = [\"ann\", \"ben\"]\n");
    let two = policy("[namespaces.acme]\nany-of = [\"ann\", \"ben\", \"eve\"]\nminimum = 2\n");
    let both = policy("[namespaces.acme]\nall-of = [\"eve\"]\nany-of = [\"ann\", \"ben\"]\nminimum = 1\n");
    let cases = [
        ("all", &all, ["", "1", "2 3", "1 2", "2 1 9"]),
        ("any", &any, ["", "3", "9", "1", "2"]),
        ("two", &two, ["1", "1 1 1", "1 9 8 7", "1 3", "3 2 1"]),
        ("both", &both, ["3", "1 2", "3 9", "3 1", "2 3"]),
        // Another statement of the same key is not the one that counts.
        (
            "all",
            &all,
            ["cosign=1 cosign=2", "1 spdx=2", "1 1", "1 2 spdx=3", "1 2"],
        ),
    ];
    let shown: Vec<_> = cases
        .into_iter()
        .flat_map(|(name, policy, signed)| {
            signed.map(|signed| format!("{name}: {signed} -> {}", judge(policy, signed)))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    all:  -> signatures-missing: the trust policy asks that `acme/deck` is signed by `ann` and `ben`, and no such signature counts: have it signed with `skillhost publish`
    all: 1 -> signatures-missing: the trust policy asks that `acme/deck` is signed by `ben`, and no such signature counts: have it signed with `skillhost publish`
    all: 2 3 -> signatures-missing: the trust policy asks that `acme/deck` is signed by `ann`, and no such signature counts: have it signed with `skillhost publish`
    all: 1 2 -> accepted
    all: 2 1 9 -> accepted
    any:  -> signatures-missing: the trust policy asks that `acme/deck` is signed by 1 of `ann`, `ben`, and 0 of these count: have it signed with `skillhost publish`
    any: 3 -> signatures-missing: the trust policy asks that `acme/deck` is signed by 1 of `ann`, `ben`, and 0 of these count: have it signed with `skillhost publish`
    any: 9 -> signatures-missing: the trust policy asks that `acme/deck` is signed by 1 of `ann`, `ben`, and 0 of these count: have it signed with `skillhost publish`
    any: 1 -> accepted
    any: 2 -> accepted
    two: 1 -> signatures-missing: the trust policy asks that `acme/deck` is signed by 2 of `ann`, `ben`, `eve`, and 1 of these count: have it signed with `skillhost publish`
    two: 1 1 1 -> signatures-missing: the trust policy asks that `acme/deck` is signed by 2 of `ann`, `ben`, `eve`, and 1 of these count: have it signed with `skillhost publish`
    two: 1 9 8 7 -> signatures-missing: the trust policy asks that `acme/deck` is signed by 2 of `ann`, `ben`, `eve`, and 1 of these count: have it signed with `skillhost publish`
    two: 1 3 -> accepted
    two: 3 2 1 -> accepted
    both: 3 -> signatures-missing: the trust policy asks that `acme/deck` is signed by 1 of `ann`, `ben`, and 0 of these count: have it signed with `skillhost publish`
    both: 1 2 -> signatures-missing: the trust policy asks that `acme/deck` is signed by `eve`, and no such signature counts: have it signed with `skillhost publish`
    both: 3 9 -> signatures-missing: the trust policy asks that `acme/deck` is signed by 1 of `ann`, `ben`, and 0 of these count: have it signed with `skillhost publish`
    both: 3 1 -> accepted
    both: 2 3 -> accepted
    all: cosign=1 cosign=2 -> signatures-missing: the trust policy asks that `acme/deck` is signed by `ann` and `ben`, and no such signature counts: have it signed with `skillhost publish`
    all: 1 spdx=2 -> signatures-missing: the trust policy asks that `acme/deck` is signed by `ben`, and no such signature counts: have it signed with `skillhost publish`
    all: 1 1 -> signatures-missing: the trust policy asks that `acme/deck` is signed by `ben`, and no such signature counts: have it signed with `skillhost publish`
    all: 1 2 spdx=3 -> accepted
    all: 1 2 -> accepted
    ");
}

#[test]
fn statements_are_asked_for_by_type_and_key() {
    let bom =
        policy("[namespaces.acme]\nall-of = [\"ann\"]\n[namespaces.acme.statements]\ncyclonedx = [\"ben\", \"eve\"]\n");
    let built = policy(
        "[namespaces.acme]\nall-of = [\"ann\"]\nstatements = { slsa-provenance = [\"ben\"], spdx = [\"eve\"] }\n",
    );
    let looked = policy(
        "[namespaces.acme]\nall-of = [\"ann\"]\nstatements = { \"https://acme.example/looked/v1\" = [\"ben\"] }\n",
    );
    let cases = [
        (&bom, "1"),
        (&bom, "1 cyclonedx=1"),
        (&bom, "1 cyclonedx=9"),
        (&bom, "1 spdx=2"),
        (&bom, "1 cyclonedx-like=2"),
        (&bom, "cyclonedx=2"),
        (&bom, "1 cyclonedx=2"),
        (&bom, "1 cyclonedx-1.6=3"),
        (&built, "1 slsa=2"),
        (&built, "1 slsa-9=2 spdx=3"),
        (&built, "1 slsa=2 spdx=3"),
        (&built, "1 slsa-0.2=2 spdx=3"),
        (&looked, "1 looked-again=2"),
        (&looked, "1 looked=2"),
    ];
    let shown: Vec<_> = cases
        .map(|(policy, said)| format!("{said} -> {}", judge(policy, said)))
        .into();
    insta::assert_snapshot!(shown.join("\n"), @r"
    1 -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben` or `eve`: attach one to this very artifact
    1 cyclonedx=1 -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben` or `eve`: attach one to this very artifact
    1 cyclonedx=9 -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben` or `eve`: attach one to this very artifact
    1 spdx=2 -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben` or `eve`: attach one to this very artifact
    1 cyclonedx-like=2 -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben` or `eve`: attach one to this very artifact
    cyclonedx=2 -> signatures-missing: the trust policy asks that `acme/deck` is signed by `ann`, and no such signature counts: have it signed with `skillhost publish`
    1 cyclonedx=2 -> accepted
    1 cyclonedx-1.6=3 -> accepted
    1 slsa=2 -> statement-missing: the trust policy asks for `spdx` about `acme/deck`, signed by `eve`: attach one to this very artifact
    1 slsa-9=2 spdx=3 -> statement-missing: the trust policy asks for `slsa-provenance` about `acme/deck`, signed by `ben`: attach one to this very artifact
    1 slsa=2 spdx=3 -> accepted
    1 slsa-0.2=2 spdx=3 -> accepted
    1 looked-again=2 -> statement-missing: the trust policy asks for `https://acme.example/looked/v1` about `acme/deck`, signed by `ben`: attach one to this very artifact
    1 looked=2 -> accepted
    ");
}

#[test]
fn a_key_signs_in_its_window() {
    let id = key(1).public().id();
    let at = |time: &str| time.parse::<Timestamp>().unwrap();
    let window = |text: &str| Policy::parse(&format!("[keys.ann]\nkey = \"{id}\"\n{text}")).unwrap();
    let both = window("not-before = 2026-01-01T00:00:00Z\nnot-after = \"2027-01-01T01:00:00+01:00\"\n");
    let shown: Vec<_> = [
        "2025-12-31T23:59:59.999Z",
        "2026-01-01T00:00:00Z",
        "2026-12-31T23:59:59Z",
        "2027-01-01T00:00:00Z",
    ]
    .map(|time| format!("{time} -> {}", show(both.check_key(&id, at(time)))))
    .into();
    insta::assert_snapshot!(shown.join("\n"), @r"
    2025-12-31T23:59:59.999Z -> key-not-valid: the trust policy has the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 sign from 2026-01-01T00:00:00Z on, and this is of 2025-12-31T23:59:59.999Z: sign with another
    2026-01-01T00:00:00Z -> accepted
    2026-12-31T23:59:59Z -> accepted
    2027-01-01T00:00:00Z -> key-not-valid: the trust policy has the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 sign until 2027-01-01T00:00:00Z, and this is of 2027-01-01T00:00:00Z: sign with another
    ");
    let open = window("");
    let later = window("not-before = 2026-01-01T00:00:00Z\n");
    let earlier = window("not-after = 2026-01-01T00:00:00Z\n");
    assert!(open.check_key(&id, Timestamp::MIN).is_ok() && open.check_key(&id, Timestamp::MAX).is_ok());
    assert!(later.check_key(&id, Timestamp::MIN).is_err() && later.check_key(&id, Timestamp::MAX).is_ok());
    assert!(earlier.check_key(&id, Timestamp::MIN).is_ok() && earlier.check_key(&id, Timestamp::MAX).is_err());
    // A key that the policy does not name signs when it likes, and counts for nothing.
    assert!(both.check_key(&key(2).public().id(), now()).is_ok());
    assert!(Policy::of_the_ledger().check_key(&id, now()).is_ok());
}

#[test]
fn what_could_be_read_in_two_ways_is_not_a_policy() {
    let (one, two) = (key(1).public().id(), key(2).public().id());
    let acme = |rest: &str| with_keys(&format!("[namespaces.acme]\n{rest}\n"));
    let cases = [
        "[keys".to_owned(),
        "trust = \"everything\"".to_owned(),
        format!("[keys]\nann = {{ key = \"{one}\" }}\nann = {{ key = \"{two}\" }}"),
        format!("[keys]\nann = {{ key = \"{one}\" }}\nben = {{ key = \"{one}\" }}"),
        "[keys]\nann = { key = \"sha256:12\" }".to_owned(),
        "[keys]\nAnn = { key = \"\" }".to_owned(),
        format!("[keys]\nann = {{ key = \"{one}\", until = 2027-01-01T00:00:00Z }}"),
        format!("[keys]\nann = {{ key = \"{one}\", not-after = 2027-01-01 }}"),
        format!("[keys]\nann = {{ key = \"{one}\", not-after = 2027 }}"),
        format!(
            "[keys]\nann = {{ key = \"{one}\", not-before = 2027-01-01T00:00:00Z, not-after = 2027-01-01T00:00:00Z }}"
        ),
        "[namespaces.\"acme/deck\"]\nall-of = []".to_owned(),
        acme(""),
        acme("all-of = [\"mallory\"]"),
        acme("all-of = [\"ann\", \"ann\"]"),
        acme("all-of = [\"ann\"]\nany-of = [\"ann\", \"ben\"]"),
        acme("all-of = [\"ann\"]\nminimum = 1"),
        acme("any-of = [\"ann\", \"ben\"]\nminimum = 0"),
        acme("any-of = [\"ann\", \"ben\"]\nminimum = 3"),
        acme("any-of = [\"ann\", \"ben\"]\nminimum = -1"),
        acme("any-of = [\"ann\"]\nnone-of = [\"ben\"]"),
        acme("all-of = [\"ann\"]\nstatements = { spdx = [] }"),
        acme("all-of = [\"ann\"]\nstatements = { spdx = [\"mallory\"] }"),
        acme("all-of = [\"ann\"]\nstatements = { sbom = [\"ben\"] }"),
        acme(&format!(
            "all-of = [\"ann\"]\nstatements = {{ \"{PREDICATE}\" = [\"ben\"] }}"
        )),
        "#".repeat(256 * 1024 + 1),
    ];
    let shown: Vec<_> = cases.iter().map(|text| show(Policy::parse(text))).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    policy-invalid: the trust policy cannot be used: line 1: unclosed table, expected `]`
    policy-invalid: the trust policy cannot be used: line 1: unknown field `trust`, expected `keys` or `namespaces`
    policy-invalid: the trust policy cannot be used: line 3: duplicate key
    policy-invalid: the trust policy cannot be used: the key of `ben` has another name too: give it one
    policy-invalid: the trust policy cannot be used: line 2: `12` is not a digest: write `sha256:` and 64 lower-case hexadecimal digits
    policy-invalid: the trust policy cannot be used: line 2: `Ann` cannot be a name: use 1 to 64 of a-z, 0-9 and single hyphens inside
    policy-invalid: the trust policy cannot be used: line 2: unknown field `until`, expected one of `key`, `not-before`, `not-after`
    policy-invalid: the trust policy cannot be used: line 2: a time is written with date, time and offset, such as 2026-12-31T00:00:00Z
    policy-invalid: the trust policy cannot be used: line 2: a time is written with date, time and offset, such as 2026-12-31T00:00:00Z
    policy-invalid: the trust policy cannot be used: the key `ann` could never sign: `not-before` must be earlier than `not-after`
    policy-invalid: the trust policy cannot be used: line 1: `acme/deck` cannot be a name: use 1 to 64 of a-z, 0-9 and single hyphens inside
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, nobody signs: name keys in `all-of` or `any-of`
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, the key `mallory` is not one of `keys`
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, the key `ann` is named twice
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, the key `ann` is named twice
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, `minimum` says how many of `any-of`, which is missing
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, `minimum` must be 1 to 2, the keys of `any-of`
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, `minimum` must be 1 to 2, the keys of `any-of`
    policy-invalid: the trust policy cannot be used: line 6: invalid value: integer `-1`, expected usize
    policy-invalid: the trust policy cannot be used: line 6: unknown field `none-of`, expected one of `all-of`, `any-of`, `minimum`, `statements`
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, nobody signs the statement `spdx`: name keys
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, the key `mallory` is not one of `keys`
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, `sbom` is no type of statement that can be asked for: write `cyclonedx`, `spdx`, `slsa-provenance` or the URI of another type
    policy-invalid: the trust policy cannot be used: in `namespaces.acme`, `https://skillhost.dev/skill/v1` is no type of statement that can be asked for: write `cyclonedx`, `spdx`, `slsa-provenance` or the URI of another type
    policy-invalid: the trust policy cannot be used: it is larger than 256 KiB
    ");
    assert!(Policy::parse(&"#".repeat(256 * 1024)).is_ok());
}

#[test]
fn a_policy_lists_the_keys_that_it_names() {
    let named: Vec<_> = policy("").keys().copied().collect();
    let mut wanted = [1, 2, 3].map(|number| key(number).public().id()).to_vec();
    wanted.sort();
    assert_eq!(named, wanted);
    assert_eq!(Policy::of_the_ledger().keys().count(), 0);
}
