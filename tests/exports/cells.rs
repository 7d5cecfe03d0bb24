//! What cells of the claims file may say in payment files.

use super::{ACH, CHECKS, PAYPAL, POSITIVE_PAY, export, job};
use crate::support::{Job, records};

/// The run of sixty claims with some cells of a row changed, and computed again.
fn with_cells(row: usize, cells: &[(usize, &str)]) -> Job {
    let job = job(60);
    let mut claims = records(&job.read("claims.csv"));
    for (column, cell) in cells {
        claims[row][*column] = String::from(*cell);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in &claims {
        writer.write_record(record).unwrap();
    }
    job.write("claims.csv", writer.into_inner().unwrap());
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
        "--force",
        "-q",
    ];
    let said = job.payout(&compute);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

#[test]
fn a_cell_without_a_value_is_refused_in_every_column_that_is_written() {
    let ach: [&str; 4] = ["payee", "routing_number", "account_number", "account_type"];
    let checks = [
        "payee",
        "address_1",
        "address_2",
        "city",
        "state",
        "zip",
        "country",
    ];
    let layouts: [(&[&str], usize, &[&str]); 4] = [
        (&CHECKS, 1, &checks),
        (&POSITIVE_PAY, 1, &["payee"]),
        (&PAYPAL, 2, &["email"]),
        (&ACH, 3, &ach),
    ];
    let damaged = ["#N/A", "nan", "1.23E+05", "=A1", "\\N"];
    let header = records(&job(3).read("claims.csv")).remove(0);
    for (arguments, row, columns) in layouts {
        let place = |name: &&str| header.iter().position(|column| column == name).unwrap();
        let cells = columns.iter().map(place).zip(damaged.into_iter().cycle());
        let job = with_cells(row, &cells.collect::<Vec<_>>());
        let said = export(&job, arguments, "out", &[]);
        assert_eq!(said.status, 2);
        for (name, cell) in columns.iter().zip(damaged.iter().cycle()) {
            let words = format!("claims.csv:{row}:{name}: `{cell}` ");
            assert!(said.stderr.contains(&words), "{words}: {}", said.stderr);
        }
        assert!(!job.path("out").exists());
    }
}

#[test]
fn a_cell_that_is_not_written_may_hold_anything() {
    // The first claimant is paid by check: nobody reads the account number.
    let job = with_cells(1, &[(13, "#N/A")]);
    for (arguments, out) in [(&CHECKS[..], "checks"), (&ACH[..], "ach")] {
        let said = export(&job, arguments, out, &[]);
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
}

#[test]
fn a_whole_payout_is_written_without_decimals_where_they_are_not_taken() {
    let plan = "[settlement]\nname = \"S\"\ncurrency = \"HUF\"\n[fund]\namount = 3000\n\
                [[pool]]\nname = \"p\"\nshares = 1\n";
    let claims = "claimant_id,email\nA,a@example.com\nB,b@example.com\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
        "-q",
    ];
    assert_eq!(job.payout(&compute).status, 0);
    let said = export(&job, &["--layout", "paypal", "--set", "note=x"], "out", &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let file = job.read("out/paypal-1.csv");
    assert!(
        file.starts_with("a@example.com,1500,HUF,A,x,PAYPAL\n"),
        "{file}"
    );
    assert_eq!(job.payout(&["check", "run", "out"]).status, 0);
}

#[test]
fn an_id_too_long_for_ach_can_give_way_to_a_shorter_number() {
    let claims = "claimant_id,number,payee,routing_number,account_number,account_type\n\
                  ACME-2026-0000001,17,Ana,091000019,1,checking\n";
    let plan =
        "[settlement]\nname = \"S\"\n[fund]\namount = 3000\n[[pool]]\nname = \"p\"\nshares = 1\n";
    let own = "base = \"nacha-ppd\"\n[[column]]\nname = \"identification\"\ncolumn = \"number\"\n";
    let job = Job::with(&[
        ("plan.toml", plan),
        ("claims.csv", claims),
        ("own.toml", own),
    ]);
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
        "-q",
    ];
    assert_eq!(job.payout(&compute).status, 0);
    let mut arguments: Vec<&str> = ACH.to_vec();
    arguments.drain(2..4);
    assert_eq!(export(&job, &arguments, "out", &[]).status, 2);
    arguments[1] = "own.toml";
    let said = export(&job, &arguments, "out", &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(job.read("out/nacha-1.ach").contains("17             Ana"));
}

#[test]
fn a_setting_that_only_the_base_reads_need_not_be_given() {
    let job = job(60);
    job.write(
        "own.toml",
        "base = \"positive-pay\"\nwhen = { method = \"check\" }\n[[column]]\nname = \"account\"\ntext = \"7\"\n",
    );
    let arguments = [
        "--layout",
        "own.toml",
        "--date",
        "2026-12-01",
        "--set",
        "first_check=1",
    ];
    let said = export(&job, &arguments, "out", &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(
        job.read("out/positive-pay.csv")
            .starts_with("I,7,1,12/01/2026,")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn claims_files_whose_names_are_no_utf8_are_found_again() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let job = job(60);
    let rows = |from: usize, to: usize| {
        let text = job.read("claims.csv");
        let lines: Vec<&str> = text.lines().collect();
        format!("{}\n{}\n", lines[0], lines[from..to].join("\n"))
    };
    // Two names that differ only by bytes that are no text, and of one size.
    let names = [&b"claims-\xe9.csv"[..], &b"claims-\xe8.csv"[..]];
    for (name, text) in names.iter().zip([rows(1, 11), rows(11, 21)]) {
        std::fs::write(job.path(".").join(OsStr::from_bytes(name)), text).unwrap();
    }
    let run = |arguments: &[&str], names: &[&[u8]]| {
        let mut command = job.command();
        command.args(arguments);
        command.args(names.iter().map(|name| OsStr::from_bytes(name)));
        crate::support::feed(&mut command, b"")
    };
    let compute = ["compute", "--plan", "plan.toml", "--out", "odd", "-q"];
    assert_eq!(run(&compute, &names).status, 0);
    for arguments in [
        &["check", "odd"][..],
        &["explain", "odd", "C000001"],
        &["compare", "odd", "odd"],
        &[
            "export",
            "odd",
            "--layout",
            "paypal",
            "--set",
            "note=x",
            "--when",
            "method=paypal",
            "--out",
            "paid",
        ],
    ] {
        let said = run(arguments, &[]);
        assert_eq!(
            said.status, 0,
            "{arguments:?}: {}{}",
            said.stdout, said.stderr
        );
    }
}
