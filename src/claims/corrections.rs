//! Corrections: cells that take the place of those of the claims files before anything
//! else is read.
//!
//! A file of corrections is a list of errors in which someone has filled in a column
//! `correction`, or a file with the columns `claimant_id`, `column` and `correction`. The
//! claims files themselves stay as they were delivered.

pub(crate) mod outcome;
pub(crate) mod stream;

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;

use crate::base::diagnostics::{ClaimProblem, Message, Problem, count, literal};
use crate::base::list_file::harmless;
use crate::claims::csv::faults;
use crate::claims::csv::reader::{CellSpan, CsvRow, RowReader};
use crate::claims::messages;
use crate::claims::problem_list::ProblemList;

/// The correction that empties a cell. A blank one corrects nothing.
const BLANK: &str = "(blank)";

/// The column of ids in a list of errors.
const LISTED_ID: &str = "claimant_id";

/// A file of corrections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionsFile {
    /// The name under which the run keeps it.
    pub name: String,
    /// The path, for messages.
    shown: String,
    /// Its content, byte for byte.
    pub text: String,
    /// The rows whose correction is blank.
    pub open: u64,
}

/// The corrections of all files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrections {
    pub files: Vec<CorrectionsFile>,
    list: Vec<Correction>,
    /// The name of the column of ids in the claims.
    id_column: String,
    /// By id, the corrections in `list`.
    by_id: HashMap<String, Vec<usize>>,
}

/// The new text of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Correction {
    /// The index of its file.
    file: usize,
    /// Its place there.
    row: u64,
    line: u64,
    id: String,
    /// The claims file, without folders, if it is stated.
    claims_file: Option<String>,
    /// The row of the claims, counted from 1 over all files, if it is stated.
    claims_row: Option<u64>,
    column: String,
    /// The text that the cell has so far, if the file has a column `value`.
    value: Option<String>,
    text: String,
}

/// The places of the columns of a file of corrections.
#[derive(Debug)]
struct CorrectionColumns {
    length: usize,
    id: usize,
    column: usize,
    correction: usize,
    value: Option<usize>,
    row: Option<usize>,
    file: Option<usize>,
}

impl Corrections {
    /// Reads files of corrections, given by path and content; `id` is the name of the
    /// column of ids in the claims.
    pub(crate) fn read(sources: Vec<(String, Vec<u8>)>, id: &str) -> Result<Self> {
        let mut all = Self {
            files: Vec::new(),
            list: Vec::new(),
            id_column: id.to_owned(),
            by_id: HashMap::new(),
        };
        for (number, (shown, bytes)) in (1..).zip(sources) {
            let Ok(text) = String::from_utf8(bytes) else {
                return Err(Problem::from(messages::corrections_not_csv(&shown)).into());
            };
            all.files.push(CorrectionsFile {
                name: kept_name(number),
                shown,
                text,
                open: 0,
            });
            all.read_last()?;
        }
        for (number, correction) in all.list.iter().enumerate() {
            let of_id = all.by_id.entry(correction.id.clone()).or_default();
            of_id.push(number);
        }
        Ok(all)
    }

    /// Reads the rows of the last file.
    fn read_last(&mut self) -> Result<()> {
        let Some((file, source)) = self.files.iter_mut().enumerate().next_back() else {
            return Ok(());
        };
        let shown = source.shown.clone();
        let text = source.text.trim_start_matches('\u{feff}');
        let mut reader = RowReader::new(text.as_bytes());
        let mut cells = CsvRow::default();
        let mut columns = None;
        let mut problems = ProblemList::new(None)?;
        problems.among(shown.clone());
        let (mut row, mut open) = (0, 0);
        while let Some(found) = reader.next(&mut cells)? {
            let found = found.map_err(|long| messages::quote_open_too_long(long.line))?;
            let bytes = reader.bytes(&found);
            let place = ClaimProblem {
                file: shown.clone(),
                row: (row > 0).then_some(row),
                line: Some(found.number),
                ..ClaimProblem::default()
            };
            if let Some(fault) = faults::quote_faults(bytes, &cells).into_iter().next() {
                problems.add(placed(fault.message, place));
                break;
            }
            let texts: Vec<String> = cells
                .cells
                .iter()
                .map(|cell| text_of(bytes, cell))
                .collect();
            let Some(known) = &columns else {
                columns = Some(CorrectionColumns::of(&texts, &self.id_column, &shown)?);
                row = 1;
                continue;
            };
            match known.correction(&texts, (file, row, found.number)) {
                Ok(Some(correction)) => self.list.push(correction),
                Ok(None) => open += 1,
                Err(message) => problems.add(placed(message, place)),
            }
            row += 1;
        }
        if columns.is_none() {
            return Err(Problem::from(messages::file_blank().within(&format!("{shown}: "))).into());
        }
        source.open = open;
        problems.finish()
    }

    /// The corrections of an id, as it is or as a list of errors has it.
    fn of_id(&self, id: &str) -> Option<&Vec<usize>> {
        let known = self.by_id.get(id);
        known.or_else(|| self.by_id.get(&harmless(id)))
    }

    /// The problem of a correction, at its place.
    fn problem(&self, correction: &Correction, message: Message) -> ClaimProblem {
        let file = self.files.get(correction.file);
        ClaimProblem {
            file: file.map_or_else(String::new, |file| file.shown.clone()),
            row: Some(correction.row),
            line: Some(correction.line),
            claimant_id: Some(correction.id.clone()),
            column: Some(correction.column.clone()),
            value: Some(correction.text.clone()),
            ..message.into()
        }
    }
}

/// The name under which a run keeps a file of corrections, counted from 1.
pub(crate) fn kept_name(number: usize) -> String {
    format!("corrections-{number}.csv")
}

/// True if a run keeps a file of corrections under this name.
pub(crate) fn is_kept_name(name: &str) -> bool {
    let number = name.strip_prefix("corrections-");
    let number = number.and_then(|rest| rest.strip_suffix(".csv")?.parse().ok());
    number.is_some_and(|number| name == kept_name(number))
}

impl CorrectionColumns {
    fn of(names: &[String], id: &str, shown: &str) -> Result<Self> {
        let place = |name: &str| names.iter().position(|known| known == name);
        let wanted = |name: &str, place: Option<usize>| {
            place.ok_or_else(|| Problem::from(messages::corrections_lack(shown, &literal(name))))
        };
        Ok(Self {
            length: names.len(),
            id: wanted(LISTED_ID, place(LISTED_ID).or_else(|| place(id)))?,
            column: wanted("column", place("column"))?,
            correction: wanted("correction", place("correction"))?,
            value: place("value"),
            row: place("row"),
            file: place("file"),
        })
    }

    /// The correction of a row; `None` if it is blank. `place` has the index of its file,
    /// its row and its line.
    fn correction(
        &self,
        cells: &[String],
        (file, row, line): (usize, u64, u64),
    ) -> Result<Option<Correction>, Message> {
        if cells.len() != self.length {
            let found = count(cells.len(), "cell", "cells");
            return Err(messages::row_length(&found, self.length));
        }
        let cell = |place: usize| cells.get(place).map_or("", |cell| cell.trim());
        let stated = |place: Option<usize>| place.map(cell).filter(|cell| !cell.is_empty());
        let text = match cell(self.correction) {
            "" => return Ok(None),
            BLANK => "",
            text => text,
        };
        let claims_row = match stated(self.row).map(str::parse) {
            None => None,
            Some(Ok(row)) if row > 0 => Some(row),
            Some(_) => {
                return Err(messages::correction_row(&literal(cell(
                    self.row.unwrap_or(0),
                ))));
            }
        };
        Ok(Some(Correction {
            file,
            row,
            line,
            id: cell(self.id).to_owned(),
            claims_file: stated(self.file).map(|file| file_name(Path::new(file))),
            claims_row,
            column: cell(self.column).to_owned(),
            value: self.value.map(|place| cell(place).to_owned()),
            text: text.to_owned(),
        }))
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A cell as text, with doubled quotes made single.
fn text_of(row: &[u8], cell: &CellSpan) -> String {
    let text = String::from_utf8_lossy(row.get(cell.bytes.clone()).unwrap_or_default());
    if cell.doubled {
        text.replace("\"\"", "\"")
    } else {
        text.into_owned()
    }
}

fn placed(message: Message, place: ClaimProblem) -> ClaimProblem {
    ClaimProblem {
        file: place.file,
        row: place.row,
        line: place.line,
        ..message.into()
    }
}
