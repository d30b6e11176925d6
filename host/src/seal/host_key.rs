//! The host's key: one file, outside the data, that opens everything in it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::{KEY_LEN, OpenError, Sealed, TenantKey, Wrapping, random};

/// The key that wraps the tenants' keys.
pub struct HostKey(Wrapping);

/// Why the host's key cannot be used. The host does not start without it.
#[derive(Debug, thiserror::Error)]
pub enum HostKeyError {
    /// There is no such file.
    #[error("the host's key is missing: put it back at {}, without it nothing in the data folder can be read", .0.display())]
    Missing(PathBuf),
    /// There is one already.
    #[error("{} exists already: a new key would make the data folder unreadable", .0.display())]
    Exists(PathBuf),
    /// Others could read it.
    #[error("{} can be read by others: set its mode to 0600", .0.display())]
    Exposed(PathBuf),
    /// It is not a key.
    #[error("{} is not a host key: it must be one line of 64 hexadecimal digits", .0.display())]
    Malformed(PathBuf),
    /// The file system failed.
    #[error("{} cannot be used", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
}

impl HostKey {
    /// The name of the file in the keys folder.
    pub const FILE: &'static str = "host.key";

    /// Makes a key and keeps it; durable when it returns.
    ///
    /// # Errors
    /// Where a key exists already, or the file cannot be written.
    pub fn create(folder: &Path) -> Result<Self, HostKeyError> {
        let path = folder.join(Self::FILE);
        let bytes = random();
        match write_secret(folder, &path, &format!("{}\n", hex::encode(bytes))) {
            Ok(()) => Ok(Self(Wrapping::new(&bytes))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(HostKeyError::Exists(path)),
            Err(source) => Err(HostKeyError::Io { path, source }),
        }
    }

    /// Reads the key.
    ///
    /// # Errors
    /// Where it is missing, malformed or readable by others.
    pub fn load(folder: &Path) -> Result<Self, HostKeyError> {
        let path = folder.join(Self::FILE);
        let text = match read_secret(&path) {
            Ok(Some(text)) => text,
            Ok(None) => return Err(HostKeyError::Exposed(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(HostKeyError::Missing(path)),
            Err(source) => return Err(HostKeyError::Io { path, source }),
        };
        let mut bytes = [0; KEY_LEN];
        match hex::decode_to_slice(text.trim_end(), &mut bytes) {
            Ok(()) => Ok(Self(Wrapping::new(&bytes))),
            Err(_) => Err(HostKeyError::Malformed(path)),
        }
    }

    /// The key that authenticates compiled code: whoever can write the data folder must not choose what runs.
    pub fn code_key(&self) -> [u8; KEY_LEN] {
        self.0.derived_bytes("compiled code")
    }

    /// What the keys of repeated writes are made with. It must outlive every run that waits.
    pub fn gate_secret(&self) -> [u8; KEY_LEN] {
        self.0.derived_bytes("gate")
    }

    /// The key that makes names of accounts out of what logs in there: journals hold those names.
    pub fn account_key(&self) -> [u8; KEY_LEN] {
        self.0.derived_bytes("names of accounts")
    }

    /// A new key for this tenant, and the same wrapped for the store.
    pub fn tenant_key(&self, tenant: &str) -> (TenantKey, Sealed) {
        let fresh = random();
        (TenantKey(Wrapping::new(&fresh)), self.0.wrap(tenant, &fresh))
    }

    /// The key of this tenant.
    ///
    /// # Errors
    /// [`OpenError`] where another host key wrapped it, or it was another tenant's.
    pub fn open(&self, tenant: &str, wrapped: &Sealed) -> Result<TenantKey, OpenError> {
        Ok(TenantKey(Wrapping::new(&self.0.unwrap(tenant, wrapped)?)))
    }
}

fn write_secret(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // The name is durable only when the folder is.
    File::open(folder)?.sync_all()
}

/// The text of the file; none where others could read it too.
fn read_secret(path: &Path) -> io::Result<Option<String>> {
    let file = File::open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        return Ok(None);
    }
    let mut text = String::new();
    file.take(1024).read_to_string(&mut text)?;
    Ok(Some(text))
}
