//! Splits a stream into blocks of whole rows, which several threads can process.
//!
//! A block ends at a line break outside quotes. Counting all quotes from the first
//! byte of the stream determines exactly whether a byte is inside quotes, as long
//! as every quote is well placed. From the first row with a misplaced quote on,
//! blocks are just bytes, and the reader must continue row by row.

use std::io::{self, Read};

use memchr::memrchr;
use wide::u8x16;

use crate::claims::csv::reader::LONGEST_ROW;

/// The approximate size of a block, in bytes.
pub(crate) const BLOCK: usize = 1 << 21;

/// Part of a stream.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Bytes of the stream, including those of the block, followed by old contents
    /// of the buffer.
    pub bytes: Vec<u8>,
    /// The number of bytes that belong to the stream.
    filled: usize,
    /// The number of bytes that were already in the `bytes` of an earlier block.
    pub known: usize,
    /// The end of the block; the rest belongs to the next.
    pub end: usize,
    /// True if the block consists of whole rows.
    pub whole: bool,
    pub last: bool,
}

impl Block {
    pub(crate) fn content(&self) -> &[u8] {
        self.bytes.get(..self.end).unwrap_or_default()
    }

    /// The bytes that no earlier block had.
    pub(crate) fn fresh(&self) -> &[u8] {
        self.bytes.get(self.known..self.filled).unwrap_or_default()
    }
}

/// Splits a stream into blocks.
#[derive(Debug)]
pub(crate) struct Blocks<R> {
    input: R,
    /// The rest of the previous block.
    rest: Vec<u8>,
    /// The number of its bytes whose quotes have been counted.
    counted: usize,
    size: usize,
    /// True if a quote is open after the bytes read so far.
    open: bool,
    read_all: bool,
    /// True if the last block was returned.
    ended: bool,
}

impl<R: Read> Blocks<R> {
    /// Blocks of a stream. `begun` was already read, from the beginning of a row;
    /// `ended` is true if nothing follows.
    pub(crate) fn new(begun: Vec<u8>, input: R, ended: bool, size: usize) -> Self {
        Self {
            input,
            rest: begun,
            counted: 0,
            size: size.max(1),
            open: false,
            read_all: ended,
            ended: false,
        }
    }

    /// The next block, in a reused buffer; `None` at the end.
    pub(crate) fn next(&mut self, mut bytes: Vec<u8>) -> io::Result<Option<Block>> {
        if self.ended {
            return Ok(None);
        }
        let known = self.rest.len();
        let mut filled = known;
        // Reused memory is not cleared.
        bytes.resize(bytes.len().max(known + self.size), 0);
        if let Some(start) = bytes.get_mut(..known) {
            start.copy_from_slice(&self.rest);
        }
        self.rest.clear();
        let mut counted = self.counted;
        let (end, whole) = loop {
            if !self.read_all {
                let wanted = filled + self.size;
                bytes.resize(bytes.len().max(wanted), 0);
                while filled < wanted && !self.read_all {
                    let room = bytes.get_mut(filled..wanted).unwrap_or_default();
                    let read = read_some(&mut self.input, room)?;
                    filled += read;
                    self.read_all = read == 0;
                }
            }
            if self.read_all {
                self.ended = true;
                break (filled, true);
            }
            let uncounted = bytes.get(counted..filled).unwrap_or_default();
            if let Some(end) = last_row_end(uncounted, &mut self.open) {
                break (counted + end, true);
            }
            counted = filled;
            if counted > LONGEST_ROW {
                break (counted, false);
            }
        };
        self.rest.extend(bytes.get(end..filled).unwrap_or_default());
        self.counted = self.rest.len();
        Ok(Some(Block {
            bytes,
            filled,
            known,
            end,
            whole,
            last: self.ended,
        }))
    }
}

/// Reads the available bytes; 0 at the end of the stream.
fn read_some(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The end of the last complete row in these bytes. `open` is true if a quote is
/// open before them, and is updated to the state after them.
fn last_row_end(bytes: &[u8], open: &mut bool) -> Option<usize> {
    *open ^= odd_quotes(bytes);
    let mut open_here = *open;
    let mut rest = bytes;
    loop {
        let line_break = memrchr(b'\n', rest)?;
        let (before, after) = rest.split_at(line_break);
        open_here ^= odd_quotes(after);
        if !open_here {
            return Some(line_break + 1);
        }
        rest = before;
    }
}

/// True if the number of quotes is odd.
fn odd_quotes(bytes: &[u8]) -> bool {
    let (lanes, rest) = bytes.as_chunks();
    // The parity of the number of quotes, for each lane position.
    let odd = lanes.iter().fold(u8x16::ZERO, |odd, lane| {
        odd ^ u8x16::new(*lane).simd_eq(u8x16::splat(b'"'))
    });
    let rest = rest.iter().fold(false, |odd, byte| odd ^ (*byte == b'"'));
    (odd.to_bitmask().count_ones() % 2 == 1) ^ rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str, size: usize) -> Vec<String> {
        let mut blocks = Blocks::new(Vec::new(), text.as_bytes(), false, size);
        let mut found = Vec::new();
        let mut fresh = Vec::<u8>::new();
        while let Some(block) = blocks.next(Vec::new()).expect("a slice can be read") {
            assert!(block.whole);
            fresh.extend(block.fresh());
            found.push(String::from_utf8_lossy(block.content()).into_owned());
        }
        assert_eq!(fresh, text.as_bytes(), "every byte is new once");
        found
    }

    #[test]
    fn blocks_are_whole_rows_and_nothing_is_lost() {
        let text = "a,b\n1,\"x\ny\"\r\n\n2,\"\"\"\n\"\"\"\n3,z";
        let ends: Vec<usize> = ["a,b\n", "1,\"x\ny\"\r\n", "\n", "2,\"\"\"\n\"\"\"\n", "3,z"]
            .iter()
            .scan(0, |end, row| {
                *end += row.len();
                Some(*end)
            })
            .collect();
        for size in 1..=text.len() + 1 {
            let blocks = blocks(text, size);
            assert_eq!(blocks.concat(), text, "blocks of {size} bytes");
            let mut end = 0;
            for block in blocks.iter().filter(|block| !block.is_empty()) {
                end += block.len();
                assert!(ends.contains(&end), "blocks of {size} bytes: {block:?}");
            }
        }
    }

    #[test]
    fn a_row_without_end_is_handed_on_before_it_fills_the_memory() {
        let mut blocks = Blocks::new(Vec::new(), io::repeat(b'x').take(1 << 30), false, 1 << 16);
        let block = blocks.next(Vec::new()).expect("it can be read");
        let block = block.expect("there is a block");
        assert!(!block.whole && block.filled <= LONGEST_ROW + (2 << 16));
    }
}
