//! The steps as people read them, within 80 columns.

use num_bigint::BigInt;

use crate::allocate::trace::{LimitSteps, PoolSteps, StepFacts};
use crate::base::money::group;
use crate::plan::english::wrapped;

/// How steps are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepText<'a> {
    /// The currency of its amounts.
    pub currency: &'a str,
    /// Whether it names the lines of the plan.
    pub plan_lines: bool,
}

/// How the payments from several pools add up.
pub(crate) fn together(pools: &[PoolSteps], payout: &str, currency: &str) -> String {
    if pools.len() < 2 {
        return String::new();
    }
    let parts: Vec<&str> = pools.iter().map(|pool| pool.payout.as_str()).collect();
    let sum = format!(
        "Together {} = {} {currency}.",
        parts.join(" + "),
        group(payout)
    );
    format!("\n{}", wrapped("", &sum))
}

/// What a claimant receives from one pool, and how; its name stands above.
pub(crate) fn pool_text(pool: &PoolSteps, step_text: StepText<'_>) -> String {
    let currency = step_text.currency;
    if let (Some(why_not), true) = (&pool.why_not, pool.steps.is_empty()) {
        return wrapped("  ", &format!("The claim has no part in it: {why_not}."));
    }
    let shares = pool.measure == "shares";
    let what = if shares { "shares" } else { "award" };
    let mut page = steps_text(&pool.steps, what, step_text);
    if let Some(why_not) = &pool.why_not {
        return page + &wrapped("  ", &format!("Nothing is paid from this pool: {why_not}."));
    }
    if pool.dropped {
        return page + &payment_text(pool, currency);
    }
    let one = if shares { "share" } else { "unit of award" };
    let unit = if shares {
        format!(" {currency}")
    } else {
        String::new()
    };
    let available = group(&pool.available);
    let total = group(&pool.total);
    let what = match (shares, pool.total.as_str()) {
        (true, "1") => "share",
        (true, _) => "shares",
        (false, _) => "of awards",
    };
    page += &wrapped(
        "  ",
        &format!(
            "The pool has {available} {currency}; {} {total} {what}.",
            if pool.participants == 1 {
                "1 claimant has".to_owned()
            } else {
                format!("{} claimants have", group(&pool.participants))
            }
        ),
    );
    if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
        let rate = number(rate, exact);
        page += &wrapped("  ", &format!("One {one} is paid {rate}{unit}."));
    } else {
        let words =
            "There is more money than everybody's upper limit takes, so everybody receives that.";
        page += &wrapped("  ", words);
    }
    if let Some(note) = &pool.rate_note {
        page += &wrapped("  ", note);
    }
    if let Some(unit_rate) = &pool.unit_rate {
        page += &wrapped(
            "  ",
            &format!(
                "Rounded down, one share is paid {} {currency}.",
                group(unit_rate)
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
        let limit = pool
            .drop_limit
            .as_deref()
            .map_or_else(String::new, |limit| format!(" ({limit} {currency})"));
        let words = format!(
            "When the money was first divided, the payment was too small{limit}, and it was dropped; the others share the money. Nothing is paid from this pool."
        );
        return wrapped("  ", &words);
    }
    let payout = group(&pool.payout);
    let mut page = String::new();
    if let Some(words) = exact_text(pool, currency) {
        page += &wrapped("  ", &words);
    }
    let rounding = pool.rounding.as_deref().unwrap_or_default();
    page + &wrapped("  ", &format!("Payment: {payout} {currency} ({rounding})."))
}

/// How the exact payment comes about, as a sum that can be done again.
fn exact_text(pool: &PoolSteps, currency: &str) -> Option<String> {
    let less = pool.limits.iter().find(|limit| limit.key == "less");
    let less = less.map_or_else(String::new, |limit| format!(" - {}", limit.value));
    let exact = pool.exact.as_deref()?;
    let fraction = pool.exact_fraction.as_deref()?;
    let exactly = number(exact, fraction);
    let rate = pool.unit_rate.as_ref().or(pool.rate_exact.as_ref())?;
    Some(match pool.bound {
        Some("at_least") => format!(
            "At that rate it would be less than the least payment, so the least payment counts: {exactly} {currency}."
        ),
        Some(_) => format!(
            "At that rate it would be at least the most that is paid, so the most counts: {exactly} {currency}."
        ),
        None => {
            // A fraction that does not end is put in as such.
            let rate = match pool.rate.as_deref().filter(|_| pool.unit_rate.is_none()) {
                Some(decimal) if ends(rate) => plain(decimal),
                _ if rate.contains('/') => format!("({rate})"),
                _ => rate.clone(),
            };
            let below = if less.is_empty() || fraction != "0" {
                ""
            } else {
                ", because it cannot be negative"
            };
            format!(
                "{} × {rate}{less} = {exactly} {currency}{below}.",
                pool.weight
            )
        }
    })
}

/// A number of which the decimals, cut after twelve, and the fraction are
/// known: its decimals where they end, otherwise both.
fn number(decimals: &str, fraction: &str) -> String {
    if ends(fraction) {
        group(&plain(decimals))
    } else {
        format!("{} (exactly {fraction})", group(decimals))
    }
}

/// Whether twelve decimals hold the fraction.
fn ends(fraction: &str) -> bool {
    let below = fraction.split_once('/').map_or("1", |(_, below)| below);
    let twelve_decimals = BigInt::from(10).pow(12);
    below
        .parse::<BigInt>()
        .is_ok_and(|below| below != BigInt::ZERO && twelve_decimals % below == BigInt::ZERO)
}

/// Decimals without trailing zeros.
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
        "at_least" => "The least payment",
        _ => "The most that is paid",
    };
    let mut page = wrapped(
        "  ",
        &format!("{words}: {} {currency}.", group(&limit.value)),
    );
    if limit.steps.len() > 1 || limit.steps.iter().any(|step| step.cell.is_some()) {
        page += &steps_text(&limit.steps, "amount", step_text);
    }
    page
}

/// The steps of a formula with the running value after each.
fn steps_text(steps: &[StepFacts], what: &str, step_text: StepText<'_>) -> String {
    let mut page = String::new();
    for (step, number) in steps.iter().zip(1..) {
        let label = step
            .label
            .as_ref()
            .map_or_else(String::new, |label| format!("{label}: "));
        let condition = step.condition.as_deref();
        let line = if step_text.plan_lines {
            format!(" [line {}]", step.line)
        } else {
            String::new()
        };
        let text = if step.applied {
            let verb = match step.verb {
                "add" => "+",
                "subtract" => "-",
                "times" => "×",
                "at_least" => "at least",
                _ => "at most",
            };
            let value = step.value.as_deref().unwrap_or_default();
            let from = step.cell.as_ref().map_or_else(String::new, |cell| {
                format!(", from {} ({})", cell, step.operand)
            });
            let why =
                condition.map_or_else(String::new, |condition| format!(", because {condition}"));
            format!(
                "{number}. {label}{verb} {value}{from}{why}; now {}{line}",
                step.running
            )
        } else {
            let why = condition.unwrap_or_default();
            format!("{number}. {label}does not apply: only where {why}{line}")
        };
        page += &wrapped("  ", &quotable_line(&text));
    }
    let last = steps.last().map_or("0", |step| step.running.as_str());
    let sentence = match what {
        "shares" if last == "1" => "So the claimant has 1 share.".to_owned(),
        "shares" => format!("So the claimant has {last} shares."),
        "award" => format!("So the award is {last}."),
        _ => format!("So it is {last}."),
    };
    page + &wrapped("  ", &sentence)
}

/// The line without anything that could move a cursor.
pub(crate) fn quotable_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
