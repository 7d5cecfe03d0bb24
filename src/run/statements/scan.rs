//! A look at a folder of statements, without opening them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::base::diagnostics::Failure;
use crate::base::regular_file::what_instead;
use crate::run::file_names::STATEMENTS;

/// The number of statements in the folder; `None` if it holds anything else.
pub(crate) fn count_statements(run: &Path) -> Option<u64> {
    let look = look(run).ok()?;
    let files = look.folders.values().flatten();
    let are_texts = files
        .clone()
        .all(|file| Path::new(file).extension().is_some_and(|end| end == "txt"));
    let number = u64::try_from(files.count()).ok();
    number.filter(|_| look.strange.is_empty() && are_texts)
}

/// The content of a run's statements folder.
#[derive(Debug, Default)]
pub(crate) struct StatementFolderScan {
    /// The file names by folder, in order.
    pub folders: BTreeMap<String, BTreeSet<String>>,
    /// Paths that do not belong, with a description of each.
    pub strange: Vec<(String, &'static str)>,
}

/// Scans the statements folder of a run. Only folders with the name of a statements
/// folder are opened.
pub(crate) fn look(run: &Path) -> Result<StatementFolderScan> {
    let mut look = StatementFolderScan::default();
    let Some(names) = look.names(run, STATEMENTS)? else {
        return Ok(look);
    };
    for name in names {
        let path = format!("{STATEMENTS}/{name}");
        let is_prefix = name.len() == 2
            && name
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_prefix {
            look.strange.push((path, "another file"));
            continue;
        }
        let Some(files) = look.names(run, &path)? else {
            continue;
        };
        let mut plain = BTreeSet::new();
        for file in files {
            let path = format!("{path}/{file}");
            let facts = fs::symlink_metadata(run.join(&path));
            match facts.map(|facts| what_instead(&facts)) {
                Ok(None) => {
                    plain.insert(file);
                }
                Ok(Some(what)) => look.strange.push((path, what)),
                Err(_) => look.strange.push((path, "an unreadable entry")),
            }
        }
        look.folders.insert(name, plain);
    }
    Ok(look)
}

impl StatementFolderScan {
    /// The names in a folder; `None` if the path is missing or is not a folder.
    fn names(&mut self, run: &Path, path: &str) -> Result<Option<BTreeSet<String>>> {
        let folder = run.join(path);
        match fs::symlink_metadata(&folder) {
            Err(_) => return Ok(None),
            Ok(facts) if facts.is_dir() => {}
            Ok(facts) => {
                let what = what_instead(&facts).unwrap_or("a file");
                self.strange.push((path.to_owned(), what));
                return Ok(None);
            }
        }
        let broken = |error| Failure::new(format!("cannot read {}", folder.display()), error);
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&folder).map_err(broken)? {
            let name = entry.map_err(broken)?.file_name();
            if let Some(name) = name.to_str() {
                names.insert(name.to_owned());
            } else {
                let shown = format!("{path}/{}", name.display());
                self.strange.push((shown, "something else"));
            }
        }
        Ok(Some(names))
    }
}
