//! Programs that others wrote. A machine without them runs the other tests; a machine of CI must have them.

use std::process::{Command, Stdio};

#[expect(clippy::disallowed_methods, reason = "CI says of itself what it is")]
/// Whether a program is not here. Under CI that is a failure, not a reason to skip.
pub(crate) fn absent(program: &str) -> bool {
    let started = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let absent = started.is_err();
    assert!(
        !absent || std::env::var_os("CI").is_none(),
        "{program} is missing, and CI skips nothing"
    );
    if absent {
        eprintln!("not judged by {program}, which is not here");
    }
    absent
}
