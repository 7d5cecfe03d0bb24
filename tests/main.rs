//! The tests of the whole program, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::format_push_string,
    clippy::match_bool,
    clippy::struct_excessive_bools,
    missing_docs,
    reason = "a test may fail by panicking, its numbers are small, and its name documents it"
)]

mod bad_input;
mod blocks;
#[allow(dead_code, reason = "the tests of messages use all of it")]
mod catalogue;
mod commands;
mod division;
mod docs;
mod errors_page;
mod examples;
mod exports;
mod fuzz;
mod generator;
mod golden;
mod key_tables;
mod laws;
mod markdown;
mod package;
mod prior;
mod properties;
mod random;
mod readme;
mod reconcile;
mod reference_doc;
mod rooms;
mod schema;
mod security;
mod shrink;
mod sql;
mod support;
mod trades;
mod vectors;
mod words;
mod workbook;
