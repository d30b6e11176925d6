//! The section `skillhost:skill`, version 1: one JSON document.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::SkillFile;
use crate::component::{MOST_SECTION, SECTION};
use crate::error::{Code, Error};

const VERSION: u64 = 1;

/// What the section holds, taken out of its encoding and not checked otherwise.
pub(super) struct Contents {
    pub(super) manifest: String,
    pub(super) wit: String,
    pub(super) files: Vec<SkillFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u64,
    manifest: String,
    wit: String,
    files: Vec<File>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    path: String,
    /// Base64 (RFC 4648, section 4, with padding).
    content: String,
}

/// Reads the section; keys that version 1 does not know, and keys that stand twice, are refused.
pub(super) fn read(bytes: &[u8]) -> Result<Contents, Error> {
    let document: Document = serde_json::from_slice(bytes).map_err(|cause| refuse(bytes, cause))?;
    if document.version != VERSION {
        return Err(unknown_version(document.version));
    }
    let decode = |file: File| match STANDARD.decode(&file.content) {
        Ok(content) => Ok(SkillFile {
            path: file.path,
            content: Bytes::from(content),
        }),
        Err(_) => Err(malformed("the content of a file is not base64")),
    };
    Ok(Contents {
        manifest: document.manifest,
        wit: document.wit,
        files: document.files.into_iter().map(decode).collect::<Result<_, _>>()?,
    })
}

/// The bytes of the section. Files are written in the order of their paths.
pub(crate) fn write(manifest: &str, wit: &str, files: &[SkillFile]) -> Result<Vec<u8>, Error> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let encode = |file: &&SkillFile| File {
        path: file.path.clone(),
        content: STANDARD.encode(&file.content),
    };
    let document = Document {
        version: VERSION,
        manifest: manifest.to_owned(),
        wit: wit.to_owned(),
        files: files.iter().map(encode).collect(),
    };
    let bytes = serde_json::to_vec(&document).map_err(|cause| malformed("it cannot be written").keep(cause))?;
    if bytes.len() > MOST_SECTION {
        return Err(Error::new(
            Code::DeclarationTooLarge,
            format!(
                "skill.toml, the WIT and the files take {} bytes together and may take {MOST_SECTION}: remove files or \
                 make them smaller",
                bytes.len()
            ),
        ));
    }
    Ok(bytes)
}

/// Says why a document cannot be read. A later version may have other keys: then its version is the reason.
fn refuse(bytes: &[u8], cause: serde_json::Error) -> Error {
    #[derive(Deserialize)]
    struct Versioned {
        version: u64,
    }
    match serde_json::from_slice(bytes) {
        Ok(Versioned { version }) if version != VERSION => unknown_version(version),
        _ => malformed("it does not have the form of version 1").keep(cause),
    }
}

fn unknown_version(version: u64) -> Error {
    Error::new(
        Code::DeclarationVersion,
        format!("the section `{SECTION}` has version {version} and this host reads {VERSION}: update the host"),
    )
}

fn malformed(why: &str) -> Error {
    Error::new(
        Code::DeclarationMalformed,
        format!("the section `{SECTION}` cannot be read, {why}: publish the skill again with `skillhost publish`"),
    )
}
