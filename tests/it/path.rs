//! The whole path by the command line: publish, be refused, approve, invoke, look.

use serde_json::json;

use crate::program::{Program, text};

#[test]
fn a_skill_is_published_approved_and_invoked() {
    let program = Program::start();
    let token = program.publisher("skillhost");
    let published = program.publish("hello", &token);
    let reference = format!("skillhost/hello:{}", text(&published, "version"));
    // Twice: whoever is not sure whether it arrived publishes it again.
    assert_eq!(program.publish("hello", &token)["digest"], published["digest"]);

    let refused = program.refused(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert!(refused.contains("[not-approved]"), "{refused}");

    let seen = program.json(&["inspect", &reference]);
    assert_eq!(seen["digest"], published["digest"]);
    let approved = program.json(&[
        "approve",
        &reference,
        "--reason",
        "tried it",
        "--set",
        "salutation=Ahoy",
    ]);
    assert_eq!(approved["digest"], published["digest"]);

    let answer = program.json(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert_eq!(answer["value"], json!({"message": "Ahoy, Ada!", "characters": 3}));
    let run = program.json(&["runs", &text(&answer, "run")]);
    assert_eq!(
        (&run["state"], &run["digest"]),
        (&json!("succeeded"), &published["digest"])
    );
    assert_eq!(
        program.json(&["runs", "--skill", "skillhost/hello"])["runs"][0]["id"],
        answer["run"]
    );

    let logs = program.ok(&["runs", &text(&answer, "run"), "--logs"]);
    assert_eq!(logs, "info  greeting a name of 3 characters\n");

    program.ok(&["revoke", "approval", &text(&published, "digest"), "--reason", "enough"]);
    let refused = program.refused(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert!(
        refused.contains("[approval-revoked]") || refused.contains("[not-approved]"),
        "{refused}"
    );
}

#[test]
fn files_go_in_and_come_out() {
    let program = Program::start();
    program.approved("hello");
    let made = program.json(&[
        "invoke",
        "skillhost/hello",
        "greet-in-writing",
        "name=Ada",
        "--out",
        ".",
    ]);
    let name = text(&made["files"][0], "name");
    let said = std::fs::read_to_string(program.folder().join(&name)).unwrap();
    assert!(said.contains("Ada"), "{said}");
    let read = program.json(&["invoke", "skillhost/hello", "read", &format!("file=@file:{name}")]);
    assert_eq!(read["value"], json!(said));
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let mut program = Program::start();
    program.approved("hello");
    let made = program.json(&["invoke", "skillhost/hello", "greet-in-writing", "name=Ada"]);
    let (run, name) = (text(&made, "run"), text(&made["files"][0], "name"));
    program.kill();
    program.serve();
    assert_eq!(program.json(&["runs", &run])["state"], json!("succeeded"));
    assert_eq!(program.json(&["runs", &run])["files"][0]["name"], json!(name));
    assert_eq!(
        program.json(&["invoke", "skillhost/hello", "greet", "name=Ada"])["ok"],
        json!(true)
    );
}

#[test]
fn a_revoked_key_stops_what_it_signed() {
    let program = Program::start();
    program.approved("hello");
    let publishers = program.json(&["publisher", "list"]);
    let key = text(&publishers["publishers"][0]["keys"][0], "key");
    program.ok(&["revoke", "key", "skillhost", &key, "--reason", "the laptop was stolen"]);
    let refused = program.refused(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert!(refused.contains("[key-revoked]"), "{refused}");
}

#[test]
fn an_approver_upgrades_and_goes_back() {
    let mut program = Program::start();
    program.configure("[tenants.default.watch]\nrepositories = [\"skillhost/hello\"]\n");
    let token = program.publisher("skillhost");
    let first = program.publish("hello", &token);
    let reference = format!("skillhost/hello:{}", text(&first, "version"));
    let pending = program.ok(&["pending", "--now"]);
    assert!(
        pending.contains(&format!("skillhost/hello@{}", text(&first, "digest"))),
        "{pending}"
    );
    let out = program.run(&[
        "approve",
        &reference,
        "--reason",
        "tried it",
        "--set",
        "salutation=Ahoy",
    ]);
    let seen = String::from_utf8(out.stderr).unwrap();
    assert!(
        out.status.success() && seen.contains("known since") && seen.contains("\nTools\n"),
        "{seen}"
    );
    assert_eq!(program.ok(&["pending", "--now"]), "nothing is pending\n");

    let second = program.publish_as("hello", &token, "9.0.0");
    let pending = program.ok(&["pending", "--now"]);
    assert!(pending.contains("skillhost/hello 9.0.0"), "{pending}");
    program.ok(&["approve", "skillhost/hello:9.0.0", "--yes", "--reason", "read it"]);
    let back = program.json(&["rollback", "skillhost/hello", "--reason", "too new"]);
    assert_eq!(
        (&back["digest"], &back["grants"]["configuration"]),
        (&first["digest"], &json!({"salutation": "Ahoy"}))
    );
    let answer = program.json(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert_eq!(answer["value"]["message"], json!("Ahoy, Ada!"));
    let forth = program.json(&[
        "rollback",
        "skillhost/hello",
        "--to",
        &text(&second, "digest"),
        "--reason",
        "fixed",
    ]);
    assert_eq!(forth["version"], "9.0.0");
}

#[test]
fn an_approval_is_signed_and_asked_for_elsewhere() {
    let here = Program::start();
    let digest = here.approved("hello");
    here.ok(&["keygen", "ann"]);
    here.ok(&["approvals", "export", &digest, "--key", "ann", "--out", "approval.json"]);
    let listed = here.ok(&["approvals"]);
    assert!(listed.contains(&digest), "{listed}");

    let mut there = Program::start();
    let push = there.publisher("skillhost");
    let published = there.publish("hello", &push);
    assert_eq!(published["digest"], json!(digest));
    let public = here.folder().join("skillhost-keys/ann.pub");
    let add = ["publisher", "add", "ann", "--namespace", "ann", "--public-key"];
    there.ok(&[&add[..], &[public.to_str().unwrap()]].concat());
    let publishers = there.json(&["publisher", "list"]);
    let key = |place: usize| text(&publishers["publishers"][place]["keys"][0], "key");
    let policy = format!(
        "[keys]\nann = {{ key = \"{}\" }}\nskillhost = {{ key = \"{}\" }}\n\n[namespaces.skillhost]\n\
         all-of = [\"skillhost\"]\n\n[namespaces.skillhost.statements]\n\
         \"https://skillhost.dev/approval/v1\" = [\"ann\"]\n",
        key(0),
        key(1)
    );
    std::fs::write(there.folder().join("trust.toml"), policy).unwrap();
    there.configure("trust-policy = \"trust.toml\"\n");

    let reference = format!("skillhost/hello:{}", text(&published, "version"));
    let refused = there.refused(&["approve", &reference, "--reason", "as ann did"]);
    assert!(refused.contains("[statement-missing]"), "{refused}");
    let file = here.folder().join("approval.json");
    there.ok(&[
        "approvals",
        "--token",
        &push,
        "attach",
        file.to_str().unwrap(),
        &reference,
    ]);
    let seen = there.json(&["inspect", &reference]);
    let said: Vec<_> = seen["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| &said["statement"])
        .collect();
    assert!(said.contains(&&json!("https://skillhost.dev/approval/v1")), "{said:?}");
    there.ok(&["approve", &reference, "--reason", "as ann did"]);
    let answer = there.json(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert_eq!(answer["ok"], json!(true));
}
