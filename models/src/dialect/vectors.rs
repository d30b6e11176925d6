//! What the formats of vectors share: texts that fit, one vector for each of them, and no streams.

#[cfg(test)]
pub(super) mod tests;

use gate::Failure;
use gate::call::model::{Ask, Embed, Usage, options};
use serde_json::Value;

use super::{Content, Delta, Event, Gather, Model, Unfit, fit};
use crate::trouble::{cut, malformed};

/// The texts of a question that a model can take, where a format takes so many at once.
pub(super) fn texts<'a>(ask: &'a Ask, to: &Model, most: usize) -> Result<&'a Embed, Unfit> {
    let Ask::Embed(embed) = ask else {
        let told = "this backend makes vectors and completes nothing; ask one that does";
        return Err(Unfit::new("complete", told));
    };
    fit::check(ask, &to.can)?;
    if embed.inputs.len() > most {
        let told = match most {
            1 => "this model takes one text at a time; ask once for each".to_owned(),
            most => format!("this model takes at most {most} texts at once; ask several times"),
        };
        return Err(Unfit::new("inputs", told));
    }
    let tier = embed.option(options::SERVICE_TIER);
    if tier.is_some_and(|tier| tier != "standard") {
        let told = "vectors come on standard terms only; leave out `service-tier`";
        return Err(Unfit::new(options::SERVICE_TIER, told));
    }
    Ok(embed)
}

/// Refuses to tell documents from queries, where the format has no words for it.
pub(super) fn without_purpose(embed: &Embed) -> Result<(), Unfit> {
    if embed.option(options::INPUT_TYPE).is_some() {
        let told = "this format does not tell documents from queries; leave out `input-type`";
        return Err(Unfit::new(options::INPUT_TYPE, told));
    }
    Ok(())
}

/// So many tokens, all of them read: vectors have no others.
pub(super) fn tokens(input: u64) -> Usage {
    Usage {
        input,
        ..Usage::default()
    }
}

/// Vectors that are one for each text, and as long as was asked, or as the first.
pub(super) fn one_for_each(ask: &Ask, vectors: Vec<Vec<f32>>) -> Result<Content, Failure> {
    let (texts, asked) = match ask {
        Ask::Embed(embed) => (embed.inputs.len(), embed.dimensions),
        Ask::Complete(_) => (0, None),
    };
    if vectors.len() != texts {
        let came = vectors.len();
        return Err(malformed(format_args!(
            "{texts} texts were sent and {came} vectors came"
        )));
    }
    let first = vectors.first().map_or(0, Vec::len);
    let long = asked.map_or(Some(first), |asked| usize::try_from(asked).ok());
    let fits = |vector: &Vec<f32>| Some(vector.len()) == long && vector.iter().all(|number| number.is_finite());
    if first == 0 || !vectors.iter().all(fits) {
        return Err(malformed(
            "vectors are empty, of several lengths, not as long as was asked, or not finite",
        ));
    }
    Ok(Content::Vectors(vectors))
}

/// Vectors are never streamed.
pub(super) struct NoStream;

impl Gather for NoStream {
    fn event(&mut self, _event: &Event) -> Result<Option<Delta>, Failure> {
        Err(malformed("vectors came as a stream"))
    }

    fn is_complete(&self) -> bool {
        false
    }

    fn whole(self: Box<Self>) -> Result<Value, Failure> {
        Err(cut())
    }
}
