//! The commands of README.md, run in the order in which they stand there, in
//! a folder that holds a copy of the examples.
//!
//! Of each `console` block, the lines that begin with `$ payout` are run (a
//! line that ends with a backslash goes on in the next). What stands below one
//! is what it prints, standard output and standard error as a terminal shows
//! them; a line `…` stands for any lines. A command with nothing below it has
//! to succeed.

use std::fs;
use std::path::Path;

use crate::support::{Job, feed};

/// A command as it is typed, and the lines that it prints.
#[derive(Debug, Default, PartialEq, Eq)]
struct Example {
    command: String,
    printed: Vec<String>,
}

fn examples(readme: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    // Whether the lines that follow are of a command that is run.
    let mut open = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line.trim_end() == "```console";
            open = false;
        } else if inside && line.starts_with("$ ") {
            let command = line.trim_start_matches("$ ").to_owned();
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

/// Whether lines are those expected, `…` standing for any.
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

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(project.join("README.md")).unwrap_or_default();
    let job = Job::new();
    copy(&project.join("examples"), &job.path("examples"));
    for example in examples(&readme) {
        let line = format!("exec 2>&1; {}", example.command);
        let said = feed(&mut job.shell(&line), b"");
        let found: Vec<&str> = said.stdout.lines().map(str::trim_end).collect();
        if example.printed.is_empty() {
            assert_eq!(said.status, 0, "{}\n{}", example.command, said.stdout);
        } else {
            assert!(
                fits(&example.printed, &found),
                "$ {}\n--- expected\n{}\n--- found\n{}",
                example.command,
                example.printed.join("\n"),
                said.stdout
            );
        }
    }
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
$ payout plan

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
