//! A look at a folder of statements, without opening them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::base::diagnostics::Failure;
use crate::base::regular_file::what_instead;
use crate::run::file_names::{STATEMENT_INDEX, STATEMENTS};

/// The number of statements in the folder, and their index; `None` if it holds anything
/// else.
pub(crate) fn count_statements(run: &Path) -> Option<u64> {
    let folders = folders(run).ok()?;
    let mut count = u64::from(folders.has_index);
    let mut is_strange = !folders.strange.is_empty();
    for folder in folders.names {
        let StatementNames { names, strange, .. } = statements(run, &folder).ok()?;
        let mut names = names.iter().map(Path::new);
        is_strange |= !strange.is_empty();
        count += u64::try_from(names.len()).ok()?;
        is_strange |= names.any(|name| {
            let ending = name.extension();
            ending.is_none_or(|ending| ending != "txt" && ending != "html")
        });
    }
    (!is_strange).then_some(count)
}

/// Names in a run's statements folder.
#[derive(Debug, Default)]
pub(crate) struct StatementNames {
    pub names: BTreeSet<String>,
    /// True if the index is next to the folders.
    pub has_index: bool,
    /// Paths that do not belong, with a description of each.
    pub strange: Vec<(String, &'static str)>,
}

/// The folders of statements.
pub(crate) fn folders(run: &Path) -> Result<StatementNames> {
    let hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let mut folders = StatementNames::scan(run, STATEMENTS, |name, path| {
        if name == STATEMENT_INDEX {
            return what_is_it(path);
        }
        let is_folder = name.len() == 2 && name.bytes().all(hexadecimal);
        (!is_folder).then_some("another file")
    })?;
    folders.has_index = folders.names.remove(STATEMENT_INDEX);
    Ok(folders)
}

/// The statements in one of the folders.
pub(crate) fn statements(run: &Path, folder: &str) -> Result<StatementNames> {
    if !is_folder(&run.join(STATEMENTS)) {
        return Ok(StatementNames::default());
    }
    let path = format!("{STATEMENTS}/{folder}");
    StatementNames::scan(run, &path, |_, path| what_is_it(path))
}

/// Describes an entry that is not a file.
fn what_is_it(path: &Path) -> Option<&'static str> {
    match fs::symlink_metadata(path) {
        Ok(facts) => what_instead(&facts),
        Err(_) => Some("an unreadable entry"),
    }
}

/// True for a folder itself, not for a link to one.
pub(crate) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|facts| facts.is_dir())
}

impl StatementNames {
    /// The names in a folder; none if the path is missing or is not a folder.
    /// `strange` describes an entry that does not belong.
    fn scan(
        run: &Path,
        path: &str,
        strange: impl Fn(&str, &Path) -> Option<&'static str>,
    ) -> Result<Self> {
        let mut scan = Self::default();
        let folder = run.join(path);
        match fs::symlink_metadata(&folder) {
            Err(_) => return Ok(scan),
            Ok(facts) if facts.is_dir() => {}
            Ok(facts) => {
                let what = what_instead(&facts).unwrap_or("a file");
                scan.strange.push((path.to_owned(), what));
                return Ok(scan);
            }
        }
        let broken = |error| Failure::reading(folder.display(), error);
        for entry in fs::read_dir(&folder).map_err(broken)? {
            let entry = entry.map_err(broken)?;
            let name = entry.file_name();
            let what = match name.to_str() {
                Some(name) => strange(name, &entry.path()),
                None => Some("something else"),
            };
            if let Some(what) = what {
                scan.strange
                    .push((format!("{path}/{}", name.display()), what));
            } else {
                scan.names.insert(name.to_string_lossy().into_owned());
            }
        }
        scan.strange.sort_unstable();
        Ok(scan)
    }
}
