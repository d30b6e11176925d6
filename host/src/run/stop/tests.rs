//! Each way to be stopped has its code and its sentence.

use std::fmt::Write;

use gate::{Code, Suspend};

use super::*;

#[test]
fn every_stop_says_what_to_change() {
    let all = [
        Stopping::Fuel,
        Stopping::GuestTime,
        Stopping::Deadline,
        Stopping::Cancelled,
        Stopping::Memory,
        Stopping::Stack,
        Stopping::Handles,
        Stopping::HostCall,
        Stopping::Random,
        Stopping::HttpFields,
        Stopping::HttpHeld,
        Stopping::BodyUnfinished,
        Stopping::halted(Halt::Suspend(Suspend::Timer {
            number: 1,
            until: jiff::Timestamp::UNIX_EPOCH,
        })),
        Stopping::halted(Halt::Stop(gate::Stop::new(
            Code::OUTCOME_UNKNOWN,
            "Look whether it happened.",
        ))),
        Stopping::Exit,
        Stopping::Capacity,
        Stopping::Trap("wasm trap: integer divide by zero".to_owned()),
        Stopping::Internal,
    ];
    let mut told = String::new();
    for stopping in all {
        let stop = stopping.told(&RunLimits::default());
        writeln!(told, "{}: {}", stop.code, stop.message).unwrap_or_default();
    }
    insta::assert_snapshot!(told, @r"
    fuel: The skill used up its 10000 million units of fuel. Ask for less in one run, or have `fuel-millions` of its approval raised.
    guest-time: The skill computed for 10000 ms, which is all it may. Ask for less in one run, or have `guest-ms` of its approval raised.
    deadline: The run did not end within 3600000 ms, or waited for longer than that. Ask for less in one run, or have `deadline-ms` of its approval raised.
    cancelled: The run was cancelled. Start it again if that was not meant.
    memory: The skill needed more than its 64 MiB of memory. Ask for less in one run, or have `memory-mib` of its approval raised.
    stack: The skill recursed too deeply. Ask for something less nested, or tell its publisher.
    handles: The skill held more than 1000 handles at a time. Tell its publisher that it must drop what it no longer needs.
    host-call: The skill passed more than 16 MiB at once. Ask for less in one run, or tell its publisher to pass it in pieces or as files.
    random: The skill asked for more than 1048576 bytes of randomness at once. Tell its publisher to ask for less.
    http-headers: The skill put more than 64 KiB into the headers of one HTTP request. Tell its publisher.
    http-held: The skill held more than 32 MiB of HTTP headers and bodies at a time. Ask for less in one run, or tell its publisher that it must read or drop what it asked for.
    body-unfinished: The skill waited for the reply to an HTTP request whose body it never finished. Tell its publisher.
    suspended: The run waits for something to happen, and goes on by itself then.
    outcome-unknown: Look whether it happened.
    exit: The skill ended itself instead of answering. Its log may say why; tell its publisher.
    capacity: The host has no place for another run right now. Try again in a moment.
    trap: The skill broke: wasm trap: integer divide by zero. Its log may say why; tell its publisher.
    internal: The host failed, not the skill. Try again, and tell the operator if it happens again.
    ");
}
