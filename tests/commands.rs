//! The commands, as somebody at a terminal or in a script meets them.

mod check;
mod check_partly;
mod compare;
mod compute;
mod controls;
mod corrections;
mod explain;
mod fill;
mod help;
mod kills;
mod letters;
mod lists;
mod maps;
mod output;
mod plain_statements;
mod plan;
mod project;
mod report;
mod sample;
mod statements;
mod tax;
mod terminal;
mod unique;
mod values;
mod warnings;
pub(crate) mod workbook;
mod worklist;

use crate::support::Job;

/// A plan with a status, an exclusion, a subclass and a floor.
pub(crate) const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 1000

[[deduction]]
name    = "Fees"
kind    = "fees"
percent = 25

[claims]
status = "status"
pay    = ["approved"]
hold   = ["pending"]
deny   = ["denied"]

[[exclude]]
reason = "received after the deadline"
when   = { submitted = { from = 2022-03-02 } }

[subclass.illinois]
name = "Illinois Subclass"
when = { state = "IL" }

[[pool]]
name   = "class"
shares = [
  { add = 1 },
  { add = 5, when = { in = "illinois" } },
]
"#;

pub(crate) const CLAIMS: &str = "\
claimant_id,name,state,status,submitted
A-1,\"Smith, John\",IL,approved,2022-01-15
A-2,Zoë,CA,approved,2022-03-01
A-3,Lee,IL,denied,2022-02-01
A-4,Okafor,CA,pending,2022-02-01
A-5,Ng,IL,approved,2022-03-02
\"A,6\",\"\"\"Al\"\" Rossi\",WI,approved,2022-02-28
";

const COMPUTE: [&str; 4] = ["compute", "claims.csv", "--plan", "plan.toml"];

/// A folder with that plan and these claims.
pub(crate) fn job() -> Job {
    Job::with(&[("plan.toml", PLAN), ("claims.csv", CLAIMS)])
}

/// `compute` with further options.
pub(crate) fn compute<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [&COMPUTE, options].concat()
}

#[test]
fn without_a_command_there_is_help_and_nothing_is_done() {
    let job = Job::new();
    let said = job.payout(&[]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("Usage: payout <COMMAND>"));
    assert_eq!(job.names("."), [""; 0]);
}

#[test]
fn help_and_version_are_what_was_asked_for_so_they_go_to_standard_output() {
    let job = Job::new();
    let version = job.payout(&["--version"]);
    let expected = format!("payout {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((version.status, version.stdout), (0, expected));
    for command in help::commands() {
        let help = job.payout(&[&command, "--help"]);
        assert_eq!((help.status, help.stderr.as_str()), (0, ""), "{command}");
        let usage = format!("Usage: payout {command}");
        assert!(help.stdout.contains(&usage), "{}", help.stdout);
    }
}
