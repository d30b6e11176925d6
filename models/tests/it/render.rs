//! What came of a question, in words: everything that a run is told, and nothing left out.

use std::fmt::Write as _;

use gate::call::model::{Embeddings, ModelReply, Part, Served, Usage};
use gate::journal::Event;
use gate::{Failed, Failure, Outcome, Reply};

/// An outcome, in lines.
pub(crate) fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Reply(Reply::Model(reply)) => match reply.as_ref() {
            ModelReply::Completion(completion) => {
                let mut text = String::new();
                for part in &completion.parts {
                    writeln!(text, "{}", self::part(part)).unwrap();
                }
                write!(text, "[{}]\n{}", completion.stop.as_str(), served(&completion.served)).unwrap();
                text
            }
            ModelReply::Embeddings(embeddings) => format!("{}\n{}", vectors(embeddings), served(&embeddings.served)),
        },
        Outcome::Failed(failed) => self::failed(failed),
        Outcome::Refused(refusal) => format!("refused, {}: {}", refusal.code, refusal.told),
        other => format!("{other:?}"),
    }
}

/// What a backend could not do, and what the gate makes of it.
pub(crate) fn failure(failure: &Failure) -> String {
    let mut text = failure.code.to_string();
    for (holds, word) in [(failure.retryable, "retryable"), (failure.elsewhere, "elsewhere")] {
        if holds {
            write!(text, ", {word}").unwrap();
        }
    }
    if let Some(pause) = failure.retry_after {
        // What a date means depends on today.
        match pause.as_secs() {
            days if days > 3600 => text.push_str(", after days"),
            _ => write!(text, ", after {pause:?}").unwrap(),
        }
    }
    write!(text, ", {:?} sent: {}", failure.reach, failure.told).unwrap();
    text
}

/// What the journal says of attempts.
pub(crate) fn event(event: &Event) -> Option<String> {
    match event {
        Event::Sent { attempt, account, .. } => Some(format!("sent {attempt} to {account}")),
        Event::Lost { attempt, .. } => Some(format!("lost {attempt}")),
        Event::Finished {
            sendings, code, bill, ..
        } => {
            let how = match (code, bill) {
                (Some(code), _) => code.to_string(),
                (None, Some(bill)) => format!("billed to {}", bill.backend),
                (None, None) => "no bill".to_owned(),
            };
            Some(format!("finished after {sendings}: {how}"))
        }
        _ => None,
    }
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => format!("{text:?}"),
        Part::ToolCall { id, name, arguments } => format!("{name}({arguments}) as {id}"),
        Part::Opaque { dialect, data } => format!("opaque of {dialect}: {data}"),
        other => format!("{other:?}"),
    }
}

fn failed(failed: &Failed) -> String {
    let again = if failed.retryable { ", retryable" } else { "" };
    format!("failed, {}{again}: {}", failed.code, failed.told)
}

fn vectors(embeddings: &Embeddings) -> String {
    let bytes = embeddings.vectors.bytes().unwrap();
    let numbers: Vec<f32> = bytes
        .chunks(4)
        .map(|number| f32::from_le_bytes(number.try_into().unwrap()))
        .collect();
    let width = usize::try_from(embeddings.dimensions).unwrap();
    let rows: Vec<String> = numbers.chunks(width).map(|row| format!("{row:?}")).collect();
    rows.join("\n")
}

fn served(served: &Served) -> String {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let cost = served
        .cost
        .as_ref()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let mut text = format!(
        "by {} as {}: model {}, region {}, tier {}, request {}; {}; cost {cost}",
        served.backend,
        served.asked,
        or(&served.model),
        or(&served.region),
        or(&served.tier),
        or(&served.request),
        served.usage.as_ref().map_or_else(|| "uncounted".to_owned(), usage),
    );
    for note in &served.notes {
        write!(text, "; {note}").unwrap();
    }
    text
}

fn usage(usage: &Usage) -> String {
    let Usage {
        input,
        cache_read,
        cache_write,
        cache_write_long,
        output,
        reasoning,
    } = usage;
    format!(
        "{input} in, {cache_read} read, {cache_write} written ({cache_write_long} for long), {output} out ({reasoning} thought)"
    )
}
