//! Limits settle between default, approval and ceiling.

use super::*;

#[test]
fn an_approval_changes_limits_up_to_the_ceiling() {
    let asked = Limits {
        memory_mib: Some(128),
        guest_ms: Some(u32::MAX),
        fuel_millions: Some(2),
        deadline_ms: None,
        files_mib: Some(u32::MAX),
        logs_kib: Some(0),
        calls: Some(3),
        request_kib: Some(u32::MAX),
        reply_kib: Some(1),
    };
    let defaults = RunLimits::default();
    let ceiling = RunLimits::ceiling();
    let settled = RunLimits::settle(&defaults, &asked, &ceiling);
    assert_eq!(
        settled,
        RunLimits {
            memory: 128 << 20,
            guest_time: ceiling.guest_time,
            fuel: 2_000_000,
            files: ceiling.files,
            logs: 0,
            calls: 3,
            request: ceiling.request,
            reply: 1024,
            ..defaults
        }
    );
}

#[test]
fn a_ceiling_below_the_defaults_holds_for_those_that_ask_for_nothing() {
    let ceiling = RunLimits {
        memory: 1 << 20,
        ..RunLimits::ceiling()
    };
    let settled = RunLimits::settle(&RunLimits::default(), &Limits::default(), &ceiling);
    assert_eq!(settled.memory, 1 << 20);
}
