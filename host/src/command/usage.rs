//! `skillhost usage`: what models used and cost.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use registry::visible;
use serde_json::Value;

use super::client::Connection;
use super::{Global, output};

/// What is summed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Sums are exact. What a provider did not count, and what no price list knows, is unknown and never nothing.

Examples:
  skillhost usage                                    this month so far, by skill
  skillhost usage --by agent,model --from 2026-11-01 --to 2026-11-30
  skillhost usage --by day --json
  skillhost usage --tenants                          each tenant of the host, for its operator")]
pub(super) struct Args {
    /// What tells sums apart, with commas between: skill, agent, model, asked, backend, binding, day
    #[arg(long, value_name = "WORDS")]
    by: Option<String>,
    /// The first day, in UTC; else the first of the last day's month
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day, which is summed too; else today
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Of every tenant, by tenant where --by says nothing else
    #[arg(long)]
    tenants: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Prints sums.
///
/// # Errors
/// The host refused.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    let path = if args.tenants { "v1/tenants/usage" } else { "v1/usage" };
    let wanted = [("by", &args.by), ("from", &args.from), ("to", &args.to)];
    let query: Vec<_> = wanted
        .iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (*name, value)))
        .collect();
    output::data(global, &client.find(path, &query).await?, told)?;
    Ok(ExitCode::SUCCESS)
}

const AMOUNTS: [(&str, &str); 8] = [
    ("CALLS", "calls"),
    ("INPUT", "input"),
    ("FROM CACHE", "cache_read"),
    ("INTO CACHE", "cache_write"),
    ("OUTPUT", "output"),
    ("DOLLARS", "dollars"),
    ("LOST", "lost"),
    ("AT MOST", "lost_dollars"),
];

fn told(answer: &Value) -> String {
    let items = |name: &str| answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let by: Vec<String> = items("by").iter().map(|word| output::text(word, &[])).collect();
    let headings: Vec<String> = by.iter().map(|word| word.to_uppercase()).collect();
    let heading = headings.iter().map(String::as_str).chain(AMOUNTS.map(|(head, _)| head));
    let mut rows: Vec<Vec<String>> = items("sums")
        .iter()
        .map(|sum| {
            by.iter()
                .map(|word| visible(&output::text(sum, &[word])))
                .chain(amounts(sum))
                .collect()
        })
        .collect();
    let total = answer.get("total").unwrap_or(&Value::Null);
    let names = by
        .iter()
        .enumerate()
        .map(|(place, _)| if place == 0 { "all" } else { "" }.to_owned());
    rows.push(names.chain(amounts(total)).collect());
    let (from, to) = (output::text(answer, &["from"]), output::text(answer, &["to"]));
    let mut out = format!("{from} to {to}, in UTC\n");
    out.push_str(&output::table(&heading.collect::<Vec<_>>(), &rows));
    out.push_str(&unknown(total));
    out
}

/// A number of which a part is unknown has a mark, and one of which nothing is known is a word.
fn amounts(sum: &Value) -> Vec<String> {
    let shown = |name: &str| {
        let missing = match name {
            "dollars" => "unpriced",
            "lost_dollars" => "lost_unpriced",
            "calls" | "lost" => return output::text(sum, &[name]),
            _ => "uncounted",
        };
        let some = output::text(sum, &[missing]) != "0";
        match sum.get(name) {
            None | Some(Value::Null) => "unknown".to_owned(),
            Some(_) if some => format!("{}+?", output::text(sum, &[name])),
            Some(_) => output::text(sum, &[name]),
        }
    };
    AMOUNTS.iter().map(|(_, name)| shown(name)).collect()
}

/// What the sums do not hold, and by which lists they were made.
fn unknown(total: &Value) -> String {
    let mut out = String::new();
    for (name, what) in [
        ("unpriced", "calls whose price nobody knows, which comes on top"),
        ("uncounted", "calls whose tokens nobody counted"),
        (
            "lost_unpriced",
            "lost attempts whose price nobody knows, which comes on top",
        ),
    ] {
        let count = output::text(total, &[name]);
        if count != "0" {
            let _infallible = writeln!(out, "{what}: {count}");
        }
    }
    let prices = total
        .get("prices")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let prices: Vec<String> = prices.iter().map(|list| output::text(list, &[])).collect();
    if !prices.is_empty() {
        let _infallible = writeln!(out, "prices of {}", prices.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::told;

    fn amounts(known: bool, unpriced: u64) -> Value {
        json!({
            "calls": 3, "uncounted": 0, "input": 1200, "cache_read": 0, "cache_write": "9007199254740993",
            "output": 300, "reasoning": 0, "dollars": known.then_some("0.004350000"), "nano_dollars": 4_350_000,
            "unpriced": unpriced, "lost": 1, "lost_dollars": "0.100000000", "lost_nano_dollars": 100_000_000,
            "lost_unpriced": 0, "prices": ["2026-11-29-08cd469939f0"],
        })
    }

    fn sum(skill: &str, agent: &str, known: bool, unpriced: u64) -> Value {
        let mut sum = amounts(known, unpriced);
        sum["skill"] = skill.into();
        sum["agent"] = agent.into();
        sum
    }

    #[test]
    fn what_is_unknown_is_said() {
        let answer = json!({
            "from": "2026-11-01", "to": "2026-11-30", "by": ["skill", "agent"],
            "sums": [sum("acme/brief", "ann", true, 0), sum("acme/mail", "bot", true, 1), sum("acme/long", "b", false, 3)],
            "total": amounts(true, 4),
        });
        insta::assert_snapshot!(told(&answer));
    }

    #[test]
    fn nothing_is_a_sum_too() {
        let none = json!({
            "calls": 0, "uncounted": 0, "input": 0, "cache_read": 0, "cache_write": 0, "output": 0, "reasoning": 0,
            "dollars": "0.000000000", "nano_dollars": 0, "unpriced": 0, "lost": 0, "lost_dollars": "0.000000000",
            "lost_nano_dollars": 0, "lost_unpriced": 0, "prices": [],
        });
        let answer = json!({"from": "2026-11-01", "to": "2026-11-30", "by": [], "sums": [], "total": none});
        insta::assert_snapshot!(told(&answer));
    }
}
