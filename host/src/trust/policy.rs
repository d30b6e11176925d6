//! The file of the trust policy, and the last good text of it, which stays in force where the file is not.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use registry::{Digest, Error, Policy};

/// The most bytes that are read; one more than a policy may have.
const MOST: u64 = 256 * 1024 + 1;

/// Where the policy is written, and where the host keeps the last good text of it.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    written: PathBuf,
    kept: PathBuf,
}

/// A trust policy that holds, and whether its file says so too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// What is in force.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
    /// Why the file is not, where it says something else.
    pub fault: Option<Fault>,
    /// What the file was when it was looked at.
    seen: Option<Digest>,
}

/// Why a policy is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When that was found.
    pub at: Timestamp,
    /// What to change.
    pub told: String,
}

impl InForce {
    /// The SHA-256 of the text.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

impl PolicyFile {
    /// The policy in this file, whose last good text is kept in the data folder.
    pub fn new(written: PathBuf, data: &Path) -> Self {
        Self {
            written,
            kept: data.join("trust-policy.toml"),
        }
    }

    /// What is in force when the host starts: what the file says, else what it said when it was last good, else nothing
    /// is trusted. A host starts with any of them, because it must not be a typing error that stops it.
    pub(super) fn start(&self) -> (InForce, Policy) {
        let kept = read(&self.kept).and_then(|text| Ok((parse(&text)?, text)));
        let (policy, text, since) = match kept {
            Ok((policy, text)) => (policy, text, kept_since(&self.kept)),
            Err(_) => (Policy::of_nothing(), String::new(), Timestamp::now()),
        };
        let before = InForce {
            text,
            since,
            fault: None,
            seen: None,
        };
        match self.look(&before) {
            Some((now, Some(changed))) => (now, changed),
            Some((now, None)) => (now, policy),
            None => (before, policy),
        }
    }

    /// What the file says now: none where it is as it was looked at before; the policy where it says another.
    pub(super) fn look(&self, before: &InForce) -> Option<(InForce, Option<Policy>)> {
        let read = read(&self.written);
        let seen = read.as_ref().ok().map(|text| Digest::of(text.as_bytes()));
        if seen.is_some() && seen == before.seen {
            return None;
        }
        match read.and_then(|text| Ok((parse(&text)?, text))) {
            Ok((_, text)) if text == before.text => Some((
                InForce {
                    fault: None,
                    seen,
                    ..before.clone()
                },
                None,
            )),
            Ok((policy, text)) => {
                self.keep(&text);
                tracing::info!(file = %self.written.display(), "another trust policy is in force");
                let now = InForce {
                    text,
                    since: Timestamp::now(),
                    fault: None,
                    seen,
                };
                Some((now, Some(policy)))
            }
            Err(told) => self.fault(before, seen, told),
        }
    }

    fn fault(&self, before: &InForce, seen: Option<Digest>, told: String) -> Option<(InForce, Option<Policy>)> {
        if before.seen == seen && before.fault.as_ref().is_some_and(|fault| fault.told == told) {
            return None;
        }
        tracing::error!(
            file = %self.written.display(), since = %before.since, "the trust policy is not taken, and the one before \
             stays in force: {told}"
        );
        let fault = Fault {
            at: Timestamp::now(),
            told,
        };
        Some((
            InForce {
                fault: Some(fault),
                seen,
                ..before.clone()
            },
            None,
        ))
    }

    /// Keeps a good text for a start at which the file is not.
    fn keep(&self, text: &str) {
        let write = || {
            let folder = self.kept.parent().unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.kept)?;
            File::open(folder)?.sync_all()
        };
        if let Err(error) = write() {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the trust policy is not kept for the next start"
            );
        }
    }
}

fn parse(text: &str) -> Result<Policy, String> {
    Policy::parse(text).map_err(|error: Error| error.told().to_owned())
}

fn read(path: &Path) -> Result<String, String> {
    let read = || -> io::Result<String> {
        let mut text = String::new();
        File::open(path)?.take(MOST).read_to_string(&mut text)?;
        Ok(text)
    };
    read().map_err(|cause| format!("the trust policy cannot be read: {}", cause.kind()))
}

fn kept_since(kept: &Path) -> Timestamp {
    let modified = std::fs::metadata(kept).and_then(|facts| facts.modified());
    modified
        .ok()
        .and_then(|modified| modified.try_into().ok())
        .unwrap_or_else(Timestamp::now)
}
