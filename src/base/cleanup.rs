//! Files and folders in the making: gone again unless they are finished, also
//! when the program is interrupted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::base::parallel::lock;

/// Everything that is in the making.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// How often it is tried to remove a folder that others write into.
const TRIES: u32 = 1000;

/// A file or folder in the making.
#[derive(Debug)]
pub struct CleanupGuard {
    path: PathBuf,
}

impl CleanupGuard {
    /// Takes charge of a file that is about to be made, or was just made.
    pub fn new(path: &Path) -> Self {
        lock(&ALL).push(path.to_owned());
        Self {
            path: path.to_owned(),
        }
    }

    /// Makes a file or folder and takes charge of it. No interruption comes
    /// between.
    pub fn make<E>(path: &Path, make: impl FnOnce(&Path) -> Result<(), E>) -> Result<Self, E> {
        let mut all = lock(&ALL);
        make(path)?;
        all.push(path.to_owned());
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It is finished and stays.
    pub fn finish(self) {
        self.finish_by(|_| Ok::<(), ()>(())).unwrap_or_default();
    }

    /// It is finished and stays, if this step succeeds. No interruption comes
    /// between.
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

/// Lets an interruption remove what is in the making before the program ends,
/// and lets a file that may not grow any more be an error like others. `last`
/// is called between the two.
pub(crate) fn watch_signals(last: fn()) {
    // Noted and then met as an error of the write that caused it.
    let flag = std::sync::Arc::default();
    let _ = signal_hook::flag::register(SIGXFSZ, flag);
    // Whoever started the program may want it to outlive a signal, as `nohup`
    // does.
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
            // Nobody else can finish or begin anything while this is locked.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    };
    // Without a thread to spare, the next run removes what is left.
    let _ = std::thread::Builder::new().spawn(watch);
}

/// The signals that the program was told to ignore when it was started, a bit
/// for each, as Linux tells them; none where that cannot be read.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// Removes a file or a folder. A link, a pipe or a device was there before, and
/// stays. What cannot be removed stays too; the error that is being reported
/// says more.
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
    // On an interruption other threads may still put files into the folder.
    // They fail once what they are in is gone.
    for _ in 0..TRIES {
        let gone = fs::remove_dir_all(path).is_ok() || !path.exists();
        if gone {
            return;
        }
    }
}
