//! Explains a payment in plain words: what was approved, the percentage and the amount,
//! and what was not eligible.

mod figures;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{One, Zero};

use crate::allocate::trace::lots::LotList;
use crate::allocate::trace::step_text::{lot_text, money, quotable_line};
use crate::allocate::trace::{PoolSteps, StepFacts};
use crate::base::decimal;
use crate::base::money::{Currency, Money, group};
use crate::plan::Plan;
use crate::plan::english::wrapped;
use crate::run::portions::PortionSteps;
use crate::run::statements::plain::figures::{percent, ratio, rounded};

/// A paragraph of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Paragraph {
    Heading(String),
    Sentence(String),
}

/// The facts about one claimant.
#[derive(Debug)]
pub(super) struct PlainFacts<'a> {
    pub plan: &'a Plan,
    pub total: Money,
    pub pools: &'a [PoolSteps],
    pub portions: &'a [PortionSteps],
    /// The number of rows of the claimant.
    pub rows: usize,
    /// Reasons why rows are not eligible, each with the number of rows.
    pub refused: Vec<(String, usize)>,
}

impl PlainFacts<'_> {
    pub(super) fn paragraphs(&self) -> Vec<Paragraph> {
        let currency = self.plan.settlement.currency;
        let mut paragraphs = Vec::new();
        let mut paid = Vec::new();
        for pool in self.pools {
            let sentences = of_pool(pool, currency);
            if sentences.is_empty() {
                continue;
            }
            if self.pools.len() > 1 {
                let part = pool.part.as_ref().filter(|part| !part.is_empty());
                let part = part.map_or_else(String::new, |part| format!(" ({part})"));
                paragraphs.push(Paragraph::Heading(format!("{}{part}", pool.name)));
            }
            paragraphs.extend(sentences.into_iter().map(Paragraph::Sentence));
            if is_above_zero(&pool.payout) {
                paid.push(money(&pool.payout, currency.code()));
            }
        }
        if paid.len() > 1 {
            let total = currency.grouped(self.total);
            let sum = format!("Total: {} = {total}", paid.join(" + "));
            paragraphs.push(Paragraph::Heading(sum));
        }
        self.add_portions(&mut paragraphs);
        self.add_refused(&mut paragraphs);
        paragraphs
    }

    fn add_portions(&self, paragraphs: &mut Vec<Paragraph>) {
        let code = self.plan.settlement.currency.code();
        let mut there = self
            .portions
            .iter()
            .filter(|portion| is_above_zero(&portion.amount) || portion.missing.is_some())
            .peekable();
        if there.peek().is_none() {
            return;
        }
        paragraphs.push(Paragraph::Heading("Of this payment".to_owned()));
        let has_payees = self
            .plan
            .portions
            .iter()
            .any(|portion| portion.to.is_some());
        for portion in there {
            let amount = money(&portion.amount, code);
            let to = match &portion.to {
                Some(to) => format!(", paid to {to}"),
                None if has_payees => ", paid to you".to_owned(),
                None => String::new(),
            };
            let missing = portion.missing.as_ref();
            let missing = missing.map(|missing| money(missing, code));
            let words = match missing {
                None => format!("{amount}{to}"),
                Some(missing) if is_above_zero(&portion.amount) => {
                    format!("{amount}{to}; {missing} more is not covered by the payment")
                }
                Some(missing) => format!("{missing} is not covered by the payment"),
            };
            let sentence = format!("{}: {words}.", portion.name);
            paragraphs.push(Paragraph::Sentence(sentence));
        }
        let own = self.portions.iter().filter(|portion| portion.to.is_none());
        let is_left = own
            .into_iter()
            .any(|portion| is_above_zero(&portion.amount));
        if self
            .plan
            .portions
            .iter()
            .any(|portion| portion.to.is_none())
            && !is_left
        {
            let words = "Nothing of this payment is left to be paid to you.".to_owned();
            paragraphs.push(Paragraph::Sentence(words));
        }
    }

    fn add_refused(&self, paragraphs: &mut Vec<Paragraph>) {
        if self.refused.is_empty() {
            return;
        }
        paragraphs.push(Paragraph::Heading("Not eligible".to_owned()));
        let rows = group(&self.rows);
        for (reason, number) in &self.refused {
            let are = if *number == 1 { "is" } else { "are" };
            let number = group(number);
            let sentence = format!(
                "{number} of the {rows} entries of your claim {are} not eligible: {reason}."
            );
            paragraphs.push(Paragraph::Sentence(sentence));
        }
    }
}

/// Adds the first lots: days, prices, quantity and the values that are added up.
pub(super) fn add_lots(paragraphs: &mut Vec<Paragraph>, list: &LotList, shown: usize) {
    if list.lots.is_empty() {
        return;
    }
    paragraphs.push(Paragraph::Heading("Your trades".to_owned()));
    for lot in list.lots.iter().take(shown) {
        let values = lot.values.iter().filter_map(|value| {
            let number = value.value.as_ref()?;
            Some(format!("{} {}", value.name, group(number)))
        });
        let values: Vec<String> = values.collect();
        let sentence = format!("{}: {}.", lot_text(lot), values.join(", "));
        paragraphs.push(Paragraph::Sentence(quotable_line(&sentence)));
    }
    let more = list.lots.len().saturating_sub(shown);
    if more > 0 {
        let lots = if more == 1 { "lot" } else { "lots" };
        let sentence = format!("… and {} more {lots}.", group(&more));
        paragraphs.push(Paragraph::Sentence(sentence));
    }
}

/// The paragraphs as text; lines are wrapped for files and terminals, not for pages.
pub(super) fn text(paragraphs: &[Paragraph], wrap: bool) -> String {
    let mut text = String::new();
    let mut indent = "";
    for paragraph in paragraphs {
        let words = match paragraph {
            Paragraph::Heading(words) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                indent = "";
                words
            }
            Paragraph::Sentence(words) => words,
        };
        let words = quotable_line(words);
        text += &if wrap {
            wrapped(indent, &words)
        } else {
            format!("{indent}{words}\n")
        };
        if matches!(paragraph, Paragraph::Heading(_)) {
            indent = "  ";
        }
    }
    text
}

/// The sentences about a pool; none about one in which the claimant is not.
fn of_pool(pool: &PoolSteps, currency: Currency) -> Vec<String> {
    let words = PoolWords { pool, currency };
    if pool.why_not.is_some() {
        return words.nothing_approved().into_iter().collect();
    }
    let approved = words.is_award().then(|| words.approved());
    approved.into_iter().chain([words.payment()]).collect()
}

struct PoolWords<'a> {
    pool: &'a PoolSteps,
    currency: Currency,
}

impl PoolWords<'_> {
    fn is_award(&self) -> bool {
        self.pool.measure == "award"
    }

    fn money(&self, digits: &str) -> String {
        money(digits, self.currency.code())
    }

    fn limit(&self, key: &str) -> Option<&str> {
        let mut limits = self.pool.limits.iter();
        let limit = limits.find(|limit| limit.key == key);
        limit.map(|limit| limit.value.as_str())
    }

    fn applied(&self) -> Vec<&StepFacts> {
        let steps = self.pool.steps.iter();
        steps.filter(|step| step.applied).collect()
    }

    /// The award, and how it came about if that can be said in a line.
    fn approved(&self) -> String {
        let applied = self.applied();
        let mut words = format!("Approved: {}", self.money(&self.pool.weight));
        let mut added = without_idle_limits(&applied);
        if let [before @ .., last] = added {
            match last.verb {
                "at_most" => {
                    words += ", the most that the plan allows";
                    let mut steps = before.iter();
                    let is_added = steps.all(|step| matches!(step.verb, "add" | "subtract"));
                    let from = running_after(before);
                    let of = decimal::parse(from).ok().filter(|_| is_added);
                    words += &of.map_or_else(String::new, |_| format!(", of {}", self.money(from)));
                    added = before;
                }
                "at_least" => {
                    words += ", the least that the plan allows";
                    added = &[];
                }
                _ => {}
            }
        }
        if let Some(sum) = self.sum_of(added) {
            words += &format!(" ({sum})");
        }
        words + "."
    }

    /// The reason why there is no award, if there is something to be said about it.
    fn nothing_approved(&self) -> Option<String> {
        let applied = self.applied();
        let is_reduced = applied.iter().any(|step| step.running != "0");
        if !self.is_award() || !is_reduced {
            return None;
        }
        let added = match applied.as_slice() {
            [before @ .., last] if last.verb == "at_least" => before,
            all => all,
        };
        let sum = self.sum_of(added);
        let sum = sum.map_or_else(String::new, |sum| format!(" ({sum})"));
        Some(format!("Nothing was approved{sum}."))
    }

    /// `Documented loss: $2,300.00, limited to $500.00; Lost time: $375.00`, if the steps
    /// add up several amounts that have labels, or limit one.
    fn sum_of(&self, steps: &[&StepFacts]) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        let (mut is_limited, mut is_labelled) = (false, true);
        let mut before = "0";
        for step in steps {
            let value = decimal::parse(step.value.as_deref()?).ok()?;
            let amount = self.money(&decimal::text(value));
            let words = match step.verb {
                "add" => "",
                "subtract" => "less ",
                "at_most" => "limited to",
                "at_least" => "raised to",
                _ => return None,
            };
            let is_limit = matches!(step.verb, "at_most" | "at_least");
            if is_limit && before != step.running {
                is_limited = true;
                match parts.as_mut_slice() {
                    [] => return None,
                    [only] => *only += &format!(", {words} {amount}"),
                    _ => parts.push(format!("together {words} {amount}")),
                }
            } else if !is_limit && !value.is_zero() {
                is_limited |= step.cap.is_some();
                is_labelled &= step.label.is_some();
                let label = step.label.as_ref();
                let label = label.map_or_else(String::new, |label| format!("{label}: "));
                parts.push(format!("{words}{label}{}", self.capped(step, &amount)));
            }
            before = &step.running;
        }
        (is_limited || is_labelled && parts.len() > 1).then(|| parts.join("; "))
    }

    /// The amount of a step; that of a cell above its limit with the limit.
    fn capped(&self, step: &StepFacts, amount: &str) -> String {
        let Some(cap) = &step.cap else {
            return amount.to_owned();
        };
        match &cap.limit {
            Some(limit) if decimal::parse(&cap.uncapped).is_ok() => {
                let (all, limit) = (self.money(&cap.uncapped), self.money(limit));
                format!("{all}, limited to {limit}")
            }
            _ => format!("{amount}, the most that the plan allows"),
        }
    }

    fn payment(&self) -> String {
        let pool = self.pool;
        if pool.dropped {
            return self.dropped();
        }
        let payout = self.money(&pool.payout);
        let Some(rate) = pool.rate_exact.as_deref().and_then(ratio) else {
            return format!("You receive the maximum, {payout}.");
        };
        let base = self.base(&rate);
        let less = self.limit("less").filter(|less| is_above_zero(less));
        let less = less.map(|less| self.money(less));
        let after = less.as_ref().map_or_else(String::new, |less| {
            format!(", less the {less} that you have already received,")
        });
        if self.is_award() && less.is_none() && pool.payout == pool.weight {
            return format!("You receive all of it: {payout}.");
        }
        let limited = match pool.bound {
            Some("at_least") => self
                .limit("at_least")
                .map(|limit| ("be below the minimum", limit)),
            Some(_) => self
                .limit("at_most")
                .map(|limit| ("reach the maximum", limit)),
            None => None,
        };
        if let Some((words, limit)) = limited {
            let limit = self.money(limit);
            return capital(&format!(
                "{base}{after} would {words} of {limit}, so you receive {payout}."
            ));
        }
        if !is_above_zero(&pool.payout) {
            return self.nothing(&rate, &base, less.as_deref());
        }
        let after = after.trim_end_matches(',');
        if self.is_award() && rate.is_one() && after.is_empty() {
            return format!("You receive all of it, rounded: {payout}.");
        }
        if self.is_award() {
            return format!("You receive {base}{after}: {payout}.");
        }
        if self.is_flat() && after.is_empty() {
            return format!("You receive an equal share: {payout}.");
        }
        if pool.weight == "1" && after.is_empty() {
            return format!("You have 1 share: {payout}.");
        }
        format!("You have {base}{after}: {payout}.")
    }

    /// True if every participant has the same weight.
    fn is_flat(&self) -> bool {
        let reads =
            |step: &StepFacts| step.cell.is_some() || step.reads_value || step.condition.is_some();
        !self.pool.steps.iter().any(reads)
    }

    /// `about 26.64% of the approved $1,000.00`, or `3 shares at $9.28 each`.
    fn base(&self, rate: &Ratio<BigInt>) -> String {
        let pool = self.pool;
        if self.is_award() {
            return format!(
                "{} of the approved {}",
                percent(rate),
                self.money(&pool.weight)
            );
        }
        let value = if let Some(value) = &pool.unit_rate {
            self.money(value)
        } else {
            let (about, digits) = rounded(rate, self.currency.decimals());
            format!("{about}{}", self.currency.grouped_text(&digits))
        };
        match pool.weight.as_str() {
            "1" => format!("1 share at {value}"),
            weight => format!("{} shares at {value} each", group(weight)),
        }
    }

    fn dropped(&self) -> String {
        let limit = self.pool.drop_limit.as_deref().unwrap_or_default();
        let (words, digits) = limit.rsplit_once(' ').unwrap_or_default();
        let limit = self.money(digits);
        let small = match words {
            "below" => format!("less than {limit}"),
            _ => format!("{limit} or less"),
        };
        format!("No payment: it would have been {small}, and payments that small are not made.")
    }

    /// The reason why there is no payment, although something was approved.
    fn nothing(&self, rate: &Ratio<BigInt>, base: &str, less: Option<&str>) -> String {
        if rate.is_zero() {
            return "No payment: there is no money for it.".to_owned();
        }
        match less {
            Some(less) if self.pool.exact_fraction.as_deref() == Some("0") => format!(
                "No further payment: {base} is not more than the {less} that you have already received."
            ),
            Some(less) => {
                let unit = self.currency.minor_unit();
                format!(
                    "No further payment: {base}, less the {less} that you have already received, comes to less than one {unit}."
                )
            }
            None => {
                let unit = self.currency.minor_unit();
                format!("No payment: {base} comes to less than one {unit}.")
            }
        }
    }
}

/// The value after these steps.
fn running_after<'s>(steps: &[&'s StepFacts]) -> &'s str {
    steps.last().map_or("0", |step| step.running.as_str())
}

/// The steps without the limits at their end that change nothing.
fn without_idle_limits<'a, 's>(mut steps: &'a [&'s StepFacts]) -> &'a [&'s StepFacts] {
    while let [before @ .., last] = steps {
        let is_limit = matches!(last.verb, "at_most" | "at_least");
        if !is_limit || running_after(before) != last.running {
            break;
        }
        steps = before;
    }
    steps
}

/// True if an amount in digits is more than 0.
fn is_above_zero(digits: &str) -> bool {
    digits.bytes().any(|digit| matches!(digit, b'1'..=b'9'))
}

/// The sentence with a capital letter.
fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}
