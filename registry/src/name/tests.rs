//! Names, and what only looks like one.

use super::{Label, SkillName};
use crate::fixture::show;

#[test]
fn a_label_is_what_agent_skills_call_a_name() {
    let long = "a".repeat(64);
    for good in ["a", "0", "a-b-c", "powerpoint2", &long] {
        assert_eq!(good.parse::<Label>().unwrap().as_str(), good);
    }
    let long = "a".repeat(65);
    for bad in [
        "",
        "-a",
        "a-",
        "a--b",
        "A",
        "a_b",
        "a.b",
        "a b",
        "a/b",
        "\u{430}",
        "caf\u{e9}",
        "a\n",
        &long,
    ] {
        assert!(bad.parse::<Label>().is_err(), "{bad:?}");
    }
    insta::assert_snapshot!(show("A\u{202e}b".parse::<Label>()), @r"name-malformed: `A\u{202e}b` cannot be a name: use 1 to 64 of a-z, 0-9 and single hyphens inside");
}

#[test]
fn the_name_of_a_skill_has_two_parts() {
    let name: SkillName = "acme/deck".parse().unwrap();
    assert_eq!((name.namespace().as_str(), name.name().as_str()), ("acme", "deck"));
    assert_eq!(
        (
            name.to_string().as_str(),
            SkillName::new("acme".parse().unwrap(), "deck".parse().unwrap())
        ),
        ("acme/deck", name.clone())
    );
    assert_eq!(serde_json::to_string(&name).unwrap(), "\"acme/deck\"");
    assert_eq!(serde_json::from_str::<SkillName>("\"acme/deck\"").unwrap(), name);
    for bad in ["", "deck", "/", "acme/", "/deck", "a/b/c", "Acme/deck"] {
        assert!(bad.parse::<SkillName>().is_err(), "{bad:?}");
        assert!(serde_json::from_value::<SkillName>(bad.into()).is_err(), "{bad:?}");
    }
    insta::assert_snapshot!(show("deck".parse::<SkillName>()), @r"name-malformed: `deck` is not the name of a skill: write `namespace/name`");
}
