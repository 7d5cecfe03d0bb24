//! `payout compute --statements`: one text for every claimant who is paid.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::read::DeflateDecoder;

use super::{CLAIMS, PLAN, compute, job};
use crate::examples::{folders, trades_option};
use crate::support::{Job, records, sha256};

/// Paths and texts of the statements of a run.
fn statements(job: &Job, run: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let folders = job.names(&format!("{run}/statements"));
    for folder in folders.into_iter().filter(|name| name != "index.csv") {
        for name in job.names(&format!("{run}/statements/{folder}")) {
            let path = format!("statements/{folder}/{name}");
            let text = job.read(&format!("{run}/{path}"));
            found.insert(path, text);
        }
    }
    found
}

/// The same of the archive, read by another hand.
fn archived(job: &Job, run: &str) -> BTreeMap<String, String> {
    let bytes = fs::read(job.path(&format!("{run}/statements.zip"))).unwrap();
    let archive = rawzip::ZipArchive::from_slice(&bytes).unwrap();
    let mut found = BTreeMap::new();
    for entry in archive.entries() {
        let entry = entry.unwrap();
        let path = entry.file_path().try_normalize().unwrap();
        let path = path.as_ref().to_owned();
        let data = archive.get_entry(entry.wayfinder()).unwrap();
        let mut text = String::new();
        let mut reader = data.verifying_reader(DeflateDecoder::new(data.data()));
        reader.read_to_string(&mut text).unwrap();
        assert!(found.insert(path, text).is_none());
    }
    assert!(found.remove("statements/index.csv").is_some());
    found
}

fn path_of(id: &str, name: &str) -> String {
    let digest = sha256(id);
    format!("statements/{}/{name}.txt", digest.get(..2).unwrap())
}

fn shown(plan: &str) -> String {
    format!(
        "{plan}\n[statement]\ndetail = \"full\"\ncolumns = [\"name\"]\ntext = \"Questions? Write to the Settlement \
         Administrator within 30 days of the date on the envelope of this notice.\"\n"
    )
}

#[test]
fn a_statement_says_who_is_paid_what_and_why() {
    let job = Job::with(&[("plan.toml", &shown(PLAN)), ("claims.csv", CLAIMS)]);
    let said = job.payout(&compute(&["--statements", "--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let found = statements(&job, "payouts");
    let expected = [
        path_of("A-1", "A-1"),
        path_of("A-2", "A-2"),
        path_of("A,6", "A%2C6"),
    ];
    let mut expected: Vec<&String> = expected.iter().collect();
    expected.sort();
    assert_eq!(found.keys().collect::<Vec<_>>(), expected);
    assert_eq!(
        found[&path_of("A-1", "A-1")],
        "\
Example Settlement

Payment statement

  Claimant: A-1
  name: Smith, John
  Payment: $500.00

The fund
  The fund is $1,000.00. The following amounts are deducted, in this order:
  1. Fees [fees]: 25% of the fund, rounded to the nearest cent: $250.00.
  The net settlement fund is $750.00.

The claim
  The claim is payable (status: approved).
  Subclass: Illinois Subclass (column \"state\" is \"IL\").

Pool \"class\"
  1. + 1; running total: 1
  2. + 5, because the claimant is in subclass \"Illinois Subclass\"; running
    total: 6
  Shares: 6.
  The pool has $750.00; 4 participants have 9 shares.
  Each share receives $83.333333333333 (exactly 250/3).
  6 × (250/3) = $500.00.
  Payment: $500.00 (no rounding needed).

Questions? Write to the Settlement Administrator within 30 days of the date on
  the envelope of this notice.
"
    );
}

#[test]
fn the_digest_in_the_manifest_is_that_of_a_list_as_sha256sum_makes_it() {
    let job = job();
    job.payout(&compute(&["--statements", "folder", "--quiet"]));
    let mut list = String::new();
    for (path, text) in statements(&job, "payouts") {
        list += &format!("{}  {path}\n", sha256(text));
    }
    let index = "statements/index.csv";
    let digest = sha256(job.read(&format!("payouts/{index}")));
    list += &format!("{digest}  {index}\n");
    let manifest: serde_json::Value =
        serde_json::from_str(&job.read("payouts/manifest.json")).unwrap();
    let outputs = manifest["outputs"].as_array().unwrap();
    let entry = outputs.iter().find(|one| one["name"] == "statements/");
    let entry = entry.unwrap();
    assert_eq!(entry["sha256"], sha256(list));
    assert_eq!(entry["files"], 4);
}

#[test]
fn names_that_a_file_system_may_not_take_are_digests() {
    let long = "/".repeat(67) + "a";
    let ids = ["a/b", ".hid", "Twin", "tWIN", "ünïq", long.as_str()];
    let mut claims = "claimant_id\n".to_owned();
    for id in ids {
        claims += &format!("{id}\n");
    }
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 600\n[claims]\nstatus = false\n\
                [[pool]]\nname = \"class\"\nshares = 1\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", &claims)]);
    let said = job.payout(&compute(&["--statements", "--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let mut expected: Vec<String> = ids
        .iter()
        .map(|id| match *id {
            "a/b" => path_of(id, "a%2Fb"),
            "ünïq" => path_of(id, "%C3%BCn%C3%AFq"),
            _ => path_of(id, &sha256(id)),
        })
        .collect();
    expected.sort();
    let found = statements(&job, "payouts");
    assert_eq!(found.keys().cloned().collect::<Vec<_>>(), expected);
}

#[test]
fn every_example_has_a_statement_for_each_payout_in_a_folder_as_in_an_archive() {
    for folder in folders() {
        let claims = folder.join("claims.csv").display().to_string();
        let plan = folder.join("plan.toml").display().to_string();
        let trades = trades_option(&folder);
        let trades: Vec<&str> = trades.iter().map(String::as_str).collect();
        let job = Job::new();
        for (form, out) in [("folder", "f"), ("zip", "z")] {
            let arguments = ["compute", &claims, "--plan", &plan, "--out", out, "--quiet"];
            let said = job.payout(&[&arguments[..], &["--statements", form], &trades].concat());
            assert_eq!(said.status, 0, "{}", said.stderr);
            let said = job.payout(&[&["check", out, "--claims", &claims][..], &trades].concat());
            assert_eq!(said.status, 0, "{claims}: {}", said.stdout);
            assert!(said.stdout.contains("regenerated and compared"));
        }
        let (of_folder, of_archive) = (statements(&job, "f"), archived(&job, "z"));
        assert_eq!(of_folder, of_archive);
        assert_eq!(job.read("f/payouts.csv"), job.read("z/payouts.csv"));
        let payouts = records(&job.read("f/payouts.csv"));
        assert_eq!(of_folder.len(), payouts.len() - 1, "{claims}");
        let place = payouts[0].iter().position(|name| name == "payout").unwrap();
        for payout in payouts.iter().skip(1) {
            let (id, amount) = (&payout[0], &payout[place]);
            let text = &of_folder[&path_of(id, id)];
            let said = text.lines().find(|line| line.starts_with("  Payment: "));
            let digits: String = said
                .unwrap()
                .replace(|c: char| !c.is_ascii_digit() && c != '.', "");
            assert_eq!(digits.trim_matches('.'), amount, "{text}");
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}

#[test]
fn several_rows_of_a_claimant_make_one_statement() {
    let plan = PLAN
        .replace("[claims]\n", "[claims]\nrows = \"sum\"\n")
        .replace(
            "  { add = 1 },\n  { add = 5, when = { in = \"illinois\" } },\n",
            "  { add = { column = \"units\" } },\n",
        );
    let claims = "\
claimant_id,name,state,status,submitted,units
A-1,Smith,IL,approved,2022-01-15,2
A-2,Lee,CA,approved,2022-01-15,1
A-1,Other,IL,denied,2022-01-16,9
A-1,J. Smith,IL,approved,2022-01-17,3
";
    let job = Job::with(&[("plan.toml", &shown(&plan)), ("claims.csv", claims)]);
    for form in ["folder", "zip"] {
        let said = job.payout(&compute(&["--statements", form, "--force"]));
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert_eq!(job.payout(&["check", "payouts"]).status, 0);
    }
    let found = archived(&job, "payouts");
    assert_eq!(found.len(), 2);
    let text = &found[&path_of("A-1", "A-1")];
    for words in [
        "name: Smith; J. Smith",
        "Row 1 of the claims file: payable",
        "Row 3 of the claims file: not payable (status: denied)",
        "Row 4 of the claims file: payable",
        "Shares: 5.",
        "Payment: $625.00",
    ] {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
}

#[test]
fn the_same_bytes_come_from_any_number_of_threads() {
    let job = Job::new();
    let said = job.payout(&["sample", "3000", "--out", "claims.csv"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let mut seals = Vec::new();
    for threads in ["1", "2", "3", "7", "2"] {
        let mut seal = String::new();
        for form in ["folder", "zip"] {
            let arguments = ["compute", "claims.csv", "--force", "--threads", threads];
            let said = job.payout(&[&arguments[..], &["--statements", form]].concat());
            assert_eq!(said.status, 0, "{}", said.stderr);
            seal += &said.stderr;
        }
        seals.push(seal);
    }
    seals.dedup();
    assert_eq!(seals.len(), 1, "{seals:?}");
}

#[test]
fn a_changed_statement_is_found() {
    type Change = fn(&Job, &str);
    let changes: [(&str, Change); 11] = [
        ("found       Payment: $501.00", |job, path| {
            let text = job
                .read(path)
                .replace("Payment: $500.00", "Payment: $501.00");
            job.write(path, text);
        }),
        ("no such file", |job, path| {
            fs::remove_file(job.path(path)).unwrap();
        }),
        ("belongs to no paid claimant", |job, path| {
            job.write(&path.replace("A-1.txt", "B-1.txt"), "x");
        }),
        ("belongs to no paid claimant", |job, _| {
            fs::create_dir(job.path("payouts/statements/zz")).unwrap();
            job.write("payouts/statements/zz/A-1.txt", "x");
        }),
        ("a folder", |job, _| {
            fs::create_dir(job.path("payouts/statements/00")).unwrap();
        }),
        (".DS_Store", |job, _| {
            job.write("payouts/statements/.DS_Store", "x");
        }),
        ("a symbolic link", |job, path| {
            fs::rename(job.path(path), job.path("elsewhere")).unwrap();
            symlink(job.path("elsewhere"), job.path(path)).unwrap();
        }),
        ("a symbolic link", |job, _| {
            let folder = job.path("payouts/statements");
            fs::rename(&folder, job.path("elsewhere")).unwrap();
            symlink(job.path("elsewhere"), folder).unwrap();
        }),
        ("a folder", |job, path| {
            fs::remove_file(job.path(path)).unwrap();
            fs::create_dir(job.path(path)).unwrap();
        }),
        ("a file", |job, _| {
            fs::remove_dir_all(job.path("payouts/statements")).unwrap();
            job.write("payouts/statements", "x");
        }),
        ("no further lines", |job, path| {
            let mut file = fs::OpenOptions::new()
                .append(true)
                .open(job.path(path))
                .unwrap();
            file.write_all(b"and more\n").unwrap();
        }),
    ];
    for (words, change) in changes {
        let job = job();
        job.payout(&compute(&["--statements", "--quiet"]));
        change(&job, &format!("payouts/{}", path_of("A-1", "A-1")));
        let said = job.payout(&["check", "payouts"]);
        assert_eq!(said.status, 1);
        assert!(
            said.stdout.contains(words),
            "no `{words}` in\n{}",
            said.stdout
        );
    }
}

#[test]
fn the_index_has_the_columns_of_statements_in_the_order_of_the_claims() {
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 100\n[claims]\nstatus = \"status\"\n\
                pay = [\"ok\"]\ndeny = [\"no\"]\nrows = \"sum\"\n[value.twice]\n\
                steps = [ { add = { column = \"loss\", times = 2 } } ]\n\
                [statement]\ncolumns = [\"claimant_id\", \"name\", \"loss\", \"twice\"]\n\
                [[pool]]\nname = \"p\"\naward = [ { add = { column = \"loss\" } } ]\n";
    let claims =
        "claimant_id,status,name,loss\nz,ok,\"Lee, Z\",1\na,ok,Ann,2\nz,no,,9\nz,ok,Zoe,3\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let said = job.payout(&compute(&["--statements", "--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let index = job.read("payouts/statements/index.csv");
    let folder = |id: &str| sha256(id)[..2].to_owned();
    let expected = format!(
        "claimant_id,file,payout,name,loss,twice\nz,{}/z.txt,4.00,\"Lee, Z; Zoe\",4,8\n\
         a,{}/a.txt,2.00,Ann,2,4\n",
        folder("z"),
        folder("a")
    );
    assert_eq!(index, expected);
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
}

#[test]
fn a_changed_index_is_found() {
    /// None to remove the file.
    type Change = fn(String) -> Option<String>;
    let path = "payouts/statements/index.csv";
    let changes: [(&str, Change); 4] = [
        ("expected  A-1,bc/A-1.txt,500.00", |text| {
            Some(text.replace("500.00", "501.00"))
        }),
        ("index.csv: line 1", |text| {
            Some(text.replace("payout", "paid"))
        }),
        ("index.csv: line 5", |text| {
            Some(text + "B-1,ff/B-1.txt,1.00\n")
        }),
        ("index.csv\n  expected  the file", |_| None),
    ];
    for (words, change) in changes {
        let job = job();
        job.payout(&compute(&["--statements", "--quiet"]));
        match change(job.read(path)) {
            Some(text) => job.write(path, text),
            None => fs::remove_file(job.path(path)).unwrap(),
        }
        let said = job.payout(&["check", "payouts"]);
        assert_eq!(said.status, 1);
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }
}

#[test]
fn a_changed_archive_is_found() {
    let job = job();
    job.payout(&compute(&["--statements", "zip", "--quiet"]));
    let path = job.path("payouts/statements.zip");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 1);
    assert!(said.stdout.contains("statements.zip"), "{}", said.stdout);
}

#[test]
fn force_replaces_a_run_with_its_statements_and_nothing_else() {
    let job = job();
    for form in ["folder", "zip", "folder"] {
        let said = job.payout(&compute(&["--statements", form, "--force", "--quiet"]));
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
    let path = format!("payouts/{}", path_of("A-1", "A-1"));
    let mine = [
        "payouts/statements/notes.doc".to_owned(),
        path.replace("A-1.txt", "notes.txt"),
    ];
    for mine in mine {
        job.write(&mine, "mine");
        let said = job.payout(&compute(&["--force"]));
        assert_eq!(said.status, 2);
        assert!(said.stderr.contains("other than a run"), "{}", said.stderr);
        assert_eq!(job.read(&mine), "mine");
        fs::remove_file(job.path(&mine)).unwrap();
    }
    assert_eq!(job.payout(&compute(&["--force"])).status, 0);
}

#[test]
fn columns_that_statements_show_must_be_there() {
    let job = Job::with(&[
        ("plan.toml", &shown(PLAN).replace("\"name\"", "\"nmae\"")),
        ("claims.csv", CLAIMS),
    ]);
    let said = job.payout(&compute(&["--statements"]));
    assert_eq!(said.status, 2);
    for words in [
        "no column `nmae`",
        "[statement] shows",
        "did you mean `name`?",
    ] {
        assert!(
            said.stderr.contains(words),
            "no `{words}` in\n{}",
            said.stderr
        );
    }
    assert_eq!(job.names("."), ["claims.csv", "plan.toml"]);
}

#[test]
fn a_claims_file_is_not_taken_for_a_form() {
    let job = job();
    let said = job.payout(&[
        "compute",
        "--statements",
        "claims.csv",
        "--plan",
        "plan.toml",
    ]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("put the claims file before"),
        "{}",
        said.stderr
    );
}

#[test]
fn an_interrupted_run_leaves_no_statements_behind() {
    let job = Job::new();
    job.payout(&["sample", "60000", "--out", "claims.csv"]);
    let writes_statements = || {
        let names = job.names(".");
        let partial = names.iter().find(|name| name.ends_with(".partial"));
        partial.is_some_and(|partial| job.path(partial).join("statements").exists())
    };
    for wait in [0, 50, 100, 200] {
        let mut command = job.command();
        command.args(["compute", "claims.csv", "--statements", "--quiet"]);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        while !writes_statements() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(wait));
        let kill = format!("kill -INT {}", child.id());
        let _ = Command::new("sh").args(["-c", &kill]).status().unwrap();
        child.wait().unwrap();
        assert_eq!(job.names("."), ["claims.csv"], "after {wait} ms");
    }
}
