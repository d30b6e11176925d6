//! What the formats that clouds and labs have of their own share: turns, bytes, names, and what a refusal means.

mod refused;
mod turn;

#[cfg(test)]
pub(super) mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::call::model::{Ask, Media, Prompt, options};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Model, Unfit, fit};

pub(super) use refused::{by_message, by_status, failure, reach};
pub(super) use turn::{Turn, turns};

/// All but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The prompt of a question that the model and the format can take.
pub(super) fn prompt<'a>(ask: &'a Ask, to: &Model) -> Result<&'a Prompt, Unfit> {
    fit::check(ask, &to.can)?;
    let Ask::Complete(prompt) = ask else {
        let told = "this model's format has no vectors; ask a model of embeddings";
        return Err(Unfit::new("embeddings", told));
    };
    if prompt.option(options::VERBOSITY).is_some() {
        let told = "this model's format cannot say how much the model says; leave `verbosity` out and say it in words";
        return Err(Unfit::new("verbosity", told));
    }
    Ok(prompt)
}

/// A number of thousandths as the formats write it, where it is no more than the most that they take.
pub(super) fn temperature(prompt: &Prompt, most: u16) -> Result<Option<f64>, Unfit> {
    match prompt.temperature {
        Some(asked) if asked > most => {
            let most = f64::from(most) / 1000.0;
            let told = format!("this model takes temperatures up to {most}; ask for no more");
            Err(Unfit::new("temperature", told))
        }
        asked => Ok(asked.map(|asked| f64::from(asked) / 1000.0)),
    }
}

/// Refuses to keep a model from asking for several things at once, where the format cannot say it.
pub(super) fn parallel(prompt: &Prompt) -> Result<(), Unfit> {
    if prompt.parallel == Some(false) && !prompt.tools.is_empty() {
        let told = "this model cannot be kept from asking for several tools at once; leave `parallel` out";
        return Err(Unfit::new("parallel", told));
    }
    Ok(())
}

/// The bytes of a picture or a document.
pub(super) fn base64(media: &Media) -> Result<String, Unfit> {
    let bytes = media.content.bytes().filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or_else(|| Unfit::new("files", "one of the pictures or files is empty; leave it out"))?;
    Ok(STANDARD.encode(bytes))
}

/// The JSON that a skill wrote as a text.
pub(super) fn parse(text: &str) -> Result<Value, Unfit> {
    serde_json::from_str(text).map_err(|_| {
        let told = "a schema, or the arguments of a tool call, is no JSON; send it as JSON";
        Unfit::new("json", told)
    })
}

/// A name as one segment of a path.
pub(super) fn segment(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}

/// The identifier of a call, whoever made it: as it is where the format takes it, else its SHA-256, which every format
/// takes and which is the same for the call and its result.
pub(super) fn call_id(id: &str, fits: impl Fn(u8) -> bool) -> String {
    if (1..=64).contains(&id.len()) && id.bytes().all(fits) {
        return id.to_owned();
    }
    hex::encode(Sha256::digest(id))
}
