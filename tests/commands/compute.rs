//! `payout compute`: what it reads, and what it says.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use payout::internals::claims;
use serde_json::Value;

use super::{CLAIMS, PLAN, compute, job};
use crate::support::{Job, records, sha256};

/// Computes and returns payouts.csv.
fn payouts(job: &Job, arguments: &[&str]) -> String {
    let said = job.payout(arguments);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job.read("payouts/payouts.csv")
}

fn expected_payouts() -> String {
    payouts(&job(), &compute(&[]))
}

fn gzip(content: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The names and row counts of the inputs, as the manifest has them.
fn inputs(job: &Job) -> Vec<(String, u64)> {
    let manifest: Value = serde_json::from_str(&job.read("payouts/manifest.json")).unwrap();
    let inputs = manifest["inputs"].as_array().unwrap().iter();
    inputs
        .map(|input| {
            let name = input["name"].as_str().unwrap().to_owned();
            (name, input["rows"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn it_prints_the_summary_and_says_where_the_run_is() {
    let job = job();
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 0);
    assert_eq!(said.stdout, job.read("payouts/summary.txt"));
    assert!(
        said.stderr.starts_with("wrote payouts\n"),
        "{}",
        said.stderr
    );
}

#[test]
fn with_json_it_prints_the_summary_as_data_and_nothing_else() {
    let job = job();
    let said = job.payout(&compute(&["--json"]));
    assert_eq!(said.stdout, job.read("payouts/summary.json"));
    let seal = sha256(job.read("payouts/manifest.json"));
    let expected = format!("wrote payouts\nseal {seal}\n");
    assert_eq!((said.stderr, said.status), (expected, 0));
}

#[test]
fn with_quiet_it_prints_nothing() {
    let job = job();
    let said = job.payout(&compute(&["--quiet"]));
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", ""));
    assert_eq!(said.status, 0);
}

#[test]
fn with_quiet_and_json_it_prints_only_data() {
    let job = job();
    let said = job.payout(&compute(&["--quiet", "--json"]));
    assert_eq!(said.stdout, job.read("payouts/summary.json"));
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
}

#[test]
fn with_verbose_it_says_a_line_a_stage() {
    let job = job();
    let said = job.payout(&compute(&["-v"]));
    let stages: Vec<&str> = said.stderr.lines().take(3).collect();
    assert_eq!(
        stages,
        [
            "reading claims: 6 rows",
            "allocating the fund: 5 kinds of claim",
            "writing payouts: 6 rows in payouts",
        ]
    );
}

#[test]
fn several_files_are_read_as_one_in_the_order_given() {
    let job = job();
    let header = CLAIMS.lines().next().unwrap();
    let rows: Vec<&str> = CLAIMS.lines().skip(1).collect();
    job.write("first.csv", format!("{header}\n{}\n", rows[..2].join("\n")));
    job.write(
        "second.csv",
        format!("{header}\r\n{}", rows[2..].join("\r\n")),
    );
    let both = ["compute", "first.csv", "second.csv", "--plan", "plan.toml"];
    assert_eq!(payouts(&job, &both), expected_payouts());
    let expected = [("first.csv".to_owned(), 2), ("second.csv".to_owned(), 4)];
    assert_eq!(inputs(&job), expected);
}

#[test]
fn rows_are_counted_over_all_files() {
    let job = job();
    job.write("more.csv", CLAIMS.replace("A-", "B-").replace("A,6", "B,6"));
    let both = [
        "compute",
        "claims.csv",
        "more.csv",
        "--plan",
        "plan.toml",
        "--quiet",
    ];
    assert_eq!(job.payout(&both).status, 0);
    assert_eq!(
        job.read("payouts/unpaid.csv"),
        "claimant_id,row,reason\n\
         A-3,3,status: denied\n\
         A-5,5,received after the deadline\n\
         B-3,9,status: denied\n\
         B-5,11,received after the deadline\n"
    );
}

#[test]
fn a_dash_is_standard_input() {
    let job = job();
    let said = job.payout_fed(&["compute", "-", "--plan", "plan.toml"], CLAIMS.as_bytes());
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(job.read("payouts/payouts.csv"), expected_payouts());
    assert_eq!(inputs(&job), [("-".to_owned(), 6)]);
}

#[test]
fn a_gzip_file_is_read_as_it_is() {
    let job = job();
    job.write("claims.csv.gz", gzip(CLAIMS));
    let arguments = ["compute", "claims.csv.gz", "--plan", "plan.toml"];
    assert_eq!(payouts(&job, &arguments), expected_payouts());
}

#[test]
fn a_gzip_file_of_several_members_is_read_to_its_end() {
    let job = job();
    let (first, second) = CLAIMS.split_at(CLAIMS.find("A-4").unwrap());
    job.write("claims.csv.gz", [gzip(first), gzip(second)].concat());
    let arguments = ["compute", "claims.csv.gz", "--plan", "plan.toml"];
    assert_eq!(payouts(&job, &arguments), expected_payouts());
}

#[test]
fn a_zstd_file_is_read_as_it_is() {
    let job = job();
    let (first, second) = CLAIMS.split_at(CLAIMS.find("A-4").unwrap());
    let pack = |part: &str| zstd::encode_all(part.as_bytes(), 0).unwrap();
    job.write("claims.csv.zst", [pack(first), pack(second)].concat());
    let arguments = ["compute", "claims.csv.zst", "--plan", "plan.toml"];
    assert_eq!(payouts(&job, &arguments), expected_payouts());
}

#[test]
fn packed_claims_are_known_by_their_first_bytes_and_not_by_a_name() {
    let job = job();
    let packed = gzip(CLAIMS);
    let said = job.payout_fed(&["compute", "-", "--plan", "plan.toml"], &packed);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(job.read("payouts/payouts.csv"), expected_payouts());
    let skippable = b"\x5e\x2a\x4d\x18\x02\0\0\0ab";
    let zstd = zstd::encode_all(CLAIMS.as_bytes(), 0).unwrap();
    for (name, content) in [
        ("CLAIMS.CSV.GZ", packed.clone()),
        ("claims.dat", packed.clone()),
        ("padded.csv.gz", [packed, vec![0; 10_000]].concat()),
        ("claims.ZST", zstd.clone()),
        ("claims.zst", [&skippable[..], &zstd].concat()),
    ] {
        job.write(name, content);
        let arguments = ["compute", name, "--plan", "plan.toml", "--force"];
        assert_eq!(payouts(&job, &arguments), expected_payouts(), "{name}");
        let check = job.payout(&["check", "payouts"]);
        assert_eq!(check.status, 0, "{name}: {}", check.stdout);
    }
}

#[test]
fn rows_of_commas_are_skipped_and_counted() {
    let job = job();
    let claims = CLAIMS.replacen("A-4", ",,,,\n\t,,,,\n\" \",,\"\",,\nA-4", 1);
    job.write("claims.csv", format!("{claims},,,,\r\n \n"));
    assert_eq!(payouts(&job, &compute(&[])), expected_payouts());
    let summary: Value = serde_json::from_str(&job.read("payouts/summary.json")).unwrap();
    assert_eq!(summary["claims"]["empty_rows"], 5);
    assert_eq!(summary["warnings"], serde_json::json!([]));
    let text = job.read("payouts/summary.txt");
    assert!(text.contains("Empty rows skipped"), "{text}");
    let check = job.payout(&["check", "payouts"]);
    assert_eq!(check.status, 0, "{}", check.stdout);
}

#[test]
fn ids_that_are_one_number_are_warned_of_with_or_without_adding_rows_up() {
    let claims = "claimant_id\n00123\n7\n123\nC-07\n07\n123.0\nc-7\n1234\n70\n";
    for rows in ["unique", "sum"] {
        let job = job();
        let plan = format!(
            "[settlement]\nname = \"X\"\n\n[fund]\namount = 900\n\n\
             [claims]\nrows = \"{rows}\"\n\n[[pool]]\nname = \"class\"\nshares = 1\n"
        );
        job.write("plan.toml", plan);
        job.write("claims.csv", claims);
        let said = job.payout(&compute(&["--json"]));
        let summary: Value = serde_json::from_str(&said.stdout).unwrap();
        let warning = "4 pairs of ids differ only by leading zeros or a final `.0`; they count as different claimants (first: rows 1 and 3; rows 2 and 5; rows 3 and 6)";
        assert_eq!(summary["warnings"], serde_json::json!([warning]), "{rows}");
    }
}

#[test]
fn what_spreadsheets_do_to_csv_changes_nothing() {
    let as_windows = CLAIMS.replace('\n', "\r\n");
    let all_quoted = CLAIMS
        .replace("A-1,", "\"A-1\",")
        .replace(",CA,", ",\" CA \",");
    for claims in [
        format!("\u{feff}{CLAIMS}"),
        format!("\u{feff}{as_windows}"),
        CLAIMS.trim_end().to_owned(),
        CLAIMS.replace('\n', "\n\n\r\n"),
        all_quoted,
    ] {
        let job = job();
        job.write("claims.csv", &claims);
        assert_eq!(payouts(&job, &compute(&[])), expected_payouts(), "{claims}");
    }
}

#[test]
fn without_a_plan_the_one_that_is_built_in_is_used() {
    let job = Job::new();
    let claims = "claimant_id,subclass,status\nC-1,illinois,approved\nC-2,,approved\n";
    job.write("claims.csv", claims);
    let said = job.payout(&["compute", "claims.csv", "--json"]);
    let summary: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(summary["plan"]["source"], "built-in tiktok");
    let built_in = job.payout(&["init", "--template", "tiktok"]).stdout;
    assert_eq!(job.read("payouts/plan.toml"), built_in);
}

#[test]
fn oddities_are_warnings_in_the_summary_and_no_errors() {
    let job = job();
    let plan = format!(
        "{PLAN}\n[subclass.texas]\nname = \"Texas\"\nwhen = {{ state = \"TX\" }}\n\n\
         [[pool]]\nname   = \"texans\"\nwhen   = {{ in = \"texas\" }}\nshares = 1\n"
    );
    job.write("plan.toml", plan);
    job.write("claims.csv", CLAIMS.replace("A-2", "a-1"));
    let said = job.payout(&compute(&["--json"]));
    let summary: Value = serde_json::from_str(&said.stdout).unwrap();
    let warnings = [
        "1 pair of ids differ only by case or Unicode form; they count as different claimants (first: rows 1 and 2)",
        "no payable or held claim is in subclass `texas`",
        "pool `texans` has no participants",
    ];
    assert_eq!(summary["warnings"], serde_json::json!(warnings));
    let lines: String = warnings
        .map(|warning| format!("warning: {warning}\n"))
        .concat();
    assert!(said.stderr.starts_with(&lines), "{}", said.stderr);
    assert_eq!(said.status, 0);
}

#[test]
fn texts_that_no_text_of_the_plan_matched_are_counted() {
    let job = job();
    let said = job.payout(&compute(&["--json"]));
    let summary: Value = serde_json::from_str(&said.stdout).unwrap();
    let expected = serde_json::json!([{
        "column": "state",
        "different": 2,
        "values": [{ "value": "CA", "rows": 2 }, { "value": "WI", "rows": 1 }],
    }]);
    assert_eq!(summary["unmatched"], expected);
}

#[test]
fn blanks_come_first_among_the_texts_that_no_text_of_the_plan_matched() {
    let job = job();
    let rows = (0..60).map(|row| format!("B-{row},x,S{},approved,2022-01-15\n", row % 30));
    let blank = "B-x,x,,approved,2022-01-15\n".to_owned();
    let claims = CLAIMS.to_owned() + &rows.chain([blank]).collect::<String>();
    job.write("claims.csv", claims);
    let said = job.payout(&compute(&["--force"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let summary = job.read("payouts/summary.txt");
    assert!(
        summary.contains("Column \"state\": (blank) 1, "),
        "{summary}"
    );
    let summary: Value = serde_json::from_str(&job.read("payouts/summary.json")).unwrap();
    assert_eq!(summary["unmatched"][0]["values"][0]["value"], "");
}

#[test]
fn neither_time_zone_nor_language_change_a_byte() {
    let job = job();
    let run = |out: &str, zone: &str, language: &str| {
        let mut command = job.command();
        command.args(compute(&["--out", out, "--quiet"]));
        command
            .env("TZ", zone)
            .env("LC_ALL", language)
            .env("LANG", language);
        assert!(command.status().unwrap().success());
    };
    run("here", "UTC", "C");
    run("there", "Pacific/Kiritimati", "de_DE.UTF-8");
    for name in job.names("here") {
        let (here, there) = (format!("here/{name}"), format!("there/{name}"));
        assert_eq!(job.read(&here), job.read(&there), "{name}");
    }
}

#[test]
fn a_list_of_everything_that_is_wrong_is_written_where_it_is_wanted() {
    let job = job();
    let mut claims = "claimant_id,name,state,status,submitted\n".to_owned();
    for row in 1..=24 {
        claims += &format!("A-{row},Lee,CA,aproved,2022-01-01\n");
    }
    claims += "=1+1,\"Smith, J.\",CA,approved,2022-01-01\nA-26,Lee,\"i\"\"l\",approved,soon\n";
    job.write("claims.csv", claims);
    let said = job.payout(&compute(&["--errors", "errors.csv"]));
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert_eq!(job.names("."), ["claims.csv", "errors.csv", "plan.toml"]);
    let counts = "error: 26 problems of 3 kinds in the claims:\n\
                  \x20        24  C080  status: unknown status, not listed under `pay`, `hold` or `deny`\n";
    assert!(said.stderr.starts_with(counts), "{}", said.stderr);
    let end: Vec<&str> = said.stderr.lines().rev().take(3).collect();
    assert_eq!(
        end,
        [
            "all of them are listed in errors.csv",
            "26 problems in the claims; nothing was written (rows count from 1 below the header: row 1 is line 2)",
            "hint: write it like `2021-09-30`",
        ]
    );
    let list = job.read("errors.csv");
    let list: Vec<&str> = list.lines().collect();
    assert_eq!(list.len(), 27);
    assert_eq!(
        list[1],
        "claims.csv,2,,1,A-1,C080,status,aproved,approved,\"unknown status, not listed under `pay`, `hold` or `deny`\""
    );
    // A spreadsheet that opens the list takes the cell for text.
    assert!(
        list[25].starts_with("claims.csv,26,,25,'=1+1,C070,claimant_id,'=1+1,"),
        "{}",
        list[25]
    );
    assert!(
        list[26].starts_with("claims.csv,27,,26,A-26,C145,submitted,soon,,"),
        "{}",
        list[26]
    );
}

#[test]
fn many_awards_that_all_differ_are_paid_the_same_by_any_number_of_threads() {
    let job = Job::new();
    let mut claims = String::from("claimant_id,loss,status\n");
    for row in 0..80_000_u32 {
        let cents = row * 7919 % 150_001 + 250_000 * (row % 2);
        let status = if row % 40_000 == 9 {
            "denied"
        } else {
            "approved"
        };
        claims += &format!("C{row:040},{}.{:02},{status}\n", cents / 100, cents % 100);
    }
    job.write("claims.csv", claims);
    job.write(
        "plan.toml",
        r#"
        [settlement]
        name = "Losses"
        [fund]
        amount = 200_000_000
        [claims]
        status = "status"
        pay = ["approved"]
        deny = ["denied"]
        [[pool]]
        name = "losses"
        award = [ { add = { column = "loss" } } ]
        at_most = 3_000
        round = "largest-remainder"
        "#,
    );
    let manifest = |threads: &str| {
        let options = ["--plan", "plan.toml", "--quiet", "--force", "--threads"];
        let arguments = [&["compute", "claims.csv"], &options[..], &[threads]];
        let said = job.payout(&arguments.concat());
        assert_eq!(said.status, 0, "{}", said.stderr);
        job.read("payouts/manifest.json")
    };
    let by_one = manifest("1");
    assert_eq!(manifest("3"), by_one);
    // The second algorithm works out every payout once more.
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
    // What the summary says of sizes, from the rows.
    let rows = records(&job.read("payouts/payouts.csv"));
    let (header, rows) = rows.split_first().unwrap();
    assert_eq!(header.last().unwrap(), "payout");
    let cents = |row: &Vec<String>| row.last().unwrap().replace('.', "").parse::<u64>().unwrap();
    let mut sizes: Vec<u64> = rows.iter().map(cents).collect();
    sizes.sort_unstable();
    let median = (sizes[sizes.len() / 2] + sizes[(sizes.len() - 1) / 2]).div_ceil(2);
    let summary: Value = serde_json::from_str(&job.read("payouts/summary.json")).unwrap();
    let text = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
    assert_eq!(summary["payouts"]["median"], text(median));
    assert_eq!(summary["payouts"]["smallest"], text(sizes[0]));
    assert_eq!(summary["payouts"]["largest"], text(sizes[sizes.len() - 1]));
    assert_eq!(summary["payouts"]["count"], rows.len());
}

#[test]
fn claims_of_many_blocks_are_computed_the_same_by_any_number_of_threads() {
    let job = Job::new();
    let said = job.payout(&["sample", "120000", "--out", "claims.csv"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let blocks = job.read("claims.csv").len() / claims::ReadOptions::default().block;
    assert!(blocks >= 3, "only {blocks} blocks");
    let manifest = |threads: &str| {
        let arguments = ["compute", "claims.csv", "--quiet", "--force", "--threads"];
        let said = job.payout(&[&arguments[..], &[threads]].concat());
        assert_eq!(said.status, 0, "{}", said.stderr);
        job.read("payouts/manifest.json")
    };
    let by_one = manifest("1");
    for threads in ["2", "3", "7"] {
        assert_eq!(manifest(threads), by_one, "{threads} threads");
    }
    // As a stream that cannot be cut: only the facts of the input differ.
    let outputs = |manifest: &str| {
        let (_, outputs) = manifest.split_once("\"outputs\"").unwrap();
        outputs.to_owned()
    };
    let claims = std::fs::read(job.path("claims.csv")).unwrap();
    let arguments = ["compute", "-", "--quiet", "--force", "--threads", "3"];
    let said = job.payout_fed(&arguments, &claims);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let row_files = |manifest: &str| {
        outputs(manifest)
            .split("summary.txt")
            .next()
            .unwrap()
            .to_owned()
    };
    let found = job.read("payouts/manifest.json");
    assert_eq!(row_files(&found), row_files(&by_one));
}

#[test]
fn a_file_that_may_have_been_cut_in_its_last_cell_is_told() {
    let job = job();
    let told = "cut.csv does not end with a newline and may be truncated";
    let compute = |job: &Job, claims: &str, options: &[&str]| {
        job.write("cut.csv", claims);
        let usual = ["compute", "cut.csv", "--plan", "plan.toml", "--force"];
        let said = job.payout(&[&usual, options].concat());
        assert_eq!(said.status, 0, "{}", said.stderr);
        (said.stderr, job.read("payouts/summary.json"))
    };
    let whole = compute(&job, CLAIMS, &[]);
    assert!(!whole.0.contains("warning"), "{}", whole.0);
    for options in [&[][..], &["--json"]] {
        let cut = compute(&job, CLAIMS.trim_end(), options);
        assert!(cut.0.contains(told), "{}", cut.0);
        let without_input = |summary: &str| {
            let mut summary: Value = serde_json::from_str(summary).unwrap();
            summary.as_object_mut().unwrap().remove("inputs");
            summary
        };
        assert_eq!(without_input(&cut.1), without_input(&whole.1));
    }
    let (said, _) = compute(&job, CLAIMS.trim_end(), &["--quiet"]);
    assert_eq!(said, "");
}

#[test]
fn an_exclusion_by_a_text_sees_the_single_row_of_an_added_column() {
    let job = Job::new();
    job.write("claims.csv", "claimant_id,n\na,0\na,5\nb,0\nc,3\na,5\n");
    job.write(
        "plan.toml",
        r#"[settlement]
name = "Example"
[fund]
amount = 130
[claims]
status = false
rows = "sum"
[[exclude]]
reason = "nothing claimed"
when = { n = "0" }
[[pool]]
name = "all"
shares = [ { add = { column = "n" } } ]
"#,
    );
    let payouts = payouts(&job, &compute(&[]));
    assert_eq!(
        payouts,
        "claimant_id,subclass,rows,shares,payout\na,,2,10,100.00\nc,,1,3,30.00\n"
    );
    let unpaid = job.read("payouts/unpaid.csv");
    assert_eq!(
        unpaid,
        "claimant_id,row,reason\na,1,nothing claimed\nb,3,nothing claimed\n"
    );
    for command in [&["check", "payouts"][..], &["explain", "payouts", "a"]] {
        let said = job.payout(command);
        assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
    }
}

/// Like the condition of a pool's `drop`, that of all pools together is read for
/// participants only.
#[test]
fn the_condition_of_a_minimum_in_all_is_read_for_participants() {
    let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n[claims]\n\
                status = false\n[payment]\ndrop = { below = 1, method = \"all-at-once\", \
                when = { loss = { from = 0 } } }\n[[pool]]\nname = \"class\"\n\
                shares = [ { add = { column = \"n\" } } ]\n";
    for (claims, status) in [("a,,0\nb,3,1\n", 0), ("a,,1\nb,3,1\n", 2)] {
        let claims = format!("claimant_id,loss,n\n{claims}");
        let job = Job::with(&[("plan.toml", plan), ("claims.csv", &claims)]);
        let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--quiet"]);
        assert_eq!(said.status, status, "{}", said.stderr);
    }
}

#[test]
fn the_last_pool_raises_awards_by_what_a_fund_at_its_upper_limit_leaves() {
    let plan = "[settlement]\nname = \"Limit\"\n\
        [fund]\namount = \"as claimed\"\nat_most = 1\n\
        [claims]\nstatus = false\n\
        [[pool]]\nname = \"a\"\naward = 1\n\
        [[pool]]\nname = \"b\"\nwhen = { more = \"yes\" }\naward = 1\nless = [ { add = 1 } ]\nraise = \"unlimited\"\n";
    let claims = "claimant_id,more\nx,yes\ny,\nz,\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let said = job.payout(&[
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
    ]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let summary: Value = serde_json::from_str(&job.read("run/summary.json")).unwrap();
    assert_eq!(summary["fund"]["as_claimed"], "at_most");
    assert_eq!(summary["pools"][1]["rate_exact"], "101/100");
    assert_eq!(summary["residual"]["amount"], "0.00");
    let said = job.payout(&["check", "run", "--claims", "claims.csv"]);
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
}
