//! The claims file: rows, what becomes of each, and the claims they make up.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::folded;
use super::formula::exact;
use super::number::{plain, shortest, sum};
use super::plan::{ClaimsRules, Plan, Status};
use super::refused::{Kind, Refused};

type Result<T> = std::result::Result<T, Refused>;

/// One row, or the accepted rows of one claimant merged.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub id: String,
    /// The first row, counted from 1.
    pub row: usize,
    /// Every row of it.
    pub rows: Vec<usize>,
    pub status: String,
    pub held: bool,
    /// Keys, in the order of the plan.
    pub subclasses: Vec<String>,
    cells: BTreeMap<String, String>,
}

impl Claim {
    pub(super) fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// The claims file, sorted.
pub(super) struct Claims {
    /// Number of data rows.
    pub rows: usize,
    /// Number of different ids.
    pub claimants: usize,
    /// Payable and held claims, in the order of the file.
    pub accepted: Vec<Claim>,
    /// Rows that are excluded or denied, with the reason.
    pub refused: Vec<(Claim, String)>,
}

impl Claims {
    pub(super) fn read(bytes: &[u8], plan: &Plan) -> Result<Claims> {
        let rows = read_rows(bytes, plan)?;
        let claimants = check_ids(&rows, &plan.claims)?;
        for row in &rows {
            check_values(row, plan)?;
            check_near_misses(row, &plan.early_texts())?;
        }
        let mut claims = Claims {
            rows: rows.len(),
            claimants,
            accepted: Vec::new(),
            refused: Vec::new(),
        };
        for row in rows {
            claims.sort(row, plan)?;
        }
        for row in &claims.accepted {
            check_near_misses(row, &plan.late_texts())?;
            if let Some(tax) = &plan.tax {
                tax.earlier_payments(row, &plan.columns)?;
            }
        }
        claims.accepted = merged(claims.accepted, plan)?;
        for claim in &mut claims.accepted {
            for subclass in &plan.subclasses {
                if subclass.when.holds(claim)? {
                    claim.subclasses.push(subclass.key.clone());
                }
            }
        }
        Ok(claims)
    }

    /// Exclusions come first, in order, then the status.
    fn sort(&mut self, mut row: Claim, plan: &Plan) -> Result<()> {
        let fate = status_of(&row, &plan.claims)?;
        for exclude in &plan.excludes {
            if exclude.when.holds(&row)? {
                self.refused.push((row, exclude.reason.clone()));
                return Ok(());
            }
        }
        if fate == Fate::Denied {
            let reason = format!("status: {}", row.status);
            self.refused.push((row, reason));
        } else {
            row.held = fate == Fate::Held;
            self.accepted.push(row);
        }
        Ok(())
    }
}

#[derive(PartialEq, Eq)]
enum Fate {
    Payable,
    Held,
    Denied,
}

fn status_of(row: &Claim, rules: &ClaimsRules) -> Result<Fate> {
    let Status::Column {
        pay, hold, deny, ..
    } = &rules.status
    else {
        return Ok(Fate::Payable);
    };
    match &row.status {
        status if pay.contains(status) => Ok(Fate::Payable),
        status if hold.contains(status) => Ok(Fate::Held),
        status if deny.contains(status) => Ok(Fate::Denied),
        status => Err(Refused::row(row.row, format!("unknown status `{status}`"))),
    }
}

/// Every row as a claim of its own, its cells without the white space around them.
fn read_rows(bytes: &[u8], plan: &Plan) -> Result<Vec<Claim>> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::claims("not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let broken = |error: csv::Error| Refused::claims(error.to_string());
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .map_err(broken)?
        .iter()
        .map(|name| name.trim().to_string())
        .collect();
    check_header(&header, plan)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let cells = record.iter().map(|cell| cell.trim().to_string());
        rows.push(row(
            rows.len() + 1,
            header.iter().cloned().zip(cells).collect(),
            &plan.claims,
        )?);
    }
    if rows.is_empty() {
        return Err(Refused::claims("no rows"));
    }
    Ok(rows)
}

fn row(number: usize, cells: BTreeMap<String, String>, rules: &ClaimsRules) -> Result<Claim> {
    let is_control = |character: char| character.is_control() && !matches!(character, '\n' | '\r');
    if let Some(cell) = cells.values().find(|cell| cell.contains(is_control)) {
        return Err(Refused::row(
            number,
            format!("control character in `{cell}`"),
        ));
    }
    let status = match &rules.status {
        Status::Column { name, .. } => cells[name].clone(),
        _ => String::new(),
    };
    let (id, rows, subclasses) = (cells[&rules.id].clone(), vec![number], Vec::new());
    Ok(Claim {
        id,
        row: number,
        rows,
        status,
        held: false,
        subclasses,
        cells,
    })
}

fn check_header(header: &[String], plan: &Plan) -> Result<()> {
    let unique: BTreeSet<&String> = header.iter().collect();
    if unique.len() < header.len() {
        return Err(Refused::claims("two columns have one name"));
    }
    if let Some(missing) = plan
        .named_columns()
        .iter()
        .find(|name| !unique.contains(name))
    {
        return Err(Refused::claims(format!("no column `{missing}`")));
    }
    let is_status = |name: &&String| {
        name.to_lowercase() == "status" || name.to_lowercase().ends_with("_status")
    };
    match header.iter().find(is_status) {
        Some(name) if matches!(plan.claims.status, Status::Unsaid) => Err(Refused::claims(
            format!("there is a column `{name}`, but the plan says nothing about status"),
        )),
        _ => Ok(()),
    }
}

/// Checks every id, and counts how many different ones there are.
fn check_ids(rows: &[Claim], rules: &ClaimsRules) -> Result<usize> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let bad_start = row.id.starts_with(['=', '+', '-', '@']);
        if row.id.is_empty() || row.id.len() > 128 || bad_start || row.id.contains(char::is_control)
        {
            return Err(Refused::row(
                row.row,
                format!("`{}` cannot be an id", row.id),
            ));
        }
        let earlier = *first.entry(&row.id).or_insert(row.row);
        if earlier != row.row && !rules.sum {
            let problem = format!("`{}` is there twice", row.id);
            return Err(Refused {
                kind: Kind::Claims,
                rows: vec![earlier, row.row],
                problem,
            });
        }
    }
    Ok(first.len())
}

fn check_values(row: &Claim, plan: &Plan) -> Result<()> {
    for (name, column) in plan.columns.iter() {
        let cell = row.cell(name);
        if column
            .values
            .as_ref()
            .is_some_and(|values| values.iter().all(|value| value != cell))
        {
            return Err(Refused::row(
                row.row,
                format!("column `{name}`: `{cell}` is none of its values"),
            ));
        }
    }
    Ok(())
}

/// A cell may not differ from a text that the plan names only by case or white space.
fn check_near_misses(row: &Claim, texts: &BTreeSet<(String, String)>) -> Result<()> {
    for (name, text) in texts {
        let cell = row.cell(name);
        if cell != text && folded(cell) == folded(text) {
            return Err(Refused::row(
                row.row,
                format!("column `{name}`: `{cell}` is almost `{text}`"),
            ));
        }
    }
    Ok(())
}

/// The accepted rows of one claimant become one claim, at the place of the first.
fn merged(rows: Vec<Claim>, plan: &Plan) -> Result<Vec<Claim>> {
    if !plan.claims.sum {
        return Ok(rows);
    }
    let amounts = plan.amount_columns();
    if let Some((name, _)) = plan
        .late_texts()
        .iter()
        .find(|(name, _)| amounts.contains(name))
    {
        return Err(Refused::plan(format!(
            "column `{name}` is added up, so it cannot be compared with texts"
        )));
    }
    for row in &rows {
        check_amounts(row, plan, &amounts)?;
    }
    let mut claims: Vec<Vec<Claim>> = Vec::new();
    for row in rows {
        match claims.iter_mut().find(|claim| claim[0].id == row.id) {
            Some(claim) => claim.push(row),
            None => claims.push(vec![row]),
        }
    }
    claims
        .iter()
        .map(|rows| merge(rows, plan, &amounts))
        .collect()
}

/// Cells that are added up must be amounts on every accepted row.
fn check_amounts(row: &Claim, plan: &Plan, amounts: &BTreeSet<String>) -> Result<()> {
    for name in amounts {
        let cell = row.cell(name);
        if !cell.is_empty() && plan.columns.named(name).amount(cell).is_none() {
            return Err(Refused::row(
                row.row,
                format!("column `{name}`: `{cell}` is no plain amount"),
            ));
        }
    }
    Ok(())
}

fn merge(rows: &[Claim], plan: &Plan, amounts: &BTreeSet<String>) -> Result<Claim> {
    let mut claim = rows[0].clone();
    claim.rows = rows.iter().map(|row| row.row).collect();
    let differ = |problem: String| Refused {
        rows: claim.rows.clone(),
        ..Refused::claims(problem)
    };
    if rows.iter().any(|row| row.held != claim.held) {
        return Err(differ(format!("`{}` is both payable and held", claim.id)));
    }
    for name in plan.agreeing_columns() {
        if rows.iter().any(|row| row.cell(&name) != claim.cell(&name)) {
            return Err(differ(format!(
                "`{}` has several values in column `{name}`",
                claim.id
            )));
        }
    }
    for name in amounts {
        let column = plan.columns.named(name);
        let cells: Vec<_> = rows
            .iter()
            .filter_map(|row| column.amount(row.cell(name)))
            .collect();
        if !cells.is_empty() {
            let total = exact(sum(&cells), &claim)?;
            claim.cells.insert(name.clone(), shortest(&total));
        }
    }
    debug_assert!(
        amounts
            .iter()
            .all(|name| claim.cell(name).is_empty() || plain(claim.cell(name)).is_some())
    );
    Ok(claim)
}
