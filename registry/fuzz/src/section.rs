//! The section `skillhost:skill` of a component, and components themselves where the input is one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use registry::Declaration;

/// The first eight bytes of every component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const NAME: &[u8] = b"skillhost:skill";

fuzz_target!(|input: &[u8]| {
    if input.starts_with(COMPONENT) {
        let _ = Declaration::read(input);
        return;
    }
    let mut section = vec![NAME.len() as u8];
    section.extend_from_slice(NAME);
    section.extend_from_slice(input);
    let mut component = COMPONENT.to_vec();
    component.push(0);
    length(section.len(), &mut component);
    component.extend_from_slice(&section);
    let _ = Declaration::read(&component);
});

/// LEB128, as WebAssembly writes lengths.
fn length(mut length: usize, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}
