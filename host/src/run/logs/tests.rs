//! Log lines are cut, escaped and counted.

use super::*;

fn shown(logs: &mut Logs) -> String {
    let (lines, dropped) = logs.finish();
    let mut text = String::new();
    for line in lines {
        writeln!(text, "{:?}: {}", line.level, line.message).unwrap_or_default();
    }
    format!("{text}dropped: {dropped}")
}

#[test]
fn nothing_that_a_terminal_obeys_gets_through() {
    let mut logs = Logs::new(1 << 10);
    logs.push(LogLevel::Info, "grüße\ttab");
    logs.push(LogLevel::Warn, "done\r\nlevel=INFO user=admin");
    logs.push(LogLevel::Error, "\u{1b}[2J\u{7}\u{0}");
    logs.push(LogLevel::Trace, "a\u{202e}txt.exe\u{2066}b\u{2028}c\u{85}d");
    insta::assert_snapshot!(shown(&mut logs), @r"
    Info: grüße\ttab
    Warn: done\r\nlevel=INFO user=admin
    Error: \u{1b}[2J\u{7}\u{0}
    Trace: a\u{202e}txt.exe\u{2066}b\u{2028}c\u{85}d
    dropped: 0
    ");
}

#[test]
fn what_exceeds_the_limit_is_dropped_and_counted() {
    let mut logs = Logs::new(3 * LINE + 10);
    for text in ["1234567890!", "", "12345", "\n\n\n", "1234567890", "12345", "", ""] {
        logs.push(LogLevel::Info, text);
    }
    insta::assert_snapshot!(shown(&mut logs), @r"
    Info: 1234567890!
    Info: 
    dropped: 6
    ");
}

#[test]
fn standard_output_and_error_become_lines() {
    let mut logs = Logs::new(64 << 10);
    logs.write(LogLevel::Info, b"one\ntw");
    logs.write(LogLevel::Warn, b"odd: \xff\xfe");
    logs.write(LogLevel::Info, b"o\n\nthree");
    insta::assert_snapshot!(shown(&mut logs), @r"
    Info: one
    Info: two
    Info: 
    Info: three
    Warn: odd: ��
    dropped: 0
    ");
}

#[test]
fn a_line_without_end_is_cut() {
    let mut logs = Logs::new(64 << 10);
    for _ in 0..3 {
        logs.write(LogLevel::Info, &[b'x'; 5000]);
    }
    let (lines, _) = logs.finish();
    let lengths: Vec<usize> = lines.iter().map(|line| line.message.len()).collect();
    assert_eq!(lengths, [5000, 5000, 5000]);
}
