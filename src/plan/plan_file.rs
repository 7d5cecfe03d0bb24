//! Files that belong to a plan: tables and templates in its folder, which a run keeps
//! with their digests.

use std::fmt::Display;
use std::sync::Arc;

use crate::base::diagnostics::{Message, literal};
use crate::base::digest::sha256;
use crate::base::regular_file;
use crate::plan::document::TomlValue;
use crate::plan::{PlanSource, messages};

/// A file that belongs to a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The name, without folders.
    pub name: String,
    pub text: Arc<str>,
    pub sha256: String,
}

/// The messages about files of one kind that cannot be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlanFileFaults {
    pub unreadable: fn(&dyn Display, &dyn Display) -> Message,
    pub not_text: fn(&str) -> Message,
}

/// Reads a file in the folder of the plan, unless it is one of those that were read.
pub(super) fn load(
    at: &TomlValue<'_>,
    name: &str,
    source: &PlanSource,
    files: &mut Vec<PlanFile>,
    faults: PlanFileFaults,
) -> Option<Arc<str>> {
    if let Some(known) = files.iter().find(|file| file.name == name) {
        return Some(Arc::clone(&known.text));
    }
    if name.is_empty() || name.contains(['/', '\\']) || name == ".." || name == "." {
        let message = messages::plan_file_in_folder(&literal(name));
        return at.problem(message).none();
    }
    let path = source.folder.join(name);
    let bytes = match regular_file::read_file(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = (faults.unreadable)(&path.display(), &error);
            return at.problem(message).none();
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return at.problem((faults.not_text)(name)).none();
    };
    let file = PlanFile {
        name: name.to_owned(),
        sha256: sha256(&text),
        text: text.into(),
    };
    let text = Arc::clone(&file.text);
    files.push(file);
    Some(text)
}
