//! A plan as a query for DuckDB, so that anyone can redo its payouts over the
//! claims file with a program that shares nothing with this one.
//!
//! Only plans that a short query can carry out exactly are written: one pool
//! whose shares are made of the numbers of the plan. All arithmetic is in
//! `HUGEINT`, where an overflow is an error; `//` is its whole division.

mod terms;

use anyhow::Result;

use crate::base::decimal;
use crate::base::diagnostics::{Problem, position, quotable};
use crate::base::money::Money;
use crate::plan::column::ColumnUse;
use crate::plan::sql::terms::{cell, condition, identifier, text, texts, whole};
use crate::plan::{
    Column, Plan, Pool, Rounding, RoundingUnit, RowsRule, StatusMeaning, StatusRule, WeightKind,
};

/// White space around a cell, as the program knows it, for RE2.
const TRIM: &str = r"'^[\s\p{Z}]+|[\s\p{Z}]+$'";

/// The plan as a query; `money` is what its pool has.
pub(crate) fn duckdb(plan: &Plan, money: Money) -> Result<String> {
    let pool = only_pool(plan)?;
    let (units, scale) = terms::units(plan, &pool.weight)?;
    let one_share = decimal::power_of_ten(scale)
        .ok_or_else(|| outside("has shares with too many decimals", Some(pool.weight.line)))?;
    let query = QueryWriter {
        plan,
        pool,
        money,
        units,
        one_share,
        scale,
    };
    let parts = [
        query.opening()?,
        query.outcome()?,
        query.claim_status()?,
        query.members()?,
        query.weighed()?,
        query.payments(),
        query.closing()?,
    ];
    Ok(parts.concat())
}

/// What is refused because the query could not carry it out.
fn outside(what: impl AsRef<str>, line: Option<usize>) -> anyhow::Error {
    let line = line.map_or_else(String::new, |line| format!(" (line {line} of the plan)"));
    Problem::new(
        format!("the plan {}{line}, which the query cannot carry out", what.as_ref()),
        "queries are for plans of one pool whose shares are numbers of the plan; `payout check` computes any run anew",
    )
    .into()
}

/// The pool of the plan, if the plan is one that the query can carry out.
fn only_pool(plan: &Plan) -> Result<&Pool> {
    let line = |pool: &Pool| Some(position(&plan.source.text, pool.span.start).0);
    if let Some(second) = plan.pools.get(1) {
        return Err(outside("has several pools", line(second)));
    }
    let pool = plan
        .pools
        .first()
        .ok_or_else(|| outside("has no pool", None))?;
    if plan.claims.rows == RowsRule::Sum {
        return Err(outside("adds up rows, by `rows = \"sum\"`", None));
    }
    if pool.measure == WeightKind::Award {
        return Err(outside("has an `award`", Some(pool.weight.line)));
    }
    let limits = [
        ("at_least", &pool.at_least),
        ("at_most", &pool.at_most),
        ("less", &pool.less),
    ];
    for (key, limit) in limits {
        if let Some(formula) = limit {
            return Err(outside(format!("has `{key}`"), Some(formula.line)));
        }
    }
    if pool.drop.is_some() {
        return Err(outside("has `drop`", line(pool)));
    }
    let mut names: Vec<String> = columns(plan)
        .map(|column| column.name.to_lowercase())
        .collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        let what = "reads columns whose names differ only in capitals";
        return Err(outside(what, None));
    }
    Ok(pool)
}

/// The columns that the plan reads.
fn columns(plan: &Plan) -> impl Iterator<Item = &Column> {
    let all = plan.columns.iter().map(|(_, column)| column);
    all.filter(|column| column.reader == ColumnUse::Rules)
}

/// A plan on its way to a query.
struct QueryWriter<'p> {
    plan: &'p Plan,
    pool: &'p Pool,
    money: Money,
    /// The shares of a claim as an expression, in whole units.
    units: String,
    /// How many of these units one share is: ten to the power of `scale`.
    one_share: i128,
    scale: u32,
}

impl QueryWriter<'_> {
    /// What the query is, the claims file, and its cells.
    fn opening(&self) -> Result<String> {
        let plan = self.plan;
        let mut names = Vec::new();
        let mut cells = Vec::new();
        for column in columns(plan) {
            names.push(text(&column.name)?);
            cells.push(format!(
                "    regexp_replace(coalesce({}, ''), {TRIM}, '', 'g') AS {}",
                identifier(&column.name)?,
                cell(&column.name)?
            ));
        }
        Ok(format!(
            "\
-- {settlement}
-- ({source}): what payouts.csv holds, computed by DuckDB from the claims file.
--
-- To use it on another file, change 'claims.csv' below; nothing else.
-- All arithmetic is in whole numbers (HUGEINT), and an overflow is an error.
-- Run it on a file that `payout compute` accepts: it does not look for
-- everything that makes `payout compute` refuse a file.
WITH
-- The claims file, every cell as the text that it is.
file AS (
  SELECT *
  FROM read_csv('claims.csv',
    all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',
    comment = '', nullstr = '', skip = 0, strict_mode = true, parallel = false)
),
-- The names of its columns, and of those the plan reads, to the letter.
header AS (
  SELECT struct_keys(\"the whole row\") AS names,
    list_has_all(names, [{names}]) AS complete
  FROM file AS \"the whole row\"
  LIMIT 1
),
-- The cells that the plan reads, without the white space around them.
cells AS (
  SELECT row_number() OVER () AS row_no,
{cells}
  FROM file
),
",
            settlement = quotable(&plan.settlement.name),
            source = quotable(&plan.source.name),
            names = names.join(", "),
            cells = cells.join(",\n"),
        ))
    }

    /// What the status of each row means, and whether it is excluded.
    fn outcome(&self) -> Result<String> {
        let plan = self.plan;
        let mut excluded = String::from("false");
        for exclude in plan.excludes.iter().rev() {
            let when = condition(plan, &exclude.when, None)?;
            excluded = format!("CASE WHEN {when} THEN true ELSE {excluded} END");
        }
        let meaning = match &plan.claims.status {
            StatusRule::Unsaid | StatusRule::AllPayable => "'pay'".to_owned(),
            StatusRule::Column { column, meanings } => {
                let mut cases = format!("CASE {}", cell(plan.columns.name(*column))?);
                for (status, meaning) in meanings {
                    let meaning = match meaning {
                        StatusMeaning::Pay => "pay",
                        StatusMeaning::Hold => "hold",
                        StatusMeaning::Deny => "deny",
                    };
                    cases += &format!("\n      WHEN {} THEN '{meaning}'", text(status)?);
                }
                cases + "\n    END"
            }
        };
        Ok(format!(
            "\
-- What the status of each row means, whether the row is excluded, and how many
-- rows have its id.
judged AS (
  SELECT *,
    {meaning} AS meaning,
    {excluded} AS excluded,
    count(*) OVER (PARTITION BY {id}) AS rows_of_id
  FROM cells
),
",
            id = cell(plan.columns.name(plan.claims.id))?
        ))
    }

    /// What becomes of each row, after the errors that a file may have.
    fn claim_status(&self) -> Result<String> {
        let plan = self.plan;
        let id = cell(plan.columns.name(plan.claims.id))?;
        let mut cases = format!(
            "      WHEN NOT (SELECT complete FROM header)
        THEN error('the file lacks a column of the plan: names must be the same to the letter')
      WHEN {id} = '' THEN error('row ' || row_no || ' has no id')
      WHEN rows_of_id > 1 THEN error('an id occurs twice: ' || {id})
"
        );
        if matches!(plan.claims.status, StatusRule::Unsaid) {
            cases += "      WHEN (SELECT bool_or(lower(trim(name)) = 'status' OR ends_with(lower(trim(name)), '_status'))
            FROM (SELECT unnest(names) AS name FROM header))
        THEN error('the file has a status column, and the plan does not say what it means')\n";
        }
        for column in columns(plan) {
            if let Some(values) = &column.values {
                let cell = cell(&column.name)?;
                cases += &format!(
                    "      WHEN {cell} NOT IN ({}) THEN error('row ' || row_no || ' has a text that the plan does not allow: ' || {cell})\n",
                    texts(values)?
                );
            }
        }
        if let StatusRule::Column { column, .. } = &plan.claims.status {
            let cell = cell(plan.columns.name(*column))?;
            cases += &format!(
                "      WHEN meaning IS NULL THEN error('row ' || row_no || ' has an unknown status: ' || {cell})\n"
            );
        }
        Ok(format!(
            "\
-- What becomes of each row: excluded, or what its status says. What is wrong
-- with the file stops the query here.
standing AS (
  SELECT *,
    CASE
{cases}      WHEN excluded THEN 'excluded'
      ELSE meaning
    END AS standing
  FROM judged
),
"
        ))
    }

    /// The subclasses of each claim that takes part.
    fn members(&self) -> Result<String> {
        let plan = self.plan;
        let mut members = String::new();
        let mut keys = Vec::new();
        for (number, subclass) in plan.subclasses.iter().enumerate() {
            let member = terms::member(number);
            let when = condition(plan, &subclass.when, None)?;
            members += &format!(",\n    {when} AS {member}");
            keys.push(format!(
                "CASE WHEN {member} THEN {} END",
                text(&subclass.key)?
            ));
        }
        let joined = if keys.is_empty() {
            "''".to_owned()
        } else {
            format!("concat_ws(';', {})", keys.join(", "))
        };
        Ok(format!(
            "\
-- The claims that are paid or held, and the subclasses that each is in.
members AS (
  SELECT *{members}
  FROM standing
  WHERE standing IN ('pay', 'hold')
),
-- The subclasses as payouts.csv has them.
named AS (
  SELECT *, {joined} AS subclass
  FROM members
),
"
        ))
    }

    /// The shares of each claim, and their sum.
    fn weighed(&self) -> Result<String> {
        let line = position(&self.plan.source.text, self.pool.span.start).0;
        let when = condition(self.plan, &self.pool.when, Some(line))?;
        let units = if self.pool.when.entries.is_empty() {
            self.units.clone()
        } else {
            format!("CASE WHEN {when} THEN {} ELSE 0::HUGEINT END", self.units)
        };
        let counted = match self.scale {
            0 => "The shares of each claim.".to_owned(),
            _ => format!(
                "The shares of each claim, of which {} are one.",
                self.one_share
            ),
        };
        Ok(format!(
            "\
-- {counted}
weighed AS (
  SELECT *,
    {units} AS units
  FROM named
),
-- The claims that have any.
sharing AS (
  SELECT row_no, standing, subclass, {id} AS claimant_id, units
  FROM weighed
  WHERE CASE WHEN units < 0 THEN error('row ' || row_no || ' has negative shares') ELSE units > 0 END
),
-- The money of the pool in minor units of the currency, and the shares of all.
totals AS (
  SELECT {money} AS money, sum(units) AS all_units
  FROM sharing
),
",
            id = cell(self.plan.columns.name(self.plan.claims.id))?,
            money = whole(self.money.0),
        ))
    }

    /// What each claim is paid, in minor units.
    fn payments(&self) -> String {
        let one_share = self.one_share;
        match (self.pool.unit, self.pool.round) {
            (RoundingUnit::Share, _) => format!(
                "\
-- The value of one share is rounded down, then multiplied; what that leaves of
-- a minor unit is cut.
payments AS (
  SELECT *, (money * {one_share} // all_units) * units // {one_share} AS payment
  FROM sharing, totals
)
"
            ),
            (RoundingUnit::Payment, Rounding::Down) => "\
-- Each payment is rounded down.
payments AS (
  SELECT *, money * units // all_units AS payment
  FROM sharing, totals
)
"
            .to_owned(),
            (RoundingUnit::Payment, Rounding::Nearest) => "\
-- Each payment is rounded to nearest, a half up.
nearest AS (
  SELECT *, (2 * money * units + all_units) // (2 * all_units) AS rounded
  FROM sharing, totals
),
-- Together they may not take more than there is.
payments AS (
  SELECT *,
    CASE
      WHEN sum(rounded) OVER () > money THEN error('rounded to nearest, the payments take more than there is')
      ELSE rounded
    END AS payment
  FROM nearest
)
"
            .to_owned(),
            (RoundingUnit::Payment, Rounding::LargestRemainder) => "\
-- Each payment is rounded down.
cut AS (
  SELECT *, money * units // all_units AS whole, money * units % all_units AS rest
  FROM sharing, totals
),
-- The minor units left over go to the largest remainders, one each; among equal
-- ones to the ids that come first, byte by byte.
payments AS (
  SELECT *,
    whole + CASE
      WHEN row_number() OVER (ORDER BY rest DESC, encode(claimant_id)) <= money - sum(whole) OVER ()
        THEN 1
      ELSE 0
    END AS payment
  FROM cut
)
"
            .to_owned(),
        }
    }

    /// The rows of payouts.csv.
    fn closing(&self) -> Result<String> {
        let decimals = self.plan.settlement.currency.decimals();
        let minor = decimal::power_of_ten(decimals)
            .ok_or_else(|| outside("has a currency of too many decimals", None))?;
        let shares = match self.scale {
            0 => "units::VARCHAR".to_owned(),
            scale => format!(
                "rtrim(rtrim((units // {one})::VARCHAR || '.' || lpad((units % {one})::VARCHAR, {scale}, '0'), '0'), '.')",
                one = self.one_share
            ),
        };
        let payout = match decimals {
            0 => "payment::VARCHAR".to_owned(),
            _ => format!(
                "(payment // {minor})::VARCHAR || '.' || lpad((payment % {minor})::VARCHAR, {decimals}, '0')"
            ),
        };
        let without = if self.plan.tax.is_some() {
            "\n-- Its column `tax` is not computed here: it changes no payment."
        } else {
            ""
        };
        Ok(format!(
            "\
-- Who is paid, in the order of the file, as payouts.csv has it.{without}
SELECT
  claimant_id,
  subclass,
  {shares} AS shares,
  {payout} AS payout
FROM payments
WHERE standing = 'pay' AND payment > 0
ORDER BY row_no;
"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_quotes() -> Result<()> {
        assert_eq!(text("it's'; --")?, "'it''s''; --'");
        assert_eq!(identifier("a\"b'")?, "\"a\"\"b'\"");
        assert!(text("a\0b").is_err());
        assert!(identifier("a\nb").is_err());
        Ok(())
    }
}
