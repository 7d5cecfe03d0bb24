//! Copies of texts that are nearly always short. Copying a fixed number of bytes
//! takes a few instructions; copying a variable number takes a call.

use crate::base::diagnostics::OrBug;

/// Appends the first `length` bytes of a text. More bytes may be read, but are not
/// kept.
#[inline]
pub(crate) fn push<const USUAL: usize>(to: &mut Vec<u8>, text: &[u8], length: usize) {
    match text.first_chunk::<USUAL>() {
        Some(chunk) if length <= USUAL => {
            let end = to.len() + length;
            to.extend_from_slice(chunk);
            to.truncate(end);
        }
        _ => to.extend_from_slice(text.get(..length).or_bug("a text is truncated")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_not_kept() {
        let text = b"0123456789abcdefghij";
        for available in 0..=text.len() {
            for length in 0..=available {
                let mut to = b"before".to_vec();
                push::<8>(&mut to, &text[..available], length);
                push::<16>(&mut to, &text[..available], length);
                let expected = [b"before", &text[..length], &text[..length]].concat();
                assert_eq!(to, expected);
            }
        }
    }
}
