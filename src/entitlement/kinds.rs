//! The kinds of row that there are, column by column, and how many claimants
//! are of each.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rust_decimal::Decimal;

use super::{Draw, Group, KindId};
use crate::allocation::{Entrant, Entrants, Limits};
use crate::plan::{Plan, Pool};

/// All kinds of row, column by column.
#[derive(Debug)]
pub struct Entitlements {
    groups: Vec<Group>,
    group_numbers: HashMap<Group, u32>,
    group_of: Vec<u32>,
    counts: Vec<u64>,
    pools: Vec<PoolColumn>,
    /// Every kind, with a part of its hash, which says without a look at the
    /// kind that most others are different.
    index: HashTable<(KindId, u32)>,
}

/// What each kind has in one pool.
#[derive(Debug)]
struct PoolColumn {
    /// Shares or award; 0 for kinds that are not in the pool.
    weights: Vec<Decimal>,
    /// Limits, where the pool has any.
    limits: Option<Vec<Limits>>,
}

/// The kinds that take part in a pool, as its entrants.
#[derive(Debug)]
pub struct KindEntrants<'a> {
    entitlements: &'a Entitlements,
    pool: usize,
    /// Entry by entry, the kind.
    pub kinds: Vec<KindId>,
}

impl Entrants for KindEntrants<'_> {
    fn entries(&self) -> usize {
        self.kinds.len()
    }

    fn entry(&self, number: usize) -> Entrant {
        let kind = self.kinds.get(number).copied().unwrap_or(KindId::MAX);
        let draw = self.entitlements.draw(kind, self.pool);
        Entrant {
            count: self.entitlements.count(kind),
            weight: draw.weight,
            limits: draw.limits,
        }
    }
}

impl Entitlements {
    /// None yet, for the pools of a plan.
    pub fn new(plan: &Plan) -> Self {
        let column = |pool: &Pool| PoolColumn {
            weights: Vec::new(),
            limits: pool.has_limits().then(Vec::new),
        };
        Self {
            groups: Vec::new(),
            group_numbers: HashMap::new(),
            group_of: Vec::new(),
            counts: Vec::new(),
            pools: plan.pools.iter().map(column).collect(),
            index: HashTable::new(),
        }
    }

    /// The kind with this standing and these draws, new or known, with so many
    /// claimants more. `None` when there are more kinds than can be numbered.
    pub fn enter(&mut self, group: Group, draws: &[Draw], count: u64) -> Option<KindId> {
        let group = self.group(group)?;
        let tag = tag_of(group, draws);
        let known = self
            .index
            .find(spread(tag), |&(kind, other)| {
                other == tag && self.is(kind, group, draws)
            })
            .copied();
        if let Some((kind, _)) = known {
            self.add(kind, count);
            return Some(kind);
        }
        let kind = KindId::try_from(self.group_of.len()).ok()?;
        self.group_of.push(group);
        self.counts.push(count);
        for (pool, draw) in self.pools.iter_mut().zip(draws) {
            pool.weights.push(draw.weight);
            if let Some(limits) = &mut pool.limits {
                limits.push(draw.limits);
            }
        }
        self.index
            .insert_unique(spread(tag), (kind, tag), |&(_, tag)| spread(tag));
        Some(kind)
    }

    /// Notes so many claimants more of a known kind.
    pub fn add(&mut self, kind: KindId, count: u64) {
        if let Some(known) = self.counts.get_mut(index(kind)) {
            *known += count;
        }
    }

    /// Forgets how many claimants there are of each kind.
    pub fn clear_counts(&mut self) {
        self.counts.fill(0);
    }

    /// How many kinds there are.
    pub fn len(&self) -> usize {
        self.group_of.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.group_of.is_empty()
    }

    /// How many claimants are of a kind.
    pub fn count(&self, kind: KindId) -> u64 {
        self.counts.get(index(kind)).copied().unwrap_or(0)
    }

    /// The standing and the subclasses of a kind.
    pub fn group_of(&self, kind: KindId) -> Option<&Group> {
        let group = self.group_of.get(index(kind))?;
        self.groups.get(index(*group))
    }

    /// What a kind has in a pool.
    pub fn draw(&self, kind: KindId, pool: usize) -> Draw {
        self.pools
            .get(pool)
            .map_or(Draw::NOTHING, |pool| pool.draw(kind))
    }

    /// All kinds.
    pub fn kinds(&self) -> impl Iterator<Item = KindId> {
        (0..self.group_of.len()).filter_map(|kind| KindId::try_from(kind).ok())
    }

    /// The kinds that take part in a pool.
    pub fn entrants(&self, pool: usize) -> KindEntrants<'_> {
        let takes_part =
            |kind: &KindId| self.count(*kind) > 0 && !self.draw(*kind, pool).weight.is_zero();
        KindEntrants {
            entitlements: self,
            pool,
            kinds: self.kinds().filter(takes_part).collect(),
        }
    }

    fn group(&mut self, group: Group) -> Option<u32> {
        if let Some(number) = self.group_numbers.get(&group) {
            return Some(*number);
        }
        let number = u32::try_from(self.groups.len()).ok()?;
        self.groups.push(group.clone());
        self.group_numbers.insert(group, number);
        Some(number)
    }

    fn is(&self, kind: KindId, group: u32, draws: &[Draw]) -> bool {
        self.group_of.get(index(kind)) == Some(&group)
            && self
                .pools
                .iter()
                .zip(draws)
                .all(|(pool, draw)| pool.draw(kind) == *draw)
    }
}

/// A short hash of a kind.
fn tag_of(group: u32, draws: &[Draw]) -> u32 {
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

impl PoolColumn {
    fn draw(&self, kind: KindId) -> Draw {
        let weight = self.weights.get(index(kind)).copied().unwrap_or_default();
        let limits = self
            .limits
            .as_ref()
            .and_then(|limits| limits.get(index(kind)).copied());
        Draw {
            weight,
            limits: limits.unwrap_or(Limits::NONE),
        }
    }
}

/// A number as a place in a list.
pub fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
