//! References, and the digests and names in them: what was read is written as something that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use registry::{Digest, Reference, SkillName};

fuzz_target!(|text: &str| {
    if let Ok(reference) = text.parse::<Reference>() {
        assert_eq!(
            reference.to_string().parse::<Reference>().as_ref().ok(),
            Some(&reference)
        );
    }
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
    }
    if let Ok(name) = text.parse::<SkillName>() {
        assert_eq!(name.to_string(), text);
    }
});
