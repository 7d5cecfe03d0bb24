//! A layout describes the format of payment files, in TOML.
//!
//! A custom layout may extend a built-in one (`base`) and define only the differences.

mod ach_terms;
mod field;
mod field_reader;
mod keys;
mod parse;
mod setting;
mod validate;

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::base::dates::Date;
use crate::base::diagnostics::Bug;
use crate::base::money::Money;
pub(crate) use crate::export::layout::ach_terms::AchTerms;
pub(crate) use crate::export::layout::field::{
    AmountFormat, Field, FieldAlign, FieldCheck, FieldFault, FieldPadding, FieldValue, date_text,
};
pub(crate) use crate::export::layout::setting::Setting;
use crate::plan::{ColumnId, Condition, PlanSource};

/// The built-in layouts, in the order of the list.
pub const SHIPPED: [(&str, &str); 5] = [
    (
        "check-register",
        include_str!("layouts/check-register.toml"),
    ),
    ("positive-pay", include_str!("layouts/positive-pay.toml")),
    ("paypal", include_str!("layouts/paypal.toml")),
    ("nacha-ppd", include_str!("layouts/nacha-ppd.toml")),
    ("ledger", include_str!("layouts/ledger.toml")),
];

/// The text of a built-in layout.
pub(crate) fn shipped(name: &str) -> Option<&'static str> {
    let known = SHIPPED.iter().find(|(known, _)| *known == name);
    known.map(|(_, text)| *text)
}

/// A parsed layout with the choices made for it.
#[derive(Debug, Clone)]
pub struct Layout {
    pub source: PlanSource,
    /// The layout that it extends.
    pub base: Option<PlanSource>,
    pub name: String,
    pub pays: LayoutPurpose,
    /// The claimants to whom it applies.
    pub when: Condition,
    pub file: FileRules,
    /// The fields in the row of a payment.
    pub fields: Vec<Field>,
    /// Records before the payments of a file.
    pub before: Vec<Vec<Field>>,
    /// Records after the payments of a file.
    pub after: Vec<Vec<Field>>,
    /// Its settings and their values.
    pub settings: Vec<Setting>,
    /// The date provided.
    pub date: Option<Date>,
    /// The terms of ACH files, for ACH layouts.
    pub ach: Option<AchTerms>,
    /// The columns of the plan that it reads.
    pub reads: Vec<ColumnId>,
}

/// The purpose of a layout's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayoutPurpose {
    /// Each row is a payment.
    Payment,
    /// Each row is a check with this number, to be printed.
    Check,
    /// Each row is a check printed by another system. A check with the same number and
    /// date in an export of [`Self::Check`] is the same payment.
    Issued,
    /// The files contain no payments.
    Nothing,
}

impl LayoutPurpose {
    /// True if each row is a check.
    pub fn is_check(self) -> bool {
        matches!(self, Self::Check | Self::Issued)
    }
}

/// The choices for an export besides its layout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutChoices {
    /// The date on the files, as YYYY-MM-DD.
    pub date: Option<String>,
    pub settings: BTreeMap<String, String>,
    /// The names in the claims file of the layout's columns.
    pub rename: BTreeMap<String, String>,
    /// Columns with the text that their cells must have.
    pub when: BTreeMap<String, String>,
}

/// The format of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRules {
    /// The file name; `{file}` is the number of the file.
    pub name: String,
    pub form: LayoutFormat,
    /// True if the first row contains the column names.
    pub header: bool,
    pub line_end: &'static str,
    /// True if the file is limited to ASCII.
    pub ascii: bool,
    /// The maximum number of payments in a file.
    pub rows: Option<u64>,
    /// The maximum sum of the payments in a file.
    pub total: Option<Money>,
    /// The maximum of one payment.
    pub largest: Option<Money>,
}

/// The format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutFormat {
    /// Fields with a delimiter.
    Delimited { delimiter: u8, quote: QuoteRule },
    /// Fields with the widths in the layout.
    Fixed,
    /// NACHA records.
    Nacha,
    /// Journals for hledger and beancount.
    Journal,
}

/// The rule for quoting fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteRule {
    /// Only if necessary.
    Needed,
    /// Every field.
    Always,
    /// No field; a text that needs quotes is an error.
    Never,
}

impl Layout {
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// The date provided; a layout that writes it always has one.
    pub fn date(&self) -> Result<Date, Bug> {
        let date = self.date;
        date.ok_or_else(|| Bug::new("a layout that writes a date has none"))
    }

    /// The field with this name in the row of a payment.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
