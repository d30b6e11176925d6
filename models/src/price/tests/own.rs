//! Prices of an operator's own, before those that are built in.

use std::sync::Arc;

use gate::call::model::Usage;

use super::super::{OwnPrice, Prices, Pricing, Region, Sold};
use super::sold;

fn own(text: &str) -> Pricing {
    Pricing::own(toml::from_str(text).unwrap())
}

fn usage(input: u64, cache_read: u64, output: u64) -> Usage {
    Usage {
        input,
        cache_read,
        output,
        ..Usage::default()
    }
}

/// What it costs in billionths, and by whose prices.
fn told(pricing: &Pricing, sold: &Sold<'_>, served: Option<&str>, usage: &Usage) -> String {
    match pricing.cost(sold, served, usage) {
        Some(cost) => format!("{} by {}", cost.nano_dollars, cost.prices),
        None => "unknown".to_owned(),
    }
}

#[test]
fn a_backends_own_price_holds_for_whatever_answers_there() {
    let price = own("input = \"2.50\"\noutput = \"10\"");
    let local = sold("compatible", "llama");
    let on = |tier| Sold {
        tier: Some(tier),
        ..local
    };
    let known = "45000 by operator-dc2130e9d259";
    for (sold, served, usage, expected) in [
        (local, None, usage(10, 0, 2), known),
        (local, Some("gpt-6.1-sol"), usage(10, 0, 2), known),
        (sold("openai", "gpt-6.1-sol"), None, usage(10, 0, 2), known),
        (on("default"), None, usage(10, 0, 2), known),
        (on("ON_DEMAND"), None, usage(10, 0, 2), known),
        (on("priority"), None, usage(10, 0, 2), "unknown"),
        // What it says nothing of is not free.
        (local, None, usage(10, 1, 2), "unknown"),
    ] {
        assert_eq!(told(&price, &sold, served, &usage), expected, "{sold:?} {usage:?}");
    }
    let worst = |pricing: &Pricing, sold: &Sold<'_>| pricing.worst(sold, 1_000, 100).map(|cost| cost.nano_dollars);
    assert_eq!(worst(&price, &local), Some(3_500_000));
    assert_eq!(worst(&price, &on("priority")), None);
    let cached =
        own("input = \"1\"\noutput = \"10\"\ncache-read = \"0.1\"\ncache-write = \"1.25\"\ncache-write-long = \"2\"");
    assert_eq!(worst(&cached, &local), Some(3_000_000));
    assert_eq!(worst(&own("input = \"1\""), &local), None);
}

#[test]
fn the_same_price_has_the_same_name_however_it_is_written() {
    let name = |text: &str| told(&own(text), &sold("compatible", "llama"), None, &usage(0, 0, 0));
    let first = name("input = \"2.5\"\noutput = \"10\"");
    for (text, same) in [
        ("output = \"10.0\"\ninput = \"02.500\"", true),
        ("input = \"2.5\"\noutput = \"1\"", false),
        ("input = \"2.5\"\ncache-read = \"10\"", false),
        ("input = \"2.5\"", false),
    ] {
        assert_eq!(name(text) == first, same, "{text}");
    }
}

/// A discount for one model of OpenAI's, a deployment of Azure's and a server of one's own.
const LIST: &str = r#"{"date": "2026-11-30", "backends": {
    "openai": [{"names": ["gpt-6.1-sol"], "where": ["eu"], "source": "contract", "terms": [{"rates": {"input": "1", "output": "4"}}]}],
    "azure": [{"names": ["our-gpt"], "source": "contract", "terms": [{"rates": {"input": "3", "output": "9"}}]}],
    "compatible": [{"names": ["llama"], "source": "power", "terms": [{"rates": {"input": "0.1", "output": "0.1"}}]}]}}"#;

#[test]
fn an_operators_list_decides_for_the_models_that_it_names() {
    let list = Arc::new(Prices::of_operator(LIST).unwrap());
    let (ours, theirs) = (list.version().to_owned(), Prices::builtin().version().to_owned());
    assert!(ours.starts_with("operator-2026-11-30-"), "{ours}");
    let pricing = Pricing::listed(Some(list));
    let eu = |backend, model| Sold {
        region: Region::Geo("eu"),
        ..sold(backend, model)
    };
    for (sold, served, expected) in [
        (eu("openai", "gpt-6.1-sol"), None, format!("18000 by {ours}")),
        // Its snapshot, on the terms that a reply calls the default ones.
        (
            Sold {
                tier: Some("default"),
                ..eu("openai", "gpt-6.1-sol")
            },
            Some("gpt-6.1-sol-2026-05-01"),
            format!("18000 by {ours}"),
        ),
        // The list that is built in knows a price there, and is not asked.
        (sold("openai", "gpt-6.1-sol"), None, "unknown".to_owned()),
        (
            Sold {
                tier: Some("flex"),
                ..eu("openai", "gpt-6.1-sol")
            },
            None,
            "unknown".to_owned(),
        ),
        (sold("openai", "gpt-4o"), None, format!("45000 by {theirs}")),
        // A deployment goes before the model that it says it is.
        (
            sold("azure", "our-gpt"),
            Some("gpt-6.1-sol-2026-05-01"),
            format!("48000 by {ours}"),
        ),
        (
            sold("azure", "their-gpt"),
            Some("gpt-6.1-sol"),
            format!("{} by {theirs}", 10 * 2_000 + 2 * 10_000),
        ),
        (sold("compatible", "llama"), Some("llama-4"), format!("1200 by {ours}")),
        (sold("compatible", "llama-4"), None, "unknown".to_owned()),
    ] {
        assert_eq!(
            told(&pricing, &sold, served, &usage(10, 0, 2)),
            expected,
            "{sold:?} {served:?}"
        );
    }
    let worst = |sold: &Sold<'_>| pricing.worst(sold, 1_000, 100).map(|cost| cost.nano_dollars);
    assert_eq!(worst(&eu("openai", "gpt-6.1-sol")), Some(1_400_000));
    assert_eq!(worst(&sold("openai", "gpt-6.1-sol")), None);
    assert_eq!(worst(&sold("openai", "gpt-4o")), Some(3_500_000));
}

#[test]
fn a_list_may_say_itself_what_words_mean() {
    let list = LIST.replacen('{', r#"{"tiers": {"ours": "standard"}, "suffixes": ["-latest"], "#, 1);
    let pricing = Pricing::listed(Some(Arc::new(Prices::of_operator(&list).unwrap())));
    for (model, tier, known) in [
        ("our-gpt-latest", "ours", true),
        ("our-gpt", "default", false),
        ("our-gpt-2026-05-01", "ours", false),
    ] {
        let sold = Sold {
            tier: Some(tier),
            ..sold("azure", model)
        };
        let cost = pricing.cost(&sold, None, &usage(10, 0, 2));
        assert_eq!(cost.is_some(), known, "{model} {tier}");
    }
}

#[test]
fn what_is_wrong_with_an_own_price_is_said() {
    let list = |text: &str| Prices::of_operator(text).unwrap_err().to_string();
    let price = |text: &str| toml::from_str::<OwnPrice>(text).unwrap_err().message().to_owned();
    let told = [
        list(&LIST.replace("azure", "asure")),
        list(&LIST.replace("\"3\"", "\"-3\"")),
        list("[]"),
        price("input = 2.5"),
        price("input = \"2,5\""),
        price("input = \"-1\""),
        price("input = \"1e3\""),
        price("output = \"1\""),
        price("input = \"1\"\nread = \"1\""),
    ];
    insta::assert_snapshot!(told.join("\n"));
}
