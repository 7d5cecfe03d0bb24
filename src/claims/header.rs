//! The header of a claims file, which assigns cells to columns.

use std::collections::HashMap;

use crate::base::diagnostics::{ClaimProblem, Message, OrBug as _, listing, literal, nearest};
use crate::claims::likely_columns::{self, is_same};
use crate::claims::messages;
use crate::plan::claim_fact::{ClaimFact, PriorAmount};
use crate::plan::column::ColumnUse;
use crate::plan::lot_names::TradeFact;
use crate::plan::trades::SecurityRule;
use crate::plan::{Column, ColumnId, Plan, RowsRule, StatusRule};

/// The positions of the plan's columns in a claims file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The names in the header, without surrounding white space.
    pub names: Vec<String>,
    /// For each column of the plan, the index of its cell, or [`ABSENT`].
    pub places: Vec<usize>,
}

/// The place of an optional column that the file does not have.
pub(crate) const ABSENT: usize = usize::MAX;

/// The places of what the program knows of a claim, which no claims file has, counted
/// down from [`ABSENT`].
const FACTS: [ClaimFact; 8] = [
    ClaimFact::Trades(TradeFact::Balance),
    ClaimFact::Trades(TradeFact::Oversold),
    ClaimFact::Trades(TradeFact::Repeated),
    ClaimFact::PriorStatus,
    ClaimFact::Prior(PriorAmount::Cashed),
    ClaimFact::Prior(PriorAmount::Paid),
    ClaimFact::Prior(PriorAmount::Void),
    ClaimFact::Prior(PriorAmount::Held),
];

fn place_of(fact: ClaimFact) -> usize {
    let number = FACTS.iter().position(|known| *known == fact);
    ABSENT - 1 - number.or_bug("a fact of claims has no place")
}

/// The fact at a place.
#[inline]
pub(crate) fn fact_of(place: usize) -> Option<ClaimFact> {
    FACTS.get((ABSENT - 1).checked_sub(place)?).copied()
}

impl Header {
    /// Finds the columns of the plan, and records faults of the header.
    pub(crate) fn bind(
        names: Vec<String>,
        plan: &Plan,
        file: &str,
        note: &mut impl FnMut(ClaimProblem),
    ) -> Option<Self> {
        let mut good = true;
        let mut fault = |column: Option<&str>, message: Message| {
            good = false;
            note(ClaimProblem {
                file: file.to_owned(),
                column: column.map(str::to_owned),
                ..message.into()
            });
        };
        let mut first_places: HashMap<&str, usize> = HashMap::new();
        for (number, name) in names.iter().enumerate() {
            let first = *first_places.entry(name).or_insert(number);
            if !name.is_empty() && first < number {
                let message = messages::column_name_repeated(first + 1, number + 1);
                fault(Some(name), message);
            }
        }
        for value in &plan.values {
            if first_places.contains_key(value.key.as_str()) {
                let message = messages::column_is_value(&literal(&value.key));
                fault(Some(&value.key), message);
            }
        }
        for (name, message) in of_trades(&names, plan) {
            fault(Some(name), message);
        }
        for name in of_ledger(&names, plan) {
            fault(Some(name), messages::column_is_prior(name));
        }
        // A file with one column is not separated by commas, or begins with a title.
        let count = names.iter().filter(|name| !name.is_empty()).count();
        let mut places = Vec::new();
        let mut of_layout = Vec::new();
        for (_, column) in plan.columns.iter() {
            if let Some(fact) = column.fact {
                places.push(place_of(fact));
            } else if let Some(&place) = first_places.get(column.name.as_str()) {
                places.push(place);
            } else if column.optional {
                places.push(ABSENT);
                if let Some(name) = names.iter().find(|name| is_same(&column.name, name)) {
                    fault(Some(name), likely_columns::near_miss(column, name));
                }
            } else if column.layout_name.is_some() && count > 1 {
                of_layout.push(column);
            } else {
                fault(None, missing_column(column, &names, plan));
            }
        }
        if !of_layout.is_empty() {
            let is_read = |name: &str| plan.columns.iter().any(|(_, read)| read.name == name);
            let shown = shown(&names, plan);
            let others = shown.iter().map(String::as_str);
            let others: Vec<&str> = others
                .filter(|name| !name.is_empty() && !is_read(name))
                .collect();
            fault(None, likely_columns::missing(&of_layout, &others));
        }
        if let (StatusRule::Unsaid, Some(name)) =
            (&plan.claims.status, names.iter().find(|n| is_status(n)))
        {
            fault(Some(name), messages::status_not_stated(name));
        }
        good.then_some(Self { names, places })
    }

    /// True if the file does not have an optional column of the plan.
    pub(crate) fn lacks(&self, column: ColumnId) -> bool {
        self.places.get(column.0) == Some(&ABSENT)
    }

    /// The name of the column with this index, for messages.
    pub(crate) fn name(&self, number: usize) -> String {
        match self.names.get(number) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("column {}", number + 1),
        }
    }
}

/// Faults of a header in a plan with trades: names that something else has.
fn of_trades<'n>(names: &'n [String], plan: &Plan) -> Vec<(&'n str, Message)> {
    let Some(trades) = &plan.trades else {
        return Vec::new();
    };
    if plan.claims.rows != RowsRule::Each {
        let is_fact = |name: &&String| {
            let fact = plan.columns.facts.named(name);
            fact.is_some_and(|fact| !fact.is_prior())
        };
        let facts = names.iter().filter(is_fact);
        return facts
            .map(|name| (name.as_str(), messages::column_is_trade_fact(name)))
            .collect();
    }
    let is_security = |name: &&String| {
        trades.places.security == SecurityRule::Unsaid && name.eq_ignore_ascii_case("security")
    };
    let names = names.iter().filter(is_security);
    names
        .map(|name| (name.as_str(), messages::security_not_stated(name)))
        .collect()
}

/// Names in a claims file that are those of columns of the ledger.
fn of_ledger<'n>(names: &'n [String], plan: &Plan) -> Vec<&'n str> {
    let is_ledger = |name: &&str| {
        let fact = plan.columns.facts.named(name);
        fact.is_some_and(ClaimFact::is_prior)
    };
    names.iter().map(String::as_str).filter(is_ledger).collect()
}

/// The message about a column that the file does not have.
fn missing_column(column: &Column, names: &[String], plan: &Plan) -> Message {
    let reader = match column.reader {
        ColumnUse::Rules => "plan reads",
        ColumnUse::Statements => "plan's [statement] shows",
        ColumnUse::Payments => "plan's [payment] names",
        ColumnUse::Tax => "plan's [tax] names",
        ColumnUse::Controls => "control totals add up",
        ColumnUse::Unique => "plan's [[unique]] compares",
        ColumnUse::Portions => "plan's [[portion]] reads",
        ColumnUse::Trades => "plan's [trades] reads",
        ColumnUse::Layout => "layout reads",
        ColumnUse::Facts => "facts name",
    };
    let mut hint = missing_hint(&column.name, &shown(names, plan));
    if plan.source.name.starts_with("built-in") {
        hint += &format!(
            " (no plan was given, so the {} plan is used; specify yours with `--plan`)",
            plan.source.name
        );
    }
    let column = format!("column {}", literal(&column.name));
    messages::column_missing(&column, reader).hint(hint)
}

/// `status`, or `…_status`, in any case; also `Claim Status` and `claimStatus`.
fn is_status(name: &str) -> bool {
    let Some(before) = name
        .len()
        .checked_sub("status".len())
        .and_then(|at| name.split_at_checked(at))
        .filter(|(_, end)| end.eq_ignore_ascii_case("status"))
        .map(|(before, end)| (before, end.starts_with('S')))
    else {
        return false;
    };
    let (before, capital) = before;
    match before.chars().next_back() {
        None => true,
        Some(last) => !last.is_alphanumeric() || (capital && last.is_lowercase()),
    }
}

/// The names as they may be shown. If the header is missing, a claim is in its
/// place, which may contain a taxpayer number.
fn shown(names: &[String], plan: &Plan) -> Vec<String> {
    let is_number = |name: &&String| name.bytes().filter(u8::is_ascii_digit).count() == 9;
    let shown = |name: &String| match Some(name).filter(is_number) {
        Some(_) if plan.tax.is_some() => "…".to_owned(),
        _ => name.clone(),
    };
    names.iter().map(shown).collect()
}

fn missing_hint(wanted: &str, names: &[String]) -> String {
    let one = match names {
        [only] => only.as_str(),
        _ => "",
    };
    if let Some((separator, name)) = [(';', "semicolons"), ('|', "vertical bars")]
        .into_iter()
        .find(|(s, _)| one.contains(*s))
    {
        return format!(
            "the cells of the header seem to be separated by {name} (`{separator}`); save the file as CSV with commas"
        );
    }
    let not_blank = names.iter().filter(|name| !name.is_empty());
    if not_blank.count() == 1 {
        return format!(
            "the first row ({}) is read as the header; if it is a title, delete the rows above the header",
            listing(names)
        );
    }
    match nearest(wanted, names.iter().map(String::as_str)) {
        Some(near) if !near.is_empty() => {
            format!(
                "did you mean {}? column names must match exactly",
                literal(near)
            )
        }
        _ => format!("the header has {}", listing(names)),
    }
}
