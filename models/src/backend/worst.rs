//! The most tokens that a question can have, before anybody counts them.

use gate::call::model::{Ask, Part};

use crate::dialect::Abilities;

/// What providers add to a conversation by themselves: what divides its turns, and what explains tools to the model, some
/// hundred tokens by their documentation.
const ADDED: u64 = 1024;

/// The least that is set aside for a picture or a document. What it shows decides what it costs, and few bytes may show
/// much: for twelve megapixels the dearest of the models of 2026 counts some 14,400 tokens.
const SHOWN: u64 = 1 << 14;

/// The most tokens of a question of so many bytes. A token of text has at least one byte, whatever the model. What a
/// document holds its bytes do not bound, for it is packed: there what the model reads does.
pub(super) fn most_input(ask: &Ask, bytes: u64, can: &Abilities) -> u64 {
    let Ask::Complete(prompt) = ask else {
        return bytes;
    };
    let context = can.context.map(u64::from);
    let parts = prompt.messages.iter().flat_map(|message| &message.parts);
    let shown = parts.map(|part| match part {
        Part::Image(picture) => SHOWN.saturating_sub(picture.content.size()),
        Part::File(file) => context.unwrap_or(SHOWN).saturating_sub(file.content.size()),
        _ => 0,
    });
    let most = shown.fold(bytes.saturating_add(ADDED), u64::saturating_add);
    context.map_or(most, |context| most.min(context))
}

#[cfg(test)]
mod tests {
    use gate::call::model::{Embed, Media, Message, Prompt, Role};

    use super::*;

    fn media(bytes: usize) -> Media {
        Media {
            name: None,
            media_type: "image/png".to_owned(),
            content: vec![0; bytes].into(),
        }
    }

    fn question(parts: Vec<Part>) -> Ask {
        Ask::Complete(Box::new(Prompt {
            messages: vec![Message {
                role: Role::User,
                parts,
                cache: false,
            }],
            ..Prompt::default()
        }))
    }

    fn reads(context: Option<u32>) -> Abilities {
        Abilities {
            context,
            ..Abilities::default()
        }
    }

    #[test]
    fn what_is_shown_is_not_bounded_by_its_bytes() {
        let text = || Part::Text("Hi".to_owned());
        let large = 1 << 20;
        for (parts, bytes, context, most) in [
            (vec![text()], 2, None, 2 + ADDED),
            (vec![text(), Part::Image(media(67))], 69, None, 2 + ADDED + SHOWN),
            (
                vec![Part::Image(media(1)), Part::Image(media(2))],
                3,
                None,
                ADDED + 2 * SHOWN,
            ),
            (vec![Part::Image(media(large))], 1 << 20, None, (1 << 20) + ADDED),
            (vec![Part::Image(media(large))], 1 << 20, Some(200_000), 200_000),
            (vec![Part::File(media(600))], 600, None, ADDED + SHOWN),
            (vec![Part::File(media(600))], 600, Some(200_000), 200_000),
        ] {
            let found = most_input(&question(parts.clone()), bytes, &reads(context));
            assert_eq!(found, most, "{parts:?}, {context:?}");
        }
    }

    #[test]
    fn each_text_of_vectors_is_bounded_by_itself() {
        let embed = Ask::Embed(Embed {
            inputs: vec!["Oslo".to_owned(); 3],
            dimensions: None,
            labels: Vec::new(),
            options: Vec::new(),
        });
        assert_eq!(most_input(&embed, 12, &reads(Some(8))), 12);
    }
}
