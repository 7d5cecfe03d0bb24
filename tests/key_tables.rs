//! The tables of keys in the documentation: made from the descriptions by which the
//! program reads plans, layouts and control totals.
//!
//! A table is found by its header. `PAYOUT_BLESS=1 cargo test` rewrites it.

use std::collections::BTreeMap;
use std::path::Path;

use payout::internals::tables::{
    KeyRule, KeyShape, Need, TableShape, of_control_totals, of_facts, of_layouts, of_plans,
};

use crate::docs::page;
use crate::golden::differs_from_golden;

/// A key of a table whose other keys are names of columns.
const OTHER_KEYS: [(&str, &str); 3] = [
    ("in", "condition"),
    ("any", "condition"),
    ("prior", "condition"),
];

/// The name of a table in running text.
fn label(table: &TableShape) -> String {
    match table.id {
        "bracket" => "a bracket of a deduction".to_owned(),
        "layer" => "a bracket of an operand".to_owned(),
        "record" => "`[[before]]` and `[[after]]`".to_owned(),
        _ if table.what.starts_with('[') => format!("`{}`", table.what),
        _ => ["[tax]", "[[portion]]", "[[column]]"]
            .iter()
            .fold(table.what.to_owned(), |what, part| {
                what.replace(part, &format!("`{part}`"))
            }),
    }
}

/// The same in the index of keys.
fn short_label(table: &TableShape) -> String {
    match table.id {
        "bracket" => "brackets of a deduction".to_owned(),
        "layer" => "brackets of an operand".to_owned(),
        "condition" => "condition".to_owned(),
        _ => {
            let label = label(table);
            let name = label.trim_start_matches("a ").trim_start_matches("an ");
            name.to_owned()
        }
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\t', "\\t")
}

fn row(table: &TableShape, key: &KeyShape, anchored: bool) -> String {
    let anchor = match anchored {
        true => format!("<a id=\"{}-{}\"></a>", table.id, key.name),
        false => String::new(),
    };
    let default = match key.need {
        Need::Required => "required".to_owned(),
        Need::AtLeastOnce => "at least once".to_owned(),
        Need::OneOfThese => "one of these".to_owned(),
        Need::Or(text) if serde_json::from_str::<serde_json::Value>(text).is_ok() => {
            format!("`{text}`")
        }
        Need::Or(text) | Need::Often(text) => text.to_owned(),
    };
    let kind = (key.kind)()
        .words
        .replace("[[KEY]]", &format!("[[{}]]", key.name));
    let cells = [kind, default, key.about.to_owned()].map(|text| cell(&text));
    format!("| {anchor}`{}` | {} |\n", key.name, cells.join(" | "))
}

/// The header of the table of keys, and its rows.
fn table_of_keys(table: &TableShape, anchored: bool) -> (String, String) {
    let header = format!("| key of {} | kind | default | states |", label(table));
    let rows = table.keys.iter().map(|key| row(table, key, anchored));
    (header, rows.collect())
}

/// The parts of a plan.
fn parts(plan: &TableShape) -> (String, String) {
    let rows = plan.keys.iter().map(|key| {
        let often = match key.need {
            Need::Required => "once",
            Need::AtLeastOnce => "at least once",
            Need::Often(text) => text,
            need => panic!("{}: {need:?}", key.name),
        };
        format!("| {} | {often} | {} |\n", (key.kind)().words, key.about)
    });
    let header = "| part | how often | states |".to_owned();
    (header, rows.collect())
}

/// Every key with the tables that have it.
fn index(tables: &[TableShape]) -> (String, String) {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut add = |key, table: &TableShape| {
        let link = format!("[{}](#{}-{key})", short_label(table), table.id);
        places.entry(key).or_default().push(link);
    };
    for table in tables {
        for key in table.keys {
            add(key.name, table);
        }
        for (key, id) in OTHER_KEYS {
            if id == table.id {
                add(key, table);
            }
        }
    }
    let rows = places
        .iter()
        .map(|(key, links)| format!("| `{key}` | {} |\n", links.join(", ")));
    ("| key | in |".to_owned(), rows.collect())
}

/// Keys that exclude each other.
fn exclusions(tables: &[TableShape]) -> (String, String) {
    let names = |keys: &[&str], word: &str| {
        let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
            None => String::new(),
        }
    };
    let mut rows = String::new();
    for table in tables {
        for (position, rule) in table.rules.iter().enumerate() {
            let place = match position {
                0 => short_label(table),
                _ => String::new(),
            };
            let (rule, only) = match *rule {
                KeyRule::IfIt(key, kinds, rule) => {
                    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.words()).collect();
                    (*rule, format!(", if `{key}` is {}", kinds.join(" or ")))
                }
                rule => (rule, String::new()),
            };
            let what = match rule {
                KeyRule::AnyOf(keys, _) => format!("none of {}", names(keys, "and")),
                KeyRule::IfIt(..) => panic!("a rule within two"),
                KeyRule::One([one, other], ..) => format!("`{one}` with `{other}`"),
                KeyRule::One(keys, ..) => format!("any two of {}", names(keys, "and")),
                KeyRule::With(key, others) => format!("`{key}` without {}", names(others, "or")),
                KeyRule::Without(key, others, _) => {
                    format!("`{key}` with {}", names(others, "or"))
                }
            };
            rows += &format!("| {place} | {what}{only} |\n");
        }
    }
    ("| where | cannot be combined |".to_owned(), rows)
}

/// The page with these tables in place of those that it has.
fn with_tables(page: &str, tables: Vec<(String, String)>) -> String {
    let mut text = page.to_owned();
    for (header, rows) in tables {
        let header_line = format!("\n{header}\n");
        let mut found = text.match_indices(&header_line);
        let (start, _) = found.next().unwrap_or_else(|| panic!("no {header}"));
        assert!(found.next().is_none(), "two tables {header}");
        let start = start + 1;
        let columns = header.matches(" |").count();
        let line = format!("|{}\n", "---|".repeat(columns));
        let old = text[start..].split_inclusive('\n');
        let old = old.take_while(|line| line.starts_with('|')).map(str::len);
        let end = start + old.sum::<usize>();
        text.replace_range(start..end, &format!("{header}\n{line}{rows}"));
    }
    text
}

fn check(path: &str, tables: Vec<(String, String)>) {
    let found = with_tables(&page(path), tables);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let differs = differs_from_golden(&path, &found);
    assert!(differs.is_none(), "{}", differs.unwrap());
}

#[test]
fn the_plan_reference_has_every_key_of_the_language() {
    let tables = of_plans();
    let (plan, others) = tables.split_first().unwrap();
    let mut expected: Vec<_> = others.iter().map(|t| table_of_keys(t, true)).collect();
    expected.extend([parts(plan), index(others), exclusions(others)]);
    check("docs/plan-reference.md", expected);
}

#[test]
fn the_page_on_later_payments_has_every_key_of_facts() {
    let tables = of_facts();
    let expected = tables.iter().map(|table| table_of_keys(table, false));
    check("docs/after-the-first-payment.md", expected.collect());
}

#[test]
fn the_page_on_layouts_has_every_key_of_a_layout() {
    let tables = of_layouts();
    let expected = tables.iter().map(|table| table_of_keys(table, false));
    check("docs/layouts.md", expected.collect());
}

#[test]
fn the_page_on_verifying_has_every_key_of_control_totals() {
    let tables = of_control_totals();
    let expected = tables.iter().map(|table| table_of_keys(table, false));
    check("docs/verifying.md", expected.collect());
}

/// A rule about a key that the table lacks would never apply.
#[test]
fn rules_name_keys_of_their_table() {
    let tables = of_plans()
        .into_iter()
        .chain(of_layouts())
        .chain(of_control_totals());
    for table in tables {
        for rule in table.rules {
            let rule = match *rule {
                KeyRule::IfIt(_, _, rule) => *rule,
                rule => rule,
            };
            let (keys, others) = match rule {
                KeyRule::IfIt(key, ..) => (vec![key], Vec::new()),
                KeyRule::One(keys, ..) | KeyRule::AnyOf(keys, _) => (keys.to_vec(), Vec::new()),
                KeyRule::With(key, others) | KeyRule::Without(key, others, _) => {
                    (vec![key], others.to_vec())
                }
            };
            for name in keys.into_iter().chain(others) {
                assert!(table.keys.iter().any(|key| key.name == name), "{name}");
            }
        }
    }
}
