//! Warnings about ranges of one column in otherwise equal steps of a formula:
//! values that are in two ranges, and values between two ranges. Both are easy to
//! write and rarely intended.

use crate::base::decimal;
use crate::base::diagnostics::whole_literal;
use crate::base::locale::Locale;
use crate::base::money::group;
use crate::plan::cell::{ColumnId, Facts};
use crate::plan::condition::{Condition, Criterion, End, Matcher, RangeBound};
use crate::plan::formula::{Formula, FormulaStep, Operation};
use crate::plan::known_rules::KnownRules;
use crate::plan::{Pool, Portion};

/// A step whose condition has a range of a column.
#[derive(Debug, Clone)]
struct RangeStep<'p> {
    step: &'p FormulaStep,
    column: ColumnId,
    matcher: &'p Matcher,
    from: Option<End<RangeBound>>,
    to: Option<End<RangeBound>>,
}

impl RangeStep<'_> {
    /// True if the two conditions differ only in the range.
    fn is_like(&self, other: &RangeStep<'_>) -> bool {
        let kind = std::mem::discriminant::<Matcher>;
        let (one, two) = (self.rest(), other.rest());
        self.column == other.column
            && kind(self.matcher) == kind(other.matcher)
            && one.len() == two.len()
            && one.iter().all(|entry| two.contains(entry))
    }

    /// The condition without the range.
    fn rest(&self) -> Vec<&Criterion> {
        let is_range = |entry: &&Criterion| matches!(entry, Criterion::Cell(column, _) if *column == self.column);
        let entries = self.step.when.entries.iter();
        entries.filter(|entry| !is_range(entry)).collect()
    }

    /// The only value that is in both ranges, if one ends where the other begins.
    fn touches(&self, other: &RangeStep<'_>) -> Option<RangeBound> {
        let closed = |end: Option<End<RangeBound>>| end.filter(|end| !end.open);
        let ends = [(self, other), (other, self)].into_iter();
        let mut ends = ends.filter_map(|(first, second)| {
            let (to, from) = (closed(first.to)?.at, closed(second.from)?.at);
            let begins_before = first.from.is_none_or(|begin| begin.at < to);
            let ends_after = second.to.is_none_or(|end| end.at > from);
            (to == from && begins_before && ends_after).then_some(to)
        });
        ends.next()
    }
}

/// Groups the steps with ranges that are equal except for their ranges.
fn groups(formula: &Formula) -> Vec<Vec<RangeStep<'_>>> {
    let mut groups: Vec<Vec<RangeStep<'_>>> = Vec::new();
    for step in formula.steps() {
        for entry in &step.when.entries {
            let Criterion::Cell(column, matcher) = entry else {
                continue;
            };
            let Some([from, to]) = matcher.ends() else {
                continue;
            };
            let ranged = RangeStep {
                step,
                column: *column,
                matcher,
                from,
                to,
            };
            let like = |group: &&mut Vec<RangeStep<'_>>| {
                group.first().is_some_and(|first| first.is_like(&ranged))
            };
            match groups.iter_mut().find(like) {
                Some(group) => group.push(ranged),
                None => groups.push(vec![ranged]),
            }
        }
    }
    groups
}

/// Warnings about values in the ranges of two steps that each add their own
/// operand. A range inside another is assumed to be intended.
pub(super) fn overlaps(rules: &KnownRules<'_>, locale: Locale) -> Vec<String> {
    let columns = rules.columns;
    let of_values = rules.values.iter().map(|value| &value.formula);
    let of_portions = rules.portions.iter().filter_map(Portion::formula);
    let formulas = of_values.chain(rules.pools.iter().flat_map(Pool::formulas));
    let mut warnings = Vec::new();
    for group in formulas.chain(of_portions).flat_map(groups) {
        for (number, second) in group.iter().enumerate() {
            for first in group.iter().take(number) {
                let verb = first.step.verb;
                let clash = verb == second.step.verb
                    && matches!(verb, Operation::Add | Operation::Subtract);
                if let Some(both) = first.touches(second).filter(|_| clash) {
                    warnings.push(format!(
                        "column {}: {} is in both ranges ({}): both steps apply",
                        whole_literal(columns.name(first.column)),
                        both.text(locale),
                        lines(first.step.line, second.step.line),
                    ));
                }
            }
        }
    }
    warnings
}

impl RangeBound {
    /// The bound for people.
    pub(crate) fn text(self, locale: Locale) -> String {
        match self {
            Self::Number(number) => group(&decimal::text(number)),
            Self::Date(date) => locale.date(date),
            Self::Instant(instant) => locale.instant(instant),
        }
    }
}

/// A gap between two neighboring ranges of a formula.
#[derive(Debug, Clone)]
pub struct RangeGap {
    /// The index of the pool, in plan order.
    pub pool: usize,
    /// True if the formula is a limit, which is evaluated only for claimants with
    /// shares or an award.
    pub of_limit: bool,
    pub column: ColumnId,
    /// The upper end of one range and the lower end of the next.
    pub ends: [End<RangeBound>; 2],
    /// The lines of both ranges in the plan.
    pub lines: String,
    rest: Condition,
    range: Matcher,
}

impl RangeGap {
    /// True if the formula is evaluated for this claim and the cell is in the gap.
    pub fn has(&self, claim: &impl Facts) -> bool {
        let [end, beginning] = self.ends;
        let value = self.range.value(self.column, claim.cell(self.column));
        // A cell that no step has read may hold anything.
        let between = |value| !end.reaches(&value) && !beginning.admits(&value);
        value.is_ok_and(|value| value.is_some_and(between)) && self.rest.holds(claim) == Ok(true)
    }
}

/// All gaps between the ranges of formulas.
pub(super) fn gaps(pools: &[Pool]) -> Vec<RangeGap> {
    let mut gaps = Vec::new();
    for (number, pool) in pools.iter().enumerate() {
        for (formula, of_limit) in pool.formulas().zip([false, true, true, true]) {
            for mut group in groups(formula) {
                group.sort_by_key(|ranged| ranged.from.map(|from| (from.at, from.open)));
                gaps.extend(of_group(&group).map(|(before, after, ends)| RangeGap {
                    pool: number,
                    of_limit,
                    column: before.column,
                    ends,
                    lines: lines(before.step.line, after.step.line),
                    rest: Condition {
                        entries: before.rest().into_iter().cloned().collect(),
                    },
                    range: before.matcher.clone(),
                }));
            }
        }
    }
    gaps
}

/// The neighboring ranges of a group, in ascending order, that have a gap between
/// them.
fn of_group<'g, 'p>(
    group: &'g [RangeStep<'p>],
) -> impl Iterator<Item = (&'g RangeStep<'p>, &'g RangeStep<'p>, [End<RangeBound>; 2])> {
    let mut farthest = group.first();
    group.iter().skip(1).filter_map(move |next| {
        let before = farthest?;
        let end = before.to?;
        let touches = |from: &End<RangeBound>| from.at == end.at && from.open && end.open;
        let gap = next.from.filter(|from| from.at > end.at || touches(from));
        let ends = |end: End<RangeBound>| (end.at, !end.open);
        if next.to.is_none_or(|to| ends(to) > ends(end)) {
            farthest = Some(next);
        }
        gap.map(|beginning| (before, next, [end, beginning]))
    })
}

/// `lines 10 and 11`.
fn lines(one: usize, other: usize) -> String {
    match (one.min(other), one.max(other)) {
        (first, last) if first == last => format!("line {first}"),
        (first, last) => format!("lines {first} and {last}"),
    }
}
