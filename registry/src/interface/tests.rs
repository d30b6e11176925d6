//! Worlds, and which of their functions are tools.

use super::{Interface, gather};
use crate::manifest::Manifest;

fn manifest(more: &str) -> Manifest {
    let text = format!(
        "{more}\n[skill]\nname = \"acme/deck\"\nversion = \"1.0.0\"\nsummary = \"Makes decks.\"\nlicense = \"MIT\"\n"
    );
    Manifest::parse(&text).unwrap()
}

/// The tools as `name (export) docs`, or the refusal as `code: told`.
fn read(wit: &str, more: &str) -> String {
    match Interface::parse(wit, &manifest(more)) {
        Ok(interface) => {
            let show = |tool: &super::Tool| {
                let docs = tool.function().docs.contents.as_deref().unwrap_or_default();
                let shown = format!("{} ({}) {docs}", tool.name(), tool.export().unwrap_or("-"));
                shown.trim_end().to_owned()
            };
            interface.tools().iter().map(show).collect::<Vec<_>>().join("\n")
        }
        Err(error) => format!("{}: {}", error.code(), error.told()),
    }
}

#[test]
fn tools_are_the_functions_of_the_exported_interface() {
    insta::assert_snapshot!(read(
        "package acme:deck@0.1.0;
        interface tools {
            /// Makes a deck.
            make: func(title: string) -> result<string, string>;
            check-outline: func() -> bool;
        }
        interface unused { never: func(); }
        world deck { export tools; }",
        ""
    ), @r"
    check-outline (acme:deck/tools@0.1.0)
    make (acme:deck/tools@0.1.0) Makes a deck.
    ");
}

#[test]
fn tools_of_several_interfaces_carry_the_interface() {
    insta::assert_snapshot!(read(
        "package acme:deck;
        interface a { run: func(); }
        interface b { run: func(); }
        world deck { export a; export b; export c: interface { run: func(); } export run: func(); }",
        ""
    ), @r"
    a.run (acme:deck/a)
    b.run (acme:deck/b)
    c.run (c)
    run (-)
    ");
}

#[test]
fn what_cannot_be_a_tool_is_refused() {
    let nested = |depth: usize| {
        let types: String = (1..depth).map(|n| format!("type t{n} = list<t{}>;\n", n - 1)).collect();
        format!(
            "package a:b; interface i {{ type t0 = u8; {types} f: func(x: t{}); }} world w {{ export i; }}",
            depth - 1
        )
    };
    let doubled: String = (1..20)
        .map(|n| format!("type t{n} = tuple<t{0}, t{0}>;", n - 1))
        .collect();
    let world = |items: &str| format!("package a:b; {items}");
    let cases = [
        world("world w { }"),
        world("interface i { } world w { export i; }"),
        world("interface i { resource r; f: func(); } world w { export i; }"),
        world("interface h { resource r; } interface i { use h.{r}; f: func(x: list<own<r>>); } world w { export i; }"),
        world("interface h { resource r; } interface i { use h.{r}; f: func(x: borrow<r>); } world w { export i; }"),
        world("interface i { f: func() -> option<stream<u8>>; } world w { export i; }"),
        world("interface i { f: func(x: future<u8>); } world w { export i; }"),
        world("interface i { f: func(x: error-context); } world w { export i; }"),
        world("interface i { f: func(x: map<string, u8>); } world w { export i; }"),
        world("interface i { f: async func(); } world w { export i; }"),
        world("world w { export f: async func(); }"),
        world(&format!("world w {{ export f{}: func(); }}", "-long".repeat(26))),
        nested(32),
        nested(4000),
        world(&format!(
            "interface i {{ type t0 = u8; {doubled} f: func(x: t19); }} world w {{ export i; }}"
        )),
        "package a:b; package c:d { interface i { f: func(); } } package e:f { interface i { f: func(); } }
         world w { export c:d/i; export e:f/i; }"
            .to_owned(),
    ];
    let refused: Vec<_> = cases.iter().map(|wit| read(wit, "")).collect();
    insta::assert_snapshot!(refused.join("\n"), @r"
    tool-invalid: the world exports no function, so the skill has no tool
    tool-invalid: the world exports no function, so the skill has no tool
    tool-invalid: `a:b/i` defines the resource `r`: tools take and give plain values, so export an interface without it
    tool-invalid: the tool `f` has `resource` in its signature: tools take and give plain values
    tool-invalid: the tool `f` has `resource` in its signature: tools take and give plain values
    tool-invalid: the tool `f` has `stream` in its signature: tools take and give plain values
    tool-invalid: the tool `f` has `future` in its signature: tools take and give plain values
    tool-invalid: the tool `f` has `error-context` in its signature: tools take and give plain values
    tool-invalid: the tool `f` has `map` in its signature: tools take and give plain values
    tool-invalid: the tool `f` is async: make it a plain function
    tool-invalid: the tool `f` is async: make it a plain function
    tool-invalid: the tool `f-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long` has a name of more than 128 characters: shorten it
    tool-invalid: the tool `f` has a signature of 33 types, 33 deep: at most 10000 and 32 are allowed
    tool-invalid: the tool `f` has a signature of 4001 types, 4001 deep: at most 10000 and 32 are allowed
    tool-invalid: the tool `f` has a signature of 1572863 types, 21 deep: at most 10000 and 32 are allowed
    tool-invalid: two tools are named `i.f`: rename one of the interfaces or functions
    ");
}

#[test]
fn names_and_descriptions_have_a_longest_size() {
    let world = |name: usize, docs: usize| {
        let (name, docs) = ("f".repeat(name), "x".repeat(docs));
        read(
            &format!("package a:b; world w {{\n/// {docs}\nexport {name}: func(); }}"),
            "",
        )
    };
    assert!(!world(128, 1).contains("tool-invalid"));
    assert!(world(129, 1).contains("tool-invalid"));
    assert!(!world(1, 8192).contains("tool-invalid"));
    insta::assert_snapshot!(world(1, 8193), @r"tool-invalid: the tool `f` has a description of more than 8192 bytes: move the rest into SKILL.md");
}

#[test]
fn signatures_have_a_largest_size() {
    let deep = |depth: usize| {
        let ty = (1..depth).fold("u8".to_owned(), |ty, _| format!("list<{ty}>"));
        read(&format!("package a:b; world w {{ export f: func(x: {ty}); }}"), "")
    };
    assert_eq!(deep(32), "f (-)");
    assert!(deep(33).starts_with("tool-invalid: "));
    let wide = |count: usize| {
        let fields: String = (0..99).map(|n| format!("x{n}: u8, ")).collect();
        let params: Vec<_> = (0..count).map(|n| format!("p{n}: r")).collect();
        read(
            &format!(
                "package a:b; world w {{ record r {{ {fields} }} export f: func({}); }}",
                params.join(", ")
            ),
            "",
        )
    };
    assert_eq!(wide(100), "f (-)");
    assert!(wide(101).starts_with("tool-invalid: "));
}

#[test]
fn wit_that_cannot_be_read_is_refused() {
    let long = format!("package a:b; // {}", "x".repeat(super::MOST_WIT));
    let cases = [
        "",
        "world w {",
        "package a:b; world w { export c:d/i; }",
        "package a:b; interface i {}",
        "package a:b; world v { } world w { }",
        "package a:b; /// Nice\u{200b} tool
         world w { }",
        "package a:b; /// \u{e0041}\u{e0042}
         world w { }",
        "package a:b; /**/ world w { }",
        long.as_str(),
    ];
    let refused: Vec<_> = cases.iter().map(|wit| read(wit, "")).collect();
    insta::assert_snapshot!(refused.join("\n"), @r"
    interface-invalid: the WIT cannot be used: no `package` header was found in any WIT file for this package
    interface-invalid: the WIT cannot be used: expected `import`, `export`, `include`, `use`, or type definition, found eof
         --> skill.wit:1:10
          |
        1 | world w {
          |          ^
    interface-invalid: the WIT cannot be used: package 'c:d' not found. known packages:
        a:b
         --> skill.wit:1:31
          |
        1 | package a:b; world w { export c:d/i; }
          |                               ^--
    interface-invalid: say which world the skill implements as `wit.world` in skill.toml: the WIT holds no world
    interface-invalid: say which world the skill implements as `wit.world` in skill.toml: the WIT holds `v`, `w`
    interface-invalid: the WIT cannot be used: it holds U+200B, which readers do not see
    interface-invalid: the WIT cannot be used: it holds U+E0041, which readers do not see
    interface-invalid: the WIT cannot be used: it holds an empty comment, `/**/`, which no parser of WIT takes well: leave it out
    declaration-too-large: the WIT has 262160 bytes and may have 262144: leave packages out of `deps` that the world does not need
    ");
}

#[test]
fn the_manifest_chooses_among_worlds() {
    let wit = "package a:b; world v { export f: func(); } world w { export g: func(); }";
    assert_eq!(read(wit, "wit.world = 'w'"), "g (-)");
    insta::assert_snapshot!(read(wit, "wit.world = 'x'"), @r"interface-invalid: say which world the skill implements as `wit.world` in skill.toml: the WIT holds `v`, `w`");
}

#[test]
fn hints_are_for_tools_that_exist() {
    let wit = "package a:b; world w { export f: func(); export g: func(); }";
    insta::assert_snapshot!(read(wit, "tools.h.read-only = true"), @r"tool-invalid: skill.toml describes the tool `h`, which the world does not export: its tools are `f`, `g`");
    let hinted = Interface::parse(wit, &manifest("tools.f = { read-only = true, title = 'F' }")).unwrap();
    let [f, g] = hinted.tools() else { panic!("two tools") };
    assert_eq!((f.hints().read_only, f.hints().is_destructive()), (true, false));
    assert_eq!(f.hints().title.as_deref(), Some("F"));
    assert_eq!((g.hints().read_only, g.hints().is_destructive()), (false, true));
    assert_eq!(hinted.tool("g").map(super::Tool::name), Some("g"));
    assert!(hinted.tool("h").is_none());
}

#[test]
fn a_folder_becomes_one_text_with_its_docs() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "deck.wit",
        "package acme:deck@0.1.0;
        /// Makes decks.
        world deck { include skillhost:skill/skill@0.1.0; export tools; }",
    );
    write(
        "tools.wit",
        "/// About the tools.
        interface tools {
            use skillhost:skill/errors@0.1.0.{tool-error};
            /// What to make.
            record outline { /// Shown first.\r\n title: string }
            /// Makes a deck.
            make: func(outline: outline) -> result<string, tool-error>;
        }",
    );
    write(
        "deps/skill/skill.wit",
        "package skillhost:skill@0.1.0;
        world skill { import logging; import wasi:clocks/wall-clock@0.2.3; }
        /// What went wrong.
        interface errors { record tool-error { /// To branch on.\n code: string } }
        interface logging { log: func(message: string); }",
    );
    write(
        "deps/clocks.wit",
        "package wasi:clocks@0.2.3;
        /// Long words of WASI.
        interface wall-clock { now: func() -> u64; }",
    );
    write("deps/unused.wit", "package un:used; interface i { }");
    let text = gather(folder.path()).unwrap();
    insta::assert_snapshot!(text, @r"
    package acme:deck@0.1.0;

    /// About the tools.
    interface tools {
      use skillhost:skill/errors@0.1.0.{tool-error};

      /// What to make.
      record outline {
        /// Shown first.
        title: string,
      }

      /// Makes a deck.
      make: func(outline: outline) -> result<string, tool-error>;
    }

    /// Makes decks.
    world deck {
      import skillhost:skill/logging@0.1.0;
      import wasi:clocks/wall-clock@0.2.3;
      import skillhost:skill/errors@0.1.0;

      export tools;
    }

    package skillhost:skill@0.1.0 {
      /// What went wrong.
      interface errors {
        record tool-error {
          /// To branch on.
          code: string,
        }
      }
      interface logging {
        log: func(message: string);
      }
      world skill {
        import logging;
        import wasi:clocks/wall-clock@0.2.3;
      }
    }

    package wasi:clocks@0.2.3 {
      interface wall-clock {
        now: func() -> u64;
      }
    }
    ");
    assert_eq!(read(&text, ""), "make (acme:deck/tools@0.1.0) Makes a deck.");
    // Written once more, it is the same text.
    let again = tempfile::tempdir().unwrap();
    std::fs::write(again.path().join("skill.wit"), &text).unwrap();
    assert_eq!(gather(again.path()).unwrap(), text);
}

#[test]
fn a_folder_that_is_no_wit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.wit"),
        "package a:b; interface i { f: func(x: y); }",
    )
    .unwrap();
    let error = gather(folder.path()).unwrap_err();
    insta::assert_snapshot!(format!("{}: {}", error.code(), error.told()), @r"
    interface-invalid: the WIT cannot be used: failed to parse package: wit: name `y` does not exist
         --> wit/a.wit:1:39
          |
        1 | package a:b; interface i { f: func(x: y); }
          |                                       ^
    ");
    std::fs::write(
        folder.path().join("a.wit"),
        "package a:b; interface i { /**/ f: func(); }",
    )
    .unwrap();
    let error = gather(folder.path()).unwrap_err();
    assert!(error.told().contains("empty comment"), "{}", error.told());
    assert!(gather(&folder.path().join("absent")).is_err());
}
