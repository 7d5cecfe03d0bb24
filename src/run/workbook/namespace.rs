//! Names of the format.

/// The namespace of sheets, workbooks and styles.
pub(super) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
