//! Whether a row has as many cells as the header, and if not, why it may be so.

use crate::base::diagnostics::count;
use crate::claims::block_worker::Worker;
use crate::claims::classes::ClaimClasses;
use crate::claims::header::Header;

impl<C: ClaimClasses> Worker<'_, C> {
    /// Whether the row has as many cells as the header; if not, that is noted.
    pub(super) fn check_length<'b>(
        &mut self,
        header: &Header,
        found: usize,
        cell: impl Fn(usize) -> Option<&'b str>,
    ) -> Option<()> {
        let wanted = header.names.len();
        if found == wanted {
            return Some(());
        }
        let problem = format!(
            "the row has {}, the header has {wanted}",
            count(found, "cell", "cells")
        );
        let is_blank = |number| cell(number).is_none_or(|cell| cell.trim().is_empty());
        // `100,50`
        let digits =
            |cell: &str| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
        let is_split_amount = |number: usize| {
            let (before, after) = (cell(number - 1), cell(number));
            before.is_some_and(digits) && after.is_some_and(|cell| digits(cell) && cell.len() == 2)
        };
        let unnamed = |names: &[String]| names.iter().all(String::is_empty);
        let hint = if found > wanted && (wanted..found).all(is_blank) {
            "the row ends in an extra comma; remove it"
        } else if found == wanted + 1 && (1..found).any(is_split_amount) {
            "a decimal comma seems to separate an amount; write a point, or put the cell in quotes"
        } else if found > wanted {
            "quote cells that contain a comma; if every row begins with a number of its own, begin the header with a comma"
        } else if header.names.get(found..).is_some_and(unnamed) {
            "the header ends in a comma and the row does not; remove it from the header"
        } else if cell(0).is_some_and(|cell| cell.contains([';', '|'])) {
            "the row seems to be separated by another sign than a comma; save the file as CSV with commas"
        } else if found == 1 && cell(0).is_some_and(|cell| cell.contains(',')) {
            "the whole row stands in quotes; remove the quotes around it"
        } else if found == 1 {
            "if it is a note and not a claim, remove it; otherwise cells or a quote are missing"
        } else {
            "a cell or a quote is missing, or the file was cut"
        };
        self.note(None, None, problem, Some(hint.to_owned()));
        None
    }
}
