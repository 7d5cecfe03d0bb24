//! Derives the columns of a sample file from the plan that reads them.

mod days;

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::claims::aggregate::read_by_claims;
use crate::plan::cell::NumberSource;
use crate::plan::column::{Column, ColumnUse, fold};
use crate::plan::condition::{Condition, Criterion, Matcher};
use crate::plan::formula::{CellReading, Formula, Operand};
use crate::plan::lookup_table::{LookupTable, TablePoint};
use crate::plan::statement::Letters;
use crate::plan::trades::TradeRules;
use crate::plan::unique::{Duplicates, UniqueRule};
use crate::plan::{
    ClaimRules, ColumnId, Plan, Portion, RowsRule, StatementRules, StatusMeaning, StatusRule,
    WeightKind,
};
use crate::run::sample::cell_generator::{CellGenerator, STATES};
use crate::run::sample::from_plan::days::{date, days_between, end_of_span};

/// The postal codes of the states of the United States and of its capital.
const US_STATES: &str = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI \
    MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY";

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
    let of_file = plan.columns.iter();
    for (id, column) in of_file.filter(|(_, column)| column.fact.is_none()) {
        let personal = match column.reader {
            ColumnUse::Statements => personal(&column.name),
            // Names that are drawn occur more than once.
            ColumnUse::Unique => usual
                .iter()
                .find(|(name, _)| *name == column.name)
                .map(|(_, maker)| maker.clone()),
            _ => None,
        };
        columns.push(SampleColumn {
            name: column.name.clone(),
            maker: personal.unwrap_or_else(|| maker(plan, id, column, shrink)),
            agrees: plan.claims.rows == RowsRule::Sum
                && !plan.columns.is_added(id)
                && !is_of_single_rows(plan, id, column),
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

/// Names, e-mail addresses and states, by the name of a column that no rule reads.
fn personal(name: &str) -> Option<CellGenerator> {
    let name = name.to_lowercase();
    let is = |word: &str| {
        name.split(|c: char| !c.is_alphanumeric())
            .any(|part| part == word)
    };
    if is("email") || is("mail") {
        Some(CellGenerator::Email)
    } else if is("state") {
        Some(CellGenerator::State)
    } else if is("name") || is("payee") {
        Some(CellGenerator::Name)
    } else {
        None
    }
}

/// True if only values per row read the column, so that the rows of a claimant may differ.
fn is_of_single_rows(plan: &Plan, id: ColumnId, column: &Column) -> bool {
    let of_status = match &plan.claims.status {
        StatusRule::Column { column, .. } => *column == id,
        StatusRule::Unsaid | StatusRule::AllPayable => false,
    };
    let mut values = plan.values.iter().filter(|value| value.is_per_row());
    id != plan.claims.id
        && !of_status
        && values.any(|value| value.columns().any(|read| read == id))
        && !column.same
        && !read_by_claims(plan, id)
}

/// The generator for the cells of a column of lots: what values per lot read is generated
/// like what values per row read.
pub(super) fn maker_of_lots(
    plan: &Plan,
    trades: &TradeRules,
    id: ColumnId,
    column: &Column,
) -> CellGenerator {
    let values = plan.values.iter().map(|value| {
        let mut value = value.clone();
        if !value.is_per_lot() {
            value.when = Condition::default();
            value.formula = Formula::new(Vec::new(), 0);
        }
        value.per = None;
        value
    });
    let of_lots = Plan {
        values: values.collect(),
        columns: trades.lots.clone(),
        claims: ClaimRules {
            // No column of lots is an id.
            id: ColumnId(usize::MAX),
            status: StatusRule::AllPayable,
            rows: RowsRule::Unique,
        },
        trades: None,
        pools: Vec::new(),
        excludes: Vec::new(),
        subclasses: Vec::new(),
        portions: Vec::new(),
        unique: Vec::new(),
        tax: None,
        payment_drop: None,
        statement: StatementRules::default(),
        ..plan.clone()
    };
    maker(&of_lots, id, column, 1)
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
    let mut unique = plan.unique.iter();
    let is_strict = |rule: &UniqueRule| rule.duplicates == Duplicates::Refuse;
    let refused = unique.any(|rule| is_strict(rule) && rule.columns.contains(&id));
    if plan.unshown_column() == Some(id) && refused {
        // There are too few numbers that were never issued.
        return CellGenerator::Texts(vec![String::new()]);
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
    if let Some(maker) = of_portions(plan, id).or_else(|| language(plan, id)) {
        return maker;
    }
    let mut parts = plan.pools.iter().filter_map(|pool| pool.by.as_ref());
    if let Some(by) = parts.find(|by| by.column == id) {
        let texts = by.parts.iter().map(|part| part.text.clone());
        return CellGenerator::Texts(texts.collect());
    }
    if let Some(maker) = table_of(plan, id).or_else(|| end_of_span(plan, id)) {
        return maker;
    }
    if let Some(maker) = date(plan, id, column.format.dates) {
        return maker;
    }
    if let Some(maker) = number_of(plan, id, shrink).or_else(|| earlier_payments(plan, id)) {
        return maker;
    }
    if column.reader == ColumnUse::Unique {
        return CellGenerator::Id;
    }
    if let Some(maker) = states(column) {
        return maker;
    }
    // A text that cannot be mistaken for one in the plan.
    let others = ["other", "another", "none"];
    let is_near = |other: &&str| column.texts.iter().any(|text| fold(text) == fold(other));
    let other = others.into_iter().find(|other| !is_near(other));
    let mut texts: Vec<String> = other.map(str::to_owned).into_iter().collect();
    texts.extend(column.texts.iter().cloned());
    CellGenerator::Texts(texts)
}

/// States, if the plan compares the column with states alone.
fn states(column: &Column) -> Option<CellGenerator> {
    let is_state = |text: &String| {
        let mut codes = US_STATES.split_whitespace();
        codes.any(|code| code == text)
    };
    let all = !column.texts.is_empty() && column.texts.iter().all(is_state);
    let others = STATES.iter().map(|state| (*state).to_owned());
    let others = others.filter(|state| !column.texts.contains(state));
    all.then(|| CellGenerator::Texts(column.texts.iter().cloned().chain(others).collect()))
}

/// Percentages and payees of portions.
fn of_portions(plan: &Plan, id: ColumnId) -> Option<CellGenerator> {
    let mut portions = plan.portions.iter();
    portions.find_map(|portion| {
        if portion.payee_column() == Some(id) {
            let payees = ["Smith & Lee LLP", "Okafor Law"].map(str::to_owned);
            return Some(CellGenerator::Texts(payees.to_vec()));
        }
        let is_percentage = portion.percent_column() == Some(id);
        is_percentage.then_some(CellGenerator::Number {
            most: 40,
            decimals: 0,
        })
    })
}

/// Languages that have a template.
fn language(plan: &Plan, id: ColumnId) -> Option<CellGenerator> {
    match plan.statement.letters.as_ref()? {
        Letters::ByLanguage { column, templates } if *column == id => {
            let texts = templates.iter().map(|(text, _)| text.clone());
            Some(CellGenerator::Texts(texts.collect()))
        }
        _ => None,
    }
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

/// Cells that a formula finds in its table: texts, keys, or places within its bands.
fn table_of(plan: &Plan, id: ColumnId) -> Option<CellGenerator> {
    let mut steps = plan.formulas().flat_map(Formula::steps);
    steps.find_map(|step| match &step.operand {
        Operand::Cell(operand) if operand.column() == Some(id) => match &operand.reading {
            CellReading::Table(table) => {
                let texts = table.iter().map(|(text, _)| text.clone());
                Some(CellGenerator::Texts(texts.collect()))
            }
            CellReading::Number { .. } => None,
        },
        Operand::Table(operand) => {
            let table = &operand.table;
            if let Some(place) = operand.by.iter().position(|column| *column == id) {
                let texts = table.keys.iter().filter_map(|key| key.get(place).cloned());
                return Some(CellGenerator::Texts(texts.collect()));
            }
            let source = operand.source.filter(|_| table.has_scale());
            (source == Some(NumberSource::Column(id))).then(|| within_bands(plan, id, table))?
        }
        _ => None,
    })
}

/// Numbers or days from the first to the last band of a table.
fn within_bands(plan: &Plan, id: ColumnId, table: &LookupTable) -> Option<CellGenerator> {
    let lines = || table.lines.values().flatten();
    let ends = lines().filter_map(|line| Some(line.end.as_ref()?.at.clone()));
    let froms = lines().filter_map(|line| line.from.clone());
    let is_open = lines().any(|line| line.end.is_none());
    let top = ends.chain(froms.clone()).max()?;
    let bottom = froms.min();
    match top {
        TablePoint::Number(most) => {
            let most = most.decimal()?.trunc().mantissa();
            let most = u64::try_from(most).ok()?.clamp(1, 1_000_000);
            Some(CellGenerator::Number {
                most: if is_open { most * 2 } else { (most - 1).max(1) },
                decimals: 0,
            })
        }
        TablePoint::Day(last) => {
            let year = jiff::Span::new().years(1);
            let last = if is_open {
                last.checked_add(year).ok()?
            } else {
                last
            };
            let first = match bottom {
                Some(TablePoint::Day(first)) => first,
                _ => last.checked_sub(jiff::Span::new().years(3)).ok()?,
            };
            days_between(plan, id, first, last)
        }
    }
}

/// Amounts in currency for awards, whole numbers for shares.
fn number_of(plan: &Plan, id: ColumnId, shrink: u64) -> Option<CellGenerator> {
    let of_pools = plan.pools.iter();
    let of_pools = of_pools.flat_map(|pool| pool.formulas().map(|formula| (pool.measure, formula)));
    // A value may be an amount or a count; whole numbers are both.
    let of_values = plan.values.iter().filter(|value| !value.is_per_lot());
    let of_values = of_values.map(|value| (WeightKind::Shares, &value.formula));
    for (measure, formula) in of_pools.chain(of_values) {
        if formula.number_columns().any(|column| column == id) {
            return Some(match measure {
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
    let of_values = plan
        .values
        .iter()
        .flat_map(|value| value.formula.number_columns());
    if of_values.into_iter().any(|column| column == id) {
        return Some(CellGenerator::Number {
            most: (500 / shrink).max(1),
            decimals: 0,
        });
    }
    let portions = plan.portions.iter().filter_map(Portion::formula);
    if portions
        .flat_map(Formula::number_columns)
        .any(|column| column == id)
    {
        return Some(CellGenerator::Number {
            most: (200 / shrink).max(1),
            decimals: plan.settlement.currency.decimals(),
        });
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
    let steps = plan.formulas().flat_map(Formula::steps);
    let values = plan.values.iter().filter(|value| !value.is_per_lot());
    let values = values.map(|value| &value.when);
    excludes
        .chain(subclasses)
        .chain(values)
        .chain(pools)
        .chain(drops)
        .chain(steps.map(|step| &step.when))
}
