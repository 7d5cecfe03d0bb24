//! Where the files of a reconciliation go: into a folder, or beside the files of a folder
//! that is there, with which they are compared.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use crate::base::diagnostics::Failure;
use crate::base::digest::hex;
use crate::base::regular_file::open_file;
use crate::run::folder::StagingFolder;
use crate::run::hashing_writer::{HashingWriter, WrittenFile};

/// The size at which lines are passed on.
const FULL: usize = 1 << 16;

/// Receives the files of a reconciliation.
pub(crate) trait Output {
    fn create(&mut self, name: &str) -> Result<Box<dyn OutputFile + '_>>;
}

/// Receives the bytes of a file.
pub(crate) trait OutputFile {
    fn write(&mut self, bytes: &[u8], lines: u64) -> Result<()>;

    fn finish(self: Box<Self>) -> Result<WrittenFile>;
}

/// Lines of a file, passed on many at a time.
pub(crate) struct RowWriter<'o> {
    file: Box<dyn OutputFile + 'o>,
    waiting: String,
    lines: u64,
}

impl<'o> RowWriter<'o> {
    pub(crate) fn new(output: &'o mut dyn Output, name: &str) -> Result<Self> {
        Ok(Self {
            file: output.create(name)?,
            waiting: String::new(),
            lines: 0,
        })
    }

    /// Adds a line, with its end.
    pub(crate) fn line(&mut self, line: &str) -> Result<()> {
        self.waiting.push_str(line);
        self.lines += 1;
        if self.waiting.len() >= FULL {
            self.pass_on()?;
        }
        Ok(())
    }

    fn pass_on(&mut self) -> Result<()> {
        self.file
            .write(self.waiting.as_bytes(), std::mem::take(&mut self.lines))?;
        self.waiting.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<WrittenFile> {
        self.pass_on()?;
        self.file.finish()
    }
}

/// Adds a whole file.
pub(crate) fn document(output: &mut dyn Output, name: &str, text: &str) -> Result<WrittenFile> {
    let mut file = output.create(name)?;
    file.write(text.as_bytes(), 1)?;
    file.finish()
}

impl Output for StagingFolder {
    fn create(&mut self, name: &str) -> Result<Box<dyn OutputFile + '_>> {
        Ok(Box::new(StagingFolder::create(self, name)?))
    }
}

impl OutputFile for HashingWriter {
    fn write(&mut self, bytes: &[u8], lines: u64) -> Result<()> {
        HashingWriter::write(self, bytes, lines)
    }

    fn finish(self: Box<Self>) -> Result<WrittenFile> {
        HashingWriter::finish(*self)
    }
}

/// Compares files with those of a folder.
#[derive(Debug)]
pub(crate) struct Comparing {
    pub folder: PathBuf,
    /// The first difference of each file that differs.
    pub differences: Vec<FileDifference>,
}

/// The first line in which a file differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileDifference {
    pub file: String,
    /// Counted from 1; 0 if the file is not there.
    pub line: u64,
    pub expected: String,
    pub found: String,
}

impl Comparing {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            differences: Vec::new(),
        }
    }
}

impl Output for Comparing {
    fn create(&mut self, name: &str) -> Result<Box<dyn OutputFile + '_>> {
        let path = self.folder.join(name);
        let there = match open_file(&path) {
            Ok(file) => Some(BufReader::new(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::reading(path.display(), error).into()),
        };
        Ok(Box::new(ComparedFile {
            name: name.to_owned(),
            path,
            there,
            line: 1,
            different: None,
            bytes: 0,
            hasher: Sha256::new(),
            differences: &mut self.differences,
        }))
    }
}

/// A file that is compared while it is made.
struct ComparedFile<'c> {
    name: String,
    path: PathBuf,
    there: Option<BufReader<File>>,
    line: u64,
    different: Option<FileDifference>,
    bytes: u64,
    hasher: Sha256,
    differences: &'c mut Vec<FileDifference>,
}

impl ComparedFile<'_> {
    fn compare(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(there) = &mut self.there else {
            return Ok(());
        };
        let mut found = vec![0; bytes.len()];
        let mut length = 0;
        while length < found.len() {
            let rest = found.get_mut(length..).unwrap_or_default();
            let read = there
                .read(rest)
                .map_err(|error| Failure::reading(self.path.display(), error))?;
            if read == 0 {
                break;
            }
            length += read;
        }
        found.truncate(length);
        if found == bytes {
            self.line += memchr::memchr_iter(b'\n', bytes)
                .map(|_| 1_u64)
                .sum::<u64>();
            return Ok(());
        }
        // Files are written in whole lines.
        let made = String::from_utf8_lossy(bytes);
        let found = String::from_utf8_lossy(&found);
        let mut lines = made.lines().zip(found.lines().chain(std::iter::repeat("")));
        let mut line = self.line;
        let (expected, found) = lines
            .find(|(made, found)| {
                line += 1;
                made != found
            })
            .unwrap_or(("", ""));
        self.different = Some(FileDifference {
            file: self.name.clone(),
            line: line - 1,
            expected: expected.to_owned(),
            found: found.to_owned(),
        });
        Ok(())
    }
}

impl OutputFile for ComparedFile<'_> {
    fn write(&mut self, bytes: &[u8], _: u64) -> Result<()> {
        self.bytes += u64::try_from(bytes.len())?;
        self.hasher.update(bytes);
        if self.different.is_none() {
            self.compare(bytes)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<WrittenFile> {
        let mut rest = [0];
        let more = match &mut self.there {
            None => false,
            Some(there) => {
                there
                    .read(&mut rest)
                    .map_err(|error| Failure::reading(self.path.display(), error))?
                    > 0
            }
        };
        if self.there.is_none() || (self.different.is_none() && more) {
            self.different = Some(FileDifference {
                file: self.name.clone(),
                line: if more { self.line } else { 0 },
                expected: String::new(),
                found: String::new(),
            });
        }
        self.differences.extend(self.different.take());
        Ok(WrittenFile {
            name: std::mem::take(&mut self.name),
            bytes: self.bytes,
            sha256: hex(&std::mem::take(&mut self.hasher).finalize()),
            ..WrittenFile::default()
        })
    }
}
