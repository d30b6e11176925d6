//! Lists of an operator's own.

use gate::call::model::Usage;

use super::super::Prices;
use super::sold;

fn list(entries: &str) -> String {
    format!(r#"{{"date":"2026-01-31","backends":{{"own":[{entries}]}}}}"#)
}

#[test]
fn an_own_list_is_read() {
    let entry = r#"{"names":["a"],"source":"contract","terms":[{"rates":{"input":"0.5","output":"0"}}]}"#;
    let prices = Prices::parse(&list(entry)).unwrap();
    let usage = Usage {
        input: 3,
        output: 1,
        ..Usage::default()
    };
    let cost = prices.cost(&sold("own", "a"), &usage).unwrap();
    assert_eq!(cost.nano_dollars, 1_500);
    assert_eq!(cost.prices, prices.version());
    assert!(prices.version().starts_with("2026-01-31-"), "{}", prices.version());
}

#[test]
fn halves_are_rounded_to_even_and_once() {
    let entry = r#"{"names":["a"],"source":"contract","uplift":{"x":"1.1"},
        "terms":[{"rates":{"input":"0.0005","read":"0.00025"}}]}"#;
    let prices = Prices::parse(&list(entry)).unwrap();
    let cases = [
        ((1, 0), 0),
        ((3, 0), 2),
        ((5, 0), 2),
        ((7, 0), 4),
        // A half and a quarter twice are one, and not three roundings.
        ((1, 2), 1),
        ((1, 1), 1),
    ];
    for ((input, cache_read), expected) in cases {
        let usage = Usage {
            input,
            cache_read,
            ..Usage::default()
        };
        let cost = prices.cost(&sold("own", "a"), &usage).unwrap();
        assert_eq!(cost.nano_dollars, expected, "{input} and {cache_read}");
    }
}

#[test]
fn the_longest_listed_name_is_found() {
    let entry = |name: &str, rate: u64| {
        format!(r#"{{"names":["{name}"],"source":"contract","terms":[{{"rates":{{"input":"{rate}"}}}}]}}"#)
    };
    let entries = [entry("a", 1), entry("a-v1", 2), entry("a-v1-2026-01-01", 3)].join(",");
    let text = list(&entries).replacen(
        '{',
        r#"{"suffixes":["-v1:#","-####-##-##",":#","-v1"],"prefixes":["p/"],"#,
        1,
    );
    let prices = Prices::parse(&text).unwrap();
    let cases = [
        ("a", Some(1_000)),
        ("a:0", Some(1_000)),
        ("a-2026-01-02", Some(1_000)),
        ("a-v1", Some(2_000)),
        ("a-v1:0", Some(2_000)),
        ("p/a-v1-2026-02-02", Some(2_000)),
        ("a-v1-2026-01-01", Some(3_000)),
        ("a-v1-2026-01-01:5", Some(3_000)),
        ("a-v1-2026-01-0x", None),
        ("q/a", None),
        ("-v1:0", None),
        ("é-v1:0", None),
    ];
    for (model, expected) in cases {
        let usage = Usage {
            input: 1,
            ..Usage::default()
        };
        let cost = prices.cost(&sold("own", model), &usage);
        assert_eq!(cost.map(|cost| cost.nano_dollars), expected, "{model}");
    }
}

#[test]
fn what_is_wrong_with_a_list_is_said() {
    let terms = r#""source":"s","terms":[{"rates":{"input":"1"}}]"#;
    let cases = [
        list(&format!(r#"{{"names":["a"],{terms}}},{{"names":["b","a"],{terms}}}"#)),
        list(&format!(
            r#"{{"names":["a"],"where":["eu"],{terms}}},{{"names":["a"],"where":["eu"],{terms}}}"#
        )),
        list(&format!(r#"{{"names":[],{terms}}}"#)),
        list(r#"{"names":["a"],"source":"s","terms":[]}"#),
        list(&format!(r#"{{"names":["A"],{terms}}}"#)),
        list(r#"{"names":["a"],"source":"s","terms":[{"from":"2026-02-01","until":"2026-02-01","rates":{}}]}"#),
        list(r#"{"names":["a"],"source":"s","terms":[{"rates":{"input":"-1"}}]}"#),
        list(r#"{"names":["a"],"source":"s","terms":[{"rates":{"input":"1e3"}}]}"#),
        list(r#"{"names":["a"],"source":"s","terms":[{"rates":{"input":1}}]}"#),
        list(r#"{"names":["a"],"source":"s","terms":[{"rates":{"imput":"1"}}]}"#),
        "{}".to_owned(),
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|text| Prices::parse(text).unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    the price list names `a` of `own` twice for everywhere; keep one
    the price list names `a` of `own` twice for eu; keep one
    an entry of `own` in the price list has no names or no terms; give it some or take it out
    an entry of `own` in the price list has no names or no terms; give it some or take it out
    the price list writes `A` with capitals; write names, tiers and places in lower case
    a price of `a` in the price list ends before it begins; change `from` or `until`
    the price list cannot be read: `-1` is no price; write it in digits with a point, such as "0.125" at line 1 column 99
    the price list cannot be read: `1e3` is no price; write it in digits with a point, such as "0.125" at line 1 column 100
    the price list cannot be read: invalid type: integer `1`, expected a price between quotes, such as "0.125" at line 1 column 96
    the price list cannot be read: unknown field `imput`, expected one of `input`, `read`, `write`, `write-long`, `output` at line 1 column 94
    the price list cannot be read: missing field `date` at line 1 column 2
    "#);
}
