//! What calls cost, to the billionth of a dollar.

mod agreement;
mod bound;
mod form;
mod own;

use gate::call::model::Usage;
use jiff::civil::{Date, date};
use sha2::{Digest, Sha256};

use super::{BUILTIN, DIGEST, Prices, Region, Sold};

const DAY: Date = date(2026, 11, 29);
const MILLION: u64 = 1_000_000;

fn sold<'a>(backend: &'a str, model: &'a str) -> Sold<'a> {
    Sold {
        backend,
        model,
        tier: None,
        region: Region::Global,
        at: DAY,
    }
}

/// What a million tokens of the input cost in thousandths of a cent, where no bound of a size is in the way.
fn input(sold: &Sold<'_>) -> Option<u64> {
    let usage = Usage {
        input: MILLION / 100,
        ..Usage::default()
    };
    let cost = Prices::builtin().cost(sold, &usage)?;
    Some(cost.nano_dollars / 100)
}

#[test]
fn the_list_that_is_built_in_is_pinned() {
    assert_eq!(hex::encode(Sha256::digest(BUILTIN)), DIGEST);
    let date = DAY.to_string();
    assert_eq!(Prices::builtin().version(), format!("{date}-{}", &DIGEST[..12]));
}

#[test]
fn names_mean_models() {
    let cases = [
        // (backend, model, thousandths of a cent for a million tokens)
        ("openai", "gpt-6.1-sol", Some(200_000)),
        ("openai", "GPT-6.1-sol-2026-05-01", Some(200_000)),
        ("openai", "gpt-6.1-sol-20260501", Some(200_000)),
        ("openai", "gpt-4o-2024-05-13", Some(500_000)),
        ("openai", "gpt-4o-2024-11-20", Some(250_000)),
        ("openai", "gpt-4o", Some(250_000)),
        ("openai", "gpt-5.6", Some(400_000)),
        ("openai", "gpt-5.6-mini", None),
        ("openai", "gpt-6.1", None),
        ("openai", "gpt-6.1-sol-", None),
        ("openai", "gpt-6.1-sol-2026-05", None),
        ("openai", "sol", None),
        ("openai", "", None),
        ("vertex", "gemini-3.8-flash", Some(75_000)),
        ("vertex", "google/gemini-3.8-flash", Some(75_000)),
        (
            "vertex",
            "publishers/anthropic/models/claude-opus-5-5@20260918",
            Some(400_000),
        ),
        ("vertex", "gemini-3.8-flash-tts", None),
        ("bedrock", "global.openai.gpt-6.1-sol", Some(200_000)),
        ("bedrock", "us.openai.gpt-6.1-sol", Some(220_000)),
        ("bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(330_000)),
        ("bedrock", "eu.amazon.nova-pro-v1:0", Some(105_000)),
        ("bedrock", "us.amazon.nova-pro-v1:0", Some(80_000)),
        ("bedrock", "amazon.titan-embed-text-v9", None),
        (
            "bedrock",
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.openai.gpt-6.1-sol",
            Some(220_000),
        ),
        (
            "bedrock",
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
            Some(80_000),
        ),
        (
            "bedrock",
            "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc",
            None,
        ),
        ("bedrock", "gpt-6.1-sol", None),
        ("bedrock-mantle", "openai.gpt-6.1-sol", Some(220_000)),
        ("bedrock-mantle", "gpt-6.1-sol", Some(220_000)),
        ("anthropic", "claude-opus-5-5", Some(400_000)),
        ("anthropic", "claude-opus-5-5-20260918", Some(400_000)),
        ("claude-aws", "claude-opus-5-5", Some(400_000)),
        ("oci", "xai.grok-4", Some(300_000)),
        ("nowhere", "gpt-6.1-sol", None),
    ];
    for (backend, model, expected) in cases {
        assert_eq!(input(&sold(backend, model)), expected, "{backend} {model}");
    }
}

#[test]
fn a_longer_name_is_another_model() {
    let prices = Prices::builtin();
    let mut tried = 0;
    for (backend, models) in &prices.entries {
        let ends = ["-mini", "-pro", "-fast", "x", "-1", ".1", "-preview", "-v2:0", "-2026"];
        for (name, end) in models.keys().flat_map(|name| ends.map(|end| (name, end))) {
            let longer = format!("{name}{end}");
            let listed = prices.names.candidates(&longer);
            if !listed.iter().any(|name| models.contains_key(name)) {
                assert!(prices.listed(&sold(backend, &longer)).is_none());
                tried += 1;
                continue;
            }
            // What is found is the whole name, or ends where a date or a version begins.
            let found = listed.iter().find(|name| models.contains_key(*name)).unwrap();
            assert!(
                found == &longer || end == "-v2:0" && found == &format!("{name}-v2"),
                "{longer} is not {found}"
            );
        }
    }
    assert!(tried > 10_000, "only {tried} were tried");
}

#[test]
fn places_have_prices() {
    let cases = [
        ("openai", "gpt-6.1-sol", Region::Geo("eu"), Some(220_000)),
        ("openai", "gpt-6.1-sol", Region::Geo("jp"), None),
        ("openai", "gpt-6.1-sol", Region::Unknown, None),
        ("openai", "gpt-4o", Region::Geo("jp"), Some(250_000)),
        ("openai", "gpt-4o", Region::Unknown, Some(250_000)),
        ("azure", "gpt-6.1-sol", Region::Global, Some(200_000)),
        ("azure", "gpt-6.1-sol", Region::Geo("us"), Some(220_000)),
        ("azure", "gpt-6.1-sol", Region::Geo("EU"), Some(240_000)),
        ("azure", "gpt-6.1-sol", Region::In("westeurope"), None),
        ("azure", "gpt-6.1-sol", Region::Unknown, None),
        ("anthropic", "claude-opus-5-5", Region::Geo("us"), Some(440_000)),
        ("vertex", "claude-opus-5-5", Region::In("europe-west1"), Some(440_000)),
        ("vertex", "claude-opus-5-5", Region::Geo("eu"), Some(440_000)),
        (
            "bedrock-mantle",
            "openai.gpt-6.1-sol",
            Region::In("us-east-1"),
            Some(220_000),
        ),
        (
            "bedrock-mantle",
            "anthropic.claude-opus-5-5",
            Region::In("us-gov-west-1"),
            Some(480_000),
        ),
        (
            "bedrock",
            "global.openai.gpt-6.1-sol",
            Region::In("eu-central-1"),
            Some(200_000),
        ),
        ("bedrock", "global.openai.gpt-6.1-sol", Region::Unknown, Some(200_000)),
    ];
    for (backend, model, region, expected) in cases {
        let sold = Sold {
            region,
            ..sold(backend, model)
        };
        assert_eq!(input(&sold), expected, "{sold:?}");
    }
}

#[test]
fn terms_and_days_have_prices() {
    let cases = [
        ("openai", "gpt-6.1-sol", Some("default"), DAY, Some(200_000)),
        ("openai", "gpt-6.1-sol", Some("standard"), DAY, Some(200_000)),
        ("openai", "gpt-6.1-sol", Some("priority"), DAY, Some(400_000)),
        ("openai", "gpt-6.1-sol", Some("fast"), DAY, Some(400_000)),
        ("openai", "gpt-6.1-sol", Some("flex"), DAY, Some(100_000)),
        ("openai", "gpt-6.1-sol", Some("flex"), date(2026, 10, 11), None),
        ("openai", "gpt-6.1-sol", Some("scale"), DAY, None),
        ("anthropic", "claude-opus-5-5", Some("fast"), DAY, Some(800_000)),
        ("anthropic", "claude-opus-5-5", Some("priority"), DAY, None),
        ("vertex", "gemini-3.8-flash", Some("ON_DEMAND"), DAY, Some(75_000)),
        (
            "vertex",
            "gemini-3.8-flash",
            Some("ON_DEMAND_PRIORITY"),
            DAY,
            Some(135_000),
        ),
        ("vertex", "gemini-3.8-flash", Some("PROVISIONED_THROUGHPUT"), DAY, None),
        ("vertex", "gemini-3.8-flash", None, date(2026, 12, 31), Some(75_000)),
        ("vertex", "gemini-3.8-flash", None, date(2027, 1, 1), Some(150_000)),
        ("vertex", "gemini-3.8-flash", Some("flex"), date(2027, 1, 1), None),
        ("openai", "gpt-5.6-sol", None, date(2026, 8, 20), Some(500_000)),
        ("openai", "gpt-5.6-sol", None, date(2026, 8, 21), Some(400_000)),
    ];
    for (backend, model, tier, at, expected) in cases {
        let sold = Sold {
            tier,
            at,
            ..sold(backend, model)
        };
        assert_eq!(input(&sold), expected, "{sold:?}");
    }
}

#[test]
fn what_has_no_rate_has_no_price() {
    let usage = |input, cache_read, cache_write, cache_write_long, output| Usage {
        input,
        cache_read,
        cache_write,
        cache_write_long,
        output,
        reasoning: 0,
    };
    let cases = [
        ("openai", "gpt-6.1-sol", usage(10, 10, 20, 10, 10), Some(196_000)),
        // More is kept for long than is written.
        ("openai", "gpt-6.1-sol", usage(10, 0, 10, 11, 0), None),
        ("oci", "xai.grok-4", usage(10, 0, 0, 0, 10), Some(180_000)),
        ("oci", "xai.grok-4", usage(10, 1, 0, 0, 10), None),
        ("openai", "gpt-4o", usage(10, 10, 0, 0, 10), Some(137_500)),
        ("openai", "gpt-4o", usage(10, 10, 1, 0, 10), None),
        (
            "bedrock-mantle",
            "openai.gpt-6.1-sol",
            usage(10, 0, 10, 0, 0),
            Some(49_500),
        ),
        ("bedrock-mantle", "openai.gpt-6.1-sol", usage(10, 0, 10, 1, 0), None),
        ("openai", "text-embedding-3-small", usage(10, 0, 0, 0, 0), Some(200)),
        ("openai", "text-embedding-3-small", usage(10, 0, 0, 0, 1), None),
        // So much that it is no number of ours.
        ("openai", "gpt-6.1-sol", usage(u64::MAX, 0, 0, 0, 0), None),
    ];
    for (backend, model, usage, expected) in cases {
        let cost = Prices::builtin().cost(&sold(backend, model), &usage);
        assert_eq!(cost.map(|cost| cost.nano_dollars), expected, "{model} {usage:?}");
    }
}
