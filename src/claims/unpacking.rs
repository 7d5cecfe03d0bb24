//! How much may be unpacked from a file: a small one could hold more than any
//! memory or disk.

use std::io;

/// How many times its packed size a file may have when unpacked, once it has
/// more than [`HARMLESS`] bytes. Claims, whose ids all differ, stay far below.
const MOST_UNPACKED: u64 = 500;

/// So much may be unpacked from anything.
const HARMLESS: u64 = 64 << 20;

/// Refuses to go on where so many bytes came from so many packed ones.
pub fn check(packed: u64, unpacked: u64) -> io::Result<()> {
    if unpacked <= HARMLESS || unpacked / MOST_UNPACKED <= packed {
        return Ok(());
    }
    let message = format!(
        "{packed} packed bytes are {unpacked} unpacked ones so far, more than {MOST_UNPACKED} times as many"
    );
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}
