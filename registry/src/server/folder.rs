//! Files that are whole or absent: each comes into being by a rename, and is on the disk when the call returns.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file by way of a temporary one in `temporary`, which is on the same file system.
pub(super) fn write(target: &Path, temporary: &Path, content: &[&[u8]]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(temporary)?;
    for part in content {
        file.write_all(part)?;
    }
    file.as_file().sync_all()?;
    make_parent(target)?;
    file.persist(target).map_err(|failed| failed.error)?;
    sync_parent(target)
}

/// Moves a file that is on the disk already.
pub(super) fn adopt(file: &Path, target: &Path) -> io::Result<()> {
    make_parent(target)?;
    fs::rename(file, target)?;
    sync_parent(target)
}

/// Gives a file a second name; false where it has none of the first.
pub(super) fn link(file: &Path, target: &Path) -> io::Result<bool> {
    if target.exists() {
        return Ok(true);
    }
    make_parent(target)?;
    match fs::hard_link(file, target) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        _ => {}
    }
    sync_parent(target)?;
    Ok(true)
}

/// Removes a file; false where there is none.
pub(super) fn remove(file: &Path) -> io::Result<bool> {
    if absent(fs::remove_file(file))?.is_none() {
        return Ok(false);
    }
    sync_parent(file)?;
    Ok(true)
}

/// The names in a folder, sorted by their bytes; none where there is no folder.
pub(super) fn names(folder: &Path) -> io::Result<Option<Vec<String>>> {
    let Some(entries) = absent(fs::read_dir(folder))? else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(Some(names))
}

/// The content of a file; none where there is none.
pub(super) fn read(file: &Path) -> io::Result<Option<Vec<u8>>> {
    absent(fs::read(file))
}

/// What is not there is no failure.
pub(super) fn absent<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Makes a folder and those above it, each on the disk before the next.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    make_parent(folder)?;
    match fs::create_dir(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        _ => {}
    }
    sync_parent(folder)
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), make)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
