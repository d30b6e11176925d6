//! Arguments that cannot be meant, or that no model reads at once, are refused before one is asked.

use skillhost_sdk::ToolError;

use crate::exports::skillhost::brief::briefs::{Length, Source};

const MOST_SOURCES: usize = 200;
/// Of all sources with their titles. About 50,000 tokens of English, and four times as many in scripts of which a model
/// reads one character at a time: what common models take, with room for their answer.
const MOST_CHARACTERS: usize = 200_000;
const TITLE: usize = 200;
const LINK: usize = 2_000;
const FOCUS: usize = 1_000;
const LANGUAGE: usize = 40;

/// What the readers want, checked.
pub(crate) struct Wish {
    pub(crate) focus: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) length: Length,
}

/// What the readers want. A blank text is a missing one.
///
/// # Errors
/// `invalid-argument` where the focus is too long, or the language is the name of none.
pub(crate) fn wish(focus: Option<String>, language: Option<String>, length: Option<Length>) -> Result<Wish, ToolError> {
    let focus = said(focus);
    if focus.as_ref().is_some_and(|focus| focus.chars().count() > FOCUS) {
        return Err(refused("focus", format!("Say `focus` in at most {FOCUS} characters.")));
    }
    let language = said(language);
    if language.as_ref().is_some_and(|language| !is_language(language)) {
        let message = format!(
            "Name the `language` as in `German` or `pt-BR`, with at most {LANGUAGE} letters, digits, spaces and hyphens."
        );
        return Err(refused("language", message));
    }
    let length = length.unwrap_or(Length::Medium);
    Ok(Wish {
        focus,
        language,
        length,
    })
}

/// The sources, their titles and texts without blanks around them.
///
/// # Errors
/// `invalid-argument` where there are none, too many, or too much in them; or one of them says nothing, has no title, or
/// links to something that is no address of the web.
pub(crate) fn sources(given: Vec<Source>) -> Result<Vec<Source>, ToolError> {
    if !(1..=MOST_SOURCES).contains(&given.len()) {
        let message = format!("Give 1 to {MOST_SOURCES} sources; there are {}.", given.len());
        return Err(refused("sources", message));
    }
    let numbered = given.into_iter().enumerate();
    let sources: Vec<_> = numbered
        .map(|(place, given)| source(place, given))
        .collect::<Result<_, _>>()?;
    let characters: usize = sources.iter().map(size).sum();
    if characters > MOST_CHARACTERS {
        let message = format!(
            "The sources have {characters} characters together, and {MOST_CHARACTERS} can be read at once: leave out \
             what does not matter, or make several briefs and then one of them."
        );
        return Err(refused("sources", message));
    }
    Ok(sources)
}

fn source(place: usize, given: Source) -> Result<Source, ToolError> {
    let field = |name: &str| format!("sources[{place}].{name}");
    let title = given.title.trim();
    if !(1..=TITLE).contains(&title.chars().count()) || title.contains(char::is_control) {
        let message = format!("Give each source a `title` of 1 to {TITLE} characters on one line.");
        return Err(refused(field("title"), message));
    }
    let text = given.text.trim();
    if text.is_empty() {
        let message = "Give each source its `text`, or leave it out.";
        return Err(refused(field("text"), message));
    }
    let link = said(given.link);
    if link.as_ref().is_some_and(|link| !is_link(link)) {
        let message = format!(
            "Give an address that begins with `https://` or `http://` and has at most {LINK} characters, or leave `link` \
             out."
        );
        return Err(refused(field("link"), message));
    }
    Ok(Source {
        title: title.to_owned(),
        text: text.to_owned(),
        link,
    })
}

fn size(source: &Source) -> usize {
    source.title.chars().count() + source.text.chars().count()
}

fn is_language(text: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-');
    text.chars().count() <= LANGUAGE && text.chars().all(fits)
}

fn is_link(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    is_web && text.chars().count() <= LINK && text.chars().all(is_plain)
}

fn said(text: Option<String>) -> Option<String> {
    let text = text?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn refused(field: impl Into<String>, message: impl Into<String>) -> ToolError {
    ToolError::invalid_argument(message).detail("field", field)
}
