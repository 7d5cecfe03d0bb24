//! The requirements of ACH files for a layout and for the texts in an entry.

use anyhow::Result;

use crate::base::diagnostics::{Problem, literal, nearest, subject};
use crate::export::layout::{AchTerms, AmountFormat, Field, FieldFault, FieldValue, Layout};
use crate::export::nacha::settings::{BASE, lacking};
use crate::export::routing_number;

/// The fields of an entry with their maximum lengths.
const FIELDS: [(&str, usize); 6] = [
    ("routing", 9),
    ("account", 17),
    ("account_type", 8),
    ("payout", 10),
    ("identification", 15),
    ("payee", 22),
];

/// The settings with their maximum lengths.
const SETTINGS: [(&str, usize); 15] = [
    ("destination", 9),
    ("destination_name", 23),
    ("origin", 10),
    ("origin_name", 23),
    ("company_name", 16),
    ("company_id", 10),
    ("description", 10),
    ("odfi", 9),
    ("created", 6),
    ("time", 4),
    ("modifier", 1),
    ("first_batch", 7),
    ("first_trace", 7),
    ("offset_routing", 9),
    ("offset_account", 17),
];

/// True if the format reads a setting.
pub(crate) fn has_setting(name: &str) -> bool {
    SETTINGS.iter().any(|(setting, _)| *setting == name)
}

/// Returns the terms of the files if the layout has exactly the parts that the format
/// requires.
pub(crate) fn check_layout(layout: &Layout) -> Result<AchTerms> {
    let name = literal(&layout.name);
    let refuse = |message: String, hint: &str| Err(Problem::new(message, hint).into());
    for (field, _) in FIELDS {
        let Some(field) = layout.field(field) else {
            return refuse(
                format!("the layout {name} has no column {}", literal(field)),
                BASE,
            );
        };
        if (field.cut || !field.accents) && field.name != "payee" {
            return refuse(
                format!(
                    "the layout {name} truncates or changes {}",
                    literal(&field.name)
                ),
                "only the payee can be truncated; a truncated number would belong to another account or person",
            );
        }
        let is_amount = field.value == FieldValue::Payout(AmountFormat::Minor);
        if (field.name == "payout") != is_amount {
            return refuse(
                format!(
                    "the layout {name} does not format {} as an ACH file requires",
                    literal(&field.name)
                ),
                "use `payout = \"minor\"` in the column `payout`, and in no other column",
            );
        }
    }
    let odd = |field: &&Field| FIELDS.iter().all(|(known, _)| *known != field.name);
    if let Some(field) = layout.fields.iter().find(odd) {
        return refuse(
            format!(
                "the layout {name} has a column {}, which ACH entries do not contain",
                literal(&field.name)
            ),
            "keep only the columns of `nacha-ppd`",
        );
    }
    settings(layout)?;
    let file = &layout.file;
    if file.header || !file.ascii || !layout.before.is_empty() || !layout.after.is_empty() {
        return refuse(
            format!("the layout {name} has keys that an ACH file cannot have"),
            "remove `header`, `ascii = false`, [[before]] and [[after]]",
        );
    }
    AchTerms::of(layout)
}

/// Checks that the settings are present and fit.
fn settings(layout: &Layout) -> Result<()> {
    let refuse = |message: String, hint: &str| Err(Problem::new(message, hint).into());
    for (setting, most) in SETTINGS {
        let setting = layout
            .setting(setting)
            .ok_or_else(|| lacking(layout, setting))?;
        if setting.value.chars().count() > most {
            let message = format!(
                "the setting {} is longer than {most} characters",
                literal(&setting.name)
            );
            return refuse(message, &setting.correction());
        }
        let needed = ["destination", "destination_name", "origin", "company_name"];
        if setting.value.is_empty() && needed.contains(&&*setting.name) {
            let message = format!("the setting {} is blank", literal(&setting.name));
            return refuse(message, &setting.correction());
        }
        let is_bank = ["destination", "odfi", "offset_routing"].contains(&&*setting.name);
        if let Err(problem) = routing_number::check(&setting.value)
            && is_bank
            && !setting.value.is_empty()
        {
            let message = format!(
                "the setting {} is {}, which {problem}",
                literal(&setting.name),
                literal(&setting.value)
            );
            return refuse(message, &setting.correction());
        }
    }
    let account = layout
        .setting("offset_account")
        .map(|setting| &setting.value);
    if let Some(account) = account.filter(|account| !account.is_empty())
        && let Err(fault) = check_account(account)
    {
        return refuse(
            format!("the setting `offset_account`: {}", fault.problem),
            &fault.hint,
        );
    }
    Ok(())
}

/// Validates a text.
pub(super) type NachaCheck = fn(&str) -> Result<(), FieldFault>;

/// The account types that an entry supports.
pub(super) const CHECKING: &str = "checking";
const SAVINGS: &str = "savings";

/// Checks that a text fits its field in an entry. An amount that is too large was
/// reported before.
pub(super) fn within(field: &Field, text: &str) -> Result<(), FieldFault> {
    let most = FIELDS.iter().find(|(known, _)| *known == field.name);
    let characters = text.chars().count();
    let Some((_, most)) = most.filter(|(_, most)| characters > *most) else {
        return Ok(());
    };
    let hint = match field.name.as_str() {
        "payout" => return Ok(()),
        "payee" => "shorten it, or let the layout truncate the payee: `cut = true`, `length = 22`"
            .to_owned(),
        "identification" => format!(
            "use a custom layout that reads a shorter number from another column: {BASE}, and a [[column]] with `name = \"identification\"` and `column = \"…\"`"
        ),
        _ => "correct it, or pay this claimant in another way".to_owned(),
    };
    let problem = format!(
        "{} has {characters} characters; the maximum is {most}",
        literal(text)
    );
    Err(FieldFault::new(problem, hint))
}

pub(super) fn check_routing(text: &str) -> Result<(), FieldFault> {
    routing_number::check(text).map_err(|problem| {
        FieldFault::new(
            format!("{} {problem}", subject(text)),
            "ask the claimant for the number on a check, or pay in another way",
        )
    })
}

pub(super) fn check_account(text: &str) -> Result<(), FieldFault> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.bytes().all(good) && text.contains(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(FieldFault::new(
        format!("{} is not a valid account number", subject(text)),
        "write only letters, digits and hyphens",
    ))
}

pub(super) fn check_type(text: &str) -> Result<(), FieldFault> {
    if [CHECKING, SAVINGS].contains(&text) {
        return Ok(());
    }
    let hint = match nearest(text, [CHECKING, SAVINGS]) {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => "write `checking` or `savings`".to_owned(),
    };
    Err(FieldFault::new(
        format!("{} is neither `checking` nor `savings`", literal(text)),
        hint,
    ))
}
