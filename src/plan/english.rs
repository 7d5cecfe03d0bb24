//! A plan in plain English, in plan order, for comparison with the court order.

mod description;
mod formulas;
mod fund;
mod maps;
mod pools;
mod portions;
mod statements;
mod tables;
mod trades;

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::money::{Money, group};
use crate::plan::cell_reading::DateFormat;
use crate::plan::column::Column;
pub(crate) use crate::plan::english::description::{
    DeductionDescription, DescriptionSection, PlanDescription, wrapped,
};
use crate::plan::english::formulas::either;
use crate::plan::unique::{Duplicates, UniqueRule};
use crate::plan::{
    Choice as _, ColumnId, Columns, Fund, NamedValue, PercentBase, Plan, Pool, RowsRule,
    StatusMeaning, StatusRule, TaxRules, ValueId, ValueScope, WeightKind, sourced,
};

/// The heading of a pool in every account of it.
pub(crate) fn pool_title(name: &str, source: Option<&str>) -> String {
    sourced(&format!("Pool \"{name}\""), source)
}

/// The base of a percentage, in a sentence.
pub(crate) fn percent_base(base: PercentBase, fund: Fund) -> &'static str {
    let has_interest = fund.interest > Money::ZERO;
    match (base, fund.prior, has_interest) {
        (PercentBase::Amount, false, false) => "of the fund",
        (PercentBase::Amount, false, true) => "of the fund, excluding interest",
        (PercentBase::Amount, true, false) => "of what was paid in since",
        (PercentBase::Amount, true, true) => "of what was paid in since, excluding interest",
        (PercentBase::Gross, false, _) => "of the fund, including interest",
        (PercentBase::Gross, true, false) => "of the fund, including what was brought forward",
        (PercentBase::Gross, true, true) => {
            "of the fund, including what was brought forward and interest"
        }
        (PercentBase::Remaining, _, _) => "of the balance after the preceding deductions",
    }
}

pub(crate) fn describe(plan: &Plan) -> PlanDescription {
    let writer = EnglishWriter::new(plan);
    let currency = plan.settlement.currency;
    let amounts = writer.deducted();
    let deductions: Vec<DeductionDescription> = plan
        .deductions
        .iter()
        .zip(&amounts)
        .map(|(deduction, amount)| DeductionDescription {
            name: deduction.name.clone(),
            source: deduction.source.clone(),
            kind: deduction.kind.word(),
            rule: writer.deduction(&deduction.rule),
            amount: amount.map(|amount| currency.text(amount)),
        })
        .collect();
    let account = plan.account.as_ref();
    let mut sections = vec![writer.fund(&deductions, &amounts), writer.claims()];
    sections.extend(writer.excludes());
    sections.extend(writer.subclasses());
    sections.extend(writer.trades());
    sections.extend(writer.tables());
    sections.extend(writer.values());
    sections.extend(plan.pools.iter().map(|pool| writer.pool(pool)));
    sections.extend(writer.minimum_in_all());
    sections.extend(writer.portions());
    sections.push(writer.residual());
    sections.extend(writer.statement());
    PlanDescription {
        source: plan.source.name.clone(),
        settlement: plan.settlement.name.clone(),
        docket: plan.settlement.docket.clone(),
        as_of: plan.settlement.as_of_text(),
        currency: currency.code(),
        draft: plan.settlement.draft.clone(),
        amount: account.map(|account| currency.text(account.amount)),
        interest: currency.text(plan.fund.interest),
        deductions,
        net: account.map(|account| currency.text(account.net)),
        sections,
        without_source: plan.sources.missing.as_ref().map(Vec::len),
        rules_without_source: plan.sources.missing.clone().unwrap_or_default(),
        warnings: plan.warnings.clone(),
    }
}

/// Writes parts of a plan in plain English.
#[derive(Debug, Clone)]
pub(crate) struct EnglishWriter<'p> {
    plan: &'p Plan,
    /// True for rules about single rows, before they are added up, and about lots.
    of_rows: bool,
    /// The columns that rules read.
    columns: &'p Columns,
}

/// The quantity that a number in a formula counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    Shares,
    Money,
    /// A named value, which may be either.
    Plain,
}

impl<'p> EnglishWriter<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            of_rows: false,
            columns: &plan.columns,
        }
    }

    /// A writer of rules about single rows.
    pub(crate) fn of_single_rows(&self) -> Self {
        Self {
            of_rows: true,
            ..*self
        }
    }

    /// A writer of rules about lots.
    pub(crate) fn of_lots(&self) -> Self {
        let trades = self.plan.trades.as_ref();
        Self {
            of_rows: true,
            columns: trades.map_or(self.columns, |trades| &trades.lots),
            ..*self
        }
    }

    /// A writer of rules about the trades file.
    fn of_trades_file(&self) -> Self {
        let trades = self.plan.trades.as_ref();
        Self {
            columns: trades.map_or(self.columns, |trades| &trades.file),
            ..*self
        }
    }

    /// A writer of what a value reads.
    pub(crate) fn of_value(&self, value: &NamedValue) -> Self {
        match value.per {
            None => self.clone(),
            Some(ValueScope::Row) => self.of_single_rows(),
            Some(ValueScope::Lot) => self.of_lots(),
        }
    }

    fn claims(&self) -> DescriptionSection {
        let rules = &self.plan.claims;
        let id = self.column(rules.id);
        let mut sentences = vec![match rules.rows {
            RowsRule::Unique | RowsRule::Each => format!(
                "Each row of the claims file is one claim. The claimant id is in {id} and must be unique."
            ),
            RowsRule::Sum => {
                format!("The rows of one claimant, identified by {id}, are added up as one claim.")
            }
        }];
        match &rules.status {
            StatusRule::Unsaid | StatusRule::AllPayable => {
                sentences.push("All claims are payable.".to_owned());
            }
            StatusRule::Column { column, meanings } => {
                let mut parts = Vec::new();
                for (wanted, words) in [
                    (StatusMeaning::Pay, "are paid"),
                    (StatusMeaning::Hold, "are computed but held"),
                    (StatusMeaning::Deny, "are not paid"),
                ] {
                    let texts: Vec<&str> = meanings
                        .iter()
                        .filter(|(_, m)| *m == wanted)
                        .map(|(text, _)| text.as_str())
                        .collect();
                    if !texts.is_empty() {
                        parts.push(format!("claims with status {} {words}", either(&texts)));
                    }
                }
                sentences.push(format!(
                    "According to {}, {}. Any other status is an error.",
                    self.column(*column),
                    parts.join("; ")
                ));
            }
        }
        for (id, column) in self.plan.columns.iter() {
            sentences.extend(self.map(id, &column.map));
            sentences.extend(self.column_rule(id, column));
        }
        if let Some(column) = self.plan.payment_method {
            let column = self.column(column);
            let rule = format!("The payment method is in {column}; payments are counted by method");
            sentences.push(sourced(&rule, self.plan.sources.payment.as_deref()) + ".");
        }
        sentences.extend(self.plan.tax.as_ref().map(|tax| self.tax(tax)));
        sentences.extend(self.plan.unique.iter().map(|rule| self.unique(rule)));
        DescriptionSection {
            title: "Claims".to_owned(),
            sentences,
        }
    }

    fn unique(&self, rule: &UniqueRule) -> String {
        let names = rule.columns.iter().map(|id| self.column(*id));
        let names: Vec<String> = names.collect();
        let cells = match names.as_slice() {
            [name] => format!("the same cell in {name}"),
            names => format!("the same cells in {}", names.join(" and ")),
        };
        let rule_text = match rule.duplicates {
            Duplicates::Refuse => format!("No two claimants may have {cells}"),
            Duplicates::Flag => {
                format!(
                    "Claimants with {cells} as another claimant are listed in flags.csv for review, and are paid"
                )
            }
        };
        sourced(&rule_text, rule.source.as_deref()) + "."
    }

    fn tax(&self, tax: &TaxRules) -> String {
        let threshold = self.plan.settlement.currency.grouped(tax.threshold);
        let with = tax.earlier.as_ref().map_or_else(String::new, |earlier| {
            let column = self.column(earlier.column);
            let blank = earlier.blank.map_or_else(String::new, |blank| {
                format!(" (a blank counts as {})", decimal::text(blank))
            });
            format!(", including payments earlier in the year from {column}{blank},")
        });
        let portion = tax
            .portion
            .and_then(|portion| self.plan.portions.get(portion));
        let what = portion.map_or_else(
            || "payout".to_owned(),
            |portion| format!("portion \"{}\"", portion.name),
        );
        format!(
            "A {what} of {threshold} or more{with} is flagged for tax; the flag says if there is no valid taxpayer number in {}. Flags change no payment and are not tax advice.",
            self.column(tax.number)
        )
    }

    fn column_rule(&self, id: ColumnId, column: &Column) -> Option<String> {
        let format = &column.format;
        let mut forms = Vec::new();
        if let Some(separator) = format.thousands {
            forms.push(format!("\"{separator}\" may separate thousands"));
        }
        if let Some(prefix) = &format.prefix {
            forms.push(format!("amounts may have the prefix \"{prefix}\""));
        }
        if column.same && column.fact.is_none() {
            forms.push("all rows of a claimant must have the same value".to_owned());
        }
        if format.dates != DateFormat::Iso {
            forms.push(format!("dates have the format {}", format.dates.word()));
        }
        if let Some(values) = &column.values {
            forms.push(format!("values must be {}", either(values)));
        }
        (!forms.is_empty()).then(|| format!("In {}, {}.", self.column(id), forms.join(", and ")))
    }

    fn excludes(&self) -> Option<DescriptionSection> {
        let exclude = |exclude: &crate::plan::Exclude| {
            let when = self.row_condition(&exclude.when);
            let rule = format!("\"{}\": rows where {when}", exclude.reason);
            sourced(&rule, exclude.source.as_deref()) + "."
        };
        let sentences: Vec<String> = self.plan.excludes.iter().map(exclude).collect();
        let title =
            "Exclusions, regardless of status (the first applicable reason is reported)".to_owned();
        (!sentences.is_empty()).then_some(DescriptionSection { title, sentences })
    }

    fn subclasses(&self) -> Option<DescriptionSection> {
        let sentences: Vec<String> = self
            .plan
            .subclasses
            .iter()
            .map(|subclass| {
                let when = self.condition(&subclass.when);
                let (name, key) = (&subclass.name, &subclass.key);
                let rule = format!("{name} (\"{key}\"): claimants where {when}");
                sourced(&rule, subclass.source.as_deref()) + "."
            })
            .collect();
        (!sentences.is_empty()).then_some(DescriptionSection {
            title: "Subclasses".to_owned(),
            sentences,
        })
    }

    fn values(&self) -> Option<DescriptionSection> {
        let value = |(place, value): (usize, &NamedValue)| {
            let writer = self.of_value(value);
            let (each, added) = match value.per {
                None => ("for each claimant", ""),
                Some(ValueScope::Row) => ("for each row", self.rows_added(ValueId(place))),
                Some(ValueScope::Lot) => ("for each lot", self.lots_added(ValueId(place))),
            };
            let (condition, otherwise) = if value.when.entries.is_empty() {
                (String::new(), "")
            } else {
                let condition = writer.condition(&value.when);
                (format!(" where {condition}"), "; otherwise 0")
            };
            let formula = writer.formula(&value.formula, Quantity::Plain);
            let name = sourced(&format!("\"{}\"", value.name), value.source.as_deref());
            format!("{name}: {each}{condition}: {formula}{otherwise}{added}.")
        };
        let sentences: Vec<String> = self.plan.values.iter().enumerate().map(value).collect();
        (!sentences.is_empty()).then_some(DescriptionSection {
            title: "Values".to_owned(),
            sentences,
        })
    }

    /// The end of a sentence about a value per row.
    fn rows_added(&self, id: ValueId) -> &'static str {
        if self.plan.claims.rows == RowsRule::Sum && self.plan.row_values.contains(&id) {
            "; added up over the claimant's rows"
        } else {
            ""
        }
    }

    /// The end of a sentence about a value per lot.
    fn lots_added(&self, id: ValueId) -> &'static str {
        let trades = self.plan.trades.as_ref();
        if trades.is_some_and(|trades| trades.values.contains(&id)) {
            "; added up over the claimant's lots"
        } else {
            ""
        }
    }

    fn pool(&self, pool: &Pool) -> DescriptionSection {
        let mut sentences = vec![self.pool_money(pool)];
        sentences.extend(pool.by.as_ref().map(|by| self.parts(by)));
        sentences.push(self.participation(pool));
        let (what, counts) = match pool.measure {
            WeightKind::Shares => ("Each claimant has", Quantity::Shares),
            WeightKind::Award => ("Each claimant's award is", Quantity::Money),
        };
        sentences.push(format!("{what} {}.", self.formula(&pool.weight, counts)));
        sentences.extend(self.limits(pool));
        sentences.extend(self.range(pool));
        sentences.push(self.rounding(pool));
        if let Some(drop) = &pool.drop {
            sentences.push(self.dropping(drop));
        }
        sentences.extend(pool.only_if.map(|only_if| self.only_if(only_if)));
        DescriptionSection {
            title: pool_title(&pool.name, pool.source.as_deref()),
            sentences,
        }
    }
}

/// `50%` for 0.5.
fn percent(number: Decimal) -> String {
    decimal::product(number, Decimal::ONE_HUNDRED).map_or_else(
        || format!("{} times", decimal::text(number)),
        |percent| format!("{}%", group(&decimal::text(percent))),
    )
}
