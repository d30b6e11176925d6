//! Manifests and lists of them, as registries serve them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| registry::fuzzing::manifest(input));
