//! Compares JSON figure by figure.

use anyhow::Result;
use serde_json::Value;

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::lines;

/// Reports every figure that differs.
pub(super) fn compare(
    file: &str,
    expected: &str,
    found: &[u8],
    findings: &CheckFindings,
) -> Result<()> {
    if found == expected.as_bytes() {
        return Ok(());
    }
    let before = findings.count();
    match serde_json::from_slice(found) {
        Ok(value) => {
            let expected = serde_json::from_str(expected)?;
            compare_values(file, "", Some(&expected), Some(&value), findings)?;
        }
        Err(error) => findings.note(file, "", "JSON", &error.to_string())?,
    }
    if findings.count() == before {
        // The order of the keys or the layout may differ.
        lines::compare_first(file, expected, found, findings)?;
    }
    Ok(())
}

/// Reports every figure that differs among those that both texts have. Warnings are
/// words, not figures.
pub(super) fn compare_shared(
    file: &str,
    expected: &str,
    found: &[u8],
    findings: &CheckFindings,
) -> Result<()> {
    match serde_json::from_slice(found) {
        Ok(mut value) => {
            let mut expected: Value = serde_json::from_str(expected)?;
            if let Value::Object(expected) = &mut expected {
                expected.remove("warnings");
            }
            keep_shared(&mut expected, &value);
            keep_shared(&mut value, &expected);
            compare_values(file, "", Some(&expected), Some(&value), findings)
        }
        Err(error) => findings.note(file, "", "JSON", &error.to_string()),
    }
}

/// Removes the keys that the other value does not have.
fn keep_shared(value: &mut Value, other: &Value) {
    match (value, other) {
        (Value::Object(value), Value::Object(other)) => {
            value.retain(|key, _| other.contains_key(key));
            for (key, value) in value {
                if let Some(other) = other.get(key) {
                    keep_shared(value, other);
                }
            }
        }
        (Value::Array(value), Value::Array(other)) => {
            value
                .iter_mut()
                .zip(other)
                .for_each(|(value, other)| keep_shared(value, other));
        }
        _ => {}
    }
}

/// The number of figures in a JSON text.
pub(super) fn count(text: &str) -> Result<usize> {
    Ok(leaves(&serde_json::from_str(text)?))
}

fn compare_values(
    file: &str,
    path: &str,
    expected: Option<&Value>,
    found: Option<&Value>,
    findings: &CheckFindings,
) -> Result<()> {
    match (expected, found) {
        (Some(Value::Object(expected)), Some(Value::Object(found))) => {
            let others = found.keys().filter(|key| !expected.contains_key(*key));
            for key in expected.keys().chain(others) {
                let point = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{point}{key}");
                compare_values(file, &path, expected.get(key), found.get(key), findings)?;
            }
            Ok(())
        }
        (Some(Value::Array(expected)), Some(Value::Array(found))) => {
            for number in 0..expected.len().max(found.len()) {
                let path = format!("{path}[{number}]");
                let (expected, found) = (expected.get(number), found.get(number));
                compare_values(file, &path, expected, found, findings)?;
            }
            Ok(())
        }
        _ if expected == found => Ok(()),
        (Some(expected), Some(found)) if shown(Some(expected)) == shown(Some(found)) => {
            // Quotes distinguish a text from a number that looks the same.
            findings.note(file, path, &expected.to_string(), &found.to_string())
        }
        _ => findings.note(file, path, &shown(expected), &shown(found)),
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "nothing".to_owned(),
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(table) => table.values().map(leaves).sum(),
        Value::Array(list) => list.iter().map(leaves).sum(),
        _ => 1,
    }
}
