//! The names that the user gives to tables.

/// True if a text can be the key of a subclass, a value or a table. Keys of subclasses are
/// written to CSV files, joined by `;`.
pub(super) fn is_key(key: &str) -> bool {
    let bad = |c: char| c == ';' || c.is_control();
    key.trim() == key
        && !key.is_empty()
        && !key.contains(bad)
        && !key.starts_with(['=', '+', '-', '@'])
}
