//! The change of each claimant, counted, and listed for `--csv FILE`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::base::cleanup::CleanupGuard;
use crate::base::compact_column::index;
use crate::base::csv_text::push_cell;
use crate::base::diagnostics::Failure;
use crate::base::list_file::private_file;
use crate::base::money::{Currency, Money};
use crate::run::rows::add;
use crate::run::tax::TaxFlag;

/// The file of a run in which a claimant is listed. A claimant with several rows counts
/// once: paid before held before unpaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClaimantFile {
    Unpaid,
    Held,
    Paid,
}

impl ClaimantFile {
    /// In ascending order of precedence.
    const ALL: [Self; 3] = [Self::Unpaid, Self::Held, Self::Paid];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Held => "held",
            Self::Paid => "paid",
        }
    }
}

/// The file and the payout of a claimant in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClaimantState {
    pub status: ClaimantFile,
    /// The payout in minor units.
    pub amount: i128,
    pub mark: TaxMark,
    /// The reason why the claimant is held or unpaid, in [`Reasons`].
    pub reason: ReasonId,
    /// A hash of the portions of the payout.
    pub portions: u64,
}

/// The number of a reason; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ReasonId(pub(super) u32);

/// The statuses of held claims and the reasons of unpaid rows, each stored once.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    texts: Vec<String>,
    numbers: HashMap<Vec<u8>, u32>,
}

impl Reasons {
    /// The number of a reason, known or new. A run has few different ones.
    pub(super) fn number(&mut self, text: &[u8]) -> ReasonId {
        if let Some(number) = self.numbers.get(text) {
            return ReasonId(*number);
        }
        self.texts.push(String::from_utf8_lossy(text).into_owned());
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        ReasonId(number)
    }

    fn text(&self, reason: ReasonId) -> &str {
        let place = index(reason.0).checked_sub(1);
        place
            .and_then(|place| self.texts.get(place))
            .map_or("", String::as_str)
    }
}

/// The tax flag of a payout; `None` also for runs without flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaxMark {
    /// Not flagged.
    None,
    /// At or over the threshold.
    AtOrOver,
    /// At or over the threshold, without a valid taxpayer number.
    WithoutNumber,
}

impl TaxMark {
    /// Reads the cell of a run.
    pub(crate) fn of(cell: &[u8]) -> Option<Self> {
        let flag = |valid_number| TaxFlag {
            at_or_over: true,
            valid_number,
        };
        match cell {
            b"" => Some(Self::None),
            _ if cell == flag(true).mark().as_bytes() => Some(Self::AtOrOver),
            _ if cell == flag(false).mark().as_bytes() => Some(Self::WithoutNumber),
            _ => None,
        }
    }
}

/// A claimant in the old run and in the new one.
pub(crate) type OldAndNew = [Option<ClaimantState>; 2];

/// The change of a claimant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimantChange {
    /// Only in the new run.
    New,
    /// Only in the old run.
    Gone,
    /// In a different file.
    Moved(ClaimantFile, ClaimantFile),
    /// In the same file with a larger amount.
    More(ClaimantFile),
    /// In the same file with a smaller amount.
    Less(ClaimantFile),
    /// In the same file with the same amount, in other portions.
    Portions,
    /// Still held or unpaid, with the same amount, for another reason.
    Reason(ClaimantFile),
    /// In the same file with the same amount, but another tax flag.
    Flag,
    /// In the same file with the same amount, portions, reason and tax flag.
    Same,
}

impl ClaimantChange {
    /// The change of a claimant; `None` for a claimant in neither run.
    pub(crate) fn of(sides: OldAndNew) -> Option<Self> {
        match sides {
            [None, None] => None,
            [None, Some(_)] => Some(Self::New),
            [Some(_), None] => Some(Self::Gone),
            [Some(old), Some(new)] if old.status != new.status => {
                Some(Self::Moved(old.status, new.status))
            }
            [Some(old), Some(new)] if new.amount > old.amount => Some(Self::More(new.status)),
            [Some(old), Some(new)] if new.amount < old.amount => Some(Self::Less(new.status)),
            [Some(old), Some(new)] if new.portions != old.portions => Some(Self::Portions),
            [Some(old), Some(new)] if new.reason != old.reason => Some(Self::Reason(new.status)),
            [Some(old), Some(new)] if new.mark != old.mark => Some(Self::Flag),
            _ => Some(Self::Same),
        }
    }

    /// The word for it in the list.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Moved(..) => "moved",
            Self::More(_) => "more",
            Self::Less(_) => "less",
            Self::Portions => "portions",
            Self::Reason(_) => "reason",
            Self::Flag => "flag",
            Self::Same => "same",
        }
    }

    /// Every change, in the order of the output.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let moves = ClaimantFile::ALL.into_iter().rev().flat_map(|old| {
            let others = ClaimantFile::ALL.into_iter().rev();
            others
                .filter(move |new| *new != old)
                .map(move |new| Self::Moved(old, new))
        });
        [Self::New, Self::Gone].into_iter().chain(moves).chain([
            Self::More(ClaimantFile::Paid),
            Self::Less(ClaimantFile::Paid),
            Self::More(ClaimantFile::Held),
            Self::Less(ClaimantFile::Held),
            Self::Portions,
            Self::Reason(ClaimantFile::Held),
            Self::Reason(ClaimantFile::Unpaid),
            Self::Flag,
            Self::Same,
        ])
    }

    /// The index in [`Self::all`].
    fn place(self) -> usize {
        let higher = |status: ClaimantFile, than: ClaimantFile| usize::from(status < than);
        match self {
            Self::New => 0,
            Self::Gone => 1,
            Self::Moved(ClaimantFile::Paid, new) => 2 + higher(new, ClaimantFile::Held),
            Self::Moved(ClaimantFile::Held, new) => 4 + higher(new, ClaimantFile::Held),
            Self::Moved(ClaimantFile::Unpaid, new) => 6 + higher(new, ClaimantFile::Paid),
            Self::More(ClaimantFile::Paid | ClaimantFile::Unpaid) => 8,
            Self::Less(ClaimantFile::Paid | ClaimantFile::Unpaid) => 9,
            Self::More(ClaimantFile::Held) => 10,
            Self::Less(ClaimantFile::Held) => 11,
            Self::Portions => 12,
            Self::Reason(ClaimantFile::Held | ClaimantFile::Paid) => 13,
            Self::Reason(ClaimantFile::Unpaid) => 14,
            Self::Flag => 15,
            Self::Same => 16,
        }
    }
}

/// Claimants with the same change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ChangeGroup {
    pub count: u64,
    /// The sum of their old amounts.
    pub old: Money,
    /// The sum of their new amounts.
    pub new: Money,
    /// The old and new amount of the claimant with the largest change; among equals, of
    /// the one with the larger new amount.
    pub largest: Option<(Money, Money)>,
}

/// Counts and sums of all claimants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ChangeTally {
    groups: [ChangeGroup; 17],
    /// The number of claimants in the old and the new run.
    pub claimants: [u64; 2],
    /// The amounts paid in them.
    pub paid: [Money; 2],
    /// The amounts held in them.
    pub held: [Money; 2],
}

impl ChangeTally {
    /// The group of claimants with this change.
    pub(crate) fn group(&self, change: ClaimantChange) -> ChangeGroup {
        self.groups.get(change.place()).copied().unwrap_or_default()
    }

    fn add(&mut self, change: ClaimantChange, sides: OldAndNew) -> Result<()> {
        let [old, new] = sides.map(|side| side.map_or(0, |side| side.amount));
        let (old, new) = (Money(old), Money(new));
        if let Some(group) = self.groups.get_mut(change.place()) {
            group.count += 1;
            add(&mut group.old, old)?;
            add(&mut group.new, new)?;
            // Independent of the order of the rows.
            let step = |(old, new): (Money, Money)| (new.0.abs_diff(old.0), new);
            let larger = group
                .largest
                .is_none_or(|known| step((old, new)) > step(known));
            if larger {
                group.largest = Some((old, new));
            }
        }
        let totals = self.paid.iter_mut().zip(&mut self.held);
        for ((side, (paid, held)), claimants) in sides.iter().zip(totals).zip(&mut self.claimants) {
            let Some(side) = side else { continue };
            *claimants += 1;
            match side.status {
                ClaimantFile::Paid => add(paid, Money(side.amount))?,
                ClaimantFile::Held => add(held, Money(side.amount))?,
                ClaimantFile::Unpaid => {}
            }
        }
        Ok(())
    }
}

/// Collects changes: counts them, and lists them if a file is named.
///
/// The list is in the order in which changes are found: that of the files, followed by
/// claimants in only one run. It omits claimants without a change.
#[derive(Debug)]
pub(crate) struct ChangeList {
    pub tally: ChangeTally,
    pub reasons: Reasons,
    currency: Currency,
    list: Option<(BufWriter<File>, CleanupGuard)>,
    line: String,
}

impl ChangeList {
    /// An empty list.
    pub(crate) fn new(currency: Currency, list: Option<&Path>) -> Result<Self> {
        let list = list.map(private_file).transpose()?;
        let mut changes = Self {
            tally: ChangeTally::default(),
            reasons: Reasons::default(),
            currency,
            list: list
                .map(|(file, unfinished)| (BufWriter::with_capacity(1 << 18, file), unfinished)),
            line: String::new(),
        };
        changes.restart()?;
        Ok(changes)
    }

    /// Discards everything collected so far.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.tally = ChangeTally::default();
        if let Some((list, _)) = &mut self.list {
            let emptied = list.rewind().and_then(|()| list.get_ref().set_len(0));
            let header = b"claimant_id,change,old_status,old,new_status,new,difference,old_reason,new_reason\n";
            emptied
                .and_then(|()| list.write_all(header))
                .map_err(broken)?;
        }
        Ok(())
    }

    /// Records the change of a claimant.
    pub(crate) fn note(&mut self, id: &[u8], sides: OldAndNew) -> Result<()> {
        let Some(change) = ClaimantChange::of(sides) else {
            return Ok(());
        };
        self.tally.add(change, sides)?;
        let Some((list, _)) = self
            .list
            .as_mut()
            .filter(|_| change != ClaimantChange::Same)
        else {
            return Ok(());
        };
        let line = &mut self.line;
        line.clear();
        push_cell(line, &String::from_utf8_lossy(id));
        line.push(',');
        line.push_str(change.word());
        for side in sides {
            line.push(',');
            line.push_str(side.map_or("", |side| side.status.word()));
            line.push(',');
            if let Some(side) = side {
                push_amount(line, side.amount, self.currency);
            }
        }
        line.push(',');
        let [old, new] = sides.map(|side| side.map_or(0, |side| side.amount));
        push_amount(line, new.saturating_sub(old), self.currency);
        for side in sides {
            line.push(',');
            push_cell(line, side.map_or("", |side| self.reasons.text(side.reason)));
        }
        line.push('\n');
        list.write_all(line.as_bytes()).map_err(broken)?;
        Ok(())
    }

    /// Completes the list and returns the tally and the list's guard.
    pub(crate) fn finish(self) -> Result<(ChangeTally, Option<CleanupGuard>)> {
        let list = self.list.map(|(mut list, unfinished)| {
            list.flush().map_err(broken)?;
            Ok::<_, Failure>(unfinished)
        });
        Ok((self.tally, list.transpose()?))
    }
}

fn push_amount(line: &mut String, amount: i128, currency: Currency) {
    if amount < 0 {
        line.push('-');
    }
    let amount = Money(amount.saturating_abs());
    crate::base::money::push_text(line, amount, currency.decimals());
}

fn broken(error: std::io::Error) -> Failure {
    Failure::writing("the list of changes", error)
}

/// A group of claimants with the same change, for programs; amounts in currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeGroupFacts {
    /// `new`, `gone`, `moved`, `more`, `less`, `portions`, `reason`, `flag` or `same`.
    pub change: &'static str,
    /// The earlier status (paid, held or unpaid) of claimants who moved, or whose amount
    /// or reason changed.
    pub from: Option<&'static str>,
    /// Their new status.
    pub to: Option<&'static str>,
    pub count: u64,
    /// The sum of their old amounts.
    pub old: String,
    /// The sum of their new amounts.
    pub new: String,
    /// The new sum minus the old one.
    pub difference: String,
    /// The largest change of one claimant; null if no amount changed.
    pub largest: Option<LargestChangeFacts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LargestChangeFacts {
    pub old: String,
    pub new: String,
    /// The new amount minus the old one.
    pub difference: String,
}

/// The facts of the claimants with this change.
pub(crate) fn facts(
    change: ClaimantChange,
    group: ChangeGroup,
    currency: Currency,
) -> ChangeGroupFacts {
    let difference = |old: Money, new: Money| currency.text(Money(new.0.saturating_sub(old.0)));
    let (from, to) = match change {
        ClaimantChange::Moved(from, to) => (Some(from.word()), Some(to.word())),
        ClaimantChange::More(file) | ClaimantChange::Less(file) | ClaimantChange::Reason(file) => {
            (Some(file.word()), Some(file.word()))
        }
        _ => (None, None),
    };
    let largest = group.largest.filter(|(old, new)| old != new);
    ChangeGroupFacts {
        change: change.word(),
        from,
        to,
        count: group.count,
        old: currency.text(group.old),
        new: currency.text(group.new),
        difference: difference(group.old, group.new),
        largest: largest.map(|(old, new)| LargestChangeFacts {
            old: currency.text(old),
            new: currency.text(new),
            difference: difference(old, new),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_has_a_place_of_its_own() {
        let places: Vec<usize> = ClaimantChange::all().map(ClaimantChange::place).collect();
        assert_eq!(places, (0..17).collect::<Vec<usize>>());
    }
}
