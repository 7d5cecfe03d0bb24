//! Reads the fields of a layout.

use crate::base::diagnostics::{Message, listing, literal, nearest, quotable, subject};
use crate::base::money::Currency;
use crate::export::layout::field::{
    AmountFormat, Field, FieldAlign, FieldCheck, FieldPadding, FieldValue as What, date_text,
};
use crate::export::layout::keys::{FieldKeys, PayeeContent, PayoutContent, RecordKeys};
use crate::export::layout::messages;
use crate::export::layout::parse::{LayoutDraft, portion_of};
use crate::export::layout::setting::Setting;
use crate::plan::column::check_name;
use crate::plan::document::{Place, TomlValue};
use crate::plan::messages::key_missing;
use crate::plan::{ColumnId, Settlement};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldScope {
    Payment,
    File,
}

impl LayoutDraft<'_> {
    /// Reads the fields of a payment row; a field replaces one of the base with the
    /// same name.
    pub(super) fn read_fields(&mut self, columns: &[FieldKeys<'_>]) {
        for keys in columns {
            if keys.name.at.is_none() {
                let message = key_missing("[[column]]", "name");
                keys.toml.place.problem(message).add();
            }
            let Some(field) = self.field(keys, FieldScope::Payment) else {
                continue;
            };
            let mut known = self.layout.fields.iter_mut();
            match known.find(|known| known.name == field.name) {
                Some(known) => *known = field,
                None => self.layout.fields.push(field),
            }
        }
    }

    /// Reads records about a file.
    pub(super) fn read_records(&mut self, records: &[RecordKeys<'_>]) -> Vec<Vec<Field>> {
        let mut record = |keys: &RecordKeys<'_>| {
            let fields = keys.fields.value.iter().flatten();
            let fields = fields.filter_map(|keys| self.field(keys, FieldScope::File));
            fields.collect()
        };
        records.iter().map(&mut record).collect()
    }

    fn field(&mut self, keys: &FieldKeys<'_>, scope: FieldScope) -> Option<Field> {
        let value = self.content(keys, scope)?;
        let (align, with) = match (value.is_number(), keys.align.value) {
            (true, None | Some(FieldAlign::Right)) => (FieldAlign::Right, '0'),
            (_, align) => (align.unwrap_or(FieldAlign::Left), ' '),
        };
        let number = keys.number.at.as_ref().and_then(|at| at.value.as_str());
        let setting = keys.setting.value.as_deref().or(number);
        let optional = keys.optional.value.unwrap_or(false);
        let field = Field {
            name: keys.name.value.clone().unwrap_or_default(),
            length: keys.length.value,
            width: keys.width.value,
            cut: keys.cut.value.unwrap_or(false),
            blank: keys
                .blank
                .value
                .clone()
                .or_else(|| optional.then(String::new)),
            optional,
            spaces: keys.spaces.value.unwrap_or(true),
            accents: keys.accents.value.unwrap_or(true),
            fill: FieldPadding {
                align,
                with: keys.fill.value.unwrap_or(with),
            },
            setting: setting.map(str::to_owned),
            whole: self.is_whole(keys, &value)?,
            check: keys.check.value.map(|()| FieldCheck::Recipient {
                venmo: self
                    .find("wallet")
                    .is_some_and(|wallet| wallet.value == "VENMO"),
            }),
            value,
        };
        if !keys.toml.is_sound() {
            return None;
        }
        if let Some(message) = impossible(&field, self.is_numeric_setting(keys)) {
            return keys.toml.place.problem(message).none();
        }
        Some(field)
    }

    fn find(&self, name: &str) -> Option<&Setting> {
        self.layout
            .settings
            .iter()
            .find(|setting| setting.name == name)
    }

    /// True if the content of a field is a numeric setting, such as an account number.
    fn is_numeric_setting(&self, keys: &FieldKeys<'_>) -> bool {
        let name = keys.setting.value.as_deref();
        let setting = name.and_then(|name| self.find(name));
        setting.is_some_and(|setting| setting.digits || setting.routing)
    }

    /// True if payouts in the currency of the settlement must be whole.
    fn is_whole(&self, keys: &FieldKeys<'_>, value: &What) -> Option<bool> {
        let Some(list) = &keys.whole.at else {
            return Some(false);
        };
        if *value != What::Payout(AmountFormat::Decimal) {
            let message = messages::whole_of_no_payout();
            return list.key_place.problem(message).none();
        }
        let codes = keys.whole.value.as_deref()?;
        let mut unknown = codes.iter();
        if let Some((code, place)) = unknown.find(|(code, _)| Currency::from_code(code).is_none()) {
            let message = messages::currency_unknown(&subject(code));
            return place.problem(message).none();
        }
        let currency = self.plan.settlement.currency.code();
        Some(codes.iter().any(|(code, _)| code == currency))
    }

    /// Reports a content that is not allowed in this place.
    fn misplaced(keys: &FieldKeys<'_>, scope: FieldScope) -> Option<()> {
        let (of_payments, of_files) = (
            [
                &keys.column.at,
                &keys.columns.at,
                &keys.id.at,
                &keys.payout.at,
                &keys.payee.at,
                &keys.number.at,
            ],
            [&keys.count.at, &keys.total.at, &keys.file.at],
        );
        let (mut wrong, place) = match scope {
            FieldScope::File => (of_payments.iter(), "the row of a payment"),
            FieldScope::Payment => (of_files.iter(), "[[before]] or [[after]]"),
        };
        let Some(at) = wrong.find_map(|at| at.as_ref()) else {
            return Some(());
        };
        let message = messages::content_misplaced(&literal(at.key), place);
        at.key_place.problem(message).none()
    }

    /// Reads the content of a field.
    fn content(&mut self, keys: &FieldKeys<'_>, scope: FieldScope) -> Option<What> {
        Self::misplaced(keys, scope)?;
        let Settlement { name, currency, .. } = &self.plan.settlement;
        let text = (keys.text.value.clone())
            .or_else(|| keys.currency.value.map(|()| currency.code().to_owned()))
            .or_else(|| keys.settlement.value.map(|()| name.clone()));
        let content = (keys.id.value.map(|()| What::Id))
            .or(keys.count.value.map(|()| What::Count))
            .or(keys.file.value.map(|()| What::File))
            .or(keys.total.value.map(What::Total))
            .or(text.map(What::Text));
        if content.is_some() {
            return content;
        }
        if keys.payout.value.is_some() || keys.payee.value.is_some() {
            return self.of_portions(keys);
        }
        if let Some(called) = &keys.column.value {
            let column = self.column(called, &keys.column.at.as_ref()?.place)?;
            return Some(What::Cells(vec![column], String::new()));
        }
        if let Some(columns) = &keys.columns.value {
            let columns = columns.iter();
            let columns = columns.map(|(called, place)| self.column(called, place));
            let columns = columns.collect::<Option<Vec<ColumnId>>>()?;
            let join = keys.join.value.as_deref().unwrap_or(" ");
            return Some(What::Cells(columns, join.to_owned()));
        }
        if let Some(value) = &keys.number.value {
            return self.first_number(value).map(What::Number);
        }
        if let Some(form) = keys.date.value {
            // A missing date is reported later.
            self.dated = true;
            let text = self.layout.date.map(|date| date_text(form, date));
            return Some(What::Text(text.unwrap_or_default()));
        }
        let (name, at) = keys.setting.value.as_ref().zip(keys.setting.at.as_ref())?;
        self.setting(name, at).map(What::Text)
    }

    /// The column of the claims file that the layout calls so.
    fn column(&mut self, called: &str, place: &Place<'_>) -> Option<ColumnId> {
        let name = self.file_name_of(called);
        check_name(&name, place)?;
        Some(self.columns.id(&name))
    }

    /// Reads a field about the payout, a portion, or who is paid it.
    fn of_portions(&self, keys: &FieldKeys<'_>) -> Option<What> {
        let find = |name: &str, place: &Place<'_>| {
            let number = portion_of(self.plan, name);
            if number.is_none() {
                let names = self.plan.portions.iter().map(|one| one.name.as_str());
                let near =
                    nearest(name, names).map(|near| format!("did you mean {}?", literal(near)));
                let message = messages::portion_unknown(&literal(name));
                place.problem(message).perhaps(near).add();
            }
            number
        };
        match (&keys.payout.value, &keys.payee.value) {
            (Some(PayoutContent::Paid(amount)), _) => Some(What::Payout(*amount)),
            (Some(PayoutContent::Portion(name, place, amount)), _) => {
                find(name, place).map(|portion| What::Portion(portion, *amount))
            }
            (None, Some(PayeeContent::Paid)) => Some(What::Payee(None)),
            (None, Some(PayeeContent::Portion(name, place))) => {
                find(name, place).map(|portion| What::Payee(Some(portion)))
            }
            (None, None) => None,
        }
    }

    /// The value of a setting; blank if it is missing, which is reported later.
    fn setting(&self, name: &str, value: &TomlValue<'_>) -> Option<String> {
        let Some(found) = self.find(name) else {
            let message = messages::setting_missing(&quotable(name));
            let names: Vec<&str> = self.layout.settings.iter().map(|s| &*s.name).collect();
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean {}?", literal(near)),
                None if names.is_empty() => "the layout has no settings".to_owned(),
                None => format!("the settings are {}", listing(&names)),
            };
            return value.problem(message).hint(hint).none();
        };
        Some(found.value.clone())
    }

    /// The first sequence number: digits, or a setting.
    fn first_number(&self, value: &TomlValue<'_>) -> Option<u64> {
        let Some(name) = value.value.as_str() else {
            return value.whole();
        };
        let text = self.setting(name, value)?;
        // A missing setting is reported later, unless it is optional.
        let required = self
            .find(name)
            .is_some_and(|setting| setting.default.is_none());
        if text.is_empty() && required {
            return Some(0);
        }
        let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| plain);
        if number.is_none() {
            let message = messages::first_number_invalid(&literal(name), &literal(&text));
            return value.problem(message).none();
        }
        number
    }
}

/// Detects a format that would alter the meaning of a field.
fn impossible(field: &Field, exact: bool) -> Option<Message> {
    let FieldPadding { align, with } = field.fill;
    let is_id = field.value == What::Id;
    if field.cut && (field.value.is_number() || is_id || exact) {
        return Some(messages::number_cut());
    }
    if !field.accents && is_id {
        return Some(messages::id_changed());
    }
    if !matches!(with, ' '..='~') {
        return Some(messages::padding_not_plain());
    }
    let zeros_before = (with, align) == ('0', FieldAlign::Right);
    let alike = with.is_ascii_alphanumeric() || matches!(with, '.' | '-');
    if alike && (is_id || !zeros_before) {
        return Some(messages::padding_changes_value());
    }
    None
}
