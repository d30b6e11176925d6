//! A deck made by the powerpoint skill in a host, judged by programs that others wrote.

use std::process::Command;

use crate::program::{Program, repository};

#[test]
fn a_deck_is_what_its_outline_says() {
    let program = Program::start();
    program.approved("powerpoint");
    let outline = repository().join("tests/pptx/everything.json");
    let input = format!("@{}", outline.display());
    let made = program.json(&[
        "invoke",
        "skillhost/powerpoint",
        "create-deck",
        "--input",
        &input,
        "--out",
        ".",
    ]);
    let deck = program.folder().join(made["files"][0]["name"].as_str().unwrap());
    assert!(
        std::fs::read(&deck).unwrap().starts_with(b"PK"),
        "a .pptx is a ZIP archive"
    );
    if crate::others::absent("node") {
        return;
    }
    let judged = Command::new(repository().join("tests/pptx/check"))
        .args([&deck, &outline])
        .output()
        .unwrap();
    let said = [judged.stdout, judged.stderr].concat();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&said));
}
