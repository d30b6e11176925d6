//! Values in the place of parameters.

use proptest::prelude::*;

use super::{Argument, Parameter};
use crate::bind::bind;

fn parameter(name: &str, value: Argument) -> Parameter {
    Parameter {
        name: name.to_owned(),
        value,
    }
}

fn bound(soql: &str, value: Argument) -> String {
    bind(soql, &[parameter("v", value)]).unwrap_or_else(|error| error.to_string())
}

#[test]
fn every_type_has_its_literal() {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let day = |text: &str| Argument::Date(text.to_owned());
    let moment = |text: &str| Argument::DateTime(text.to_owned());
    let cases = [
        (
            Argument::Text("O'Neil \\ \"x\"\n\u{1}".to_owned()),
            r#"'O\'Neil \\ \"x\"\n\u0001'"#,
        ),
        (Argument::Text(String::new()), "''"),
        (Argument::Text("5%_".to_owned()), "'5%_'"),
        (Argument::Prefix("5%_'".to_owned()), r"'5\%\_\'%'"),
        (Argument::Containing("\\%".to_owned()), r"'%\\\%%'"),
        (Argument::Number(12.0), "12"),
        (Argument::Number(-0.5), "-0.5"),
        (Argument::Number(1e17), "100000000000000000"),
        (Argument::Number(1e-7), "0.0000001"),
        (Argument::Boolean(true), "true"),
        (Argument::Null, "null"),
        (day("2026-05-31"), "2026-05-31"),
        (moment("2026-05-31T12:00:00.999+02:00"), "2026-05-31T10:00:00Z"),
        (moment("2026-05-31T10:00:00.000+0000"), "2026-05-31T10:00:00Z"),
        (Argument::Texts(texts(&["a", "b'"])), r"('a', 'b\'')"),
        (Argument::Numbers(vec![1.0, 2.5]), "(1, 2.5)"),
        (Argument::Dates(texts(&["2026-05-31"])), "(2026-05-31)"),
        (
            Argument::DateTimes(texts(&["2026-05-31T10:00:00Z"])),
            "(2026-05-31T10:00:00Z)",
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(bound("x = :v", value), format!("x = {expected}"));
    }
}

#[test]
fn a_value_that_is_none_of_its_type_is_refused() {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let cases = [
        Argument::Number(f64::NAN),
        Argument::Number(f64::INFINITY),
        Argument::Number(1e18),
        Argument::Number(1e-300),
        Argument::Date("2026-02-30".to_owned()),
        Argument::Date("2026-05-31 OR Name != null".to_owned()),
        Argument::Date("TODAY".to_owned()),
        Argument::DateTime("2026-05-31".to_owned()),
        Argument::DateTime("2026-05-31T10:00:00".to_owned()),
        Argument::Texts(Vec::new()),
        Argument::Dates(texts(&["2026-05-31", "31.5.2026"])),
    ];
    let said: Vec<_> = cases.into_iter().map(|value| bound("x = :v", value)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn only_a_name_outside_of_quotes_is_a_parameter() {
    let one = || Argument::Number(1.0);
    let cases = [
        ("a = :v", "a = 1"),
        ("a=:v AND b=:v", "a=1 AND b=1"),
        ("a IN(:v)", "a IN(1)"),
        ("a = ':v' AND b = :v", "a = ':v' AND b = 1"),
        (r"a = 'it\'s :v' AND b = :v", r"a = 'it\'s :v' AND b = 1"),
        (r"a = '\\' AND b = :v", r"a = '\\' AND b = 1"),
        ("a = LAST_N_DAYS:30 AND b = :v", "a = LAST_N_DAYS:30 AND b = 1"),
        (
            "a > 2026-01-01T10:30:00Z AND b = :v",
            "a > 2026-01-01T10:30:00Z AND b = 1",
        ),
    ];
    for (soql, expected) in cases {
        assert_eq!(bound(soql, one()), expected);
    }
    let refused = [
        "a = :other",
        "a = ':v'",
        "a = 'open AND b = :v",
        "a = LAST_N_DAYS:v",
        "a = : v",
    ];
    let said: Vec<_> = refused.into_iter().map(|soql| bound(soql, one())).collect();
    insta::assert_snapshot!(said.join("\n"));
    for name in ["", "a b", "1a", ":a", "a'"] {
        assert!(bind("x", &[parameter(name, one())]).is_err(), "{name}");
    }
    let twice = bind("a = :v", &[parameter("v", one()), parameter("v", one())]);
    assert_eq!(twice.unwrap_err().message, "`v` is given twice.");
}

/// Reads a literal as Salesforce's reference describes it: None unless it is one literal from its first character to
/// its last.
fn unquoted(literal: &str) -> Option<String> {
    let mut inner = literal.strip_prefix('\'')?.strip_suffix('\'')?.chars();
    let mut out = String::new();
    while let Some(c) = inner.next() {
        let read = match c {
            '\'' => return None,
            '\\' => match inner.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits: String = inner.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                }
                c @ ('\'' | '"' | '\\' | '%' | '_') => c,
                _ => return None,
            },
            c if c.is_control() => return None,
            c => c,
        };
        out.push(read);
    }
    Some(out)
}

proptest! {
    #[test]
    fn any_text_is_one_literal_and_nothing_else(value in "\\PC*|[\\x00-\\x1f'\"\\\\%_:@{}()\u{2028}]*") {
        let soql = "SELECT Id FROM Account WHERE Name = :v AND Industry = ':v'";
        for (argument, before, after) in [
            (Argument::Text(value.clone()), "", ""),
            (Argument::Prefix(value.clone()), "", "%"),
            (Argument::Containing(value.clone()), "%", "%"),
        ] {
            let bound = bound(soql, argument);
            let literal = bound.strip_prefix("SELECT Id FROM Account WHERE Name = ").unwrap();
            let literal = literal.strip_suffix(" AND Industry = ':v'").unwrap();
            prop_assert_eq!(unquoted(literal), Some(format!("{before}{value}{after}")));
        }
    }

    #[test]
    fn any_number_is_digits(value in proptest::num::f64::ANY) {
        let bound = bound(":v", Argument::Number(value));
        let digits = bound.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
        prop_assert!(digits == bound.parse::<f64>().is_ok_and(|read| read == value), "{bound}");
    }
}
