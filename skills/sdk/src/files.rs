//! The files of a run: those that it was given, and those that it makes.

use crate::{File, FileError};

/// Keeps a file with the run; it is delivered with the run's result, under this name.
///
/// # Errors
/// `invalid-name`, `invalid-media-type`, `too-large`, `too-many` or `duplicate-name`.
pub fn put(name: &str, media_type: &str, content: &[u8]) -> Result<File, FileError> {
    host::put(name, media_type, content)
}

/// The content of a file that the run was given as an argument, or made.
///
/// # Errors
/// `not-found` where the run has no such file.
pub fn get(file: &File) -> Result<Vec<u8>, FileError> {
    host::get(&file.sha256)
}

#[cfg(target_family = "wasm")]
use crate::interfaces::files as host;

/// Stands in for the host in native tests. It keeps every file of the thread, and knows no limits.
#[cfg(not(target_family = "wasm"))]
mod host {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use sha2::{Digest as _, Sha256};

    use crate::{File, FileError};

    thread_local! {
        static KEPT: RefCell<BTreeMap<String, Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
    }

    pub(super) fn put(name: &str, media_type: &str, content: &[u8]) -> Result<File, FileError> {
        let sha256: String = Sha256::digest(content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        KEPT.with_borrow_mut(|kept| kept.insert(sha256.clone(), content.to_vec()));
        Ok(File {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: content.len() as u64,
            sha256,
        })
    }

    pub(super) fn get(sha256: &str) -> Result<Vec<u8>, FileError> {
        KEPT.with_borrow(|kept| kept.get(sha256).cloned())
            .ok_or_else(|| FileError {
                code: "not-found".to_owned(),
                message: "No file of this content was kept on this thread.".to_owned(),
            })
    }
}
