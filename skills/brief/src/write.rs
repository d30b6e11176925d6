//! The brief: asked for, read, and asked for once more where the answer cannot be used.

use skillhost_sdk::model::{self, Completion, Prompt};
use skillhost_sdk::{ToolError, info, warn};

use crate::answer::{self, Checked};
use crate::check::Wish;
use crate::exports::skillhost::brief::briefs::{Author, Briefing, Cited, Source};
use crate::{author, prompt};

/// The name that the administrator binds to a model.
const BINDING: &str = "default";

/// Writes a brief of these sources. A second answer costs as much as the first, so there is no third.
///
/// # Errors
/// What the host, the model or its provider said; `invalid-argument` where the brief gets too long; `upstream` where the
/// model twice wrote something else than a brief.
pub(crate) fn brief(sources: &[Source], wish: &Wish) -> Result<Briefing, ToolError> {
    let asked = prompt::ask(sources, wish)?;
    let first = complete(&asked)?;
    let fault = match answer::read(&first.text(), sources.len()) {
        Ok(checked) => return Ok(finish(checked, sources, author::of(None, first.served))),
        Err(fault) => fault,
    };
    warn!("the model's answer cannot be used, it is asked once more: {fault}");
    let earlier = first.served.clone();
    let second = complete(&asked.said(first).user(prompt::correction(&fault)))?;
    match answer::read(&second.text(), sources.len()) {
        Ok(checked) => Ok(finish(checked, sources, author::of(Some(earlier), second.served))),
        Err(fault) => Err(unusable(&fault, &second)),
    }
}

fn complete(prompt: &Prompt) -> Result<Completion, ToolError> {
    let completion = model::complete(BINDING, prompt)?;
    if completion.is_cut() {
        let message = "The brief became longer than the model may write, with what it thinks: give fewer sources, or ask \
                       for a narrower `focus` or a shorter `length`.";
        return Err(ToolError::invalid_argument(message).detail("stop", completion.stop));
    }
    Ok(completion)
}

fn finish(checked: Checked, sources: &[Source], author: Author) -> Briefing {
    info!(
        "{} sources, {} key points, questions to the model: {}",
        sources.len(),
        checked.key_points.len(),
        author.questions
    );
    Briefing {
        sources: cited(&checked, sources),
        title: checked.title,
        summary: checked.summary,
        key_points: checked.key_points,
        open_questions: checked.open_questions,
        actions: checked.actions,
        author,
    }
}

fn cited(checked: &Checked, sources: &[Source]) -> Vec<Cited> {
    let numbers = checked.cited();
    let numbered = (1u32..).zip(sources);
    let cited = numbered.filter(|(number, _)| numbers.contains(number));
    cited
        .map(|(number, source)| Cited {
            number,
            title: source.title.clone(),
            link: source.link.clone(),
        })
        .collect()
}

fn unusable(fault: &str, completion: &Completion) -> ToolError {
    let served = &completion.served;
    let model = served.model.as_ref().unwrap_or(&served.asked);
    ToolError::upstream("The model was asked twice and did not write a usable brief: try again, or give fewer sources.")
        .detail("fault", fault)
        .detail("stop", completion.stop.as_str())
        .detail("model", model.as_str())
        .detail("backend", served.backend.as_str())
}
