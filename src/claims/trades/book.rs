//! All trades of a run, by claimant.
#![allow(
    clippy::single_match_else,
    reason = "the cases are listed one by one, as the plan reference lists them"
)]

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use num_bigint::BigInt;
use num_rational::Ratio;

use crate::base::compact_column::index;
use crate::base::decimal::WeightedSum;
use crate::base::diagnostics::{ClaimProblem, OrBug as _, literal, nearest, whole_literal};
use crate::claims::problem_list::ProblemList;
use crate::claims::trades::lot_cells::LotCells;
use crate::claims::trades::matching::{self, Balance, BalanceFault, Lot};
use crate::claims::trades::placed_trades::{PlacedSecurity, PlacedTrade, TradeFault, placed};
use crate::claims::trades::trade_list::TradeList;
use crate::claims::{Claims, ClaimsFile, messages};
use crate::plan::column::fold;
use crate::plan::lot_names::TradeFact;
use crate::plan::trades::{SecurityRule, TradeKind, TradeRules};
use crate::plan::{Choice as _, ColumnId, Plan};

const LOST: &str = "the trades of a claimant are missing";

/// The trades of all claimants.
#[derive(Debug)]
pub(crate) struct TradeBook {
    /// The plan by which the files were read.
    plan: Plan,
    rows: Claims<TradeList>,
    claimants: HashMap<Box<str>, u32, FixedState>,
    /// By claimant, where its rows begin in `order`; then the end of all.
    starts: Vec<u32>,
    /// The rows, grouped by claimant; those of one are in the order of the files.
    order: Vec<u32>,
    /// By claimant, true if the claims have it.
    found: Vec<AtomicBool>,
}

/// Warnings about columns of the file that columns of lots hide.
fn hidden(plan: &Plan, names: &[String]) -> Vec<String> {
    let trades = plan.trades.as_ref();
    let lots = trades.and_then(|trades| trades.lots.lots.as_ref());
    let hidden = names
        .iter()
        .filter(|name| lots.is_some_and(|lots| lots.hides(name)));
    let warning = |name: &String| {
        let name = whole_literal(name);
        format!(
            "the trades file has a column {name}, which values cannot read: {name} is a column of lots"
        )
    };
    hidden.map(warning).collect()
}

/// The trades of one claimant, matched.
#[derive(Default)]
pub(crate) struct MatchedTrades<'b> {
    id: Option<String>,
    pub securities: Vec<MatchedSecurity<'b>>,
    pub balance: Option<Balance>,
    pub is_oversold: bool,
    /// Later rows that look like earlier ones, by index, each with the first of them.
    pub repeated: Vec<(u32, u32)>,
}

/// The trades of one claimant in one security, and their lots.
pub(crate) struct MatchedSecurity<'b> {
    pub name: &'b str,
    pub trades: Vec<PlacedTrade>,
    pub lots: Vec<Lot>,
    /// The holdings that the trades do not come to.
    pub off: Vec<BalanceFault>,
}

impl TradeBook {
    /// Groups rows by claimant.
    pub(super) fn of(own: Plan, mut rows: Claims<TradeList>) -> Result<Self> {
        let mut claimants: HashMap<Box<str>, u32, FixedState> =
            HashMap::with_hasher(FixedState::with_seed(0));
        let mut of_rows: Vec<u32> = Vec::with_capacity(rows.entitlements.len());
        let mut counts: Vec<u32> = Vec::new();
        for row in rows.claim_list.rows() {
            let text = row.id_text();
            let claimant = match claimants.get(text) {
                Some(claimant) => *claimant,
                None => {
                    let next = u32::try_from(counts.len())?;
                    claimants.insert(text.into(), next);
                    counts.push(0);
                    next
                }
            };
            of_rows.push(claimant);
            *counts.get_mut(index(claimant)).or_bug(LOST) += 1;
        }
        let mut starts = Vec::with_capacity(counts.len() + 1);
        let mut end: u32 = 0;
        for count in counts {
            starts.push(end);
            end += count;
        }
        let mut next = starts.clone();
        starts.push(end);
        let mut order = vec![0; index(end)];
        for (row, claimant) in (0..).zip(of_rows) {
            let place = next.get_mut(index(claimant)).or_bug(LOST);
            *order.get_mut(index(*place)).or_bug(LOST) = row;
            *place += 1;
        }
        rows.claim_list = crate::claims::claim_list::ClaimList::default();
        rows.entitlements.rank_securities();
        for file in &mut rows.files {
            file.trades = true;
        }
        let hidden = hidden(&own, &rows.header.names);
        rows.warnings.extend(hidden);
        let found = claimants.iter().map(|_| AtomicBool::new(false)).collect();
        let book = Self {
            plan: own,
            rows,
            claimants,
            starts,
            order,
            found,
        };
        book.check_splits()?;
        Ok(book)
    }

    pub(crate) fn rules(&self) -> &TradeRules {
        self.plan.trades.as_ref().or_bug("the plan has no trades")
    }

    pub(crate) fn list(&self) -> &TradeList {
        &self.rows.entitlements
    }

    pub(crate) fn files(&self) -> &[ClaimsFile] {
        &self.rows.files
    }

    pub(crate) fn warnings(&self) -> &[String] {
        &self.rows.warnings
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.files().iter().map(|file| file.rows).sum()
    }

    fn all_rows(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.len()).ok().or_bug(LOST)
    }

    /// The number of rows with this text in the column of kinds.
    pub(crate) fn rows_of_kind(&self, text: &str) -> u64 {
        let kinds = self.rules().kinds.iter();
        let number = kinds.zip(0_u16..).find(|((known, _), _)| known == text);
        let Some((_, number)) = number else { return 0 };
        let of_kind = |row: &u32| self.list().trade(*row).kind == number;
        self.all_rows().filter(of_kind).map(|_| 1).sum()
    }

    /// The sum of a column over the rows that are not ignored; a cell that is no number
    /// adds nothing.
    pub(crate) fn sum(&self, column: ColumnId) -> Ratio<BigInt> {
        let (rules, places) = (self.rules(), &self.rules().places);
        let other = places.others.iter().position(|other| *other == column);
        let mut sum = WeightedSum::default();
        for row in self.all_rows() {
            let trade = self.list().trade(row);
            if trade.kind(rules) == TradeKind::Ignored {
                continue;
            }
            let number = match other {
                Some(other) => {
                    let text = self.list().other(row, other);
                    rules.file.format(column).number(column, text).ok()
                }
                None if column == places.quantity => trade.quantity,
                None => trade.price,
            };
            if let Some(number) = number {
                sum.add(number, 1);
            }
        }
        sum.total()
    }

    /// The number of claimants with trades.
    pub(crate) fn claimants(&self) -> usize {
        self.claimants.len()
    }

    /// The number of rows of each kind.
    pub(crate) fn kinds(&self) -> Vec<(TradeKind, u64)> {
        let rules = self.rules();
        let mut counts: Vec<(TradeKind, u64)> = TradeKind::WORDS
            .iter()
            .map(|(_, kind)| (*kind, 0))
            .collect();
        let rows = 0..u32::try_from(self.len()).ok().or_bug(LOST);
        for row in rows.filter(|_| !rules.kinds.is_empty()) {
            let kind = self.list().trade(row).kind(rules);
            let count = counts.iter_mut().find(|(known, _)| *known == kind);
            count.or_bug(LOST).1 += 1;
        }
        counts
    }

    /// A split of a security that no trade has is a problem.
    fn check_splits(&self) -> Result<()> {
        let rules = self.rules();
        let SecurityRule::Column(column) = rules.places.security else {
            return Ok(());
        };
        let list = self.list();
        let rows = 0..u32::try_from(self.len())?;
        let mut problems = ProblemList::new(None)?;
        for split in &rules.splits {
            let Some(security) = &split.security else {
                continue;
            };
            let is_its = |row: u32| {
                let trade = list.trade(row);
                trade.kind(rules) != TradeKind::Ignored && list.security(trade) == security
            };
            if rows.clone().any(is_its) {
                continue;
            }
            let mut texts: Vec<&str> = rows
                .clone()
                .map(|row| list.security(list.trade(row)))
                .collect();
            texts.sort_unstable();
            texts.dedup();
            let near = nearest(security, texts.into_iter().filter(|text| !text.is_empty()));
            let hint = match near {
                Some(near) => format!("did you mean {}?", literal(near)),
                None => "correct the `security` of the split in the plan".to_owned(),
            };
            let message = messages::split_of_no_security(&literal(security)).hint(hint);
            let file = self.files().first();
            problems.add(ClaimProblem {
                file: file.map_or_else(String::new, |file| file.shown.clone()),
                column: Some(rules.file.name(column).to_owned()),
                ..message.into()
            });
        }
        problems.finish()
    }

    /// The rows of a claimant, whom the claims have.
    pub(crate) fn rows_of(&self, id: &str) -> &[u32] {
        let Some(&claimant) = self.claimants.get(id) else {
            return &[];
        };
        self.found
            .get(index(claimant))
            .or_bug(LOST)
            .store(true, Ordering::Relaxed);
        self.rows_of_number(claimant)
    }

    fn rows_of_number(&self, claimant: u32) -> &[u32] {
        let start = self.starts.get(index(claimant)).or_bug(LOST);
        let end = self.starts.get(index(claimant) + 1).or_bug(LOST);
        self.order.get(index(*start)..index(*end)).or_bug(LOST)
    }

    /// The trades of a claimant, matched.
    pub(crate) fn matched(&self, id: &str) -> Result<MatchedTrades<'_>, Vec<TradeFault>> {
        let (rules, rows) = (self.rules(), self.rows_of(id));
        let mut faults = Vec::new();
        let securities = placed(self.list(), rules, rows, &mut faults);
        self.check_securities(&securities, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (balance, off) = match rules.matching {
            Some(_) => {
                let (balance, off) = matching::balance(&securities);
                (Some(balance), off)
            }
            None => (None, vec![Vec::new(); securities.len()]),
        };
        let mut matched = MatchedTrades {
            id: Some(id.to_owned()),
            securities: Vec::with_capacity(securities.len()),
            balance,
            is_oversold: false,
            repeated: self.repeated(rows),
        };
        for (PlacedSecurity { name, trades }, off) in securities.into_iter().zip(off) {
            let lots = matching::lots(&trades, rules.matching);
            let lots = lots
                .map_err(|_| ())
                .ok()
                .or_bug("lots are not the trades that they were matched from");
            if rules.matching.is_some() {
                let mut lots = lots.iter();
                matched.is_oversold |= lots.any(|lot| matching::is_oversold(&trades, lot));
            }
            matched.securities.push(MatchedSecurity {
                name,
                trades,
                lots,
                off,
            });
        }
        Ok(matched)
    }

    /// Two securities of a claimant that are probably one.
    fn check_securities(&self, securities: &[PlacedSecurity<'_>], faults: &mut Vec<TradeFault>) {
        let SecurityRule::Column(column) = self.rules().places.security else {
            return;
        };
        let known: Vec<String> = if securities.len() > 1 {
            securities
                .iter()
                .map(|security| fold(security.name))
                .collect()
        } else {
            Vec::new()
        };
        let mut first: HashMap<&str, &str, FixedState> = HashMap::default();
        for (folded, security) in known.iter().zip(securities) {
            match first.get(folded.as_str()) {
                None => {
                    first.insert(folded, security.name);
                }
                Some(other) => {
                    let rows = security.trades.iter().map(|trade| trade.row);
                    let message =
                        messages::securities_alike(&literal(security.name), &literal(other));
                    faults.push(TradeFault {
                        row: rows.min().or_bug(LOST),
                        column: Some(column),
                        message,
                    });
                }
            }
        }
    }

    /// Later rows with the same cells as earlier ones, each with the first of them.
    fn repeated(&self, rows: &[u32]) -> Vec<(u32, u32)> {
        if rows.len() < 2 {
            return Vec::new();
        }
        let (list, rules) = (self.list(), self.rules());
        let digest = |&row: &u32| {
            let trade = list.trade(row);
            (trade.kind(rules) != TradeKind::Ignored).then_some((trade.digest, row))
        };
        let mut by_digest: Vec<(u64, u32)> = rows.iter().filter_map(digest).collect();
        by_digest.sort_unstable();
        let mut repeated: Vec<(u32, u32)> = Vec::new();
        let mut first: Option<u32> = None;
        let mut latest = None;
        for (digest, row) in by_digest {
            if latest != Some(digest) {
                (latest, first) = (Some(digest), Some(row));
                continue;
            }
            match first {
                Some(before) if list.trade(before) == list.trade(row) => {
                    repeated.push((row, before));
                }
                _ => first = Some(row),
            }
        }
        repeated.sort_unstable();
        repeated
    }

    /// A fact about trades, as the claim reads it.
    pub(crate) fn fact(fact: TradeFact, matched: &MatchedTrades<'_>) -> &'static str {
        let yes = |is_so: bool| if is_so { "yes" } else { "no" };
        match fact {
            TradeFact::Balance => matched.balance.unwrap_or(Balance::None).word(),
            TradeFact::Oversold => yes(matched.is_oversold),
            TradeFact::Repeated => yes(!matched.repeated.is_empty()),
        }
    }

    /// A problem of a trade.
    pub(crate) fn problem(&self, id: &str, fault: TradeFault) -> ClaimProblem {
        let columns = &self.rules().file;
        let cell = fault.column.map(|column| {
            let text = self.text(fault.row, column);
            (columns.name(column), text)
        });
        let cell = cell.as_ref().map(|(name, text)| (*name, text.as_str()));
        self.rows.problem(fault.row, id, cell, fault.message)
    }

    /// A cell as text: numbers and days in the program's own form.
    fn text(&self, row: u32, column: ColumnId) -> String {
        let (trade, rules) = (self.list().trade(row), self.rules());
        let places = &rules.places;
        let number = |number: Option<rust_decimal::Decimal>| {
            number.map_or_else(String::new, crate::base::decimal::text)
        };
        if let Some(other) = places.others.iter().position(|other| *other == column) {
            return self.list().other(row, other).to_owned();
        }
        if Some(column) == places.kind {
            let kind = rules.kinds.get(usize::from(trade.kind));
            return kind.map_or_else(String::new, |(text, _)| text.clone());
        }
        if column == places.date {
            return trade.date.map_or_else(String::new, |date| date.to_string());
        }
        if column == places.quantity {
            return number(trade.quantity);
        }
        if column == places.price {
            return number(trade.price);
        }
        self.list().security(trade).to_owned()
    }

    /// Trades of claimants that the claims do not have.
    pub(crate) fn unknown_claimants<'i>(
        &self,
        ids: impl Fn() -> Box<dyn Iterator<Item = &'i str> + 'i>,
    ) -> Vec<ClaimProblem> {
        /// The number of claimants for whom the most similar id is looked for.
        const MOST_LOOKED_FOR: usize = 20;
        let mut unknown: Vec<(u32, &str)> = Vec::new();
        for (id, claimant) in &self.claimants {
            let found = self.found.get(index(*claimant)).or_bug(LOST);
            if !found.load(Ordering::Relaxed) {
                let rows = self.rows_of_number(*claimant);
                unknown.push((rows.first().copied().or_bug(LOST), id));
            }
        }
        unknown.sort_unstable();
        let problem = |(place, (_, id)): (usize, (u32, &str))| {
            let zeros = |id: &str| id.trim_start_matches('0').to_owned();
            let near = if place < MOST_LOOKED_FOR {
                let alike = ids().find(|other| zeros(other).eq_ignore_ascii_case(&zeros(id)));
                alike.or_else(|| nearest(id, ids()))
            } else {
                None
            };
            let hint = match near {
                Some(near) => format!("did you mean {}?", literal(near)),
                None => "add the claim to the claims file, or remove the trade".to_owned(),
            };
            let message = messages::trade_of_no_claim(&literal(id)).hint(hint);
            let message = message.suggest(near.map(str::to_owned));
            let column = self.rules().places.id;
            let name = self.rules().file.name(column);
            let problem = |row: &u32| {
                self.rows
                    .problem(*row, id, Some((name, id)), message.clone())
            };
            let rows = self
                .claimants
                .get(id)
                .map(|claimant| self.rows_of_number(*claimant));
            rows.into_iter().flatten().map(problem).collect::<Vec<_>>()
        };
        unknown.into_iter().enumerate().flat_map(problem).collect()
    }
}

impl MatchedTrades<'_> {
    /// No trades of a claimant.
    pub(crate) fn nothing(id: &str) -> Self {
        Self {
            id: Some(id.to_owned()),
            ..Self::default()
        }
    }

    /// True if these are the trades of the claimant.
    pub(crate) fn is_of(&self, id: &str) -> bool {
        self.id.as_deref() == Some(id)
    }

    /// The lots, as values per lot read them.
    pub(crate) fn cells<'m>(&'m self, book: &'m TradeBook) -> impl Iterator<Item = LotCells<'m>> {
        self.securities.iter().flat_map(move |security| {
            security
                .lots
                .iter()
                .map(move |lot| LotCells::new(book, security.name, &security.trades, lot))
        })
    }
}

impl std::fmt::Debug for MatchedTrades<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the trades of a claimant in {} securities",
            self.securities.len()
        )
    }
}
