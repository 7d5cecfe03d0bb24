//! What changed, on one screen; no personal data.

use super::{Comparison, Figure};
use crate::diagnostic::quotable;
use crate::marked::{Mark, Marked};
use crate::money::group;
use crate::run::summary_text::fitted;

/// Prints a comparison.
pub fn text(comparison: &Comparison) -> Marked {
    let mut text = Marked::default();
    text += &format!(
        "old  {}\nnew  {}\n",
        quotable(&comparison.old),
        quotable(&comparison.new)
    );
    if !comparison.differs {
        let words = "\nNothing changed: the same plan, the same figures, the same payouts.\n";
        text.add(Mark::Good, words);
        if !comparison.same_claims {
            text += "The claims files are not the same, but come to the same payouts.\n";
        }
        return text;
    }
    let word = |same| if same { "the same" } else { "another" };
    let (plan, claims) = (comparison.same_plan, comparison.same_claims);
    text += &format!("plan {}, claims {}\n", word(plan), word(claims));
    let amounts = format!("Amounts in {}", comparison.currency);
    text += "\n";
    text.add(
        Mark::Heading,
        &heading([&amounts, "old", "new", "difference"]),
    );
    let mut of = "";
    let changed = comparison
        .figures
        .iter()
        .filter(|figure| figure.old != figure.new);
    for figure in changed.filter(|figure| figure.name != "rate_exact") {
        if figure.of != of {
            of = &figure.of;
            text += &format!("{}\n", quotable(of));
        }
        text += &line(figure);
    }
    text += "\n";
    text.add(
        Mark::Heading,
        &heading(["Claimants", "number", "difference", "largest change"]),
    );
    for one in &comparison.claimants {
        let label = match (one.from, one.to) {
            (Some(from), Some(to)) => format!("{from}, now {to}"),
            _ => one.change.to_owned(),
        };
        let largest = one
            .largest
            .as_ref()
            .map_or("-", |largest| &largest.difference);
        text += &format!(
            "  {label:<20} {:>17} {:>17} {:>17}\n",
            group(&one.count.to_string()),
            signed(&one.difference),
            signed(largest)
        );
    }
    text
}

fn heading([label, first, second, third]: [&str; 4]) -> String {
    format!("{label:<22} {first:>17} {second:>17} {third:>17}\n")
}

fn line(figure: &Figure) -> String {
    let amount = |side: &Option<String>| side.as_deref().map_or("-".to_owned(), group);
    let difference = figure.difference.as_deref().map_or("-".to_owned(), signed);
    format!(
        "  {:<20} {:>17} {:>17} {:>17}\n",
        fitted(&quotable(&figure.name.replace('_', " ")), 20),
        amount(&figure.old),
        amount(&figure.new),
        difference
    )
}

fn signed(amount: &str) -> String {
    match amount.strip_prefix('-') {
        Some(amount) if !amount.is_empty() => format!("-{}", group(amount)),
        _ => group(amount),
    }
}
