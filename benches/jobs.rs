//! Whole runs at growing sizes, beside what else a user could do: copy the
//! file, or write the payouts with DuckDB or Polars. One command:
//!
//! ```sh
//! cargo bench --bench jobs
//! ```
//!
//! It makes its data under `target/tmp/bench`, measures every program several times
//! in turn, compares their payouts with ours, and prints a table; at 10 million
//! also what awards that all differ take, and trades of a tenth as many claimants. After
//! `--`:
//! `--millions 1,3,10,30,89` for other sizes, `--runs 5` for more runs, and
//! `--shapes usual,hyphen,year,uuid,email,quoted,states` for other ids and cells.
//! DuckDB and Polars take part where `python3` can import them.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::panic,
    missing_docs,
    reason = "a benchmark may fail by panicking, and seconds are floats"
)]

mod data;
mod trade_data;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// How many awards there are: their plan has money for so many.
const AWARDS: u64 = 10_000_000;

/// What one run of a program took.
#[derive(Clone, Copy)]
struct Taken {
    wall: f64,
    cpu: f64,
    /// Peak memory in MiB.
    peak: f64,
}

/// A program and how it is called.
struct Program {
    name: String,
    arguments: Vec<String>,
    /// What it writes: removed before each run.
    output: PathBuf,
    /// The payouts among it, to be compared.
    payouts: Option<PathBuf>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == "--measure") {
        return measure(&arguments[2..]);
    }
    let value = |flag: &str| {
        let place = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(place + 1).cloned()
    };
    let millions = value("--millions").unwrap_or_else(|| "1,3,10,30".to_owned());
    let runs: usize = value("--runs").map_or(5, |runs| runs.parse().unwrap());
    assert!(runs > 0, "at least one run");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    fs::create_dir_all(&folder).unwrap();
    println!(
        "| claims | program | seconds | CPU seconds | peak MiB | microseconds a claim | times `cp` |"
    );
    println!("|---|---|---|---|---|---|---|");
    let shapes = value("--shapes").unwrap_or_else(|| "usual".to_owned());
    let shape = |name: &str| {
        let known = data::Shape::ALL.iter().find(|(_, known)| *known == name);
        known.unwrap_or_else(|| panic!("no shape {name}")).0
    };
    for millions in millions.split(',') {
        let rows = (millions.parse::<f64>().unwrap() * 1e6) as u64;
        for name in shapes.split(',') {
            jobs(&folder, rows, runs, (shape(name), name));
        }
    }
}

/// The built-in plan beside the others, and awards that all differ.
fn jobs(folder: &Path, rows: u64, runs: usize, (shape, name): (data::Shape, &str)) {
    let claims = folder.join(format!("claims-{rows}-{name}.csv"));
    if !claims.exists() {
        data::claims(&claims, rows, shape).unwrap();
    }
    let has_states = shape == data::Shape::States;
    let plan = folder.join("states.toml");
    fs::write(&plan, data::states_plan()).unwrap();
    let plan = has_states.then_some(plan.as_path());
    let mut programs = vec![copy(&claims, folder)];
    for threads in [available(), 1] {
        programs.push(payout(&claims, folder, plan, threads));
    }
    // The others carry out the built-in plan alone.
    if rows <= 30_000_000 && !has_states {
        programs.extend(peers(&claims, folder));
    }
    if rows == AWARDS && shape == data::Shape::Usual {
        programs.push(awards(folder));
    }
    table(&format!("{} {name}", grouped(rows)), rows, runs, &programs);
    if rows == AWARDS && shape == data::Shape::Usual {
        table(
            &format!("{} trades", grouped(rows)),
            rows,
            runs,
            &trades(folder, rows),
        );
    }
}

/// Trades, matched first in, first out; DuckDB writes the payouts alone.
fn trades(folder: &Path, rows: u64) -> Vec<Program> {
    let claims = folder.join(format!("claims-of-trades-{rows}.csv"));
    let trades = folder.join(format!("trades-{rows}.csv"));
    if !trades.exists() {
        trade_data::trades(&claims, &trades, rows / trade_data::TRADES_OF_CLAIMANT).unwrap();
    }
    let plan = folder.join("trades.toml");
    fs::write(&plan, trade_data::TRADES_PLAN).unwrap();
    let runs = folder.join("of-trades");
    fs::create_dir_all(&runs).unwrap();
    let mut programs = vec![copy(&trades, folder)];
    for threads in [available(), 1] {
        let mut program = payout(&claims, &runs, Some(&plan), threads);
        program
            .arguments
            .extend(["--trades".to_owned(), text(&trades)]);
        programs.push(program);
    }
    let inputs = [text(&claims), text(&trades)];
    programs.extend(peer(
        ("duckdb", "DuckDB"),
        "trades_with_duckdb",
        &inputs,
        folder,
    ));
    programs
}

/// Awards that all differ, with a ceiling, rounded by largest remainder.
fn awards(folder: &Path) -> Program {
    let claims = folder.join(format!("awards-{AWARDS}.csv"));
    if !claims.exists() {
        data::awards(&claims, AWARDS).unwrap();
    }
    let plan = folder.join("awards.toml");
    fs::write(&plan, data::AWARDS_PLAN).unwrap();
    let runs = folder.join("awards");
    fs::create_dir_all(&runs).unwrap();
    let mut program = payout(&claims, &runs, Some(&plan), available());
    program.name += ", awards that all differ";
    // Nobody else pays them.
    program.payouts = None;
    program
}

fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn copy(claims: &Path, folder: &Path) -> Program {
    let output = folder.join("copy.csv");
    Program {
        name: "`cp` of the claims".to_owned(),
        arguments: vec!["cp".to_owned(), text(claims), text(&output)],
        output,
        payouts: None,
    }
}

fn payout(claims: &Path, folder: &Path, plan: Option<&Path>, threads: usize) -> Program {
    let output = folder.join(format!("run-{threads}"));
    let mut arguments = vec![
        env!("CARGO_BIN_EXE_payout").to_owned(),
        "compute".to_owned(),
        text(claims),
        "--out".to_owned(),
        text(&output),
        "--quiet".to_owned(),
        format!("--threads={threads}"),
    ];
    if let Some(plan) = plan {
        arguments.extend(["--plan".to_owned(), text(plan)]);
    }
    let plural = if threads == 1 { "" } else { "s" };
    Program {
        name: format!("**payout**, {threads} thread{plural}"),
        arguments,
        payouts: Some(output.join("payouts.csv")),
        output,
    }
}

fn peers(claims: &Path, folder: &Path) -> Vec<Program> {
    let modules = [("duckdb", "DuckDB"), ("polars", "Polars")];
    let peers = modules.map(|(module, name)| {
        let script = format!("with_{module}");
        peer((module, name), &script, &[text(claims)], folder)
    });
    peers.into_iter().flatten().collect()
}

/// A script that uses a module of Python, if it is installed.
fn peer(
    (module, name): (&str, &str),
    script: &str,
    inputs: &[String],
    folder: &Path,
) -> Option<Program> {
    let version = format!("import {module}; print({module}.__version__)");
    let version = Command::new("python3")
        .args(["-c", &version])
        .output()
        .ok()?;
    if !version.status.success() {
        eprintln!("{name} is not installed, so it is left out");
        return None;
    }
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    let script = scripts.join(format!("{script}.py"));
    let output = folder.join(format!("{module}.csv"));
    let mut arguments = vec!["python3".to_owned(), text(&script)];
    arguments.extend_from_slice(inputs);
    arguments.extend([text(&output), available().to_string()]);
    Some(Program {
        name: format!("{name} {version}"),
        arguments,
        payouts: Some(output.clone()),
        output,
    })
}

/// Runs the programs in turn, compares their payouts, and prints a row for each.
fn table(claims: &str, rows: u64, runs: usize, programs: &[Program]) {
    let mut taken: Vec<Vec<Taken>> = vec![Vec::new(); programs.len()];
    for round in 0..=runs {
        for (program, taken) in programs.iter().zip(&mut taken) {
            remove(&program.output);
            let one = run(program);
            // The first round warms up, and shows that all say the same.
            if round > 0 {
                taken.push(one);
                // The next one need not wait for the disk to take it.
                remove(&program.output);
            }
        }
        if round == 0 {
            compare(programs);
        }
    }
    let copied = median(&taken[0], |taken| taken.wall);
    for (program, taken) in programs.iter().zip(&taken) {
        let wall = median(taken, |taken| taken.wall);
        println!(
            "| {claims} | {} | {wall:.2} | {:.2} | {:.0} | {:.3} | {:.1} |",
            program.name,
            median(taken, |taken| taken.cpu),
            median(taken, |taken| taken.peak),
            wall * 1e6 / rows as f64,
            wall / copied
        );
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap())
        .collect();
    groups.join(",")
}

fn median(taken: &[Taken], of: fn(&Taken) -> f64) -> f64 {
    let mut figures: Vec<f64> = taken.iter().map(of).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn remove(path: &Path) {
    let _ = fs::remove_dir_all(path);
    let _ = fs::remove_file(path);
}

/// Every program has to pay the same to the same claimants.
fn compare(programs: &[Program]) {
    let mut files = programs.iter().filter_map(|program| {
        let payouts = program.payouts.as_ref()?;
        Some((&program.name, fs::read(payouts).unwrap()))
    });
    let Some((first, expected)) = files.next() else {
        return;
    };
    for (name, found) in files {
        assert!(found == expected, "{name} pays otherwise than {first}");
    }
}

/// Runs a program in a process of its own, which knows what its child took.
fn run(program: &Program) -> Taken {
    let mut measured = Command::new(std::env::current_exe().unwrap());
    measured.arg("--measure").args(&program.arguments);
    let output = measured.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{} failed", program.name);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut figures = text
        .split_whitespace()
        .map(|figure| figure.parse().unwrap());
    let mut next = || figures.next().unwrap();
    Taken {
        wall: next(),
        cpu: next(),
        peak: next(),
    }
}

fn measure(command: &[String]) {
    let begun = Instant::now();
    let status = Command::new(&command[0])
        .args(&command[1..])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let wall = begun.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let seconds = |time: nix::sys::time::TimeVal| {
        use nix::sys::time::TimeValLike;
        time.num_microseconds() as f64 / 1e6
    };
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    println!("{wall} {cpu} {}", usage.max_rss() as f64 / 1024.0);
}
