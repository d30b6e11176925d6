//! `skill.toml`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use registry::Manifest;

fuzz_target!(|text: &str| {
    let _ = Manifest::parse(text);
});
