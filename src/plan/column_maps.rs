//! Reads `map` and `ignore_case` of `[column.NAME]`, after everything else that names
//! texts of columns.

use crate::base::diagnostics::{alternatives, literal, nearest};
use crate::plan::cell_map::{CellMap, loose};
use crate::plan::claim_rules::ColumnKeys;
use crate::plan::column::{Column, fault_of_text, fold};
use crate::plan::columns::Columns;
use crate::plan::document::{Place, TomlValue};
use crate::plan::{ClaimRules, StatusRule, messages};

/// An entry of `map`: the cell, the text that it is read as, and the place of each.
struct Entry<'p> {
    cell: String,
    text: String,
    cell_place: Place<'p>,
    text_place: Place<'p>,
}

/// Gives each column its map.
pub(super) fn read_maps(
    tables: &[(TomlValue<'_>, Option<ColumnKeys<'_>>)],
    claims: Option<&ClaimRules>,
    columns: &mut Columns,
) {
    for (entry, keys) in tables {
        let known = columns.iter().find(|(_, column)| column.name == entry.key);
        let (Some((id, column)), Some(keys)) = (known, keys) else {
            continue;
        };
        let present = [&keys.map.at, &keys.ignore_case.at].into_iter().flatten();
        if columns.claimant_id == Some(id) {
            for key in present {
                let message = messages::map_of_ids(&literal(key.key));
                key.key_place.problem(message).add();
            }
            continue;
        }
        let ignore_case = keys.ignore_case.value.unwrap_or(false);
        let entries = keys.map.value.as_ref().map(entries).unwrap_or_default();
        if let (true, false, Some(at)) = (ignore_case, keys.map.is_present(), &keys.ignore_case.at)
            && column.texts.is_empty()
        {
            let message = messages::ignore_case_without_texts(&literal(&column.name));
            at.key_place.problem(message).add();
        }
        let listed: Option<Vec<&str>> = match claims.map(|claims| &claims.status) {
            Some(StatusRule::Column { column, meanings }) if *column == id => {
                Some(meanings.iter().map(|(text, _)| text.as_str()).collect())
            }
            _ => None,
        };
        let values = column.values.as_ref();
        let listed = listed.or_else(|| Some(values?.iter().map(String::as_str).collect()));
        check_texts(&entries, column, listed.as_deref());
        if ignore_case {
            check_alike(&entries, column);
        }
        let pairs = entries.into_iter().map(|entry| (entry.cell, entry.text));
        let map = CellMap::new(pairs.collect(), ignore_case, &column.texts);
        if let Some(column) = columns.get_mut(id) {
            column.map = map;
        }
    }
}

/// The entries of a map that are right.
fn entries<'p>(map: &TomlValue<'p>) -> Vec<Entry<'p>> {
    let entries = map.entries().unwrap_or_default();
    if map.is_table() && entries.is_empty() {
        map.fault(messages::nothing_listed).add();
    }
    let entry = |entry: TomlValue<'p>| {
        let text = entry.text()?;
        let texts = [(entry.key, &entry.key_place), (text.as_str(), &entry.place)];
        for (text, place) in texts {
            if let Some(message) = fault_of_text(text) {
                return place.problem(message).none();
            }
        }
        Some(Entry {
            cell: entry.key.to_owned(),
            text,
            cell_place: entry.key_place.clone(),
            text_place: entry.place.clone(),
        })
    };
    entries.into_iter().filter_map(entry).collect()
}

/// Reports entries with texts that no cell of the column may have. `listed` are the only
/// ones, if the plan lists them.
fn check_texts(entries: &[Entry<'_>], column: &Column, listed: Option<&[&str]>) {
    for entry in entries {
        let (cell, text) = (literal(&entry.cell), literal(&entry.text));
        let mut known = column.texts.iter();
        let near = known.find(|known| fold(known) == fold(&entry.text));
        if let Some(near) = near.filter(|near| **near != entry.text) {
            let message = messages::map_to_near_miss(&cell, &text, &literal(near));
            entry.text_place.problem(message).add();
            continue;
        }
        let Some(listed) = listed else { continue };
        if !listed.contains(&entry.text.as_str()) {
            let hint = match nearest(&entry.text, listed.iter().copied()) {
                Some(near) if !near.is_empty() => format!("did you mean {}?", literal(near)),
                _ => format!(
                    "map it to {}, or list the text for the column",
                    alternatives(listed)
                ),
            };
            let message = messages::map_to_unlisted(&cell, &text, &literal(&column.name));
            entry.text_place.problem(message).hint(hint).add();
        }
    }
}

/// Reports cells that `ignore_case` could read as one text or another.
fn check_alike(entries: &[Entry<'_>], column: &Column) {
    for (number, entry) in entries.iter().enumerate() {
        let form = loose(&entry.cell);
        let cell = literal(&entry.cell);
        let mut before = entries.iter().take(number);
        if let Some(other) = before.find(|other| loose(&other.cell) == form) {
            if other.text != entry.text {
                let message = messages::map_keys_alike(&cell, &literal(&other.cell));
                let report = entry.cell_place.problem(message);
                report
                    .other(&other.cell_place.span, "the other entry")
                    .add();
            }
            continue;
        }
        let mut known = column.texts.iter();
        let Some(known) = known.find(|known| loose(known) == form) else {
            continue;
        };
        let is_mapped = entries.iter().any(|entry| entry.cell == *known);
        if !is_mapped && *known != entry.text {
            let text = literal(&entry.text);
            let message = messages::map_against_text(&cell, &literal(known), &text);
            entry.cell_place.problem(message).add();
        }
    }
}
