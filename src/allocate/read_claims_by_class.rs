//! Reads claims and sorts them into classes of equal entitlements.

use anyhow::Result;

use crate::allocate::claim_warnings;
use crate::allocate::classes::EntitlementClasses;
use crate::claims::input::Input;
use crate::claims::trades::lot_lines::LotReceiver;
use crate::claims::{self, ReadOptions};
use crate::plan::Plan;

/// Claims with the entitlements of each class.
pub type Claims = claims::Claims<EntitlementClasses>;

/// Reads claims files as one, in the order given. `progress` receives the number of
/// bytes read since its last call.
pub fn read_claims(
    inputs: &[Input],
    plan: &Plan,
    options: &ReadOptions<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Claims> {
    read_claims_and_lots(inputs, plan, options, None, progress)
}

/// The same; `lots` receives the lots of the claims.
pub(crate) fn read_claims_and_lots(
    inputs: &[Input],
    plan: &Plan,
    options: &ReadOptions<'_>,
    lots: Option<&dyn LotReceiver>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Claims> {
    let mut claims: Claims = claims::read(inputs, plan, options, lots, progress)?;
    let warnings = claim_warnings::warnings(plan, &claims)?;
    claims.warnings.extend(warnings);
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::claims::claim_list::NO_CLASS;

    /// Claims of two paid classes and an unpaid one.
    fn claims(rows: &str) -> Claims {
        let text = format!(
            "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n\
             [claims]\nstatus = \"status\"\npay = [\"ok\"]\ndeny = [\"no\"]\nrows = \"{rows}\"\n\
             [[pool]]\nname = \"class\"\naward = [ {{ add = {{ column = \"loss\" }} }} ]\n"
        );
        let plan = Plan::from_text("plan.toml", &text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("claims.csv");
        fs::write(
            &path,
            "claimant_id,status,loss\na,ok,1\nb,no,\nc,ok,2\nd,ok,1\n",
        )
        .unwrap();
        read_claims(
            &[Input::File(path)],
            &plan,
            &ReadOptions::default(),
            &|_| {},
        )
        .unwrap()
    }

    /// An exclusion that cannot be decided does not hide what else is wrong.
    #[test]
    fn every_problem_of_a_row_is_reported() {
        for rows in ["unique", "sum"] {
            let text = format!(
                "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n[claims]\nrows = \"{rows}\"\n\
                 [[exclude]]\nreason = \"late\"\nwhen = {{ filed = {{ from = 2026-01-01 }} }}\n\
                 [[pool]]\nname = \"class\"\naward = [ {{ add = {{ column = \"loss\" }} }} ]\n"
            );
            let plan = Plan::from_text("plan.toml", &text).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("claims.csv");
            fs::write(&path, "claimant_id,filed,loss\na,soon,much\n").unwrap();
            let options = ReadOptions::default();
            let error = read_claims(&[Input::File(path)], &plan, &options, &|_| {});
            let error = error.unwrap_err().to_string();
            assert!(error.contains(":1:filed: "), "{rows}: {error}");
            assert!(error.contains(":1:loss: "), "{rows}: {error}");
        }
    }

    #[test]
    fn a_row_of_another_class_or_of_none_is_a_bug() {
        for rows in ["unique", "sum"] {
            for other in [0, 1, 2, NO_CLASS] {
                let mut claims = claims(rows);
                assert_eq!(claims.prove(), Ok(()));
                let classes = &mut claims.claim_list.parts_mut()[0].classes;
                let changed = classes[2] != other;
                classes[2] = other;
                assert_eq!(claims.prove().is_err(), changed, "{rows} {other}");
            }
        }
    }
}
