//! Claimants whose ids are almost those of claimants whom an earlier export has paid: a
//! spreadsheet may have changed the ids of one of the files.

use std::collections::HashMap;

use anyhow::Result;

use crate::base::diagnostics::{count, literal};
use crate::claims::ids::duplicates::without_zeros;
use crate::export::context::ExportContext;
use crate::export::prior_exports::PriorExport;
use crate::plan::column::fold;

/// The number of claimants that the warning names.
const NAMED: usize = 5;

/// A warning about such claimants. Within one run, ids that are alike are different
/// claimants, of which the summary warns.
pub(crate) fn warning(
    context: &ExportContext<'_>,
    earlier: &[PriorExport],
) -> Result<Option<String>> {
    let run = context.run;
    if !context.layout.pays.has_payments() {
        return Ok(None);
    }
    let mut paid: HashMap<String, (&str, &str)> = HashMap::new();
    let others = earlier.iter().filter(|export| !export.is_of_run(run.seal));
    for export in others.filter(|export| export.pays_same(run.plan, context.layout)) {
        for id in export.ids() {
            paid.insert(key(id), (id, export.shown()));
        }
    }
    if paid.is_empty() {
        return Ok(None);
    }
    let mut found = 0_usize;
    let mut named = Vec::new();
    for payment in context.payments {
        let cells = run.claims.claim_list.kept_cells(payment.row)?;
        let id = cells.text(run.plan.claims.id);
        if let Some((paid, export)) = paid.get(&key(id)).filter(|(paid, _)| *paid != id) {
            found += 1;
            if named.len() < NAMED {
                named.push(format!(
                    "{}, paid as {} by {export}",
                    literal(id),
                    literal(paid)
                ));
            }
        }
    }
    let who = count(
        found,
        "claimant has an id that differs",
        "claimants have ids that differ",
    );
    Ok((found > 0).then(|| {
        format!(
            "{who} only by leading zeros, capitals or white space from an id that an earlier export has paid (first: {}); make sure that no one is paid twice",
            named.join("; ")
        )
    }))
}

/// The same for ids that are alike.
fn key(id: &str) -> String {
    without_zeros(&fold(id))
}
