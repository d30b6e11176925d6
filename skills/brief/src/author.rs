//! Who wrote the brief, and what was counted.

use skillhost_sdk::model::{Served, Usage};

use crate::exports::skillhost::brief::briefs::{Author, Tokens};

/// The author by the word of whoever served the answers, the last of which was used.
pub(crate) fn of(earlier: Option<Served>, last: Served) -> Author {
    let questions = if earlier.is_some() { 2 } else { 1 };
    let before = match earlier {
        Some(served) => served.usage.map(tokens),
        None => Some(Tokens { input: 0, output: 0 }),
    };
    // A sum of which a part is unknown is unknown.
    let counted = before.zip(last.usage.map(tokens));
    Author {
        model: last.model.unwrap_or(last.asked),
        backend: last.backend,
        questions,
        tokens: counted.map(|(before, after)| Tokens {
            input: before.input.saturating_add(after.input),
            output: before.output.saturating_add(after.output),
        }),
    }
}

fn tokens(usage: Usage) -> Tokens {
    let cached = usage.cache_read.saturating_add(usage.cache_write);
    Tokens {
        input: usage.input.saturating_add(cached),
        output: usage.output,
    }
}
