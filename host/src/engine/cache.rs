//! Compiled code on disk. A program that loads bytes as code must know whose they are, so that each entry carries a MAC
//! under a key that lies elsewhere.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use registry::Digest;
use tempfile::NamedTempFile;

use crate::engine::config;

/// A folder of compiled code, one file for each component.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
    /// What the code was compiled by and for.
    build: blake3::Hash,
}

/// Compiled code that this host wrote and nobody changed since.
#[derive(Debug)]
pub(crate) struct Authentic {
    /// The MAC, then the code.
    entry: Vec<u8>,
}

impl Authentic {
    /// The code.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.entry.get(blake3::OUT_LEN..).unwrap_or_default()
    }
}

impl Cache {
    /// Opens the cache of this host's build in a folder, and removes what other builds left there.
    ///
    /// # Errors
    /// Where the folder cannot be used.
    pub(crate) fn open(parent: &Path, key: [u8; 32], build: blake3::Hash) -> io::Result<Self> {
        let folder = parent.join(build.to_hex().as_str());
        fs::create_dir_all(&folder)?;
        for other in fs::read_dir(parent)? {
            let other = other?.path();
            if other != folder && is_build(&other) {
                fs::remove_dir_all(other)?;
            }
        }
        Ok(Self { folder, key, build })
    }

    /// The folder, where whatever is on its way into the cache is written too.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The code compiled from the component of this digest. What cannot be read or was changed counts as missing, with
    /// a word to the operator.
    pub(crate) fn get(&self, digest: Digest) -> Option<Authentic> {
        let path = self.path(digest);
        let entry = match fs::read(&path) {
            Ok(entry) => entry,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(%digest, %error, "compiled code cannot be read; compiling again");
                return None;
            }
        };
        let read = Authentic { entry };
        let mac = read.entry.first_chunk().copied().map(blake3::Hash::from_bytes);
        // Comparing hashes of `blake3` takes the same time wherever they differ.
        if mac != Some(self.mac(digest, read.bytes())) {
            tracing::warn!(%digest, path = %path.display(), "compiled code was changed on disk; compiling again");
            return None;
        }
        Some(read)
    }

    /// Keeps what our compiler wrote for the component of this digest. The code can be used even where keeping fails.
    ///
    /// # Errors
    /// Where what the compiler wrote cannot be read.
    pub(crate) fn put(&self, digest: Digest, mut code: impl Read) -> io::Result<Authentic> {
        let mut entry = vec![0; blake3::OUT_LEN];
        code.read_to_end(&mut entry)?;
        let mut read = Authentic { entry };
        let mac = self.mac(digest, read.bytes());
        if let Some(place) = read.entry.first_chunk_mut() {
            *place = *mac.as_bytes();
        }
        if let Err(error) = self.write(digest, &read.entry) {
            tracing::warn!(%digest, %error, "compiled code cannot be kept");
        }
        Ok(read)
    }

    fn write(&self, digest: Digest, entry: &[u8]) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(entry)?;
        file.persist(self.path(digest))?;
        Ok(())
    }

    /// Over the component's digest too, so that no entry passes for another.
    fn mac(&self, digest: Digest, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"skillhost compiled code 1\0");
        hasher.update(self.build.as_bytes());
        hasher.update(digest.as_bytes());
        hasher.update(code);
        hasher.finalize()
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(digest.hex())
    }
}

/// What compiled code depends on besides the component: Wasmtime's exact version and settings, the processor, and the
/// program that compiles.
///
/// # Errors
/// Where the program cannot be found.
pub(crate) fn build(engine: &wasmtime::Engine, program: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = Blake(blake3::Hasher::new());
    config::WASMTIME.hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    processor().hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    // Reading all of the program would take longer than starting it; a new build is a new file.
    let program = fs::metadata(program)?;
    (program.len(), program.modified()?).hash(&mut hasher);
    Ok(hasher.0.finalize())
}

/// The instructions that compiled code may use, where the processor has them.
fn processor() -> Vec<bool> {
    macro_rules! detected {
        ($($feature:tt)*) => { vec![$(std::arch::is_x86_feature_detected!($feature)),*] };
    }
    detected!(
        "sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "fma" "bmi1" "bmi2" "lzcnt" "cmpxchg16b"
        "avx512f" "avx512dq" "avx512vl" "avx512bitalg" "avx512vbmi"
    )
}

/// The name of a folder that some build made.
fn is_build(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| blake3::Hash::from_hex(name).is_ok())
}

/// Hashes for good what the standard library only hashes for tables.
struct Blake(blake3::Hasher);

impl Hasher for Blake {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        hash.as_bytes()
            .first_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests;
