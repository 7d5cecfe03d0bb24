//! Whether a layout that was read can be used, for the runs of a plan.

use anyhow::Result;

use crate::base::diagnostics::{Problem, alternatives, literal};
use crate::base::regular_file::is_device;
use crate::export::layout::field::FieldValue as What;
use crate::export::layout::{Layout, LayoutFormat, LayoutPurpose};
use crate::export::nacha::layout_rules;
use crate::plan::condition::{Criterion, Matcher};
use crate::plan::{Columns, Plan};

/// The names that files of payments cannot have.
const TAKEN: [&str; 4] = ["manifest.json", "layout.toml", "base.toml", "payments.csv"];

/// Refuses a layout that cannot be used.
pub(super) fn judge(layout: &mut Layout, columns: &Columns, plan: &Plan) -> Result<()> {
    parts(layout)?;
    if layout.file.form == LayoutFormat::Nacha {
        layout.ach = Some(layout_rules::check_layout(layout)?);
    }
    reads(layout, columns, plan)?;
    texts(layout, columns, plan)
}

/// Whether a layout may read the columns that it reads.
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
            "they leave the claims file nowhere; whoever needs them takes them from there",
        );
    }
    let mut added = plan.columns.iter().filter(|(_, column)| column.added);
    if let Some((_, column)) = added.find(|(_, column)| reads(&column.name)) {
        let name = literal(&column.name);
        return refuse(
            format!("the layout reads {name}, which the plan adds up over a claimant's rows"),
            "a layout reads what is the same in all of them",
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
                "the layout cuts or alters {}, the column of ids",
                literal(id)
            ),
            "an id that is cut or altered is another one: write it as it is, `id = true`",
        );
    }
    Ok(())
}

/// Whether the texts that conditions name can occur, where the plan says which
/// can.
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
            let hint = format!("the plan says that they are {}", alternatives(values));
            return Err(Problem::new(message, hint).into());
        }
    }
    Ok(())
}

/// Journals are of the whole fund, and have no other keys.
fn journal(layout: &Layout) -> Result<()> {
    let name = literal(&layout.name);
    let refuse = |message: String, hint: &str| Err(Problem::new(message, hint).into());
    if !layout.when.entries.is_empty() || !layout.fields.is_empty() {
        return refuse(
            format!("the layout {name} is of the books of the whole fund"),
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
            format!("the layout {name} says what a journal does not have"),
            "under [file], `name` (without `{file}`) and `form` are enough, and it pays nothing",
        );
    }
    if layout
        .settings
        .iter()
        .all(|setting| setting.name != "detail")
    {
        return refuse(
            format!("the layout {name} has no [setting.detail]"),
            "begin it with `base = \"ledger\"`",
        );
    }
    Ok(())
}

/// Whether the parts go together.
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
            "add what stands in a row",
        );
    }
    if layout.pays != LayoutPurpose::Nothing && count(|value| matches!(value, What::Payout(_))) == 0
    {
        return refuse(
            format!("the layout {name} pays, but has no column with the payout"),
            "add one, `payout = \"decimal\"`; or say that it pays nothing: `pays = \"nothing\"`",
        );
    }
    if layout.pays.is_check() && count(|value| matches!(value, What::Number(_))) != 1 {
        return refuse(
            format!(
                "the layout {name} is of checks, but does not have exactly one column with their numbers"
            ),
            "have one, like `number = \"first_check\"`",
        );
    }
    file(layout)
}

/// Whether files can be called so, and every field has its width.
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
                "the files of the layout {name} cannot be called {}",
                literal(pattern)
            ),
            "choose a plain name, like `payments-{file}.csv`, where {file} is the number of the file",
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
                "the field {} has a `width`, but the file is not of fixed width",
                literal(&field.name)
            ),
            "write `length` for the most characters, or `form = \"fixed\"` under [file]",
        );
    }
    if fixed {
        let records = layout.before.iter().chain(&layout.after).flatten();
        let mut fields = layout.fields.iter().chain(records);
        if let Some(field) = fields.find(|field| field.width.is_none()) {
            return refuse(
                format!("the field {} has no `width`", literal(&field.name)),
                "in files of fixed width, say how wide each field is: `width = 10`",
            );
        }
    }
    Ok(())
}
