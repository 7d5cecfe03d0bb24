//! The header of a file of claimant groups.

use anyhow::Result;

use crate::audit::messages;
use crate::base::diagnostics::{Failure, literal, nearest};
use crate::claims::csv::reader::{CellSpan, CsvRow, RowReader};
use crate::claims::input::{self, Input};
use crate::plan::Plan;

/// Refuses a file that does not name its groups. One without a header is refused later.
pub(super) fn refuse_unnamed(plan: &Plan, input: &Input, names: &[String]) -> Result<()> {
    let id = plan.columns.name(plan.claims.id);
    if names.is_empty() || names.iter().any(|name| name == id) {
        return Ok(());
    }
    let hint = match nearest(id, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => "add it: each row is a claimant group, such as `Illinois`".to_owned(),
    };
    Err(messages::no_group_column(&input.shown(), &literal(id))
        .hint(hint)
        .into())
}

/// The names of the columns of a file.
pub(super) fn header(plan: &Plan, input: &Input) -> Result<Vec<String>> {
    let shown = input.shown();
    let stream = input::open(input, plan, 0)?.refuse_faults()?;
    let broken = |error| Failure::reading(&shown, error);
    let mut reader = RowReader::new(stream.content);
    if reader.peek(3).map_err(broken)? == b"\xef\xbb\xbf" {
        reader.skip(3);
    }
    let mut row = CsvRow::default();
    let Some(Ok(line)) = reader.next(&mut row).map_err(broken)? else {
        return Ok(Vec::new());
    };
    let text = String::from_utf8_lossy(reader.bytes(&line));
    let cell = |cell: &CellSpan| text.get(cell.bytes.clone()).unwrap_or_default().trim();
    Ok(row.cells.iter().map(|span| cell(span).to_owned()).collect())
}
