//! Finds the folders and files that a reconciliation names: by name where it stands, here,
//! or among those named on the command line, each by its seal or digest.

use std::path::{Path, PathBuf};

use crate::audit::saved_run;
use crate::base::digest::{self, sha256};

/// Where a name is looked for: in the folders that were named or beside them, beside the
/// folder that names it, and here.
#[derive(Debug, Clone)]
pub(crate) struct Places(Vec<PathBuf>);

/// The places for the names in a folder.
pub(crate) fn places(named: &[PathBuf], beside: &Path) -> Places {
    let mut all: Vec<PathBuf> = named.to_vec();
    all.push(beside.to_owned());
    all.push(PathBuf::from("."));
    Places(all)
}

impl Places {
    /// The paths that a name may have.
    fn of<'p>(&'p self, name: &'p str) -> impl Iterator<Item = PathBuf> + 'p {
        self.0.iter().flat_map(move |place| {
            let is_it = place
                .file_name()
                .is_some_and(|its| its.to_string_lossy() == name);
            let itself = is_it.then(|| place.clone());
            itself.into_iter().chain([place.join(name)])
        })
    }
}

/// The folder with this name whose manifest has this SHA-256.
pub(crate) fn find_folder(name: &str, seal: &str, places: &Places) -> Option<PathBuf> {
    places.of(name).find(|folder| {
        let manifest = saved_run::manifest_of(folder).ok().flatten();
        manifest.is_some_and(|bytes| sha256(bytes) == seal)
    })
}

/// A folder with this name, whatever it holds.
pub(crate) fn any_folder(name: &str, places: &Places) -> Option<PathBuf> {
    places.of(name).find(|folder| folder.is_dir())
}

/// The file with this name and SHA-256; or else one with the name, and its SHA-256.
pub(crate) fn find_file(
    name: &str,
    sha256: &str,
    places: &Places,
) -> Result<PathBuf, Option<String>> {
    let mut other = None;
    for path in places.of(name).filter(|path| path.is_file()) {
        let Ok((_, found)) = digest::of_file(&path, |_| {}) else {
            continue;
        };
        if found == sha256 {
            return Ok(path);
        }
        other = Some(found);
    }
    Err(other)
}
