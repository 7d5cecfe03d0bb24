//! The result of an export as text.

use crate::base::diagnostics::{alternatives, count, listing, quotable};
use crate::base::money::group;
use crate::base::styled_text::{StyledText, TextStyle};
use crate::export::manifest::{ExportManifest, ExportedRest};
use crate::export::{ALREADY_PAID, BASE, LAYOUT};

/// The maximum number of files shown.
const SHOWN: usize = 20;

/// The files with the number and the sum of their payments.
pub(crate) fn text(export: &ExportManifest) -> StyledText {
    let run = &export.run;
    let mut text = StyledText::default();
    let title = quotable(&run.settlement);
    text.add(TextStyle::Heading, &format!("{title}\n\n"));
    let mut rows = vec![[String::new(), "payments".to_owned(), run.currency.clone()]];
    let mut left_out = 0_usize;
    for file in &export.outputs {
        if rows.len() > SHOWN {
            left_out += usize::from(file.payments.is_some());
        } else if export.payments.is_none() && ![LAYOUT, BASE].contains(&&*file.name) {
            rows.push([file.name.clone(), "none".to_owned(), String::new()]);
        } else if let Some(sum) = &file.payments {
            rows.push(row(&file.name, sum.count, &sum.total));
        }
    }
    if left_out > 0 {
        rows.push([
            format!("… and {} more", group(&left_out)),
            String::new(),
            String::new(),
        ]);
    }
    if let Some(sum) = &export.payments {
        rows.push(row("total", sum.count, &sum.total));
    }
    if let Some(rest) = &export.rest {
        let ExportedRest { left_out, .. } = rest;
        rows.push(row("already paid", left_out.count, &left_out.total));
    }
    rows.push(row(
        "payouts of the run",
        run.payouts.count,
        &run.payouts.total,
    ));
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let [first, second, third] = [width(0), width(1), width(2)];
    for [name, count, total] in &rows {
        let line = format!("{name:<first$}  {count:>second$}  {total:>third$}");
        text += line.trim_end();
        text += "\n";
    }
    for line in notes(export) {
        text += &line;
        text += "\n";
    }
    text
}

/// The other facts that the user should know, a line each.
fn notes(export: &ExportManifest) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(payees) = &export.payees {
        let name = quotable(&payees.name);
        let others = match payees.of_claims.as_slice() {
            [] => String::new(),
            others => format!(" ({} from the claims file)", listing(others)),
        };
        notes.push(format!(
            "{name}: {}{others} for {} of {}; {} with the cells of the claims file alone",
            listing(&payees.columns),
            group(&payees.claimants),
            count(payees.claimants + payees.others, "payment", "payments"),
            group(&payees.others)
        ));
        if !payees.not_read.is_empty() {
            let columns = listing(&payees.not_read);
            notes.push(format!("{name}: not read by the layout: {columns}"));
        }
    }
    if let Some(rest) = &export.rest {
        let names: Vec<&str> = rest.after.iter().map(|export| &*export.name).collect();
        let count = group(&rest.left_out.count);
        notes.push(format!(
            "{count} left out, because {} paid them: {ALREADY_PAID}",
            alternatives(&names)
        ));
    }
    if !export.blank_columns.is_empty() {
        let columns = listing(&export.blank_columns);
        notes.push(format!("{columns} not in the claims file: left blank"));
    }
    notes
}

fn row(name: &str, count: u64, total: &str) -> [String; 3] {
    [name.to_owned(), group(&count), group(total)]
}
