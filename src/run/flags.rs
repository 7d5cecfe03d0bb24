//! flags.csv: claimants with the same cells as others, where `[[unique]]` flags them.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::allocate::Claims;
use crate::base::csv_text::push_cell;
use crate::base::diagnostics::OrBug;
use crate::plan::Plan;
use crate::plan::unique::{Duplicates, UniqueRule};
use crate::run::hashing_writer::WrittenFile;
use crate::run::rows::{OutputColumn, RowSink, flag_columns, header};

/// Bytes to collect before a write.
const BLOCK: usize = 1 << 18;

/// Writes the flags, by row and then by rule.
pub(super) fn write<S: RowSink>(plan: &Plan, claims: &Claims, mut file: S) -> Result<WrittenFile> {
    let columns: [OutputColumn; 4] = flag_columns();
    file.rows(header(&columns).as_bytes(), 1)?;
    let names = plan.unique.iter().map(|rule| rule.name(&plan.columns));
    let names: Vec<String> = names.collect();
    let (mut text, mut lines) = (String::new(), 0);
    for flag in &claims.flags {
        let id = |row| {
            let cells = claims.claim_list.kept_cells(row);
            cells.map(|cells| cells.text(plan.claims.id))
        };
        push_cell(&mut text, id(flag.row)?);
        text += &format!(",{},", u64::from(flag.row) + 1);
        push_cell(&mut text, names.get(flag.rule).or_bug("a rule is missing"));
        text.push(',');
        push_cell(&mut text, id(flag.first)?);
        text.push('\n');
        lines += 1;
        if text.len() > BLOCK {
            file.rows(text.as_bytes(), lines)?;
            text.clear();
            lines = 0;
        }
    }
    file.rows(text.as_bytes(), lines)?;
    file.finish()
}

/// The number of flags by rule that flags, with the name of the rule.
pub(super) fn counted(plan: &Plan, claims: &Claims) -> Vec<(String, u64)> {
    let mut rows = BTreeMap::new();
    for flag in &claims.flags {
        *rows.entry(flag.rule).or_insert(0) += 1;
    }
    let rules = plan.unique.iter().enumerate();
    let flagging = rules.filter(|(_, rule)| rule.duplicates == Duplicates::Flag);
    let count = |(number, rule): (usize, &UniqueRule)| {
        let count = rows.get(&number).copied().unwrap_or(0);
        (rule.name(&plan.columns), count)
    };
    flagging.map(count).collect()
}
