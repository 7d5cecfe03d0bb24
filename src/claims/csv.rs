//! Claims files as CSV: blocks of whole rows, their cells, and what can be wrong
//! with their bytes.

pub mod blocks;
pub mod chunk;
pub mod faults;
pub mod index;
pub mod last_rows;
pub mod parallel_scan;
pub mod reader;
