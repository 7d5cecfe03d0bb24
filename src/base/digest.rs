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
