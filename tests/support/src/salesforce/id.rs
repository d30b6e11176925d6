//! Ids of records: 15 characters whose case matters, and 3 more that say the case again.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The id of the record of this number: 18 characters.
pub(super) fn make(prefix: &str, number: u64) -> String {
    let mut digits = [b'0'; 9];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = usize::try_from(rest % 62)
            .ok()
            .and_then(|at| DIGITS.get(at))
            .copied()
            .unwrap_or(b'0');
        rest /= 62;
    }
    let short = format!("{prefix}Sim{}", String::from_utf8_lossy(&digits));
    format!("{short}{}", check(&short))
}

/// The 18 characters of an id that was written with 15 or 18. None where it is no id.
pub(super) fn whole(text: &str) -> Option<String> {
    let short = text
        .get(..15)
        .filter(|short| short.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    let long = format!("{short}{}", check(short));
    (text.len() == 15 || text == long).then_some(long)
}

/// Three characters: bit n of each is set where character n of its five is upper case.
fn check(short: &str) -> String {
    let upper = |part: &[u8]| {
        part.iter()
            .rev()
            .fold(0, |bits, byte| bits << 1 | usize::from(byte.is_ascii_uppercase()))
    };
    let letter = |part| CHECKS.get(upper(part)).copied().map_or('A', char::from);
    short.as_bytes().chunks(5).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_characters_say_the_case() {
        // Ids as Salesforce's own documents show them.
        for id in ["001D000000IqhSLIAZ", "001D000000IomazIAB", "001R00000064wdtIAA"] {
            assert_eq!(whole(&id[..15]).as_deref(), Some(id));
            assert_eq!(whole(id).as_deref(), Some(id));
        }
        for wrong in [
            "",
            "001",
            "001D000000IqhSLIAA",
            "001D000000Iqh-L",
            "001D000000IqhSLIAZ0",
        ] {
            assert_eq!(whole(wrong), None, "{wrong}");
        }
        assert_eq!(make("001", 62), "001Sim000000010IAA");
    }
}
