//! A file writer that counts and hashes in a background thread. Another thread flushes
//! the data to disk, so that the thread that makes the rows waits for neither.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::diagnostics::Failure;
use crate::base::digest::hex;

/// Bytes per write. A smaller file needs no thread.
const BUFFER: usize = 1 << 20;

/// The maximum number of buffers that wait to be written.
const WAITING: usize = 8;

/// A file of a run, as the manifest lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "the facts of a file")]
pub struct WrittenFile {
    /// The name in the folder.
    pub name: String,
    /// The number of files, for a folder; the other fields then describe all files
    /// together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    pub bytes: u64,
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
    /// The number of lines, for files that consist of rows.
    #[serde(skip)]
    pub lines: u64,
}

impl WrittenFile {
    /// A file without its size and digest.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// A file that is being written.
#[derive(Debug)]
pub struct HashingWriter {
    name: String,
    path: PathBuf,
    file: Arc<File>,
    /// Bytes not yet written.
    buffer: Vec<u8>,
    writer: Option<WriterThread>,
    bytes: u64,
    lines: u64,
    hasher: Sha256,
}

impl HashingWriter {
    /// A writer for a file that was just created; messages show this path.
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

    /// Appends bytes that contain this number of lines.
    pub fn write(&mut self, bytes: &[u8], lines: u64) -> Result<()> {
        self.lines += lines;
        self.write_all(bytes)
            .map_err(|error| broken(&self.path, error))?;
        Ok(())
    }

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
            // Without a thread, this one writes.
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

    /// The data is complete only when the file is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct WriterThread {
    orders: SyncSender<WriterMessage>,
    /// Buffers already written.
    empty: Receiver<Vec<u8>>,
    thread: JoinHandle<io::Result<()>>,
}

/// A command to the thread. The thread ends when the channel closes.
enum WriterMessage {
    Write(Vec<u8>),
    /// Write the last bytes and flush everything to disk.
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

    /// Passes a buffer on and puts an empty one in its place.
    fn write(self, buffer: &mut Vec<u8>) -> io::Result<Self> {
        let empty = self.empty.try_recv().unwrap_or_default();
        let full = std::mem::replace(buffer, empty);
        match self.orders.send(WriterMessage::Write(full)) {
            Ok(()) => Ok(self),
            // The thread ended early.
            Err(_) => Err(self.end().err().unwrap_or_else(gone)),
        }
    }

    /// Passes the last bytes on and waits until everything is on disk.
    fn finish(self, buffer: &mut Vec<u8>) -> io::Result<()> {
        // If the command cannot be sent, the thread has ended with an error.
        let _ = self
            .orders
            .send(WriterMessage::Finish(std::mem::take(buffer)));
        self.end()
    }

    /// Waits for the result of the thread.
    fn end(self) -> io::Result<()> {
        self.thread.join().unwrap_or_else(|_| Err(gone()))
    }
}

/// The body of the thread.
fn obey(
    file: &Arc<File>,
    orders: &Receiver<WriterMessage>,
    used: &Sender<Vec<u8>>,
) -> io::Result<()> {
    let flusher = Flusher::begin(file);
    let written = write_ordered(file, orders, used, flusher.as_ref());
    // No one else holds the file once the flusher has ended. The system reports a disk
    // error only once, and the flusher may have received it first.
    flusher.map_or(Ok(()), Flusher::end).and(written)?;
    file.sync_all()
}

/// Executes write commands up to the last bytes.
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
                // The receiver may be gone.
                let _ = used.send(bytes);
            }
            WriterMessage::Finish(bytes) => return file.write_all(&bytes),
        }
    }
    Err(io::Error::other("the output was abandoned"))
}

/// A thread that flushes the written data to disk again and again, so that little is
/// left to flush at the end.
#[derive(Debug)]
struct Flusher {
    /// Holds one call; further calls are redundant until it is taken.
    calls: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Flusher {
    /// `None` if no thread is available: everything is then flushed at the end.
    fn begin(file: &Arc<File>) -> Option<Self> {
        let (calls, called) = sync_channel(1);
        let file = Arc::clone(file);
        let flush = move || called.iter().try_for_each(|()| file.sync_data());
        let thread = thread::Builder::new().spawn(flush).ok()?;
        Some(Self { calls, thread })
    }

    /// Signals that more data was written. Returns an error if the thread ended early.
    fn wake(&self) -> io::Result<()> {
        match self.calls.try_send(()) {
            Err(TrySendError::Disconnected(())) => Err(gone()),
            // A call is already pending.
            Ok(()) | Err(TrySendError::Full(())) => Ok(()),
        }
    }

    /// Waits for the result.
    fn end(self) -> io::Result<()> {
        drop(self.calls);
        self.thread.join().unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> io::Error {
    io::Error::other("the writer thread is gone")
}

/// The error for a file that cannot be written.
pub(crate) fn broken(path: &Path, error: io::Error) -> Failure {
    Failure::writing(path.display(), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that accepts writes but cannot be flushed to disk.
    fn without_disk() -> File {
        let file = File::options().write(true).open("/dev/null");
        file.expect("it is there")
    }

    #[test]
    fn a_fault_of_the_disk_is_told_while_the_file_is_written() {
        let flusher = Flusher::begin(&Arc::new(without_disk())).expect("a thread");
        // The flusher ends at the first call; later calls find no receiver.
        let ended = (0..1_000_000).any(|_| {
            thread::yield_now();
            flusher.wake().is_err()
        });
        assert!(ended && flusher.end().is_err());
    }

    #[test]
    fn a_fault_of_the_disk_is_the_end_of_the_file() {
        let path = PathBuf::from("run/rows.csv");
        let mut output = HashingWriter::new("rows.csv", path, without_disk());
        let written = (0..100).try_for_each(|_| output.write(&vec![b'x'; BUFFER], 1));
        let finished = written.and_then(|()| output.finish().map(|_| ()));
        let fault = finished.expect_err("a fault").to_string();
        assert!(fault.contains("cannot write run/rows.csv: "), "{fault}");
        assert!(!fault.contains("is gone"), "the error itself is reported");
    }
}
