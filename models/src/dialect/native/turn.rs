//! Messages as the formats want them: the sides in turn, results first, nothing empty.

use gate::call::model::{Message, Part, Prompt, Role};

use crate::dialect::Unfit;

/// What one side says until the other does.
pub(in crate::dialect) struct Turn<'a> {
    pub(in crate::dialect) role: Role,
    pub(in crate::dialect) pieces: Vec<Piece<'a>>,
}

/// A part, and whether everything up to it comes again in later calls.
pub(in crate::dialect) struct Piece<'a> {
    pub(in crate::dialect) part: &'a Part,
    pub(in crate::dialect) cache: bool,
}

/// The conversation without what other dialects made. Of the hints for a cache the last `hints` stay.
pub(in crate::dialect) fn turns<'a>(prompt: &'a Prompt, dialect: &str, hints: usize) -> Result<Vec<Turn<'a>>, Unfit> {
    let given = prompt.messages.iter().filter(|message| message.cache).count();
    let mut early = given.saturating_sub(hints);
    let mut turns: Vec<Turn<'a>> = Vec::new();
    for message in &prompt.messages {
        let late = early == 0;
        early -= usize::from(message.cache && !late);
        let pieces = pieces(message, dialect, message.cache && late);
        match turns.last_mut() {
            _ if pieces.is_empty() => nothing(message)?,
            Some(turn) if turn.role == message.role => turn.pieces.extend(pieces),
            _ => turns.push(Turn {
                role: message.role,
                pieces,
            }),
        }
    }
    Ok(turns)
}

fn pieces<'a>(message: &'a Message, dialect: &str, cache: bool) -> Vec<Piece<'a>> {
    let written = message.parts.iter().filter(|part| match part {
        Part::Text(text) => !text.is_empty(),
        Part::Opaque { dialect: made_by, .. } => made_by == dialect,
        _ => true,
    });
    let mut pieces: Vec<_> = written.map(|part| Piece { part, cache: false }).collect();
    // Anthropic's models take results at the start of a message and nowhere else.
    pieces.sort_by_key(|piece| !matches!(piece.part, Part::ToolResult { .. }));
    let shown = |piece: &&mut Piece<'_>| !matches!(piece.part, Part::Opaque { .. });
    if let Some(last) = pieces.iter_mut().rev().find(shown) {
        last.cache = cache;
    }
    pieces
}

/// A message of the model's may hold only what another dialect made; one of the user's that is empty is a mistake.
fn nothing(message: &Message) -> Result<(), Unfit> {
    match message.role {
        Role::Assistant => Ok(()),
        Role::User => Err(Unfit::new(
            "empty-message",
            "one of the user's messages is an empty text; say something in it or leave it out",
        )),
    }
}
