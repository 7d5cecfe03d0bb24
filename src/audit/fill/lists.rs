//! Lists of the summary as places of their own, a line for each entry.

use serde_json::Value;

use crate::base::money::{Currency, group};

/// The line of an entry.
type EntryLine = fn(&Value, Currency) -> Option<String>;

const LISTS: [([&str; 2], EntryLine); 3] = [
    (["fund", "deductions"], deduction),
    (["claims", "unpaid_reasons"], reason),
    (["payouts", "by_method"], method),
];

/// The lists by their places; `None` for one without entries.
pub(super) fn all(
    summary: &Value,
    currency: Currency,
) -> impl Iterator<Item = (Vec<String>, Option<String>)> {
    LISTS.into_iter().map(move |([table, key], line)| {
        let entries = summary
            .get(table)
            .and_then(|table| table.get(key)?.as_array());
        let lines = entries.into_iter().flatten();
        let lines: Option<Vec<String>> = lines.map(|entry| line(entry, currency)).collect();
        let lines = lines.filter(|lines| !lines.is_empty());
        let place = vec![table.to_owned(), key.to_owned()];
        (place, lines.map(|lines| lines.join("\n")))
    })
}

fn text<'v>(entry: &'v Value, key: &str) -> Option<&'v str> {
    entry.get(key)?.as_str()
}

fn deduction(entry: &Value, currency: Currency) -> Option<String> {
    let amount = currency.grouped_text(text(entry, "amount")?);
    Some(format!("{}: {amount}", text(entry, "name")?))
}

fn reason(entry: &Value, _: Currency) -> Option<String> {
    let reason = text(entry, "reason")?;
    let rows = group(&entry.get("rows")?);
    Some(match reason.strip_prefix("status: ") {
        Some("") => format!("status (blank): {rows}"),
        Some(status) => format!("status \"{status}\": {rows}"),
        None => format!("{reason}: {rows}"),
    })
}

fn method(entry: &Value, currency: Currency) -> Option<String> {
    let method = match text(entry, "method")? {
        "" => "(blank)",
        method => method,
    };
    let count = group(&entry.get("count")?);
    let total = currency.grouped_text(text(entry, "total")?);
    Some(format!("{method}: {count}, in total {total}"))
}
