//! From TOML to a typed plan, section by section.
//!
//! Each reader reports problems and returns `None`, so that the other readers still
//! run and all problems are reported at once.

use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use crate::base::diagnostics::{InvalidPlan, OrBug as _, PlanProblem, SHOWN};
use crate::base::money::Currency;
use crate::plan::cell::ValueScope;
use crate::plan::claim_fact::FactSources;
use crate::plan::claim_rules::{
    ClaimsKeys, ColumnKeys, ExcludeKeys, SubclassKeys, add_described, read_claims, read_columns,
    read_excludes, read_subclasses,
};
use crate::plan::column::ColumnUse;
use crate::plan::column_maps::read_maps;
use crate::plan::columns::Columns;
use crate::plan::deduction::{DeductionKeys, idle_round, read_deductions};
use crate::plan::document::TomlDocument;
use crate::plan::fund_keys::{FundKeys, read_fund};
use crate::plan::kinds::{Map, Table, Tables};
use crate::plan::known_rules::KnownRules;
use crate::plan::lookup_table::LookupTable;
use crate::plan::lookup_table::reader::{LookupKeys, read_tables};
use crate::plan::named_value::{
    NamedValue, ValueKeys, check_circles, name_values, read_above, read_values,
};
use crate::plan::pool::{PoolKeys, read_pools};
use crate::plan::portion::reader::{PortionContext, PortionKeys, check_added, read_portions};
use crate::plan::settlement::{ClassKeys, SettlementKeys, read_class, read_settlement};
use crate::plan::side_tables::{PaymentKeys, ResidualKeys, read_payment_drop};
use crate::plan::statement::reader::{StatementKeys, read_statement};
use crate::plan::table::{TableKeys as _, keys};
use crate::plan::tax::{TaxKeys, read_tax};
use crate::plan::trades::TradeRules;
use crate::plan::trades::reader::{NamedTrades, TradesKeys};
use crate::plan::unique::{UniqueKeys, UniqueRule, read_unique};
use crate::plan::{
    ClaimRules, ColumnId, Deduction, Exclude, Formula, Fund, MinimumPayment, Plan, PlanFile,
    PlanSource, Pool, Portion, RowsRule, RuleSources, StatementRules, Subclass, TaxRules, bad,
    doubtful, duplicate_key, fund, fund_keys, hints, messages, named_value, ranges, summed_columns,
};

/// Reads and validates a plan.
pub fn load(source: &PlanSource) -> Result<Plan, InvalidPlan> {
    let table = document(source)?;
    let table = table.get_ref();
    let document = TomlDocument::new(&source.text, currency_of(table));
    let plan = sections(source, PlanKeys::root(&document, table), &document);
    document.check(source)?;
    Ok(plan.or_bug("a plan without a problem was not read"))
}

/// Reads the TOML of a plan or of a file that belongs to it.
pub(crate) fn document(source: &PlanSource) -> Result<Spanned<DeTable<'_>>, InvalidPlan> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        return Ok(document);
    }
    // A fault in a line causes others after it.
    let faults = errors.iter().map(|error| syntax(error, &source.text));
    let mut faults: Vec<PlanProblem> = faults.collect();
    faults.sort_by_key(|fault| fault.span.start);
    let line_between = |from: usize, to: usize| {
        let between = source.text.get(from..to);
        between.is_some_and(|between| between.contains('\n'))
    };
    faults.dedup_by(|next, last| !line_between(last.span.start, next.span.start));
    for fault in faults.iter_mut().take(SHOWN) {
        fault.related = duplicate_key::first(fault, document.get_ref(), &source.text);
    }
    Err(bad(source, faults))
}

/// The currency, without which no amount can be read. A wrong one is reported later.
fn currency_of(plan: &DeTable<'_>) -> Currency {
    let settlement = plan
        .get("settlement")
        .and_then(|table| table.get_ref().as_table());
    let code = settlement.and_then(|table| table.get("currency")?.get_ref().as_str());
    code.and_then(Currency::from_code).unwrap_or(Currency::USD)
}

fn syntax(error: &toml::de::Error, text: &str) -> PlanProblem {
    let end = text.len();
    let mut span = error.span().unwrap_or(end..end);
    span.start = span.start.min(end);
    let fault = error.message().replace('\n', "; ");
    let message = if duplicate_key::is_reported(&fault) {
        messages::defined_twice(&fault)
    } else {
        messages::invalid_toml(&fault)
    };
    PlanProblem::new(
        &span,
        message.hint(hints::of_toml(error.message(), text, span.start)),
    )
}

keys! {
    struct PlanKeys<'p>: "the plan", "plan" {
        settlement: Table<SettlementKeys<'p>>, Required, "the name of the case, and the currency";
        class: Table<ClassKeys<'p>>, Often("at most once"), "the size of the class";
        fund: Table<FundKeys<'p>>, Required, "the money paid in";
        deduction: Tables<DeductionKeys<'p>>, Often("any number"), "what is deducted before the class is paid";
        claims: Table<ClaimsKeys<'p>>, Often("at most once"), "the column of ids, and which claims are payable";
        column: Map<Table<ColumnKeys<'p>>>, Often("one per column"), "how the cells of a column are written";
        exclude: Tables<ExcludeKeys<'p>>, Often("any number"), "which rows are excluded, and why";
        subclass: Map<Table<SubclassKeys<'p>>>, Often("any number"), "a named group of claimants";
        table: Map<Table<LookupKeys<'p>>>, Often("any number"), "a table with a name, which formulas look up";
        trades: Table<TradesKeys<'p>>, Often("at most once"), "how trades are read, and matched into lots";
        value: Map<Table<ValueKeys<'p>>>, Often("any number"), "an amount with a name, which formulas and conditions read like a column";
        pool: Tables<PoolKeys<'p>>, AtLeastOnce, "a part of the money, and the rule that divides it";
        residual: Table<ResidualKeys<'p>>, Often("at most once"), "where the rest goes";
        payment: Table<PaymentKeys<'p>>, Often("at most once"), "the column of payment methods";
        statement: Table<StatementKeys<'p>>, Often("at most once"), "what statements show to claimants, or the letters that they are";
        tax: Table<TaxKeys<'p>>, Often("at most once"), "the sum from which payouts are flagged for tax";
        portion: Tables<PortionKeys<'p>>, Often("any number"), "the parts of which each payout consists, in order";
        unique: Tables<UniqueKeys<'p>>, Often("any number"), "columns whose cells no two claimants may share";
    }
}

fn sections(source: &PlanSource, keys: PlanKeys<'_>, document: &TomlDocument<'_>) -> Option<Plan> {
    let money = read_money(&keys, document);
    let read = read_rules(source, &keys, document);
    let rules = read.known();
    fund_keys::check_pools(money.fund, rules.pools, document);
    let mut warnings = money.warnings;
    warnings.extend_from_slice(&read.of_pools);
    warnings.extend(doubtful::foreign_tax(read.tax.is_some(), document.currency));
    let settlement = read_settlement(keys.settlement.value);
    let locale = settlement.as_ref().map(|settlement| settlement.locale);
    let locale = locale.unwrap_or_default();
    warnings.extend(doubtful::of(&rules, document.currency, locale));
    let row_values = read_above(ValueScope::Row, &rules);
    let lot_values = read_above(ValueScope::Lot, &rules);
    let gaps = ranges::gaps(&rules);
    let amount_columns = amount_columns(rules.pools);
    let open_pools = rules.pools.iter().any(|pool| pool.open);
    let class = keys.class.value.as_ref().map(read_class);
    let single = (keys.fund.value, keys.payment.value, keys.residual.value);
    let plan = Plan {
        source: source.clone(),
        settlement: settlement?,
        class: class.unwrap_or_default(),
        fund: money.fund?,
        deductions: money.deductions?,
        account: money.account?,
        claims: read.claims?,
        excludes: read.excludes?,
        subclasses: read.subclasses?,
        values: read.values?,
        row_values,
        tables: read.tables,
        table_files: read.table_files,
        shown_values: Vec::new(),
        gaps,
        amount_columns,
        open_pools,
        pools: read.pools?,
        sources: sources(&single, document),
        residual_to: single.2.and_then(|keys| keys.to.value),
        payment_drop: read.payment_drop,
        payment_method: read.payment_method,
        statement: read.statement.unwrap_or_default(),
        tax: read.tax,
        portions: read.portions?,
        unique: read.unique?,
        trades: read.trades.map(|trades| TradeRules {
            values: lot_values,
            ..trades
        }),
        prior: None,
        warnings,
        columns: read.columns,
    };
    Some(plan.with_shown_values())
}

/// The rules about claims; `None` for those that have problems.
struct ReadRules {
    columns: Columns,
    tables: Vec<Arc<LookupTable>>,
    table_files: Vec<PlanFile>,
    claims: Option<ClaimRules>,
    values: Option<Vec<NamedValue>>,
    excludes: Option<Vec<Exclude>>,
    subclasses: Option<Vec<Subclass>>,
    pools: Option<Vec<Pool>>,
    /// Warnings about pools.
    of_pools: Vec<String>,
    payment_drop: Option<MinimumPayment>,
    payment_method: Option<ColumnId>,
    statement: Option<StatementRules>,
    portions: Option<Vec<Portion>>,
    tax: Option<TaxRules>,
    unique: Option<Vec<UniqueRule>>,
    trades: Option<TradeRules>,
}

impl ReadRules {
    fn known(&self) -> KnownRules<'_> {
        KnownRules {
            subclasses: self.subclasses.as_deref().unwrap_or_default(),
            values: self.values.as_deref().unwrap_or_default(),
            pools: self.pools.as_deref().unwrap_or_default(),
            portions: self.portions.as_deref().unwrap_or_default(),
            payment_drop: self.payment_drop.as_ref(),
            columns: &self.columns,
            lots: self.trades.as_ref().map(|trades| &trades.lots),
        }
    }
}

/// The facts about claims that the program fills in.
fn fact_sources(keys: &PlanKeys<'_>) -> FactSources {
    let (trades, fund) = (keys.trades.value.as_ref(), keys.fund.value.as_ref());
    FactSources {
        trades: trades.is_some_and(|keys| keys.matching.is_present()),
        prior: fund.is_some_and(|fund| fund.prior.is_present()),
    }
}

/// Reports tax rules of a plan that divides what a reconciliation left.
fn check_prior(keys: &PlanKeys<'_>) {
    if let (Some(at), true) = (&keys.tax.at, fact_sources(keys).prior) {
        at.key_place.problem(messages::prior_with_tax()).add();
    }
}

/// Reads the rules about claims. The names of values and tables come first, because all
/// others may read them.
fn read_rules(source: &PlanSource, keys: &PlanKeys<'_>, document: &TomlDocument<'_>) -> ReadRules {
    let mut columns = Columns::default();
    let values = keys.value.value.as_deref().unwrap_or_default();
    let has_trades = keys.trades.is_present();
    name_values(values, has_trades, &mut columns);
    let (tables, table_files) = read_named_tables(source, keys, &mut columns);
    let claims = read_claims(keys.claims.value.as_ref(), &mut columns);
    let rows = claims.as_ref().map(|claims: &ClaimRules| claims.rows);
    let tables_of_columns = keys.column.value.as_deref().unwrap_or_default();
    let of_trades = keys.trades.value.as_ref();
    columns.facts = fact_sources(keys);
    read_columns(tables_of_columns, rows, has_trades, &mut columns);
    check_trades(keys);
    check_prior(keys);
    let mut trades = of_trades.map(|keys| NamedTrades::new(keys, &columns));
    let subclasses = keys.subclass.value.as_deref().unwrap_or_default();
    let subclass_keys: Vec<&str> = subclasses.iter().map(|(entry, _)| entry.key).collect();
    let lots = trades.as_mut().map(|trades| &mut trades.lots);
    let values = read_values(values, &subclass_keys, &mut columns, lots);
    let known_values = values.as_deref().unwrap_or_default();
    let excludes = keys.exclude.value.as_deref().unwrap_or_default();
    let excludes = read_excludes(excludes, known_values, &mut columns);
    let subclasses = read_subclasses(subclasses, &mut columns);
    let pools = read_pools(&keys.pool, &subclass_keys, &mut columns, document);
    let (pools, of_pools) = pools.unzip();
    let payment = keys.payment.value.as_ref();
    let payment_drop =
        payment.and_then(|keys| read_payment_drop(keys, &subclass_keys, &mut columns));
    check_circles(
        known_values,
        subclasses.as_deref().unwrap_or_default(),
        document,
    );
    let method = payment.and_then(|keys| keys.method.value.as_deref());
    let payment_method = method.map(|name| columns.beside_rules(name, ColumnUse::Payments));
    let portions = keys.portion.value.as_deref().unwrap_or_default();
    let statement = keys.statement.value.as_ref();
    let statement = statement.map(|keys| read_statement(keys, source, portions, &mut columns));
    let context = PortionContext {
        pools: pools.as_deref().unwrap_or_default(),
        values: known_values,
        subclasses: &subclass_keys,
        rows,
        has_tax: keys.tax.is_present(),
    };
    let portions = portions_and_sums(portions, context, &mut columns, document);
    let known_portions = portions.as_deref().unwrap_or_default();
    let (tax, unique) = read_tax_and_unique(keys, known_portions, statement.as_ref(), &mut columns);
    let trades = trades.and_then(|trades| trades.finish(tables_of_columns));
    add_described(&mut columns, trades.as_ref());
    check_names(known_values, &mut columns, trades.as_ref(), document);
    read_maps(tables_of_columns, claims.as_ref(), &mut columns);
    ReadRules {
        columns,
        tables,
        table_files,
        claims,
        values,
        excludes,
        subclasses,
        pools,
        of_pools: of_pools.unwrap_or_default(),
        payment_drop,
        payment_method,
        statement,
        portions,
        tax,
        unique,
        trades,
    }
}

/// Reads the rules for tax after all but `[[unique]]`, because its columns may not be used
/// elsewhere.
fn read_tax_and_unique(
    keys: &PlanKeys<'_>,
    portions: &[Portion],
    statement: Option<&StatementRules>,
    columns: &mut Columns,
) -> (Option<TaxRules>, Option<Vec<UniqueRule>>) {
    let tax = keys.tax.value.as_ref();
    let tax = tax.and_then(|keys| read_tax(keys, portions, statement, columns));
    let unique = keys.unique.value.as_deref().unwrap_or_default();
    let unique = read_unique(unique, columns, tax.as_ref());
    (tax, unique)
}

/// Reads the named tables, and makes their names known.
fn read_named_tables(
    source: &PlanSource,
    keys: &PlanKeys<'_>,
    columns: &mut Columns,
) -> (Vec<Arc<LookupTable>>, Vec<PlanFile>) {
    let tables = keys.table.value.as_deref().unwrap_or_default();
    let (tables, table_files) = read_tables(tables, source);
    let named = tables.into_iter();
    let named = named.filter_map(|(name, table)| columns.name_table(name, table));
    (named.collect(), table_files)
}

/// Reports values with the names of columns, once all columns are known.
fn check_names(
    values: &[NamedValue],
    columns: &mut Columns,
    trades: Option<&TradeRules>,
    document: &TomlDocument<'_>,
) {
    named_value::check_names(values, columns, document);
    if let Some(trades) = trades {
        columns.also_read(&trades.lots);
        named_value::check_names(values, &trades.file, document);
    }
}

/// Each claim of a plan with trades has one row.
fn check_trades(keys: &PlanKeys<'_>) {
    let claims = keys.claims.value.as_ref();
    let rows = claims.and_then(|claims| claims.rows.at.as_ref().zip(claims.rows.value));
    if let (Some((at, RowsRule::Sum)), true) = (rows, keys.trades.is_present()) {
        at.problem(messages::trades_of_added_rows()).add();
    }
}

/// The fund and what is deducted from it.
struct MoneyRules {
    fund: Option<Fund>,
    deductions: Option<Vec<Deduction>>,
    /// Known before the claims, unless the fund is what is claimed.
    #[expect(clippy::option_option, reason = "a fund that is wrong has no account")]
    account: Option<Option<fund::FundAccount>>,
    warnings: Vec<String>,
}

fn read_money(keys: &PlanKeys<'_>, document: &TomlDocument<'_>) -> MoneyRules {
    let fund = keys.fund.value.as_ref().and_then(read_fund);
    let deductions = keys.deduction.value.as_deref().unwrap_or_default();
    if let Some(fund) = &keys.fund.value {
        let pools = keys.pool.value.as_deref().unwrap_or_default();
        fund_keys::check(fund, deductions, pools, keys.payment.value.as_ref());
    }
    let warnings = deductions.iter().filter_map(idle_round).collect();
    let deductions = read_deductions(deductions, fund);
    MoneyRules {
        fund,
        account: account(fund, deductions.as_deref(), document),
        deductions,
        warnings,
    }
}

/// The formulas that are evaluated after the rows of a claimant are added up.
fn above_rows<'p>(pools: &'p [Pool], values: &'p [NamedValue]) -> Vec<&'p Formula> {
    let of_values = values.iter().filter(|value| value.is_of_claim());
    let of_values = of_values.map(|value| &value.formula);
    pools
        .iter()
        .flat_map(Pool::formulas)
        .chain(of_values)
        .collect()
}

/// The tables of which there is one, with a source.
type SingleTables<'p> = (
    Option<FundKeys<'p>>,
    Option<PaymentKeys<'p>>,
    Option<ResidualKeys<'p>>,
);

fn sources(
    (fund, payment, residual): &SingleTables<'_>,
    document: &TomlDocument<'_>,
) -> RuleSources {
    RuleSources {
        fund: fund.as_ref().and_then(|keys| keys.source.value.clone()),
        payment: payment.as_ref().and_then(|keys| keys.source.value.clone()),
        residual: residual.as_ref().and_then(|keys| keys.source.value.clone()),
        missing: document.missing_sources(),
    }
}

/// The account of the fund, if it is known before the claims.
#[expect(clippy::option_option, reason = "a fund that is wrong has none")]
fn account(
    fund: Option<Fund>,
    deductions: Option<&[Deduction]>,
    document: &TomlDocument<'_>,
) -> Option<Option<fund::FundAccount>> {
    let account = fund::known_account(fund?, deductions?, document.currency);
    account.map_err(|problem| document.add(problem)).ok()
}

/// Reads portions, and then finds the columns that are added up.
fn portions_and_sums(
    tables: &[PortionKeys<'_>],
    context: PortionContext<'_>,
    columns: &mut Columns,
    document: &TomlDocument<'_>,
) -> Option<Vec<Portion>> {
    columns.read_for(ColumnUse::Portions);
    let portions = read_portions(tables, context, columns);
    columns.read_for(ColumnUse::Rules);
    let known = portions.as_deref().unwrap_or_default();
    let mut formulas = above_rows(context.pools, context.values);
    formulas.extend(known.iter().filter_map(Portion::formula));
    summed_columns::mark(context.rows, &formulas, columns, document);
    check_added(tables, columns);
    portions
}

/// The columns whose cells are read as amounts in currency.
fn amount_columns(pools: &[Pool]) -> Vec<ColumnId> {
    let formulas = pools.iter().flat_map(Pool::amounts);
    let mut columns: Vec<ColumnId> = formulas.flat_map(Formula::amount_columns).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}
