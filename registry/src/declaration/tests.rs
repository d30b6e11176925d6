//! Sections, good and bad.

use std::fs;

use proptest::prelude::*;

use super::files::check;
use super::{Declaration, SkillFile, gather, section};
use crate::component::embed;
use crate::fixture::{WIT, component, file, manifest, parsed, show, skill_md};

fn with(more: impl IntoIterator<Item = SkillFile>) -> Vec<SkillFile> {
    let mut files: Vec<_> = more.into_iter().chain([skill_md("deck")]).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn judge(files: &[SkillFile]) -> String {
    show(check(files, &parsed("acme/deck")))
}

fn at(paths: &[&str]) -> String {
    judge(&with(paths.iter().map(|path| file(path, "x"))))
}

#[test]
fn paths_are_plain_and_meet_nowhere() {
    let long = "x".repeat(255);
    for good in ["a", "assets/a b-c_1.2.png", "scripts/.hidden", "a/b/c/d", "...", &long] {
        assert_eq!(at(&[good]), "accepted", "{good}");
    }
    assert_eq!(at(&["a/b", "a.b", "ab"]), "accepted");
    let long = "x".repeat(256);
    for bad in [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/..",
        "a/./b",
        "a\\b",
        "C:a",
        "a\0",
        "a\nb",
        "caf\u{e9}",
        "a*",
        "a?",
        "a<b",
        "a|b",
        "a\"b",
        &long,
    ] {
        let outcome = at(&[bad]);
        assert!(outcome.starts_with("file-invalid: "), "{bad:?}: {outcome}");
    }
    let mut unsorted = with([file("a", "x")]);
    unsorted.reverse();
    insta::assert_snapshot!([
        at(&["../etc"]),
        at(&["a\u{202e}b"]),
        at(&["a", "a"]),
        at(&["skill.md"]),
        at(&["A", "a"]),
        at(&["a", "a/b"]),
        at(&["A", "a/b/c"]),
        judge(&unsorted),
    ].join("\n"), @r"
    file-invalid: the file `../etc` cannot be part of the skill: a path is relative and has no part that is empty, `.` or `..`
    file-invalid: the file `a\u{202e}b` cannot be part of the skill: a path has at most 255 letters, digits, spaces and simple marks of ASCII, with `/` between its parts
    file-invalid: the file `a` cannot be part of the skill: its path is used twice: rename one
    file-invalid: the file `skill.md` cannot be part of the skill: its path is used twice: rename one
    file-invalid: the file `a` cannot be part of the skill: its path is used twice: rename one
    file-invalid: the file `a/b` cannot be part of the skill: one of its folders is also a file: rename one
    file-invalid: the file `a/b/c` cannot be part of the skill: one of its folders is also a file: rename one
    file-invalid: the file `SKILL.md` cannot be part of the skill: files stand in the order of their paths
    ");
}

#[test]
fn files_are_few_and_small() {
    let numbered = |count: usize| with((1..count).map(|number| file(&format!("a/{number}"), "x")));
    assert_eq!(judge(&numbered(128)), "accepted");
    assert_eq!(judge(&with([file("a", vec![0; 1024 * 1024])])), "accepted");
    insta::assert_snapshot!([
        judge(&numbered(129)),
        judge(&with([file("a", vec![0; 1024 * 1024 + 1])])),
    ].join("\n"), @r"
    file-invalid: a skill has at most 128 files: remove some, or join them
    file-invalid: the file `a` cannot be part of the skill: it may have 1048576 bytes: make it smaller
    ");
}

#[test]
fn skill_md_says_what_skill_toml_says() {
    let text = |text: &str| judge(&[file("SKILL.md", text.to_owned())]);
    for good in [
        "---\nname: deck\ndescription: Makes decks.\n---\n",
        "---\ndescription: |\n  Makes decks.\nname: \"deck\"\nlicense: MIT\n---",
        "---\nname:   'deck'\ndescription: x\nmetadata:\n  name: other\n---\n# Decks \u{1f600}\u{fe0f}\n",
    ] {
        assert_eq!(text(good), "accepted", "{good}");
    }
    insta::assert_snapshot!([
        judge(&[file("a", "x")]),
        text(""),
        text("# Decks"),
        text("---\nname: deck\ndescription: x\n"),
        text("---\ndescription: x\n---\n"),
        text("---\nname: other\ndescription: x\n---\n"),
        text("---\nnames: deck\ndescription: x\n---\n"),
        text("---\n  name: deck\ndescription: x\n---\n"),
        text("---\nname: deck\n---\n"),
        text("---\nname: deck\ndescription:\n---\n"),
        text("---\nname: deck\ndescription: x\n---\nIgnore\u{200b} this"),
        judge(&with([file("references/a.md", "\u{e0049}")])),
        judge(&with([file("references/a.md", vec![0xff])])),
    ].join("\n"), @r"
    file-invalid: the file `SKILL.md` cannot be part of the skill: it is missing: write it beside skill.toml
    file-invalid: the file `SKILL.md` cannot be part of the skill: it begins with front matter between two lines `---`
    file-invalid: the file `SKILL.md` cannot be part of the skill: it begins with front matter between two lines `---`
    file-invalid: the file `SKILL.md` cannot be part of the skill: it begins with front matter between two lines `---`
    file-invalid: the file `SKILL.md` cannot be part of the skill: its front matter says `name: deck`, as skill.toml does
    file-invalid: the file `SKILL.md` cannot be part of the skill: its front matter says `name: deck`, as skill.toml does
    file-invalid: the file `SKILL.md` cannot be part of the skill: its front matter says `name: deck`, as skill.toml does
    file-invalid: the file `SKILL.md` cannot be part of the skill: its front matter says `name: deck`, as skill.toml does
    file-invalid: the file `SKILL.md` cannot be part of the skill: its front matter says in `description` when to use the skill
    file-invalid: the file `SKILL.md` cannot be part of the skill: its front matter says in `description` when to use the skill
    file-invalid: the file `SKILL.md` cannot be part of the skill: it holds U+200B, which readers do not see: remove it
    file-invalid: the file `references/a.md` cannot be part of the skill: it holds U+E0049, which readers do not see: remove it
    file-invalid: the file `references/a.md` cannot be part of the skill: it is UTF-8 text
    ");
    assert_eq!(judge(&with([file("assets/a.bin", vec![0xff])])), "accepted");
}

#[test]
fn the_files_of_a_folder_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, content: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    insta::assert_snapshot!(show(gather(folder.path())), @r"file-invalid: the file `SKILL.md` cannot be part of the skill: it cannot be read: entity not found");
    for path in [
        "SKILL.md",
        "skill.toml",
        "src/lib.rs",
        "references/b.md",
        "references/deep/a.md",
        "references/.hidden",
        "scripts/run.sh",
        "assets/logo.svg",
    ] {
        write(path, path);
    }
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("assets/link")).unwrap();
    let found = gather(folder.path()).unwrap();
    let paths: Vec<_> = found.iter().map(|file| file.path.as_str()).collect();
    insta::assert_snapshot!(paths.join(" "), @r"SKILL.md assets/logo.svg references/b.md references/deep/a.md scripts/run.sh");
    assert!(found.iter().all(|file| file.content == file.path));
    write("assets/large", &"x".repeat(1024 * 1024));
    assert!(gather(folder.path()).is_ok());
    write("assets/large", &"x".repeat(1024 * 1024 + 1));
    insta::assert_snapshot!(show(gather(folder.path())), @r"file-invalid: the file `assets/large` cannot be part of the skill: it may have 1048576 bytes: make it smaller");
    fs::remove_file(folder.path().join("assets/large")).unwrap();
    for number in 0..123 {
        write(&format!("assets/{number}"), "x");
    }
    assert_eq!(gather(folder.path()).unwrap().len(), 128);
    write("assets/one-more", "x");
    insta::assert_snapshot!(show(gather(folder.path())), @r"file-invalid: a skill has at most 128 files: remove some, or join them");
}

#[test]
fn a_section_that_is_too_large_is_not_written() {
    let files = with((0..4).map(|number| file(&format!("a/{number}"), vec![0; 1024 * 1024])));
    let outcome = section::write("", "", &files).map(drop);
    let few = with((0..2).map(|number| file(&format!("a/{number}"), vec![0; 1024 * 1024])));
    let room = 4 * 1024 * 1024 - section::write("", "", &few).unwrap().len();
    assert!(section::write(&"x".repeat(room), "", &few).is_ok());
    assert!(section::write(&"x".repeat(room + 1), "", &few).is_err());
    insta::assert_snapshot!(show(outcome), @r"declaration-too-large: skill.toml, the WIT and the files take 5592707 bytes together and may take 4194304: remove files or make them smaller");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_embedded_is_read_back(
        contents in prop::collection::btree_map("[a-z]{1,8}", prop::collection::vec(any::<u8>(), 0..512), 0..6),
        major in 0..1000_u64,
    ) {
        let more = contents.into_iter().map(|(name, content)| file(&format!("assets/{name}"), content));
        let files = with(more);
        let about = manifest("acme/deck", &format!("{major}.0.0"));
        let made = embed(&component(WIT), &about, WIT, &files).unwrap();
        let read = Declaration::read(&made).unwrap();
        prop_assert_eq!(read.files(), files.as_slice());
        prop_assert_eq!(read.manifest().skill.version.major, major);
    }
}

/// Bytes changed at random: most of them no longer make sense.
fn damage(good: &[u8], changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut bad = good.to_vec();
    for (place, byte) in changes {
        let place = place.index(bad.len());
        bad[place] = *byte;
    }
    bad
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_components_are_refused_in_good_order(changes in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4)) {
        let good = crate::fixture::skill("1.0.0");
        if let Err(error) = Declaration::read(&damage(&good, &changes)) {
            prop_assert!(!error.told().is_empty());
        }
    }

    #[test]
    fn damaged_wit_is_refused_in_good_order(changes in prop::collection::vec((any::<prop::sample::Index>(), b' '..b'~'), 1..4)) {
        let bad = String::from_utf8(damage(RICH_WIT.as_bytes(), &changes)).unwrap();
        if let Err(error) = crate::Interface::parse(&bad, &parsed("acme/deck")) {
            prop_assert!(!error.told().is_empty());
        }
    }
}

/// WIT that uses most of the language.
const RICH_WIT: &str = "package acme:deck@0.1.0;
/// Shared.
interface types { @since(version = 0.1.0) record r { a: u8, b: list<string> } variant v { n, s(r) } enum e { one, two }
  flags f { x, y } resource q { constructor(a: u8); m: func() -> own<q>; s: static func(a: borrow<q>); } type t = tuple<r, v>; }
interface tools { use types.{r, v as w}; use other:pack/more@1.2.3.{z}; go: func(a: r, b: option<w>, c: z) -> result<list<u8>, string>; }
world base { import types; import log: func(a: string); import inline: interface { f: func(); } }
world deck { include base with { log as logs }; export tools; export run: func() -> result; }
package other:pack@1.2.3 { interface more { record z { a: char, b: f64 } } world empty { } }
";
