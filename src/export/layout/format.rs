//! A format of payment files, as everything else in this room uses it. Each has a file
//! in `formats`.

use std::any::Any;
use std::fmt::Debug;

use anyhow::Result;

use crate::base::diagnostics::Message;
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::layout::{Field, FileLimits, FileRules, Layout};
use crate::export::messages;

pub(crate) trait PaymentFormat: Debug + Sync {
    /// True if the keys `delimiter` and `quote` apply.
    fn has_delimiter(&self) -> bool {
        false
    }

    /// True if every field has a `width`.
    fn has_widths(&self) -> bool {
        false
    }

    /// True if its files contain the date, even if no field does.
    fn needs_date(&self) -> bool {
        false
    }

    /// True if it reads this setting itself; others are read by fields.
    fn reads_setting(&self, _: &str) -> bool {
        false
    }

    /// The hint for a setting that nothing reads.
    fn unread_setting(&self, name: &str) -> String {
        format!("use it in a column, `setting = \"{name}\"`, or remove [setting.{name}]")
    }

    /// Checks that a layout has the parts that the format requires, and no others.
    fn check(&self, layout: &Layout) -> Result<()>;

    /// The text of a field as the file contains it.
    fn encode(&self, _: &FileRules, _: &Field, text: String) -> Result<String, Message> {
        Ok(text)
    }

    /// The limits of a file: those of the layout, or lower ones of the format.
    fn limits(&self, context: &ExportContext<'_>) -> Result<FileLimits> {
        Ok(context.layout.file.limits)
    }

    /// The numbers of payments, such as checks, for a valid layout.
    fn numbers(&self, layout: &Layout) -> Result<Option<PaymentNumbers>> {
        Ok(layout.first_numbers().next().map(PaymentNumbers::plain))
    }

    /// Makes the file of a batch, first, and any files that accompany it. Each payout is
    /// read back from the bytes. Cells that do not fit are reported.
    fn files(
        &self,
        batch: &PaymentBatch<'_>,
        problems: &mut ProblemList,
    ) -> Result<Vec<ExportFile>>;

    /// Files that programs leave next to the files of an export when they read them.
    fn left_by_readers(&self, _: &Layout) -> Vec<String> {
        Vec::new()
    }

    /// True if a new export continues the numbers of earlier ones, whose files are then
    /// read.
    fn continues_numbers(&self) -> bool {
        false
    }

    /// Reads the facts of a file; `None` if it has none, or is not of this format.
    fn facts(&self, _: &[u8]) -> Option<Box<dyn FileFacts>> {
        None
    }

    /// Settings that continue the numbers of earlier files, except those provided.
    fn go_on(&self, _: &Layout, _: &[&dyn FileFacts]) -> Result<Vec<(&'static str, String)>> {
        Ok(Vec::new())
    }
}

/// Values of a payment file that no other file may have.
pub(crate) trait FileFacts: Any + Debug {
    /// For each kind of value, the first of other files, by name, that has it, too.
    fn clashes(&self, ours: &str, others: &[(&str, &dyn FileFacts)]) -> Vec<FileClash>;
}

/// A value that two files share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileClash {
    /// A sentence about both files.
    pub message: Message,
    /// The same as a difference that `check` lists.
    pub what: &'static str,
    pub expected: &'static str,
    pub found: String,
}

/// The numbers of payments, counted over all files of an export.
#[derive(Debug, Clone)]
pub(crate) struct PaymentNumbers {
    /// The text before every number.
    pub prefix: String,
    pub first: u64,
    pub last: u64,
    /// The number of digits; 0 for as many as necessary.
    pub digits: usize,
    /// The numbers that a file uses for entries other than payments.
    pub others: u64,
    /// The error if there is no further number.
    pub used_up: fn() -> Message,
}

impl PaymentNumbers {
    /// Consecutive numbers without limits.
    pub(crate) fn plain(first: u64) -> Self {
        Self {
            prefix: String::new(),
            first,
            last: u64::MAX,
            digits: 0,
            others: 0,
            used_up: messages::numbers_too_large,
        }
    }

    /// The number of a payment; payments and files are counted from 1.
    pub(crate) fn text(&self, payment: u64, file: u64) -> Result<String, Message> {
        let others = self.others.checked_mul(file - 1);
        let number = others.and_then(|others| others.checked_add(payment - 1));
        let number = number.and_then(|before| self.first.checked_add(before));
        let number = number.filter(|number| *number <= self.last);
        let (number, digits) = (number.ok_or_else(self.used_up)?, self.digits);
        Ok(format!("{}{number:0digits$}", self.prefix))
    }
}
