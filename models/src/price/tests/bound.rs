//! What a call may cost at most.

use gate::call::model::Usage;
use proptest::prelude::*;

use super::super::{Prices, Region, Sold};
use super::{DAY, MILLION, sold};

#[test]
fn the_worst_is_the_dearest_kind_at_the_dearest_size() {
    let cases = [
        // Below the bound all input is written to the cache for long: 1000 * 5 + 100 * 10 dollars for a million.
        ("openai", "gpt-6.1-sol", Region::Global, 1_000, 100, Some(6_000_000)),
        // Just at the bound the rates are those below it.
        ("openai", "gpt-6.1-sol", Region::Global, 272_000, 0, Some(1_360_000_000)),
        ("openai", "gpt-6.1-sol", Region::Global, 272_001, 0, Some(2_720_010_000)),
        ("openai", "gpt-6.1-sol", Region::Geo("eu"), 1_000, 100, Some(6_600_000)),
        // Where nobody says the place, it is the dearest.
        ("openai", "gpt-6.1-sol", Region::Unknown, 1_000, 100, Some(6_600_000)),
        ("openai", "gpt-4o", Region::Global, 1_000, 100, Some(3_500_000)),
        (
            "openai",
            "text-embedding-3-small",
            Region::Global,
            1_000,
            0,
            Some(20_000),
        ),
        ("openai", "text-embedding-3-small", Region::Global, 1_000, 1, None),
        ("openai", "gpt-6.1-sol", Region::Geo("jp"), 1_000, 100, None),
        ("openai", "nothing", Region::Global, 1_000, 100, None),
        ("openai", "gpt-6.1-sol", Region::Global, u64::MAX, 0, None),
    ];
    for (backend, model, region, input, output, expected) in cases {
        let sold = Sold {
            region,
            ..sold(backend, model)
        };
        let worst = Prices::builtin().worst(&sold, input, output);
        assert_eq!(worst.map(|cost| cost.nano_dollars), expected, "{sold:?} {input}");
    }
}

proptest! {
    #[test]
    fn no_call_costs_more_than_the_worst(
        entry in any::<prop::sample::Index>(),
        place in prop::sample::select(vec![Region::Unknown, Region::Global, Region::Geo("us"), Region::In("us-east-1")]),
        parts in prop::array::uniform4(0..MILLION),
        output in 0..MILLION,
        spare in 0..MILLION,
    ) {
        let models: Vec<_> = Prices::builtin().entries.iter().flat_map(|(backend, models)| {
            models.keys().map(move |model| (backend, model))
        }).collect();
        let (backend, model) = entry.get(&models);
        let [input, cache_read, cache_write, long] = parts;
        let usage = Usage {
            input,
            cache_read,
            cache_write: cache_write.max(long),
            cache_write_long: cache_write.min(long),
            output,
            reasoning: 0,
        };
        let sold = Sold { backend, model, tier: None, region: place, at: DAY };
        if let Some(cost) = Prices::builtin().cost(&sold, &usage) {
            let worst = Prices::builtin().worst(&sold, usage.total_input() + spare, output).unwrap();
            prop_assert!(cost.nano_dollars <= worst.nano_dollars);
            prop_assert_eq!(cost.prices, worst.prices);
        }
    }
}
