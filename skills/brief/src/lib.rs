//! Turns a pile of texts into a brief whose every point names its sources.

mod answer;
mod author;
mod check;
mod prompt;
mod write;

use exports::skillhost::brief::briefs::{Briefing, Guest, Length, Source};
use skillhost_sdk::ToolError;

skillhost_sdk::bindings!("brief");

struct Brief;

export!(Brief);

impl Guest for Brief {
    fn brief(
        sources: Vec<Source>,
        focus: Option<String>,
        language: Option<String>,
        length: Option<Length>,
    ) -> Result<Briefing, ToolError> {
        let wish = check::wish(focus, language, length)?;
        write::brief(&check::sources(sources)?, &wish)
    }
}

#[cfg(test)]
mod tests;
