//! What the form of ACH files asks of a layout, and of the texts in an entry.

use anyhow::Result;

use crate::base::diagnostics::{Problem, literal, nearest};
use crate::export::layout::{AchTerms, AmountFormat, Field, FieldFault, FieldValue, Layout};
use crate::export::nacha::settings::{BASE, lacking};
use crate::export::routing_number;

/// The fields of an entry, and how many characters each has at most.
const FIELDS: [(&str, usize); 6] = [
    ("routing", 9),
    ("account", 17),
    ("account_type", 8),
    ("payout", 10),
    ("identification", 15),
    ("payee", 22),
];

/// The settings, and how many characters each has at most.
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

/// Whether the form reads a setting.
pub(crate) fn has_setting(name: &str) -> bool {
    SETTINGS.iter().any(|(setting, _)| *setting == name)
}

/// What was chosen for the files, if the layout has what the form asks for and
/// nothing else.
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
                format!("the layout {name} cuts or alters {}", literal(&field.name)),
                "a number that is cut is that of somebody else; only the payee may be cut",
            );
        }
        let is_amount = field.value == FieldValue::Payout(AmountFormat::Minor);
        if (field.name == "payout") != is_amount {
            return refuse(
                format!(
                    "the layout {name} has something else in {}",
                    literal(&field.name)
                ),
                "the column `payout` has `payout = \"minor\"`, and no other has the payout",
            );
        }
    }
    let odd = |field: &&Field| FIELDS.iter().all(|(known, _)| *known != field.name);
    if let Some(field) = layout.fields.iter().find(odd) {
        return refuse(
            format!(
                "the layout {name} has a column {}, for which entries have no place",
                literal(&field.name)
            ),
            "ACH entries have the columns of `nacha-ppd`, and no others",
        );
    }
    settings(layout)?;
    let file = &layout.file;
    if file.header || !file.ascii || !layout.before.is_empty() || !layout.after.is_empty() {
        return refuse(
            format!("the layout {name} says what an ACH file does not have"),
            "it is in ASCII, without a header, and without records of your own",
        );
    }
    AchTerms::of(layout)
}

/// Whether the settings are there, and have place.
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
            return refuse(message, &format!("it is {}", setting.about));
        }
        let needed = ["destination", "destination_name", "origin", "company_name"];
        if setting.value.is_empty() && needed.contains(&&*setting.name) {
            let message = format!("the setting {} is blank", literal(&setting.name));
            return refuse(message, &format!("it is {}", setting.about));
        }
        let is_bank = ["destination", "odfi", "offset_routing"].contains(&&*setting.name);
        if let Err(problem) = routing_number::check(&setting.value)
            && is_bank
            && !setting.value.is_empty()
        {
            let message = format!(
                "the setting {} is {}, {problem}",
                literal(&setting.name),
                literal(&setting.value)
            );
            return refuse(message, &format!("it is {}", setting.about));
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

/// What a text has to be.
pub(super) type NachaCheck = fn(&str) -> Result<(), FieldFault>;

/// The account types that an entry can go to.
pub(super) const CHECKING: &str = "checking";
const SAVINGS: &str = "savings";

/// Whether a text has the place that an entry has for it. An amount that is too
/// large has been noted.
pub(super) fn within(field: &Field, text: &str) -> Result<(), FieldFault> {
    let most = FIELDS.iter().find(|(known, _)| *known == field.name);
    let characters = text.chars().count();
    let Some((_, most)) = most.filter(|(_, most)| characters > *most) else {
        return Ok(());
    };
    let hint = match field.name.as_str() {
        "payout" => return Ok(()),
        "payee" => {
            "shorten it; a payee can be cut by the layout: `cut = true`, `length = 22`".to_owned()
        }
        "identification" => format!(
            "use a layout of your own that takes a shorter number from another column: {BASE}, and add a [[column]] with `name = \"identification\"` and `column = \"…\"`"
        ),
        _ => "an ACH entry has no room for more: correct it, or pay this claimant in another way"
            .to_owned(),
    };
    let problem = format!(
        "{} has {characters} characters, more than {most}",
        literal(text)
    );
    Err(FieldFault::new(problem, hint))
}

/// A routing number.
pub(super) fn check_routing(text: &str) -> Result<(), FieldFault> {
    routing_number::check(text).map_err(|problem| {
        FieldFault::new(
            format!("{}, {problem}", literal(text)),
            "ask the claimant for the number on a check, or pay in another way",
        )
    })
}

/// The number of an account.
pub(super) fn check_account(text: &str) -> Result<(), FieldFault> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.bytes().all(good) && text.contains(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(FieldFault::new(
        format!(
            "{} is no account number: it has letters, digits and hyphens",
            literal(text)
        ),
        "write it without anything else",
    ))
}

/// The kind of an account.
pub(super) fn check_type(text: &str) -> Result<(), FieldFault> {
    if [CHECKING, SAVINGS].contains(&text) {
        return Ok(());
    }
    let hint = match nearest(text, [CHECKING, SAVINGS]) {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => "write which of the two it is".to_owned(),
    };
    Err(FieldFault::new(
        format!("{} is neither `checking` nor `savings`", literal(text)),
        hint,
    ))
}
