//! What the tests of these formats ask.

use gate::call::model::Embed;

/// A question for the vectors of these texts, with a label that stays here.
pub(in crate::dialect) fn embed(texts: &[&str]) -> Embed {
    Embed {
        inputs: texts.iter().map(|text| (*text).to_owned()).collect(),
        dimensions: None,
        labels: vec![("team".to_owned(), "blue".to_owned())],
        options: Vec::new(),
    }
}
