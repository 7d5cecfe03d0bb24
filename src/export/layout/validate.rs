//! Validates a parsed layout for the runs of a plan.

use anyhow::Result;

use crate::base::diagnostics::{Problem, listing, literal};
use crate::base::regular_file::is_device;
use crate::export::layout::Layout;
use crate::export::layout::field::FieldValue as What;
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
    texts(layout, columns, plan)
}

/// Checks the columns that a layout reads.
fn reads(layout: &Layout, columns: &Columns, plan: &Plan) -> Result<()> {
    let refuse = |message: String, hint: &str| Err(Problem::new(message, hint).into());
    let reads = |name: &str| {
        let of_fields = layout.fields.iter().filter_map(|field| match field.value {
            What::Column(column) => Some(column),
            _ => None,
        });
        let mut reads = of_fields.chain(layout.when.columns());
        reads.any(|column| columns.name(column) == name)
    };
    let numbers = plan.tax.as_ref().map(|tax| plan.columns.name(tax.number));
    if let Some(name) = numbers.filter(|name| reads(name)) {
        return refuse(
            format!(
                "the layout reads {}, the column of taxpayer numbers",
                literal(name)
            ),
            "taxpayer numbers are never copied; read them from the claims file",
        );
    }
    let mut added = plan.columns.iter().filter(|(_, column)| column.added);
    if let Some((_, column)) = added.find(|(_, column)| reads(&column.name)) {
        let name = literal(&column.name);
        return refuse(
            format!("the layout reads {name}, which the plan adds up over a claimant's rows"),
            "use a column with the same value in all rows of a claimant",
        );
    }
    let id = plan.columns.name(plan.claims.id);
    let alters_id = layout.fields.iter().any(|field| match field.value {
        What::Column(column) => columns.name(column) == id && (field.cut || !field.accents),
        _ => false,
    });
    if alters_id {
        return refuse(
            format!(
                "the layout truncates or changes {}, the column of ids",
                literal(id)
            ),
            "write ids unchanged: `id = true`",
        );
    }
    Ok(())
}

/// Checks that the texts in conditions can occur, if the plan lists the values of the
/// column.
fn texts(layout: &Layout, columns: &Columns, plan: &Plan) -> Result<()> {
    for entry in &layout.when.entries {
        let Criterion::Cell(column, Matcher::OneOf(texts) | Matcher::NoneOf(texts)) = entry else {
            continue;
        };
        let name = columns.name(*column);
        let mut known = plan.columns.iter();
        let values = known.find(|(_, facts)| facts.name == name);
        let Some(values) = values.and_then(|(_, facts)| facts.values.as_ref()) else {
            continue;
        };
        if let Some(text) = texts.iter().find(|text| !values.contains(text)) {
            let message = format!(
                "{} is not one of the values of column {}",
                literal(text),
                literal(name)
            );
            let hint = format!("the plan lists {}", listing(values));
            return Err(Problem::new(message, hint).into());
        }
    }
    Ok(())
}

impl Layout {
    /// Checks that the parts of a layout with a row for each payment fit together.
    pub(crate) fn check_rows(&self) -> Result<(), Problem> {
        let count = |is: fn(&What) -> bool| self.fields.iter().filter(|f| is(&f.value)).count();
        if self.fields.is_empty() {
            return Err(self.wrong(
                "has no [[column]]",
                "add a [[column]] for each field of a row",
            ));
        }
        if self.pays.has_payments() && count(|value| matches!(value, What::Payout(_))) == 0 {
            return Err(self.wrong(
                "contains payments, but has no column with the payout",
                "add a column with `payout = \"decimal\"`, or set `pays = \"nothing\"`",
            ));
        }
        if self.pays.is_check() && self.first_numbers().count() != 1 {
            return Err(self.wrong(
                "is for checks, but does not have exactly one column of check numbers",
                "use one column with `number = \"first_check\"`",
            ));
        }
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
