//! Validates a parsed layout for the runs of a plan.

use anyhow::Result;

use crate::base::diagnostics::{Problem, listing, literal};
use crate::base::regular_file::is_device;
use crate::export::layout::field::FieldValue as What;
use crate::export::layout::{Field, Layout};
use crate::export::{BASE, LAYOUT, PAYMENTS};
use crate::plan::condition::{Criterion, Matcher};
use crate::plan::{Columns, Plan};
use crate::run::file_names::MANIFEST;

/// File names reserved for the export itself.
const TAKEN: [&str; 4] = [MANIFEST, LAYOUT, BASE, PAYMENTS];

pub(super) fn judge(layout: &mut Layout, columns: &Columns, plan: &Plan) -> Result<()> {
    let form = layout.file.form;
    form.check(layout)?;
    layout.numbers = form.numbers(layout)?;
    reads(layout, columns, plan)?;
    Ok(texts(layout, columns, plan)?)
}

/// Checks the columns that a layout reads.
fn reads(layout: &Layout, columns: &Columns, plan: &Plan) -> Result<(), Problem> {
    let column_of = |field: &Field| match field.value {
        What::Column(column) => Some(columns.name(column)),
        _ => None,
    };
    let of_when = layout.when.columns().map(|column| columns.name(column));
    let read: Vec<&str> = of_when
        .chain(layout.fields.iter().filter_map(column_of))
        .collect();
    let tax_number = plan.tax.as_ref().map(|tax| plan.columns.name(tax.number));
    let added = plan.columns.iter().filter(|(_, column)| column.added);
    let mut added = added.map(|(_, column)| column.name.as_str());
    let id = plan.columns.name(plan.claims.id);
    let mut altered = layout
        .fields
        .iter()
        .filter(|field| field.cut || !field.accents);
    let (message, hint) = if let Some(name) = tax_number.filter(|name| read.contains(name)) {
        let name = literal(name);
        (
            format!("the layout reads {name}, the column of taxpayer numbers"),
            "taxpayer numbers are never copied; read them from the claims file",
        )
    } else if let Some(name) = added.find(|name| read.contains(name)) {
        let name = literal(name);
        (
            format!("the layout reads {name}, which the plan adds up over a claimant's rows"),
            "use a column with the same value in all rows of a claimant",
        )
    } else if altered.any(|field| column_of(field) == Some(id)) {
        let name = literal(id);
        (
            format!("the layout truncates or changes {name}, the column of ids"),
            "write ids unchanged: `id = true`",
        )
    } else {
        return Ok(());
    };
    Err(Problem::new(message, hint))
}

/// Checks that the texts in conditions can occur, if the plan lists the values of the
/// column.
fn texts(layout: &Layout, columns: &Columns, plan: &Plan) -> Result<(), Problem> {
    for entry in &layout.when.entries {
        let Criterion::Cell(column, Matcher::OneOf(texts) | Matcher::NoneOf(texts)) = entry else {
            continue;
        };
        let name = columns.name(*column);
        let mut known = plan.columns.iter().map(|(_, facts)| facts);
        let known = known.find(|facts| facts.name == name);
        let Some(values) = known.and_then(|facts| facts.values.as_ref()) else {
            continue;
        };
        if let Some(text) = texts.iter().find(|text| !values.contains(text)) {
            let (text, name) = (literal(text), literal(name));
            let message = format!("{text} is not one of the values of column {name}");
            return Err(Problem::new(
                message,
                format!("the plan lists {}", listing(values)),
            ));
        }
    }
    Ok(())
}

impl Layout {
    /// Checks that the parts of a layout with a row for each payment fit together.
    pub(crate) fn check_rows(&self) -> Result<(), Problem> {
        let pays = |field: &Field| matches!(field.value, What::Payout(_));
        self.refuse(&[
            (
                self.fields.is_empty(),
                "has no [[column]]",
                "add a [[column]] for each field of a row",
            ),
            (
                self.pays.has_payments() && !self.fields.iter().any(pays),
                "contains payments, but has no column with the payout",
                "add a column with `payout = \"decimal\"`, or set `pays = \"nothing\"`",
            ),
            (
                self.pays.is_check() && self.first_numbers().count() != 1,
                "is for checks, but does not have exactly one column of check numbers",
                "use one column with `number = \"first_check\"`",
            ),
        ])?;
        self.check_name()?;
        if let Some(field) = self.fields.iter().find(|field| field.width.is_some())
            && !self.file.form.has_widths()
        {
            let name = literal(&field.name);
            return Err(Problem::new(
                format!("the field {name} has a `width`, but this is not a fixed-width file"),
                "use `length` for the maximum number of characters, or `form = \"fixed\"` under [file]",
            ));
        }
        Ok(())
    }

    /// Checks the fields that are the same in every row: a text that does not fit is a
    /// problem of the layout, not of each claimant.
    pub(crate) fn check_constants(&self) -> Result<(), Problem> {
        for field in &self.fields {
            if let What::Text(text) = &field.value {
                let fit = field.fit(text, &self.file);
                fit.map_err(|fault| self.problem(&fault))?;
            }
        }
        Ok(())
    }

    /// Checks the name of the files.
    fn check_name(&self) -> Result<(), Problem> {
        let pattern = &self.file.name;
        let file_name = pattern.replace("{file}", "");
        let odd = |c: char| c.is_control() || "/\\{}:*?\"<>|".contains(c);
        let is_taken = |taken: &&str| taken.eq_ignore_ascii_case(pattern);
        if !file_name.contains(odd)
            && file_name.trim_matches(['.', ' ']) == file_name
            && !file_name.is_empty()
            && !is_device(&pattern.replace("{file}", "1"))
            && !TAKEN.iter().any(is_taken)
        {
            return Ok(());
        }
        let (layout, name) = (literal(&self.name), literal(pattern));
        Err(Problem::new(
            format!("the files of the layout {layout} cannot be named {name}"),
            "choose a plain name, like `payments-{file}.csv`, where `{file}` is the file number",
        ))
    }
}
