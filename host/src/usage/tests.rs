//! Sums by what somebody asks.

use std::fmt::Write as _;

use jiff::civil::{Date, date};

use super::{Dimension, Period, Usage, dollars};
use crate::store::{Amounts, UsageRow};

const DAY: Date = date(2026, 11, 30);

fn row(skill: &str, served: Option<&str>, prices: Option<&str>, amounts: Amounts) -> UsageRow {
    UsageRow {
        tenant: "acme".parse().unwrap(),
        day: DAY,
        skill: skill.to_owned(),
        agent: "ann".to_owned(),
        binding: "default".to_owned(),
        backend: "azure".to_owned(),
        asked: "our-gpt".to_owned(),
        served: served.map(str::to_owned),
        prices: prices.map(str::to_owned),
        amounts,
    }
}

fn calls(calls: u64, nano_dollars: u64) -> Amounts {
    Amounts {
        calls,
        input: 10,
        nano_dollars,
        ..Amounts::default()
    }
}

fn rows() -> Vec<UsageRow> {
    let lost = Amounts {
        lost: 2,
        lost_unpriced: 1,
        lost_nano_dollars: 100,
        ..Amounts::default()
    };
    let uncounted = Amounts {
        uncounted: 2,
        ..calls(2, 0)
    };
    vec![
        row("acme/brief", Some("gpt"), Some("one"), calls(2, 30)),
        row("acme/brief", Some("gpt"), Some("two"), calls(1, 7)),
        row("acme/brief", Some("gpt"), None, calls(1, 0)),
        row("acme/brief", None, None, lost),
        row("acme/mail", Some("gpt"), None, uncounted),
    ]
}

fn told(by: &[Dimension]) -> String {
    let mut usage = Usage::new(by.to_vec());
    rows().iter().for_each(|row| usage.add(row));
    let mut told = String::new();
    let all = [String::from("all")];
    for (group, sums) in usage.groups().chain([(&all[..], usage.total())]) {
        writeln!(
            told,
            "{}: {} calls for {:?}, {} unpriced, counted {}, {} lost for {:?}, {} unpriced, by {:?}",
            group.join(" "),
            sums.calls,
            sums.known(),
            sums.unpriced,
            sums.counted(),
            sums.lost,
            sums.lost_known(),
            sums.lost_unpriced,
            sums.prices
        )
        .unwrap();
    }
    told
}

#[test]
fn what_is_unknown_is_apart() {
    insta::assert_snapshot!(told(&[Dimension::Skill]), @r#"
    acme/brief: 4 calls for Some(37), 1 unpriced, counted true, 2 lost for Some(100), 1 unpriced, by {"one", "two"}
    acme/mail: 2 calls for None, 2 unpriced, counted false, 0 lost for Some(0), 0 unpriced, by {}
    all: 6 calls for Some(37), 3 unpriced, counted true, 2 lost for Some(100), 1 unpriced, by {"one", "two"}
    "#);
    insta::assert_snapshot!(told(&[Dimension::Model, Dimension::Day]), @r#"
    gpt 2026-11-30: 6 calls for Some(37), 3 unpriced, counted true, 0 lost for Some(0), 0 unpriced, by {"one", "two"}
    our-gpt 2026-11-30: 0 calls for Some(0), 0 unpriced, counted true, 2 lost for Some(100), 1 unpriced, by {}
    all: 6 calls for Some(37), 3 unpriced, counted true, 2 lost for Some(100), 1 unpriced, by {"one", "two"}
    "#);
    insta::assert_snapshot!(told(&[]), @r#"all: 6 calls for Some(37), 3 unpriced, counted true, 2 lost for Some(100), 1 unpriced, by {"one", "two"}"#);
}

#[test]
fn sums_of_sums_are_not_cut() {
    let mut usage = Usage::new(Vec::new());
    let most = row("acme/brief", Some("gpt"), Some("one"), calls(u64::MAX, u64::MAX));
    for _ in 0..3 {
        usage.add(&most);
    }
    assert_eq!(usage.total().known(), Some(3 * u128::from(u64::MAX)));
    let shown = [0, 1, 999_999_999, 1_000_000_000, 3 * u128::from(u64::MAX)].map(dollars);
    assert_eq!(
        shown,
        [
            "0.000000000",
            "0.000000001",
            "0.999999999",
            "1.000000000",
            "55340232221.128654845"
        ]
    );
}

#[test]
fn days_and_words_are_read_or_refused() {
    let read = |from: Option<&str>, to: Option<&str>| match Period::read(from, to, DAY) {
        Ok(period) => format!("{} to {}", period.days().0, period.days().1),
        Err(error) => error.to_string(),
    };
    let by = |text: &str| match Dimension::list(text, &[Dimension::Skill, Dimension::Day]) {
        Ok(by) => format!("{by:?}"),
        Err(error) => error.to_string(),
    };
    let told = [
        read(None, None),
        read(None, Some("2026-02-03")),
        read(Some("2026-11-30"), None),
        read(Some("2025-11-30"), None),
        read(Some("2025-11-29"), None),
        read(Some("2026-12-01"), None),
        read(Some("November"), None),
        read(None, Some("2026-11-31")),
        by("skill"),
        by("day, skill"),
        by(""),
        by("agent"),
        by("colour"),
        by("day,day"),
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    2026-11-01 to 2026-11-30
    2026-02-01 to 2026-02-03
    2026-11-30 to 2026-11-30
    2025-11-30 to 2026-11-30
    2025-11-29 to 2026-11-30 are more than 366 days: ask for them in parts
    2026-12-01 is after 2026-11-30: let `from` be the earlier one
    `from` is no day: write one as 2026-11-30
    `to` is no day: write one as 2026-11-30
    [Skill]
    [Day, Skill]
    []
    sums cannot be told apart by `agent`: say some of skill, day
    sums cannot be told apart by `colour`: say some of skill, day
    `day` comes twice: say it once
    ");
}
