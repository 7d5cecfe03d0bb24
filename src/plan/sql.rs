//! Writes a plan as a DuckDB query, so that its payouts can be recomputed from the
//! claims file by an independent program.
//!
//! Only plans that a short query computes exactly are supported: one pool whose
//! shares consist of numbers of the plan. All arithmetic is in `HUGEINT`, where an
//! overflow is an error; `//` is integer division.

mod terms;

use anyhow::Result;

use crate::base::decimal;
use crate::base::diagnostics::{position, quotable};
use crate::base::money::Money;
use crate::plan::column::ColumnUse;
use crate::plan::sql::terms::{cell, condition, identifier, text, texts, whole};
use crate::plan::{
    Column, Plan, Pool, RoundingUnit, RowsRule, StatusMeaning, StatusRule, WeightKind, messages,
};

/// White space around a cell, as an RE2 pattern.
const TRIM: &str = r"'^[\s\p{Z}]+|[\s\p{Z}]+$'";

/// The query for a plan; `money` is the money of its pool.
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

/// An error for a plan that the query cannot represent.
fn outside(what: impl AsRef<str>, line: Option<usize>) -> anyhow::Error {
    let line = line.map_or_else(String::new, |line| format!(" (line {line} of the plan)"));
    messages::not_expressible(what.as_ref(), &line).into()
}

/// The only pool of the plan, if a query can express the plan.
fn only_pool(plan: &Plan) -> Result<&Pool> {
    let line = |pool: &Pool| Some(position(&plan.source.text, pool.span.start).0);
    if plan.trades.is_some() {
        return Err(outside("has [trades]", None));
    }
    if let Some(value) = plan.values.first() {
        let line = position(&plan.source.text, value.span.start).0;
        return Err(outside("names values", Some(line)));
    }
    if let Some(second) = plan.pools.get(1) {
        return Err(outside("has several pools", line(second)));
    }
    let pool = plan
        .pools
        .first()
        .ok_or_else(|| outside("has no pool", None))?;
    if plan.claims.rows == RowsRule::Sum {
        return Err(outside("adds up rows (`rows = \"sum\"`)", None));
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
    if pool.by.is_some() {
        return Err(outside("has `by`", line(pool)));
    }
    if plan.payment_drop.is_some() {
        return Err(outside("has `drop` in [payment]", None));
    }
    if let Some(portion) = plan.portions.first() {
        let line = position(&plan.source.text, portion.span.start).0;
        return Err(outside("has `[[portion]]`", Some(line)));
    }
    if !plan.unique.is_empty() {
        return Err(outside("has `[[unique]]`", None));
    }
    if pool.drop.is_some() {
        return Err(outside("has `drop`", line(pool)));
    }
    if pool.only_if.is_some() {
        return Err(outside("has `only_if`", line(pool)));
    }
    if plan.columns.have_maps() {
        return Err(outside("has `map` or `ignore_case`", None));
    }
    let mut names: Vec<String> = columns(plan)
        .map(|column| column.name.to_lowercase())
        .collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        let what = "reads columns whose names differ only by case";
        return Err(outside(what, None));
    }
    Ok(pool)
}

fn columns(plan: &Plan) -> impl Iterator<Item = &Column> {
    let all = plan.columns.iter().map(|(_, column)| column);
    all.filter(|column| column.reader == ColumnUse::Rules)
}

/// Writes the query of a plan.
struct QueryWriter<'p> {
    plan: &'p Plan,
    pool: &'p Pool,
    money: Money,
    /// The shares of a claim as an expression, in integer units.
    units: String,
    /// The number of units in one share: ten to the power of `scale`.
    one_share: i128,
    scale: u32,
}

impl QueryWriter<'_> {
    /// The header of the query, the claims file, and its cells.
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
-- ({source}): recomputes payouts.csv in DuckDB from the claims file.
--
-- To use another file, change only 'claims.csv' below.
-- All arithmetic is in integers (HUGEINT), and an overflow is an error.
-- Use a file that `payout compute` accepts: this query does not detect every
-- problem that `payout compute` rejects.
WITH
-- The claims file, with every cell as text.
file AS (
  SELECT *
  FROM read_csv('claims.csv',
    all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',
    comment = '', nullstr = '', skip = 0, strict_mode = true, parallel = false)
),
-- Its column names, which must include those in the plan, with the same case.
header AS (
  SELECT struct_keys(\"the whole row\") AS names,
    list_has_all(names, [{names}]) AS complete
  FROM file AS \"the whole row\"
  LIMIT 1
),
-- The cells that the plan reads, without surrounding white space.
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

    /// The meaning of each row's status, and exclusions.
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
-- The meaning of each row's status, whether the row is excluded, and how many
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

    /// The outcome of each row, after checking the file for errors.
    fn claim_status(&self) -> Result<String> {
        let plan = self.plan;
        let id = cell(plan.columns.name(plan.claims.id))?;
        let mut cases = format!(
            "      WHEN NOT (SELECT complete FROM header)
        THEN error('the file has no column with the exact name in the plan')
      WHEN {id} = '' THEN error('row ' || row_no || ' has no id')
      WHEN rows_of_id > 1 THEN error('duplicate id: ' || {id})
"
        );
        if matches!(plan.claims.status, StatusRule::Unsaid) {
            cases += "      WHEN (SELECT bool_or(lower(trim(name)) = 'status' OR ends_with(lower(trim(name)), '_status'))
            FROM (SELECT unnest(names) AS name FROM header))
        THEN error('the file has a status column that the plan does not describe')\n";
        }
        for column in columns(plan) {
            if let Some(values) = &column.values {
                let cell = cell(&column.name)?;
                cases += &format!(
                    "      WHEN {cell} NOT IN ({}) THEN error('row ' || row_no || ' has a value that the plan does not allow: ' || {cell})\n",
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
-- The outcome of each row: excluded, or by its status. Problems in the file stop
-- the query here.
outcomes AS (
  SELECT *,
    CASE
{cases}      WHEN excluded THEN 'excluded'
      ELSE meaning
    END AS outcome
  FROM judged
),
"
        ))
    }

    /// The subclasses of each participating claim.
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
-- The claims that are paid or held, and their subclasses.
members AS (
  SELECT *{members}
  FROM outcomes
  WHERE outcome IN ('pay', 'hold')
),
-- The subclasses as payouts.csv lists them.
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
                "The shares of each claim, in units of 1/{} share.",
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
-- The claims with shares.
sharing AS (
  SELECT row_no, outcome, subclass, {id} AS claimant_id, units
  FROM weighed
  WHERE CASE WHEN units < 0 THEN error('row ' || row_no || ' has negative shares') ELSE units > 0 END
),
-- The pool's money in minor units, and the total shares.
totals AS (
  SELECT {money} AS money, sum(units) AS all_units
  FROM sharing
),
",
            id = cell(self.plan.columns.name(self.plan.claims.id))?,
            money = whole(self.money.0),
        ))
    }

    /// The payment of each claim, in minor units.
    fn payments(&self) -> String {
        let one_share = self.one_share;
        match (self.pool.unit, self.pool.round) {
            (RoundingUnit::Share, _) => format!(
                "\
-- The value of one share is rounded down, then multiplied; fractions of a minor
-- unit are truncated.
payments AS (
  SELECT *, (money * {one_share} // all_units) * units // {one_share} AS payment
  FROM sharing, totals
)
"
            ),
            (RoundingUnit::Payment, round) => round.query(),
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
            "\n-- Its column `tax` is not computed here; it changes no payment."
        } else {
            ""
        };
        Ok(format!(
            "\
-- The paid claims in file order, as in payouts.csv.{without}
SELECT
  claimant_id,
  subclass,
  {shares} AS shares,
  {payout} AS payout
FROM payments
WHERE outcome = 'pay' AND payment > 0
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
