//! Whatever the plan and the claims: the run with a workbook is otherwise the
//! same, or it is refused for a number that a spreadsheet cannot hold.

use crate::random::{hold, sure};

#[test]
fn a_run_with_a_workbook_is_the_same_run_and_its_check_holds() {
    hold(60, |case| {
        let plain = case.compute_with("claims.csv", "plain", |_| {});
        let with = case.compute_with("claims.csv", "run", |job| job.workbook = true);
        match with {
            Err(refusal) if plain.is_ok() => {
                let too_long = refusal.text.contains("a spreadsheet keeps at most");
                sure(too_long && refusal.status == 2, || refusal.text)
            }
            _ if plain != with => Err(format!("it ends in another way\n{plain:?}\n{with:?}")),
            Err(_) => Ok(()),
            Ok(()) => {
                case.same_lists("plain", "run")?;
                case.check()
            }
        }
    });
}
