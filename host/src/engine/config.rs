//! How Wasmtime is configured: each choice that it leaves to its embedder, made once.

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, ModuleVersionStrategy, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm, Result, Strategy, WasmFeatures,
};

use crate::engine::pool::{Pool, Reset};

/// What a skill's code may use of WebAssembly. Everything else is refused when the skill is compiled, whatever a later
/// Wasmtime switches on by default: a proposal that is off cannot have a bug that matters here.
pub(crate) const ALLOWED: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::EXTENDED_CONST)
    // For the adapters that Wasmtime writes between the parts of a composed component. A module that has several
    // memories of its own does not fit the pool.
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::COMPONENT_MODEL);

/// The exact version that compiled code is for; Wasmtime itself would take code of any patch release.
pub(crate) const WASMTIME: &str = "48.0.8";

/// Bytes of stack that a guest may use.
pub(crate) const GUEST_STACK: usize = 512 << 10;

/// Bytes of stack of a run: what the guest may use, and 1 MiB for the host's own functions that it calls.
const RUN_STACK: usize = GUEST_STACK + (1 << 20);

/// Bytes of address space that each memory reserves, so that 32-bit addresses need no bounds checks.
const RESERVED: u64 = 4 << 30;

/// The configuration under which skills are compiled. Compiled code runs only under the same one.
///
/// # Errors
/// Where Wasmtime refuses a setting.
pub(crate) fn compiling() -> Result<Config> {
    let mut config = Config::new();
    config
        .module_version(ModuleVersionStrategy::Custom(WASMTIME.to_owned()))?
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking)
        .wasm_features(WasmFeatures::all().difference(ALLOWED), false)
        .wasm_features(ALLOWED, true)
        .concurrency_support(false)
        .shared_memory(false)
        // The same start gives the same run, on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .consume_fuel(true)
        .epoch_interruption(true)
        // A trap is answered with its kind alone; gathering frames would cost more than the run.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .debug_info(false)
        .debug_symbols(false)
        .memory_reservation(RESERVED)
        .memory_may_move(false)
        .memory_init_cow(true)
        .signals_based_traps(true)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(RUN_STACK);
    Ok(config)
}

/// The configuration under which skills run: the same, with the pool that their memory comes from.
///
/// # Errors
/// Where Wasmtime refuses a setting.
pub(crate) fn running(pool: &Pool) -> Result<Config> {
    let mut config = compiling()?;
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(pool)));
    Ok(config)
}

fn pooling(pool: &Pool) -> PoolingAllocationConfig {
    let mut config = PoolingAllocationConfig::new();
    config
        .total_component_instances(pool.runs)
        .total_stacks(pool.runs)
        .total_core_instances(pool.runs.saturating_mul(Pool::INSTANCES))
        .total_memories(pool.runs.saturating_mul(Pool::MEMORIES))
        .total_tables(pool.runs.saturating_mul(Pool::TABLES))
        .max_core_instances_per_component(Pool::INSTANCES)
        .max_memories_per_component(Pool::MEMORIES)
        .max_tables_per_component(Pool::TABLES)
        .max_memories_per_module(1)
        .max_tables_per_module(Pool::TABLES)
        .table_elements(Pool::TABLE_ELEMENTS)
        .max_memory_size(pool.memory)
        .max_unused_warm_slots(pool.warm)
        .linear_memory_keep_resident(pool.reset.memory_kept())
        .table_keep_resident(pool.reset.table_kept())
        .pagemap_scan(match pool.reset {
            Reset::Scan => Enabled::Yes,
            Reset::Zero => Enabled::No,
        });
    config
}

#[cfg(test)]
mod tests;
