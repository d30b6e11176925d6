//! What a guest wrote for the operator.

use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::run::{LogLevel, LogLine};

/// Bytes that a line counts besides its text, so that empty lines are not free.
const LINE: usize = 16;

/// Bytes of standard output or error that make a line even without a line feed.
const LONGEST: usize = 8 << 10;

/// The log lines of one run, up to its limit.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Vec<LogLine>,
    /// Bytes that still fit.
    room: usize,
    dropped: u64,
    /// What was written to standard output, and to standard error, since the last line feed.
    begun: [(LogLevel, Vec<u8>); 2],
}

/// The same, where streams of the guest write to it too.
#[derive(Debug)]
pub(crate) struct SharedLogs(Mutex<Logs>);

impl SharedLogs {
    pub(crate) const fn new(logs: Logs) -> Self {
        Self(Mutex::new(logs))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Logs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Logs {
    pub(crate) const fn new(room: usize) -> Self {
        Self {
            lines: Vec::new(),
            room,
            dropped: 0,
            begun: [(LogLevel::Info, Vec::new()), (LogLevel::Warn, Vec::new())],
        }
    }

    /// Keeps a line, or counts it where it does not fit.
    pub(crate) fn push(&mut self, level: LogLevel, text: &str) {
        // An escape is never shorter than what it stands for, so that a line which is too long already is not escaped.
        if text.len().saturating_add(LINE) > self.room {
            self.dropped += 1;
            return;
        }
        let message = escape(text);
        match self.room.checked_sub(message.len() + LINE) {
            Some(room) => {
                self.room = room;
                self.lines.push(LogLine { level, message });
            }
            None => self.dropped += 1,
        }
    }

    /// Takes bytes of standard output (info) or error (warn); each line feed ends a line.
    pub(crate) fn write(&mut self, level: LogLevel, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let ended = piece.ends_with(b"\n");
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            for part in text.chunks(LONGEST) {
                self.append(level, part);
            }
            if ended {
                self.end_line(level, true);
            }
        }
    }

    /// The lines, and how many did not fit; a line that was begun and not ended is one too.
    pub(crate) fn finish(&mut self) -> (Vec<LogLine>, u64) {
        for level in [LogLevel::Info, LogLevel::Warn] {
            self.end_line(level, false);
        }
        (std::mem::take(&mut self.lines), self.dropped)
    }

    fn append(&mut self, level: LogLevel, part: &[u8]) {
        let full = self
            .begun(level)
            .is_some_and(|begun| begun.len() + part.len() > LONGEST);
        if full {
            self.end_line(level, false);
        }
        if let Some(begun) = self.begun(level) {
            begun.extend_from_slice(part);
        }
    }

    fn end_line(&mut self, level: LogLevel, even_empty: bool) {
        let Some(line) = self.begun(level).map(std::mem::take) else {
            return;
        };
        if even_empty || !line.is_empty() {
            self.push(level, &String::from_utf8_lossy(&line));
        }
    }

    fn begun(&mut self, level: LogLevel) -> Option<&mut Vec<u8>> {
        let mut streams = self.begun.iter_mut();
        streams.find(|(of, _)| *of == level).map(|(_, begun)| begun)
    }
}

/// Escapes what a terminal or a log file would obey instead of show.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            _ if !obeyed(char) => escaped.push(char),
            '\n' | '\r' | '\t' => escaped.extend(char.escape_default()),
            _ => write!(escaped, "\\u{{{:x}}}", u32::from(char)).unwrap_or_default(),
        }
    }
    escaped
}

/// Control characters, ends of line and paragraph, and those that turn the direction of text.
fn obeyed(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
