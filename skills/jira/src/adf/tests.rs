//! Markdown to documents and back: by example, by Atlassian's own schema, and for texts that nobody would write.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{document, markdown::parse, text, write};

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../../../tests/jira/document.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

fn assert_valid(document: &Value) {
    if let Err(error) = SCHEMA.validate(document) {
        panic!("{error} at {}: {document:#}", error.instance_path());
    }
}

#[test]
fn the_schema_refuses_what_is_no_document() {
    let refused = [
        json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]}),
        json!({"type": "doc", "version": 1, "content": [{"type": "heading", "attrs": {"level": 7}}]}),
        json!({"type": "doc", "version": 1, "content": [{"type": "bulletList", "content": [{"type": "rule"}]}]}),
        json!({"type": "doc", "version": 1, "content": [{"type": "blockquote", "content": [{"type": "blockquote"}]}]}),
        json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
            {"type": "text", "text": "x", "marks": [{"type": "code"}, {"type": "strong"}]}
        ]}]}),
        json!("text"),
    ];
    for document in refused {
        assert!(!SCHEMA.is_valid(&document), "{document}");
    }
}

#[test]
fn what_the_format_does_not_allow_is_said_in_another_way() {
    let cases = [
        ("", ""),
        ("plain", "plain"),
        ("one\ntwo  \nthree<br>four", "one two\\\nthree\\\nfour"),
        ("Title\n=====\n\n###### Six ######", "# Title\n\n###### Six"),
        ("* a\n* b\n\n  more\n    1. c", "- a\n- b\n\n  more\n\n  1. c"),
        (
            "- # Bold\n- > quoted\n- x\n  ***\n- | a | b |\n  |---|---|\n  | c | d |",
            "- **Bold**\n- quoted\n- x\n- a | b\n\n  c | d",
        ),
        ("> # A\n> > b\n>\n> ---", "> **A**\n>\n> b"),
        ("7) a\n8) b", "7. a\n8. b"),
        ("- a\n\n* b", "- a\n\n* b"),
        ("    code\n     more", "```\ncode\n more\n```"),
        ("~~~ rust,ignore\nfn x() {}\n```\n~~~", "````rust\nfn x() {}\n```\n````"),
        ("**a `b` c**", "**a** `b` **c**"),
        ("__a _b_ c__ ~~d~~", "**a _b_ c** ~~d~~"),
        ("a snake_case * b", "a snake_case * b"),
        (
            "1\\. no list, [no](link, <no tag, a&b",
            "1\\. no list, [no\\](link, \\<no tag, a\\&b",
        ),
        ("<https://x.y/?a=1> <a@b.c>", "<https://x.y/?a=1> [a@b.c](mailto:a@b.c)"),
        (
            "[a](javascript:x) ![b](https://x.y/z.png \"t\")",
            "a [b](https://x.y/z.png)",
        ),
        ("\\[a `]: /u`", "\\[a `]: /u`"),
        ("![`]: x`](/u)", "![`]: x`](/u)"),
        (
            "[~accountid:5b1:a-b] [@Mia *K*](accountid:5b1) [~accountid:no!]",
            "[~accountid:5b1:a-b] [@Mia K](accountid:5b1) [\\~accountid:no!]",
        ),
        ("<div>\nx\n</div>", "\\<div>\\\nx\\\n\\</div>"),
        (
            "| a | b |\n|---|:-:|\n| `x\\|y` | **z**\n",
            "| a | b |\n| --- | --- |\n| `x\\|y` | **z** |",
        ),
        ("bell &#7;and\u{7}\r\nline", "bell and line"),
    ];
    for (given, expected) in cases {
        let document = document(given).unwrap();
        assert_valid(&document);
        assert_eq!(super::markdown(&document).as_deref(), Some(expected), "{given:?}");
    }
}

#[test]
fn a_document_of_jiras_is_told_as_well_as_markdown_can() {
    let document: Value = serde_json::from_str(include_str!("tests/everything.json")).unwrap();
    assert_valid(&document);
    insta::assert_snapshot!(super::markdown(&document).unwrap(), @r"
    ## All of _it_

    **Bold** and underlined, red; H2O, [a link](https://example.com/a_\(b\)), `code`.\
    Next line with 2 * 3 and some_name.

    [@Mia Krystof](accountid:5b10a2844c20165700ede21g) will see 😀 on 2026-12-24: IN PROGRESS <https://example.atlassian.net/browse/ED-2>

    > Mind the gap.

    **Details**

    Hidden.

    3. three
       - deep
    4. four

       ```sh
       echo 1

       echo 2
       ```

    - [x] done
    - [ ] open
      - [ ] below

    * We ship.

    > Quoted
    >
    > - in a list

    | Name | What \| why |
    | --- | --- |
    | one two | x y |
    | short |  |

    (attachment plan.png)

    (attachment)

    <https://example.com/card>

    left

    right

    ---
    ");
}

#[test]
fn what_is_no_document_is_none() {
    for other in [
        json!(null),
        json!("doc"),
        json!({"type": "paragraph"}),
        json!([{"type": "doc"}]),
    ] {
        assert_eq!(super::markdown(&other), None);
    }
    assert_eq!(
        super::markdown(&json!({"type": "doc", "version": 1})).as_deref(),
        Some("")
    );
}

/// Nodes of any kind in any order, many of them where they may not stand.
fn node() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec![
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "listItem",
        "codeBlock",
        "blockquote",
        "panel",
        "expand",
        "rule",
        "table",
        "tableRow",
        "tableCell",
        "tableHeader",
        "taskList",
        "taskItem",
        "decisionList",
        "mediaSingle",
        "media",
        "layoutSection",
        "unheardOf",
        "text",
        "hardBreak",
        "mention",
        "emoji",
        "date",
        "status",
        "inlineCard",
    ]);
    let attrs = prop::sample::select(vec![
        json!(null),
        json!({"level": 3, "order": 7, "id": "5b1", "text": "@Mia", "state": "DONE", "url": "https://x.y", "timestamp": "1700000000000"}),
        json!({"level": 99, "order": -1, "id": "no id", "language": "a b", "timestamp": "soon", "title": "T", "shortName": ":x:", "alt": "a\nb"}),
    ]);
    let text = "[a-z*_`\\[\\]()<>&!#|~\\\\ \\n.1-]{0,12}";
    let marks = prop::sample::select(vec![
        json!([]),
        json!([{"type": "strong"}, {"type": "code"}]),
        json!([{"type": "em"}, {"type": "link", "attrs": {"href": "https://x.y/(a b)"}}]),
        json!([{"type": "strike"}, {"type": "underline"}, {"type": "link"}]),
    ]);
    let leaf = (kind.clone(), attrs.clone(), text, marks)
        .prop_map(|(kind, attrs, text, marks)| json!({"type": kind, "attrs": attrs, "text": text, "marks": marks}));
    leaf.prop_recursive(6, 40, 5, move |inner| {
        (kind.clone(), attrs.clone(), prop::collection::vec(inner, 0..5))
            .prop_map(|(kind, attrs, content)| json!({"type": kind, "attrs": attrs, "content": content}))
    })
}

/// Texts made of what has a meaning in Markdown.
fn marked() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        5 => prop::sample::select(vec![
            "\n", "\n", "\n\n", " ", " ", "  ", "    ", "\t", "a", "b", "c", "é", "1", "9", "\u{a0}", "🙂", "“",
        ]),
        4 => prop::sample::select(vec![
            "*", "**", "***", "_", "__", "~~", "~", "`", "``", "```", "~~~", "# ", "## ", "#", "> ", ">", "- ", "* ", "+ ", "1. ",
            "2) ", "9. ", "---", "===", "|", "| ", "|-|", "---|---", ":-:", "\\", "\\\n", "  \n", "<", ">", "&", "&amp;", "&#32;",
            "&#97;", "&#1;", "&nbsp;", "[", "]", "(", ")", "](", "](u)", "](https://x.y/z)", "](/a b)", "[a](https://x.y)", "![",
            "<https://x.y>", "<a@b.c>", "<br>", "<b>", "</b>", "<div>\n", "<!--", "-->", "]: /u", "[a]: /u\n", "!", ":", "=", "+", "-", ".", ",",
            "[~accountid:", "[~accountid:5b1:a-b]", "[@Mia](accountid:5b1)", "](accountid:x)", "rust", "snake_case", "a*b*c", "a_b_c",
        ]),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(2_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read_back_as_the_same(markdown in marked()) {
        if let Ok(blocks) = parse(&markdown) {
            let written = text::write(&blocks);
            prop_assert_eq!(parse(&written).unwrap(), blocks, "{:?}", written);
        }
    }

    #[test]
    fn every_text_becomes_a_document_that_atlassian_allows(markdown in marked()) {
        if let Ok(document) = document(&markdown) {
            assert_valid(&document);
        }
    }

    #[test]
    fn a_document_of_ours_reads_as_it_was_written(markdown in marked()) {
        if let Ok(blocks) = parse(&markdown) {
            let document = write::document(&blocks);
            prop_assert_eq!(super::markdown(&document), Some(text::write(&blocks)));
        }
    }

    #[test]
    fn any_document_is_told_in_markdown_that_is_a_document_again(content in prop::collection::vec(node(), 0..5)) {
        let told = super::markdown(&json!({"type": "doc", "version": 1, "content": content})).unwrap();
        if let Ok(document) = document(&told) {
            assert_valid(&document);
        }
    }
}
