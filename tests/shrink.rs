//! Makes a failing plan and its claims as small as they can be.
//!
//! Parts of the text are left out, and numbers shortened, as long as the case fails in the
//! same way. A text that is no plan any more does not.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::support::{csv, records};

/// No failure is worth more time.
const LONGEST: Duration = Duration::from_secs(90);

/// The smallest plan and claims found that fail.
pub(crate) fn shrink(
    plan: &str,
    claims: &str,
    fails: &dyn Fn(&str, &str) -> bool,
) -> (String, String) {
    let begun = Instant::now();
    let fails = |plan: &str, claims: &str| begun.elapsed() < LONGEST && fails(plan, claims);
    let (mut plan, mut claims) = (plan.to_owned(), claims.to_owned());
    loop {
        let before = (plan.clone(), claims.clone());
        claims = fewer_rows(&claims, &|claims| fails(&plan, claims));
        plan = fewer_parts(&plan, &|plan| fails(plan, &claims));
        claims = fewer_columns(&claims, &|claims| fails(&plan, claims));
        plan = shorter_numbers(&plan, &|plan| fails(plan, &claims));
        claims = shorter_numbers(&claims, &|claims| fails(&plan, claims));
        if (&plan, &claims) == (&before.0, &before.1) {
            return before;
        }
    }
}

/// Leaves out runs of pieces, long ones first.
fn fewer<T: Clone>(mut pieces: Vec<T>, fails: &dyn Fn(&[T]) -> bool) -> Vec<T> {
    let mut length = pieces.len();
    while length > 0 {
        let mut place = 0;
        while place < pieces.len() {
            let end = (place + length).min(pieces.len());
            let rest = [&pieces[..place], &pieces[end..]].concat();
            if fails(&rest) {
                pieces = rest;
            } else {
                place = end;
            }
        }
        length /= 2;
    }
    pieces
}

/// Leaves out tables, then lines, then what stands between commas and brackets.
fn fewer_parts(plan: &str, fails: &dyn Fn(&str) -> bool) -> String {
    let tables = plan.split_inclusive("\n\n").map(str::to_owned).collect();
    let plan = fewer(tables, &|tables| fails(&tables.concat())).concat();
    let lines = plan.split_inclusive('\n').map(str::to_owned).collect();
    let mut plan = fewer(lines, &|lines| fails(&lines.concat())).concat();
    let mut place = 0;
    while let Some(item) = items(&plan).get(place).cloned() {
        let mut shorter = plan.clone();
        shorter.replace_range(item, "");
        if fails(&shorter) {
            plan = shorter;
        } else {
            place += 1;
        }
    }
    plan
}

/// Where the items of arrays and inline tables stand, each with one of its commas.
fn items(plan: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Where each open bracket's present item begins, and whether a comma is before it.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for (place, byte) in plan.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => open.push((place + 1, false)),
            b',' => {
                if let Some((begin, comma)) = open.last_mut() {
                    found.push(if *comma {
                        *begin - 1..place
                    } else {
                        *begin..place + 1
                    });
                    (*begin, *comma) = (place + 1, true);
                }
            }
            b']' | b'}' => {
                if let Some((begin, comma)) = open.pop() {
                    found.push(begin - usize::from(comma)..place);
                }
            }
            _ => {}
        }
    }
    // The longest first: whole steps before what stands in them.
    found.retain(|item| !plan[item.clone()].trim().is_empty());
    found.sort_by_key(|item| std::cmp::Reverse(item.len()));
    found
}

fn fewer_rows(claims: &str, fails: &dyn Fn(&str) -> bool) -> String {
    // A mark at the beginning and cells in needless quotes go, if they may.
    let mut rows = records(claims.trim_start_matches('\u{feff}'));
    if rows.is_empty() || !fails(&csv(&rows)) {
        let mut lines = claims.split_inclusive('\n');
        let header = lines.next().unwrap_or_default().to_owned();
        let lines = lines.map(str::to_owned).collect();
        let whole = |lines: &[String]| header.clone() + &lines.concat();
        return whole(&fewer(lines, &|lines| fails(&whole(lines))));
    }
    let header = rows.remove(0);
    let whole = |rows: &[Vec<String>]| csv(&[std::slice::from_ref(&header), rows].concat());
    whole(&fewer(rows, &|rows| fails(&whole(rows))))
}

fn fewer_columns(claims: &str, fails: &dyn Fn(&str) -> bool) -> String {
    let rows = records(claims.trim_start_matches('\u{feff}'));
    let width = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != width) {
        return claims.to_owned();
    }
    let only = |columns: &[usize]| {
        let row = |row: &Vec<String>| columns.iter().map(|&column| row[column].clone()).collect();
        csv(&rows.iter().map(row).collect::<Vec<_>>())
    };
    let all: Vec<usize> = (0..width).collect();
    let kept = fewer(all, &|columns| fails(&only(columns)));
    if kept.len() < width {
        only(&kept)
    } else {
        claims.to_owned()
    }
}

/// Writes numbers with fewer digits.
fn shorter_numbers(text: &str, fails: &dyn Fn(&str) -> bool) -> String {
    let mut text = text.to_owned();
    let mut place = 0;
    while let Some(number) = numbers(&text).get(place).cloned() {
        let written = &text[number.clone()];
        let digits = written.replace('_', "");
        let (units, decimals) = digits.split_once('.').unwrap_or((&digits, ""));
        let last = &units[units.len() - 1..];
        let tries = [
            "1".to_owned(),
            "2".to_owned(),
            last.to_owned(),
            units.to_owned(),
            format!("{last}.{decimals}"),
            format!("{}.{decimals}", &units[..units.len().div_ceil(2)]),
            digits[..digits.len() - 1].trim_end_matches('.').to_owned(),
            "1".to_owned() + &"0".repeat(units.len() - 1),
        ];
        let shorter = tries
            .into_iter()
            .filter(|other| other.len() < written.len());
        let shorter = shorter.map(|other| {
            let mut text = text.clone();
            text.replace_range(number.clone(), other.trim_end_matches('.'));
            text
        });
        match shorter.into_iter().find(|shorter| fails(shorter)) {
            Some(shorter) => text = shorter,
            None => place += 1,
        }
    }
    text
}

/// Where numbers of more than one digit stand.
fn numbers(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (place, character) in text.char_indices() {
        let digit = character.is_ascii_digit();
        match found.last_mut() {
            Some(last) if last.end == place && (digit || matches!(character, '.' | '_')) => {
                last.end += 1;
            }
            _ if digit => found.push(place..place + 1),
            _ => {}
        }
    }
    found.retain(|number| number.len() > 1);
    found
}

#[test]
fn a_failing_case_becomes_as_small_as_it_can_be() {
    let plan = "[settlement]\nname = \"Example\"\n\n[fund]\namount = 123_456.78\n\n[[pool]]\n\
        shares = [\n  { add = 1 },\n  { add = { column = \"n\", times = 0.25 }, when = { a = \"x\", b = \"y\" } },\n]\n";
    let claims = "id,n,a\n1,17,x\n2,\"4\n\",y\n3,5,z\n";
    let (plan, claims) = shrink(plan, claims, &|plan, claims| {
        plan.contains("times")
            && plan.contains("when = {")
            && claims.contains("n\n")
            && claims.contains('4')
    });
    assert_eq!(plan, "  { add = { times = 1 }, when = {} },\n");
    assert_eq!(claims, "n\n\"4\n\"\n");
}
