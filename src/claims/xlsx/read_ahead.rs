//! Reads ahead: one thread expands a part while another reads its XML.

use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Number of bytes passed on at a time.
const BLOCK: usize = 1 << 18;

/// Number of blocks that may wait.
const BLOCKS: usize = 8;

/// Runs `work` on a stream that another thread reads.
pub(super) fn ahead<T>(
    mut content: Box<dyn Read + Send + '_>,
    work: impl FnOnce(Box<dyn Read>) -> T,
) -> T {
    let (sender, blocks) = sync_channel(BLOCKS);
    thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                let mut block = vec![0; BLOCK];
                let read = content.read(&mut block);
                let ended = !matches!(read, Ok(1..));
                let block = read.map(|length| {
                    block.truncate(length);
                    block
                });
                // The reader may have stopped early.
                if sender.send(block).is_err() || ended {
                    return;
                }
            }
        });
        work(Box::new(ReadAhead {
            blocks,
            block: Cursor::default(),
        }))
    })
}

/// The blocks of the other thread as a stream; the last one is empty.
struct ReadAhead {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Cursor<Vec<u8>>,
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.block.read(buffer)?;
        if length > 0 {
            return Ok(length);
        }
        let next = self.blocks.recv().map_err(io::Error::other)?;
        self.block = Cursor::new(next?);
        self.block.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ReaderPanicked;

    impl Read for ReaderPanicked {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::InvalidData.into())
        }
    }

    #[test]
    fn what_is_read_ahead_is_the_same_and_errors_come_in_their_place() {
        let bytes: Vec<u8> = (0..3 * BLOCK + 7)
            .map(|number| number.to_le_bytes()[0])
            .collect();
        let mut read = Vec::new();
        let length = ahead(Box::new(bytes.as_slice()), |mut content| {
            content.read_to_end(&mut read).unwrap()
        });
        assert_eq!((length, &read), (bytes.len(), &bytes));

        let content = Box::new(bytes.as_slice().chain(ReaderPanicked));
        let end = ahead(content, |mut content| content.read_to_end(&mut Vec::new()));
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::InvalidData);
        let first = ahead(Box::new(io::repeat(1)), |mut content| {
            content.read(&mut [0; 4]).unwrap()
        });
        assert_eq!(first, 4, "an endless stream is left when enough was read");
    }
}
