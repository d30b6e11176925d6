//! Counts that add up, and counts that do not.

use gate::call::model::Usage;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{CHAT, RESPONSES, read};
use crate::trouble::MALFORMED;

fn responses(usage: &Value) -> Result<Option<Usage>, gate::Failure> {
    read(&json!({"usage": usage}), &RESPONSES)
}

#[test]
fn what_was_cached_is_taken_from_the_input() {
    let counted = responses(&json!({
        "input_tokens": 100,
        "input_tokens_details": {
            "cached_tokens": 60, "cache_write_tokens": 30,
            "cache_write_tokens_details": {"ttl_30m_tokens": 20, "ttl_12h_tokens": 10},
        },
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 107,
    }));
    let expected = Usage {
        input: 10,
        cache_read: 60,
        cache_write: 30,
        cache_write_long: 10,
        output: 7,
        reasoning: 5,
    };
    assert_eq!(counted.unwrap(), Some(expected));
}

#[test]
fn what_is_not_counted_is_not_known() {
    for whole in [json!({}), json!({"usage": null}), json!({"usage": {}})] {
        assert_eq!(read(&whole, &CHAT).unwrap(), None, "{whole}");
    }
    let vectors = json!({"usage": {"prompt_tokens": 8, "total_tokens": 8}});
    let expected = Usage {
        input: 8,
        ..Usage::default()
    };
    assert_eq!(read(&vectors, &CHAT).unwrap(), Some(expected));
}

#[test]
fn thoughts_beside_the_output_are_output_too() {
    let counted = |total: u64| {
        let usage = json!({
            "prompt_tokens": 32, "completion_tokens": 9, "total_tokens": total,
            "completion_tokens_details": {"reasoning_tokens": 94},
        });
        read(&json!({ "usage": usage }), &CHAT)
    };
    let usage = counted(135).unwrap().unwrap();
    assert_eq!((usage.input, usage.output, usage.reasoning), (32, 103, 94));
    assert_eq!(counted(41).unwrap_err().code, MALFORMED);
}

#[test]
fn what_contradicts_itself_is_no_usage() {
    for usage in [
        json!({"input_tokens": 10, "output_tokens": 5, "total_tokens": 16}),
        json!({"input_tokens": -1, "output_tokens": 5}),
        json!({"input_tokens": 1.5, "output_tokens": 5}),
        json!({"input_tokens": "10", "output_tokens": 5}),
        json!({"input_tokens": 10, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 11}}),
        json!({"input_tokens": 10, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 5}}),
        json!({"input_tokens": 10, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 6}}),
        json!({
            "input_tokens": 10, "output_tokens": 5,
            "input_tokens_details": {"cache_write_tokens": 1, "cache_write_tokens_details": {"ttl_12h_tokens": 2}},
        }),
    ] {
        let failure = responses(&usage).unwrap_err();
        assert_eq!(failure.code, MALFORMED, "{usage}");
    }
}

proptest! {
    #[test]
    fn the_parts_of_the_input_add_up(counts in prop::array::uniform5(0_u64..1 << 40)) {
        let [base, cached, written, words, thoughts] = counts;
        let (input, output) = (base + cached + written, words + thoughts);
        let usage = json!({
            "input_tokens": input,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": thoughts},
            "total_tokens": input + output,
        });
        let usage = responses(&usage).unwrap().unwrap();
        prop_assert_eq!(usage.total_input(), input);
        prop_assert_eq!((usage.input, usage.cache_read, usage.cache_write), (base, cached, written));
        prop_assert_eq!((usage.output, usage.reasoning), (output, thoughts));
    }

    #[test]
    fn arbitrary_counts_never_add_up_to_something_else(counts in prop::array::uniform6(0_u64..12)) {
        let [input, cached, written, output, thoughts, total] = counts;
        let usage = json!({
            "prompt_tokens": input,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
            "completion_tokens": output,
            "completion_tokens_details": {"reasoning_tokens": thoughts},
            "total_tokens": total,
        });
        if let Ok(Some(usage)) = read(&json!({ "usage": usage }), &CHAT) {
            prop_assert_eq!(usage.total_input(), input);
            prop_assert_eq!(u128::from(usage.total_input()) + u128::from(usage.output), u128::from(total));
        }
    }
}
