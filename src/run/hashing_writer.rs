//! A file in the making, counted and digested on the way. A thread of its own
//! writes it and another sends what was written to the disk, so that whoever
//! makes the rows waits for neither.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::base::diagnostics::Failure;
use crate::base::digest::hex;

/// How many bytes are written at once. Smaller files need no thread.
const BUFFER: usize = 1 << 20;

/// How many buffers may wait to be written.
const WAITING: usize = 8;

/// A file that was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// How many lines were written to it, for the files that consist of rows.
    pub lines: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// For a folder of files, how many there are; the rest is of all of them.
    pub files: Option<u64>,
}

/// A file in the making.
#[derive(Debug)]
pub struct HashingWriter {
    name: String,
    path: PathBuf,
    file: Arc<File>,
    /// What is not written yet.
    buffer: Vec<u8>,
    writer: Option<WriterThread>,
    bytes: u64,
    lines: u64,
    hasher: Sha256,
}

impl HashingWriter {
    /// A file of this name that was just made; messages call it by this path.
    pub(super) fn new(name: &str, path: PathBuf, file: File) -> Self {
        Self {
            name: name.to_owned(),
            path,
            file: Arc::new(file),
            buffer: Vec::new(),
            writer: None,
            bytes: 0,
            lines: 0,
            hasher: Sha256::new(),
        }
    }

    /// Appends bytes that are so many lines.
    pub fn write(&mut self, bytes: &[u8], lines: u64) -> Result<()> {
        self.lines += lines;
        self.write_all(bytes)
            .map_err(|error| broken(&self.path, error))?;
        Ok(())
    }

    /// Flushes the file to the disk.
    pub fn finish(mut self) -> Result<WrittenFile> {
        self.write_rest()
            .map_err(|error| broken(&self.path, error))?;
        Ok(WrittenFile {
            name: self.name,
            bytes: self.bytes,
            lines: self.lines,
            sha256: hex(&self.hasher.finalize()),
            files: None,
        })
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let writer = self
            .writer
            .take()
            .or_else(|| WriterThread::begin(&self.file));
        if let Some(writer) = writer {
            self.writer = Some(writer.write(&mut self.buffer)?);
        } else {
            // Where no thread can be had, this one writes.
            (&*self.file).write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn write_rest(&mut self) -> io::Result<()> {
        if let Some(writer) = self.writer.take() {
            return writer.finish(&mut self.buffer);
        }
        (&*self.file).write_all(&self.buffer)?;
        self.file.sync_all()
    }
}

impl Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    /// What was written is in the file when it is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A thread that writes a file.
#[derive(Debug)]
struct WriterThread {
    orders: SyncSender<WriterMessage>,
    /// Buffers that were written.
    empty: Receiver<Vec<u8>>,
    thread: JoinHandle<io::Result<()>>,
}

/// What it is told to do. When there is nobody left to tell it more, it ends.
enum WriterMessage {
    Write(Vec<u8>),
    /// Write the last bytes, and send all to the disk.
    Finish(Vec<u8>),
}

impl WriterThread {
    fn begin(file: &Arc<File>) -> Option<Self> {
        let (orders, to_do) = sync_channel(WAITING);
        let (used, empty) = channel();
        let file = Arc::clone(file);
        let thread = thread::Builder::new().spawn(move || obey(&file, &to_do, &used));
        Some(Self {
            orders,
            empty,
            thread: thread.ok()?,
        })
    }

    /// Hands on a buffer, and puts an empty one in its place.
    fn write(self, buffer: &mut Vec<u8>) -> io::Result<Self> {
        let empty = self.empty.try_recv().unwrap_or_default();
        let full = std::mem::replace(buffer, empty);
        match self.orders.send(WriterMessage::Write(full)) {
            Ok(()) => Ok(self),
            // The thread has ended before its time.
            Err(_) => Err(self.end().err().unwrap_or_else(gone)),
        }
    }

    /// Hands on the last bytes, and waits until all is on the disk.
    fn finish(self, buffer: &mut Vec<u8>) -> io::Result<()> {
        // Where the order cannot be given, the thread has ended with a fault.
        let _ = self
            .orders
            .send(WriterMessage::Finish(std::mem::take(buffer)));
        self.end()
    }

    /// What became of the thread.
    fn end(self) -> io::Result<()> {
        self.thread.join().unwrap_or_else(|_| Err(gone()))
    }
}

/// What the thread does.
fn obey(
    file: &Arc<File>,
    orders: &Receiver<WriterMessage>,
    used: &Sender<Vec<u8>>,
) -> io::Result<()> {
    let flusher = Flusher::begin(file);
    let written = write_ordered(file, orders, used, flusher.as_ref());
    // Nobody holds the file any more when this thread has ended. A fault of the
    // disk is told only once, and was before whatever came of it.
    flusher.map_or(Ok(()), Flusher::end).and(written)?;
    file.sync_all()
}

/// Writes what it is told to, to the last bytes.
fn write_ordered(
    mut file: &File,
    orders: &Receiver<WriterMessage>,
    used: &Sender<Vec<u8>>,
    flusher: Option<&Flusher>,
) -> io::Result<()> {
    for order in orders {
        match order {
            WriterMessage::Write(mut bytes) => {
                file.write_all(&bytes)?;
                flusher.map_or(Ok(()), Flusher::wake)?;
                bytes.clear();
                // Nobody may want it any more.
                let _ = used.send(bytes);
            }
            WriterMessage::Finish(bytes) => return file.write_all(&bytes),
        }
    }
    Err(io::Error::other("nobody wants the file any more"))
}

/// A thread that sends to the disk what was written so far, over and over, so
/// that hardly anything is left to wait for at the end.
#[derive(Debug)]
struct Flusher {
    /// Holds one call: who was called meanwhile need not be called again.
    calls: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Flusher {
    /// Nothing where no thread can be had: all is sent to the disk at the end.
    fn begin(file: &Arc<File>) -> Option<Self> {
        let (calls, called) = sync_channel(1);
        let file = Arc::clone(file);
        let flush = move || called.iter().try_for_each(|()| file.sync_data());
        let thread = thread::Builder::new().spawn(flush).ok()?;
        Some(Self { calls, thread })
    }

    /// Says that more was written. An error if it has ended before its time.
    fn wake(&self) -> io::Result<()> {
        match self.calls.try_send(()) {
            Err(TrySendError::Disconnected(())) => Err(gone()),
            // It was called already and has not come yet.
            Ok(()) | Err(TrySendError::Full(())) => Ok(()),
        }
    }

    /// What became of it.
    fn end(self) -> io::Result<()> {
        drop(self.calls);
        self.thread.join().unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread that writes it is gone")
}

/// That a file cannot be written.
pub(super) fn broken(path: &Path, error: io::Error) -> Failure {
    Failure::new(format!("cannot write {}", path.display()), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that can be written to, but not sent to a disk.
    fn without_disk() -> File {
        let file = File::options().write(true).open("/dev/null");
        file.expect("it is there")
    }

    #[test]
    fn a_fault_of_the_disk_is_told_while_the_file_is_written() {
        let flusher = Flusher::begin(&Arc::new(without_disk())).expect("a thread");
        // It ends at the first call; the next find nobody.
        let told = (0..1_000_000).any(|_| {
            thread::yield_now();
            flusher.wake().is_err()
        });
        assert!(told && flusher.end().is_err());
    }

    #[test]
    fn a_fault_of_the_disk_is_the_end_of_the_file() {
        let path = PathBuf::from("run/rows.csv");
        let mut output = HashingWriter::new("rows.csv", path, without_disk());
        let written = (0..100).try_for_each(|_| output.write(&vec![b'x'; BUFFER], 1));
        let finished = written.and_then(|()| output.finish().map(|_| ()));
        let fault = finished.expect_err("a fault").to_string();
        assert!(fault.contains("cannot write run/rows.csv: "), "{fault}");
        assert!(!fault.contains("is gone"), "the fault itself is told");
    }
}
