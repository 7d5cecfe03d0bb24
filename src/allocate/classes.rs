//! The kinds of row that there are, column by column, and how many claimants
//! are of each.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rust_decimal::Decimal;

use crate::allocate::entitlement::{ClaimRemark, ClassGroup, ClassId, PoolEntitlement, RowOutcome};
use crate::allocate::marks::mark;
use crate::allocate::pool::{ParticipantColumns, Participants};
use crate::base::compact_column::{CompactColumn, room_like};
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::money::Money;
use crate::base::parallel;
use crate::plan::Plan;

/// All kinds of row, column by column.
#[derive(Debug)]
pub struct EntitlementClasses {
    groups: Vec<ClassGroup>,
    group_numbers: HashMap<ClassGroup, u32>,
    group_of: CompactColumn<u32>,
    counts: CompactColumn<u64>,
    pools: Vec<PoolColumns>,
    /// Every kind, with a part of its hash, which says without a look at the
    /// kind that most others are different. `None` when kinds are no longer
    /// looked for, because hardly any is met twice.
    index: Option<HashTable<(ClassId, u32)>>,
    /// How many kinds there are, and how many times one was entered.
    counted: usize,
    entered: usize,
}

/// What each kind has in one pool.
type PoolColumns = ParticipantColumns<Decimal, Money>;

/// So many kinds are looked for in any case.
const LOOKED_FOR: usize = 1 << 17;

/// Kinds that were worked out, one after the other.
#[derive(Debug, Default)]
pub struct NewClasses {
    /// The groups among them, some perhaps more than once.
    groups: Vec<ClassGroup>,
    group_of: Vec<u32>,
    /// What they have in each pool.
    pools: Vec<PoolColumns>,
}

impl NewClasses {
    /// Takes the kinds out. As many are expected next.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let another = Self {
            groups: Vec::new(),
            group_of: Vec::with_capacity(room_like(&self.group_of)),
            pools: self.pools.iter().map(ParticipantColumns::another).collect(),
        };
        std::mem::replace(self, another)
    }

    /// The number of the kind that was added last.
    pub fn last(&self) -> u32 {
        u32::try_from(self.group_of.len()).map_or(u32::MAX, |count| count.saturating_sub(1))
    }

    /// Adds a kind. Its number from 0.
    pub fn push(&mut self, judged: &RowOutcome) -> u32 {
        // Most rows are of a group that was met just before.
        let mut known = self.groups.iter().rev().take(8);
        let group = if let Some(place) = known.position(|group| group.is(&judged.group)) {
            self.groups.len() - 1 - place
        } else {
            self.groups.push(judged.group.clone());
            self.groups.len() - 1
        };
        self.group_of.push(u32::try_from(group).unwrap_or(u32::MAX));
        self.pools
            .resize_with(judged.draws.len(), ParticipantColumns::default);
        for (pool, draw) in self.pools.iter_mut().zip(&judged.draws) {
            pool.push(draw.weight, &draw.limits);
        }
        self.last()
    }
}

/// The kinds that take part in a pool, as its entrants.
#[derive(Debug)]
pub struct ClassParticipants<'a> {
    /// All kinds.
    pub entitlements: &'a EntitlementClasses,
    pool: usize,
    /// How many threads look at them.
    pub threads: usize,
    /// Entry by entry, the kind.
    pub kinds: Vec<ClassId>,
}

impl Participants for ClassParticipants<'_> {
    fn entries(&self) -> usize {
        self.kinds.len()
    }

    fn columns(&self, numbers: Range<usize>) -> (CompactColumn<u64>, PoolColumns) {
        let kinds = self.kinds.get(numbers).or_bug("an entrant has no kind");
        let columns = self.entitlements.pool(self.pool).select(kinds);
        (self.entitlements.counts.select(kinds), columns)
    }
}

impl ClassParticipants<'_> {
    /// The weight of a kind in the pool.
    pub fn weight(&self, kind: ClassId) -> Decimal {
        self.entitlements.weight(kind, self.pool)
    }
}

impl EntitlementClasses {
    /// None yet, for the pools of a plan.
    pub fn new(plan: &Plan) -> Self {
        Self {
            groups: Vec::new(),
            group_numbers: HashMap::new(),
            group_of: CompactColumn::new(0),
            counts: CompactColumn::new(1),
            pools: plan
                .pools
                .iter()
                .map(|_| ParticipantColumns::default())
                .collect(),
            index: Some(HashTable::new()),
            counted: 0,
            entered: 0,
        }
    }

    /// The kind with this standing and these draws, new or known, with one
    /// claimant more.
    pub fn enter(&mut self, judged: &RowOutcome) -> ClassId {
        let group = self.group(&judged.group);
        self.enter_in(group, &judged.draws)
    }

    /// The numbers of kinds that were worked out, with one claimant more each.
    pub fn enter_all(&mut self, new: NewClasses) -> Vec<ClassId> {
        let groups: Vec<u32> = new.groups.iter().map(|group| self.group(group)).collect();
        let groups = new.group_of.iter().map(|&group| groups.get(index(group)));
        let groups = groups.map(|group| *group.or_bug("a kind has no group"));
        if self.index.is_none() {
            return self.append(groups, new.pools);
        }
        let mut draws = Vec::new();
        let enter = |(number, group)| {
            draws.clear();
            draws.extend(new.pools.iter().map(|pool| draw(pool, number)));
            self.enter_in(group, &draws)
        };
        (0..).zip(groups).map(enter).collect()
    }

    /// Adds kinds of these groups, which are not looked for.
    fn append(
        &mut self,
        groups: impl ExactSizeIterator<Item = u32>,
        pools: Vec<PoolColumns>,
    ) -> Vec<ClassId> {
        let first = self.counted;
        self.counted += groups.len();
        self.entered += groups.len();
        self.counts.append(CompactColumn::of(1, groups.len()));
        groups.for_each(|group| self.group_of.push(group));
        for (known, new) in self.pools.iter_mut().zip(pools) {
            known.append(new);
        }
        // There are no more kinds than rows, which have such numbers too.
        let numbers = first..self.counted;
        numbers
            .map(|kind| ClassId::try_from(kind).unwrap_or(ClassId::MAX))
            .collect()
    }

    fn enter_in(&mut self, group: u32, draws: &[PoolEntitlement]) -> ClassId {
        let tag = self.index.as_ref().map(|_| tag_of(group, draws));
        let known = self.index.as_ref().zip(tag).and_then(|(index, tag)| {
            index
                .find(spread(tag), |&(kind, other)| {
                    other == tag && self.is(kind, group, draws)
                })
                .copied()
        });
        self.entered += 1;
        if let Some((kind, _)) = known {
            self.add(kind, 1);
            return kind;
        }
        // There are no more kinds than rows, which have such numbers too.
        let kind = ClassId::try_from(self.counted).unwrap_or(ClassId::MAX);
        self.counted += 1;
        self.group_of.push(group);
        self.counts.push(1);
        for (pool, draw) in self.pools.iter_mut().zip(draws) {
            pool.push(draw.weight, &draw.limits);
        }
        if let Some((index, tag)) = self.index.as_mut().zip(tag) {
            index.insert_unique(spread(tag), (kind, tag), |&(_, tag)| spread(tag));
            if self.counted > LOOKED_FOR && self.counted > self.entered / 4 * 3 {
                self.index = None;
            }
        }
        kind
    }

    /// Notes so many claimants more of a known kind.
    pub fn add(&mut self, kind: ClassId, count: u64) {
        let place = index(kind);
        self.counts.set(place, self.counts.at(place) + count);
    }

    /// Forgets how many claimants there are of each kind.
    pub fn clear_counts(&mut self) {
        self.counts = CompactColumn::of(0, self.counted);
    }

    /// Proves that every kind has a group, a count, and a value in each column of
    /// each pool: what is missing for one would be taken from the next.
    pub fn prove(&self) -> Result<(), Bug> {
        let count = self.counted;
        let whole = self.group_of.count() == count
            && self.counts.count() == count
            && self.pools.iter().all(|pool| pool.have_all(count));
        let mut groups = self.group_of.counted();
        if whole && groups.all(|(&group, _)| index(group) < self.groups.len()) {
            return Ok(());
        }
        let message = format!("there are {count} kinds of row, but not as many of all they have");
        Err(Bug::new(message))
    }

    /// Proves that the rows that stand for claimants, whose marks have this sum, are as
    /// many of each kind as there are claimants.
    pub fn prove_rows(&self, marks: u64) -> Result<(), Bug> {
        let known = self.kinds();
        let known = known.map(|kind| self.count(kind).wrapping_mul(mark(kind)));
        if marks == known.fold(0, u64::wrapping_add) {
            return Ok(());
        }
        Err(Bug::new("the rows are not of the kinds that were counted"))
    }

    /// How many kinds there are.
    pub fn len(&self) -> usize {
        self.counted
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.counted == 0
    }

    /// How many claimants are of a kind.
    pub fn count(&self, kind: ClassId) -> u64 {
        self.counts.at(index(kind))
    }

    /// The standing and the subclasses of a kind.
    pub fn group_of(&self, kind: ClassId) -> &ClassGroup {
        let group = self.groups.get(index(self.group_of.at(index(kind))));
        group.or_bug("a kind has no group")
    }

    /// What was remarked of claims, and of how many.
    pub fn remarks(&self) -> BTreeMap<ClaimRemark, u64> {
        let mut remarks = BTreeMap::new();
        if self.groups.iter().all(|group| group.remarks.is_empty()) {
            return remarks;
        }
        for kind in self.kinds() {
            for remark in &self.group_of(kind).remarks {
                *remarks.entry(*remark).or_insert(0) += self.count(kind);
            }
        }
        remarks
    }

    /// What a kind has in a pool.
    pub fn draw(&self, kind: ClassId, pool: usize) -> PoolEntitlement {
        draw(self.pool(pool), kind)
    }

    fn pool(&self, number: usize) -> &PoolColumns {
        self.pools.get(number).or_bug("a pool has no entitlements")
    }

    /// The shares or the award of a kind in a pool; 0 if it is not in it.
    pub fn weight(&self, kind: ClassId, pool: usize) -> Decimal {
        self.pool(pool).weights.at(index(kind))
    }

    /// All kinds.
    pub fn kinds(&self) -> impl Iterator<Item = ClassId> {
        (0..self.counted).filter_map(|kind| ClassId::try_from(kind).ok())
    }

    /// The kinds that take part in a pool, to be looked at by so many threads.
    pub fn entrants(&self, pool: usize, threads: usize) -> ClassParticipants<'_> {
        let takes_part =
            |kind: &ClassId| self.count(*kind) > 0 && !self.weight(*kind, pool).is_zero();
        let mut kinds = Vec::new();
        parallel::by_range(
            threads,
            self.counted,
            |range| {
                let kinds = range.filter_map(|kind| ClassId::try_from(kind).ok());
                kinds.filter(takes_part).collect::<Vec<ClassId>>()
            },
            |part| kinds.extend(part),
        );
        ClassParticipants {
            entitlements: self,
            pool,
            threads,
            kinds,
        }
    }

    fn group(&mut self, group: &ClassGroup) -> u32 {
        if let Some(number) = self.group_numbers.get(group) {
            return *number;
        }
        let number = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push(group.clone());
        self.group_numbers.insert(group.clone(), number);
        number
    }

    fn is(&self, kind: ClassId, group: u32, draws: &[PoolEntitlement]) -> bool {
        self.group_of.get(index(kind)) == Some(group)
            && self
                .pools
                .iter()
                .zip(draws)
                .all(|(pool, known)| draw(pool, kind) == *known)
    }
}

/// A short hash of a kind.
fn tag_of(group: u32, draws: &[PoolEntitlement]) -> u32 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    group.hash(&mut hasher);
    for draw in draws {
        draw.weight.mantissa().hash(&mut hasher);
        draw.limits.hash(&mut hasher);
    }
    let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// A short hash as one whose bits all differ, which the table needs.
fn spread(tag: u32) -> u64 {
    u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn draw(pool: &PoolColumns, kind: ClassId) -> PoolEntitlement {
    let place = index(kind);
    PoolEntitlement {
        weight: pool.weights.at(place),
        limits: pool.limits(place),
    }
}

/// A number as a place in a list.
pub fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::entitlement::ClaimStatus;
    use crate::allocate::marks::marks_of;
    use crate::allocate::pool::PaymentLimits;
    use crate::plan::{PlanSource, load};

    const PLAN: &str = r#"
        [settlement]
        name = "Two pools"
        [fund]
        amount = 1000
        [claims]
        status = false
        [[pool]]
        name = "first"
        amount = 500
        award = [{ add = { column = "a" } }]
        [[pool]]
        name = "second"
        award = [{ add = { column = "b" } }]
    "#;

    /// The kind of a row: a few are out, all others differ.
    fn judged(plan: &Plan, row: u32) -> RowOutcome {
        let mut judged = RowOutcome::default();
        if row % 50_000 == 7 {
            judged.outside(plan, ClaimStatus::Denied(0));
            return judged;
        }
        let weight = |number: u32| PoolEntitlement {
            weight: Decimal::from(number),
            limits: PaymentLimits {
                at_most: (number % 40_000 != 3).then_some(Money(90_000)),
                at_least: Money(i128::from(number % 3)),
                ..PaymentLimits::NONE
            },
        };
        judged.group.subclasses = vec![usize::from(row % 3 == 1)];
        judged.draws = vec![weight(row + 1), weight(1)];
        judged
    }

    #[test]
    fn kinds_are_kept_as_they_came_also_when_none_is_looked_for_any_more() {
        let source = PlanSource {
            name: "plan.toml".to_owned(),
            shown: "plan.toml".to_owned(),
            text: PLAN.to_owned(),
        };
        let plan = load(&source).expect("a plan");
        let rows = u32::try_from(2 * LOOKED_FOR + 10).expect("few");
        let mut entitlements = EntitlementClasses::new(&plan);
        let mut kinds = Vec::new();
        let batch = 3 * rows / 16;
        let mut new = NewClasses::default();
        for first in (0..rows).step_by(usize::try_from(batch).expect("few")) {
            for row in first..rows.min(first + batch) {
                new.push(&judged(&plan, row));
            }
            kinds.extend(entitlements.enter_all(new.take()));
        }
        assert!(entitlements.index.is_none(), "nothing is looked for");
        assert_eq!(kinds.len(), index(rows));
        for (row, &kind) in (0..).zip(&kinds) {
            let expected = judged(&plan, row);
            assert_eq!(entitlements.group_of(kind), &expected.group, "{row}");
            let draws = (0..2).map(|pool| entitlements.draw(kind, pool));
            assert!(draws.eq(expected.draws), "{row}");
        }
        let counts = entitlements.kinds().map(|kind| entitlements.count(kind));
        assert_eq!(counts.sum::<u64>(), u64::from(rows));
    }

    #[test]
    fn a_kind_that_lacks_something_is_never_paid_nothing() {
        let source = PlanSource {
            name: "plan.toml".to_owned(),
            shown: "plan.toml".to_owned(),
            text: PLAN.to_owned(),
        };
        let plan = load(&source).expect("a plan");
        let whole = || {
            let mut entitlements = EntitlementClasses::new(&plan);
            let mut new = NewClasses::default();
            (0..5).for_each(|row| assert_eq!(new.push(&judged(&plan, row)), row));
            (entitlements.enter_all(new), entitlements).1
        };
        assert_eq!(whole().prove(), Ok(()));
        let breaks: [fn(&mut EntitlementClasses); 5] = [
            |broken| broken.pools[1].weights = CompactColumn::of(Decimal::ONE, 4),
            |broken| broken.pools[0].at_most = CompactColumn::of(Money(3), 4),
            |broken| broken.counts = CompactColumn::of(1, 4),
            |broken| broken.group_of = CompactColumn::of(0, 4),
            |broken| broken.groups.clear(),
        ];
        for broken in breaks {
            let mut entitlements = whole();
            broken(&mut entitlements);
            assert!(entitlements.prove().is_err());
        }
        // Rows of other kinds than those that were counted, of one that there is not,
        // and of none.
        let entitlements = whole();
        assert_eq!(
            entitlements.prove_rows(marks_of([4, 3, 2, 0, 1].into_iter())),
            Ok(())
        );
        for kinds in [
            &[0, 0, 1, 2, 3][..],
            &[0, 1, 2, 3],
            &[0, 1, 2, 3, 4, 0],
            &[0, 2, 2, 2, 4],
            &[0, 1, 2, 3, 5],
            &[0, 1, 2, 3, u32::MAX],
        ] {
            let proved = entitlements.prove_rows(marks_of(kinds.iter().copied()));
            assert!(proved.is_err(), "{kinds:?}");
        }
    }
}
