//! Whether a model can take a question at all, before any dialect writes it down.

#[cfg(test)]
mod tests;

use gate::call::model::{Ask, Embed, Media, Part, Prompt, ToolChoice};

use super::{Abilities, Unfit};

/// Refuses a question that needs what the model cannot do.
///
/// # Errors
/// [`Unfit`] for the first thing that is too much.
pub fn check(ask: &Ask, can: &Abilities) -> Result<(), Unfit> {
    let prompt = match ask {
        Ask::Complete(prompt) => prompt,
        Ask::Embed(embed) => return vectors(embed, can),
    };
    settings(prompt, can)?;
    tools(prompt, can)?;
    effort(prompt, can)?;
    let mut parts = prompt.messages.iter().flat_map(|message| &message.parts);
    parts.try_for_each(|part| one(part, can))
}

/// The model's own word for an effort: the same, but `xhigh` for `max` where that is the most that it has.
pub fn effort_word<'a>(asked: &'a str, can: &Abilities) -> Option<&'a str> {
    let has = |word: &str| can.efforts.iter().any(|known| known == word);
    match asked {
        word if has(word) => Some(word),
        "max" if has("xhigh") => Some("xhigh"),
        _ => None,
    }
}

fn vectors(embed: &Embed, can: &Abilities) -> Result<(), Unfit> {
    if embed.dimensions.is_some() && !can.dimensions {
        return unfit(
            "dimensions",
            "this model's vectors have one length; leave `dimensions` out",
        );
    }
    Ok(())
}

fn settings(prompt: &Prompt, can: &Abilities) -> Result<(), Unfit> {
    if prompt.temperature.is_some() && !can.temperature {
        return unfit("temperature", "this model takes no temperature; leave it out");
    }
    if !prompt.stop.is_empty() && !can.stop {
        return unfit("stop", "this model takes no texts at which it ends; leave them out");
    }
    if prompt.output.is_some() && !can.output {
        return unfit(
            "output",
            "this model does not hold its text to a schema; leave the schema out and say in words what the text has to be",
        );
    }
    match (prompt.max_tokens, can.most_tokens) {
        (Some(asked), Some(most)) if asked > most => unfit(
            "max-tokens",
            format!("this model says at most {most} tokens at once; ask for no more than these"),
        ),
        _ => Ok(()),
    }
}

fn tools(prompt: &Prompt, can: &Abilities) -> Result<(), Unfit> {
    if !prompt.tools.is_empty() && !can.tools {
        return no_tools();
    }
    let forced = matches!(prompt.choice, ToolChoice::Required | ToolChoice::Named(_));
    if forced && !can.forced_tools {
        return unfit(
            "forced-tools",
            "this model cannot be made to use a tool; let it decide, and say in words when to use one",
        );
    }
    Ok(())
}

fn effort(prompt: &Prompt, can: &Abilities) -> Result<(), Unfit> {
    let Some(asked) = prompt.effort.as_deref() else {
        return Ok(());
    };
    if can.efforts.is_empty() {
        return unfit(
            "effort",
            "this model cannot be told how hard to think; leave the effort out",
        );
    }
    if effort_word(asked, can).is_none() {
        let words = can.efforts.join(", ");
        return unfit(
            "effort",
            format!("this model does not think with effort `{asked}`; say one of {words}"),
        );
    }
    Ok(())
}

fn one(part: &Part, can: &Abilities) -> Result<(), Unfit> {
    match part {
        Part::Image(_) if !can.images => unfit("images", "this model sees no pictures; leave them out"),
        Part::Image(media) => image_size(media, can),
        Part::File(_) if !can.files => unfit("files", "this model reads no files; send what they say as text"),
        Part::ToolCall { .. } | Part::ToolResult { .. } if !can.tools => no_tools(),
        _ => Ok(()),
    }
}

fn image_size(media: &Media, can: &Abilities) -> Result<(), Unfit> {
    match can.image_bytes {
        Some(most) if media.content.size() > most => unfit(
            "image-bytes",
            format!("this model takes pictures of at most {most} bytes; make them smaller"),
        ),
        _ => Ok(()),
    }
}

fn no_tools<T>() -> Result<T, Unfit> {
    unfit(
        "tools",
        "this model takes no tools; leave out the tools, their calls and their results",
    )
}

fn unfit<T>(feature: &'static str, told: impl Into<String>) -> Result<T, Unfit> {
    Err(Unfit::new(feature, told))
}
