//! How memory is made clean is found out, not assumed.

use super::*;

const COLUMNS: &str = "Filename\tType\tSize\tUsed\tPriority\n";

/// A `/proc` and a control group that say this, and whether swap is impossible.
fn swaps(swaps: Option<&str>, most: Option<&str>) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let proc = folder.path().join("proc");
    let group = folder.path().join("cgroup/skillhost.service");
    fs::create_dir_all(proc.join("self")).unwrap();
    fs::create_dir_all(&group).unwrap();
    fs::write(proc.join("self/cgroup"), "4:memory:/old\n0::/skillhost.service\n").unwrap();
    if let Some(text) = swaps {
        fs::write(proc.join("swaps"), text).unwrap();
    }
    if let Some(text) = most {
        fs::write(group.join("memory.swap.max"), text).unwrap();
    }
    never_swaps(&proc, &folder.path().join("cgroup"))
}

#[test]
fn memory_is_scanned_only_where_nothing_can_be_swapped_out() {
    let device = format!("{COLUMNS}/dev/sda2\tpartition\t8388604\t0\t-2\n");
    let cases = [
        (Some(COLUMNS), None, true),
        (Some(COLUMNS), Some("max"), true),
        (Some(device.as_str()), None, false),
        (Some(device.as_str()), Some("max\n"), false),
        (Some(device.as_str()), Some("1048576\n"), false),
        (Some(device.as_str()), Some("0\n"), true),
        (Some(""), None, false),
        (None, None, false),
        (None, Some("0\n"), true),
    ];
    for (index, (file, most, never)) in cases.into_iter().enumerate() {
        assert_eq!(swaps(file, most), never, "case {index}");
    }
}
