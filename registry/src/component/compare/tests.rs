//! One text of WIT declared over a component built from another.

use crate::component::Component;
use crate::fixture::{component, parsed, show};
use crate::interface::Interface;

/// Declares one text of WIT over a component with the types of another.
fn compare(declared: &str, real: &str) -> String {
    let real = component(real);
    let read = Component::read(&real).unwrap();
    let interface = Interface::parse(declared, &parsed("acme/deck")).unwrap();
    show(read.compare(&interface))
}

#[test]
fn the_declared_types_are_the_real_ones() {
    let world = |types: &str, function: &str| {
        format!("package acme:deck@0.1.0; interface tools {{ {types} {function} }} world deck {{ export tools; }}")
    };
    let every = "
        record r { a: u8, b: s8, c: u16, d: s16, e: u32, f: s32, g: u64, h: s64, i: f32, j: f64, k: char, l: bool }
        variant v { none, some(string), more(r) }
        enum e { one, two }
        flags fl { x, y }
        type alias = list<tuple<r, option<v>>>;";
    let function =
        "f: func(a: alias, b: e, c: fl, d: result<u8, string>, e: result, g: result<_, u8>) -> result<list<u8>, r>;";
    assert_eq!(compare(&world(every, function), &world(every, function)), "accepted");
    // Names of types, and whether one is an alias, are for readers only.
    let renamed = world(
        "type name = string; record other { a: name }",
        "f: func(x: other) -> name;",
    );
    assert_eq!(
        compare(&renamed, &world("record r { a: string }", "f: func(x: r) -> string;")),
        "accepted"
    );
    let cases = [
        ("", "f: func(a: u8);", "", "f: func(a: u16);"),
        ("", "f: func(a: u8);", "", "f: func(b: u8);"),
        ("", "f: func(a: u8);", "", "f: func();"),
        ("", "f: func(a: u8);", "", "f: func(a: u8, b: u8);"),
        ("", "f: func(a: u8);", "", "f: async func(a: u8);"),
        ("", "f: func() -> u8;", "", "f: func();"),
        ("", "f: func();", "", "f: func() -> u8;"),
        ("", "f: func() -> u8;", "", "f: func() -> string;"),
        ("", "f: func();", "", "g: func();"),
        ("", "f: func(a: list<u8>);", "", "f: func(a: list<s8>);"),
        ("", "f: func(a: list<u8>);", "", "f: func(a: u8);"),
        ("", "f: func(a: u8);", "", "f: func(a: list<u8>);"),
        ("", "f: func(a: list<u8>);", "", "f: func(a: option<u8>);"),
        ("", "f: func(a: option<u8>);", "", "f: func(a: option<string>);"),
        ("", "f: func(a: tuple<u8, u8>);", "", "f: func(a: tuple<u8, u8, u8>);"),
        ("", "f: func(a: tuple<u8, u8>);", "", "f: func(a: tuple<u8, u16>);"),
        ("", "f: func() -> result<u8, u8>;", "", "f: func() -> result<u8, u16>;"),
        ("", "f: func() -> result<u8, u8>;", "", "f: func() -> result<u16, u8>;"),
        ("", "f: func() -> result<_, u8>;", "", "f: func() -> result<u8, u8>;"),
        ("", "f: func() -> result<u8>;", "", "f: func() -> result<u8, u8>;"),
        (
            "record t { a: u8 }",
            "f: func(a: t);",
            "record t { b: u8 }",
            "f: func(a: t);",
        ),
        (
            "record t { a: u8 }",
            "f: func(a: t);",
            "record t { a: u16 }",
            "f: func(a: t);",
        ),
        (
            "record t { a: u8 }",
            "f: func(a: t);",
            "record t { a: u8, b: u8 }",
            "f: func(a: t);",
        ),
        (
            "record t { a: u8, b: u8 }",
            "f: func(a: t);",
            "record t { b: u8, a: u8 }",
            "f: func(a: t);",
        ),
        (
            "variant t { a, b(u8) }",
            "f: func(a: t);",
            "variant t { a, b }",
            "f: func(a: t);",
        ),
        (
            "variant t { a, b(u8) }",
            "f: func(a: t);",
            "variant t { a, c(u8) }",
            "f: func(a: t);",
        ),
        (
            "variant t { a, b(u8) }",
            "f: func(a: t);",
            "variant t { a, b(u8), c }",
            "f: func(a: t);",
        ),
        ("enum t { a, b }", "f: func(a: t);", "enum t { b, a }", "f: func(a: t);"),
        (
            "enum t { a, b }",
            "f: func(a: t);",
            "enum t { a, b, c }",
            "f: func(a: t);",
        ),
        (
            "enum t { a, b }",
            "f: func(a: t);",
            "variant t { a, b }",
            "f: func(a: t);",
        ),
        (
            "flags t { a, b }",
            "f: func(a: t);",
            "flags t { a, c }",
            "f: func(a: t);",
        ),
    ];
    for (declared_types, declared, real_types, real) in cases {
        let shown = compare(&world(declared_types, declared), &world(real_types, real));
        assert!(
            shown.starts_with("interface-mismatch: "),
            "{declared_types} {declared} {real_types} {real}: {shown}"
        );
    }
    insta::assert_snapshot!([
        compare(&world("", "f: func(a: u8);"), &world("", "f: func(a: u16);")),
        compare(&world("", "f: func(a: u8);"), &world("", "f: func(b: u8);")),
        compare(&world("", "f: func() -> u8;"), &world("", "f: func() -> u16;")),
        compare(&world("", "f: func(); g: func();"), &world("", "f: func();")),
        compare(&world("", "f: func();"), &world("", "f: func();").replace("0.1.0", "0.2.0")),
        compare("package a:b; world w { export f: func(); }", &world("", "f: func();")),
        compare("package a:b; world w { export f: func(); }", "package a:b; world w { export f: interface { f: func(); } }"),
        compare("package a:b; world w { export f: interface { f: func(); } }", "package a:b; world w { export f: func(); }"),
    ].join("\n"), @r"
    interface-mismatch: the parameter `a` of `acme:deck/tools@0.1.0.f` has another type in the component than in the WIT: build the component from this WIT and publish it again
    interface-mismatch: `acme:deck/tools@0.1.0.f` has other parameters in the component than in the WIT: build the component from this WIT and publish it again
    interface-mismatch: the result of `acme:deck/tools@0.1.0.f` has another type in the component than in the WIT: build the component from this WIT and publish it again
    interface-mismatch: the WIT declares `acme:deck/tools@0.1.0.g`, which the component does not export: build the component from this WIT and publish it again
    interface-mismatch: the WIT declares `acme:deck/tools@0.1.0`, which the component does not export: build the component from this WIT and publish it again
    interface-mismatch: the WIT declares `f`, which the component does not export: build the component from this WIT and publish it again
    interface-mismatch: the WIT declares `f`, which the component does not export: build the component from this WIT and publish it again
    interface-mismatch: the WIT declares `f`, which the component does not export: build the component from this WIT and publish it again
    ");
}

#[test]
fn types_that_share_parts_are_compared_once() {
    let shared: String = (1..18)
        .map(|n| format!("type t{n} = tuple<t{0}, t{0}>;", n - 1))
        .collect();
    let mut wit =
        format!("package a:b; interface i {{ type t0 = u8; {shared} f: func(x: t10); }} world w {{ export i; }}");
    assert_eq!(compare(&wit, &wit), "accepted");
    wit = wit.replace("f: func(x: t10)", "f: func(x: t10, y: t10)");
    assert_eq!(compare(&wit, &wit), "accepted");
}

#[test]
fn more_exports_than_declared_do_no_harm() {
    let declared = "package a:b; interface i { f: func(); } world w { export i; }";
    let real = "package a:b; interface i { f: func(); g: func(); } interface j { h: func(); }
        world w { export i; export j; export init: func(shim: string); }";
    assert_eq!(compare(declared, real), "accepted");
}

#[test]
fn a_skill_asks_only_what_hosts_answer() {
    let ask = |package: &str, interface: &str| {
        format!("package a:b; world w {{ import {package}; export f: func(); }} package {interface}")
    };
    let of = |name: &str| {
        let (package, version) = name
            .split_once('@')
            .map_or((name, String::new()), |(a, v)| (a, format!("@{v}")));
        let (package, interface) = package.split_once('/').unwrap();
        ask(
            name,
            &format!("{package}{version} {{ interface {interface} {{ g: func(); }} }}"),
        )
    };
    let plain = "package a:b; world w { export f: func(); }";
    for known in [
        "skillhost:skill/files@0.1.0",
        "skillhost:skill/files@0.1.9",
        "wasi:cli/environment@0.2.3",
        "wasi:clocks/wall-clock@0.2.0",
        "wasi:filesystem/types@0.2.12",
        "wasi:http/types@0.2.3",
        "wasi:http/outgoing-handler@0.2.12",
        "wasi:io/poll@0.2.9",
        "wasi:random/random@0.2.9",
        "wasi:sockets/tcp@0.2.9",
    ] {
        assert_eq!(compare(plain, &of(known)), "accepted", "{known}");
    }
    let mut refused: Vec<_> = [
        "skillhost:skill/files@0.2.0",
        "skillhost:skill/files@1.1.0",
        "skillhost:skill/files",
        "skillhost:other/files@0.1.0",
        "evil:skill/files@0.1.0",
        "wasi:cli/environment@0.3.0",
        "wasi:clocks/wall-clock@0.2.0-rc-2023-11-10",
        "wasi:http/types@0.3.0",
        "wasi:http/incoming-handler@0.2.12",
        "wasi:keyvalue/store@0.2.0",
    ]
    .map(|unknown| compare(plain, &of(unknown)))
    .to_vec();
    refused.push(compare(
        plain,
        "package a:b; world w { import g: func(); export f: func(); }",
    ));
    refused.push(compare(
        plain,
        "package a:b; interface i { resource r; } world w { import i; export f: func(); }",
    ));
    insta::assert_snapshot!(refused.join("\n"), @r"
    import-unknown: the component imports `skillhost:skill/files@0.2.0`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `skillhost:skill/files@1.1.0`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `skillhost:skill/files`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `skillhost:other/files@0.1.0`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `evil:skill/files@0.1.0`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `wasi:cli/environment@0.3.0`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `wasi:clocks/wall-clock@0.2.0-rc-2023-11-10`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `wasi:http/types@0.3.0`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `wasi:http/incoming-handler@0.2.12`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `wasi:keyvalue/store@0.2.0`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `g`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    import-unknown: the component imports `a:b/i`, which no skill may import: use skillhost:skill@0.1 and WASI 0.2 (cli, clocks, filesystem, http without its incoming-handler, io, random, sockets) only
    ");
    // Interfaces that only share types ask for nothing.
    let types = "package a:b; interface types { record r { a: u8 } } interface i { use types.{r}; f: func(x: r); }
        world w { export i; }";
    assert_eq!(compare(types, types), "accepted");
}

#[test]
fn declared_imports_are_the_real_ones() {
    let world = |imports: &str| {
        format!(
            "package a:b; world w {{ import skillhost:skill/files@0.1.0; export f: func(); }}
            package skillhost:skill@0.1.0 {{ interface files {{ {imports} }} }}"
        )
    };
    let declared = world("record file { name: string } put: func(f: file); get: func(name: string) -> file;");
    let fewer = world("record file { name: string } get: func(name: string) -> file;");
    assert_eq!(compare(&declared, &declared), "accepted");
    assert_eq!(compare(&declared, &fewer), "accepted");
    assert_eq!(
        compare(&declared, "package a:b; world w { export f: func(); }"),
        "accepted"
    );
    insta::assert_snapshot!([
        compare(&declared, &world("record file { name: u8 } put: func(f: file);")),
        compare(&declared, &world("put: func(g: string);")),
        compare("package a:b; world w { import i: func(); export f: func(); }",
            "package a:b; world w { import i: interface { f: func(); } export f: func(); }"),
        compare("package a:b; world w { import i: func(); export f: func(); }",
            "package a:b; world w { import i: func(x: u8); export f: func(); }"),
    ].join("\n"), @r"
    interface-mismatch: the parameter `f` of `skillhost:skill/files@0.1.0.put` has another type in the component than in the WIT: build the component from this WIT and publish it again
    interface-mismatch: `skillhost:skill/files@0.1.0.put` has other parameters in the component than in the WIT: build the component from this WIT and publish it again
    interface-mismatch: the component imports `i` as something else than the WIT says: build the component from this WIT and publish it again
    interface-mismatch: `i` has other parameters in the component than in the WIT: build the component from this WIT and publish it again
    ");
}

#[test]
fn imports_with_resources_are_compared_by_their_form() {
    let world = |method: &str| {
        format!(
            "package a:b; world w {{ import wasi:io/streams@0.2.6; export f: func(); }}
            package wasi:io@0.2.6 {{ interface streams {{
                resource pipe {{ {method} }}
                open: func() -> pipe;
                close: func(s: pipe);
                look: func(s: borrow<pipe>);
            }} }}"
        )
    };
    let declared = world("constructor(size: u32); write: func(bytes: list<u8>); first: static func() -> pipe;");
    assert_eq!(compare(&declared, &declared), "accepted");
    let borrowed = declared.replace("close: func(s: pipe)", "close: func(s: borrow<pipe>)");
    insta::assert_snapshot!([
        compare(&declared, &world("write: func(text: string);")),
        compare(&declared, &world("constructor(size: u64);")),
        compare(&declared, &borrowed),
    ].join("\n"), @r"
    interface-mismatch: `wasi:io/streams@0.2.6.[method]pipe.write` has other parameters in the component than in the WIT: build the component from this WIT and publish it again
    interface-mismatch: the parameter `size` of `wasi:io/streams@0.2.6.[constructor]pipe` has another type in the component than in the WIT: build the component from this WIT and publish it again
    interface-mismatch: the parameter `s` of `wasi:io/streams@0.2.6.close` has another type in the component than in the WIT: build the component from this WIT and publish it again
    ");
}

#[test]
fn types_of_the_world_itself_ask_for_nothing() {
    let wit = "package a:b; interface types { record r { a: u8 } }
        world w { use types.{r}; export f: func(x: r) -> r; }";
    assert_eq!(compare(wit, wit), "accepted");
    assert!(compare(wit, &wit.replace("a: u8", "a: u16")).starts_with("interface-mismatch: "));
}
