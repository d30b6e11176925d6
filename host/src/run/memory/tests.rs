//! Memory is summed over the instance.

use super::*;

const PAGE: usize = 64 << 10;

#[test]
fn memories_and_tables_are_summed() {
    let mut memory = Memory::new(4 * PAGE);
    assert!(memory.memory_growing(0, 2 * PAGE, None).unwrap());
    assert!(memory.memory_growing(0, PAGE, None).unwrap());
    assert!(memory.table_growing(0, PAGE / 8, None).unwrap());
    assert!(!memory.refused());
    assert!(!memory.table_growing(PAGE / 8, PAGE / 8 + 1, None).unwrap());
    assert!(!memory.memory_growing(PAGE, 2 * PAGE, None).unwrap());
    assert!(memory.refused());
}

#[test]
fn growth_beyond_the_declared_maximum_is_the_guests_own_affair() {
    let mut memory = Memory::new(4 * PAGE);
    assert!(!memory.memory_growing(PAGE, 3 * PAGE, Some(2 * PAGE)).unwrap());
    assert!(!memory.refused());
    assert!(memory.memory_growing(0, 4 * PAGE, Some(4 * PAGE)).unwrap());
}

#[test]
fn growth_that_failed_is_given_back() {
    let mut memory = Memory::new(4 * PAGE);
    assert!(memory.memory_growing(0, 3 * PAGE, None).unwrap());
    memory.memory_grow_failed(wasmtime::format_err!("no room")).unwrap();
    assert!(memory.memory_growing(0, 4 * PAGE, None).unwrap());
}

#[test]
fn sizes_that_overflow_are_refused() {
    let mut memory = Memory::new(usize::MAX - 1);
    assert!(!memory.table_growing(0, usize::MAX, None).unwrap());
    assert!(!memory.memory_growing(0, usize::MAX, None).unwrap());
}
