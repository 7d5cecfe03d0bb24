//! The requirements of ACH files for a layout.

use crate::base::diagnostics::{Problem, literal};
use crate::export::formats::nacha::entry::{EntryColumn, check_account};
use crate::export::formats::nacha::terms::BASE;
use crate::export::layout::{AmountFormat, FieldValue, Layout};
use crate::export::routing_number;

/// The requirement for the value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SettingRule {
    /// It may be blank.
    Optional,
    Required,
    /// A routing number, or blank.
    Bank,
    RequiredBank,
    /// An account number, or blank.
    Account,
}

/// The settings with their maximum lengths.
const SETTINGS: [(&str, usize, SettingRule); 15] = [
    ("destination", 9, SettingRule::RequiredBank),
    ("destination_name", 23, SettingRule::Required),
    ("origin", 10, SettingRule::Required),
    ("origin_name", 23, SettingRule::Optional),
    ("company_name", 16, SettingRule::Required),
    ("company_id", 10, SettingRule::Optional),
    ("description", 10, SettingRule::Optional),
    ("odfi", 9, SettingRule::Bank),
    ("created", 6, SettingRule::Optional),
    ("time", 4, SettingRule::Optional),
    ("modifier", 1, SettingRule::Optional),
    ("first_batch", 7, SettingRule::Optional),
    ("first_trace", 7, SettingRule::Optional),
    ("offset_routing", 9, SettingRule::Bank),
    ("offset_account", 17, SettingRule::Account),
];

/// True if the format reads a setting.
pub(super) fn has_setting(name: &str) -> bool {
    SETTINGS.iter().any(|(setting, ..)| *setting == name)
}

/// Checks that a layout has exactly the parts that the format requires.
pub(super) fn check(layout: &Layout) -> Result<(), Problem> {
    for column in EntryColumn::ALL {
        let name = literal(column.name());
        let Some(field) = layout.field(column.name()) else {
            return Err(layout.wrong(format!("has no column {name}"), BASE));
        };
        if (field.cut || !field.accents) && column != EntryColumn::Payee {
            return Err(layout.wrong(
                format!("truncates or changes {name}"),
                "only the payee can be truncated; a truncated number would belong to another account or person",
            ));
        }
        let is_amount = field.value == FieldValue::Payout(AmountFormat::Minor);
        if (column == EntryColumn::Payout) != is_amount {
            return Err(layout.wrong(
                format!("does not format {name} as an ACH file requires"),
                "use `payout = \"minor\"` in the column `payout`, and in no other column",
            ));
        }
    }
    let is_known = |name: &str| EntryColumn::ALL.iter().any(|column| column.name() == name);
    if let Some(field) = layout.fields.iter().find(|field| !is_known(&field.name)) {
        let name = literal(&field.name);
        return Err(layout.wrong(
            format!("has a column {name}, which ACH entries do not contain"),
            "keep only the columns of `nacha-ppd`",
        ));
    }
    settings(layout)?;
    let file = &layout.file;
    if file.header || !file.ascii || !layout.before.is_empty() || !layout.after.is_empty() {
        return Err(layout.wrong(
            "has keys that an ACH file cannot have",
            "remove `header`, `ascii = false`, [[before]] and [[after]]",
        ));
    }
    Ok(())
}

/// Checks that the settings are present and fit.
fn settings(layout: &Layout) -> Result<(), Problem> {
    for (name, most, rule) in SETTINGS {
        let Some(setting) = layout.setting(name) else {
            return Err(layout.wrong(format!("has no [setting.{name}]"), BASE));
        };
        let value = setting.value.as_str();
        let refuse = |fault: &str| {
            let message = format!("the setting {}{fault}", literal(name));
            Err(Problem::new(message, setting.correction()))
        };
        if value.chars().count() > most {
            return refuse(&format!(" is longer than {most} characters"));
        }
        match rule {
            SettingRule::Required | SettingRule::RequiredBank if value.is_empty() => {
                return refuse(" is blank");
            }
            SettingRule::Bank | SettingRule::RequiredBank if !value.is_empty() => {
                if let Err(problem) = routing_number::check(value) {
                    return refuse(&format!(" is {}, which {problem}", literal(value)));
                }
            }
            SettingRule::Account if !value.is_empty() => {
                check_account(value).map_err(|fault| {
                    let message = format!("the setting {}: {}", literal(name), fault.problem);
                    Problem::new(message, fault.hint)
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}
