//! Sigstore bundles around statements: whatever lies beside an artifact, it is judged, and nothing but the true signature
//! holds.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| registry::fuzzing::bundle(input));
