//! Removes unfinished files and folders, also when the program is interrupted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::base::parallel::lock;

/// All unfinished files and folders.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Number of attempts to remove a folder into which other threads still write.
const TRIES: u32 = 1000;

/// Removes a file or folder on drop, unless it is finished.
#[derive(Debug)]
pub struct CleanupGuard {
    path: PathBuf,
}

impl CleanupGuard {
    /// Guards a file that is about to be created, or has just been created.
    pub fn new(path: &Path) -> Self {
        lock(&ALL).push(path.to_owned());
        Self {
            path: path.to_owned(),
        }
    }

    /// Creates a file or folder and guards it; an interruption cannot come between
    /// the two.
    pub fn make<E>(path: &Path, make: impl FnOnce(&Path) -> Result<(), E>) -> Result<Self, E> {
        let mut all = lock(&ALL);
        make(path)?;
        all.push(path.to_owned());
        Ok(Self {
            path: path.to_owned(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the file or folder.
    pub fn finish(self) {
        self.finish_by(|_| Ok::<(), ()>(())).unwrap_or_default();
    }

    /// Keeps the file or folder if this step succeeds; an interruption cannot come
    /// between the step and that.
    pub fn finish_by<T, E>(&self, step: impl FnOnce(&Path) -> Result<T, E>) -> Result<T, E> {
        let mut all = lock(&ALL);
        let result = step(&self.path);
        if result.is_ok() {
            all.retain(|path| *path != self.path);
        }
        result
    }
}

impl Drop for CleanupGuard {
    fn drop(&mut self) {
        let mut all = lock(&ALL);
        if all.contains(&self.path) {
            remove(&self.path);
            all.retain(|path| *path != self.path);
        }
    }
}

/// Removes unfinished files on an interruption before the program ends, and turns
/// the signal for exceeding a file size limit into an ordinary write error. `last`
/// is called between cleanup and exit.
pub(crate) fn watch_signals(last: fn()) {
    // Catching the signal is enough: the write that caused it then returns an
    // error.
    let flag = std::sync::Arc::default();
    let _ = signal_hook::flag::register(SIGXFSZ, flag);
    // The user may want the program to outlive a signal, as `nohup` does.
    let ignored = ignored_signals();
    let heeded = [SIGHUP, SIGINT, SIGTERM]
        .into_iter()
        .filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(heeded) else {
        return;
    };
    let watch = move || {
        for signal in signals.forever() {
            let all = lock(&ALL);
            for path in all.iter() {
                remove(path);
            }
            last();
            // While this is locked, no other thread can finish or begin a file.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    };
    // If no thread can be started, the next run removes leftovers.
    let _ = std::thread::Builder::new().spawn(watch);
}

/// The signals ignored at program start, one bit each, in Linux's format; 0 if
/// unknown.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// Removes a file or a folder. Links, pipes and devices existed before and stay.
/// Failures are ignored: the error that is being reported matters more.
fn remove(path: &Path) {
    let Ok(facts) = fs::symlink_metadata(path) else {
        return;
    };
    if facts.is_file() {
        let _ = fs::remove_file(path);
    }
    if !facts.is_dir() {
        return;
    }
    // On an interruption, other threads may still write into the folder. They fail
    // once it is gone.
    for _ in 0..TRIES {
        let gone = fs::remove_dir_all(path).is_ok() || !path.exists();
        if gone {
            return;
        }
    }
}
