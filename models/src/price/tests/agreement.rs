//! The costs that `genai-prices` computed with its own rules: `tests/models/examples.py` made them.

use std::collections::BTreeMap;

use gate::call::model::Usage;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::{Prices, Region, Sold};

#[derive(Deserialize)]
struct Example(String, String, String, Option<String>, Date, [u64; 5], u64);

fn examples() -> Vec<Example> {
    serde_json::from_str(include_str!("examples.json")).unwrap()
}

#[test]
fn costs_agree_to_the_nano_dollar() {
    let mut differences = Vec::new();
    for Example(backend, model, place, tier, at, tokens, expected) in examples() {
        let [input, cache_read, cache_write, cache_write_long, output] = tokens;
        let usage = Usage {
            input,
            cache_read,
            cache_write,
            cache_write_long,
            output,
            reasoning: 0,
        };
        let region = match place.as_str() {
            "global" => Region::Global,
            region => Region::In(region),
        };
        let sold = Sold {
            backend: &backend,
            model: &model,
            tier: tier.as_deref(),
            region,
            at,
        };
        let cost = Prices::builtin().cost(&sold, &usage).map(|cost| cost.nano_dollars);
        if cost != Some(expected) {
            differences.push(format!("{sold:?} {usage:?}: {cost:?} and not {expected}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn there_are_enough_of_every_kind() {
    let examples = examples();
    let mut counts = BTreeMap::<&str, usize>::new();
    for Example(backend, _, _, tier, _, [_, read, write, long, _], _) in &examples {
        let kinds = [
            (true, backend.as_str()),
            (*read > 0, "with a cache read"),
            (*write > 0, "with a cache write"),
            (*long > 0, "with a cache write for long"),
            (tier.is_some(), "with a tier"),
        ];
        for (_, kind) in kinds.into_iter().filter(|(holds, _)| *holds) {
            *counts.entry(kind).or_default() += 1;
        }
    }
    assert!(examples.len() >= 200);
    insta::assert_debug_snapshot!(counts, @r#"
    {
        "anthropic": 100,
        "azure": 100,
        "bedrock": 100,
        "bedrock-mantle": 100,
        "openai": 100,
        "vertex": 100,
        "with a cache read": 271,
        "with a cache write": 259,
        "with a cache write for long": 133,
        "with a tier": 42,
    }
    "#);
}
