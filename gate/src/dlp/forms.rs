//! The spellings of a secret.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// Spellings in which capitals do not matter, or are treated as if they did not: as it is, in a JSON string, and in
/// hexadecimal.
pub(super) fn loose(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![secret.to_vec(), hex::encode(secret).into_bytes()];
    if let Ok(text) = std::str::from_utf8(secret) {
        let quoted = serde_json::to_string(text).unwrap_or_default();
        let quoted = quoted
            .trim_start_matches('"')
            .strip_suffix('"')
            .unwrap_or_default()
            .to_owned();
        forms.push(quoted.replace('/', "\\/").into_bytes());
        forms.push(quoted.into_bytes());
    }
    forms.retain(|form| form.len() >= super::SHORTEST);
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Base64 of both alphabets, wherever in a group of three bytes the secret begins: the digits that it alone decides.
pub(super) fn base64(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for alphabet in [STANDARD, URL_SAFE] {
        let engine = GeneralPurpose::new(&alphabet, NO_PAD);
        for before in 0..3 {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(secret);
            let digits = engine.encode(&bytes).into_bytes();
            let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
            forms.extend(digits.get(from..to).map(<[u8]>::to_vec));
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}
