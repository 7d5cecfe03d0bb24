//! Files compressed with gzip or zstd: detection, and a limit on the expanded size.
//! A small file could expand beyond any memory or disk.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

/// The maximum compression ratio of a file that expands to more than [`HARMLESS`]
/// bytes. Claims files, whose ids are all different, stay far below.
const MOST_UNPACKED: u64 = 500;

/// Any file may expand to this size.
const HARMLESS: u64 = 64 << 20;

/// Fails if the compression ratio is implausible.
pub(crate) fn check(packed: u64, unpacked: u64) -> io::Result<()> {
    if unpacked <= HARMLESS || unpacked / MOST_UNPACKED <= packed {
        return Ok(());
    }
    let message = format!(
        "{packed} compressed bytes expand to at least {unpacked}, which is more than {MOST_UNPACKED} times the size"
    );
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}

/// Limits the bytes unpacked from a number of packed bytes.
pub(crate) struct BoundedReader<R, P> {
    inner: R,
    packed: P,
    bytes: u64,
}

impl<R: Read, P: Fn() -> u64> BoundedReader<R, P> {
    /// Reads this; how many packed bytes it came from so far is asked each time.
    pub(crate) fn new(inner: R, packed: P) -> Self {
        let bytes = 0;
        Self {
            inner,
            packed,
            bytes,
        }
    }
}

impl<R: Read, P: Fn() -> u64> Read for BoundedReader<R, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.bytes += u64::try_from(length).unwrap_or(0);
        check((self.packed)(), self.bytes)?;
        Ok(length)
    }
}

/// The number of bytes that identify the compression.
pub(crate) const MAGIC: u64 = 4;

/// The largest window of zstd (`zstd --long=31`), as a power of two.
const LARGEST_WINDOW: u32 = if usize::BITS > 32 { 31 } else { 30 };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

impl Compression {
    /// Detects the compression by the first bytes of a file. A zstd file may begin
    /// with a skippable frame, as pzstd writes it.
    pub(crate) fn of(first: &[u8]) -> Option<Self> {
        match first {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The compression that the file name indicates, in upper or lower case.
    pub(crate) fn named(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        let is = |packing: &str| extension.eq_ignore_ascii_case(packing);
        if is("gz") {
            Some(Self::Gzip)
        } else if is("zst") {
            Some(Self::Zstd)
        } else {
            None
        }
    }

    /// Decompresses a stream.
    pub(crate) fn unpack(
        self,
        packed: impl Read + Send + 'static,
    ) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Gzip => Box::new(GzipMembers(Some(GzDecoder::new(BufReader::new(packed))))),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::new(packed)?;
                decoder.window_log_max(LARGEST_WINDOW)?;
                Box::new(decoder)
            }
        })
    }
}

/// The members of a gzip file in order; trailing zeros are padding, as on tapes.
struct GzipMembers<R: BufRead>(Option<GzDecoder<R>>);

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let length = member.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let Some(mut rest) = self.0.take().map(GzDecoder::into_inner) else {
                break;
            };
            if !is_padding(&mut rest)? {
                self.0 = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// True if only zeros follow.
fn is_padding(rest: &mut impl BufRead) -> io::Result<bool> {
    let mut zeros = false;
    loop {
        let bytes = rest.fill_buf()?;
        let length = bytes.len();
        if length == 0 {
            return Ok(true);
        }
        if bytes.iter().any(|byte| *byte != 0) {
            if zeros || bytes.first() == Some(&0) {
                return Err(io::Error::other("data follows zeros at the end"));
            }
            return Ok(false);
        }
        zeros = true;
        rest.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut packed = Vec::new();
        let mut encoder =
            flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::new(6));
        encoder.read_to_end(&mut packed).unwrap();
        packed
    }

    fn unpacked(packed: Vec<u8>) -> io::Result<String> {
        let packing = Compression::of(&packed).unwrap();
        let mut text = String::new();
        packing
            .unpack(io::Cursor::new(packed))?
            .read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn all_members_are_unpacked_and_zeros_behind_them_are_no_data() {
        let two = [gzip("id\n1\n"), gzip("2\n")].concat();
        assert_eq!(unpacked(two.clone()).unwrap(), "id\n1\n2\n");
        for zeros in [1, 7, 512, 100_000] {
            let padded = [two.clone(), vec![0; zeros]].concat();
            assert_eq!(unpacked(padded.clone()).unwrap(), "id\n1\n2\n");
            let more = [padded, gzip("3\n")].concat();
            assert!(unpacked(more).is_err(), "{zeros}");
        }
        assert!(unpacked([two, b"x".to_vec()].concat()).is_err());
    }

    #[test]
    fn frames_of_zstd_may_be_skipped_and_windows_long() {
        let frame = zstd::encode_all(&b"id\n1\n"[..], 3).unwrap();
        let skipped = [
            &[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 9, 9, 9, 9],
            &frame[..],
        ]
        .concat();
        assert_eq!(unpacked(skipped).unwrap(), "id\n1\n");
        let mut long = zstd::Encoder::new(Vec::new(), 3).unwrap();
        long.long_distance_matching(true).unwrap();
        long.window_log(31).unwrap();
        io::Write::write_all(&mut long, b"id\n1\n").unwrap();
        assert_eq!(unpacked(long.finish().unwrap()).unwrap(), "id\n1\n");
    }
}
