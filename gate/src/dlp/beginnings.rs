//! Which ends of a text may be the beginning of a secret.

/// The forms of secrets in order, so that the one that goes on as a text does is found at once.
pub(super) struct Beginnings {
    forms: Vec<Vec<u8>>,
    longest: usize,
    first: [bool; 256],
    loose: bool,
}

impl Beginnings {
    /// Of these forms, in which capitals do not matter where it is loose.
    pub(super) fn new(mut forms: Vec<Vec<u8>>, loose: bool) -> Self {
        let mut first = [false; 256];
        for form in &mut forms {
            if loose {
                form.make_ascii_lowercase();
            }
            if let Some(known) = form.first().and_then(|byte| first.get_mut(usize::from(*byte))) {
                *known = true;
            }
        }
        forms.sort_unstable();
        Self {
            longest: forms.iter().map(Vec::len).max().unwrap_or_default(),
            forms,
            first,
            loose,
        }
    }

    /// Where the longest end of the text begins that may be the beginning of a form; the text's length where none may.
    pub(super) fn earliest(&self, text: &[u8]) -> usize {
        let from = text.len().saturating_sub(self.longest);
        let mut end = text.get(from..).unwrap_or_default().to_vec();
        if self.loose {
            end.make_ascii_lowercase();
        }
        let begins = |at: &usize| end.get(*at..).is_some_and(|end| self.may_begin(end));
        from + (0..end.len()).find(begins).unwrap_or(end.len())
    }

    fn may_begin(&self, end: &[u8]) -> bool {
        let known = end.first().and_then(|byte| self.first.get(usize::from(*byte)));
        known == Some(&true) && {
            let next = self.forms.partition_point(|form| form.as_slice() < end);
            self.forms.get(next).is_some_and(|form| form.starts_with(end))
        }
    }
}
