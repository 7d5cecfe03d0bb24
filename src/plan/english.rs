//! A plan told back in plain English, in order, so that counsel can compare it
//! with the order of the court.

use rust_decimal::Decimal;
use serde::Serialize;

use super::column::Column;
use super::condition::{Condition, Entry, Matcher, Range};
use super::format::DateForm;
use super::formula::{CellOperand, Formula, Operand, Reading, Step, Verb};
use super::{
    Base, ColumnId, DeductionRound, DeductionRule, DropMethod, Measure, Plan, Pool, PoolMoney,
    Round, Rows, StatusMeaning, StatusRule, Unit,
};
use crate::exact;
use crate::fund::Deducted;
use crate::money::group;

/// A plan, told back.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// `built-in NAME`, or the name of the file.
    pub source: String,
    /// The settlement.
    pub settlement: String,
    /// The court's docket number.
    pub docket: Option<String>,
    /// ISO 4217.
    pub currency: &'static str,
    /// Why the plan must not be paid on.
    pub draft: Option<String>,
    /// The amount of the fund, in currency.
    pub amount: String,
    /// Interest on it.
    pub interest: String,
    /// The deductions worked out, in order.
    pub deductions: Vec<ToldDeduction>,
    /// What the class receives.
    pub net: String,
    /// The rules in sentences.
    pub sections: Vec<Section>,
    /// What is odd but not wrong.
    pub warnings: Vec<String>,
}

/// A deduction worked out.
#[derive(Debug, Clone, Serialize)]
pub struct ToldDeduction {
    /// What it is for.
    pub name: String,
    /// What kind of expense it is.
    pub kind: &'static str,
    /// How it is worked out.
    pub rule: String,
    /// How much it is, in currency.
    pub amount: String,
}

/// Some sentences under a heading.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// What they are about.
    pub title: String,
    /// In plan order.
    pub sentences: Vec<String>,
}

impl Told {
    /// The plan as text, within 80 columns.
    pub fn text(&self) -> String {
        let mut text = wrapped("", &self.settlement);
        if let Some(docket) = &self.docket {
            text.push_str(&wrapped("", docket));
        }
        if let Some(draft) = &self.draft {
            text.push('\n');
            text.push_str(&wrapped("", &format!("DRAFT, not to be paid on: {draft}")));
        }
        for section in &self.sections {
            text.push('\n');
            text.push_str(&wrapped("", &section.title));
            for sentence in &section.sentences {
                text.push_str(&wrapped("  ", sentence));
            }
        }
        for warning in &self.warnings {
            text.push('\n');
            text.push_str(&wrapped("", &format!("Warning: {warning}")));
        }
        text
    }
}

/// The text in lines of at most 80 characters, the later ones indented more.
pub fn wrapped(indent: &str, text: &str) -> String {
    const WIDTH: usize = 80;
    let mut lines = String::new();
    let mut line = indent.to_owned();
    let mut words = 0;
    for word in text.split(' ') {
        if words > 0 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = format!("{indent}  ");
            words = 0;
        }
        if words > 0 {
            line.push(' ');
        }
        line.push_str(word);
        words += 1;
    }
    lines + &line + "\n"
}

/// Tells a plan back.
pub fn tell(plan: &Plan) -> Told {
    let teller = Teller::new(plan);
    let currency = plan.settlement.currency;
    let deductions: Vec<ToldDeduction> = plan
        .deductions
        .iter()
        .zip(&plan.account.deductions)
        .map(|(deduction, deducted)| ToldDeduction {
            name: deduction.name.clone(),
            kind: deduction.kind.word(),
            rule: teller.deduction(&deduction.rule),
            amount: currency.text(deducted.amount),
        })
        .collect();
    let mut sections = vec![teller.fund(&deductions), teller.claims()];
    sections.extend(teller.excludes());
    sections.extend(teller.subclasses());
    sections.extend(plan.pools.iter().map(|pool| teller.pool(pool)));
    sections.push(teller.residual());
    Told {
        source: plan.source.name.clone(),
        settlement: plan.settlement.name.clone(),
        docket: plan.settlement.docket.clone(),
        currency: currency.code(),
        draft: plan.settlement.draft.clone(),
        amount: currency.text(plan.account.amount),
        interest: currency.text(plan.account.interest),
        deductions,
        net: currency.text(plan.account.net),
        sections,
        warnings: plan.warnings.clone(),
    }
}

/// Tells parts of a plan.
#[derive(Debug, Clone)]
pub struct Teller<'p> {
    plan: &'p Plan,
}

/// What a number in a formula counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// A number without unit.
    Shares,
    /// An amount in currency.
    Money,
}

impl<'p> Teller<'p> {
    /// For this plan.
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan }
    }

    fn fund(&self, deductions: &[ToldDeduction]) -> Section {
        let currency = self.plan.settlement.currency;
        let account = &self.plan.account;
        let mut fund = format!("From the fund of {}", currency.grouped(account.amount));
        if account.interest.0 > 0 {
            fund += &format!(", with interest of {},", currency.grouped(account.interest));
        }
        fund += if deductions.is_empty() {
            " nothing is deducted."
        } else {
            " the following is deducted, in this order:"
        };
        let mut sentences = vec![fund];
        let numbered = deductions.iter().zip(&account.deductions).zip(1..);
        for ((told, Deducted { amount, .. }), number) in numbered {
            let kind = if told.kind == "other" {
                String::new()
            } else {
                format!(" [{}]", told.kind)
            };
            let amount = currency.grouped(*amount);
            let rule = if told.rule == amount {
                String::new()
            } else {
                format!("{}: ", told.rule)
            };
            sentences.push(format!("{number}. {}{kind}: {rule}{amount}.", told.name));
        }
        sentences.push(format!(
            "The net fund, for the class, is {}.",
            currency.grouped(account.net)
        ));
        if let Some(members) = self.plan.class_members {
            sentences.push(format!(
                "The class has {} members.",
                group(&members.to_string())
            ));
        }
        Section {
            title: "The fund".to_owned(),
            sentences,
        }
    }

    fn deduction(&self, rule: &DeductionRule) -> String {
        let currency = self.plan.settlement.currency;
        let of = |base: &Base| match base {
            Base::Amount if self.plan.account.interest.0 > 0 => "of the fund without interest",
            Base::Amount => "of the fund",
            Base::Gross => "of the fund with interest",
            Base::Remaining => "of what is left by the deductions before",
        };
        let round = |round: &DeductionRound| {
            let direction = match round {
                DeductionRound::Nearest => "to the nearest",
                DeductionRound::Down => "down to the",
                DeductionRound::Up => "up to the",
            };
            format!("rounded {direction} {}", currency.minor_unit())
        };
        match rule {
            DeductionRule::Amount(amount) => currency.grouped(*amount),
            DeductionRule::Each { each, count } => {
                format!(
                    "{} × {}",
                    group(&count.to_string()),
                    currency.grouped(*each)
                )
            }
            DeductionRule::Part {
                part,
                of: base,
                round: how,
            } => {
                format!("{} {}, {}", part.written, of(base), round(how))
            }
            DeductionRule::Brackets {
                brackets,
                of: base,
                round: how,
            } => {
                let rates: Vec<(Option<Decimal>, String)> = brackets
                    .iter()
                    .map(|bracket| (bracket.to, bracket.part.written.clone()))
                    .collect();
                format!(
                    "{} {}, {}",
                    self.brackets(&rates, Counts::Money),
                    of(base),
                    round(how)
                )
            }
        }
    }

    /// `10% of the first $1,000.00, 17.5% of the next up to $10,000.00, 30% above`
    fn brackets(&self, brackets: &[(Option<Decimal>, String)], counts: Counts) -> String {
        let mut parts = Vec::new();
        for (position, (to, rate)) in brackets.iter().enumerate() {
            parts.push(match to {
                Some(to) if position == 0 => {
                    format!("{rate} of the first {}", self.number(*to, counts))
                }
                Some(to) => format!("{rate} of what follows up to {}", self.number(*to, counts)),
                None if position == 0 => format!("{rate} of all"),
                None => format!("{rate} of the rest"),
            });
        }
        parts.join(", ")
    }

    fn claims(&self) -> Section {
        let rules = &self.plan.claims;
        let id = self.column(rules.id);
        let mut sentences = vec![match rules.rows {
            Rows::Unique => format!(
                "Each row of the claims file is one claim; {id} names the claimant, and no id may occur twice."
            ),
            Rows::Sum => {
                format!("The rows of one claimant, whom {id} names, are added up to one claim.")
            }
        }];
        match &rules.status {
            StatusRule::Unsaid | StatusRule::AllPayable => {
                sentences.push("Every row is payable.".to_owned());
            }
            StatusRule::Column { column, meanings } => {
                let mut parts = Vec::new();
                for (wanted, words) in [
                    (StatusMeaning::Pay, "is paid"),
                    (StatusMeaning::Hold, "is computed but held"),
                    (StatusMeaning::Deny, "is not paid"),
                ] {
                    let texts: Vec<&str> = meanings
                        .iter()
                        .filter(|(_, m)| *m == wanted)
                        .map(|(text, _)| text.as_str())
                        .collect();
                    if !texts.is_empty() {
                        parts.push(format!("{} {words}", either(&texts)));
                    }
                }
                sentences.push(format!(
                    "By {}, a claim with {}. Any other status is an error.",
                    self.column(*column),
                    parts.join("; ")
                ));
            }
        }
        let columns = self
            .plan
            .columns
            .iter()
            .filter_map(|(id, column)| self.column_rule(id, column));
        sentences.extend(columns);
        Section {
            title: "The claims".to_owned(),
            sentences,
        }
    }

    fn column_rule(&self, id: ColumnId, column: &Column) -> Option<String> {
        let format = &column.format;
        let mut forms = Vec::new();
        if let Some(separator) = format.thousands {
            forms.push(format!("`{separator}` may separate thousands"));
        }
        if let Some(prefix) = &format.prefix {
            forms.push(format!("`{prefix}` may stand before an amount"));
        }
        if format.dates != DateForm::Iso {
            forms.push(format!("dates are written {}", format.dates.word()));
        }
        if !forms.is_empty() {
            return Some(format!("In {}, {}.", self.column(id), forms.join(", and ")));
        }
        let values = column.values.as_ref()?;
        Some(format!(
            "In {} only {} may stand.",
            self.column(id),
            either(values)
        ))
    }

    fn excludes(&self) -> Option<Section> {
        let exclude = |exclude: &super::Exclude| {
            format!(
                "\"{}\": a row where {}.",
                exclude.reason,
                self.condition(&exclude.when)
            )
        };
        let sentences: Vec<String> = self.plan.excludes.iter().map(exclude).collect();
        let title =
            "Excluded, whatever the status; the first that fits gives the reason".to_owned();
        (!sentences.is_empty()).then_some(Section { title, sentences })
    }

    fn subclasses(&self) -> Option<Section> {
        let sentences: Vec<String> = self
            .plan
            .subclasses
            .iter()
            .map(|subclass| {
                format!(
                    "{} (`{}`): every claimant where {}.",
                    subclass.name,
                    subclass.key,
                    self.condition(&subclass.when)
                )
            })
            .collect();
        (!sentences.is_empty()).then_some(Section {
            title: "Subclasses".to_owned(),
            sentences,
        })
    }

    fn pool(&self, pool: &Pool) -> Section {
        let currency = self.plan.settlement.currency;
        let mut sentences = vec![match &pool.money {
            PoolMoney::Rest => "It has everything that is left of the net fund.".to_owned(),
            PoolMoney::Amount(amount) => {
                format!("It has {}, which must be there.", currency.grouped(*amount))
            }
            PoolMoney::UpTo(amount) => format!(
                "It has up to {}, or what is left.",
                currency.grouped(*amount)
            ),
            PoolMoney::Part { part, of_remaining } => {
                let of = if *of_remaining {
                    "what is left of the net fund"
                } else {
                    "the net fund"
                };
                format!(
                    "It has {} of {of}, rounded down to the {}, which must be there.",
                    part.written,
                    currency.minor_unit()
                )
            }
        }];
        sentences.push(if pool.when.entries.is_empty() {
            "Every payable or held claim takes part.".to_owned()
        } else {
            format!(
                "A payable or held claim takes part where {}.",
                self.condition(&pool.when)
            )
        });
        let (what, counts) = match pool.measure {
            Measure::Shares => ("has", Counts::Shares),
            Measure::Award => ("has an award of", Counts::Money),
        };
        sentences.push(format!(
            "Each claimant {what} {}.",
            self.formula(&pool.weight, counts)
        ));
        sentences.extend(self.limits(pool));
        sentences.extend(Self::range(pool));
        sentences.push(self.rounding(pool));
        if let Some(drop) = &pool.drop {
            sentences.push(self.dropping(drop));
        }
        Section {
            title: format!("Pool \"{}\"", pool.name),
            sentences,
        }
    }

    fn limits(&self, pool: &Pool) -> Vec<String> {
        let unit = self.plan.settlement.currency.minor_unit();
        let limits = [
            (
                &pool.less,
                "What a claimant has already received is taken off",
                "",
            ),
            (
                &pool.at_least,
                "Nobody who takes part receives less than",
                ", rounded up",
            ),
            (&pool.at_most, "Nobody receives more than", ", rounded down"),
        ];
        limits
            .into_iter()
            .filter_map(|(formula, words, round)| {
                let formula = formula.as_ref()?;
                let round = if round.is_empty() {
                    String::new()
                } else {
                    format!("{round} to the {unit}")
                };
                Some(format!(
                    "{words} {}{round}.",
                    self.formula(formula, Counts::Money)
                ))
            })
            .collect()
    }

    fn range(pool: &Pool) -> Vec<String> {
        if pool.measure == Measure::Shares {
            return vec!["The money is divided in proportion to the shares.".to_owned()];
        }
        let mut sentences = vec!["The money is divided in proportion to the awards.".to_owned()];
        sentences.push(match pool.range.raise {
            None => "Awards are raised without limit until the money is used up.".to_owned(),
            Some(raise) if raise == Decimal::ONE => {
                "Nobody receives more than the award.".to_owned()
            }
            Some(raise) => format!("Awards are raised to at most {} times.", exact::text(raise)),
        });
        if !pool.range.reduce.is_zero() {
            let reduce = exact::text(pool.range.reduce);
            sentences.push(format!("Awards are reduced to no less than {reduce} times; if the money does not suffice for that, nothing is paid."));
        }
        sentences
    }

    fn rounding(&self, pool: &Pool) -> String {
        let unit = self.plan.settlement.currency.minor_unit();
        if pool.unit == Unit::Share {
            return format!(
                "Each share's value is rounded down to the {unit}, then multiplied by the claimant's shares; what that leaves stays in the fund."
            );
        }
        match pool.round {
            Round::Down => format!(
                "Each payment is rounded down to the {unit}; what that leaves stays in the fund."
            ),
            Round::LargestRemainder => format!(
                "Each payment is rounded down to the {unit}; what that leaves goes, one {unit} each, to the largest fractions, among equal ones in the order of ids."
            ),
            Round::Nearest => format!(
                "Each payment is rounded to the nearest {unit}; if that takes more than there is, nothing is paid."
            ),
        }
    }

    fn dropping(&self, drop: &super::DropRule) -> String {
        let limit = self.plan.settlement.currency.grouped(drop.limit);
        let below = if drop.inclusive {
            format!("{limit} or less")
        } else {
            format!("less than {limit}")
        };
        let who = if drop.when.entries.is_empty() {
            String::new()
        } else {
            format!(", where {},", self.condition(&drop.when))
        };
        let how = match drop.method {
            DropMethod::AllAtOnce => "all at once, and the rest share anew",
            DropMethod::SmallestFirst => "the smallest first, and each time the rest share anew",
        };
        format!("Whoever would receive {below}{who} is dropped: {how}.")
    }

    fn residual(&self) -> Section {
        let sentence = match &self.plan.residual_to {
            Some(to) => format!("What is left of the fund goes: {to}."),
            None => "The plan does not say where what is left of the fund goes.".to_owned(),
        };
        Section {
            title: "The residual".to_owned(),
            sentences: vec![sentence],
        }
    }

    fn formula(&self, formula: &Formula, counts: Counts) -> String {
        let mut text = String::new();
        for (position, step) in formula.steps.iter().enumerate() {
            let first = position == 0;
            let operand = self.operand(
                &step.operand,
                if step.verb == Verb::Times {
                    Counts::Shares
                } else {
                    counts
                },
            );
            text += &match step.verb {
                Verb::Add if first => with_unit(step, &operand, counts),
                Verb::Add => format!(", and {operand} more"),
                Verb::Subtract if first => format!("0, less {operand}"),
                Verb::Subtract => format!(", less {operand}"),
                Verb::Times => format!(", times {operand}"),
                Verb::AtLeast if first => format!("at least {operand}"),
                Verb::AtLeast => format!(", but at least {operand}"),
                Verb::AtMost if first => format!("0, but at most {operand}"),
                Verb::AtMost => format!(", but at most {operand}"),
            };
            let condition = self.condition(&step.when);
            if !step.when.entries.is_empty() {
                text += &format!(" if {condition}");
            }
            if let Some(label) = step
                .label
                .as_ref()
                .filter(|label| !condition.contains(label.as_str()))
            {
                text += &format!(" ({label})");
            }
        }
        text
    }

    /// The operand of a step.
    pub fn operand(&self, operand: &Operand, counts: Counts) -> String {
        match operand {
            Operand::Number(number) => self.number(*number, counts),
            Operand::Award(factor) => format!(
                "{} times the claimant's own award or shares",
                exact::text(*factor)
            ),
            Operand::Cell(operand) => self.cell(operand, counts),
        }
    }

    fn cell(&self, operand: &CellOperand, counts: Counts) -> String {
        let mut text = match &operand.reading {
            Reading::Number { blank } => {
                let blank = blank.map_or_else(String::new, |blank| {
                    format!(" (a blank counts as {})", exact::text(blank))
                });
                format!("the number in {}{blank}", self.column(operand.column))
            }
            Reading::Table(table) => {
                let entries: Vec<String> = table
                    .iter()
                    .map(|(text, number)| {
                        format!("{} for {}", exact::text(*number), blank_or(text))
                    })
                    .collect();
                format!("by {}: {}", self.column(operand.column), entries.join(", "))
            }
        };
        // What is still to be multiplied is no amount yet.
        let counts = if operand.times.is_some() {
            Counts::Shares
        } else {
            counts
        };
        if let Some(up_to) = operand.up_to {
            text += &format!(", of which at most {} counts", self.number(up_to, counts));
        }
        if !operand.brackets.is_empty() {
            let rates: Vec<(Option<Decimal>, String)> = operand
                .brackets
                .iter()
                .map(|bracket| (bracket.to, exact::text(bracket.rate)))
                .collect();
            text += &format!(", of which {}", self.brackets(&rates, counts));
        }
        if let Some(times) = operand.times {
            text += &format!(", multiplied by {}", exact::text(times));
        }
        text
    }

    /// A number that counts shares, or an amount in currency.
    fn number(&self, number: Decimal, counts: Counts) -> String {
        let currency = self.plan.settlement.currency;
        match (counts, currency.exact(number)) {
            (Counts::Money, Some(money)) => currency.grouped(money),
            _ => group(&exact::text(number)),
        }
    }

    /// A condition, as the end of "where …".
    pub fn condition(&self, condition: &Condition) -> String {
        let entries: Vec<String> = condition
            .entries
            .iter()
            .map(|entry| self.entry(entry))
            .collect();
        entries.join(" and ")
    }

    fn entry(&self, entry: &Entry) -> String {
        match entry {
            Entry::In(subclasses) => {
                let names: Vec<&str> = subclasses
                    .iter()
                    .filter_map(|&number| self.plan.subclasses.get(number))
                    .map(|subclass| subclass.name.as_str())
                    .collect();
                format!("in the {}", names.join(" or the "))
            }
            Entry::Cell(column, matcher) => {
                format!("{} {}", self.column(*column), matcher_text(matcher))
            }
        }
    }

    fn column(&self, id: ColumnId) -> String {
        format!("column `{}`", self.plan.columns.name(id))
    }
}

fn with_unit(step: &Step, operand: &str, counts: Counts) -> String {
    match (&step.operand, counts) {
        (Operand::Number(number), Counts::Shares) if *number == Decimal::ONE => {
            "1 share".to_owned()
        }
        (Operand::Number(_), Counts::Shares) => format!("{operand} shares"),
        (Operand::Cell(_), Counts::Shares) => format!("as shares {operand}"),
        _ => operand.to_owned(),
    }
}

fn matcher_text(matcher: &Matcher) -> String {
    match matcher {
        Matcher::OneOf(texts) => format!("is {}", either(texts)),
        Matcher::NoneOf(texts) => format!("is not {}", either(texts)),
        Matcher::Blank(true) => "is blank".to_owned(),
        Matcher::Blank(false) => "is not blank".to_owned(),
        Matcher::Number(range, _) => range_text(range, |number| group(&exact::text(*number))),
        Matcher::Date(range, _) => time_text(range),
        Matcher::Instant(range, _) => time_text(range),
    }
}

/// Of days and instants one says "or later", not "at least".
fn time_text<T: ToString>(range: &Range<T>) -> String {
    range_text(range, ToString::to_string)
        .replace("is at least ", "is not before ")
        .replace("is at most ", "is not after ")
}

fn range_text<T>(range: &Range<T>, text: impl Fn(&T) -> String) -> String {
    let bounds = match (&range.from, &range.to) {
        (Some(from), Some(to)) => format!("is from {} to {}", text(from), text(to)),
        (Some(from), None) => format!("is at least {}", text(from)),
        (None, Some(to)) => format!("is at most {}", text(to)),
        (None, None) => "is anything".to_owned(),
    };
    match range.blank {
        Some(true) => format!("{bounds}, or blank"),
        Some(false) => format!("{bounds}, and not blank"),
        None => bounds,
    }
}

fn blank_or(text: &str) -> String {
    if text.is_empty() {
        "blank".to_owned()
    } else {
        format!("`{text}`")
    }
}

/// `a`, `b` or `c`.
fn either<S: AsRef<str>>(texts: &[S]) -> String {
    let mut texts: Vec<String> = texts.iter().map(|text| blank_or(text.as_ref())).collect();
    match texts.pop() {
        None => "nothing".to_owned(),
        Some(last) if texts.is_empty() => last,
        Some(last) => format!("{} or {last}", texts.join(", ")),
    }
}
