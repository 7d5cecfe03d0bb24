//! Checks that a row has as many cells as the header, and suggests the likely
//! reason if not.

use crate::base::diagnostics::count;
use crate::claims::block_worker::Worker;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::header::Header;
use crate::claims::messages;

impl<C: ClaimClassifier> Worker<'_, C> {
    /// Returns true if the row has as many cells as the header; otherwise records
    /// the fault.
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
            "an amount seems to have a decimal comma; use a decimal point, or put the cell in quotes"
        } else if found > wanted {
            "put cells that contain a comma in quotes; if every row begins with a row number, start the header with a comma"
        } else if header.names.get(found..).is_some_and(unnamed) {
            "remove the comma at the end of the header"
        } else if cell(0).is_some_and(|cell| cell.contains([';', '|'])) {
            "the row seems to use a separator other than a comma; save the file as CSV with commas"
        } else if found == 1 && cell(0).is_some_and(|cell| cell.contains(',')) {
            "the entire row is in quotes; remove them"
        } else if found == 1 {
            "if the row is a note and not a claim, remove it; otherwise, look for missing cells or a missing quote"
        } else {
            "look for a missing cell or quote; the file may also be truncated"
        };
        let message = messages::row_length(&count(found, "cell", "cells"), wanted);
        self.note(None, None, message.advice(hint));
        None
    }
}
