//! Hints for cells that the plan can read as another text.

use crate::base::confusables::is_invisible;
use crate::base::diagnostics::{literal, quotable};
use crate::plan::cell_map::{CellMap, loose};

/// The heading of the plan table that describes a column.
pub(crate) fn heading(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if name.bytes().all(bare) {
        format!("[column.{name}]")
    } else {
        format!("[column.\"{}\"]", quotable(name))
    }
}

/// The heading of a column in hints until its name is known.
const ANY_COLUMN: &str = "[column.NAME]";

/// A hint with the heading of its column.
pub(crate) fn named(hint: Option<String>, name: &str) -> Option<String> {
    hint.map(|hint| hint.replace(ANY_COLUMN, &heading(name)))
}

/// Longer cells are notes, which no plan maps.
const LONGEST: usize = 60;

/// Texts that people and programs write where a value is missing.
const MISSING: [&str; 14] = [
    "n/a",
    "na",
    "n.a.",
    "null",
    "none",
    "nil",
    "nan",
    "nat",
    "unknown",
    "missing",
    "blank",
    "empty",
    "tbd",
    "not available",
];

/// An entry of `map`; `None` if no plan should have this cell.
pub(crate) fn entry(cell: &str, text: &str) -> Option<String> {
    let quoted = |text: &str| {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    };
    let hidden = |c: char| is_invisible(c) || c.is_control();
    (!cell.contains(hidden) && cell.len() <= LONGEST)
        .then(|| format!("{} = {}", quoted(cell), quoted(text)))
}

/// The addition to a plan that reads a cell as a text: `ignore_case = true`, or an entry to
/// the `map` under [column.status], which a column has only once.
fn of_column(name: &str, map: &CellMap, cell: &str, text: &str) -> Option<String> {
    let entry = entry(cell, text)?;
    let table = if map.entries.is_empty() {
        "`map = { … }`"
    } else {
        "`map`"
    };
    let mut ways = format!("`{entry}` to {table}");
    if !map.ignore_case && loose(cell) == loose(text) {
        ways = format!("`ignore_case = true` or {ways}");
    }
    Some(format!("{ways} under {}", heading(name)))
}

/// For a fault of a cell that the plan reads as another text; `hint` is that of the fault.
pub(crate) fn read_as(name: &str, written: &str, text: &str, hint: Option<&str>) -> String {
    let read = format!("the plan reads {} as {}", literal(written), literal(text));
    match hint {
        // A hint about a blank cell holds for a mapped one, too.
        Some(hint) if text.is_empty() => format!("{read}; {hint}"),
        _ => format!(
            "{read}; correct the cell, or `map` under {} in the plan",
            heading(name)
        ),
    }
}

/// For a cell that differs from a text only in how it is typed.
pub(crate) fn near(name: &str, map: &CellMap, cell: &str, text: &str) -> String {
    let correct = format!("write {} in the claims file", literal(text));
    match of_column(name, map, cell, text) {
        Some(ways) => format!("{correct}, or add {ways} in the plan"),
        None => correct,
    }
}

/// For a cell that is none of the texts that it may be. `near` is the most similar one,
/// `expected` says what they are, and `others` what else can be done.
pub(crate) fn unlisted(
    name: &str,
    map: &CellMap,
    cell: &str,
    near: Option<&str>,
    expected: &str,
    others: &str,
) -> String {
    let near = near.filter(|near| !near.is_empty() && !cell.is_empty());
    let (expected, others, text) = match near {
        Some(near) => (format!("did you mean {}?", literal(near)), "", near),
        None => (format!("{expected};"), others, "…"),
    };
    match of_column(name, map, cell, text) {
        Some(ways) => {
            format!("{expected} correct the cell,{others} or add {ways} in the plan")
        }
        None => format!("{expected} correct the cell"),
    }
}

/// For a cell that is not in a table of texts.
pub(crate) fn not_in_table(cell: &str, near: Option<&str>, listed: &str) -> String {
    let near = near.filter(|near| !near.is_empty() && !cell.is_empty());
    let (expected, text) = match near {
        Some(near) => (format!("did you mean {}?", literal(near)), near),
        None => (format!("the table has {listed};"), "…"),
    };
    match entry(cell, text) {
        Some(entry) => format!(
            "{expected} correct the cell, or add `{entry}` to `map = {{ … }}` under [column.NAME] in the plan"
        ),
        None => format!("{expected} correct the cell"),
    }
}

/// For a cell that may mean a blank, where a number or a date belongs.
pub(crate) fn as_blank(cell: &str) -> Option<String> {
    let bare = cell.trim_matches(['(', ')', '<', '>', '[', ']']);
    let entry = entry(cell, "").filter(|_| MISSING.contains(&bare.to_lowercase().as_str()))?;
    Some(format!(
        "; if it means a blank, add `{entry}` to `map = {{ … }}` under [column.NAME] in the plan"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ways_that_work_are_shown() {
        let none = CellMap::default();
        let hint = near("the state", &none, "il", "IL");
        assert_eq!(
            hint,
            "write `IL` in the claims file, or add `ignore_case = true` or `\"il\" = \"IL\"` to `map = { … }` under [column.\"the state\"] in the plan"
        );
        let hint = near("city", &none, "NewYork", "New York");
        assert!(!hint.contains("ignore_case"), "{hint}");
        let hint = near("city", &none, "I\u{ad}L", "IL");
        assert_eq!(hint, "write `IL` in the claims file");
        let map = CellMap::new(vec![("a".to_owned(), "IL".to_owned())], true, &[]);
        let hint = near("state", &map, "I L", "IL");
        assert!(hint.ends_with("add `\"I L\" = \"IL\"` to `map` under [column.state] in the plan"));
        assert_eq!(entry("a\"\\", ""), Some("\"a\\\"\\\\\" = \"\"".to_owned()));
    }
}
