//! The tests that need another program, each with the program. Where it is missing, a test
//! is ignored and says so, or fails if the variable `CI` is `true`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::format_push_string,
    clippy::match_bool,
    clippy::struct_excessive_bools,
    dead_code,
    unused_imports,
    reason = "a test may fail by panicking, and the other tests use more of the helpers"
)]

mod browser;
mod catalogue;
mod commands;
mod duckdb;
mod examples;
mod exports;
mod generator;
mod golden;
mod libreoffice;
mod markdown;
mod package;
mod prior;
mod random;
mod readers;
mod shrink;
mod sql;
mod support;
mod vectors;
mod verify;
mod workbook;

use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// The name of a program, and a line of the shell that succeeds where it is.
type Program = (&'static str, &'static str);

const ACHKIT: Program = ("achkit for Python", "python3 -c 'import achkit'");
const BEANCOUNT: Program = ("beancount for Python", "python3 -c 'import beancount'");
const CHROMIUM: Program = ("Chromium", browser::CHROMIUM);
const DUCKDB: Program = ("DuckDB for Python", "python3 -c 'import duckdb'");
const HLEDGER: Program = ("hledger", "command -v hledger");
const LIBREOFFICE: Program = ("LibreOffice", "command -v soffice");
const PYTHON: Program = ("Python 3.11", "python3 -c 'import tomllib'");
const SQLITE: Program = ("SQLite", "command -v sqlite3");

macro_rules! tests {
    ($($program:ident: $($test:path),+;)+) => {
        vec![$($(trial($program, stringify!($test), $test)),+),+]
    };
}

fn main() -> ExitCode {
    let trials = tests! {
        ACHKIT:
            readers::another_reader_of_ach_files_agrees_on_count_hash_and_totals,
            readers::another_reader_of_ach_files_takes_two_exports_of_one_day;
        BEANCOUNT: readers::beancount_finds_the_books_in_balance;
        CHROMIUM: browser::a_browser_shows_the_report_without_complaint_at_every_size;
        DUCKDB:
            duckdb::duckdb_pays_the_same_for_the_example_and_for_random_plans,
            duckdb::duckdb_stops_at_ids_that_occur_twice_and_statuses_that_are_unknown,
            readers::duckdb_reads_the_payments;
        HLEDGER: readers::hledger_finds_the_books_in_balance;
        LIBREOFFICE:
            libreoffice::a_csv_file_that_a_spreadsheet_made_a_workbook_gives_the_same_run,
            libreoffice::a_spreadsheet_adds_up_what_goes_on_in_further_sheets,
            libreoffice::a_spreadsheet_comes_to_the_same_figures,
            libreoffice::cells_that_a_spreadsheet_has_damaged_are_refused_by_their_names;
        PYTHON:
            readers::python_reads_the_archive_of_statements,
            verify::the_reference_of_lots_agrees_on_random_portfolios,
            verify::a_bank_that_only_sees_money_agrees_on_random_lives,
            verify::the_verifier_agrees_on_random_plans_and_claims,
            verify::the_verifier_agrees_with_what_is_published,
            verify::the_verifier_names_what_it_does_not_read,
            verify::the_verifier_passes_every_example,
            verify::the_verifier_passes_later_distributions,
            verify::the_verifier_corrects_claims,
            verify::the_verifier_counts_many_payees,
            verify::the_verifier_reads_what_a_pool_paid_claimants_who_are_paid_nothing,
            verify::the_verifier_reports_differences;
        SQLITE: readers::sqlite_reads_the_payments;
    };
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A test that is tried where its program is.
fn trial((program, line): Program, name: &str, test: fn()) -> Trial {
    Trial::ignorable_test(name, move || {
        let found = Command::new("sh").args(["-c", line]).output();
        if found.is_ok_and(|found| found.status.success()) {
            test();
            return Ok(Completion::Completed);
        }
        if std::env::var("CI").is_ok_and(|ci| ci == "true") {
            return Err(Failed::from(format!("needs {program}")));
        }
        Ok(Completion::ignored_with(format!("needs {program}")))
    })
}
