//! Derives the columns of a sample file from the plan that reads them.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::base::decimal;
use crate::plan::cell_reading::DateFormat;
use crate::plan::column::{Column, ColumnUse, fold};
use crate::plan::condition::{Condition, Criterion, End, Matcher, ValueRange};
use crate::plan::formula::{CellReading, Formula, Operand};
use crate::plan::{ColumnId, Plan, RowsRule, StatusMeaning, StatusRule, WeightKind};
use crate::run::sample::cell_generator::CellGenerator;

/// A column of a sample file.
#[derive(Debug, Clone)]
pub(super) struct SampleColumn {
    pub(super) name: String,
    pub(super) maker: CellGenerator,
    /// True if all rows of a claimant have the same cell.
    pub(super) agrees: bool,
}

/// The columns of a sample file, in order; amounts are divided by `shrink`.
pub(super) fn columns(plan: &Plan, shrink: u64) -> Vec<SampleColumn> {
    let mut columns = Vec::new();
    let usual = [
        ("name", CellGenerator::Name),
        ("email", CellGenerator::Email),
        ("state", CellGenerator::State),
    ];
    for (id, column) in plan.columns.iter() {
        let usual = usual
            .iter()
            .find(|(name, _)| column.reader == ColumnUse::Statements && *name == column.name);
        columns.push(SampleColumn {
            name: column.name.clone(),
            maker: usual.map_or_else(
                || maker(plan, id, column, shrink),
                |(_, maker)| maker.clone(),
            ),
            agrees: plan.claims.rows == RowsRule::Sum && !plan.columns.is_added(id),
        });
    }
    let mut place = 1;
    for (name, maker) in usual {
        if !columns.iter().any(|known| known.name == name) {
            let (name, agrees) = (name.to_owned(), false);
            columns.insert(
                place,
                SampleColumn {
                    name,
                    maker,
                    agrees,
                },
            );
            place += 1;
        }
    }
    columns
}

fn maker(plan: &Plan, id: ColumnId, column: &Column, shrink: u64) -> CellGenerator {
    if id == plan.claims.id {
        let is_number = number_of(plan, id, shrink).is_some();
        return if is_number {
            CellGenerator::NumberedId
        } else {
            CellGenerator::Id
        };
    }
    if plan.unshown_column() == Some(id) {
        return CellGenerator::TaxpayerNumber;
    }
    if let StatusRule::Column { column, meanings } = &plan.claims.status
        && *column == id
    {
        let list = |wanted| {
            let of = meanings
                .iter()
                .filter(move |(_, meaning)| *meaning == wanted);
            of.map(|(text, _)| text.clone()).collect()
        };
        return CellGenerator::Status {
            pay: list(StatusMeaning::Pay),
            hold: list(StatusMeaning::Hold),
            deny: list(StatusMeaning::Deny),
        };
    }
    if let Some(values) = &column.values {
        // The last value listed is often blank or the ordinary one.
        return CellGenerator::Texts(values.iter().rev().cloned().collect());
    }
    let mut parts = plan.pools.iter().filter_map(|pool| pool.by.as_ref());
    if let Some(by) = parts.find(|by| by.column == id) {
        let texts = by.parts.iter().map(|part| part.text.clone());
        return CellGenerator::Texts(texts.collect());
    }
    if let Some(table) = table_of(plan, id) {
        return CellGenerator::Texts(table);
    }
    if let Some(maker) =
        conditions(plan).find_map(|condition| date_of(condition, id, column.format.dates))
    {
        return maker;
    }
    if let Some(maker) = number_of(plan, id, shrink) {
        return maker;
    }
    if let Some(maker) = earlier_payments(plan, id) {
        return maker;
    }
    // A text that cannot be mistaken for one in the plan.
    let others = if column.name == "state" {
        ["TX", "OR", "none"]
    } else {
        ["other", "another", "none"]
    };
    let is_near = |other: &&str| column.texts.iter().any(|text| fold(text) == fold(other));
    let other = others.into_iter().find(|other| !is_near(other));
    let mut texts: Vec<String> = other.map(str::to_owned).into_iter().collect();
    texts.extend(column.texts.iter().cloned());
    CellGenerator::Texts(texts)
}

/// Amounts up to the plan's tax threshold.
fn earlier_payments(plan: &Plan, id: ColumnId) -> Option<CellGenerator> {
    let tax = plan.tax.as_ref()?;
    tax.earlier
        .as_ref()
        .filter(|earlier| earlier.column == id)?;
    let unit = decimal::power_of_ten(plan.settlement.currency.decimals())?;
    let most = u64::try_from(tax.threshold.0 / unit).unwrap_or(u64::MAX);
    Some(CellGenerator::Earlier { most: most.max(1) })
}

/// The keys of a formula's table over a column.
fn table_of(plan: &Plan, id: ColumnId) -> Option<Vec<String>> {
    let mut steps = plan.formulas().flat_map(Formula::steps);
    steps.find_map(|step| match &step.operand {
        Operand::Cell(operand) if operand.column() == Some(id) => match &operand.reading {
            CellReading::Table(table) => Some(table.iter().map(|(text, _)| text.clone()).collect()),
            CellReading::Number { .. } => None,
        },
        _ => None,
    })
}

/// Amounts in currency for awards, whole numbers for shares.
fn number_of(plan: &Plan, id: ColumnId, shrink: u64) -> Option<CellGenerator> {
    for pool in &plan.pools {
        let mut columns = pool.formulas().flat_map(Formula::number_columns);
        if columns.any(|column| column == id) {
            return Some(match pool.measure {
                WeightKind::Award => CellGenerator::Number {
                    most: (2000 / shrink).max(1),
                    decimals: plan.settlement.currency.decimals(),
                },
                WeightKind::Shares => CellGenerator::Number {
                    most: (60 / shrink).max(1),
                    decimals: 0,
                },
            });
        }
    }
    conditions(plan).find_map(|condition| {
        condition.tests().into_iter().find_map(|entry| match entry {
            Criterion::Cell(column, Matcher::Number(range, _)) if *column == id => {
                let end = range.to.or(range.from);
                let bound = end.map_or(Decimal::ONE, |end| end.at);
                let most = u64::try_from(bound.trunc().mantissa()).unwrap_or(100);
                Some(CellGenerator::Number {
                    most: most.saturating_mul(2).clamp(10, 1_000_000),
                    decimals: 0,
                })
            }
            _ => None,
        })
    })
}

/// Days around the bounds of a date condition.
fn date_of(condition: &Condition, id: ColumnId, form: DateFormat) -> Option<CellGenerator> {
    const AROUND: i64 = 180;
    let around = |from: Option<Date>, to: Option<Date>, instant: bool| {
        let before = from
            .or(to)?
            .checked_sub(jiff::Span::new().days(AROUND))
            .ok()?;
        let after = to
            .or(from)?
            .checked_add(jiff::Span::new().days(AROUND))
            .ok()?;
        let days = before.until(after).ok()?.get_days();
        Some(CellGenerator::Date {
            first: before,
            days: u64::try_from(days).ok()?,
            instant,
            form,
        })
    };
    condition.tests().into_iter().find_map(|entry| match entry {
        Criterion::Cell(column, Matcher::Date(ValueRange { from, to, .. }, _)) if *column == id => {
            around(from.map(|end| end.at), to.map(|end| end.at), false)
        }
        Criterion::Cell(column, Matcher::Instant(ValueRange { from, to, .. }, _))
            if *column == id =>
        {
            let date = |end: End<jiff::Timestamp>| jiff::tz::Offset::UTC.to_datetime(end.at).date();
            around(from.map(date), to.map(date), true)
        }
        _ => None,
    })
}

fn conditions(plan: &Plan) -> impl Iterator<Item = &Condition> {
    let excludes = plan.excludes.iter().map(|exclude| &exclude.when);
    let subclasses = plan.subclasses.iter().map(|subclass| &subclass.when);
    let pools = plan.pools.iter().map(|pool| &pool.when);
    let drops = plan
        .pools
        .iter()
        .filter_map(|pool| pool.drop.as_ref())
        .chain(&plan.payment_drop)
        .map(|drop| &drop.when);
    let steps = plan
        .pools
        .iter()
        .flat_map(crate::plan::Pool::formulas)
        .flat_map(Formula::steps);
    excludes
        .chain(subclasses)
        .chain(pools)
        .chain(drops)
        .chain(steps.map(|step| &step.when))
}
