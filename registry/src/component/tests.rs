//! Components, good and bad, and what is written into them.

use std::borrow::Cow;

use wasm_encoder::{ComponentSection, CustomSection, Encode};
use wit_parser::Resolve;

use super::{Component, MOST_COMPONENT, MOST_SECTION, SECTION, check_declared, embed};
use crate::Declaration;
use crate::fixture::{WIT, component, file, manifest, show, skill, skill_md};

/// The component with one more outer custom section.
fn with(component: &[u8], name: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = component.to_vec();
    CustomSection {
        name: Cow::Borrowed(name),
        data: Cow::Borrowed(data),
    }
    .append_to_component(&mut bytes);
    bytes
}

/// A component that holds another one.
fn around(component: &[u8]) -> Vec<u8> {
    let mut bytes = wasm_encoder::Component::HEADER.to_vec();
    bytes.push(4);
    component.encode(&mut bytes);
    bytes
}

fn document(more: &str) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    format!(
        "{{\"version\":1,\"manifest\":{},\"wit\":{},\"files\":[{{\"path\":\"SKILL.md\",\"content\":\"LS0tCm5hbWU6IGRlY2sKZGVzY3JpcHRpb246IHgKLS0tCg==\"}}]{more}}}",
        quoted(&manifest("acme/deck", "1.0.0")),
        quoted(WIT)
    )
}

#[test]
fn a_component_that_declares_itself_is_read_back() {
    let files = [skill_md("deck"), file("assets/a.bin", vec![0, 1, 255])];
    let made = embed(&component(WIT), &manifest("acme/deck", "1.0.0"), WIT, &files).unwrap();
    let read = Declaration::read(&made).unwrap();
    let [skill, asset] = files;
    assert_eq!(read.wit(), WIT);
    assert_eq!(read.files(), [skill, asset]);
    assert_eq!(read.manifest(), &crate::fixture::parsed("acme/deck"));
    assert_eq!(read.interface().tools().len(), 1);
}

#[test]
fn embedding_again_replaces_and_gives_the_same_bytes() {
    let files = [skill_md("deck")];
    let about = manifest("acme/deck", "1.0.0");
    let once = embed(&component(WIT), &about, WIT, &files).unwrap();
    assert_eq!(embed(&component(WIT), &about, WIT, &files).unwrap(), once);
    assert_eq!(embed(&once, &about, WIT, &files).unwrap(), once);
    let newer = embed(&once, &manifest("acme/deck", "2.0.0"), WIT, &files).unwrap();
    assert_eq!(
        newer,
        embed(&component(WIT), &manifest("acme/deck", "2.0.0"), WIT, &files).unwrap()
    );
}

#[test]
fn other_tools_see_the_name_and_the_version() {
    let stale = with(&with(&component(WIT), "version", b"0.9.0"), "description", b"stale");
    let made = embed(&stale, &manifest("acme/deck", "1.0.0"), WIT, &[skill_md("deck")]).unwrap();
    let payload = wasm_metadata::Payload::from_binary(&made).unwrap();
    let seen = payload.metadata();
    insta::assert_snapshot!(format!(
        "{:?} {:?} {:?} {:?} {:?}",
        seen.name,
        seen.version.as_ref().map(ToString::to_string),
        seen.description.as_ref().map(ToString::to_string),
        seen.licenses.as_ref().map(ToString::to_string),
        seen.source.as_ref().map(ToString::to_string)
    ), @r#"Some("acme/deck") Some("1.0.0") Some("Makes decks.") Some("Apache-2.0") Some("https://example.org/deck")"#);
    let sections = wasmparser::Parser::new(0).parse_all(&made).filter(
        |payload| matches!(payload, Ok(wasmparser::Payload::CustomSection(section)) if section.name() == "version"),
    );
    assert_eq!(sections.count(), 1);
}

#[test]
fn sections_of_others_stay_as_they_are() {
    let inner = with(&component(WIT), "version", b"of the inner one");
    let outer = with(
        &[component(WIT).as_slice(), &around(&inner)[8..]].concat(),
        "notes",
        b"of somebody",
    );
    let made = embed(&outer, &manifest("acme/deck", "1.0.0"), WIT, &[skill_md("deck")]).unwrap();
    let kept = |data: &[u8]| made.windows(data.len()).any(|window| window == data);
    assert!(kept(b"of the inner one") && kept(b"of somebody"));
}

#[test]
fn a_component_has_a_largest_size() {
    let full = with(&component(WIT), SECTION, document("").as_bytes());
    // Name and lengths of the section take the rest.
    let pad = |size: usize| with(&full, "pad", &vec![0; size - full.len() - 9]);
    let largest = pad(MOST_COMPONENT);
    assert_eq!(
        (largest.len(), show(Declaration::read(&largest))),
        (MOST_COMPONENT, "accepted".to_owned())
    );
    assert!(show(Declaration::read(&pad(MOST_COMPONENT + 1))).starts_with("not-a-component: "));
}

#[test]
fn a_licence_or_source_that_others_could_not_read_is_refused() {
    let refuse = |from: &str, to: &str| {
        let about = manifest("acme/deck", "1.0.0").replace(from, to);
        show(embed(&component(WIT), &about, WIT, &[skill_md("deck")]))
    };
    insta::assert_snapshot!([
        refuse("Apache-2.0", "Apache 2 or so"),
        refuse("https://example.org/deck", "beside the desk"),
    ].join("\n"), @r"
    manifest-invalid: `skill.license` must be an SPDX expression and `skill.source` a URL
    manifest-invalid: `skill.license` must be an SPDX expression and `skill.source` a URL
    ");
}

#[test]
fn what_is_no_component_says_what_it_is() {
    let mut resolve = Resolve::new();
    let package = resolve.push_source("a.wit", WIT).unwrap();
    let wit = wit_component::encode(&resolve, package).unwrap();
    let good = component(WIT);
    let mut large = good.clone();
    large.resize(MOST_COMPONENT + 1, 0);
    let cases: [(&str, &[u8]); 9] = [
        ("nothing", b""),
        ("text", b"hello"),
        ("module", b"\0asm\x01\0\0\0"),
        (
            "module with more",
            &[b"\0asm\x01\0\0\0".as_slice(), &[0, 2, 1, 65]].concat(),
        ),
        ("wit", &wit),
        ("cut short", &good[..good.len() - 3]),
        ("only a header", b"\0asm\x0d\0\x01\0"),
        ("junk after the header", b"\0asm\x0d\0\x01\0\xff\xff\xff"),
        ("too large", &large),
    ];
    let shown: Vec<_> = cases
        .iter()
        .map(|(name, bytes)| format!("{name} -> {}", show(Declaration::read(bytes))))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    nothing -> not-a-component: these bytes are not a WebAssembly component: give the `.wasm` file that the build made
    text -> not-a-component: these bytes are not a WebAssembly component: give the `.wasm` file that the build made
    module -> not-a-component: this is a core WebAssembly module: build it for a component target such as wasm32-wasip2
    module with more -> not-a-component: this is a core WebAssembly module: build it for a component target such as wasm32-wasip2
    wit -> not-a-component: this is a WIT package, which holds types and no code: give the component that was built for it
    cut short -> not-a-component: the component is not valid at byte 1002: unexpected end-of-file; build it again
    only a header -> declaration-missing: the component has no section `skillhost:skill` that says what it is: publish it with `skillhost publish`, or with `skillhost publish --wasm FILE --manifest skill.toml` where it was built by other tools
    junk after the header -> not-a-component: the component is not valid at byte 8: malformed section id; build it again
    too large -> not-a-component: the component has 33554433 bytes and may have 33554432: build it for release and strip it
    ");
}

#[test]
fn the_section_stands_once_and_outside() {
    let bare = component(WIT);
    let good = document("");
    let good = good.as_bytes();
    let full = with(&bare, SECTION, good);
    assert_eq!(show(Declaration::read(&full)), "accepted");
    // One inside another component, or inside its module, is not seen.
    let module = CustomSection {
        name: Cow::Borrowed(SECTION),
        data: Cow::Borrowed(good),
    };
    let mut with_module = wasm_encoder::Component::new();
    let mut inner_module = wasm_encoder::Module::new();
    inner_module.section(&module);
    with_module.section(&wasm_encoder::ModuleSection(&inner_module));
    let mut padded = good.to_vec();
    padded.resize(MOST_SECTION, b' ');
    assert_eq!(show(Declaration::read(&with(&bare, SECTION, &padded))), "accepted");
    padded.push(b' ');
    let cases = [
        ("missing", bare.clone()),
        ("other name", with(&bare, "skillhost:skill2", good)),
        ("twice", with(&full, SECTION, good)),
        ("nested", around(&full)),
        ("in a module", with_module.finish()),
        ("too large", with(&bare, SECTION, &padded)),
    ];
    let shown: Vec<_> = cases
        .iter()
        .map(|(name, bytes)| format!("{name} -> {}", show(Declaration::read(bytes))))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    missing -> declaration-missing: the component has no section `skillhost:skill` that says what it is: publish it with `skillhost publish`, or with `skillhost publish --wasm FILE --manifest skill.toml` where it was built by other tools
    other name -> declaration-missing: the component has no section `skillhost:skill` that says what it is: publish it with `skillhost publish`, or with `skillhost publish --wasm FILE --manifest skill.toml` where it was built by other tools
    twice -> declaration-repeated: the component has 2 sections `skillhost:skill` and may have one: publish it again with `skillhost publish`
    nested -> declaration-missing: the component has no section `skillhost:skill` that says what it is: publish it with `skillhost publish`, or with `skillhost publish --wasm FILE --manifest skill.toml` where it was built by other tools
    in a module -> declaration-missing: the component has no section `skillhost:skill` that says what it is: publish it with `skillhost publish`, or with `skillhost publish --wasm FILE --manifest skill.toml` where it was built by other tools
    too large -> declaration-too-large: the section `skillhost:skill` has 4194305 bytes and may have 4194304: remove files or make them smaller
    ");
    // A nested section beside the outer one changes nothing.
    let both = with(&[bare.as_slice(), &around(&full)[8..]].concat(), SECTION, good);
    assert_eq!(show(Declaration::read(&both)), "accepted");
}

#[test]
fn the_section_is_read_strictly() {
    let bare = component(WIT);
    let good = document("");
    let read = |text: &str| show(Declaration::read(&with(&bare, SECTION, text.as_bytes())));
    let change = |from: &str, to: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        read(&changed)
    };
    insta::assert_snapshot!([
        read(""),
        read("[]"),
        read("{\"version\":2,\"parts\":[]}"),
        change("\"version\":1", "\"version\":0"),
        change("\"version\":1", "\"version\":\"1\""),
        change("\"version\":1,", ""),
        read(&document(",\"more\":1")),
        read(&document(",\"version\":1")),
        read(&format!("{good}{{}}")),
        change("\"path\"", "\"more\":1,\"path\""),
        change("\"path\"", "\"path\":\"x\",\"path\""),
        change("LS0tCm5", "*"),
        change("Cg==", "Ch=="),
        change("Cg==", "Cg"),
        change("[skill]", "[skills]"),
        change("acme/deck", "acme"),
        change("interface tools", "interface"),
        change("world deck", "world"),
    ].join("\n"), @r#"
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-version: the section `skillhost:skill` has version 2 and this host reads 1: update the host
    declaration-version: the section `skillhost:skill` has version 0 and this host reads 1: update the host
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, it does not have the form of version 1: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, the content of a file is not base64: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, the content of a file is not base64: publish the skill again with `skillhost publish`
    declaration-malformed: the section `skillhost:skill` cannot be read, the content of a file is not base64: publish the skill again with `skillhost publish`
    manifest-invalid: skill.toml cannot be used: TOML parse error at line 1, column 2
      |
    1 | [skills]
      |  ^^^^^^
    unknown field `skills`, expected one of `skill`, `wit`, `tools`, `bindings`, `limits`

    manifest-invalid: skill.toml cannot be used: TOML parse error at line 2, column 8
      |
    2 | name = "acme"
      |        ^^^^^^
    `acme` is not the name of a skill: write `namespace/name`

    interface-invalid: the WIT cannot be used: expected an identifier or string, found '{'
         --> skill.wit:3:11
          |
        3 | interface {
          |           ^
    interface-invalid: the WIT cannot be used: expected an identifier or string, found '{'
         --> skill.wit:8:7
          |
        8 | world {
          |       ^
    "#);
}

#[test]
fn the_names_of_imports_and_exports_are_listed() {
    let made = skill("1.0.0");
    let read = Component::read(&made).unwrap();
    assert_eq!(
        (read.imports(), read.exports()),
        ([].as_slice(), ["acme:deck/tools@0.1.0"].as_slice())
    );
    let made = wat::parse_str(r#"(component (import "b:c/d@0.1.0" (instance)) (import "a" (func)))"#).unwrap();
    assert_eq!(Component::read(&made).unwrap().imports(), ["b:c/d@0.1.0", "a"]);
}

#[test]
fn a_component_declares_itself_and_no_part_of_it_does() {
    let declared = |text: &str| show(check_declared(&wat::parse_str(text).unwrap()));
    let good = [
        "(component (@custom \"skillhost:skill\" \"\"))",
        "(component (component) (core module) (@custom \"skillhost:skill\" \"\"))",
    ];
    let bare = [
        "(component)",
        "(component (@custom \"other\" \"\"))",
        "(component (component (@custom \"skillhost:skill\" \"\")))",
        "(component (core module (@custom \"skillhost:skill\" \"\")))",
        "(component (component (@custom \"other\" \"\")) (@custom \"other\" \"\"))",
    ];
    for text in good {
        assert_eq!(declared(text), "accepted", "{text}");
    }
    for text in bare {
        assert!(declared(text).starts_with("declaration-missing: "), "{text}");
    }
    // What is no component is somebody else's to say.
    assert_eq!(show(check_declared(b"no component")), "accepted");
}
