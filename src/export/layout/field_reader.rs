//! Reads the fields of a layout.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::base::dates::Date;
use crate::base::diagnostics::{listing, literal, nearest, quotable, subject};
use crate::base::money::Currency;
use crate::export::layout::field::{
    AmountFormat, DATES, Field, FieldAlign, FieldCheck, FieldPadding, FieldValue as What, date_text,
};
use crate::export::layout::keys::{character, elements, optional, size};
use crate::export::layout::setting::Setting;
use crate::plan::column::{check_name, column_name};
use crate::plan::document::{ProblemCollector, TomlTable, TomlValue};
use crate::plan::{Columns, Settlement};

/// The keys for the content of a field; exactly one is required.
const SOURCES: [&str; 12] = [
    "text",
    "column",
    "id",
    "payout",
    "number",
    "date",
    "setting",
    "currency",
    "settlement",
    "count",
    "total",
    "file",
];

pub(super) struct FieldsReader<'a> {
    /// The settings with their values.
    pub settings: &'a [Setting],
    pub settlement: &'a Settlement,
    /// The date provided.
    pub date: Option<Date>,
    /// Set to true if a field writes the date.
    pub dated: &'a mut bool,
    /// The names in the claims file of the layout's columns.
    pub rename: &'a BTreeMap<String, String>,
    /// The columns of the claims file.
    pub columns: &'a mut Columns,
    /// The columns read, under the layout's names.
    pub called: &'a mut Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldScope {
    Payment,
    File,
}

impl FieldsReader<'_> {
    /// Reads the fields of a payment row; a field replaces one of the base with the
    /// same name.
    pub(super) fn columns(
        &mut self,
        value: Option<&TomlValue<'_>>,
        fields: &mut Vec<Field>,
        problems: &mut ProblemCollector,
    ) {
        for value in elements(value, "[[column]]", problems) {
            let Some(field) = self.field(&value, "[[column]]", FieldScope::Payment, problems)
            else {
                continue;
            };
            match fields.iter_mut().find(|known| known.name == field.name) {
                Some(known) => *known = field,
                None => fields.push(field),
            }
        }
    }

    /// Reads records about a file, if there are any.
    pub(super) fn records(
        &mut self,
        value: Option<&TomlValue<'_>>,
        what: &str,
        problems: &mut ProblemCollector,
    ) -> Option<Vec<Vec<Field>>> {
        let mut records = Vec::new();
        for value in elements(Some(value?), what, problems) {
            let mut table = value.table(what, problems)?;
            let fields = table.require("fields", problems);
            table.finish(problems);
            let mut record = Vec::new();
            for value in fields?.list(problems)? {
                record.extend(self.field(&value, "a field", FieldScope::File, problems));
            }
            records.push(record);
        }
        Some(records)
    }

    fn field(
        &mut self,
        value: &TomlValue<'_>,
        what: &str,
        of: FieldScope,
        problems: &mut ProblemCollector,
    ) -> Option<Field> {
        let mut table = value.table(what, problems)?;
        let name = match of {
            FieldScope::Payment => table.require("name", problems),
            FieldScope::File => table.take("name"),
        };
        let source = source(&mut table, what, problems);
        let [length, width, cut, blank, spaces] =
            ["length", "width", "cut", "blank", "spaces"].map(|key| table.take(key));
        let [accents, align, fill, whole, check] =
            ["accents", "align", "fill", "whole", "check"].map(|key| table.take(key));
        let span = table.span.clone();
        table.finish(problems);
        if name.is_none() && of == FieldScope::Payment {
            return None;
        }
        let source = source?;
        let exact = self.is_number(&source);
        let value = self.what(&source, of, problems)?;
        let usual = if value.is_number() {
            FieldAlign::Right
        } else {
            FieldAlign::Left
        };
        let words = [("left", FieldAlign::Left), ("right", FieldAlign::Right)];
        let align = optional(align, problems, |value, problems| {
            value.one_of(&words, problems)
        })?;
        let align = align.unwrap_or(usual);
        let usual = if value.is_number() && align == FieldAlign::Right {
            '0'
        } else {
            ' '
        };
        let filling = optional(fill, problems, character)?.unwrap_or(usual);
        let field = Field {
            name: optional(name, problems, TomlValue::words)?.unwrap_or_default(),
            length: optional(length, problems, size)?,
            width: optional(width, problems, size)?,
            cut: optional(cut, problems, TomlValue::truth)?.unwrap_or(false),
            blank: optional(blank, problems, TomlValue::text)?,
            spaces: optional(spaces, problems, TomlValue::truth)?.unwrap_or(true),
            accents: optional(accents, problems, TomlValue::truth)?.unwrap_or(true),
            fill: FieldPadding {
                align,
                with: filling,
            },
            setting: setting_of(&source),
            whole: self.is_whole(whole.as_ref(), &value, problems)?,
            check: optional(check, problems, |check, problems| {
                self.check(check, &value, problems)
            })?,
            value,
        };
        if let Some(message) = impossible(&field, exact) {
            problems.add(&span, message);
            return None;
        }
        Some(field)
    }

    /// True if the content of a field is a numeric setting, such as an account number.
    fn is_number(&self, source: &TomlValue<'_>) -> bool {
        let name = setting_of(source).filter(|_| source.key == "setting");
        let setting = name.and_then(|name| self.settings.iter().find(|s| s.name == name));
        setting.is_some_and(|setting| setting.digits || setting.routing)
    }

    /// True if payouts in the currency of the settlement must be whole.
    fn is_whole(
        &self,
        list: Option<&TomlValue<'_>>,
        value: &What,
        problems: &mut ProblemCollector,
    ) -> Option<bool> {
        let Some(list) = list else {
            return Some(false);
        };
        if *value != What::Payout(AmountFormat::Decimal) {
            problems.add(&list.key_span, "`whole` requires `payout = \"decimal\"`");
            return None;
        }
        let codes = list.texts(problems)?;
        let unknown = codes
            .iter()
            .find(|(code, _)| Currency::from_code(code).is_none());
        if let Some((code, span)) = unknown {
            problems.add(span, format!("{} is not a currency code", subject(code)));
            return None;
        }
        Some(
            codes
                .iter()
                .any(|(code, _)| code == self.settlement.currency.code()),
        )
    }

    /// Reads the validation of a column's cells.
    fn check(
        &self,
        check: &TomlValue<'_>,
        value: &What,
        problems: &mut ProblemCollector,
    ) -> Option<FieldCheck> {
        if !matches!(value, What::Column(_)) {
            problems.add(&check.key_span, "`check` requires `column`");
            return None;
        }
        let wallet = self
            .settings
            .iter()
            .find(|setting| setting.name == "wallet");
        let venmo = wallet.is_some_and(|wallet| wallet.value == "VENMO");
        check.one_of(&[("recipient", FieldCheck::Recipient { venmo })], problems)
    }

    /// Reads the content of a field.
    fn what(
        &mut self,
        value: &TomlValue<'_>,
        of: FieldScope,
        problems: &mut ProblemCollector,
    ) -> Option<What> {
        let amounts = [
            ("decimal", AmountFormat::Decimal),
            ("minor", AmountFormat::Minor),
        ];
        let of_payment = matches!(value.key.as_str(), "column" | "id" | "payout" | "number");
        let of_files = matches!(value.key.as_str(), "count" | "total" | "file");
        if (of == FieldScope::File && of_payment) || (of == FieldScope::Payment && of_files) {
            let message = if of == FieldScope::File {
                format!(
                    "{} is only allowed in the row of a payment",
                    literal(&value.key)
                )
            } else {
                format!(
                    "{} is only allowed in [[before]] or [[after]]",
                    literal(&value.key)
                )
            };
            problems.add(&value.key_span, message);
            return None;
        }
        match value.key.as_str() {
            "text" => value.text(problems).map(What::Text),
            "column" => {
                let called = column_name(value, problems)?;
                let name = self.rename.get(&called).unwrap_or(&called).clone();
                self.called.push(called);
                if !check_name(&name, &value.span, problems) {
                    return None;
                }
                Some(What::Column(self.columns.id(&name)))
            }
            "payout" => value.one_of(&amounts, problems).map(What::Payout),
            "total" => value.one_of(&amounts, problems).map(What::Total),
            "number" => self.first_number(value, problems).map(What::Number),
            "date" => {
                let forms = DATES.map(|form| (form, form));
                let form = value.one_of(&forms, problems)?;
                // A missing date is reported later.
                *self.dated = true;
                let text = self.date.map(|date| date_text(form, date));
                Some(What::Text(text.unwrap_or_default()))
            }
            "setting" => {
                let name = value.text(problems)?;
                self.setting(&name, value, problems).map(What::Text)
            }
            _ => {
                if !value.truth(problems)? {
                    problems.add(&value.span, format!("{} must be true", literal(&value.key)));
                    return None;
                }
                Some(match value.key.as_str() {
                    "id" => What::Id,
                    "currency" => What::Text(self.settlement.currency.code().to_owned()),
                    "settlement" => What::Text(self.settlement.name.clone()),
                    "count" => What::Count,
                    _ => What::File,
                })
            }
        }
    }

    /// The value of a setting; blank if it is missing, which is reported later.
    fn setting(
        &self,
        name: &str,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<String> {
        let found = self.settings.iter().find(|setting| setting.name == name);
        if found.is_none() {
            let message = format!("[setting.{}] does not exist", quotable(name));
            let names: Vec<&str> = self.settings.iter().map(|s| &*s.name).collect();
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean {}?", literal(near)),
                None if names.is_empty() => "the layout has no settings".to_owned(),
                None => format!("the settings are {}", listing(&names)),
            };
            problems.add_hint(&value.span, message, hint);
        }
        found.map(|setting| setting.value.clone())
    }

    /// The first sequence number: digits, or a setting.
    fn first_number(&self, value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<u64> {
        let DeValue::String(name) = value.value else {
            return value.whole(problems);
        };
        let text = self.setting(name, value, problems)?;
        let mut settings = self.settings.iter();
        let setting = settings.find(|setting| setting.name == **name);
        // A missing setting is reported later, unless it is optional.
        if text.is_empty() && setting.is_some_and(|setting| setting.default.is_none()) {
            return Some(0);
        }
        let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| plain);
        if number.is_none() {
            let message = format!(
                "{} is {}, which is not a valid starting number",
                literal(name),
                literal(&text)
            );
            let hint = "write digits without leading zeros, and choose a smaller number if it is too large";
            problems.add_hint(&value.span, message, hint);
        }
        number
    }
}

/// The setting named in a field.
fn setting_of(source: &TomlValue<'_>) -> Option<String> {
    match source.value {
        DeValue::String(name) if matches!(&*source.key, "setting" | "number") => {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// The one key that defines the content of a field.
fn source<'p>(
    table: &mut TomlTable<'p>,
    what: &str,
    problems: &mut ProblemCollector,
) -> Option<TomlValue<'p>> {
    let present = table.present(&SOURCES);
    match present.as_slice() {
        [one] => Some(one.clone()),
        [] => {
            let message = format!("{what} has no content");
            problems.add_hint(
                &table.span,
                message,
                format!("add one of {}", listing(&SOURCES)),
            );
            None
        }
        [one, other, ..] => {
            let (first, second) = (literal(&one.key), literal(&other.key));
            let message = format!("{what} has both {first} and {second}, but only one is allowed");
            problems.add_pair(&one.key_span, message, &other.key_span, "the other");
            None
        }
    }
}

/// Detects a format that would alter the meaning of a field.
fn impossible(field: &Field, exact: bool) -> Option<&'static str> {
    let FieldPadding { align, with } = field.fill;
    let is_id = field.value == What::Id;
    if field.cut && (field.value.is_number() || is_id || exact) {
        return Some("numbers and ids cannot be truncated; only text can");
    }
    if !field.accents && is_id {
        return Some("ids cannot be changed: remove `accents = false`");
    }
    if !matches!(with, ' '..='~') {
        return Some("the padding must be a plain character, like a space or `0`");
    }
    let zeros_before = (with, align) == ('0', FieldAlign::Right);
    let alike = with.is_ascii_alphanumeric() || matches!(with, '.' | '-');
    if alike && (is_id || !zeros_before) {
        return Some(
            "this padding would change the value; pad with spaces, or pad a number with zeros on the left",
        );
    }
    None
}
