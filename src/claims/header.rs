//! The header of a claims file, which assigns cells to columns.

use std::collections::HashMap;

use crate::base::diagnostics::{ClaimProblem, Message, listing, literal, nearest};
use crate::claims::messages;
use crate::plan::column::ColumnUse;
use crate::plan::{Plan, StatusRule};

/// The positions of the plan's columns in a claims file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The names in the header, without surrounding white space.
    pub names: Vec<String>,
    /// For each column of the plan, the index of its cell.
    pub places: Vec<usize>,
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
        let mut places = Vec::new();
        for (_, column) in plan.columns.iter() {
            if let Some(&place) = first_places.get(column.name.as_str()) {
                places.push(place);
            } else {
                let reader = match column.reader {
                    ColumnUse::Rules => "plan reads",
                    ColumnUse::Statements => "plan's [statement] shows",
                    ColumnUse::Payments => "plan's [payment] names",
                    ColumnUse::Tax => "plan's [tax] names",
                    ColumnUse::Controls => "control totals add up",
                    ColumnUse::Unique => "plan's [[unique]] compares",
                    ColumnUse::Portions => "plan's [[portion]] reads",
                    ColumnUse::Layout => "layout reads",
                };
                let mut hint = missing_hint(&column.name, &shown(&names, plan));
                if column.reader == ColumnUse::Layout {
                    hint += "; `--rename` maps a column of the layout to another name";
                }
                if plan.source.name.starts_with("built-in") {
                    hint += &format!(
                        " (no plan was given, so the {} plan is used; specify yours with `--plan`)",
                        plan.source.name
                    );
                }
                let message = messages::column_missing(&literal(&column.name), reader);
                fault(None, message.hint(hint));
            }
        }
        if let (StatusRule::Unsaid, Some(name)) =
            (&plan.claims.status, names.iter().find(|n| is_status(n)))
        {
            fault(Some(name), messages::status_not_stated(name));
        }
        good.then_some(Self { names, places })
    }

    /// The name of the column with this index, for messages.
    pub(crate) fn name(&self, number: usize) -> String {
        match self.names.get(number) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("column {}", number + 1),
        }
    }
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
