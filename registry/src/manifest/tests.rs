//! `skill.toml` as authors write it, well and badly.

use super::{Manifest, ToolHints};
use crate::fixture::show;

const SKILL: &str = "[skill]
name = 'acme/deck'
version = '1.2.3-rc.1'
summary = 'Makes decks.'
license = 'Apache-2.0'
";

/// What is said of a manifest in which one text is another.
fn change(from: &str, to: &str) -> String {
    let changed = SKILL.replacen(from, to, 1);
    assert_ne!(changed, SKILL, "{from}");
    read(&changed)
}

fn read(text: &str) -> String {
    show(Manifest::parse(text))
}

fn with(more: &str) -> String {
    read(&format!("{SKILL}{more}"))
}

#[test]
fn a_manifest_says_all_this() {
    let text = format!(
        "{SKILL}source = 'https://example.org'
        [wit]
        path = 'types'
        world = 'deck'
        [tools.make]
        title = 'Make a deck'
        idempotent = true
        destructive = false
        [[bindings]]
        kind = 'http'
        name = 'jira'
        reason = 'Reads issues.'
        [limits]
        memory-mib = 128
        deadline-ms = 1000"
    );
    let manifest = Manifest::parse(&text).unwrap();
    insta::assert_json_snapshot!(manifest, @r#"
    {
      "skill": {
        "name": "acme/deck",
        "version": "1.2.3-rc.1",
        "summary": "Makes decks.",
        "license": "Apache-2.0",
        "source": "https://example.org"
      },
      "wit": {
        "path": "types",
        "world": "deck"
      },
      "tools": {
        "make": {
          "title": "Make a deck",
          "read-only": false,
          "idempotent": true,
          "destructive": false
        }
      },
      "bindings": [
        {
          "kind": "http",
          "name": "jira",
          "reason": "Reads issues."
        }
      ],
      "limits": {
        "memory-mib": 128,
        "deadline-ms": 1000
      }
    }
    "#);
    assert_eq!(Manifest::parse(&toml::to_string(&manifest).unwrap()).unwrap(), manifest);
}

#[test]
fn what_is_left_out_has_a_default() {
    let manifest = Manifest::parse(SKILL).unwrap();
    assert_eq!((manifest.wit.path.as_str(), manifest.wit.world), ("wit", None));
    assert!(manifest.tools.is_empty() && manifest.bindings.is_empty());
}

#[test]
fn a_tool_is_assumed_to_be_the_worse() {
    let hints = |read_only, destructive| ToolHints {
        read_only,
        destructive,
        ..ToolHints::default()
    };
    assert!(hints(false, None).is_destructive());
    assert!(hints(false, Some(true)).is_destructive());
    assert!(!hints(false, Some(false)).is_destructive());
    assert!(!hints(true, None).is_destructive());
}

#[test]
fn sentences_are_one_line_that_everybody_sees() {
    let long = |most: usize| "x".repeat(most);
    for good in [
        change("Makes decks.", &long(1024)),
        change("Apache-2.0", &long(256)),
        with(&format!("source = '{}'", long(1024))),
        with(&format!(
            "[[bindings]]\nkind = 'http'\nname = 'a'\nreason = '{}'",
            long(512)
        )),
        with(&format!("[tools.a]\ntitle = '{}'", long(128))),
    ] {
        assert_eq!(good, "accepted");
    }
    insta::assert_snapshot!([
        change("Makes decks.", &long(1025)),
        change("Makes decks.", " "),
        change("'Makes decks.'", "\"Makes\\ndecks.\""),
        change("Makes decks.", "Makes\u{202e} decks."),
        change("Apache-2.0", &long(257)),
        with(&format!("source = '{}'", long(1025))),
        with(&format!("[[bindings]]\nkind = 'http'\nname = 'a'\nreason = '{}'", long(513))),
        with("[[bindings]]\nkind = 'http'\nname = 'a'\nreason = ''"),
        with(&format!("[tools.a]\ntitle = '{}'", long(129))),
    ].join("\n"), @r"
    manifest-invalid: skill.toml: `skill.summary` must be 1 to 1,024 characters on one line, none of them hidden
    manifest-invalid: skill.toml: `skill.summary` must be 1 to 1,024 characters on one line, none of them hidden
    manifest-invalid: skill.toml: `skill.summary` must be 1 to 1,024 characters on one line, none of them hidden
    manifest-invalid: skill.toml: `skill.summary` must be 1 to 1,024 characters on one line, none of them hidden
    manifest-invalid: skill.toml: `skill.license` must be an SPDX expression such as `Apache-2.0`
    manifest-invalid: skill.toml: `skill.source` must be a URL of at most 1,024 characters
    manifest-invalid: skill.toml: each binding needs a `reason` of 1 to 512 characters
    manifest-invalid: skill.toml: each binding needs a `reason` of 1 to 512 characters
    manifest-invalid: skill.toml: a tool's `title` must be 1 to 128 characters
    ");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let binding = "[[bindings]]\nkind = 'http'\nname = 'jira'\nreason = 'x'\n";
    let other = binding.replace("jira", "mail");
    assert_eq!(with(&format!("{binding}{other}")), "accepted");
    insta::assert_snapshot!([
        read(""),
        change("acme/deck", "deck"),
        change("1.2.3-rc.1", "1.2"),
        change("license", "licence"),
        with("[tools.a]\nharmless = true"),
        with("[tools.a]\nread-only = true\ndestructive = true"),
        with(&format!("{binding}{other}{binding}")),
        with("[limits]\nmemory-mib = -1"),
        with("[more]"),
    ].join("\n"), @r"
    manifest-invalid: skill.toml cannot be used: TOML parse error at line 1, column 1
      |
    1 | 
      | ^
    missing field `skill`

    manifest-invalid: skill.toml cannot be used: TOML parse error at line 2, column 8
      |
    2 | name = 'deck'
      |        ^^^^^^
    `deck` is not the name of a skill: write `namespace/name`

    manifest-invalid: skill.toml cannot be used: TOML parse error at line 3, column 11
      |
    3 | version = '1.2'
      |           ^^^^^
    unexpected end of input while parsing minor version number

    manifest-invalid: skill.toml cannot be used: TOML parse error at line 5, column 1
      |
    5 | licence = 'Apache-2.0'
      | ^^^^^^^
    unknown field `licence`, expected one of `name`, `version`, `summary`, `license`, `source`

    manifest-invalid: skill.toml cannot be used: TOML parse error at line 7, column 1
      |
    7 | harmless = true
      | ^^^^^^^^
    unknown field `harmless`, expected one of `title`, `read-only`, `idempotent`, `destructive`

    manifest-invalid: skill.toml: a tool cannot be both `read-only` and `destructive`
    manifest-invalid: skill.toml: the same binding is asked for twice
    manifest-invalid: skill.toml cannot be used: TOML parse error at line 7, column 14
      |
    7 | memory-mib = -1
      |              ^^
    invalid value: integer `-1`, expected u32

    manifest-invalid: skill.toml cannot be used: TOML parse error at line 6, column 2
      |
    6 | [more]
      |  ^^^^
    unknown field `more`, expected one of `skill`, `wit`, `tools`, `bindings`, `limits`
    ");
}
