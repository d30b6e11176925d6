//! Names that a reader may take for each other.

#[cfg(test)]
mod tests;

/// The shortest name of which one wrong letter is taken for a mistake.
const SHORT: usize = 5;

/// Whether a reader may take two different names for each other: they look the same (UTS 39, `skeleton`), differ in
/// hyphens only, or in one letter that is wrong, missing, added or swapped with its neighbour.
pub(super) fn looks_like(a: &str, b: &str) -> bool {
    if a == b {
        return false;
    }
    let (seen_a, seen_b) = (seen(a), seen(b));
    seen_a == seen_b || (a.len().min(b.len()) >= SHORT && strsim::osa_distance(a, b) <= 1)
}

/// What the eye keeps of a name.
fn seen(name: &str) -> String {
    let letters: String = unicode_security::skeleton(name).filter(|char| *char != '-').collect();
    letters.to_lowercase()
}
