//! What a process gives up before it touches a stranger's component.

use std::collections::BTreeMap;

use rustix::process::{Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

use crate::engine::compile::order::{CompileLimits, Order};

type Refused = Box<dyn std::error::Error + Send + Sync>;

/// System calls that computing needs: memory, the three streams that are open already, time and its own signals. No
/// file, socket, process or thread can be made with these.
const ALLOWED: [i64; 29] = [
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_mmap,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Confines this process for good. There must be no other thread yet.
///
/// # Errors
/// Where the kernel refuses, or the parent is gone already.
pub(crate) fn confine(order: &Order) -> Result<(), Refused> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // A parent that died before that line sends no signal any more.
    let parent = getppid().map_or(0, |pid| pid.as_raw_nonzero().get().cast_unsigned());
    if parent != order.parent {
        return Err("the process that asked is gone".into());
    }
    limit(&order.limits)?;
    deny()
}

fn limit(limits: &CompileLimits) -> Result<(), Refused> {
    let all = [
        (Resource::As, limits.memory),
        (Resource::Cpu, limits.cpu.as_secs()),
        (Resource::Fsize, limits.output),
        (Resource::Core, 0),
        (Resource::Nofile, 3),
    ];
    for (resource, most) in all {
        setrlimit(
            resource,
            Rlimit {
                current: Some(most),
                maximum: Some(most),
            },
        )?;
    }
    Ok(())
}

/// Lets this thread, and those that it would start, make no other system call.
pub(crate) fn deny() -> Result<(), Refused> {
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let rules: BTreeMap<i64, _> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, TargetArch::x86_64)?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)?;
    Ok(())
}

#[cfg(test)]
mod tests;
