//! Values that several tables of a plan contain: texts, amounts, parts.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;
use toml::de::DeValue;

use crate::base::diagnostics::{count, literal};
use crate::base::money::{Currency, Money};
use crate::plan::document::{ProblemCollector, Span, TomlNumber, TomlTable, TomlValue, given};
use crate::plan::{ExactPart, fund, hints};

/// Returns `Some(None)` if the key is omitted, `None` if it is invalid.
#[expect(clippy::option_option, reason = "absent and invalid are different")]
pub(crate) fn optional_words(
    table: &mut TomlTable<'_>,
    key: &'static str,
    problems: &mut ProblemCollector,
) -> Option<Option<String>> {
    given(table.take(key).map(|value| value.words(problems)))
}

/// Reads an amount with at most as many decimals as the currency has.
pub(crate) fn money(
    value: &TomlValue<'_>,
    currency: Currency,
    problems: &mut ProblemCollector,
) -> Option<Money> {
    let number = value.number(problems)?;
    let allowed = usize::try_from(currency.decimals()).unwrap_or(usize::MAX);
    let exact = currency.exact(number.value);
    if number.decimals > allowed || exact.is_none() {
        let decimals = match allowed {
            0 => "no decimals".to_owned(),
            _ => format!("at most {}", count(allowed, "decimal", "decimals")),
        };
        let message = format!(
            "{}: an amount in {} has {decimals}",
            literal(&value.key),
            currency.code()
        );
        problems.add(&value.span, message);
        return None;
    }
    exact
}

/// A part, as a percentage or as a fraction by its key.
pub(crate) fn part(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<ExactPart> {
    match value.key.as_str() {
        "percent" => percent(value, problems),
        _ => fraction(value, problems),
    }
}

fn percent(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<ExactPart> {
    if let DeValue::String(text) = value.value
        && text.contains('/')
    {
        let message = format!("`percent`: {} is not a decimal number", literal(text));
        problems.add_hint(&value.span, message, hints::of_part(&value.key, text));
        return None;
    }
    value.number(problems).map(|number| percent_part(&number))
}

/// A percentage as an exact part.
pub(crate) fn percent_part(number: &TomlNumber) -> ExactPart {
    ExactPart {
        ratio: fund::percent(number.value),
        written: format!("{}%", crate::base::decimal::text(number.value)),
    }
}

/// Reads `fraction = "1/3"`.
fn fraction(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<ExactPart> {
    let DeValue::String(text) = value.value else {
        value.wrong_kind_hint("text in quotes", hints::FRACTION, problems);
        return None;
    };
    let part = |digits: &str| {
        let number = crate::base::decimal::parse(digits).ok()?;
        (!digits.contains('.'))
            .then(|| BigInt::from(number.mantissa()) * BigInt::from(10).pow(number.scale()))
    };
    let ratio = text
        .split_once('/')
        .and_then(|(above, below)| Some((part(above)?, part(below)?)))
        .filter(|(_, below)| !below.is_zero())
        .map(|(above, below)| Ratio::new(above, below));
    if ratio.is_none() {
        let message = format!("{} is not a fraction", literal(text));
        let hint = hints::of_number("fraction", text).filter(|_| text.ends_with('%'));
        let hint = hint.unwrap_or_else(|| hints::FRACTION.to_owned());
        problems.add_hint(&value.span, message, hint);
    }
    Some(ExactPart {
        ratio: ratio?,
        written: text.to_string(),
    })
}

/// The only key of a choice; several, or none, are a problem.
pub(crate) fn exactly_one<'v, 'p>(
    present: &'v [TomlValue<'p>],
    span: &Span,
    missing: &str,
    problems: &mut ProblemCollector,
) -> Option<&'v TomlValue<'p>> {
    match present {
        [only] => Some(only),
        [] => {
            problems.add(span, missing);
            None
        }
        [first, second, ..] => {
            let message = format!("`{}` and `{}` cannot be combined", first.key, second.key);
            problems.add_pair(&second.key_span, message, &first.key_span, "the other key");
            None
        }
    }
}
