//! Claims in workbooks.

pub mod package;
