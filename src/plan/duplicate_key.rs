//! Finds the first occurrence of a duplicate key.

use toml::de::{DeTable, DeValue};

use crate::base::diagnostics::PlanProblem;
use crate::plan::document::Span;

/// True for the fault of a key or table that is defined again.
pub(super) fn is_reported(fault: &str) -> bool {
    fault.contains("duplicate key")
}

/// The first place of a key that TOML reports as duplicate, with a label: the
/// closest preceding key of that name under the same heading.
pub(super) fn first(
    fault: &PlanProblem,
    document: &DeTable<'_>,
    text: &str,
) -> Option<(Span, String)> {
    if !is_reported(&fault.message) {
        return None;
    }
    let place = first_heading(text, fault.span.start).or_else(|| {
        let name = text.get(fault.span.clone())?;
        let mut places = Vec::new();
        find(name, document, &mut places);
        places
            .into_iter()
            .filter(|place| place.end <= fault.span.start)
            .filter(|place| heading(text, place.start) == heading(text, fault.span.start))
            .max_by_key(|place| place.start)
    })?;
    Some((place, "first defined here".to_owned()))
}

/// The first place of a duplicate table heading, which the parser does not report.
fn first_heading(text: &str, at: usize) -> Option<Span> {
    let heading = heading(text, at)?;
    let before = text.get(..at)?;
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    if !text.get(line..)?.trim_start().starts_with(heading) {
        return None;
    }
    let begins_line = |start: usize| {
        let before = text.get(..start).unwrap_or("");
        before.trim_end_matches([' ', '\t']).ends_with('\n') || before.trim().is_empty()
    };
    text.get(..line)?
        .match_indices(heading)
        .map(|(start, found)| start..start + found.len())
        .find(|place| begins_line(place.start))
}

/// The last line that begins with a bracket, up to the line of this byte.
fn heading(text: &str, at: usize) -> Option<&str> {
    let end = text
        .get(at..)?
        .find('\n')
        .map_or(text.len(), |end| at + end);
    let mut lines = text.get(..end)?.lines().rev().map(str::trim);
    lines.find(|line| line.starts_with('['))
}

/// All places of a key in a table and its nested values.
fn find(name: &str, table: &DeTable<'_>, places: &mut Vec<Span>) {
    for (key, value) in table {
        if key.get_ref() == name {
            places.push(key.span());
        }
        find_within(name, value.get_ref(), places);
    }
}

fn find_within(name: &str, value: &DeValue<'_>, places: &mut Vec<Span>) {
    match value {
        DeValue::Table(table) => find(name, table, places),
        DeValue::Array(array) => {
            for element in array {
                find_within(name, element.get_ref(), places);
            }
        }
        _ => {}
    }
}
