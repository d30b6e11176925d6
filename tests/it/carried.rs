//! A skill that is carried from one host to another in a folder, because no network leads there.

use std::fs;

use serde_json::json;

use crate::program::{Program, text};

#[test]
fn a_skill_is_carried_in_a_folder_and_approved_elsewhere() {
    let (here, there) = (Program::start(), Program::start());
    let token = here.publisher("skillhost");
    let published = here.publish("hello", &token);
    let reference = format!("skillhost/hello:{}", text(&published, "version"));
    let folder = there.folder().join("hello");
    let exported = here.json(&["export", &reference, folder.to_str().unwrap()]);
    assert_eq!(
        (&exported["digest"], &exported["signatures"]),
        (&published["digest"], &json!(2))
    );
    let again = here.refused(&["export", &reference, folder.to_str().unwrap()]);
    assert!(again.contains("it is not empty"), "{again}");
    // Only the folder and the publisher's public key go along.
    let key = "skillhost-keys/skillhost.pub";
    fs::copy(here.folder().join(key), there.folder().join("carried.pub")).unwrap();
    drop(here);

    there.ok(&[
        "publisher",
        "add",
        "skillhost",
        "--namespace",
        "skillhost",
        "--public-key",
        "carried.pub",
    ]);
    let token = there.ok(&[
        "token",
        "add",
        "push",
        "--role",
        "publisher",
        "--publisher",
        "skillhost",
    ]);
    let imported = there.json(&["import", "hello", "--token", token.trim()]);
    assert_eq!(
        (&imported["digest"], &imported["signatures"]),
        (&published["digest"], &json!(2))
    );
    let refused = there.refused(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert!(refused.contains("[not-approved]"), "{refused}");
    there.ok(&["approve", &reference, "--reason", "carried over"]);
    let answer = there.json(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert_eq!(answer["value"], json!({"message": "Hello, Ada!", "characters": 3}));

    // A byte that changed on the way is one too many.
    let blobs = folder.join("blobs/sha256");
    let largest = fs::read_dir(&blobs).unwrap().map(|entry| entry.unwrap().path());
    let largest = largest.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let mut bytes = fs::read(&largest).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&largest, bytes).unwrap();
    let refused = there.refused(&["import", "hello", "--token", token.trim()]);
    assert!(refused.contains("are others"), "{refused}");
}
