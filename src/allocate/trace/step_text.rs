//! The computation of a payment as text, within 80 columns.

use num_bigint::BigInt;

use crate::allocate::trace::lots::{LotList, LotSteps};
use crate::allocate::trace::values::ValueSteps;
use crate::allocate::trace::{LimitSteps, PoolSteps, StepFacts};
use crate::base::diagnostics::count;
use crate::base::money::{Currency, group};
use crate::plan::english::wrapped;
use crate::plan::sourced;

/// Options for the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepText<'a> {
    /// The ISO 4217 code of amounts.
    pub currency: &'a str,
    /// True to show line numbers of the plan.
    pub plan_lines: bool,
}

/// The total of payments from several pools.
pub(crate) fn together(pools: &[PoolSteps], payout: &str, currency: &str) -> String {
    if pools.len() < 2 {
        return String::new();
    }
    let parts = pools.iter().map(|pool| money(&pool.payout, currency));
    let sum = format!(
        "Total: {} = {}.",
        parts.collect::<Vec<_>>().join(" + "),
        money(payout, currency)
    );
    format!("\n{}", wrapped("", &sum))
}

/// The payment from one pool and its computation, without the name of the pool.
pub(crate) fn pool_text(pool: &PoolSteps, step_text: StepText<'_>) -> String {
    let currency = step_text.currency;
    if let (Some(why_not), true) = (&pool.why_not, pool.steps.is_empty()) {
        return wrapped("  ", &format!("Not eligible: {why_not}."));
    }
    let shares = pool.measure == "shares";
    let what = if shares { "shares" } else { "award" };
    let mut page = steps_text(&pool.steps, what, step_text);
    if let Some(why_not) = &pool.why_not {
        return page + &wrapped("  ", &format!("No payment: {why_not}."));
    }
    if pool.dropped {
        return page + &payment_text(pool, currency);
    }
    let one = if shares {
        "share".to_owned()
    } else {
        format!("{} of award", money("1", currency))
    };
    let total = match (shares, pool.total.as_str()) {
        (true, "1") => "1 share".to_owned(),
        (true, total) => format!("{} shares", group(total)),
        (false, total) => format!("awards of {}", money(total, currency)),
    };
    let available = money(&pool.available, currency);
    let (participants, have) = match pool.participants {
        1 => ("1 participant".to_owned(), "has"),
        several => (format!("{} participants", group(&several)), "have"),
    };
    page += &wrapped(
        "  ",
        &match &pool.part {
            None => format!("The pool has {available}; {participants} {have} {total}."),
            Some(part) => {
                let part = if part.is_empty() { "(blank)" } else { part };
                format!("The part for \"{part}\" has {available} and {participants}.")
            }
        },
    );
    if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
        let rate = number(rate, exact, currency);
        page += &wrapped("  ", &format!("Each {one} receives {rate}."));
    } else {
        let words = "The pool covers every claimant's maximum, so each receives the maximum.";
        page += &wrapped("  ", words);
    }
    if let Some(note) = &pool.rate_note {
        page += &wrapped("  ", note);
    }
    if let Some(unit_rate) = &pool.unit_rate {
        page += &wrapped(
            "  ",
            &format!(
                "Rounded down, each share receives {}.",
                money(unit_rate, currency)
            ),
        );
    }
    for limit in &pool.limits {
        page += &limit_text(limit, step_text);
    }
    page += &payment_text(pool, currency);
    page
}

fn payment_text(pool: &PoolSteps, currency: &str) -> String {
    if pool.dropped {
        let limit = pool.drop_limit.as_deref().unwrap_or_default();
        let small = limit.rsplit_once(' ').map_or_else(
            || "too small".to_owned(),
            |(below, limit)| format!("{below} {}", money(limit, currency)),
        );
        let words = if pool.dropped_in_all {
            format!(
                "No payment: when the pools were first divided, the claimant's payments from all pools were {small} together, so the claimant was removed and all pools were divided again among the others."
            )
        } else {
            format!(
                "No payment: when the pool was first divided, the payment was {small}, so the claimant was removed and the pool was divided again among the others."
            )
        };
        return wrapped("  ", &words);
    }
    let payout = money(&pool.payout, currency);
    let mut page = String::new();
    if let Some(words) = exact_text(pool, currency) {
        page += &wrapped("  ", &words);
    }
    let rounding = pool.rounding.as_deref().unwrap_or_default();
    page + &wrapped("  ", &format!("Payment: {payout} ({rounding})."))
}

/// The exact payment as a calculation that readers can repeat.
fn exact_text(pool: &PoolSteps, currency: &str) -> Option<String> {
    let less = pool.limits.iter().find(|limit| limit.key == "less");
    let less = less.map_or_else(String::new, |limit| format!(" - {}", limit.value));
    let exact = pool.exact.as_deref()?;
    let fraction = pool.exact_fraction.as_deref()?;
    let exactly = number(exact, fraction, currency);
    let rate = pool.unit_rate.as_ref().or(pool.rate_exact.as_ref())?;
    Some(match pool.bound {
        Some("at_least") => format!(
            "At that rate, the payment would be below the minimum, so the minimum applies: {exactly}."
        ),
        Some(_) => format!(
            "At that rate, the payment would reach the maximum, so the maximum applies: {exactly}."
        ),
        None => {
            // A fraction without a finite decimal is shown as a fraction.
            let rate = match pool.rate.as_deref().filter(|_| pool.unit_rate.is_none()) {
                Some(decimal) if ends(rate) => plain(decimal),
                _ if rate.contains('/') => format!("({rate})"),
                _ => rate.clone(),
            };
            let below = if less.is_empty() || fraction != "0" {
                ""
            } else {
                " (payments are never negative)"
            };
            format!("{} × {rate}{less} = {exactly}{below}.", pool.weight)
        }
    })
}

/// An amount as people read it.
pub(crate) fn money(amount: &str, code: &str) -> String {
    Currency::from_code(code).map_or_else(
        || format!("{code} {}", group(amount)),
        |currency| {
            let decimals = usize::try_from(currency.decimals()).unwrap_or_default();
            match amount.split_once('.') {
                None if decimals > 0 => {
                    currency.grouped_text(&format!("{amount}.{}", "0".repeat(decimals)))
                }
                Some((whole, part)) if part.len() < decimals => {
                    currency.grouped_text(&format!("{whole}.{part:0<decimals$}"))
                }
                _ => currency.grouped_text(amount),
            }
        },
    )
}

/// An amount given as twelve decimals and as a fraction: the decimals if they are
/// exact, otherwise both.
fn number(decimals: &str, fraction: &str, code: &str) -> String {
    if ends(fraction) {
        money(&plain(decimals), code)
    } else {
        format!("{} (exactly {fraction})", money(decimals, code))
    }
}

/// True if twelve decimals represent the fraction exactly.
fn ends(fraction: &str) -> bool {
    let below = fraction.split_once('/').map_or("1", |(_, below)| below);
    let twelve_decimals = BigInt::from(10).pow(12);
    below
        .parse::<BigInt>()
        .is_ok_and(|below| below != BigInt::ZERO && twelve_decimals % below == BigInt::ZERO)
}

/// Removes trailing zeros.
fn plain(decimals: &str) -> String {
    if decimals.contains('.') {
        decimals
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
    } else {
        decimals.to_owned()
    }
}

fn limit_text(limit: &LimitSteps, step_text: StepText<'_>) -> String {
    let currency = step_text.currency;
    let words = match limit.key {
        "less" => "Already received",
        "at_least" => "Minimum",
        _ => "Maximum",
    };
    let mut page = wrapped(
        "  ",
        &format!("{words}: {}.", money(&limit.value, currency)),
    );
    let reads = |step: &StepFacts| step.cell.is_some() || step.reads_value;
    if limit.steps.len() > 1 || limit.steps.iter().any(reads) {
        page += &steps_text(&limit.steps, "amount", step_text);
    }
    page
}

/// The steps of a formula with the running value after each, and its result.
pub(crate) fn steps_text(steps: &[StepFacts], what: &str, step_text: StepText<'_>) -> String {
    let page = step_lines("  ", steps, step_text);
    let last = steps.last().map_or("0", |step| step.running.as_str());
    let sentence = match what {
        "shares" => format!("Shares: {last}."),
        "award" => format!("Award: {}.", money(last, step_text.currency)),
        // A fraction is rounded inward afterwards.
        _ if last.contains('/') => format!("Amount: {last}."),
        _ => format!("Amount: {}.", money(last, step_text.currency)),
    };
    page + &wrapped("  ", &sentence)
}

/// The steps that apply, each with the named values that it is the first to read.
fn step_lines(indent: &str, steps: &[StepFacts], step_text: StepText<'_>) -> String {
    let mut page = String::new();
    let applied = steps.iter().filter(|step| step.applied);
    let mut before = "0";
    for (step, number) in applied.zip(1..) {
        let is_limit = matches!(step.verb, "at_least" | "at_most");
        let is_idle = is_limit && step.running == before;
        before = &step.running;
        // The source follows the label, or the step if it has none.
        let source = step.source.as_deref();
        let label = step
            .label
            .as_ref()
            .map_or_else(String::new, |label| format!("{}: ", sourced(label, source)));
        let source = source.filter(|_| step.label.is_none());
        let line = if step_text.plan_lines {
            format!(" [line {}]", step.line)
        } else {
            String::new()
        };
        let verb = match step.verb {
            "add" => "+",
            "subtract" => "-",
            "times" => "×",
            "divide" => "÷",
            "at_least" => "at least",
            "round" => "rounded to the nearest multiple of",
            "round_down" => "rounded down to a multiple of",
            "round_up" => "rounded up to a multiple of",
            _ if is_idle => "at most",
            _ => "capped at",
        };
        let value = step.value.as_deref().unwrap_or_default();
        let from = match &step.cell {
            Some(cell) => format!(", from {cell} ({})", step.operand),
            None if step.reads_value => format!(", from {}", step.operand),
            None => String::new(),
        };
        let condition = step.condition.as_ref();
        let why = condition.map_or_else(String::new, |condition| format!(", because {condition}"));
        let rule = format!("{number}. {label}{verb} {value}{from}{why}");
        let rule = sourced(&rule, source);
        let result = if is_idle {
            "no change".to_owned()
        } else {
            format!("running total: {}", step.running)
        };
        let text = format!("{rule}; {result}{line}");
        page += &wrapped(indent, &quotable_line(&text));
        for value in &step.values {
            page += &value_text(&format!("{indent}     "), value, step_text);
        }
    }
    let others = steps.iter().filter(|step| !step.applied).count();
    page + &match others {
        0 => String::new(),
        1 => wrapped(indent, "1 other line does not apply."),
        _ => wrapped(indent, &format!("{others} other lines do not apply.")),
    }
}

/// The lots of a claimant: `shown` of them, each with its values.
pub(crate) fn lots_text(list: &LotList, shown: usize, step_text: StepText<'_>) -> String {
    let mut page = String::new();
    if let Some(balance) = list.balance {
        let words = match balance {
            "ok" => "The trades come to the closing holdings.",
            "off" => "The trades do not come to the closing holdings.",
            _ => "No closing holdings are listed.",
        };
        page += &wrapped("  ", words);
    }
    for (lot, number) in list.lots.iter().take(shown).zip(1..) {
        page += &wrapped(
            "  ",
            &quotable_line(&format!("{number}. {}", lot_text(lot))),
        );
        for value in &lot.values {
            page += &value_text("     ", value, step_text);
        }
    }
    let more = list.lots.len().saturating_sub(shown);
    if more > 0 {
        let lots = if more == 1 { "lot" } else { "lots" };
        page += &wrapped("  ", &format!("… and {} more {lots}.", group(&more)));
    }
    for one in &list.deficiencies {
        let row = one
            .row
            .map_or_else(String::new, |row| format!("row {row}: "));
        let security = match one.security.as_str() {
            "" => String::new(),
            security => format!("{security}, "),
        };
        let line = format!("Deficiency: {security}{row}{}.", one.deficiency);
        page += &wrapped("  ", &quotable_line(&line.replace("?.", "?")));
    }
    page
}

/// A lot in one line: `100 KHC, bought 2016-03-01 at 78.5 (purchase, row 1), sold …`.
pub(crate) fn lot_text(lot: &LotSteps) -> String {
    let quantity = lot.quantity.as_ref().map(group);
    let quantity = quantity.unwrap_or_default();
    let what = format!("{quantity} {}", lot.security);
    let trade = |verb: &str, day: &Option<String>, price: &Option<String>, of: String| {
        let day = day
            .as_ref()
            .map_or_else(String::new, |day| format!(" {day}"));
        let price = price
            .as_ref()
            .map_or_else(String::new, |price| format!(" at {price}"));
        format!("{verb}{day}{price}{of}")
    };
    let of = |kind: &str, row: u64| {
        let kind = if kind.is_empty() {
            String::new()
        } else {
            format!("{kind}, ")
        };
        format!(" ({kind}row {row})")
    };
    let opened = of(&lot.kind, lot.opened_row);
    let closed = lot
        .closed_row
        .map(|row| of(lot.closed_by.as_deref().unwrap_or_default(), row));
    let bought = |of: String| trade("bought", &lot.bought, &lot.paid, of);
    let sold = |of: String| trade("sold", &lot.sold, &lot.received, of);
    let words = match (lot.side, closed) {
        (None, _) => trade("of", &lot.bought, &lot.paid, opened),
        (Some("short"), None) => format!("{}, not bought back", sold(opened)),
        (Some("short"), Some(closed)) => format!("{}, {}", sold(opened), bought(closed)),
        (Some(_), None) => format!("{}, still held", bought(opened)),
        (Some(_), Some(closed)) => format!("{}, {}", bought(opened), sold(closed)),
    };
    match what.trim() {
        "" => words,
        what => format!("{what}, {words}"),
    }
}

/// A named value with its steps, or with a line for each row.
fn value_text(indent: &str, value: &ValueSteps, step_text: StepText<'_>) -> String {
    let line = |text: String| wrapped(indent, &quotable_line(&text));
    let mut page = String::new();
    for other in &value.values {
        page += &value_text(indent, other, step_text);
    }
    let name = &value.name;
    let number = value.value.as_deref();
    let condition = value.condition.as_ref();
    let only = condition.map_or_else(String::new, |condition| format!(", only where {condition}"));
    let inner = format!("{indent}  ");
    if value.per_lot {
        let number = number.unwrap_or_default();
        return page
            + &line(format!(
                "\"{name}\", added up over the claimant's lots: {number}."
            ));
    }
    if value.rows.is_empty() {
        let how = if value.steps.is_empty() {
            ""
        } else {
            ", as follows"
        };
        let steps = step_lines(&inner, &value.steps, step_text);
        let number = number.unwrap_or_default();
        return page + &line(format!("\"{name}\"{only}: {number}{how}.")) + &steps;
    }
    let of_row = |text: String| wrapped(&inner, &quotable_line(&text));
    page += &line(match number {
        Some(number) => format!("\"{name}\", for each row{only}, added up: {number}."),
        None => format!("\"{name}\", for each row{only}:"),
    });
    for row in &value.rows {
        let read = if row.read.is_empty() {
            String::new()
        } else {
            format!(" ({})", row.read.join(", "))
        };
        page += &of_row(format!("Row {}: {}{read}.", row.row, row.value));
    }
    if value.more_rows > 0 {
        let rows = count(value.more_rows, "more row", "more rows");
        page += &of_row(format!("… and {rows}."));
    }
    page
}

/// Replaces control characters, which could move the cursor of a terminal.
pub(crate) fn quotable_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
