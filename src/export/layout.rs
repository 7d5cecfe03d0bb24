//! A layout: what the receiver of a payment file takes, as TOML.
//!
//! A layout of one's own may begin from one that is shipped (`base`) and say
//! only what differs.

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

/// The layouts that are shipped, in the order in which they are listed.
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

/// The text of a layout that is shipped.
pub(crate) fn shipped(name: &str) -> Option<&'static str> {
    let known = SHIPPED.iter().find(|(known, _)| *known == name);
    known.map(|(_, text)| *text)
}

/// A layout that has been read, with everything that was chosen for it.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The file.
    pub source: PlanSource,
    /// The layout that it begins from.
    pub base: Option<PlanSource>,
    pub name: String,
    /// What its files do.
    pub pays: LayoutPurpose,
    /// Which claimants it is for.
    pub when: Condition,
    pub file: FileRules,
    /// What stands in the row of a payment.
    pub fields: Vec<Field>,
    /// Records before the payments of a file.
    pub before: Vec<Vec<Field>>,
    /// Records after the payments of a file.
    pub after: Vec<Vec<Field>>,
    /// What has to be given for it, with what was given.
    pub settings: Vec<Setting>,
    /// The date that was given.
    pub date: Option<Date>,
    /// What was chosen for ACH files, where it is of them.
    pub ach: Option<AchTerms>,
    /// The columns of the plan that it reads.
    pub reads: Vec<ColumnId>,
}

/// What the files of a layout do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayoutPurpose {
    /// Each row is a payment.
    Payment,
    /// Each row is the check of that number, to be printed.
    Check,
    /// Each row is a check that is printed elsewhere: a check of the same number
    /// and date in an export of [`Self::Check`] is the same payment.
    Issued,
    /// They pay nobody.
    Nothing,
}

impl LayoutPurpose {
    /// Whether each row is a check.
    pub fn is_check(self) -> bool {
        matches!(self, Self::Check | Self::Issued)
    }
}

/// What is chosen for an export beside its layout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutChoices {
    /// The date that the files bear, as YYYY-MM-DD.
    pub date: Option<String>,
    /// Settings of the layout.
    pub settings: BTreeMap<String, String>,
    /// What the claims file calls columns of the layout.
    pub rename: BTreeMap<String, String>,
    /// Columns, and the text that their cells must be.
    pub when: BTreeMap<String, String>,
}

/// What the files are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRules {
    /// The name; `{file}` is the number of the file.
    pub name: String,
    /// How rows are written.
    pub form: LayoutFormat,
    /// Whether names of columns come first.
    pub header: bool,
    pub line_end: &'static str,
    /// Whether only ASCII is taken.
    pub ascii: bool,
    /// How many payments a file takes.
    pub rows: Option<u64>,
    /// How much the payments of a file may come to.
    pub total: Option<Money>,
    /// How much one payment may be.
    pub largest: Option<Money>,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutFormat {
    /// Fields with something between them.
    Delimited {
        /// What stands between.
        delimiter: u8,
        /// When fields are put in quotes.
        quote: QuoteRule,
    },
    /// Every field as wide as the layout says.
    Fixed,
    /// NACHA records.
    Nacha,
    /// Journals for hledger and beancount.
    Journal,
}

/// When fields are put in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteRule {
    /// Where they have to be.
    Needed,
    /// All of them.
    Always,
    /// None; what would need quotes is an error.
    Never,
}

impl Layout {
    /// A setting, if the layout has it.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// The date that was given, which a layout that writes it has.
    pub fn date(&self) -> Result<Date, Bug> {
        let date = self.date;
        date.ok_or_else(|| Bug::new("a layout that writes a date has none"))
    }

    /// The field of this name in the row of a payment.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
