//! What a new skill consists of, and that the registry would take it.

use std::collections::BTreeSet;
use std::path::Path;

use registry::{Interface, Manifest, SkillName, interface};
use tempfile::TempDir;

use super::{FIXED, write};

fn written(name: &str) -> (TempDir, Vec<&'static str>) {
    let parent = tempfile::tempdir().unwrap();
    let files = write(&parent.path().join("new"), &name.parse::<SkillName>().unwrap()).unwrap();
    (parent, files)
}

#[test]
fn a_new_skill_has_everything_it_builds_from() {
    let (_parent, files) = written("acme/greeter");
    insta::assert_snapshot!(files.join("\n"), @"
    .gitignore
    Cargo.toml
    SKILL.md
    rust-toolchain.toml
    sdk/Cargo.toml
    sdk/src/bindings.rs
    sdk/src/configuration.rs
    sdk/src/error.rs
    sdk/src/files.rs
    sdk/src/http.rs
    sdk/src/lib.rs
    sdk/src/logging.rs
    sdk/src/model.rs
    sdk/src/run.rs
    sdk/src/tests.rs
    sdk/wit/model.wit
    sdk/wit/skill.wit
    skill.toml
    src/lib.rs
    src/tests.rs
    wit/deps/skillhost-skill/model.wit
    wit/deps/skillhost-skill/skill.wit
    wit/skill.wit
    ");
}

#[test]
fn what_it_declares_is_valid_under_its_own_name() {
    for name in ["acme/greeter", "my-team/step-by-step", "greeter/acme"] {
        let (parent, _files) = written(name);
        let folder = parent.path().join("new");
        let read = |path| std::fs::read_to_string(folder.join(path)).unwrap();
        let manifest = Manifest::parse(&read("skill.toml")).unwrap();
        assert_eq!(manifest.skill.name.to_string(), name);
        let wit = interface::gather(&folder.join(&manifest.wit.path)).unwrap();
        let declared = Interface::parse(&wit, &manifest).unwrap();
        let tool = declared.tool("greet").unwrap();
        assert_eq!(
            tool.export().unwrap(),
            format!("{}/tools@0.1.0", name.replace('/', ":"))
        );
        let module = name.replace('/', "::").replace('-', "_");
        assert!(read("src/lib.rs").contains(&format!("use exports::{module}::tools::")));
        let short = name.split_once('/').unwrap().1;
        assert!(read("Cargo.toml").contains(&format!("name = \"{short}\"")));
        assert!(read("SKILL.md").contains(&format!("name: {short}\n")));
    }
}

#[test]
fn the_whole_sdk_comes_with_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../skills/sdk/src");
    let on_disk: BTreeSet<_> = std::fs::read_dir(source)
        .unwrap()
        .map(|entry| format!("sdk/src/{}", entry.unwrap().file_name().into_string().unwrap()))
        .collect();
    let embedded = FIXED.iter().map(|(path, _)| (*path).to_owned());
    assert_eq!(
        embedded
            .filter(|path| path.starts_with("sdk/src/"))
            .collect::<BTreeSet<_>>(),
        on_disk
    );
}

#[test]
fn names_that_source_code_cannot_hold_are_refused_before_anything_is_written() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new");
    let cases = [
        (
            "acme/step-2",
            "`step-2` cannot name a package of WIT: begin each of its words with a letter, such as `step-two` for `step-2`",
        ),
        (
            "3d/printer",
            "`3d` cannot name a package of WIT: begin each of its words with a letter, such as `step-two` for `step-2`",
        ),
        (
            "acme/list",
            "`list` means something in WIT or Rust: choose another word, or add one to it",
        ),
        (
            "acme/test",
            "`test` means something in WIT or Rust: choose another word, or add one to it",
        ),
    ];
    for (name, message) in cases {
        let error = write(&folder, &name.parse().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(!folder.exists());
    }
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let (parent, _files) = written("acme/greeter");
    let folder = parent.path().join("new");
    std::fs::write(folder.join("src/lib.rs"), "mine").unwrap();
    let error = write(&folder, &"acme/greeter".parse().unwrap()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("is not empty: choose a folder that does not exist yet")
    );
    assert_eq!(std::fs::read_to_string(folder.join("src/lib.rs")).unwrap(), "mine");
}
