//! Claims files as streams: plain, gzip, zstd, a worksheet, or standard input. Each
//! is read once; its size and SHA-256, of the file itself, are computed on the way.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::base::diagnostics::{ClaimProblem, Failure, Message, nearest, quotable};
use crate::base::digest::hex;
use crate::base::messages::{cannot_decompress, cannot_open};
use crate::base::parallel::lock;
use crate::base::regular_file::folder_of;
use crate::claims::compression::{BoundedReader, Compression, MAGIC};
use crate::claims::corrections::Corrections;
use crate::claims::corrections::stream::{CorrectedStream, CorrectionLog};
use crate::claims::messages;
use crate::claims::xlsx::{self, SheetFacts};
use crate::plan::Plan;

/// One claims file of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    File(PathBuf),
    /// A workbook, and the requested sheet.
    Workbook(PathBuf, Option<String>),
    Stdin,
    /// A file of trades.
    Trades(Box<Input>),
    /// A claims file whose cells are corrected while it is read.
    Corrected(Box<Input>, Arc<Corrections>),
    /// Text that the program generated.
    Memory(Arc<str>),
}

/// The files of trades, and those of claims.
pub(crate) fn split(inputs: &[Input]) -> (Vec<Input>, Vec<Input>) {
    let (mut trades, mut claims) = (Vec::new(), Vec::new());
    for input in inputs {
        match input {
            Input::Trades(file) => trades.push((**file).clone()),
            other => claims.push(other.clone()),
        }
    }
    (trades, claims)
}

impl Input {
    /// The input for an argument: a path, or `-` for standard input. `sheet`
    /// selects the sheet of a workbook; the default is the first.
    pub fn named(path: &Path, sheet: Option<&str>) -> Self {
        if path == Path::new("-") {
            Self::Stdin
        } else if is_workbook(path) {
            Self::Workbook(path.to_owned(), sheet.map(str::to_owned))
        } else {
            Self::File(path.to_owned())
        }
    }

    /// The path, unless this is standard input.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Workbook(path, _) => Some(path),
            Self::Stdin | Self::Memory(_) => None,
            Self::Trades(file) | Self::Corrected(file, _) => file.path(),
        }
    }

    pub fn sheet(&self) -> Option<&str> {
        match self {
            Self::Workbook(_, sheet) => sheet.as_deref(),
            Self::Trades(file) | Self::Corrected(file, _) => file.sheet(),
            _ => None,
        }
    }

    /// The corrections of its cells.
    pub(crate) fn corrections(&self) -> Option<&Arc<Corrections>> {
        match self {
            Self::Corrected(_, corrections) => Some(corrections),
            _ => None,
        }
    }

    /// The name for messages.
    pub fn shown(&self) -> String {
        self.path().map_or_else(
            || "standard input".to_owned(),
            |path| path.display().to_string(),
        )
    }

    /// The name for the manifest: without folders; `-` for standard input.
    pub fn name(&self) -> String {
        let Some(path) = self.path() else {
            return "-".to_owned();
        };
        let name = path.file_name();
        name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// The size and modification time, which reveal that the file has changed.
    /// `None` unless it is a regular file.
    pub fn stamp(&self) -> Option<(u64, std::time::SystemTime)> {
        let facts = std::fs::metadata(self.path()?)
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        Some((facts.len(), facts.modified().ok()?))
    }

    /// The size of the file, if known.
    pub fn size(&self) -> Option<u64> {
        let facts = std::fs::metadata(self.path()?).ok()?;
        Some(facts.len())
    }
}

/// True if the file name is that of a workbook.
pub fn is_workbook(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is = |kind: &str| extension.is_some_and(|extension| extension.eq_ignore_ascii_case(kind));
    is("xlsx") || is("xlsm")
}

/// The size and hash of the bytes read so far.
#[derive(Debug, Clone, Default)]
pub struct FileDigest {
    pub bytes: u64,
    /// The number of bytes for which progress was shown.
    shown: u64,
    /// The last byte.
    last: Option<u8>,
    hasher: Sha256,
    /// True if the reader adds bytes itself, after reading, so that others can read
    /// on without waiting for the hash.
    by_hand: Arc<AtomicBool>,
}

impl FileDigest {
    /// Sets whether the reader adds the bytes itself.
    pub fn note_by_hand(&self, by_hand: bool) {
        self.by_hand.store(by_hand, Ordering::Relaxed);
    }

    /// Adds the next bytes of the file.
    pub fn note(&mut self, bytes: &[u8]) {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        self.last = bytes.last().copied().or(self.last);
        self.hasher.update(bytes);
    }

    /// The number of bytes read since the last call.
    pub fn new_bytes(&mut self) -> u64 {
        self.bytes - std::mem::replace(&mut self.shown, self.bytes)
    }

    /// True if the last byte is a line feed.
    pub fn ends_a_line(&self) -> bool {
        self.last == Some(b'\n')
    }

    /// The SHA-256 of the bytes read, in hexadecimal.
    pub fn digest(&self) -> String {
        hex(&self.hasher.clone().finalize())
    }
}

/// A stream that hashes all bytes that pass.
struct HashingReader<R> {
    inner: R,
    seen: Arc<Mutex<FileDigest>>,
    by_hand: Arc<AtomicBool>,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        if !self.by_hand.load(Ordering::Relaxed) {
            lock(&self.seen).note(buffer.get(..length).unwrap_or_default());
        }
        Ok(length)
    }
}

/// An open claims file.
pub struct ClaimsStream {
    /// The decompressed content.
    pub content: Box<dyn Read + Send>,
    /// True if the content is the file itself.
    pub plain: bool,
    /// The size and hash of the file so far.
    pub seen: Arc<Mutex<FileDigest>>,
    /// For a worksheet: the positions of its rows, and its faults.
    pub sheet: Option<SheetFacts>,
    /// The changes that corrections have made so far.
    pub corrected: Option<Arc<Mutex<CorrectionLog>>>,
}

impl ClaimsStream {
    /// The stream with corrected cells.
    fn corrected(self, corrections: &Arc<Corrections>, name: String, before: u64) -> Self {
        let content = CorrectedStream::new(self.content, Arc::clone(corrections), name, before);
        Self {
            corrected: Some(content.log()),
            content: Box::new(content),
            // The bytes of the file are others than those that are read.
            plain: false,
            ..self
        }
    }

    /// Fails if the sheet has cells that cannot be used.
    pub fn refuse_faults(self) -> Result<Self> {
        let faults = self.sheet.as_ref().map(|sheet| sheet.faults.as_slice());
        match faults.and_then(<[ClaimProblem]>::first) {
            Some(first) => {
                let text = match &first.place {
                    Some(place) => format!("{}, {place}: {}", first.file, first.problem),
                    None => format!("{}: {}", first.file, first.problem),
                };
                let message = Message {
                    code: first.code,
                    text,
                    hint: first.hint.clone(),
                    ..Message::default()
                };
                Err(message.into())
            }
            None => Ok(self),
        }
    }
}

/// Opens a claims file. Compressed files are expanded, and a sheet of a workbook is
/// read as the plan requires. `before` is the number of rows in the files before this
/// one.
pub fn open(input: &Input, plan: &Plan, before: u64) -> Result<ClaimsStream> {
    match input {
        Input::File(path) => open_plain(Some(path)),
        Input::Stdin => open_plain(None),
        Input::Workbook(path, _) => open_workbook(path, input, plan),
        Input::Trades(file) => open(file, plan, before),
        Input::Corrected(file, corrections) => {
            let stream = open(file, plan, before)?;
            Ok(stream.corrected(corrections, input.name(), before))
        }
        Input::Memory(text) => {
            let text = Arc::clone(text);
            Ok(ClaimsStream {
                content: Box::new(io::Cursor::new(text.as_bytes().to_vec())),
                plain: true,
                seen: Arc::default(),
                sheet: None,
                corrected: None,
            })
        }
    }
}

fn open_workbook(path: &Path, input: &Input, plan: &Plan) -> Result<ClaimsStream> {
    let (shown, name) = (input.shown(), input.name());
    let broken = |error| Failure::reading(&shown, error);
    let mut bytes = Vec::new();
    open_file(path)?.read_to_end(&mut bytes).map_err(broken)?;
    let mut seen = FileDigest::default();
    seen.note(&bytes);
    let names = xlsx::WorkbookNames {
        shown: &shown,
        name: &name,
        sheet: input.sheet(),
    };
    let sheet = xlsx::read(bytes, names, plan)?;
    Ok(ClaimsStream {
        content: Box::new(io::Cursor::new(sheet.csv)),
        plain: false,
        seen: Arc::new(Mutex::new(seen)),
        sheet: Some(sheet.facts),
        corrected: None,
    })
}

/// Opens a CSV file, or standard input. Compression is detected by the first bytes,
/// because standard input has no name and files may be renamed.
pub fn open_plain(path: Option<&Path>) -> Result<ClaimsStream> {
    let seen = Arc::new(Mutex::new(FileDigest::default()));
    let inner: Box<dyn Read + Send> = match path {
        None => Box::new(io::stdin()),
        Some(path) => Box::new(open_file(path)?),
    };
    let mut noted = HashingReader {
        inner,
        seen: Arc::clone(&seen),
        by_hand: Arc::clone(&lock(&seen).by_hand),
    };
    let shown = || path.map_or_else(|| "standard input".to_owned(), |p| p.display().to_string());
    let mut first = Vec::new();
    let begun = noted.by_ref().take(MAGIC).read_to_end(&mut first);
    begun.map_err(|error| Failure::reading(shown(), error))?;
    let compression = Compression::of(&first);
    if let (Some(named), None) = (path.and_then(Compression::named), compression) {
        return Err(messages::not_compressed(&shown(), &named.to_string()).into());
    }
    let file = io::Cursor::new(first).chain(noted);
    let content: Box<dyn Read + Send> = match compression {
        None => Box::new(file),
        Some(compression) => {
            let unpacked = compression
                .unpack(file)
                .map_err(|error| Failure::new(cannot_decompress(shown()), error))?;
            let seen = Arc::clone(&seen);
            Box::new(BoundedReader::new(unpacked, move || lock(&seen).bytes))
        }
    };
    Ok(ClaimsStream {
        content,
        plain: compression.is_none(),
        seen,
        sheet: None,
        corrected: None,
    })
}

/// Opens a file that the user named.
pub(crate) fn open_file(path: &Path) -> Result<File> {
    let shown = &path.display().to_string();
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|facts| facts.is_dir()) => {
            Err(messages::file_is_folder(shown).into())
        }
        Ok(file) => Ok(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = messages::file_missing(shown);
            Err(message.hint(not_found_hint(path)).into())
        }
        Err(error) => Err(Failure::new(cannot_open(shown), error).into()),
    }
}

/// Hint for a missing file: the most similar name in its folder.
pub fn not_found_hint(path: &Path) -> String {
    let wanted = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let names: Vec<String> = std::fs::read_dir(folder_of(path))
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
                .collect()
        })
        .unwrap_or_default();
    match nearest(&wanted, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{}`?", quotable(near)),
        None if wanted.starts_with(['–', '—', '−']) => {
            "if it is an option, write two hyphens, `--`, instead of a dash".to_owned()
        }
        None => "check the name and the folder".to_owned(),
    }
}
