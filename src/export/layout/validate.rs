//! Validates a parsed layout for the runs of a plan.

use anyhow::Result;

use crate::base::diagnostics::{Message, did_you_mean, literal};
use crate::base::regular_file::is_device;
use crate::export::layout::field::FieldValue as What;
use crate::export::layout::{Field, Layout};
use crate::export::{ALREADY_PAID, BASE, LAYOUT, PAYEES, PAYMENTS, messages};
use crate::plan::condition::{Criterion, Matcher};
use crate::plan::{Columns, Plan};
use crate::run::file_names::MANIFEST;

/// File names reserved for the export itself.
const TAKEN: [&str; 5] = [MANIFEST, LAYOUT, BASE, PAYMENTS, ALREADY_PAID];

pub(super) fn judge(layout: &mut Layout, columns: &Columns, plan: &Plan) -> Result<()> {
    let form = layout.file.form;
    form.check(layout)?;
    layout.numbers = form.numbers(layout)?;
    reads(layout, columns, plan)?;
    Ok(texts(layout, columns, plan)?)
}

/// Checks the columns that a layout reads.
fn reads(layout: &Layout, columns: &Columns, plan: &Plan) -> Result<(), Message> {
    let columns_of = |field: &Field| -> Vec<&str> {
        let read = field.value.columns().iter();
        read.map(|column| columns.name(*column)).collect()
    };
    let of_when = layout
        .when
        .columns()
        .into_iter()
        .map(|column| columns.name(column));
    let read: Vec<&str> = of_when
        .chain(layout.fields.iter().flat_map(columns_of))
        .collect();
    let tax_number = plan.tax.as_ref().map(|tax| plan.columns.name(tax.number));
    let added = plan.columns.iter().filter(|(_, column)| column.added);
    let mut added = added.map(|(_, column)| column.name.as_str());
    let id = plan.columns.name(plan.claims.id);
    let mut altered = layout
        .fields
        .iter()
        .filter(|field| field.cut || !field.accents);
    if let Some(name) = tax_number.filter(|name| read.contains(name)) {
        Err(messages::reads_taxpayer_numbers(&literal(name)))
    } else if let Some(name) = added.find(|name| read.contains(name)) {
        Err(messages::reads_summed_column(&literal(name)))
    } else if altered.any(|field| columns_of(field).contains(&id)) {
        Err(messages::changes_ids(&literal(id)))
    } else {
        Ok(())
    }
}

/// Checks that the texts in conditions can occur, if the plan lists the values of the
/// column.
fn texts(layout: &Layout, columns: &Columns, plan: &Plan) -> Result<(), Message> {
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
            let name = literal(name);
            let hint = did_you_mean(text, values, "the plan lists");
            return Err(messages::not_a_value(&literal(text), &name).hint(hint));
        }
    }
    Ok(())
}

impl Layout {
    /// Checks that the parts of a layout with a row for each payment fit together.
    pub(crate) fn check_rows(&self) -> Result<(), Message> {
        let pays = |field: &Field| matches!(field.value, What::Payout(_));
        let layout = self.shown();
        if self.fields.is_empty() {
            return Err(messages::no_columns(&layout));
        }
        if self.pays.has_payments() && !self.fields.iter().any(pays) {
            return Err(messages::no_payout_column(&layout));
        }
        if self.pays.is_check() && self.first_numbers().count() != 1 {
            return Err(messages::not_one_check_number(&layout));
        }
        self.check_name()?;
        if let Some(field) = self.fields.iter().find(|field| field.width.is_some())
            && !self.file.form.has_widths()
        {
            return Err(messages::width_of_no_use(&literal(&field.name)));
        }
        Ok(())
    }

    /// Checks the fields that are the same in every row: a text that does not fit is a
    /// problem of the layout, not of each claimant.
    pub(crate) fn check_constants(&self) -> Result<(), Message> {
        for field in &self.fields {
            if let What::Text(text) = &field.value {
                let fit = field.fit(text, &self.file);
                fit.map_err(|fault| self.problem(fault))?;
            }
        }
        Ok(())
    }

    /// Checks the name of the files.
    fn check_name(&self) -> Result<(), Message> {
        let pattern = &self.file.name;
        let file_name = pattern.replace("{file}", "");
        let odd = |c: char| c.is_control() || "/\\{}:*?\"<>|".contains(c);
        let is_taken = |taken: &&str| taken.eq_ignore_ascii_case(pattern);
        if !file_name.contains(odd)
            && file_name.trim_matches(['.', ' ']) == file_name
            && !file_name.is_empty()
            && !is_device(&pattern.replace("{file}", "1"))
            && !TAKEN.iter().chain(&PAYEES).any(is_taken)
        {
            return Ok(());
        }
        let (layout, name) = (self.shown(), literal(pattern));
        Err(messages::not_a_file_name(&layout, &name))
    }
}
