//! Which names mean the same model. A name is found whole, or without what the list says may stand before or after it; a
//! longer name is never found by its beginning.

/// What may stand before and after a model's name.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) prefixes: Vec<String>,
    /// `#` is a digit: `-####-##-##`.
    pub(super) suffixes: Vec<String>,
}

impl Names {
    /// The names under which a model may be listed, the likeliest first: `gpt-6.1-sol-2026-05-01`, `gpt-6.1-sol`.
    pub(super) fn candidates(&self, model: &str) -> Vec<String> {
        let whole = resource(model).to_ascii_lowercase();
        let bare = self.prefixes.iter().find_map(|prefix| whole.strip_prefix(prefix));
        let bare = bare.map(str::to_owned);
        let mut found = Vec::new();
        for name in [Some(whole), bare].into_iter().flatten() {
            let mut rest = Some(name.as_str());
            while let Some(name) = rest {
                found.push(name.to_owned());
                rest = self.shorter(name);
            }
        }
        found
    }

    /// The name without the shortest suffix that it ends in.
    fn shorter<'a>(&self, name: &'a str) -> Option<&'a str> {
        let cuts = self.suffixes.iter().filter_map(|suffix| cut(name, suffix));
        cuts.max_by_key(|rest| rest.len())
    }
}

/// The model in the name of a resource of Amazon's: what comes after `foundation-model/` or `inference-profile/`. An
/// application's own profile does not say its model.
fn resource(model: &str) -> &str {
    let Some(arn) = model.strip_prefix("arn:") else {
        return model;
    };
    let kinds = [":foundation-model/", ":inference-profile/"];
    let found = kinds.iter().find_map(|kind| arn.split_once(kind));
    found.map_or(model, |(_, name)| name)
}

fn cut<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    let fits = |(byte, pattern): (u8, u8)| match pattern {
        b'#' => byte.is_ascii_digit(),
        _ => byte == pattern,
    };
    let all = end.bytes().zip(suffix.bytes()).all(fits);
    (all && !rest.is_empty() && !suffix.is_empty()).then_some(rest)
}
