//! Compresses the parts that are the same in every deck, so that no run has to.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

const TEMPLATE: &str = "src/template";

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo says where to write by this variable alone"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={TEMPLATE}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut list = String::from("[\n");
    for (number, file) in files(Path::new(TEMPLATE))?.iter().enumerate() {
        let content = fs::read(file)?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&content)?;
        let packed = out.join(format!("{number}.deflate"));
        fs::write(&packed, encoder.finish()?)?;
        let mut crc = Crc::new();
        crc.update(&content);
        let (path, crc, size) = (file.strip_prefix(TEMPLATE)?, crc.sum(), content.len());
        writeln!(
            list,
            "Packed {{ path: {path:?}, crc: {crc}, size: {size}, deflated: include_bytes!({packed:?}) }},"
        )?;
    }
    list.push(']');
    fs::write(out.join("template.rs"), list)?;
    Ok(())
}

/// In an order of their own, so that the same files give the same bytes.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}
