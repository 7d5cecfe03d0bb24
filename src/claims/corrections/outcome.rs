//! Verifies that every correction took the place of exactly one cell.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use crate::base::diagnostics::{Message, count, did_you_mean, literal, whole_literal};
use crate::base::digest::sha256;
use crate::base::list_file::harmless;
use crate::base::money::group;
use crate::base::parallel::lock;
use crate::claims::corrections::stream::{CorrectedCell, CorrectionLog};
use crate::claims::corrections::{Correction, Corrections, CorrectionsFile};
use crate::claims::messages;
use crate::claims::problem_list::ProblemList;

/// The corrections that were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct CorrectionCounts {
    /// The files: name, SHA-256, and the number of cells that it corrected.
    pub files: Vec<(String, String, u64)>,
    /// The rows of the claims that have a corrected cell.
    pub rows: u64,
    pub warnings: Vec<String>,
}

impl Corrections {
    /// Verifies the corrections after all claims files are read.
    pub(crate) fn verify(
        &self,
        logs: &[Arc<Mutex<CorrectionLog>>],
        problems: &mut ProblemList,
    ) -> CorrectionCounts {
        let logs: Vec<_> = logs.iter().map(|log| lock(log)).collect();
        // A row that cannot be read is a problem of the claims, which comes first.
        if logs.iter().any(|log| log.is_partial) {
            return CorrectionCounts::default();
        }
        let header = logs.first().map(|log| log.header.as_slice());
        let header = header.unwrap_or_default();
        let mut found: Vec<Vec<&CorrectedCell>> = vec![Vec::new(); self.list.len()];
        for cell in logs.iter().flat_map(|log| &log.cells) {
            if let Some(of_it) = found.get_mut(cell.correction) {
                of_it.push(cell);
            }
        }
        let files = self.files.iter();
        let file = |file: &CorrectionsFile| (file.name.clone(), sha256(&file.text), 0);
        let mut counts = CorrectionCounts {
            files: files.map(file).collect(),
            ..CorrectionCounts::default()
        };
        let (mut corrected, mut rows) = (HashSet::new(), HashSet::new());
        let mut idle = 0;
        for (correction, cells) in self.list.iter().zip(&found) {
            let fault = fault(correction, cells, header).or_else(|| {
                let cell = cells.first()?;
                let is_new = corrected.insert((cell.row, &correction.column));
                (!is_new).then(messages::correction_repeated)
            });
            if let Some(message) = fault {
                problems.among("the claims and corrections".to_owned());
                problems.add(self.problem(correction, message));
                continue;
            }
            if let Some((_, _, cells)) = counts.files.get_mut(correction.file) {
                *cells += 1;
            }
            rows.extend(cells.iter().map(|cell| cell.row));
            idle += u64::from(
                cells
                    .iter()
                    .all(|cell| cell.before.trim() == correction.text),
            );
        }
        counts.rows = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        counts.warnings = self.warnings(idle);
        counts
    }

    fn warnings(&self, idle: u64) -> Vec<String> {
        let open = self.files.iter().filter(|file| file.open > 0).map(|file| {
            let rows = count(file.open, "row", "rows");
            format!("{rows} of {} have no correction", literal(&file.name))
        });
        let mut warnings: Vec<String> = open.collect();
        if idle > 0 {
            let corrections = count(idle, "correction", "corrections");
            warnings.push(format!(
                "{corrections} changed nothing, because the cell has that text already"
            ));
        }
        warnings
    }
}

/// The fault of a correction that took the place of these cells.
fn fault(correction: &Correction, cells: &[&CorrectedCell], header: &[String]) -> Option<Message> {
    if !header.contains(&correction.column) {
        let column = literal(&correction.column);
        let hint = did_you_mean(&correction.column, header, "the columns are");
        return Some(messages::correction_of_no_column(&column).hint(hint));
    }
    let id = whole_literal(&correction.id);
    match cells {
        [] => {
            let row = correction
                .claims_row
                .map(|row| format!("row {}", group(&row)));
            let place = match (row, &correction.claims_file) {
                (Some(row), _) => row,
                (None, Some(file)) => literal(file),
                (None, None) => "the claims".to_owned(),
            };
            Some(messages::correction_of_no_row(&id, &place))
        }
        [cell] => {
            let stated = correction.value.as_ref()?;
            let before = cell.before.trim();
            // A list has an apostrophe before what a spreadsheet would evaluate.
            (before != stated && harmless(before) != *stated).then(|| {
                let (found, stated) = (whole_literal(&cell.before), whole_literal(stated));
                messages::correction_of_another_value(&found, &stated)
            })
        }
        several => {
            let rows = count(several.len(), "row has", "rows have");
            Some(messages::correction_of_several_rows(&id, &rows))
        }
    }
}
