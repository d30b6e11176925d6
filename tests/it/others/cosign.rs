//! Our statement, signed by cosign with its own kind of key.

use std::fs;

use serde_json::json;

use super::place::Place;
use crate::program::{Program, text};

const PREDICATE: &str = "https://skillhost.dev/skill/v1";

/// What cosign is told beside the rest: no transparency log, and a registry without TLS on this machine.
const ALONE: [&str; 4] = [
    "--use-signing-config=false",
    "--tlog-upload=false",
    "--allow-http-registry",
    "--yes",
];

/// As in `others.rs`, with a skill that nobody here signed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn a_skill_that_cosign_attests_takes_the_whole_path() {
    let (place, program) = (Place::debian().await, Program::start());
    let token = program.publisher("skillhost");
    program.publish_with("hello", &token, &["--to", &place.host, "--unsigned"]);
    let reference = format!("{}/skillhost/hello:0.1.0", place.host);
    place.succeed("cosign", &["generate-key-pair"]).await;
    let public = place.folder.path().join("cosign.pub");
    let added = [
        "publisher",
        "add-key",
        "skillhost",
        "--public-key",
        public.to_str().unwrap(),
    ];
    program.ok(&added);

    // Cosign's own statement does not say for which name and version it is made.
    let sign = [&["sign", "--key", "cosign.key"], &ALONE[..], &[&reference]].concat();
    place.succeed("cosign", &sign).await;
    let refused = program.refused(&["approve", &reference, "--reason", "a test"]);
    assert!(refused.contains("[unsigned]"), "{refused}");

    let predicate = program.ok(&["publish", "--print-predicate", "--sign-only", &reference]);
    let attest = |file: &str, text: String| {
        fs::write(place.folder.path().join(file), text).unwrap();
        let arguments = ["attest", "--key", "cosign.key", "--type", PREDICATE, "--predicate"];
        [&arguments[..], &[file], &ALONE, &[&reference]]
            .concat()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    // One that says another version counts for nothing, and does not hide the good one.
    let other = attest("other.json", predicate.replace("0.1.0", "0.2.0"));
    place
        .succeed("cosign", &other.iter().map(String::as_str).collect::<Vec<_>>())
        .await;
    let refused = program.refused(&["approve", &reference, "--reason", "a test"]);
    assert!(refused.contains("[statement-mismatch]"), "{refused}");
    let good = attest("good.json", predicate);
    place
        .succeed("cosign", &good.iter().map(String::as_str).collect::<Vec<_>>())
        .await;

    let approval = program.json(&["approve", &reference, "--reason", "a test"]);
    let publishers = program.json(&["publisher", "list"]);
    let keys = publishers["publishers"][0]["keys"].as_array().unwrap().clone();
    assert!(keys.iter().any(|key| key["key"] == approval["key"]), "{keys:?}");
    let answer = program.json(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert_eq!(answer["value"], json!({"message": "Hello, Ada!", "characters": 3}));
    let verified = [
        &["verify-attestation", "--key", "cosign.pub", "--type", PREDICATE],
        &["--insecure-ignore-tlog=true", "--allow-http-registry"][..],
        &[&reference],
    ];
    place.succeed("cosign", &verified.concat()).await;
    assert_eq!(text(&approval, "publisher"), "skillhost");
}
