//! A layout describes the format of payment files, in TOML.
//!
//! A custom layout may extend a built-in one (`base`) and define only the differences.

mod field;
mod field_reader;
mod format;
pub(crate) mod keys;
pub(crate) mod messages;
mod parse;
mod setting;
mod validate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::dates::Date;
use crate::base::diagnostics::{Bug, Message, literal};
use crate::base::money::Money;
pub(crate) use crate::export::layout::field::{
    AmountFormat, Field, FieldAlign, FieldCheck, FieldPadding, FieldValue, date_text,
};
pub(crate) use crate::export::layout::format::{
    FileClash, FileFacts, PaymentFormat, PaymentNumbers,
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
    /// The only portion that it pays, by index.
    pub portion: Option<usize>,
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
    /// The numbers of its payments, if they have any.
    pub(crate) numbers: Option<PaymentNumbers>,
    /// The columns of the plan that it reads.
    pub reads: Vec<ColumnId>,
}

/// The purpose of a layout's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayoutPurpose {
    /// Each row is a payment.
    #[default]
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
    /// True if the files contain payments.
    pub fn has_payments(self) -> bool {
        self != Self::Nothing
    }

    /// True if each row is a check.
    pub fn is_check(self) -> bool {
        matches!(self, Self::Check | Self::Issued)
    }

    /// True if one of two exports has checks to print, and the other lists them as
    /// issued: the same number and date are then one payment.
    pub(crate) fn is_other_list(self, other: Self) -> bool {
        self.is_check() && other.is_check() && self != other
    }
}

/// The choices for an export besides its layout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutChoices {
    /// The date on the files, as YYYY-MM-DD.
    pub date: Option<String>,
    /// The only portion of payouts that is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portion: Option<String>,
    pub settings: BTreeMap<String, String>,
    /// The names in the claims file of the layout's columns.
    pub rename: BTreeMap<String, String>,
    /// Columns with the text that their cells must have.
    pub when: BTreeMap<String, String>,
}

/// The format of the files.
#[derive(Debug, Clone)]
pub struct FileRules {
    /// The file name; `{file}` is the number of the file.
    pub name: String,
    pub(crate) form: &'static dyn PaymentFormat,
    /// The delimiter and the quotes of delimited files.
    pub delimiter: u8,
    pub quote: QuoteRule,
    /// True if the first row contains the column names.
    pub header: bool,
    pub line_end: LineEnd,
    /// True if the file is limited to ASCII.
    pub ascii: bool,
    pub limits: FileLimits,
}

/// The limits of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileLimits {
    /// The maximum number of payments.
    pub rows: Option<u64>,
    /// The maximum sum of the payments.
    pub total: Option<Money>,
    /// The maximum of one payment.
    pub largest: Option<Money>,
}

/// The end of every line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    Lf,
    CrLf,
}

impl LineEnd {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }
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

    /// The first number of each field with sequence numbers.
    pub(crate) fn first_numbers(&self) -> impl Iterator<Item = u64> {
        self.fields.iter().filter_map(|field| match field.value {
            FieldValue::Number(first) => Some(first),
            _ => None,
        })
    }

    /// The name as messages show it.
    pub(crate) fn shown(&self) -> String {
        literal(&self.name)
    }

    /// The error for a problem with the layout or with its settings.
    pub(crate) fn problem(&self, fault: Message) -> Message {
        fault.within(&format!("in the layout {}: ", self.shown()))
    }

    /// The field with this name in the row of a payment.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::find_shipped;
    use crate::plan::{Choice as _, Plan};

    const PLAN: &str =
        "[settlement]\nname = \"S\"\n[fund]\namount = 1\n[[pool]]\nname = \"p\"\nshares = 1\n";

    #[test]
    fn a_check_is_one_payment_if_one_export_prints_it_and_one_lists_it() {
        let words = LayoutPurpose::WORDS.iter();
        let all: Vec<_> = words.map(|(_, purpose)| *purpose).collect();
        let pairs = all
            .iter()
            .flat_map(|one| all.iter().map(move |other| (*one, *other)));
        let same: Vec<_> = pairs
            .filter(|(one, other)| one.is_other_list(*other))
            .collect();
        let (check, issued) = (LayoutPurpose::Check, LayoutPurpose::Issued);
        assert_eq!(same, [(check, issued), (issued, check)]);
    }

    #[test]
    fn built_in_layouts_number_and_limit_payments_as_their_receivers_do() {
        let load = |name, settings: &[(&str, &str)]| {
            let choices = LayoutChoices {
                date: Some("2026-12-01".to_owned()),
                settings: settings
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into()))
                    .collect(),
                ..LayoutChoices::default()
            };
            let source = find_shipped(name).unwrap();
            let mut plan = Plan::from_text("plan.toml", PLAN).unwrap();
            Layout::load(&source, &find_shipped, &choices, &mut plan).unwrap()
        };
        let paypal = load("paypal", &[("note", "x")]);
        assert_eq!(paypal.file.limits.rows, Some(5000));
        assert!(paypal.numbers.is_none() && paypal.pays.has_payments());
        for (name, more) in [
            ("check-register", &[][..]),
            ("positive-pay", &[("account", "7")]),
        ] {
            let settings = [&[("first_check", "1001")], more].concat();
            let numbers = load(name, &settings).numbers.unwrap();
            assert_eq!(numbers.text(3, 2).unwrap(), "1003", "{name}");
        }
        let books = load("ledger", &[]);
        assert!(books.numbers.is_none() && !books.pays.has_payments());
    }
}
