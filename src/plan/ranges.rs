//! Warnings about ranges of one column in otherwise equal steps of a formula:
//! values that are in two ranges, and values between two ranges. Both are easy to
//! write and rarely intended.

use crate::base::decimal;
use crate::base::diagnostics::whole_literal;
use crate::base::exact::Exact;
use crate::base::locale::Locale;
use crate::base::money::group;
use crate::plan::cell::{Facts, NumberSource, ValueId};
use crate::plan::condition::{Condition, Criterion, End, Matcher, RangeBound};
use crate::plan::formula::{Formula, FormulaStep, Operation};
use crate::plan::known_rules::KnownRules;
use crate::plan::{Pool, Portion};

/// A step whose condition has a range of a column or of a named value.
#[derive(Debug, Clone)]
struct RangeStep<'p> {
    step: &'p FormulaStep,
    source: NumberSource,
    /// The test of a cell.
    matcher: Option<&'p Matcher>,
    from: Option<End<RangeBound>>,
    to: Option<End<RangeBound>>,
}

impl<'p> RangeStep<'p> {
    /// The range of a condition; `None` if it is a test of another kind.
    fn of(step: &'p FormulaStep, entry: &'p Criterion) -> Option<Self> {
        let (source, matcher, [from, to]) = match entry {
            Criterion::Cell(column, matcher) => (
                NumberSource::Column(*column),
                Some(matcher),
                matcher.ends()?,
            ),
            Criterion::Value(value, range) => {
                let end = |end: &Option<End<Exact>>| {
                    let end = end.as_ref()?;
                    let at = RangeBound::Number(end.at.decimal()?);
                    Some(End { at, open: end.open })
                };
                let ends = [end(&range.from), end(&range.to)];
                (NumberSource::Value(*value), None, ends)
            }
            Criterion::In(_) | Criterion::NotIn(_) | Criterion::Any(_) => return None,
        };
        Some(Self {
            step,
            source,
            matcher,
            from,
            to,
        })
    }

    /// True if the two conditions differ only in the range.
    fn is_like(&self, other: &RangeStep<'_>) -> bool {
        let kind = |step: &RangeStep<'_>| step.matcher.map(std::mem::discriminant::<Matcher>);
        let (one, two) = (self.rest(), other.rest());
        self.source == other.source
            && kind(self) == kind(other)
            && one.len() == two.len()
            && one.iter().all(|entry| two.contains(entry))
    }

    /// The condition without the range.
    fn rest(&self) -> Vec<&'p Criterion> {
        let is_range = |entry: &&Criterion| match entry {
            Criterion::Cell(column, _) => self.source == NumberSource::Column(*column),
            Criterion::Value(value, _) => self.source == NumberSource::Value(*value),
            Criterion::In(_) | Criterion::NotIn(_) | Criterion::Any(_) => false,
        };
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
        let entries = step.when.entries.iter();
        for ranged in entries.filter_map(|entry| RangeStep::of(step, entry)) {
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
    let of_claims = Some(rules.columns);
    let of_values = rules.values.iter().map(|value| {
        let columns = if value.is_per_lot() {
            rules.lots
        } else {
            of_claims
        };
        (columns, &value.formula)
    });
    let of_portions = rules.portions.iter().filter_map(Portion::formula);
    let of_pools = rules.pools.iter().flat_map(Pool::formulas);
    let others = of_pools
        .chain(of_portions)
        .map(|formula| (of_claims, formula));
    let mut warnings = Vec::new();
    let formulas = of_values.chain(others);
    for (columns, group) in formulas.flat_map(|(columns, formula)| {
        groups(formula)
            .into_iter()
            .map(move |group| (columns, group))
    }) {
        for (number, second) in group.iter().enumerate() {
            for first in group.iter().take(number) {
                let verb = first.step.verb;
                let clash = verb == second.step.verb
                    && matches!(verb, Operation::Add | Operation::Subtract);
                if let Some(both) = first.touches(second).filter(|_| clash) {
                    let value = |id: ValueId| rules.values.get(id.0).map(|value| &*value.key);
                    let what = match first.source {
                        NumberSource::Column(id) => {
                            subject("column", columns.map_or("", |columns| columns.name(id)))
                        }
                        NumberSource::Value(id) => subject("value", value(id).unwrap_or_default()),
                    };
                    warnings.push(format!(
                        "{what}: {} is in both ranges ({}): both steps apply",
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

/// A formula with ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangedFormula {
    /// The shares or the award of a pool.
    Weight(usize),
    /// A limit of a pool, which is evaluated only for claimants with shares or an
    /// award.
    Limit(usize),
    Value(ValueId),
    /// The amount of a portion.
    Portion,
}

/// A gap between two neighboring ranges of a formula.
#[derive(Debug, Clone)]
pub struct RangeGap {
    pub formula: RangedFormula,
    pub source: NumberSource,
    /// The upper end of one range and the lower end of the next.
    pub ends: [End<RangeBound>; 2],
    /// The lines of both ranges in the plan.
    pub lines: String,
    rest: Condition,
    /// The test of a cell.
    matcher: Option<Matcher>,
}

impl RangeGap {
    /// True if the number or day is in the gap, and the rest of the condition holds.
    pub fn has(&self, claim: &impl Facts) -> bool {
        let [end, beginning] = self.ends;
        // A cell that no step has read may hold anything.
        let value = match (self.source, &self.matcher) {
            (NumberSource::Column(column), Some(matcher)) => {
                matcher.value(column, claim.cell(column)).ok().flatten()
            }
            (NumberSource::Value(value), _) => {
                let value = claim.value(value).ok();
                value.and_then(|value| value.decimal().map(RangeBound::Number))
            }
            (NumberSource::Column(_), None) => None,
        };
        value.is_some_and(|value| !end.reaches(&value) && !beginning.admits(&value))
            && self.rest.holds(claim) == Ok(true)
    }
}

/// All gaps between the ranges of formulas.
pub(super) fn gaps(rules: &KnownRules<'_>) -> Vec<RangeGap> {
    let pools = rules.pools.iter().enumerate();
    let of_pools = pools.flat_map(|(number, pool)| {
        let limit = RangedFormula::Limit(number);
        let kinds = [RangedFormula::Weight(number), limit, limit, limit];
        kinds.into_iter().zip(pool.formulas())
    });
    let values = rules.values.iter().enumerate();
    // Lots are not claims.
    let values = values.filter(|(_, value)| !value.is_per_lot());
    let of_values = values.map(|(id, value)| (RangedFormula::Value(ValueId(id)), &value.formula));
    let of_portions = rules.portions.iter().filter_map(Portion::formula);
    let of_portions = of_portions.map(|formula| (RangedFormula::Portion, formula));
    let mut gaps = Vec::new();
    for (kind, formula) in of_pools.chain(of_values).chain(of_portions) {
        for mut group in groups(formula) {
            group.sort_by_key(|ranged| ranged.from.map(|from| (from.at, from.open)));
            gaps.extend(of_group(&group).map(|(before, after, ends)| RangeGap {
                formula: kind,
                source: before.source,
                ends,
                lines: lines(before.step.line, after.step.line),
                rest: Condition {
                    entries: before.rest().into_iter().cloned().collect(),
                },
                matcher: before.matcher.cloned(),
            }));
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

/// A column or a value by its name.
pub(crate) fn subject(what: &str, name: &str) -> String {
    format!("{what} {}", whole_literal(name))
}

/// `lines 10 and 11`.
fn lines(one: usize, other: usize) -> String {
    match (one.min(other), one.max(other)) {
        (first, last) if first == last => format!("line {first}"),
        (first, last) => format!("lines {first} and {last}"),
    }
}
