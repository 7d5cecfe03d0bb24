//! `docs/errors.md`, which is made from the catalogue of messages, and that the catalogue
//! has a section for every code.
//!
//! `PAYOUT_BLESS=1 cargo test errors_page` rewrites the page.

use std::collections::BTreeMap;
use std::path::Path;

use payout::internals::CODES;

use crate::catalogue::{Section, pages};
use crate::golden::differs_from_golden;

const BEGINNING: &str = "\
# Errors

Every error begins with a code, as in `error[C111]: claims.csv:2:loss: …`. Lists of
`--errors` and the JSON of a failed command have it, too, and `payout help C111` prints
the entry of this page. The first letter says what is at fault: the **P**lan, the
**C**laims, the **A**llocation, the **R**un folder, a chec**K**, an e**X**port, the
**U**sage of the command line, the **S**ystem, or the program itself (**B**ug). Codes do
not change from version to version; words may.

A test makes this page from `tests/messages`, where every message is pinned word for word.
";

/// The pages with the general section of a code that several pages have.
const AREAS: [(&str, &str); 6] = [
    ("P", "plan-"),
    ("C", "claims-"),
    ("X", "export-"),
    ("U", "command-"),
    ("K", "runs"),
    ("R", "command-"),
];

/// A section of each code: the general one, if several pages have one.
fn sections() -> BTreeMap<String, Section> {
    let mut by_code: BTreeMap<String, (bool, Section)> = BTreeMap::new();
    for page in pages() {
        let area = page.path.file_stem().unwrap().to_str().unwrap();
        for section in page.sections {
            let code = section.title.split(' ').next().unwrap().to_owned();
            let mut areas = AREAS.iter();
            let general =
                areas.any(|(letter, pages)| code.starts_with(letter) && area.starts_with(pages));
            let known = by_code.get(&code);
            if known.is_none_or(|(was_general, _)| general && !was_general) {
                by_code.insert(code, (general, section));
            }
        }
    }
    let sections = by_code.into_iter();
    sections
        .map(|(code, (_, section))| (code, section))
        .collect()
}

fn codes() -> impl Iterator<Item = &'static str> {
    CODES.iter().flat_map(|codes| codes.iter().copied())
}

#[test]
fn a_code_belongs_to_one_message() {
    let mut all: Vec<&str> = codes().collect();
    all.sort_unstable();
    let twice = all.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None);
}

#[test]
fn every_code_has_a_section_of_the_catalogue_that_shows_it() {
    let sections = sections();
    let missing: Vec<&str> = codes()
        .filter(|code| !sections.contains_key(*code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    for (code, section) in sections {
        assert!(codes().any(|known| known == code), "{code} is no code");
        let shown = format!("error[{code}]: ");
        for case in &section.cases {
            let text = &case.console.as_ref().unwrap().text;
            assert!(text.contains(&shown), "{} does not show {code}", case.name);
        }
    }
}

#[test]
fn the_page_of_errors_is_that_of_the_catalogue() {
    let mut page = BEGINNING.to_owned();
    for Section { title, why, cases } in sections().values() {
        page += &format!("\n## {title}\n\n{}\n", why.trim());
        if let Some(console) = cases.first().and_then(|case| case.console.as_ref()) {
            page += &format!("\n```text\n{}```\n", console.text);
        }
    }
    assert_eq!(page.matches("\n## ").count(), codes().count());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    assert_eq!(differs_from_golden(&path, &page), None);
}
