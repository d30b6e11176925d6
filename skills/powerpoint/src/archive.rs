//! A ZIP file in memory.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};

/// The first day that a ZIP file can name, in seconds since 1970: 1980-01-01.
const FIRST_TIME: i64 = 315_532_800;

/// A ZIP file that is being written.
pub(crate) struct Archive {
    entries: ZipArchiveWriter<Vec<u8>>,
    /// One for all entries: to make one takes as long as to compress a short part.
    deflate: DeflateEncoder<Vec<u8>>,
}

/// What an entry holds, compressed.
pub(crate) struct Packed<'a> {
    pub(crate) path: &'a str,
    /// CRC-32 of the content.
    pub(crate) crc: u32,
    /// Bytes of the content.
    pub(crate) size: u64,
    pub(crate) deflated: &'a [u8],
}

impl Archive {
    pub(crate) fn new() -> Self {
        Self {
            entries: ZipArchiveWriter::new(Vec::new()),
            deflate: DeflateEncoder::new(Vec::new(), Compression::default()),
        }
    }

    /// Compresses a content once and adds it at each of these paths.
    pub(crate) fn add(&mut self, paths: impl IntoIterator<Item: AsRef<str>>, content: &[u8]) -> io::Result<()> {
        self.deflate.write_all(content)?;
        let deflated = self.deflate.reset(Vec::new())?;
        let (crc, size) = (rawzip::crc32(content), content.len() as u64);
        paths.into_iter().try_for_each(|path| {
            self.put(&Packed {
                path: path.as_ref(),
                crc,
                size,
                deflated: &deflated,
            })
        })
    }

    /// Adds what is compressed already.
    pub(crate) fn put(&mut self, packed: &Packed<'_>) -> io::Result<()> {
        let entry = self.entries.new_file(packed.path);
        let entry = entry.last_modified(UtcDateTime::from_unix(FIRST_TIME));
        let entry = entry.compression_method(CompressionMethod::DEFLATE).start();
        let (mut entry, _) = entry.map_err(io::Error::other)?;
        entry.write_all(packed.deflated)?;
        let content = DataDescriptorOutput::new(packed.crc, packed.size);
        entry.finish(content).map_err(io::Error::other)?;
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        self.entries.finish().map_err(io::Error::other)
    }
}
