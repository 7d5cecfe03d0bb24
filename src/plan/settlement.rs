//! Reads `[settlement]` and `[class]`.

use crate::base::diagnostics::literal;
use crate::base::locale::Locale;
use crate::base::money::Currency;
use crate::plan::document::TomlValue;
use crate::plan::kinds::{OneOf, WholeNumber, Words, kinds, words};
use crate::plan::table::keys;
use crate::plan::time_span::reader::Day;
use crate::plan::{ClassFigures, Settlement, messages};

keys! {
    struct SettlementKeys<'p>: "[settlement]", "settlement" {
        name: Words, Required, "the name of the case";
        docket: Words, Or("no docket number"), "the court's docket number";
        currency: CurrencyCode, Or("\"USD\""), "the currency of all amounts";
        locale: OneOf<Locale>, Or("\"en-US\""), "the form of dates for people, and the paper of the report";
        as_of: Day, Or("no date"), "the date as of which the claims and the fund are stated";
        draft: Words, Or("the plan is final"), "the reason why the plan must not be paid from";
    }

    struct ClassKeys<'p>: "[class]", "class" {
        members: WholeNumber, Or("not stated"), "the number of people in the class";
        notices: WholeNumber, Or("not stated"), "the number of notices sent and not returned as undeliverable";
        opt_outs: WholeNumber, Or("not stated"), "the number of class members who excluded themselves";
        objections: WholeNumber, Or("not stated"), "the number of objections filed";
    }
}

kinds! {<'p>
    CurrencyCode(Currency): "ISO 4217 code", { "type": "string", "pattern": "^[A-Z]{3}$" }, currency;
}

words! {
    Locale { "en-US" UnitedStates, "en-GB" UnitedKingdom, "en-CA" Canada, "en-AU" Australia }
}

pub(super) fn read_settlement(keys: Option<SettlementKeys<'_>>) -> Option<Settlement> {
    let keys = keys?;
    Some(Settlement {
        name: keys.name.value?,
        docket: keys.docket.value,
        currency: keys.currency.value.unwrap_or(Currency::USD),
        locale: keys.locale.value.unwrap_or_default(),
        as_of: keys.as_of.value,
        draft: keys.draft.value,
    })
}

impl Settlement {
    /// `As of October 1, 2026`, if the plan states a date.
    pub(crate) fn as_of_text(&self) -> Option<String> {
        let date = self.locale.date(self.as_of?);
        Some(format!("As of {date}"))
    }
}

fn currency(value: &TomlValue<'_>) -> Option<Currency> {
    let code = value.text()?;
    let currency = Currency::from_code(&code);
    if currency.is_none() {
        let message = messages::currency_unknown(&literal(&code));
        return value.problem(message).none();
    }
    currency
}

pub(super) fn read_class(keys: &ClassKeys<'_>) -> ClassFigures {
    ClassFigures {
        members: keys.members.value,
        notices: keys.notices.value,
        opt_outs: keys.opt_outs.value,
        objections: keys.objections.value,
    }
}
