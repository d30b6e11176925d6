//! The files of one run: those that it was given, and those that it makes.

use std::collections::BTreeMap;

use bytes::Bytes;
use registry::Digest;

use crate::run::MadeFile;
use crate::run::limits::RunLimits;

/// Files by their content. Nothing of it is written anywhere before the run ended.
#[derive(Debug)]
pub(crate) struct Files {
    given: BTreeMap<Digest, Bytes>,
    made: Vec<MadeFile>,
    /// Bytes that still fit.
    room: usize,
}

/// Why a file was not kept or not found. The guest is told, and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileRefusal {
    #[error("a file's name must be 1 to 255 bytes without slashes or control characters, and not `.` or `..`")]
    Name,
    #[error("a media type must look like `application/pdf`, in at most 255 printable ASCII characters")]
    MediaType,
    #[error("the file does not fit: only {room} bytes are left for the files of this run")]
    TooLarge { room: usize },
    #[error("a run may make at most {} files", RunLimits::FILES)]
    TooMany,
    #[error("this run already made a file of that name")]
    Duplicate,
    #[error(
        "no file of this run has that SHA-256: give 64 lower-case hexadecimal digits of a file it was given or made"
    )]
    NotFound,
}

impl Files {
    /// Files that were given, and room in bytes for those that are made.
    pub(crate) const fn new(given: BTreeMap<Digest, Bytes>, room: usize) -> Self {
        Self {
            given,
            made: Vec::new(),
            room,
        }
    }

    /// Keeps a file.
    ///
    /// # Errors
    /// Where its name or media type cannot be used, the name is taken, or it does not fit.
    pub(crate) fn put(&mut self, name: String, media_type: String, content: Bytes) -> Result<&MadeFile, FileRefusal> {
        if !is_name(&name) {
            return Err(FileRefusal::Name);
        }
        if !is_media_type(&media_type) {
            return Err(FileRefusal::MediaType);
        }
        if self.made.iter().any(|file| file.name == name) {
            return Err(FileRefusal::Duplicate);
        }
        if self.made.len() >= RunLimits::FILES {
            return Err(FileRefusal::TooMany);
        }
        let room = self.room;
        self.room = room.checked_sub(content.len()).ok_or(FileRefusal::TooLarge { room })?;
        let sha256 = Digest::of(&content);
        Ok(self.made.push_mut(MadeFile {
            name,
            media_type,
            sha256,
            content,
        }))
    }

    /// The content of a file that was given or made.
    ///
    /// # Errors
    /// Where there is none.
    pub(crate) fn get(&self, sha256: &str) -> Result<Bytes, FileRefusal> {
        let digest = Digest::from_hex(sha256).map_err(|_| FileRefusal::NotFound)?;
        let made = || {
            self.made
                .iter()
                .find(|file| file.sha256 == digest)
                .map(|file| &file.content)
        };
        self.given
            .get(&digest)
            .or_else(made)
            .cloned()
            .ok_or(FileRefusal::NotFound)
    }

    /// Those that were made, in their order.
    pub(crate) fn finish(&mut self) -> Vec<MadeFile> {
        std::mem::take(&mut self.made)
    }
}

impl FileRefusal {
    /// The code of `file-error` in the WIT.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Name => "invalid-name",
            Self::MediaType => "invalid-media-type",
            Self::TooLarge { .. } => "too-large",
            Self::TooMany => "too-many",
            Self::Duplicate => "duplicate-name",
            Self::NotFound => "not-found",
        }
    }
}

/// Backslashes count as slashes: people of every system save these files.
fn is_name(name: &str) -> bool {
    let fits = (1..=255).contains(&name.len());
    fits && name != "." && name != ".." && !name.chars().any(|char| char.is_control() || matches!(char, '/' | '\\'))
}

/// A type and a subtype (RFC 6838 section 4.2), and perhaps parameters.
fn is_media_type(text: &str) -> bool {
    let printable = text.len() <= 255 && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let named = text.split(';').next().unwrap_or_default().trim_end();
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    printable && named.split_once('/').is_some_and(|(kind, sub)| part(kind) && part(sub))
}

#[cfg(test)]
mod tests;
