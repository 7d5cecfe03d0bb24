//! Whatever the plan and the claims: the run with a workbook is otherwise the
//! same, or it is refused for a number that a spreadsheet cannot hold.

use super::{LISTS, hold, sure};

#[test]
fn a_run_with_a_workbook_is_the_same_run_and_its_check_holds() {
    hold(60, |case| {
        let plain = case.compute("claims.csv", "plain", &[]);
        let with = case.compute("claims.csv", "run", &["--xlsx"]);
        if plain.status == 0 && with.stderr.contains("a spreadsheet keeps at most") {
            return sure(with.status == 2, || with.stderr);
        }
        sure(plain == with, || format!("{plain:?}\n{with:?}"))?;
        if with.status != 0 {
            return Ok(());
        }
        for name in LISTS {
            let read = |run: &str| case.job.read(&format!("{run}/{name}"));
            sure(read("plain") == read("run"), || format!("{name} differs"))?;
        }
        let said = case.job.payout(&["check", "run"]);
        sure(said.status == 0, || said.stdout)
    });
}
