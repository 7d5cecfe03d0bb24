//! The keys of two plans that differ, by their place in the plan: `pool.cash.at_most`.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::de::{DeTable, DeValue};

use crate::base::diagnostics::Bug;

/// A key that has another value, or that only one of the plans has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedKey {
    /// The names from the plan down to the key, joined by points.
    pub key: String,
    /// The value as the plan writes it; null if the plan does not have the key.
    pub old: Option<String>,
    pub new: Option<String>,
}

/// The keys that differ between two plans, in alphabetical order.
pub(super) fn changed(old: &str, new: &str) -> Result<Vec<ChangedKey>, Bug> {
    let (mut old, mut new) = (keys_of(old)?, keys_of(new)?);
    let same: Vec<String> = old
        .iter()
        .filter(|(key, value)| new.get(*key) == Some(*value))
        .map(|(key, _)| key.clone())
        .collect();
    for key in same {
        old.remove(&key);
        new.remove(&key);
    }
    let mut changed: BTreeMap<String, ChangedKey> = BTreeMap::new();
    for (sides, is_old) in [(old, true), (new, false)] {
        for (key, value) in sides {
            let of_key = changed.entry(key.clone()).or_insert(ChangedKey {
                key,
                old: None,
                new: None,
            });
            if is_old {
                of_key.old = Some(value);
            } else {
                of_key.new = Some(value);
            }
        }
    }
    Ok(changed.into_values().collect())
}

/// Every key of a plan with its value.
fn keys_of(plan: &str) -> Result<BTreeMap<String, String>, Bug> {
    let table = DeTable::parse(plan).map_err(|_| Bug::new("a plan of a run is not TOML"))?;
    let mut keys = BTreeMap::new();
    add_table(&mut keys, "", table.get_ref());
    Ok(keys)
}

fn add_table(keys: &mut BTreeMap<String, String>, path: &str, table: &DeTable<'_>) {
    for (name, value) in table {
        let name = written_key(name.get_ref());
        let path = if path.is_empty() {
            name
        } else {
            format!("{path}.{name}")
        };
        add(keys, &path, value.get_ref());
    }
}

/// Adds a value: a table key by key, a list of tables by the names or numbers of its
/// entries, and anything else whole.
fn add(keys: &mut BTreeMap<String, String>, path: &str, value: &DeValue<'_>) {
    let is_table =
        |entry: &toml::Spanned<DeValue<'_>>| matches!(entry.get_ref(), DeValue::Table(_));
    match value {
        DeValue::Table(table) if !table.is_empty() => add_table(keys, path, table),
        DeValue::Array(list) if !list.is_empty() && list.iter().all(is_table) => {
            for (number, entry) in (1..).zip(list) {
                let DeValue::Table(table) = entry.get_ref() else {
                    continue;
                };
                let name = table.get("name").map(toml::Spanned::get_ref);
                let name = match name {
                    Some(DeValue::String(name)) => written_key(name),
                    _ => number.to_string(),
                };
                add_table(keys, &format!("{path}.{name}"), table);
            }
        }
        other => {
            keys.insert(path.to_owned(), written(other));
        }
    }
}

/// A key, in quotes unless it is a bare one.
fn written_key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

/// A value as a plan writes it, without separators of digits.
fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.as_str().replace('_', ""),
        DeValue::Float(number) => number.as_str().replace('_', ""),
        DeValue::Boolean(is) => is.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::Array(list) => {
            let entries = list.iter().map(|entry| written(entry.get_ref()));
            format!("[{}]", entries.collect::<Vec<_>>().join(", "))
        }
        DeValue::Table(table) => {
            let entry = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
                let name: &std::borrow::Cow<'_, str> = name.get_ref();
                format!("{} = {}", written_key(name), written(value.get_ref()))
            };
            let entries = table.iter().map(entry);
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_by_their_place() {
        let old = "[fund]\namount = 1_000\n# note\n[claims]\npay = [\"a\"]\n[[pool]]\nname = \"cash\"\n\
                   shares = 1\naward = [ { add = { column = \"x\" } }, { at_most = 5 } ]\n";
        let new = "[fund]\namount = 1000\n[claims]\npay = [\"a\", \"b c\"]\n[[pool]]\nname = \"cash\"\n\
                   at_most = 2.50\naward = [ { add = { column = \"x\" } }, { at_most = 6 } ]\n";
        let changed = changed(old, new).unwrap();
        let line = |one: &ChangedKey| {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
            format!("{}: {} -> {}", one.key, side(&one.old), side(&one.new))
        };
        let lines: Vec<String> = changed.iter().map(line).collect();
        let expected = [
            "claims.pay: [\"a\"] -> [\"a\", \"b c\"]",
            "pool.cash.at_most: none -> 2.50",
            "pool.cash.award.2.at_most: 5 -> 6",
            "pool.cash.shares: 1 -> none",
        ];
        assert_eq!(lines, expected);
    }
}
