//! Validates a parsed layout for the runs of a plan.

use anyhow::Result;

use crate::base::diagnostics::{Problem, listing, literal};
use crate::base::regular_file::is_device;
use crate::export::layout::field::FieldValue as What;
use crate::export::layout::{Layout, LayoutFormat, LayoutPurpose};
use crate::export::nacha::layout_rules;
use crate::plan::condition::{Criterion, Matcher};
use crate::plan::{Columns, Plan};

/// File names reserved for the export itself.
const TAKEN: [&str; 4] = ["manifest.json", "layout.toml", "base.toml", "payments.csv"];

pub(super) fn judge(layout: &mut Layout, columns: &Columns, plan: &Plan) -> Result<()> {
    parts(layout)?;
    if layout.file.form == LayoutFormat::Nacha {
        layout.ach = Some(layout_rules::check_layout(layout)?);
    }
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

/// Journals cover the whole fund and allow no other keys.
fn journal(layout: &Layout) -> Result<()> {
    let name = literal(&layout.name);
    let refuse = |message: String, hint: &str| Err(Problem::new(message, hint).into());
    if !layout.when.entries.is_empty() || !layout.fields.is_empty() {
        return refuse(
            format!("the layout {name} is a journal, which always covers the whole fund"),
            "leave out `when` and [[column]]",
        );
    }
    let file = &layout.file;
    let other_keys = file.header
        || file.rows.is_some()
        || file.total.is_some()
        || file.largest.is_some()
        || file.name.contains(['{', '/', '\\'])
        || !layout.before.is_empty()
        || !layout.after.is_empty()
        || layout.pays != LayoutPurpose::Nothing;
    if other_keys {
        return refuse(
            format!("the layout {name} has keys that a journal cannot have"),
            "under [file], keep only `name` (without `{file}`) and `form`, and set `pays = \"nothing\"`",
        );
    }
    if layout
        .settings
        .iter()
        .all(|setting| setting.name != "detail")
    {
        return refuse(
            format!("the layout {name} has no [setting.detail]"),
            "add `base = \"ledger\"`",
        );
    }
    Ok(())
}

/// Checks that the parts of the layout fit together.
fn parts(layout: &Layout) -> Result<()> {
    let name = literal(&layout.name);
    let refuse = |message: String, hint: &str| Err(Problem::new(message, hint).into());
    let count = |is: fn(&What) -> bool| layout.fields.iter().filter(|f| is(&f.value)).count();
    if layout.file.form == LayoutFormat::Journal {
        return journal(layout);
    }
    if layout.fields.is_empty() {
        return refuse(
            format!("the layout {name} has no [[column]]"),
            "add a [[column]] for each field of a row",
        );
    }
    if layout.pays != LayoutPurpose::Nothing && count(|value| matches!(value, What::Payout(_))) == 0
    {
        return refuse(
            format!("the layout {name} contains payments, but has no column with the payout"),
            "add a column with `payout = \"decimal\"`, or set `pays = \"nothing\"`",
        );
    }
    if layout.pays.is_check() && count(|value| matches!(value, What::Number(_))) != 1 {
        return refuse(
            format!(
                "the layout {name} is for checks, but does not have exactly one column of check numbers"
            ),
            "use one column with `number = \"first_check\"`",
        );
    }
    file(layout)
}

/// Checks the file name and the widths of fields.
fn file(layout: &Layout) -> Result<()> {
    let name = literal(&layout.name);
    let refuse = |message: String, hint: &str| Err(Problem::new(message, hint).into());
    let pattern = &layout.file.name;
    let file_name = pattern.replace("{file}", "");
    let odd = |c: char| c.is_control() || "/\\{}:*?\"<>|".contains(c);
    if file_name.contains(odd)
        || file_name.trim_matches(['.', ' ']) != file_name
        || file_name.is_empty()
        || is_device(&pattern.replace("{file}", "1"))
        || TAKEN
            .iter()
            .any(|taken| taken.eq_ignore_ascii_case(pattern))
    {
        return refuse(
            format!(
                "the files of the layout {name} cannot be named {}",
                literal(pattern)
            ),
            "choose a plain name, like `payments-{file}.csv`, where `{file}` is the file number",
        );
    }
    let fixed = layout.file.form == LayoutFormat::Fixed;
    if let Some(field) = layout
        .fields
        .iter()
        .find(|field| field.width.is_some() && !fixed)
    {
        return refuse(
            format!(
                "the field {} has a `width`, but this is not a fixed-width file",
                literal(&field.name)
            ),
            "use `length` for the maximum number of characters, or `form = \"fixed\"` under [file]",
        );
    }
    if fixed {
        let records = layout.before.iter().chain(&layout.after).flatten();
        let mut fields = layout.fields.iter().chain(records);
        if let Some(field) = fields.find(|field| field.width.is_none()) {
            return refuse(
                format!("the field {} has no `width`", literal(&field.name)),
                "in a fixed-width file, set the width of each field: `width = 10`",
            );
        }
    }
    Ok(())
}
