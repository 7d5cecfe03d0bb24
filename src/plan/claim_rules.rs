//! Reads the plan's rules about claims: `[claims]`, `[column.NAME]`, `[[exclude]]`
//! and `[subclass.KEY]`.

use std::collections::HashSet;

use toml::de::DeValue;

use crate::base::diagnostics::{literal, subject};
use crate::plan::column::{self, Columns, column_name};
use crate::plan::condition::{Condition, ConditionReader};
use crate::plan::document::{ProblemCollector, TomlTable, TomlValue, all};
use crate::plan::typed_values::optional_words;
use crate::plan::{
    ClaimRules, Exclude, RowsRule, StatusMeaning, StatusRule, Subclass, cell_reading,
};

const ROWS: [(&str, RowsRule); 2] = [("unique", RowsRule::Unique), ("sum", RowsRule::Sum)];

/// Reads the `[claims]` table, or returns the defaults if there is none.
pub(super) fn read_claims(
    value: Option<&TomlValue<'_>>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<ClaimRules> {
    let Some(value) = value else {
        let id = columns.id("claimant_id");
        return Some(ClaimRules {
            id,
            status: StatusRule::Unsaid,
            rows: RowsRule::Unique,
        });
    };
    let mut table = value.table("[claims]", problems)?;
    let id = table.take("id");
    let status = table.take("status");
    let lists = [
        (table.take("pay"), StatusMeaning::Pay),
        (table.take("hold"), StatusMeaning::Hold),
        (table.take("deny"), StatusMeaning::Deny),
    ];
    let rows = table.take("rows");
    table.finish(problems);
    let id = match id {
        Some(id) => column_name(&id, problems)?,
        None => "claimant_id".to_owned(),
    };
    let id = columns.id(&id);
    let rows = rows.map_or(Some(RowsRule::Unique), |rows| rows.one_of(&ROWS, problems));
    let status_span = status.as_ref().map(|status| status.span.clone());
    let status = read_status(status.as_ref(), &lists, columns, problems);
    if let Some((StatusRule::Column { column, .. }, span)) = status.as_ref().zip(status_span)
        && *column == id
    {
        problems.add_hint(
            &span,
            "the status and the claimant id cannot be the same column",
            "`id` names the column of claimant ids, `status` the column of statuses",
        );
    }
    Some(ClaimRules {
        id,
        status: status?,
        rows: rows?,
    })
}

fn read_status(
    status: Option<&TomlValue<'_>>,
    lists: &[(Option<TomlValue<'_>>, StatusMeaning)],
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<StatusRule> {
    let Some(status) = status else {
        return without_status(StatusRule::Unsaid, lists, problems);
    };
    match status.value {
        DeValue::Boolean(false) => return without_status(StatusRule::AllPayable, lists, problems),
        DeValue::String(_) => {}
        _ => {
            status.wrong_kind(
                "the name of a column, or `false` if there is no status",
                problems,
            );
            return None;
        }
    }
    let name = column_name(status, problems)?;
    let column = columns.id(&name);
    let mut meanings: Vec<(String, StatusMeaning)> = Vec::new();
    for (list, meaning) in lists {
        let Some(list) = list else { continue };
        let texts = list.texts(problems)?;
        columns.name_texts(column, &texts, problems);
        for (text, span) in texts {
            if meanings.iter().any(|(known, _)| *known == text) {
                problems.add(
                    &span,
                    format!("the status {} is listed twice", literal(&text)),
                );
            } else {
                meanings.push((text, *meaning));
            }
        }
    }
    if !meanings
        .iter()
        .any(|(_, meaning)| *meaning == StatusMeaning::Pay)
    {
        let message = "`status` requires `pay`, the list of statuses to pay";
        problems.add(&status.span, message);
        return None;
    }
    Some(StatusRule::Column { column, meanings })
}

fn without_status(
    rule: StatusRule,
    lists: &[(Option<TomlValue<'_>>, StatusMeaning)],
    problems: &mut ProblemCollector,
) -> Option<StatusRule> {
    let Some(list) = lists.iter().find_map(|(list, _)| list.as_ref()) else {
        return Some(rule);
    };
    let message = format!(
        "`{}` requires `status`, the column whose values it lists",
        list.key
    );
    problems.add(&list.key_span, message);
    None
}

pub(super) fn read_columns(
    value: Option<&TomlValue<'_>>,
    rows: Option<RowsRule>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) {
    let Some(tables) = value.and_then(|value| value.table("[column]", problems)) else {
        return;
    };
    for entry in tables.entries() {
        if !column::check_name(&entry.key, &entry.key_span, problems) {
            continue;
        }
        let Some(mut table) = entry.table(format!("[column.{}]", entry.key), problems) else {
            continue;
        };
        let values = table.take("values");
        let format = cell_reading::read(&mut table, problems);
        let same = table
            .take("rows")
            .is_some_and(|value| is_same(&value, rows, problems));
        table.finish(problems);
        let id = columns.id(&entry.key);
        if let Some(column) = columns.get_mut(id) {
            column.format = format;
            column.same = same;
        }
        if let Some(values) = values.and_then(|values| Some((values.texts(problems)?, values))) {
            let (texts, values) = values;
            if texts.is_empty() {
                problems.add(&values.span, "`values` is empty");
            }
            let mut seen = HashSet::new();
            for (text, span) in &texts {
                if !seen.insert(text.as_str()) {
                    problems.add(span, format!("{} is listed twice", literal(text)));
                }
            }
            columns.name_texts(id, &texts, problems);
            if let Some(column) = columns.get_mut(id) {
                column.allow_only(texts.into_iter().map(|(text, _)| text).collect());
            }
        }
    }
}

/// Reads `rows = "same"`: a number is the same in all rows of a claimant.
fn is_same(value: &TomlValue<'_>, rows: Option<RowsRule>, problems: &mut ProblemCollector) -> bool {
    if rows == Some(RowsRule::Unique) {
        let hint = "without it, each row is a separate claim; remove this line";
        let message = "`rows` of a column requires `rows = \"sum\"` in [claims]";
        problems.add_hint(&value.key_span, message, hint);
    }
    value.one_of(&[("same", ())], problems).is_some()
}

/// Reads all `[[exclude]]` tables, in order.
pub(super) fn read_excludes(
    tables: Vec<TomlTable<'_>>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<Vec<Exclude>> {
    let mut excludes = Vec::new();
    for mut table in tables {
        let reason = table.require("reason", problems);
        let when = table.require("when", problems);
        table.finish(problems);
        let reason = reason.and_then(|reason| reason.words(problems));
        let when = when.and_then(|when| {
            ConditionReader {
                columns,
                subclasses: None,
                of_rows: true,
            }
            .condition(&when, problems)
        });
        excludes.push(reason.zip(when).map(|(reason, when)| {
            columns.mark_on_every_row(when.columns());
            Exclude { reason, when }
        }));
    }
    excludes.into_iter().collect()
}

pub(super) fn read_subclasses(
    value: Option<&TomlValue<'_>>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<Vec<Subclass>> {
    let Some(value) = value else {
        return Some(Vec::new());
    };
    let tables = value.table("[subclass]", problems)?;
    let entries = tables.entries().iter();
    all(entries.map(|entry| read_subclass(entry, columns, problems)))
}

fn read_subclass(
    entry: &TomlValue<'_>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<Subclass> {
    let key = entry.key.clone();
    // Keys are written to CSV files, joined by `;`.
    let bad = key.contains(|c: char| c == ';' || c.is_control());
    if key.trim() != key || key.is_empty() || bad || key.starts_with(['=', '+', '-', '@']) {
        let message = format!("{} cannot be the key of a subclass", subject(&key));
        problems.add_hint(&entry.key_span, message, "use letters, digits, `-` and `_`");
        return None;
    }
    let mut table = entry.table(format!("[subclass.{key}]"), problems)?;
    let name = optional_words(&mut table, "name", problems);
    let when = table.require("when", problems);
    table.finish(problems);
    let when = when?;
    let when: Option<Condition> = ConditionReader {
        columns,
        subclasses: None,
        of_rows: false,
    }
    .condition(&when, problems);
    Some(Subclass {
        name: name?.unwrap_or_else(|| key.clone()),
        when: when?,
        key,
    })
}

pub(super) fn subclass_keys(subclasses: Option<&Vec<Subclass>>) -> Vec<String> {
    subclasses.map_or_else(Vec::new, |list| {
        list.iter().map(|s| s.key.clone()).collect()
    })
}
