//! A comparison as text on one screen, without personal data.

use crate::audit::compare::plan_keys::ChangedKey;
use crate::audit::compare::{ComparedFigure, Comparison};
use crate::base::diagnostics::{quotable, shown_whole};
use crate::base::money::group;
use crate::base::styled_text::{StyledText, TextStyle};
use crate::base::text_columns::{AlignedRow, in_columns};
use crate::plan::english::wrapped;

pub(crate) fn text(comparison: &Comparison) -> StyledText {
    let mut text = StyledText::default();
    text += &format!(
        "old  {}\nnew  {}\n",
        quotable(&comparison.old),
        quotable(&comparison.new)
    );
    if !comparison.differs {
        let words = "\nNo changes: the plan, the figures and the payouts are identical.\n";
        text.add(TextStyle::Good, words);
        if !comparison.same_claims {
            text += "The claims files differ but give the same payouts.\n";
        }
        if comparison.same_trades == Some(false) {
            text += "The trades files differ but give the same payouts.\n";
        }
        return text;
    }
    let word = |same| if same { "identical" } else { "different" };
    let (plan, claims) = (comparison.same_plan, comparison.same_claims);
    let tables = match comparison.different_tables.as_slice() {
        [] => String::new(),
        names => format!(" (file {})", quotable(&names.join(", "))),
    };
    let trades = comparison.same_trades.map(word);
    let trades = trades.map_or_else(String::new, |trades| format!("; trades: {trades}"));
    text += &format!(
        "plan: {}{tables}; claims: {}{trades}\n",
        word(plan),
        word(claims)
    );
    add_plan_keys(&mut text, comparison);
    let amounts = format!("Amounts in {}", comparison.currency);
    let mut figures = vec![row(&amounts, ["old", "new", "difference"])];
    let mut of = "";
    let changed = comparison
        .figures
        .iter()
        .filter(|figure| figure.old != figure.new);
    for figure in changed.filter(|figure| figure.name != "rate_exact") {
        if figure.of != of {
            of = &figure.of;
            figures.push((shown_whole(of), Vec::new()));
        }
        figures.push(line(figure));
    }
    add_table(&mut text, &figures);
    let mut claimants = vec![row("Claimants", ["number", "difference", "largest change"])];
    for one in &comparison.claimants {
        let label = match (one.from, one.to) {
            (Some(from), Some(to)) if from == to => match one.change {
                "reason" => format!("  {from}, other reason"),
                change => format!("  {from}, {change}"),
            },
            (Some(from), Some(to)) => format!("  {from}, now {to}"),
            _ => format!("  {}", one.change),
        };
        let largest = one
            .largest
            .as_ref()
            .map_or("-", |largest| &largest.difference);
        let count = group(&one.count);
        claimants.push(row(
            &label,
            [&count, &signed(&one.difference), &signed(largest)],
        ));
    }
    add_table(&mut text, &claimants);
    text
}

/// Adds the keys of the plan that differ.
fn add_plan_keys(text: &mut StyledText, comparison: &Comparison) {
    if comparison.plan_keys.is_empty() {
        if !comparison.same_plan && comparison.different_tables.is_empty() {
            *text += "No key of the plan has changed, only comments or layout.\n";
        }
        return;
    }
    *text += "\n";
    text.add(TextStyle::Heading, "Keys of the plan that have changed\n");
    for ChangedKey { key, old, new } in &comparison.plan_keys {
        let words = match (old, new) {
            (Some(old), Some(new)) => format!("was {old}, is {new}"),
            (Some(old), None) => format!("was {old}, is removed"),
            (None, Some(new)) => format!("is new: {new}"),
            (None, None) => continue,
        };
        *text += &wrapped("  ", &shown_whole(&format!("{key}: {words}")));
    }
}

/// Adds a table; its first row is the heading.
fn add_table(text: &mut StyledText, rows: &[AlignedRow]) {
    *text += "\n";
    for (number, line) in in_columns(rows, 22, &[18; 3]).iter().enumerate() {
        if number == 0 {
            text.add(TextStyle::Heading, line);
        } else {
            *text += line;
        }
        *text += "\n";
    }
}

fn row(label: &str, cells: [&str; 3]) -> AlignedRow {
    (label.to_owned(), cells.map(str::to_owned).to_vec())
}

fn line(figure: &ComparedFigure) -> AlignedRow {
    let amount = |side: &Option<String>| side.as_deref().map_or("-".to_owned(), group);
    let difference = figure.difference.as_deref().map_or("-".to_owned(), signed);
    let label = format!("  {}", shown_whole(&figure.name.replace('_', " ")));
    row(
        &label,
        [&amount(&figure.old), &amount(&figure.new), &difference],
    )
}

fn signed(amount: &str) -> String {
    match amount.strip_prefix('-') {
        Some(amount) if !amount.is_empty() => format!("-{}", group(amount)),
        _ => group(amount),
    }
}
