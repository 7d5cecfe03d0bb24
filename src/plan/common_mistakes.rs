//! Hints for constructs that the plan language does not have. Every suggestion has
//! been tried.

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::decimal;

/// Hint for "or".
const OR: &str = "list the values of one column: `state = [\"IL\", \"WI\"]`; for other conditions, write `any = [ { state = \"IL\" }, { age = { below = 18 } } ]`";

/// Hint for something other than a list of conditions.
pub(super) const ANY: &str = "`any` has a list of conditions, of which one must hold: `any = [ { state = \"IL\" }, { age = { below = 18 } } ]`";

const AND: &str = "all entries of a condition must hold, so write them next to each other: `when = { state = \"IL\", age = { from = 18 } }`";

const NOT: &str =
    "`not` applies to a column: `state = { not = \"IL\" }`, or `{ not = [\"IL\", \"WI\"] }`";

/// Hint for matching part of a cell.
const WHOLE_CELLS: &str = "conditions compare whole cells and have no wildcards: list the values, like `zip = [\"60601\", \"60602\"]`, or put the part to compare in a separate column of the claims file";

/// Hint for more than one fund.
pub(super) const FUNDS: &str = "enter the total deposited as `amount` in [fund], and make each fund a [[pool]] with its own `amount`";

/// Hint for a formula within a step.
pub(super) const INNER: &str = "list its steps one after the other in the formula; a column can take `up_to`, `brackets`, `table` and `times`, like `{ column = \"loss\", up_to = 500, times = 2 }`; or give a formula a name, `[value.NAME]` with `steps`, and use the name like a column";

/// Hint for a date in a formula.
pub(super) const NO_DATES: &str = "count the time between two dates: `{ days = [\"hired\", \"left\"] }`, also `weeks`, `months` and `years`; conditions can compare dates: `when = { filed = { to = 2021-09-30 } }`";

/// Hint for words in place of a formula or an operand.
pub(super) const WORDS: &str = "write a column as `{ column = \"loss\" }`, and a formula as a list of steps: `[ { add = { column = \"loss\" } }, { times = 0.5 } ]`";

/// Hint for a table that is none.
pub(super) const BANDS: &str = "a table has a number for each text, like `{ A = 5, B = 1 }`; or for each band, like `[ { below = 45, value = 5 }, { value = 1 } ]`; or it is the name of a [table.NAME], in quotes";

/// Order of year, month and day; the order of the user's date is not guessed.
pub(super) const DATE: &str = "write a date without quotes as year, month and day: `2021-09-30`";

/// Hint for an entry of a condition that is not a test of a column.
/// Names that are rarely columns count as columns if the plan names them elsewhere
/// (`known`).
pub(super) fn of_entry(key: &str, value: &DeValue<'_>, known: bool) -> Option<String> {
    let is_test = match value {
        DeValue::Array(list) => list.iter().all(|one| !one.get_ref().is_table()),
        DeValue::Table(table) => {
            let of_test =
                |key: &str| matches!(key, "not" | "from" | "above" | "to" | "below" | "blank");
            table.iter().any(|(key, _)| of_test(key.get_ref()))
        }
        _ => true,
    };
    let hint = of_condition(key)?;
    if !is_test {
        return Some(hint.to_owned());
    }
    let lower = key.to_lowercase();
    (!known && TESTS.contains(&lower.as_str())).then(|| {
        format!(
            "{hint}; if it is a column of the claims file, declare it in the plan: `[column.{key}]`"
        )
    })
}

/// Tests from other languages in place of a column name.
const TESTS: [&str; 8] = [
    "not_in",
    "none_of",
    "one_of",
    "any_of",
    "contains",
    "starts_with",
    "begins_with",
    "ends_with",
];

/// Hint for a condition's text that is unlikely to be a cell.
pub(super) fn of_text(text: &str) -> Option<&'static str> {
    let compared = text.trim_start_matches(['<', '>', '=', '≤', '≥', '!']);
    let number = compared.trim_start().trim_start_matches('$');
    if compared.len() < text.len() && number.starts_with(|c: char| c.is_ascii_digit()) {
        return Some("for a range, write `{ from = … }`, `{ to = … }` or both");
    }
    let starred = text.len() > 1 && (text.starts_with('*') || text.ends_with('*'));
    let of_sql = text.strip_suffix('%').or_else(|| text.strip_prefix('%'));
    let like = of_sql.is_some_and(|rest| rest.contains(char::is_alphabetic));
    (starred || like).then_some("there are no wildcards; list the values that cells contain")
}

fn of_condition(key: &str) -> Option<&'static str> {
    Some(match key.to_lowercase().as_str() {
        "or" | "any_of" | "anyof" | "either" | "one_of" => OR,
        "and" | "all" | "all_of" | "allof" | "both" => AND,
        "not" | "none" | "none_of" | "not_in" => NOT,
        "contains" | "starts_with" | "begins_with" | "ends_with" => WHOLE_CELLS,
        _ => return None,
    })
}

/// Hint for a list of conditions.
pub(super) fn of_conditions() -> String {
    format!("a condition is one table, and all of its entries must hold; for alternatives, {OR}")
}

/// Hint for a limit in a pool, which may be meant for the pool or for each claimant.
const POOL_CAP: &str = "`up_to = 5000` limits the money of the whole pool, `at_most = 50` the payment of each claimant from it";

/// Hint for a minimum in a pool.
const POOL_MINIMUM: &str = "`at_least = 5` raises the payments from this pool to 5; `drop = { below = 5, method = \"all-at-once\" }` makes no payment below 5; `drop` in [payment] looks at each claimant's payments from all pools together";

/// Hint for a minimum of the whole payment.
const PAYMENT_MINIMUM: &str = "`drop = { below = 5, method = \"all-at-once\" }` in [payment] makes no payment to claimants who would receive less from all pools together; for one pool, write `drop` or `at_least` in [[pool]]";

/// Hint for a deadline.
const DEADLINE: &str = "exclude late claims by the column of their date: an [[exclude]] with `reason = \"late\"` and `when = { submitted = { from = 2025-12-19 } }`, the first day that is too late";

/// Hint for a status of claims that are neither paid nor denied yet.
const PENDING: &str = "list the statuses of undecided claims under `hold`: `hold = [\"pending\"]`; their payments are computed and held back";

/// Hint for a key by which other programs and orders call a rule.
fn of_rule(key: &str, what: &str) -> Option<&'static str> {
    let parts = [
        "the plan",
        "[settlement]",
        "[claims]",
        "[fund]",
        "[payment]",
    ];
    let is_part = parts.contains(&what);
    let is_pool = what == "[[pool]]";
    Some(match key {
        "cap" | "max" | "maximum" | "ceiling" | "limit" if is_pool => POOL_CAP,
        "min" | "minimum" | "floor" | "minimum_payment" | "de_minimis" if is_pool => POOL_MINIMUM,
        "min" | "minimum" | "floor" | "minimum_payment" | "de_minimis" | "below" if is_part => {
            PAYMENT_MINIMUM
        }
        "deadline" | "claim_deadline" | "claims_deadline" | "cutoff" | "bar_date" | "due"
            if is_part || is_pool || what == "[[exclude]]" =>
        {
            DEADLINE
        }
        "pending" | "deficient" | "disputed" | "undecided" | "in_review" if is_part => PENDING,
        _ => return None,
    })
}

/// Hint for a key that does not exist in this kind of table.
pub(super) fn of_key(key: &str, what: &str) -> Option<&'static str> {
    let of_step = what == "a step";
    let of_operand = what == "an operand";
    let of_test = what.starts_with("the condition on ");
    let lower = key.to_lowercase();
    if let Some(hint) = of_rule(&lower, what) {
        return Some(hint);
    }
    Some(match lower.as_str() {
        "min" | "max" | "minimum_of" | "maximum_of" | "greater_of" | "lesser_of" if of_step => {
            "`at_least` raises the value so far to its operand (the greater of the two); `at_most` lowers it (the lesser of the two)"
        }
        "divide_by" | "over" if of_step => "did you mean `divide`?",
        "divide" | "divide_by" | "over" if of_operand => {
            "write a fraction in quotes, like `times = \"1/3\"`, or divide in a separate step: `{ divide = { column = \"weeks\" } }`"
        }
        "percent" | "percentage" if of_step || of_operand => "write 25 percent as `times = 0.25`",
        "multiply" | "multiply_by" | "factor" if of_step || of_operand => "did you mean `times`?",
        "plus" if of_step => "did you mean `add`?",
        "minus" | "less" if of_step => "did you mean `subtract`?",
        "round" | "round_down" | "round_up" if of_operand => {
            "round in a separate step: `{ round = 0.01 }` for cents"
        }
        "round_half_up" | "floor" | "truncate" | "ceil" | "ceiling" if of_step => {
            "`round`, `round_down` and `round_up` go to a multiple of a number: `{ round_down = 1 }`"
        }
        "else" | "otherwise" if of_step => {
            "write a separate step for everyone else, with the opposite condition: `when = { state = { not = \"IL\" } }`"
        }
        "date" | "between" | "period" if of_operand => NO_DATES,
        "unless" => {
            "write `when` with the opposite condition: `when = { state = { not = \"IL\" } }`"
        }
        "add" | "subtract" | "at_least" | "at_most" | "when" if of_operand => INNER,
        "not_in" | "none_of" | "is_not" | "not_equals" | "ne" if of_test => NOT,
        "in" | "one_of" | "any_of" | "is" | "equals" | "eq" if of_test => {
            "write the values of one column as a list: `state = [\"IL\", \"WI\"]`"
        }
        "contains" | "starts_with" | "begins_with" | "ends_with" | "like" | "matches"
        | "pattern" | "regex"
            if of_test =>
        {
            WHOLE_CELLS
        }
        "under" | "less_than" | "lt" | "before" if of_test => "did you mean `below`?",
        "over" | "more_than" | "greater_than" | "gt" | "after" if of_test => {
            "did you mean `above`?"
        }
        "rate" if what == "a band" => {
            "a band of a table has one `value`; where each layer counts at its own rate, write `brackets`"
        }
        "value" if what == "a bracket" => {
            "a bracket has a `rate` for its layer; where a cell has one value for its band, write `table`"
        }
        _ => return None,
    })
}

/// Hint for a missing key.
pub(super) fn of_missing_key(what: &str, key: &str) -> Option<&'static str> {
    match (what, key) {
        ("`drop`", "method") => Some(
            "add `method = \"all-at-once\"` (remove all payments below the limit together) or `\"smallest-first\"` (remove the smallest, divide the pool again, and repeat)",
        ),
        ("the facts file", "on") => {
            Some("add the day until which the facts hold, without quotes: `on = 2026-10-31`")
        }
        _ => None,
    }
}

/// Hint for several tables where the plan has one.
pub(super) fn of_tables(what: &str) -> Option<&'static str> {
    (what == "[fund]").then_some(FUNDS)
}

/// Hint for another value in place of a table.
pub(super) fn of_table(what: &str, value: &DeValue<'_>) -> Option<String> {
    let written = match value {
        DeValue::Integer(number) => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        _ => "10",
    };
    let limit = Some(written).filter(|number| decimal::parse(number).is_ok());
    (what == "`drop`").then(|| {
        format!(
            "write a limit and a method: `drop = {{ below = {}, method = \"all-at-once\" }}`, or `\"smallest-first\"`",
            limit.unwrap_or("10")
        )
    })
}

/// Keys whose numbers are part of a formula.
const OF_FORMULAS: [&str; 12] = [
    "add", "subtract", "times", "divide", "at_least", "at_most", "up_to", "blank", "less",
    "shares", "award", "steps",
];

/// Hint for a date or a list in place of a number.
pub(super) fn of_value(key: &str, value: &DeValue<'_>) -> Option<&'static str> {
    match value {
        _ if !OF_FORMULAS.contains(&key) => None,
        DeValue::Datetime(_) => Some(NO_DATES),
        DeValue::Array(_) => Some(INNER),
        DeValue::Table(_) if key == "times" => Some(
            "multiply by a column in a separate step: `{ add = { column = \"hours\" } }, { times = { column = \"rate\" } }`",
        ),
        _ => None,
    }
}

/// Hint for a date under a key that takes a number.
pub(super) fn of_date(key: &str) -> &'static str {
    if OF_FORMULAS.contains(&key) {
        NO_DATES
    } else {
        DATE
    }
}

/// Hint for a fraction in place of a number.
pub(super) fn of_fraction(key: &str, written: &str) -> Option<String> {
    let written = written.trim_matches(['"', '\'']);
    let (above, below) = written.split_once('/')?;
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let below = number(below).filter(|below| *below > 0)?;
    let above = match above.trim().rsplit_once(' ') {
        Some((whole, above)) => number(whole)?
            .checked_mul(below)?
            .checked_add(number(above)?)?,
        None => number(above)?,
    };
    if key == "amount" {
        return Some(format!(
            "in deductions and pools, write a fraction as `fraction = \"{above}/{below}\"`"
        ));
    }
    if OF_FORMULAS.contains(&key) || key == "rate" {
        let fraction = format!("`{key} = \"{above}/{below}\"`");
        return Some(format!("write a fraction in quotes: {fraction}"));
    }
    let in_ten_thousands = u64::from(above) * 10_000;
    let is_number = ["raise", "reduce", "round", "round_down", "round_up", "to"].contains(&key);
    if is_number && in_ten_thousands.is_multiple_of(u64::from(below)) {
        let value = i64::try_from(in_ten_thousands / u64::from(below)).ok()?;
        let value = decimal::text(Decimal::new(value, 4));
        return Some(format!("write it as a decimal: `{key} = {value}`"));
    }
    None
}
