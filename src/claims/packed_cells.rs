//! Cells as 64-bit words of eight bytes each, which are compared and hashed much
//! faster than text.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

/// The number of bytes in a word.
const WORD: usize = 8;

/// Adds the words of a cell, which is the first `length` bytes of `text`.
///
/// The last word has fewer than eight bytes of the cell, padded with zeros, and no
/// cell contains NUL. Equal numbers of cells therefore have equal words only if
/// they are equal.
#[inline]
pub(super) fn push(words: &mut Vec<u64>, text: &[u8], mut length: usize) {
    let mut rest = text;
    loop {
        let word = first(rest);
        if length < WORD {
            words.push(word & lower_bytes(length));
            return;
        }
        words.push(word);
        rest = rest.get(WORD..).unwrap_or_default();
        length -= WORD;
    }
}

/// The rest of the words after those of a cell, if they begin with them; see
/// [`push`].
#[inline]
pub(super) fn after<'w>(mut words: &'w [u64], text: &[u8], mut length: usize) -> Option<&'w [u64]> {
    let mut rest = text;
    loop {
        let (&word, others) = words.split_first()?;
        let found = first(rest);
        if length < WORD {
            return (found & lower_bytes(length) == word).then_some(others);
        }
        if found != word {
            return None;
        }
        words = others;
        rest = rest.get(WORD..).unwrap_or_default();
        length -= WORD;
    }
}

/// True if a cell, which is the first `length` bytes of `text`, contains this byte.
#[inline]
pub(super) fn have(text: &[u8], mut length: usize, byte: u8) -> bool {
    let mut rest = text;
    loop {
        // Zeros where the byte is.
        let differing = first(rest) ^ u64::from_le_bytes([byte; WORD]);
        if length < WORD {
            return has_zero(differing | !lower_bytes(length));
        }
        if has_zero(differing) {
            return true;
        }
        rest = rest.get(WORD..).unwrap_or_default();
        length -= WORD;
    }
}

/// True if one of the eight bytes is zero: only then does subtracting one from each
/// set the highest bit of a byte in which it was clear.
#[inline]
fn has_zero(word: u64) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; WORD]);
    const HIGHEST: u64 = ONES << 7;
    word.wrapping_sub(ONES) & !word & HIGHEST != 0
}

/// The first eight bytes, padded with zeros.
#[inline]
fn first(text: &[u8]) -> u64 {
    let word = text.first_chunk().copied().unwrap_or_else(|| {
        let mut word = [0; WORD];
        for (to, from) in word.iter_mut().zip(text) {
            *to = *from;
        }
        word
    });
    u64::from_le_bytes(word)
}

/// A mask of the lowest `count` bytes, fewer than eight.
fn lower_bytes(count: usize) -> u64 {
    (1 << (8 * count)) - 1
}

pub(super) fn hash(words: &[u64]) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    for word in words {
        hasher.write_u64(*word);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(cells: &[&str], after: &str) -> Vec<u64> {
        let mut words = Vec::new();
        for cell in cells {
            push(&mut words, format!("{cell}{after}").as_bytes(), cell.len());
        }
        words
    }

    #[test]
    fn a_byte_is_found_in_every_place() {
        for length in 0..20 {
            let mut text = [b'!'; 24];
            text[length..].fill(b'"');
            assert!(!have(&text, length, b'"'), "{length}: what follows");
            assert!(!have(&text[..length], length, b'"'), "{length}");
            for place in 0..length {
                for other in [0x21, 0x23, 0x7f, 0x80, 0xa2, 0xff] {
                    let mut text = text;
                    text[..length].fill(other);
                    assert!(!have(&text, length, b'"'), "{other} {length}");
                    text[place] = b'"';
                    assert!(have(&text, length, b'"'), "{other} {place} of {length}");
                    assert!(have(&text[..length], length, b'"'), "{place} of {length}");
                }
            }
        }
    }

    #[test]
    fn different_cells_have_different_words() {
        let letters = "abcdefghijklmnopqrstuvwxyz";
        let mut all = Vec::new();
        for length in 0..=letters.len() {
            let (a, b) = letters.split_at(length);
            all.push(words(&[a, b], ""));
            all.push(words(&[a], ""));
            all.push(words(&[a, ""], ""));
            all.push(words(&["", a], ""));
            assert_eq!(words(&[a], ""), words(&[a], ",other,cells,after"));
        }
        let count = all.len();
        all.sort();
        all.dedup();
        // One cell may have the words of two, but a key always has the same number
        // of cells. Tests blank cells in either order.
        assert!(count - all.len() <= 4, "{} of {count}", all.len());
    }
}
