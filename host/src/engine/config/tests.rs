//! What WebAssembly may do here, and what it may not.

use std::fmt::Write;

use wasmtime::Engine;
use wasmtime::component::Component;

use super::*;

/// A Wasmtime that brings a feature, or switches one on, has to pass here: decide, then take the snapshot anew.
#[test]
fn every_feature_is_decided() {
    let engine = Engine::new(&compiling().unwrap()).unwrap();
    let on = engine.get_wasm_features();
    let mut listed = String::new();
    for (name, flag) in WasmFeatures::all().iter_names() {
        writeln!(listed, "{} {name}", if on.contains(flag) { "on " } else { "off" }).unwrap();
    }
    insta::assert_snapshot!(listed, @r"
    on  MUTABLE_GLOBAL
    on  SATURATING_FLOAT_TO_INT
    on  SIGN_EXTENSION
    on  REFERENCE_TYPES
    on  MULTI_VALUE
    on  BULK_MEMORY
    on  SIMD
    off RELAXED_SIMD
    off THREADS
    off SHARED_EVERYTHING_THREADS
    off TAIL_CALL
    on  FLOATS
    on  MULTI_MEMORY
    off EXCEPTIONS
    off MEMORY64
    on  EXTENDED_CONST
    on  COMPONENT_MODEL
    off FUNCTION_REFERENCES
    off MEMORY_CONTROL
    off GC
    off CUSTOM_PAGE_SIZES
    off LEGACY_EXCEPTIONS
    off GC_TYPES
    off STACK_SWITCHING
    off WIDE_ARITHMETIC
    off CM_VALUES
    off CM_NESTED_NAMES
    off CM_ASYNC
    off CM_ASYNC_STACKFUL
    off CM_MORE_ASYNC_BUILTINS
    off CM_THREADING
    off CM_ERROR_CONTEXT
    off CM_FIXED_LENGTH_LISTS
    off CM_GC
    off CUSTOM_DESCRIPTORS
    off COMPACT_IMPORTS
    off CM_MAP
    off CM64
    off CM_IMPLEMENTS
    off CM_CANON_NAMES
    ");
}

#[test]
fn each_refused_proposal_is_refused() {
    let engine = Engine::new(&compiling().unwrap()).unwrap();
    let refused = [
        ("threads", "(core module (memory 1 1 shared))"),
        (
            "atomics",
            "(core module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))",
        ),
        ("memory64", "(core module (memory i64 1))"),
        ("table64", "(core module (table i64 1 funcref))"),
        ("tail-call", "(core module (func return_call 0))"),
        ("exceptions", "(core module (tag))"),
        ("legacy-exceptions", "(core module (func try catch_all end))"),
        (
            "function-references",
            "(core module (type $t (func)) (func (param (ref $t))))",
        ),
        ("gc", "(core module (type (struct)))"),
        ("externref", "(core module (func (param externref)))"),
        (
            "relaxed-simd",
            "(core module (func (param v128 v128 v128) (result v128) local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd))",
        ),
        (
            "wide-arithmetic",
            "(core module (func (param i64 i64) (result i64 i64) local.get 0 local.get 1 i64.mul_wide_s))",
        ),
        ("custom-page-sizes", "(core module (memory 1 (pagesize 1)))"),
        ("stack-switching", "(core module (type $f (func)) (type $c (cont $f)))"),
        ("async", "(import \"f\" (func async))"),
        ("stream", "(type (stream u8))"),
        ("future", "(type (future u8))"),
        ("error-context", "(type error-context)"),
        ("fixed-length-list", "(type (list u8 4))"),
        ("map", "(type (map string u8))"),
        ("values", "(import \"v\" (value u8))"),
        ("start", "(import \"f\" (func $f)) (start $f)"),
    ];
    for (proposal, body) in refused {
        let wasm = wat::parse_str(format!("(component {body})")).unwrap_or_else(|error| panic!("{proposal}: {error}"));
        let compiled = engine.precompile_component(&wasm);
        assert!(compiled.is_err(), "{proposal} compiles");
    }
}

#[test]
fn what_toolchains_use_is_taken() {
    let engine = Engine::new(&compiling().unwrap()).unwrap();
    let used = [
        ("simd", "(core module (func (result v128) (v128.const i32x4 1 2 3 4)))"),
        (
            "bulk memory",
            "(core module (memory 1) (func (memory.fill (i32.const 0) (i32.const 1) (i32.const 2))))",
        ),
        ("two tables", "(core module (table 1 funcref) (table 1 funcref))"),
        (
            "multi-value",
            "(core module (func (result i32 i32) i32.const 1 i32.const 2))",
        ),
        (
            "extended-const",
            "(core module (import \"\" \"b\" (global $b i32)) (global i32 (i32.add (global.get $b) (i32.const 1))))",
        ),
    ];
    for (name, body) in used {
        let wasm = wat::parse_str(format!("(component {body})")).unwrap();
        assert!(engine.precompile_component(&wasm).is_ok(), "{name}");
    }
}

/// Two memories in two modules of one component: a call between them needs an adapter that sees both.
#[test]
fn components_may_be_composed() {
    let engine = Engine::new(&compiling().unwrap()).unwrap();
    let wasm = wat::parse_str(include_str!("composed.wat")).unwrap();
    engine.precompile_component(&wasm).unwrap();
}

#[test]
fn what_is_compiled_by_one_configuration_runs_under_the_other() {
    let compiling = Engine::new(&compiling().unwrap()).unwrap();
    let running = Engine::new(&running(&Pool::new(2, 1 << 20)).unwrap()).unwrap();
    let two = wat::parse_str("(component (core module (memory 1) (memory 1)))").unwrap();
    assert!(
        Component::new(&running, two).is_err(),
        "a module with two memories fits the pool"
    );
    let hash = |engine: &Engine| crate::engine::cache::build(engine, std::path::Path::new("/proc/self/exe")).unwrap();
    assert_eq!(hash(&compiling), hash(&running));
}

#[test]
fn wasmtime_is_the_version_that_is_pinned() {
    let lock = include_str!("../../../../Cargo.lock");
    let locked = format!("name = \"wasmtime\"\nversion = \"{WASMTIME}\"\n");
    assert!(
        lock.contains(&locked),
        "Cargo.lock has another wasmtime than {WASMTIME}"
    );
}
