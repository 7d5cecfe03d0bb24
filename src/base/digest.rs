//! SHA-256, as hexadecimal digits.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// The size and digest of a file while it is read; a waiting thread is notified of
/// every block.
pub(crate) fn of_file(path: &Path, advance: impl Fn(u64)) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut block = vec![0; 1 << 18];
    let (mut bytes, mut hasher) = (0, Sha256::new());
    loop {
        let length = file.read(&mut block)?;
        if length == 0 {
            return Ok((bytes, hex(&hasher.finalize())));
        }
        let length_read = u64::try_from(length).unwrap_or(0);
        bytes += length_read;
        advance(length_read);
        hasher.update(block.get(..length).unwrap_or_default());
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A reader that computes the SHA-256 of what is read through it.
pub(crate) struct DigestReader<R> {
    content: R,
    hasher: Sha256,
}

impl<R: Read> DigestReader<R> {
    pub(crate) fn new(content: R) -> Self {
        Self {
            content,
            hasher: Sha256::new(),
        }
    }

    /// The digest of all that was read.
    pub(crate) fn digest(self) -> String {
        hex(&self.hasher.finalize())
    }
}

impl<R: Read> Read for DigestReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.content.read(buffer)?;
        self.hasher.update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}
