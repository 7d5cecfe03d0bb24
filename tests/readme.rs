//! The commands of README.md and of the pages in `docs`, run in the order in which a
//! page has them, for each page in a folder of its own that holds a copy of the examples.
//!
//! Of each `console` block, the lines that begin with `$ payout` are run (a
//! line that ends with a backslash goes on in the next); `cargo run` of the release
//! stands for the program. What stands below one is what it prints, standard output and
//! standard error as a terminal shows them; a line `…` stands for any lines. A command
//! with nothing below it has to succeed. A block whose kind is followed by a name, as
//! `toml totals.toml`, is a file of the folder from the beginning.

use std::fs;
use std::path::Path;

use crate::docs::page;
use crate::support::{Job, feed, names};

/// A command as it is typed, and the lines that it prints.
#[derive(Debug, Default, PartialEq, Eq)]
struct Example {
    command: String,
    printed: Vec<String>,
}

/// Fewer commands on all pages mean that they were not found.
const AT_LEAST: usize = 20;

/// How a page that comes before the installation calls the program.
const FROM_SOURCE: &str = "cargo run --release --locked -- ";

fn examples(page: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    // Whether the lines that follow are of a command that is run.
    let mut open = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line.trim_end() == "```console";
            open = false;
        } else if inside && line.starts_with("$ ") {
            let command = line.trim_start_matches("$ ").to_owned();
            let command = command.replace(FROM_SOURCE, "payout ");
            open = command == "payout" || command.starts_with("payout ");
            if open {
                found.push(Example {
                    command,
                    printed: Vec::new(),
                });
            }
        } else if inside && open {
            let example = found.last_mut().unwrap();
            if example.printed.is_empty() && example.command.ends_with('\\') {
                example.command.pop();
                example.command += line.trim_start_matches("> ").trim_start();
            } else {
                example.printed.push(line.to_owned());
            }
        }
    }
    for example in &mut found {
        while example.printed.last().is_some_and(String::is_empty) {
            example.printed.pop();
        }
    }
    found
}

/// The files that a page shows, by name.
fn files(page: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            open = kind.contains(' ');
            if let Some((_, name)) = kind.split_once(' ') {
                files.push((name.to_owned(), String::new()));
            }
        } else if open {
            files.last_mut().unwrap().1 += &format!("{line}\n");
        }
    }
    files
}

/// Whether lines are those expected, `…` claim status for any.
fn fits(expected: &[String], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((line, rest)) if line.trim() == "…" => {
            (0..=found.len()).any(|skipped| fits(rest, &found[skipped..]))
        }
        Some((line, rest)) => found
            .split_first()
            .is_some_and(|(first, others)| first == line && fits(rest, others)),
    }
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// What the commands of a page print that it does not show.
fn wrong_with(page: &str, text: &str) -> Vec<String> {
    let job = Job::new();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&project.join("examples"), &job.path("examples"));
    for (name, content) in files(text) {
        job.write(&name, &content);
    }
    let mut wrong = Vec::new();
    for example in examples(text) {
        let line = format!("exec 2>&1; {}", example.command);
        let said = feed(&mut job.shell(&line), b"");
        let found: Vec<&str> = said.stdout.lines().map(str::trim_end).collect();
        let holds = match example.printed.is_empty() {
            true => said.status == 0,
            false => fits(&example.printed, &found),
        };
        if !holds {
            wrong.push(format!(
                "{page}: $ {}\n--- expected\n{}\n--- found, with status {}\n{}",
                example.command,
                example.printed.join("\n"),
                said.status,
                said.stdout
            ));
        }
    }
    wrong
}

#[test]
fn the_commands_of_every_page_print_what_it_shows() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut pages = vec!["README.md".to_owned()];
    pages.extend(names(&docs).into_iter().map(|name| format!("docs/{name}")));
    // The examples of the reference have a test of their own.
    pages.retain(|name| !name.ends_with("-reference.md"));
    let mut wrong = Vec::new();
    let mut commands = 0;
    for name in pages {
        let text = page(&name);
        commands += examples(&text).len();
        wrong.extend(wrong_with(&name, &text));
    }
    assert!(commands >= AT_LEAST, "only {commands} commands were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn the_plan_of_the_readme_is_a_plan() {
    let readme = page("README.md");
    let plan = readme.split("```toml\n").nth(1).unwrap();
    let plan = plan.split("```").next().unwrap();
    let job = Job::with(&[("plan.toml", plan)]);
    let said = job.payout(&["plan", "plan.toml"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
}

#[test]
fn commands_and_what_they_print_are_found_in_a_text() {
    let readme = "\
Run `payout`:

```console
$ ls
claims.csv
$ payout compute claims.csv \\
>     --quiet
$ cargo run --release --locked -- plan

The fund
…
```

```sh
$ payout not this one
```
";
    let example = |command: &str, printed: &[&str]| Example {
        command: command.to_owned(),
        printed: printed.iter().map(|&line| line.to_owned()).collect(),
    };
    assert_eq!(
        examples(readme),
        [
            example("payout compute claims.csv --quiet", &[]),
            example("payout plan", &["", "The fund", "…"]),
        ]
    );
}

#[test]
fn an_ellipsis_stands_for_any_lines() {
    let expected = ["a", "…", "d"].map(str::to_owned);
    assert!(fits(&expected, &["a", "b", "c", "d"]));
    assert!(fits(&expected, &["a", "d"]));
    assert!(!fits(&expected, &["a", "b"]));
    assert!(!fits(&expected, &["b", "d"]));
}
