//! Counted tokens, in the normal form.

#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::Usage;
use serde_json::Value;

use crate::trouble::malformed;

/// By which names a format counts. What was read from a cache and written to it is a part of the input in both.
pub(in crate::dialect) struct Names {
    input: &'static str,
    output: &'static str,
    total: &'static str,
    input_details: &'static str,
    output_details: &'static str,
}

/// The names of Responses.
pub(in crate::dialect) const RESPONSES: Names = Names {
    input: "input_tokens",
    output: "output_tokens",
    total: "total_tokens",
    input_details: "input_tokens_details",
    output_details: "output_tokens_details",
};

/// The names of Chat Completions and of Embeddings.
pub(in crate::dialect) const CHAT: Names = Names {
    input: "prompt_tokens",
    output: "completion_tokens",
    total: "total_tokens",
    input_details: "prompt_tokens_details",
    output_details: "completion_tokens_details",
};

/// The names of Oracle's EmbedText.
pub(in crate::dialect) const EMBED_TEXT: Names = Names {
    input: "promptTokens",
    output: "completionTokens",
    total: "totalTokens",
    input_details: "promptTokensDetails",
    output_details: "completionTokensDetails",
};

/// The tokens that an answer counts, or nothing where it counts none.
///
/// # Errors
/// A failure where the counts contradict each other: a price from them would be wrong.
pub(in crate::dialect) fn read(whole: &Value, names: &Names) -> Result<Option<Usage>, Failure> {
    let Some(counted) = whole.get("usage").filter(|usage| !usage.is_null()) else {
        return Ok(None);
    };
    if counted.get(names.input).is_none() && counted.get(names.output).is_none() {
        return Ok(None);
    }
    let contradiction = || malformed(format_args!("the usage contradicts itself: {counted}"));
    normal(counted, names).map(Some).ok_or_else(contradiction)
}

fn normal(counted: &Value, names: &Names) -> Option<Usage> {
    let (input, output) = (number(counted, names.input)?, number(counted, names.output)?);
    let read = counted.get(names.input_details).unwrap_or(&Value::Null);
    let (cache_read, cache_write) = (number(read, "cached_tokens")?, number(read, "cache_write_tokens")?);
    let kept = read.get("cache_write_tokens_details").unwrap_or(&Value::Null);
    let cache_write_long = number(kept, "ttl_12h_tokens")?;
    let written = counted.get(names.output_details).unwrap_or(&Value::Null);
    let reasoning = number(written, "reasoning_tokens")?;
    let usage = Usage {
        input: input.checked_sub(cache_read)?.checked_sub(cache_write)?,
        cache_read,
        cache_write,
        cache_write_long,
        output: all_output(counted.get(names.total), input, output, reasoning)?,
        reasoning,
    };
    (cache_write_long <= cache_write && reasoning <= usage.output).then_some(usage)
}

/// All output, thoughts included. OpenAI counts them in the output; models of xAI count them beside it, and only the total
/// tells the two apart.
fn all_output(total: Option<&Value>, input: u64, output: u64, reasoning: u64) -> Option<u64> {
    let with = output.checked_add(reasoning)?;
    match total {
        None | Some(Value::Null) => Some(output),
        Some(total) => {
            let total = total.as_u64()?;
            let is_rest = |output: &u64| input.checked_add(*output) == Some(total);
            [output, with].into_iter().find(is_rest)
        }
    }
}

/// A count; nothing is none, and what is no count is not read as one.
fn number(of: &Value, key: &str) -> Option<u64> {
    match of.get(key) {
        None | Some(Value::Null) => Some(0),
        Some(number) => number.as_u64(),
    }
}
