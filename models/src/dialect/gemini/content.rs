//! The parts of contents, and what travels in [`Part::Opaque`]: a signature before the part that it is of, or a part that
//! means something only here.

use gate::call::model::{Media, Part, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dialect::Unfit;
use crate::dialect::native::{self, Turn};

/// What a skill carries back and forth for this dialect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(super) enum Carried {
    /// The `thoughtSignature` of the next part, if that is still there.
    Signature {
        /// Of which kind the next part is.
        of: Signed,
        /// In base64, as it came.
        signature: String,
    },
    /// A whole part.
    Part(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Signed {
    Text,
    Call,
}

pub(super) fn contents(turns: Vec<Turn<'_>>) -> Result<Value, Unfit> {
    let mut contents = Vec::new();
    for turn in turns {
        let mut parts = Vec::new();
        let mut waiting = None;
        for piece in turn.pieces {
            match carried(piece.part)? {
                Some(Carried::Part(part)) => parts.push(part),
                Some(Carried::Signature { of, signature }) => waiting = Some((of, signature)),
                None => parts.push(signed(piece.part, waiting.take())?),
            }
        }
        let role = match turn.role {
            Role::User => "user",
            Role::Assistant => "model",
        };
        if !parts.is_empty() {
            contents.push(json!({"role": role, "parts": parts}));
        }
    }
    Ok(Value::Array(contents))
}

fn carried(part: &Part) -> Result<Option<Carried>, Unfit> {
    let Part::Opaque { data, .. } = part else {
        return Ok(None);
    };
    serde_json::from_str(data).map(Some).map_err(|_| {
        let told = "an opaque part was changed; send it back as it came or leave it out";
        Unfit::new("opaque", told)
    })
}

/// A part with its signature, unless the skill put another part in that place.
fn signed(part: &Part, signature: Option<(Signed, String)>) -> Result<Value, Unfit> {
    let mut written = written(part)?;
    let fits = |of: Signed| match of {
        Signed::Text => matches!(part, Part::Text(_)),
        Signed::Call => matches!(part, Part::ToolCall { .. }),
    };
    if let (Some(object), Some((_, signature))) = (written.as_object_mut(), signature.filter(|(of, _)| fits(*of))) {
        object.insert("thoughtSignature".to_owned(), json!(signature));
    }
    Ok(written)
}

fn written(part: &Part) -> Result<Value, Unfit> {
    Ok(match part {
        Part::Text(text) => json!({"text": text}),
        Part::Image(media) | Part::File(media) => inline(media)?,
        Part::ToolCall { id, name, arguments } => {
            json!({"functionCall": {"id": id, "name": name, "args": native::parse(arguments)?}})
        }
        Part::ToolResult {
            id,
            name,
            content,
            failed,
        } => {
            let key = if *failed { "error" } else { "output" };
            json!({"functionResponse": {"id": id, "name": name, "response": {key: content}}})
        }
        Part::Opaque { data, .. } => native::parse(data)?,
    })
}

/// The name stays behind: `displayName` is taken only with tools of the provider's own.
fn inline(media: &Media) -> Result<Value, Unfit> {
    Ok(json!({"inlineData": {"mimeType": media.media_type, "data": native::base64(media)?}}))
}
