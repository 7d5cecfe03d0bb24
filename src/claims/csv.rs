//! Claims files as CSV: blocks of whole rows, their cells, and faults of their
//! bytes.

pub(crate) mod blocks;
pub(crate) mod chunk;
pub(crate) mod faults;
pub(crate) mod index;
pub(crate) mod last_rows;
pub(crate) mod parallel_scan;
pub(crate) mod reader;
