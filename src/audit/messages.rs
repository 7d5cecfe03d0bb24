//! The messages about finished runs.

use std::fmt::Display;

use crate::base::diagnostics::messages;

messages! {
    K001 no_such_run(run: impl Display)
        "the run `{run}` does not exist" / "name the folder that `payout compute` wrote";
    K002 run_is_no_folder(run: impl Display)
        "the run `{run}` is not a folder" / "name the folder that `payout compute` wrote";
    K003 not_a_run(folder: impl Display, missing: &str)
        "`{folder}` is not a run: it has no {missing}"
        / "name the folder that `payout compute` wrote";
    K004 file_damaged(path: impl Display, error: impl Display)
        "{path} is damaged: {error}" / "compute the run again";
    K005 export_not_run(folder: impl Display)
        "`{folder}` is an export, not a run"
        / "name the folder that `payout compute` wrote; to check an export, run `payout check RUN EXPORT`";
    K006 inside_run(path: impl Display)
        "{path} is inside a run, an export or a reconciliation"
        / "choose a path elsewhere; these folders are never changed";
    K007 file_changed(path: impl Display)
        "{path} does not match the run's manifest"
        / "it was changed after the run; compute the run again";
    K008 file_removed(path: impl Display)
        "{path} is missing" / "it was removed after the run; compute the run again";
    K009 run_changed(run: impl Display, file: &str)
        "{run}: {file} does not match the run's manifest"
        / "run `payout check` on it, then compute the run again";
    K010 invalid_row(row: u64, path: impl Display)
        "row {row} of {path} is not a valid row of a run" / "check the run with `payout check`";

    K027 trades_not_found(name: &str)
        "cannot find {name}, the trades file of the run"
        / "name the trades file with `--trades`";
    K020 claims_not_found(name: &str)
        "cannot find {name}, the claims file of the run" / "name the claims file with `--claims`";
    K021 other_number_of_claims_files(files: &str)
        "the run has {files}" / "name them all, in the original order";
    K022 other_claims_file(file: &str, recorded: &str, sha256: &str)
        "{file} is not the claims file of the run: its SHA-256 differs"
        / "the run was computed from {recorded} with SHA-256 {sha256}";
    K023 claims_is_folder(path: &str) "{path} is a folder" / "name a claims file";
    K024 no_such_claims(path: &str)
        "the claims file {path} does not exist" / "check the name after `--claims`";
    K025 claims_read_once(path: &str)
        "`check` reads the claims more than once, but {path} can be read only once"
        / "save the claims to a file, which may be compressed (`.gz`, `.zst`)";
    K026 claims_changed(path: &str)
        "{path} changed while it was being read" / "try again";

    K028 reconciliation_not_found(name: &str, run: &str)
        "{name}, the reconciliation that {run} follows, was not found"
        / "name it with `--after`, or put it next to the run";
    K029 other_reconciliation(run: &str, name: &str, seal: &str, other: &str)
        "{run} follows {name} with the seal {seal}, and {other} has another one"
        / "name the reconciliation from which the run was computed with `--after`";
    K030 no_claimant(id: impl Display) "no claimant has the id {id}";
    K031 other_currencies(old: &str, new: &str)
        "the old run is in {old}, the new one in {new}" / "compare runs in the same currency";
    K032 invalid_balance(balance: impl Display, decimals: &str, example: &str)
        "invalid `--balance` {balance}"
        / "write digits without commas or signs, {decimals}, like `{example}`";

    K040 groups_not_a_file(path: impl Display)
        "{path} is not a regular file" / "save the claimant groups to a file";
    K041 counts_too_large()
        "the sum of the counts is too large" / "check the column `count`";
    K042 no_count_column(file: &str) "{file} has no column `count`";
    K043 invalid_count(cell: impl Display)
        "{cell} is not a whole number of class members" / "write digits only, like `1200000`";

    K044 no_group_column(file: &str, column: &str)
        "{file} has no column {column}, which names the claimant groups";

    R042 project_with_trades()
        "a plan with [trades] cannot be projected, because a group of claimants has no trades"
        / "generate claims and trades with `payout sample --trades`, and compute them";
    R033 no_such_place(place: impl Display) "the run has no figure {place}";
    R034 figure_not_stated(place: &str)
        "the run does not state `{place}`"
        / "add it to the plan and compute the run again, if a plan can state it; or write what is shown without it: `{{{place}|not stated}}`";
    R035 place_not_closed()
        "no `}}` follows this `{{`"
        / "end the place with `}}`, or write `{{{{` for a brace";
    R036 brace_alone() "no place ends here" / "write `}}}}` for a brace";
    R037 not_a_place(place: impl Display)
        "{place} is not the name of a figure"
        / "write names with dots between them, like `{{payouts.total}}`, and names that contain dots in quotes: `{{pools.\"No. 1\".paid}}`";
}
