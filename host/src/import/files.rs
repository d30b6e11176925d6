//! `skillhost:skill/files`.

use wasmtime::Result;

use crate::import::bindings::files::{File, FileError, Host};
use crate::run::MadeFile;
use crate::run::files::FileRefusal;
use crate::run::guest::Guest;

impl Host for Guest {
    fn put(&mut self, name: String, media_type: String, content: Vec<u8>) -> Result<Result<File, FileError>> {
        let put = self.files.put(name, media_type, content.into());
        Ok(put.map(File::from).map_err(FileError::from))
    }

    fn get(&mut self, sha256: String) -> Result<Result<Vec<u8>, FileError>> {
        let got = self.files.get(&sha256);
        Ok(got.map(|content| content.to_vec()).map_err(FileError::from))
    }
}

impl From<&MadeFile> for File {
    fn from(file: &MadeFile) -> Self {
        Self {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.content.len() as u64,
            sha256: file.sha256.hex(),
        }
    }
}

impl From<FileRefusal> for FileError {
    fn from(refusal: FileRefusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            message: refusal.to_string(),
        }
    }
}
