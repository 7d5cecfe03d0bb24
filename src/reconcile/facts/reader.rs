//! Reads the facts.

use crate::base::dates::Date;
use crate::base::diagnostics::{InvalidPlan, OrBug as _, literal};
use crate::base::money::{Currency, Money};
use crate::plan::cell_reading::{ColumnFormat, DateFormat};
use crate::plan::document::{TomlDocument, TomlValue, all};
use crate::plan::kinds::{
    Amount, AmountAboveZero, AnyText, ColumnNames, Map, OneOf, Table, Tables, WholeNumber, Words,
    kinds,
};
use crate::plan::table::{TableKeys as _, TableShape, keys};
use crate::plan::time_span::reader::Day;
use crate::plan::{DeductionKind, PlanSource, parse};
use crate::reconcile::facts::columns::{
    AmountColumn, AmountColumnKeys, DateColumn, DateColumnKeys, PaymentColumn, PaymentColumnKeys,
    StatusColumn, StatusColumnKeys, plain_status,
};
use crate::reconcile::facts::{
    ColumnName, CourtFacts, Facts, Movement, OutcomeDate, OutcomeSource, OutcomeStatus,
    OutcomeWord, Owed, ReceiptKind, Unheard,
};
use crate::reconcile::messages;

keys! {
    struct FactsKeys<'p>: "the facts file", "facts" {
        on: Day, Required, "the last day of which the facts tell";
        balance: Amount, Or("not compared"), "the balance of the bank account at the end of that day, by the bank's statement; another one than the account comes to is an error";
        unissued: WholeNumber, Or("0"), "the payouts of the run that are in no export on purpose; another number than is found is an error";
        by: ColumnNames, Or("none"), "the columns of the claims file by which payouts that were never cashed are counted";
        outcomes: Tables<OutcomeKeys<'p>>, Or("none"), "a file of what became of payments";
        unheard: Map<OneOf<Unheard>>, Or("they stay outstanding"), "`[unheard]`: under the name of an export, the state of those of its payments that are outstanding after all outcomes are read";
        received: Tables<ReceivedKeys<'p>>, Or("none"), "money that came in, other than by the plans";
        spent: Tables<SpentKeys<'p>>, Or("none"), "money that went out, other than by the plans";
        owed: Tables<OwedKeys<'p>>, Or("none"), "a deduction that is not paid out yet";
        report: Table<CourtKeys<'p>>, Or("not said"), "facts for the account for the court";
    }

    struct OutcomeKeys<'p>: "[[outcomes]]", "outcomes" {
        file: FileName, Required, "the name of the file, without folders; it is looked for beside the facts, and here";
        export: Words, Or("all payments"), "the name of the export whose payments alone the file is about";
        id: PaymentColumn, Or("`claimant_id`, if there is one"), "the column of claimant ids";
        number: PaymentColumn, Or("`number`, if there is one"), "the column of payment numbers";
        amount: AmountColumn, Or("`amount`"), "the column of amounts";
        date: DateColumn, Or("`date`"), "the column of dates";
        status: StatusColumn, Or("`status`"), "the column of outcomes, whose cells are the words of the program, or those listed for each word";
        every: OneOf<OutcomeWord>, Or("by `status`"), "the word for every row";
        others: OtherNumbers, Or("none"), "numbers of checks that pay no claimant, of which the file may speak";
        rows: WholeNumber, Or("not compared"), "the number of rows that are not skipped";
        total: Amount, Or("not compared"), "the sum of the amounts of these rows";
    }
    rules {
        Without("every", &["status"], "");
    }

    struct ReceivedKeys<'p>: "[[received]]", "received" {
        name: Words, Required, "the name in the account";
        kind: OneOf<ReceiptKind>, Required, "an installment of the fund, interest, or something else";
        amount: AmountAboveZero, Required, "the amount";
    }

    struct SpentKeys<'p>: "[[spent]]", "spent" {
        name: Words, Required, "the name in the account: who was paid, or for what";
        kind: SpentKind, Required, "where the account shows it";
        amount: AmountAboveZero, Required, "the amount";
        number: AnyText, Or("none"), "the number of the check that paid it";
    }

    struct OwedKeys<'p>: "[[owed]]", "owed" {
        deduction: Words, Required, "the name of the deduction in a plan";
        amount: AmountAboveZero, Required, "the part of it that is not paid out yet";
    }

    struct CourtKeys<'p>: "[report]", "court_facts" {
        notice: Words, Or("not said"), "the methods of notice";
        relief: Words, Or("not said"), "other relief that the settlement gives";
        fraud: Words, Or("not said"), "the measures against fraudulent claims";
        lodestar: AmountAboveZero, Or("not said"), "the lodestar of counsel, by which fees are divided for the multiplier";
        relief_value: Amount, Or("not said"), "the value of other relief";
        relief_users: WholeNumber, Or("not said"), "the number of those who used it";
        claims: WholeNumber, Or("the rows of the claims files"), "the number of claims submitted";
    }
}

kinds! {<'p>
    FileName(String): "name of a file", { "type": "string", "pattern": "^[^/\\\\]+$" }, file_name;
    OtherNumbers(Vec<String>): "list of numbers",
        { "type": "array", "items": { "type": ["string", "integer"] } }, other_numbers;
    SpentKind(DeductionKind): "kind of a deduction, but `\"reserve\"`",
        { "enum": ["fees", "costs", "service", "administration", "tax", "other", "cy-pres", "escheat", "reversion"] },
        spent_kind;
}

/// The tables of the facts, for their documentation.
#[must_use]
pub fn tables() -> [TableShape; 10] {
    [
        FactsKeys::SHAPE,
        OutcomeKeys::SHAPE,
        PaymentColumnKeys::SHAPE,
        AmountColumnKeys::SHAPE,
        DateColumnKeys::SHAPE,
        StatusColumnKeys::SHAPE,
        ReceivedKeys::SHAPE,
        SpentKeys::SHAPE,
        OwedKeys::SHAPE,
        CourtKeys::SHAPE,
    ]
}

/// Reads the facts. `check` receives them with the document, and adds the problems that
/// the chain reveals.
pub(crate) fn load(
    source: &PlanSource,
    currency: Currency,
    check: impl FnOnce(&FactsPlaces<'_, '_>),
) -> Result<Facts, InvalidPlan> {
    let table = parse::document(source)?;
    let document = TomlDocument::new(&source.text, currency);
    let keys = FactsKeys::root(&document, table.get_ref());
    check_outcomes(&keys);
    check(&FactsPlaces { keys: &keys });
    let facts = facts(source, &keys);
    document.check(source)?;
    Ok(facts.or_bug("facts without problems cannot be read"))
}

/// The facts with their places in the document.
pub(crate) struct FactsPlaces<'k, 'p> {
    keys: &'k FactsKeys<'p>,
}

impl FactsPlaces<'_, '_> {
    /// The day, with its place.
    pub(crate) fn on(&self) -> Option<(Date, &TomlValue<'_>)> {
        Some((self.keys.on.value?, self.keys.on.at.as_ref()?))
    }

    /// The names of exports, with their places.
    pub(crate) fn exports(&self) -> Vec<(&str, &crate::plan::document::Place<'_>)> {
        let unheard = self.keys.unheard.value.iter().flatten();
        let unheard = unheard.map(|(entry, _)| (entry.key, &entry.key_place));
        let outcomes = self.keys.outcomes.value.iter().flatten();
        let outcomes = outcomes.filter_map(|keys| {
            Some((
                keys.export.value.as_deref()?,
                &keys.export.at.as_ref()?.place,
            ))
        });
        unheard.chain(outcomes).collect()
    }

    /// The deductions that are owed, with their places.
    pub(crate) fn owed(&self) -> Vec<(&str, Money, &TomlValue<'_>, &TomlValue<'_>)> {
        let owed = self.keys.owed.value.iter().flatten();
        let owed = owed.filter_map(|keys| {
            let (name, amount) = (keys.deduction.value.as_deref()?, keys.amount.value?);
            Some((
                name,
                amount,
                keys.deduction.at.as_ref()?,
                keys.amount.at.as_ref()?,
            ))
        });
        owed.collect()
    }
}

fn check_outcomes(keys: &FactsKeys<'_>) {
    let mut files: Vec<&str> = Vec::new();
    for outcomes in keys.outcomes.value.iter().flatten() {
        if let (Some(file), Some(at)) = (&outcomes.file.value, &outcomes.file.at) {
            if files.contains(&file.as_str()) {
                at.problem(messages::outcomes_named_twice(&literal(file)))
                    .add();
            }
            files.push(file);
        }
    }
}

fn facts(source: &PlanSource, keys: &FactsKeys<'_>) -> Option<Facts> {
    let unheard = keys.unheard.value.iter().flatten();
    let unheard = unheard.map(|(entry, word)| Some((entry.key.to_owned(), (*word)?)));
    let by = keys.by.value.iter().flatten();
    Some(Facts {
        source: source.clone(),
        on: keys.on.value?,
        balance: keys.balance.value,
        unissued: keys.unissued.value.unwrap_or(0),
        by: by.map(|(name, _)| name.clone()).collect(),
        outcomes: all(keys.outcomes.value.iter().flatten().map(outcomes))?,
        unheard: all(unheard)?,
        received: all(keys.received.value.iter().flatten().map(received))?,
        spent: all(keys.spent.value.iter().flatten().map(spent))?,
        owed: all(keys.owed.value.iter().flatten().map(owed))?,
        report: keys.report.value.as_ref().map(court).unwrap_or_default(),
    })
}

fn outcomes(keys: &OutcomeKeys<'_>) -> Option<OutcomeSource> {
    let named = |key: &Option<String>, name: &str| ColumnName {
        name: key.clone().unwrap_or_else(|| name.to_owned()),
        is_stated: key.is_some(),
    };
    let (amount, amount_format) = keys
        .amount
        .value
        .clone()
        .unwrap_or_else(|| ("amount".to_owned(), ColumnFormat::default()));
    let (date, date_format) = keys.date.value.clone().unwrap_or_else(|| {
        let iso = OutcomeDate::InPlans(DateFormat::Iso);
        ("date".to_owned(), iso)
    });
    let status = if let Some(word) = keys.every.value {
        OutcomeStatus::Every(word)
    } else {
        let status = keys.status.value.clone();
        status.unwrap_or_else(|| plain_status("status".to_owned()))
    };
    Some(OutcomeSource {
        file: keys.file.value.clone()?,
        export: keys.export.value.clone(),
        id: named(&keys.id.value, "claimant_id"),
        number: named(&keys.number.value, "number"),
        amount,
        amount_format,
        date,
        date_format,
        status,
        others: keys.others.value.clone().unwrap_or_default(),
        rows: keys.rows.value,
        total: keys.total.value,
    })
}

fn received(keys: &ReceivedKeys<'_>) -> Option<Movement<ReceiptKind>> {
    Some(Movement {
        name: keys.name.value.clone()?,
        kind: keys.kind.value?,
        amount: keys.amount.value?,
        number: None,
    })
}

fn spent(keys: &SpentKeys<'_>) -> Option<Movement<DeductionKind>> {
    Some(Movement {
        name: keys.name.value.clone()?,
        kind: keys.kind.value?,
        amount: keys.amount.value?,
        number: keys.number.value.clone(),
    })
}

fn owed(keys: &OwedKeys<'_>) -> Option<Owed> {
    Some(Owed {
        deduction: keys.deduction.value.clone()?,
        amount: keys.amount.value?,
    })
}

fn court(keys: &CourtKeys<'_>) -> CourtFacts {
    CourtFacts {
        notice: keys.notice.value.clone(),
        relief: keys.relief.value.clone(),
        fraud: keys.fraud.value.clone(),
        lodestar: keys.lodestar.value,
        relief_value: keys.relief_value.value,
        relief_users: keys.relief_users.value,
        claims: keys.claims.value,
    }
}

fn file_name(value: &TomlValue<'_>) -> Option<String> {
    let name = value.words()?;
    if name.contains(['/', '\\']) || name == ".." || name == "." {
        return value.problem(messages::file_in_folder()).none();
    }
    Some(name)
}

fn other_numbers(value: &TomlValue<'_>) -> Option<Vec<String>> {
    let number = |entry: &TomlValue<'_>| match entry.value {
        toml::de::DeValue::Integer(integer) if integer.radix() == 10 => {
            Some(integer.as_str().to_owned())
        }
        _ => entry.words(),
    };
    all(value.list()?.iter().map(number))
}

fn spent_kind(value: &TomlValue<'_>) -> Option<DeductionKind> {
    let kind = value.one_of(<DeductionKind as crate::plan::Choice>::WORDS)?;
    if kind == DeductionKind::Reserve {
        return value.problem(messages::reserve_is_not_spent()).none();
    }
    Some(kind)
}
