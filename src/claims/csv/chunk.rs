//! Bit masks of 64 bytes, one bit per byte, for commas, quotes and so on. Uses the
//! processor's vector instructions.
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the processor"
)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256i, __m512i};

use pulp::NullaryFnOnce;
use wide::u8x16;

/// The number of bytes in a chunk.
pub(crate) const CHUNK: usize = 64;

/// The number of chunks scanned before the result is used.
pub(crate) const AT_ONCE: usize = 32;

/// Bit masks of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ChunkBits {
    pub commas: u64,
    pub lines: u64,
    pub quotes: u64,
    /// Bytes that need a closer look: control characters other than line feeds, and
    /// the first byte of non-ASCII characters.
    pub special: u64,
}

/// A mask of the bytes equal to `byte`.
pub(crate) fn bits_of(chunk: &[u8; CHUNK], byte: u8) -> u64 {
    const LANES: usize = 16;
    let (lanes, _) = chunk.as_chunks::<LANES>();
    let mut bits = 0;
    for (lane, shift) in lanes.iter().zip((0..).step_by(LANES)) {
        let equal = u8x16::new(*lane).simd_eq(u8x16::splat(byte));
        bits |= u64::from(equal.to_bitmask()) << shift;
    }
    bits
}

/// Scans chunks with certain instructions.
pub(crate) trait ChunkScanner: Copy {
    fn bits(self, chunk: &[u8; CHUNK]) -> ChunkBits;

    /// Scans several chunks. The results are written to memory and read again by
    /// the caller; the compiler produces much slower code if scanning and use are
    /// mixed.
    #[inline(always)]
    fn all_bits(self, chunks: &[[u8; CHUNK]], all: &mut [ChunkBits; AT_ONCE]) {
        for (bits, chunk) in all.iter_mut().zip(chunks) {
            *bits = self.bits(chunk);
        }
    }
}

/// A task that scans chunks.
pub(crate) trait ChunkTask {
    /// Runs the task with this scanner.
    fn look(self, chunks: impl ChunkScanner);
}

/// Runs a task with the best scanner for this processor.
pub(crate) fn dispatch(look: impl ChunkTask) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V4::try_new() {
        simd.vectorize(Scan64 { look, simd });
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.vectorize(Scan64 { look, simd });
        return;
    }
    look.look(Scan16);
}

/// Scans 16 bytes at a time, which every processor supports.
#[derive(Debug, Clone, Copy)]
struct Scan16;

impl ChunkScanner for Scan16 {
    #[inline(always)]
    fn bits(self, chunk: &[u8; CHUNK]) -> ChunkBits {
        const LANES: usize = 16;
        let mut bits = ChunkBits::default();
        let (lanes, _) = chunk.as_chunks::<LANES>();
        for (lane, shift) in lanes.iter().zip((0..).step_by(LANES)) {
            let lane = u8x16::new(*lane);
            let is = |byte: u8| lane.simd_eq(u8x16::splat(byte));
            let breaks = is(b'\n');
            let control = lane.min(u8x16::splat(0x1f)).simd_eq(lane);
            let special = (control & !breaks) | is(0x7f) | is(0xc2);
            let shifted = |met: u8x16| u64::from(met.to_bitmask()) << shift;
            bits.commas |= shifted(is(b','));
            bits.lines |= shifted(breaks);
            bits.quotes |= shifted(is(b'"'));
            bits.special |= shifted(special);
        }
        bits
    }
}

/// Scans 32 or 64 bytes at a time.
#[cfg(target_arch = "x86_64")]
struct Scan64<L, S> {
    look: L,
    simd: S,
}

#[cfg(target_arch = "x86_64")]
impl<L: ChunkTask, S: ChunkScanner> NullaryFnOnce for Scan64<L, S> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.look.look(self.simd);
    }
}

#[cfg(target_arch = "x86_64")]
impl ChunkScanner for pulp::x86::V3 {
    #[inline(always)]
    fn bits(self, chunk: &[u8; CHUNK]) -> ChunkBits {
        const LANES: usize = 32;
        let (avx, avx2) = (self.avx, self.avx2);
        let mut bits = ChunkBits::default();
        let (lanes, _) = chunk.as_chunks::<LANES>();
        for (lane, shift) in lanes.iter().zip((0..).step_by(LANES)) {
            let lane: __m256i = pulp::cast(*lane);
            let all = |byte: u8| avx._mm256_set1_epi8(byte.cast_signed());
            let is = |byte: u8| avx2._mm256_cmpeq_epi8(lane, all(byte));
            let breaks = is(b'\n');
            let control = avx2._mm256_cmpeq_epi8(avx2._mm256_min_epu8(lane, all(0x1f)), lane);
            let above = avx2._mm256_or_si256(is(0x7f), is(0xc2));
            let special = avx2._mm256_or_si256(avx2._mm256_andnot_si256(breaks, control), above);
            let shifted = |met: __m256i| {
                let bits = avx2._mm256_movemask_epi8(met).cast_unsigned();
                u64::from(bits) << shift
            };
            bits.commas |= shifted(is(b','));
            bits.lines |= shifted(breaks);
            bits.quotes |= shifted(is(b'"'));
            bits.special |= shifted(special);
        }
        bits
    }
}

#[cfg(target_arch = "x86_64")]
impl ChunkScanner for pulp::x86::V4 {
    #[inline(always)]
    fn bits(self, chunk: &[u8; CHUNK]) -> ChunkBits {
        let (avx512f, avx512bw) = (self.avx512f, self.avx512bw);
        let chunk: __m512i = pulp::cast(*chunk);
        let all = |byte: u8| avx512f._mm512_set1_epi8(byte.cast_signed());
        let is = |byte: u8| avx512bw._mm512_cmpeq_epi8_mask(chunk, all(byte));
        let lines = is(b'\n');
        let control = avx512bw._mm512_cmple_epu8_mask(chunk, all(0x1f));
        ChunkBits {
            commas: is(b','),
            lines,
            quotes: is(b'"'),
            special: control & !lines | is(0x7f) | is(0xc2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans byte by byte.
    fn by_byte(chunk: &[u8; CHUNK]) -> ChunkBits {
        let bits = |is: fn(u8) -> bool| {
            let bits = chunk.iter().rev();
            bits.fold(0, |bits, byte| bits << 1 | u64::from(is(*byte)))
        };
        ChunkBits {
            commas: bits(|byte| byte == b','),
            lines: bits(|byte| byte == b'\n'),
            quotes: bits(|byte| byte == b'"'),
            special: bits(|byte| byte < 0x20 && byte != b'\n' || byte == 0x7f || byte == 0xc2),
        }
    }

    struct FindMarks<'c>(&'c [u8; CHUNK]);

    impl ChunkTask for FindMarks<'_> {
        fn look(self, chunks: impl ChunkScanner) {
            assert_eq!(chunks.bits(self.0), by_byte(self.0));
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn check_wide(chunk: &[u8; CHUNK]) {
        let look = FindMarks(chunk);
        if let Some(simd) = pulp::x86::V3::try_new() {
            simd.vectorize(Scan64 { look, simd });
        }
        let look = FindMarks(chunk);
        if let Some(simd) = pulp::x86::V4::try_new() {
            simd.vectorize(Scan64 { look, simd });
        }
    }

    #[test]
    fn every_byte_is_told_in_every_place_and_way() {
        for byte in 0..=u8::MAX {
            for place in 0..CHUNK {
                for fill in [b'x', b',', b'"', 0xff] {
                    let mut chunk = [fill; CHUNK];
                    chunk[place] = byte;
                    FindMarks(&chunk).look(Scan16);
                    dispatch(FindMarks(&chunk));
                    #[cfg(target_arch = "x86_64")]
                    check_wide(&chunk);
                }
            }
        }
    }
}
