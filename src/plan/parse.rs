//! From TOML to a typed plan, section by section.
//!
//! Each reader records problems and returns `None`, so that the other readers still
//! run and all problems are reported at once.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::diagnostics::{InvalidPlan, PlanProblem, SHOWN, literal};
use crate::base::money::{Currency, Money};
use crate::plan::claim_rules::{
    read_claims, read_columns, read_excludes, read_subclasses, subclass_keys,
};
use crate::plan::column::Columns;
use crate::plan::deduction::{idle_rounds, read_deductions};
use crate::plan::document::{ProblemCollector, TomlTable, TomlValue, given};
use crate::plan::formula::Operation;
use crate::plan::typed_values::{money, optional_words};
use crate::plan::{
    ClaimRules, ClassFigures, ColumnId, Formula, Fund, Plan, PlanSource, Pool, Settlement, bad,
    common_mistakes, duplicate_key, fund, hints, pool, ranges, side_tables, summed_columns,
};

pub(crate) fn plan(source: &PlanSource) -> Result<Plan, Vec<PlanProblem>> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        // A fault in a line causes others after it.
        let mut faults: Vec<PlanProblem> = errors
            .iter()
            .map(|error| syntax(error, &source.text))
            .collect();
        faults.sort_by_key(|fault| fault.span.start);
        let line_between = |from: usize, to: usize| {
            let between = source.text.get(from..to);
            between.is_some_and(|between| between.contains('\n'))
        };
        faults.dedup_by(|next, last| !line_between(last.span.start, next.span.start));
        for fault in faults.iter_mut().take(SHOWN) {
            fault.related = duplicate_key::first(fault, document.get_ref(), &source.text);
        }
        return Err(faults);
    }
    let mut problems = ProblemCollector::default();
    let root = TomlTable::new("the plan", 0..0, document.get_ref());
    let plan = sections(source, root, &mut problems);
    match plan {
        Some(plan) if problems.list.is_empty() => Ok(plan),
        _ => Err(problems.list),
    }
}

/// Reads the TOML of a file that is no plan.
pub(crate) fn document(source: &PlanSource) -> Result<Spanned<DeTable<'_>>, InvalidPlan> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        return Ok(document);
    }
    let faults = errors.iter().map(|error| syntax(error, &source.text));
    Err(bad(source, faults.collect()))
}

fn syntax(error: &toml::de::Error, text: &str) -> PlanProblem {
    let end = text.len();
    let mut span = error.span().unwrap_or(end..end);
    span.start = span.start.min(end);
    PlanProblem {
        code: "",
        message: format!("invalid TOML: {}", error.message().replace('\n', "; ")),
        hint: hints::of_toml(error.message(), text, span.start),
        span,
        related: None,
    }
}

fn sections(
    source: &PlanSource,
    mut root: TomlTable<'_>,
    problems: &mut ProblemCollector,
) -> Option<Plan> {
    let settlement = section(&mut root, "settlement", "[settlement]", problems);
    let class_table = root.take("class");
    let fund_table = section(&mut root, "fund", "[fund]", problems);
    let deductions = tables(&mut root, "deduction", "[[deduction]]", problems);
    let claims = root.take("claims");
    let columns_table = root.take("column");
    let excludes = tables(&mut root, "exclude", "[[exclude]]", problems);
    let subclasses = root.take("subclass");
    let pools = tables(&mut root, "pool", "[[pool]]", problems);
    let side_tables = side_tables::SideTableDrafts::take(&mut root);
    root.finish(problems);

    let settlement = settlement.and_then(|table| read_settlement(table, problems));
    let currency = settlement.as_ref().map_or(Currency::USD, |s| s.currency);
    let class = read_class(class_table.as_ref(), problems);
    let fund = fund_table.and_then(|table| read_fund(table, currency, problems));
    let mut warnings = idle_rounds(deductions.as_deref().unwrap_or_default());
    let deductions = read_deductions(deductions?, fund, currency, problems);
    let account = fund
        .zip(deductions.as_ref())
        .and_then(|(fund, deductions)| {
            fund::account(fund, deductions, currency)
                .map_err(|problem| problems.list.push(problem))
                .ok()
        });

    let mut columns = Columns::default();
    let claims = read_claims(claims.as_ref(), &mut columns, problems);
    let rows = claims.as_ref().map(|claims: &ClaimRules| claims.rows);
    read_columns(columns_table.as_ref(), rows, &mut columns, problems);
    let excludes = read_excludes(excludes?, &mut columns, problems);
    let subclasses = read_subclasses(subclasses.as_ref(), &mut columns, problems);
    let place = pool::PoolContext {
        currency,
        subclasses: &subclass_keys(subclasses.as_ref()),
        text: &source.text,
    };
    let pools = pool::pools(pools?, &place, &mut columns, problems);
    let known_pools = pools.as_deref().unwrap_or_default();
    summed_columns::mark(rows, known_pools, &mut columns, problems);
    let side_tables = side_tables.read(currency, &mut columns, problems);
    warnings.extend(side_tables.as_ref().and_then(|read| read.warning(currency)));
    warnings.extend(impossible_texts(&columns));
    warnings.extend(idle_formulas(known_pools));
    let known_subclasses = subclasses.as_deref().unwrap_or_default();
    warnings.extend(summed_columns::warnings(
        known_subclasses,
        known_pools,
        &columns,
    ));
    warnings.extend(ranges::overlaps(known_pools, &columns));
    let side_tables = side_tables?;
    Some(Plan {
        source: source.clone(),
        settlement: settlement?,
        class: class?,
        fund: fund?,
        deductions: deductions?,
        account: account?,
        claims: claims?,
        excludes: excludes?,
        subclasses: subclasses?,
        gaps: ranges::gaps(known_pools),
        amount_columns: amount_columns(known_pools),
        pools: pools?,
        residual_to: side_tables.residual_to,
        payment_method: side_tables.payment_method,
        statement: side_tables.statement,
        tax: side_tables.tax,
        warnings,
        columns,
    })
}

/// A required table.
fn section<'p>(
    root: &mut TomlTable<'p>,
    key: &'static str,
    what: &str,
    problems: &mut ProblemCollector,
) -> Option<TomlTable<'p>> {
    let Some(value) = root.take(key) else {
        problems.add(
            &(0..0),
            format!("the plan is missing the required table {what}"),
        );
        return None;
    };
    if let DeValue::Array(_) = value.value {
        let message = format!("the plan has exactly one {what}, in single brackets");
        match key {
            "fund" => problems.add_hint(&value.span, message, common_mistakes::FUNDS),
            _ => problems.add(&value.span, message),
        }
        return None;
    }
    value.table(what, problems)
}

/// An array of tables, possibly empty.
fn tables<'p>(
    root: &mut TomlTable<'p>,
    key: &'static str,
    what: &str,
    problems: &mut ProblemCollector,
) -> Option<Vec<TomlTable<'p>>> {
    let Some(value) = root.take(key) else {
        return Some(Vec::new());
    };
    let DeValue::Array(_) = value.value else {
        let message = format!("{} requires double brackets: {what}", literal(key));
        problems.add(&value.span, message);
        return None;
    };
    let elements = value.list(problems)?;
    elements
        .iter()
        .map(|element| element.table(what, problems))
        .collect()
}

fn read_settlement(
    mut table: TomlTable<'_>,
    problems: &mut ProblemCollector,
) -> Option<Settlement> {
    let name = table.require("name", problems);
    let docket = optional_words(&mut table, "docket", problems);
    let currency = table.take("currency");
    let draft = optional_words(&mut table, "draft", problems);
    table.finish(problems);
    let name = name.and_then(|name| name.words(problems));
    let currency = currency.map_or(Some(Currency::USD), |code| read_currency(&code, problems));
    Some(Settlement {
        name: name?,
        docket: docket?,
        currency: currency?,
        draft: draft?,
    })
}

fn read_currency(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<Currency> {
    let code = value.text(problems)?;
    let currency = Currency::from_code(&code);
    if currency.is_none() {
        let message = format!(
            "{} is not an ISO 4217 currency with a minor unit",
            literal(&code)
        );
        problems.add_hint(
            &value.span,
            message,
            "write the three-letter code in capitals, like `USD`",
        );
    }
    currency
}

fn read_class(
    value: Option<&TomlValue<'_>>,
    problems: &mut ProblemCollector,
) -> Option<ClassFigures> {
    let Some(value) = value else {
        return Some(ClassFigures::default());
    };
    let mut table = value.table("[class]", problems)?;
    let keys = ["members", "notices", "opt_outs", "objections"];
    let values = keys.map(|key| table.take(key));
    table.finish(problems);
    // All keys are read first, so that every problem is reported.
    let [members, notices, opt_outs, objections] =
        values.map(|value| value.map(|value| value.whole(problems)));
    Some(ClassFigures {
        members: given(members)?,
        notices: given(notices)?,
        opt_outs: given(opt_outs)?,
        objections: given(objections)?,
    })
}

fn read_fund(
    mut table: TomlTable<'_>,
    currency: Currency,
    problems: &mut ProblemCollector,
) -> Option<Fund> {
    let amount = table.require("amount", problems);
    let interest = table.take("interest");
    table.finish(problems);
    let interest = interest.map_or(Some(Money::ZERO), |interest| {
        money(&interest, currency, problems)
    });
    let value = amount?;
    let amount = money(&value, currency, problems)?;
    if amount == Money::ZERO {
        problems.add(&value.span, "`amount` of [fund] must be greater than 0");
        return None;
    }
    Some(Fund {
        amount,
        interest: interest?,
    })
}

/// The columns whose cells are read as amounts in currency.
fn amount_columns(pools: &[Pool]) -> Vec<ColumnId> {
    let formulas = pools.iter().flat_map(Pool::amounts);
    let mut columns: Vec<ColumnId> = formulas.flat_map(Formula::amount_columns).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// Warnings about formulas whose first step leaves the initial 0 unchanged.
fn idle_formulas(pools: &[Pool]) -> Vec<String> {
    let formulas = pools.iter().flat_map(Pool::formulas);
    formulas
        .filter_map(|formula| formula.steps().first())
        .filter(|step| matches!(step.verb, Operation::AtMost | Operation::Times))
        .map(|step| {
            let verb = step.verb.word();
            format!(
                "the formula on line {} begins with `{verb}`, which has no effect because a formula starts at 0",
                step.line
            )
        })
        .collect()
}

/// Warnings about texts in conditions that the `values` of the column do not list.
fn impossible_texts(columns: &Columns) -> Vec<String> {
    let mut warnings = Vec::new();
    for (_, column) in columns.iter() {
        let Some(values) = &column.values else {
            for (number, text) in column.patterns.iter().enumerate() {
                let again = column
                    .patterns
                    .iter()
                    .take(number)
                    .any(|other| other == text);
                if let Some(hint) = common_mistakes::of_text(text).filter(|_| !again) {
                    warnings.push(format!(
                        "the plan compares column {} with the text {}, which matches only that exact text; {hint}",
                        literal(&column.name),
                        literal(text)
                    ));
                }
            }
            continue;
        };
        for text in column.texts.iter().filter(|text| !values.contains(text)) {
            warnings.push(format!(
                "the plan compares column {} with {}, which is not listed in its `values`",
                literal(&column.name),
                literal(text)
            ));
        }
    }
    warnings
}
