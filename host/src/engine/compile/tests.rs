//! The process that compiles, and what it may use.

use std::os::unix::process::ExitStatusExt;

use super::*;

#[test]
fn how_the_compiler_ended_says_whose_fault_it_is() {
    let exited = |code: i32| ExitStatus::from_raw(code << 8);
    let killed = |signal: i32| ExitStatus::from_raw(signal);
    let cases = [
        (exited(0), None),
        (exited(3), Some(Code::CompileFailed)),
        (exited(4), Some(Code::Internal)),
        (exited(101), Some(Code::CompileFailed)),
        (exited(127), Some(Code::Internal)),
        // Aborted for want of memory; killed for the time of the processor; for the size of its output; by the host.
        (killed(6), Some(Code::CompileLimit)),
        (killed(24), Some(Code::CompileLimit)),
        (killed(25), Some(Code::CompileLimit)),
        (killed(9), Some(Code::CompileLimit)),
    ];
    for (status, expected) in cases {
        let code = judge(status, "").err().map(|error| error.code());
        assert_eq!(code, expected, "{status}");
    }
}

#[tokio::test]
async fn a_compiler_that_says_nothing_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let limits = CompileLimits {
        wall: std::time::Duration::from_millis(200),
        ..CompileLimits::default()
    };
    let program = folder.path().join("compiler");
    // Written by another process: a file that this one has open to write cannot be started.
    let write = r#"printf '#!/bin/sh\nexec sleep 600\n' > "$0" && chmod 700 "$0""#;
    let written = std::process::Command::new("/bin/sh")
        .args(["-c", write])
        .arg(&program)
        .status();
    assert!(written.unwrap().success());
    let compiler = Compiler::new(program, limits, 1);
    let code = compiler
        .compile(b"component", folder.path())
        .await
        .map_err(|error| error.code());
    assert_eq!(code.err(), Some(Code::CompileLimit));
}

#[tokio::test]
async fn a_compiler_that_is_not_there_is_the_hosts_fault() {
    let folder = tempfile::tempdir().unwrap();
    let compiler = Compiler::new(folder.path().join("missing"), CompileLimits::default(), 1);
    let code = compiler
        .compile(b"component", folder.path())
        .await
        .map_err(|error| error.code());
    assert_eq!(code.err(), Some(Code::Internal));
}
