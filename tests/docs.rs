//! The pages for people: that every link leads somewhere, every key of the plan language
//! has its place in the reference, and the words are those of the field.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::markdown::{Part, parts};
use crate::support::names;

/// A page of the project, by its path from the top.
pub(crate) fn page(path: &str) -> String {
    let text = fs::read_to_string(project().join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page, by its path from the top.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ] {
        pages.push(name.to_owned());
    }
    for name in names(&project().join("docs")) {
        pages.push(format!("docs/{name}"));
    }
    pages.push("examples/README.md".to_owned());
    for name in examples() {
        pages.push(format!("examples/{name}/README.md"));
    }
    pages
}

/// The folders of examples, and that of the verifier.
fn examples() -> impl Iterator<Item = String> {
    let names = names(&project().join("examples")).into_iter();
    names.filter(|name| name != "README.md")
}

/// What of a page is not in a fenced block.
fn prose(text: &str) -> String {
    let line = |part| match part {
        Part::Line(line) => Some(format!("{line}\n")),
        Part::Block(_) => None,
    };
    parts(text).into_iter().filter_map(line).collect()
}

/// The anchors that a page has of its own, as `<a id="fund-amount"></a>`.
fn anchors(text: &str) -> Vec<&str> {
    let after = text.split("<a id=\"").skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

/// What may stand after `#` in a link to a page: its headings, as GitHub writes them,
/// and its anchors.
fn targets(text: &str) -> BTreeSet<String> {
    let slug = |heading: &str| -> String {
        let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
        let slug: String = heading.chars().filter(kept).collect();
        slug.to_lowercase().replace(' ', "-")
    };
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let headings = headings.map(|line| slug(line.trim_start_matches('#').trim()));
    headings
        .chain(anchors(text).into_iter().map(str::to_owned))
        .collect()
}

/// What the links of a page lead to.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let after = prose.split("](").skip(1);
    let links = after.filter_map(|rest| rest.split(')').next());
    links.map(str::to_owned).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for name in pages() {
        let text = page(&name);
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((&link, ""));
            let folder = project().join(&name).parent().unwrap().to_path_buf();
            let path: PathBuf = match file {
                "" => project().join(&name),
                file => folder.join(file),
            };
            let there = match place {
                "" => path.exists(),
                place => fs::read_to_string(&path).is_ok_and(|text| targets(&text).contains(place)),
            };
            if !there {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_readme_leads_to_every_page_of_the_documentation() {
    let links = links(&page("README.md"));
    for name in names(&project().join("docs")) {
        assert!(links.contains(&format!("docs/{name}")), "{name}");
    }
}

#[test]
fn the_page_of_examples_leads_to_every_example() {
    let links = links(&page("examples/README.md"));
    for name in examples() {
        assert!(links.contains(&format!("{name}/README.md")), "{name}");
    }
}

#[test]
fn files_of_the_code_that_a_page_names_are_there() {
    let mut wrong = Vec::new();
    for name in pages() {
        for named in prose(&page(&name)).split('`').skip(1).step_by(2) {
            let of_the_code = named.starts_with("src/") || named.starts_with("tests/");
            if of_the_code && !named.contains("NAME") && !project().join(named).exists() {
                wrong.push(format!("{name}: {named}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn sections_of_the_plan_reference_that_the_code_names_are_there() {
    let headings = targets(&page("docs/plan-reference.md"));
    let mut found = 0;
    let mut folders = vec![project().join("src")];
    while let Some(folder) = folders.pop() {
        for name in names(&folder) {
            let path = folder.join(&name);
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for rest in text.split("(plan reference,").skip(1) {
                let heading = rest.split('"').nth(1).unwrap().to_lowercase();
                let slug = heading.replace(' ', "-");
                assert!(headings.contains(&slug), "{}: {heading}", path.display());
                found += 1;
            }
        }
    }
    assert!(found > 0, "no section is named");
}

#[test]
fn the_index_of_keys_has_every_anchor_under_its_key() {
    let reference = page("docs/plan-reference.md");
    let index = reference.split("\n## Index of keys\n").nth(1).unwrap();
    let index = index.split("\n\nParts: ").next().unwrap();
    let mut indexed = Vec::new();
    let mut before = "";
    for row in index.lines().filter(|line| line.starts_with("| `")) {
        let key = row.split('`').nth(1).unwrap();
        assert!(before < key, "`{key}` after `{before}`");
        before = key;
        for link in links(row) {
            assert!(link.ends_with(&format!("-{key}")), "{link} under `{key}`");
            indexed.push(link.trim_start_matches('#').to_owned());
        }
    }
    indexed.sort();
    let mut anchors = anchors(&reference);
    anchors.sort_unstable();
    assert_eq!(indexed, anchors);
}

#[test]
fn the_verifier_cites_headings_of_the_reference() {
    let files = [
        "cells.py",
        "ledger.py",
        "language.py",
        "rows.py",
        "verify.py",
    ];
    let files = files.map(|name| page(&format!("examples/verify/{name}")));
    let reference = page("docs/plan-reference.md");
    let headings: Vec<&str> = reference
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim())
        .collect();
    let mut cited = 0;
    for comment in files
        .iter()
        .flat_map(|file| file.split("# plan reference, ").skip(1))
    {
        let lines = comment.lines().enumerate();
        let comment: Vec<&str> = lines
            .map(|(place, line)| (place, line.trim_start()))
            .take_while(|(place, line)| *place == 0 || line.starts_with('#'))
            .map(|(_, line)| line.trim_start_matches(['#', ' ']))
            .collect();
        for heading in comment.join(" ").split('"').skip(1).step_by(2) {
            assert!(headings.contains(&heading), "no heading \"{heading}\"");
            cited += 1;
        }
    }
    assert!(cited >= 30, "only {cited} headings were found");
    let lines: usize = files.iter().map(|file| file.lines().count()).sum();
    assert!(lines <= 2_080, "too long to read in two hours");
    assert!(files.iter().all(|file| file.lines().count() <= 965));
}
