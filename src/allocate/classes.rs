//! The classes of rows, column by column, with the number of claimants in each.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rust_decimal::Decimal;

use crate::allocate::entitlement::{ClaimRemark, ClassGroup, PoolEntitlement, RowOutcome};
use crate::allocate::open_entitlement::MaybeOpen;
use crate::allocate::pool::{ParticipantColumns, Participants};
use crate::base::compact_column::{CompactColumn, index, room_like};
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::money::Money;
use crate::base::parallel;
use crate::claims::claim_list::ClassId;
use crate::claims::classifier::{ClaimClassifier, ClassBatch, mark};
use crate::plan::Plan;

/// All classes of rows, column by column.
#[derive(Debug)]
pub struct EntitlementClasses {
    groups: Vec<ClassGroup>,
    group_numbers: HashMap<ClassGroup, u32>,
    group_of: CompactColumn<u32>,
    counts: CompactColumn<u64>,
    pools: Vec<PoolColumns>,
    /// For each pool, the remainders of formulas that read earlier pools; empty if no
    /// pool has any.
    open: Vec<CompactColumn<MaybeOpen>>,
    /// An index of classes, with part of their hash, which rules out most other
    /// classes without reading them. `None` once classes are no longer looked up
    /// because repeats are rare.
    index: Option<HashTable<(ClassId, u32)>>,
    /// The number of classes, and the number of times one was entered.
    counted: usize,
    entered: usize,
}

/// The entitlements of all classes in one pool.
pub(super) type PoolColumns = ParticipantColumns<Decimal, Money>;

/// Classes are always looked up until there are this many.
const LOOKED_FOR: usize = 1 << 17;

/// New classes in order.
#[derive(Debug, Default)]
pub struct NewClasses {
    /// Their groups; some may be repeated.
    groups: Vec<ClassGroup>,
    group_of: Vec<u32>,
    /// Their entitlements in each pool.
    pools: Vec<PoolColumns>,
    /// The remainders of formulas that read earlier pools.
    open: Vec<CompactColumn<MaybeOpen>>,
}

impl ClassBatch<RowOutcome> for NewClasses {
    fn take(&mut self) -> Self {
        let another = Self {
            groups: Vec::new(),
            group_of: Vec::with_capacity(room_like(&self.group_of)),
            pools: self.pools.iter().map(ParticipantColumns::another).collect(),
            open: self.open.iter().map(CompactColumn::another).collect(),
        };
        std::mem::replace(self, another)
    }

    fn last(&self) -> u32 {
        u32::try_from(self.group_of.len()).map_or(u32::MAX, |count| count.saturating_sub(1))
    }

    fn push(&mut self, outcome: &RowOutcome) -> u32 {
        // Most rows belong to the same group as the row before.
        let mut known = self.groups.iter().rev().take(8);
        let group = if let Some(place) = known.position(|group| group.is(&outcome.group)) {
            self.groups.len() - 1 - place
        } else {
            self.groups.push(outcome.group.clone());
            self.groups.len() - 1
        };
        self.group_of.push(u32::try_from(group).unwrap_or(u32::MAX));
        self.pools
            .resize_with(outcome.pool_entitlements.len(), ParticipantColumns::default);
        for (pool, pool_entitlement) in self.pools.iter_mut().zip(&outcome.pool_entitlements) {
            pool.push(pool_entitlement.weight, &pool_entitlement.limits);
        }
        self.open
            .resize_with(outcome.open.len(), || CompactColumn::new(None));
        for (column, open) in self.open.iter_mut().zip(&outcome.open) {
            column.push(open.clone());
        }
        self.last()
    }
}

/// The classes that participate in a pool.
#[derive(Debug)]
pub struct ClassParticipants<'a> {
    pub entitlements: &'a EntitlementClasses,
    /// Their entitlements, by class.
    columns: &'a PoolColumns,
    /// The number of threads that process them.
    pub threads: usize,
    /// The class of each entry.
    pub classes: Vec<ClassId>,
}

impl Participants for ClassParticipants<'_> {
    fn entries(&self) -> usize {
        self.classes.len()
    }

    fn columns(&self, numbers: Range<usize>) -> (CompactColumn<u64>, PoolColumns) {
        let classes = self
            .classes
            .get(numbers)
            .or_bug("a participant has no class");
        let columns = self.columns.select(classes);
        (self.entitlements.counts.select(classes), columns)
    }
}

impl ClassParticipants<'_> {
    /// The participants in each part of the pool, which is the one with this number
    /// among those with parts.
    pub fn by_part(&self, number: usize, parts: usize) -> Vec<Vec<ClassId>> {
        let mut by_part = vec![Vec::new(); parts];
        for &class in &self.classes {
            let part = self.entitlements.group_of(class).parts.get(number);
            let part = *part.or_bug("a participant is in no part");
            let classes = by_part.get_mut(index(part));
            classes.or_bug("a pool has no such part").push(class);
        }
        by_part
    }

    pub fn weight(&self, class: ClassId) -> Decimal {
        self.columns.weights.at(index(class))
    }
}

impl ClaimClassifier for EntitlementClasses {
    type Outcome = RowOutcome;
    type Batch = NewClasses;

    fn new(plan: &Plan) -> Self {
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
            open: if plan.open_pools {
                vec![CompactColumn::new(None); plan.pools.len()]
            } else {
                Vec::new()
            },
            index: Some(HashTable::new()),
            counted: 0,
            entered: 0,
        }
    }

    fn enter(&mut self, outcome: &RowOutcome) -> ClassId {
        let group = self.group(&outcome.group);
        self.enter_in(group, &outcome.pool_entitlements, &outcome.open)
    }

    fn enter_all(&mut self, new: NewClasses) -> Vec<ClassId> {
        let groups: Vec<u32> = new.groups.iter().map(|group| self.group(group)).collect();
        let groups = new.group_of.iter().map(|&group| groups.get(index(group)));
        let groups = groups.map(|group| *group.or_bug("a class has no group"));
        if self.index.is_none() {
            return self.append(groups, new.pools, new.open);
        }
        let mut pool_entitlements = Vec::new();
        let mut open = Vec::new();
        let enter = |(number, group)| {
            pool_entitlements.clear();
            let of_pools = new.pools.iter().map(|pool| pool_entitlement(pool, number));
            pool_entitlements.extend(of_pools);
            let number = index(number);
            open.clear();
            open.extend(new.open.iter().map(|column| column.at(number)));
            self.enter_in(group, &pool_entitlements, &open)
        };
        (0..).zip(groups).map(enter).collect()
    }

    fn add(&mut self, class: ClassId, count: u64) {
        let place = index(class);
        self.counts.set(place, self.counts.at(place) + count);
    }

    fn prove_rows(&self, marks: u64) -> Result<(), Bug> {
        let known = self.classes();
        let known = known.map(|class| self.count(class).wrapping_mul(mark(class)));
        if marks == known.fold(0, u64::wrapping_add) {
            return Ok(());
        }
        Err(Bug::new("the rows do not match the counted classes"))
    }
}

impl EntitlementClasses {
    /// Adds classes of these groups without a lookup.
    fn append(
        &mut self,
        groups: impl ExactSizeIterator<Item = u32>,
        pools: Vec<PoolColumns>,
        open: Vec<CompactColumn<MaybeOpen>>,
    ) -> Vec<ClassId> {
        let first = self.counted;
        self.counted += groups.len();
        self.counts.append(CompactColumn::of(1, groups.len()));
        groups.for_each(|group| self.group_of.push(group));
        for (known, new) in self.pools.iter_mut().zip(pools) {
            known.append(new);
        }
        for (known, new) in self.open.iter_mut().zip(open) {
            known.append(new);
        }
        // There are at most as many classes as rows, whose numbers fit, too.
        let numbers = first..self.counted;
        numbers
            .map(|class| ClassId::try_from(class).unwrap_or(ClassId::MAX))
            .collect()
    }

    fn enter_in(
        &mut self,
        group: u32,
        pool_entitlements: &[PoolEntitlement],
        open: &[MaybeOpen],
    ) -> ClassId {
        let tag = self
            .index
            .as_ref()
            .map(|_| tag_of(group, pool_entitlements, open));
        let known = self.index.as_ref().zip(tag).and_then(|(index, tag)| {
            index
                .find(spread(tag), |&(class, other)| {
                    other == tag && self.is(class, group, pool_entitlements, open)
                })
                .copied()
        });
        self.entered += 1;
        if let Some((class, _)) = known {
            self.add(class, 1);
            return class;
        }
        // There are at most as many classes as rows, whose numbers fit, too.
        let class = ClassId::try_from(self.counted).unwrap_or(ClassId::MAX);
        self.counted += 1;
        self.group_of.push(group);
        self.counts.push(1);
        for (pool, pool_entitlement) in self.pools.iter_mut().zip(pool_entitlements) {
            pool.push(pool_entitlement.weight, &pool_entitlement.limits);
        }
        for (column, open) in self.open.iter_mut().zip(open) {
            column.push(open.clone());
        }
        if let Some((index, tag)) = self.index.as_mut().zip(tag) {
            index.insert_unique(spread(tag), (class, tag), |&(_, tag)| spread(tag));
            if self.counted > LOOKED_FOR && self.counted > self.entered / 4 * 3 {
                self.index = None;
            }
        }
        class
    }

    /// Makes this number of claimants of a class a class of their own.
    pub fn split(&mut self, class: ClassId, count: u64) -> ClassId {
        let place = index(class);
        self.counts.set(place, self.counts.at(place) - count);
        self.group_of.push(self.group_of.at(place));
        self.counts.push(count);
        for pool in &mut self.pools {
            pool.push(pool.weights.at(place), &pool.limits(place));
        }
        for column in &mut self.open {
            column.push(column.at(place));
        }
        self.counted += 1;
        ClassId::try_from(self.counted - 1).unwrap_or(ClassId::MAX)
    }

    /// Resets the number of claimants of each class.
    pub fn clear_counts(&mut self) {
        self.counts = CompactColumn::of(0, self.counted);
    }

    /// Verifies that every class has a group, a count, and a value in each column
    /// of each pool. A missing value would shift those of later classes.
    pub fn prove(&self) -> Result<(), Bug> {
        let count = self.counted;
        let whole = self.group_of.count() == count
            && self.counts.count() == count
            && self.pools.iter().all(|pool| pool.have_all(count))
            && self.open.iter().all(|column| column.count() == count);
        let mut groups = self.group_of.counted();
        if whole && groups.all(|(&group, _)| index(group) < self.groups.len()) {
            return Ok(());
        }
        let message = format!("there are {count} classes, but not as many values in each column");
        Err(Bug::new(message))
    }

    pub fn len(&self) -> usize {
        self.counted
    }

    /// The number of claimants in a class.
    pub fn count(&self, class: ClassId) -> u64 {
        self.counts.at(index(class))
    }

    /// The claim status and the subclasses of a class.
    pub fn group_of(&self, class: ClassId) -> &ClassGroup {
        let group = self.groups.get(index(self.group_of.at(index(class))));
        group.or_bug("a class has no group")
    }

    /// Remarks about claims, with the number of claims.
    pub fn remarks(&self) -> BTreeMap<ClaimRemark, u64> {
        let mut remarks = BTreeMap::new();
        if self.groups.iter().all(|group| group.remarks.is_empty()) {
            return remarks;
        }
        for class in self.classes() {
            for remark in &self.group_of(class).remarks {
                *remarks.entry(*remark).or_insert(0) += self.count(class);
            }
        }
        remarks
    }

    /// The entitlement of a class in a pool.
    pub fn pool_entitlement(&self, class: ClassId, pool: usize) -> PoolEntitlement {
        pool_entitlement(self.pool(pool), class)
    }

    fn pool(&self, number: usize) -> &PoolColumns {
        self.pools.get(number).or_bug("a pool has no entitlements")
    }

    /// The remainders of a class's formulas that read earlier pools.
    pub fn open(&self, class: ClassId, pool: usize) -> MaybeOpen {
        self.open.get(pool)?.at(index(class))
    }

    /// The shares or the award of a class in a pool; 0 if it does not participate, or if
    /// it depends on earlier pools.
    pub fn weight(&self, class: ClassId, pool: usize) -> Decimal {
        self.pool(pool).weights.at(index(class))
    }

    pub fn classes(&self) -> impl Iterator<Item = ClassId> {
        (0..self.counted).filter_map(|class| ClassId::try_from(class).ok())
    }

    /// The classes that participate in a pool, to be processed by `threads`
    /// threads.
    pub fn participants(&self, pool: usize, threads: usize) -> ClassParticipants<'_> {
        self.participants_of(self.pool(pool), threads)
    }

    /// The classes that participate with these entitlements.
    pub(super) fn participants_of<'a>(
        &'a self,
        columns: &'a PoolColumns,
        threads: usize,
    ) -> ClassParticipants<'a> {
        let takes_part = |class: &ClassId| {
            self.count(*class) > 0 && !columns.weights.at(index(*class)).is_zero()
        };
        let mut classes = Vec::new();
        parallel::by_range(
            threads,
            self.counted,
            |range| {
                let classes = range.filter_map(|class| ClassId::try_from(class).ok());
                classes.filter(takes_part).collect::<Vec<ClassId>>()
            },
            |part| classes.extend(part),
        );
        ClassParticipants {
            entitlements: self,
            columns,
            threads,
            classes,
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

    fn is(
        &self,
        class: ClassId,
        group: u32,
        pool_entitlements: &[PoolEntitlement],
        open: &[MaybeOpen],
    ) -> bool {
        self.group_of.get(index(class)) == Some(group)
            && self
                .pools
                .iter()
                .zip(pool_entitlements)
                .all(|(pool, known)| pool_entitlement(pool, class) == *known)
            && self
                .open
                .iter()
                .zip(open)
                .all(|(column, open)| column.at(index(class)) == *open)
    }
}

/// A short hash of a class.
fn tag_of(group: u32, pool_entitlements: &[PoolEntitlement], open: &[MaybeOpen]) -> u32 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    group.hash(&mut hasher);
    for pool_entitlement in pool_entitlements {
        pool_entitlement.weight.mantissa().hash(&mut hasher);
        pool_entitlement.limits.hash(&mut hasher);
    }
    open.iter()
        .flatten()
        .for_each(|open| open.hash(&mut hasher));
    let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// Spreads a short hash over 64 bits, as the table requires.
fn spread(tag: u32) -> u64 {
    u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn pool_entitlement(pool: &PoolColumns, class: ClassId) -> PoolEntitlement {
    let place = index(class);
    PoolEntitlement {
        weight: pool.weights.at(place),
        limits: pool.limits(place),
    }
}

#[cfg(test)]
mod tests;
