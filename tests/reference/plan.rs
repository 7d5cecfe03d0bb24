//! The plan of allocation, as far as it bears on the result.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::{One, Zero};
use toml::de::DeTable;

use super::column::Columns;
use super::condition::{Condition, Names, folded};
use super::document::{Node, Table};
use super::formula::{Formula, Place};
use super::fund::{Currency, Fund};
use super::number::Number;
use super::refused::Refused;
use super::tax::Tax;

type Result<T> = std::result::Result<T, Refused>;

pub(super) struct Plan {
    pub name: String,
    pub docket: Option<String>,
    pub draft: Option<String>,
    pub currency: Currency,
    pub fund: Fund,
    pub claims: ClaimsRules,
    pub columns: Columns,
    pub excludes: Vec<Exclude>,
    pub subclasses: Vec<Subclass>,
    pub pools: Vec<Pool>,
    pub residual_to: Option<String>,
    pub tax: Option<Tax>,
}

pub(super) struct ClaimsRules {
    pub id: String,
    pub status: Status,
    /// Several rows of one claimant are added up.
    pub sum: bool,
}

pub(super) enum Status {
    /// The plan says that there is none.
    Ignored,
    /// The plan says nothing.
    Unsaid,
    Column {
        name: String,
        pay: Vec<String>,
        hold: Vec<String>,
        deny: Vec<String>,
    },
}

pub(super) struct Exclude {
    pub reason: String,
    pub when: Condition,
}

pub(super) struct Subclass {
    pub key: String,
    pub name: Option<String>,
    pub when: Condition,
}

pub(super) struct Pool {
    pub name: String,
    pub money: Money,
    pub when: Option<Condition>,
    /// The weight is an amount in currency, not a number of shares.
    pub by_award: bool,
    pub weight: Formula,
    pub at_least: Option<Formula>,
    pub at_most: Option<Formula>,
    pub less: Option<Formula>,
    pub lowest_rate: Number,
    /// None: without limit.
    pub highest_rate: Option<Number>,
    pub drop: Option<Drop>,
    pub round: Round,
    /// The value of a share is rounded down before it is multiplied.
    pub by_share: bool,
}

/// The money of a pool, in minor units.
pub(super) enum Money {
    Everything,
    Amount(BigInt),
    UpTo(BigInt),
    OfNet(Number),
    OfRemaining(Number),
}

pub(super) struct Drop {
    /// In minor units.
    pub limit: BigInt,
    /// A payout of just the limit is dropped too.
    pub at_limit: bool,
    pub smallest_first: bool,
    pub when: Option<Condition>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    Down,
    HalfEven,
    LargestRemainder,
    Nearest,
}

impl Plan {
    pub(super) fn read(source: &str) -> Result<Plan> {
        let document = DeTable::parse(source).map_err(|error| Refused::plan(error.message()))?;
        let mut table = Table::document(source, document.get_ref());
        let mut settlement = table.need("settlement")?.table()?;
        let currency = Currency::read(settlement.take("currency"))?;
        let fund = Fund::read(&table.need("fund")?, table.take("deduction"), &currency)?;
        let columns = Columns::read(table.take("column"))?;
        let excludes = read_excludes(table.take("exclude"), &columns)?;
        let subclasses = read_subclasses(table.take("subclass"), &columns)?;
        let keys: Vec<String> = subclasses
            .iter()
            .map(|subclass| subclass.key.clone())
            .collect();
        let names = Names {
            columns: &columns,
            subclasses: Some(&keys),
        };
        let plan = Plan {
            name: settlement.need("name")?.text()?,
            docket: settlement.maybe("docket", Node::text)?,
            draft: settlement.maybe("draft", Node::text)?,
            pools: read_pools(&table.need("pool")?, &names, &currency)?,
            claims: ClaimsRules::read(table.take("claims"))?,
            residual_to: read_section(table.take("residual"), "to", Node::text)?,
            tax: table.maybe("tax", |node| Tax::read(node, &currency))?,
            currency,
            fund,
            columns,
            excludes,
            subclasses,
        };
        settlement.done()?;
        read_section(table.take("class"), "members", Node::whole_number)?;
        table.done()?;
        plan.check_texts()?;
        plan.check_tax()?;
        Ok(plan)
    }

    /// The texts of columns that `exclude` reads, whoever compares cells with
    /// them: these are checked on every row.
    pub(super) fn early_texts(&self) -> BTreeSet<(String, String)> {
        let excludes = || self.excludes.iter().map(|exclude| &exclude.when);
        let columns: BTreeSet<String> = excludes().flat_map(Condition::columns).collect();
        let mut texts = self.late_texts();
        texts.retain(|(name, _)| columns.contains(name));
        texts.extend(excludes().flat_map(Condition::texts));
        texts
    }

    /// The texts that subclasses, pools and formulas compare cells with.
    pub(super) fn late_texts(&self) -> BTreeSet<(String, String)> {
        let conditions = self
            .late_conditions()
            .into_iter()
            .flat_map(Condition::texts);
        let tables = self.formulas().flat_map(Formula::tables);
        let keys = tables
            .flat_map(|(name, texts)| texts.into_iter().map(move |text| (name.clone(), text)));
        conditions.chain(keys).collect()
    }

    /// The columns read as amounts; with several rows to a claimant they are added up.
    pub(super) fn amount_columns(&self) -> BTreeSet<String> {
        self.formulas()
            .flat_map(Formula::amount_columns)
            .cloned()
            .collect()
    }

    /// The other columns that subclasses, pools and formulas read.
    pub(super) fn agreeing_columns(&self) -> BTreeSet<String> {
        let conditions = self
            .late_conditions()
            .into_iter()
            .flat_map(Condition::columns);
        let tables = self
            .formulas()
            .flat_map(Formula::tables)
            .map(|(name, _)| name.clone());
        let amounts = self.amount_columns();
        let tax = self.tax.iter();
        let of_tax = tax.flat_map(|tax| tax.earlier_column().into_iter().chain([&tax.number]));
        conditions
            .chain(tables)
            .chain(of_tax.cloned())
            .filter(|name| !amounts.contains(name))
            .collect()
    }

    /// The columns that formulas and conditions of claims read.
    fn columns_of_claims(&self) -> BTreeSet<String> {
        let mut names = self.amount_columns();
        for condition in self.late_conditions() {
            names.extend(condition.columns());
        }
        let tables = self.formulas().flat_map(Formula::tables);
        names.extend(tables.map(|(name, _)| name.clone()));
        names
    }

    /// Every column that the plan names, but for those of tax flags.
    fn columns_of_rules(&self) -> BTreeSet<String> {
        let mut names = self.columns_of_claims();
        names.extend(
            self.excludes
                .iter()
                .flat_map(|exclude| exclude.when.columns()),
        );
        names.extend(self.columns.iter().map(|(name, _)| name.clone()));
        names.insert(self.claims.id.clone());
        if let Status::Column { name, .. } = &self.claims.status {
            names.insert(name.clone());
        }
        names
    }

    /// Every column that the plan names.
    pub(super) fn named_columns(&self) -> BTreeSet<String> {
        let mut names = self.columns_of_rules();
        if let Some(tax) = &self.tax {
            names.insert(tax.number.clone());
            names.extend(tax.earlier_column().cloned());
        }
        names
    }

    /// Nothing else reads taxpayer numbers, and earlier payments are not added up.
    fn check_tax(&self) -> Result<()> {
        let Some(tax) = &self.tax else { return Ok(()) };
        if self.columns_of_rules().contains(&tax.number) {
            return Err(Refused::plan("the taxpayer number is read elsewhere"));
        }
        let amounts = self.amount_columns();
        let earlier = tax.earlier_column();
        if self.claims.sum && earlier.is_some_and(|earlier| amounts.contains(earlier)) {
            return Err(Refused::plan("earlier payments would be added up"));
        }
        Ok(())
    }

    fn formulas(&self) -> impl Iterator<Item = &Formula> {
        self.pools.iter().flat_map(Pool::formulas)
    }

    fn late_conditions(&self) -> Vec<&Condition> {
        let subclasses = self.subclasses.iter().map(|subclass| &subclass.when);
        let pools = self.pools.iter().flat_map(|pool| {
            pool.when
                .iter()
                .chain(pool.drop.iter().flat_map(|drop| &drop.when))
        });
        subclasses
            .chain(pools)
            .chain(self.formulas().flat_map(Formula::conditions))
            .collect()
    }

    /// No two texts named for one column may differ by case and white space only.
    fn check_texts(&self) -> Result<()> {
        let mut texts = self.early_texts();
        texts.extend(self.late_texts());
        for (name, column) in self.columns.iter() {
            texts.extend(
                column
                    .values
                    .iter()
                    .flatten()
                    .map(|text| (name.clone(), text.clone())),
            );
        }
        if let Status::Column {
            name,
            pay,
            hold,
            deny,
        } = &self.claims.status
        {
            texts.extend(
                [pay, hold, deny]
                    .into_iter()
                    .flatten()
                    .map(|text| (name.clone(), text.clone())),
            );
        }
        let mut seen = BTreeMap::new();
        for (name, text) in texts {
            if let Some(other) = seen.insert((name.clone(), folded(&text)), text.clone()) {
                return Err(Refused::plan(format!(
                    "column `{name}`: `{other}` and `{text}` are too much alike"
                )));
            }
        }
        Ok(())
    }
}

/// A table that may be missing, with one key that may be missing.
fn read_section<'a, T>(
    node: Option<Node<'a>>,
    key: &str,
    read: impl Fn(&Node<'a>) -> Result<T>,
) -> Result<Option<T>> {
    let Some(node) = node else { return Ok(None) };
    let mut table = node.table()?;
    let value = table.take(key).map(|node| read(&node)).transpose()?;
    table.done()?;
    Ok(value)
}

impl ClaimsRules {
    fn read(node: Option<Node>) -> Result<ClaimsRules> {
        let Some(node) = node else {
            return Ok(ClaimsRules {
                id: "claimant_id".to_string(),
                status: Status::Unsaid,
                sum: false,
            });
        };
        let mut table = node.table()?;
        let rules = ClaimsRules {
            id: table
                .maybe("id", Node::cell_text)?
                .unwrap_or("claimant_id".to_string()),
            status: Status::read(&mut table)?,
            sum: table
                .word("rows", &[("unique", false), ("sum", true)])?
                .unwrap_or(false),
        };
        table.done()?;
        Ok(rules)
    }
}

impl Status {
    fn read(table: &mut Table) -> Result<Status> {
        let Some(node) = table.take("status") else {
            return Ok(Status::Unsaid);
        };
        if !node.value().is_str() {
            return match node.flag()? {
                false => Ok(Status::Ignored),
                true => Err(node.refuse("must name a column, or be false")),
            };
        }
        let pay = table.need("pay")?.cell_texts()?;
        let hold = table.maybe("hold", list_of_texts)?.unwrap_or_default();
        let deny = table.maybe("deny", list_of_texts)?.unwrap_or_default();
        let all: Vec<&String> = pay.iter().chain(&hold).chain(&deny).collect();
        if all.iter().collect::<BTreeSet<_>>().len() < all.len() {
            return Err(node.refuse("has a value that is listed twice"));
        }
        Ok(Status::Column {
            name: node.cell_text()?,
            pay,
            hold,
            deny,
        })
    }
}

fn list_of_texts(node: &Node) -> Result<Vec<String>> {
    node.list()?.iter().map(Node::cell_text).collect()
}

fn read_excludes(node: Option<Node>, columns: &Columns) -> Result<Vec<Exclude>> {
    let names = Names {
        columns,
        subclasses: None,
    };
    let read = |node: &Node| {
        let mut table = node.table()?;
        let reason = table.need("reason")?.text()?;
        let when = Condition::read(&table.need("when")?, &names)?;
        table.done()?;
        Ok(Exclude { reason, when })
    };
    node.map(|node| node.list())
        .transpose()?
        .iter()
        .flatten()
        .map(read)
        .collect()
}

fn read_subclasses(node: Option<Node>, columns: &Columns) -> Result<Vec<Subclass>> {
    let names = Names {
        columns,
        subclasses: None,
    };
    let read = |(key, node): (String, Node)| {
        let mut table = node.table()?;
        let name = table.maybe("name", Node::text)?;
        let when = Condition::read(&table.need("when")?, &names)?;
        table.done()?;
        Ok(Subclass { key, name, when })
    };
    node.map(|node| node.table())
        .transpose()?
        .into_iter()
        .flat_map(Table::rest)
        .map(read)
        .collect()
}

fn read_pools(node: &Node, names: &Names, currency: &Currency) -> Result<Vec<Pool>> {
    let pools = node
        .list()?
        .iter()
        .map(|pool| Pool::read(pool, names, currency))
        .collect::<Result<Vec<_>>>()?;
    let unique: BTreeSet<&String> = pools.iter().map(|pool| &pool.name).collect();
    if pools.is_empty() || unique.len() < pools.len() {
        return Err(node.refuse("must be at least one, each with a name of its own"));
    }
    Ok(pools)
}

impl Pool {
    fn read(node: &Node, names: &Names, currency: &Currency) -> Result<Pool> {
        let mut table = node.table()?;
        let (weight, formula) = table.one_of(&["shares", "award"])?;
        let by_award = weight == "award";
        let limit = |node: &Node| Formula::read(node, names, Place::Limit);
        let (lowest_rate, highest_rate) = read_rates(&mut table, by_award)?;
        let pool = Pool {
            name: table.need("name")?.text()?,
            money: Money::read(&mut table, currency)?,
            when: table.maybe("when", |node| Condition::read(node, names))?,
            by_award,
            weight: Formula::read(&formula, names, Place::Weight)?,
            at_least: table.maybe("at_least", limit)?,
            at_most: table.maybe("at_most", limit)?,
            less: table.maybe("less", |node| Formula::read(node, names, Place::Weight))?,
            lowest_rate,
            highest_rate,
            drop: table.maybe("drop", |node| Drop::read(node, names, currency))?,
            round: table.word("round", &ROUNDS)?.unwrap_or(Round::Down),
            by_share: table
                .word("unit", &[("payment", false), ("share", true)])?
                .unwrap_or(false),
        };
        table.done()?;
        pool.check().map_err(|problem| node.refuse(problem))?;
        Ok(pool)
    }

    /// What excludes each other.
    fn check(&self) -> std::result::Result<(), &'static str> {
        let smallest_first = self.drop.as_ref().is_some_and(|drop| drop.smallest_first);
        if self.by_share && (self.by_award || self.round != Round::Down || self.drop.is_some()) {
            return Err("can round by share only with shares, rounding down and without `drop`");
        }
        if self.drop.is_some() && (self.less.is_some() || self.at_least.is_some()) {
            return Err("cannot combine `drop` with `less` or `at_least`");
        }
        if smallest_first && self.at_most.is_some() {
            return Err("cannot drop smallest first with `at_most`");
        }
        Ok(())
    }

    fn formulas(&self) -> impl Iterator<Item = &Formula> {
        std::iter::once(&self.weight)
            .chain(&self.at_least)
            .chain(&self.at_most)
            .chain(&self.less)
    }
}

const ROUNDS: [(&str, Round); 4] = [
    ("down", Round::Down),
    ("half-even", Round::HalfEven),
    ("largest-remainder", Round::LargestRemainder),
    ("nearest", Round::Nearest),
];

/// The lowest and the highest rate: those of an award pool can be set.
fn read_rates(table: &mut Table, by_award: bool) -> Result<(Number, Option<Number>)> {
    if !by_award {
        return Ok((Number::zero(), None));
    }
    let reduce = table
        .maybe("reduce", Node::number)?
        .unwrap_or_else(Number::zero);
    let raise = match table.take("raise") {
        None => Some(Number::one()),
        Some(node) if node.value().as_str() == Some("unlimited") => None,
        Some(node) => Some(node.number()?),
    };
    if reduce > Number::one() || raise.as_ref().is_some_and(|raise| raise < &Number::one()) {
        return Err(table
            .refuse("can reduce to 0 at the lowest and 1 at the highest, and raise to 1 or more"));
    }
    Ok((reduce, raise))
}

impl Money {
    fn read(table: &mut Table, currency: &Currency) -> Result<Money> {
        let Some((key, node)) =
            table.at_most_one_of(&["amount", "percent", "fraction", "up_to"])?
        else {
            return Ok(Money::Everything);
        };
        let part = match key {
            "amount" => return Ok(Money::Amount(currency.money(&node)?)),
            "up_to" => return Ok(Money::UpTo(currency.money(&node)?)),
            "percent" => node.number()? / Number::from_integer(100.into()),
            _ => node.fraction()?,
        };
        Ok(
            match table
                .word("of", &[("net", false), ("remaining", true)])?
                .unwrap_or(false)
            {
                false => Money::OfNet(part),
                true => Money::OfRemaining(part),
            },
        )
    }
}

impl Drop {
    fn read(node: &Node, names: &Names, currency: &Currency) -> Result<Drop> {
        let mut table = node.table()?;
        let (key, limit) = table.one_of(&["below", "at_or_below"])?;
        let methods = [("all-at-once", false), ("smallest-first", true)];
        let drop = Drop {
            limit: currency.money(&limit)?,
            at_limit: key == "at_or_below",
            smallest_first: table
                .word("method", &methods)?
                .ok_or_else(|| node.refuse("needs `method`"))?,
            when: table.maybe("when", |node| Condition::read(node, names))?,
        };
        table.done()?;
        Ok(drop)
    }
}
