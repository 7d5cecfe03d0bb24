//! Joins the rows of two runs in bounded memory.
//!
//! The files of both runs are read in step. If both have the same claimant, the two are
//! paired at once; otherwise each waits in a [`HashJoin`] until the other side arrives.
//! When one side finds its partner there, only that side advances, so that both are in
//! step again after an additional row in one run.
//!
//! If too many claimants wait, the comparison starts over in several passes; each pass
//! handles only the claimants whose hash falls in its part.

use std::fs::File;
use std::path::{Path, PathBuf};

use std::hash::{BuildHasher as _, Hasher as _};

use anyhow::Result;
use foldhash::fast::FixedState;

use crate::audit::compare::changes::{
    ChangeList, ClaimantFile, ClaimantState, OldAndNew, ReasonId, Reasons, TaxMark,
};
use crate::audit::compare::hash_join::{HashJoin, JoinFull, hash};
use crate::audit::messages;
use crate::base::diagnostics::{Bug, Failure, Problem};
use crate::base::regular_file::open_file;
use crate::claims::csv::reader::{CsvRow, RowReader};
use crate::run::file_names::{HELD, PAYOUTS, UNPAID};
use crate::run::tax;

/// The maximum size of waiting claimants, in bytes.
pub(crate) const WAITING: usize = 1 << 29;

/// More passes are never needed.
const MOST_PASSES: u64 = 1 << 32;

#[derive(Debug, Clone, Copy)]
pub(crate) struct RowPairs<'a> {
    /// The folders of the old and the new run.
    pub folders: [&'a Path; 2],
    /// The decimals of their amounts.
    pub decimals: u32,
    /// True if a claimant may have several rows, and may therefore be in unpaid.csv and
    /// in another file.
    pub several: bool,
}

impl RowPairs<'_> {
    /// Records the change of every claimant, with at most `limit` bytes of waiting
    /// claimants. Returns the number of passes.
    pub(crate) fn compare(&self, limit: usize, changes: &mut ChangeList) -> Result<u64> {
        let mut passes = 1;
        while passes <= MOST_PASSES {
            changes.restart()?;
            if self.all(passes, limit, changes)? {
                return Ok(passes);
            }
            passes *= 2;
        }
        let message = "the runs could not be compared in any number of passes".to_owned();
        Err(Bug::new(message).into())
    }

    /// Runs all passes; returns `false` if too many claimants had to wait.
    fn all(&self, passes: u64, limit: usize, changes: &mut ChangeList) -> Result<bool> {
        for number in 0..passes {
            let mut pass = ComparePass {
                rows: self,
                part: PassPart { passes, number },
                pending: HashJoin::new(limit),
                changes,
            };
            if pass.run()? == Err(JoinFull) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The claimants that a pass handles.
#[derive(Debug, Clone, Copy)]
struct PassPart {
    passes: u64,
    number: u64,
}

impl PassPart {
    /// The table uses the highest and the lowest bits, so these are different ones.
    fn has(self, hash: u64) -> bool {
        (hash >> 16) & (self.passes - 1) == self.number
    }
}

struct ComparePass<'a> {
    rows: &'a RowPairs<'a>,
    part: PassPart,
    pending: HashJoin,
    changes: &'a mut ChangeList,
}

impl ComparePass<'_> {
    fn run(&mut self) -> Result<Result<(), JoinFull>> {
        if self.rows.several && self.gather()? == Err(JoinFull) {
            return Ok(Err(JoinFull));
        }
        for status in [ClaimantFile::Paid, ClaimantFile::Held, ClaimantFile::Unpaid] {
            let gathered = self.rows.several && status == ClaimantFile::Unpaid;
            if !gathered && self.in_step(status)? == Err(JoinFull) {
                return Ok(Err(JoinFull));
            }
        }
        for (id, sides) in self.pending.left() {
            self.changes.note(id, sides)?;
        }
        Ok(Ok(()))
    }

    /// Adds all claimants of unpaid.csv to the table: the other files may have them,
    /// too.
    fn gather(&mut self) -> Result<Result<(), JoinFull>> {
        let [mut old, mut new] = self.open(ClaimantFile::Unpaid)?;
        for (side, cursor) in [&mut old, &mut new].into_iter().enumerate() {
            while cursor.advance(self.part, &mut self.changes.reasons)? {
                if self.meet(side, cursor)?.is_err() {
                    return Ok(Err(JoinFull));
                }
            }
        }
        Ok(Ok(()))
    }

    fn open(&self, status: ClaimantFile) -> Result<[FileCursor; 2]> {
        let [old, new] = self.rows.folders;
        let open = |folder| FileCursor::open(folder, status, self.rows.decimals);
        Ok([open(old)?, open(new)?])
    }

    /// Reads one file of both runs in step.
    fn in_step(&mut self, status: ClaimantFile) -> Result<Result<(), JoinFull>> {
        let [mut old, mut new] = self.open(status)?;
        let mut more = [
            old.advance(self.part, &mut self.changes.reasons)?,
            new.advance(self.part, &mut self.changes.reasons)?,
        ];
        while more != [false, false] {
            if more == [true, true] && old.id == new.id {
                self.pair(&old, &new)?;
                more = [
                    old.advance(self.part, &mut self.changes.reasons)?,
                    new.advance(self.part, &mut self.changes.reasons)?,
                ];
                continue;
            }
            let [has_old, has_new] = more;
            if has_old && self.found(0, &old)? {
                more = [old.advance(self.part, &mut self.changes.reasons)?, has_new];
            } else if has_new && self.found(1, &new)? {
                more = [has_old, new.advance(self.part, &mut self.changes.reasons)?];
            } else {
                if has_old && self.meet(0, &old)?.is_err()
                    || has_new && self.meet(1, &new)?.is_err()
                {
                    return Ok(Err(JoinFull));
                }
                more = [
                    has_old && old.advance(self.part, &mut self.changes.reasons)?,
                    has_new && new.advance(self.part, &mut self.changes.reasons)?,
                ];
            }
        }
        Ok(Ok(()))
    }

    /// Records a claimant who is in the same file of both runs.
    fn pair(&mut self, old: &FileCursor, new: &FileCursor) -> Result<()> {
        if self.rows.several {
            // The claimant's rows in unpaid.csv have lower precedence.
            self.pending.take(&old.id, hash(&old.id));
        }
        let sides = [Some(old.claim_status), Some(new.claim_status)];
        self.changes.note(&old.id, sides)
    }

    /// Records a claimant whose other side is waiting.
    fn found(&mut self, side: usize, cursor: &FileCursor) -> Result<bool> {
        let hash = hash(&cursor.id);
        let Some(mut sides) = self.pending.take(&cursor.id, hash) else {
            return Ok(false);
        };
        merge(&mut sides, side, cursor.claim_status);
        if self.is_settled(sides) {
            self.changes.note(&cursor.id, sides)?;
            return Ok(true);
        }
        // The entry was just removed, so there is room for it.
        let back = self.pending.put(&cursor.id, hash, sides);
        Ok(back.is_ok())
    }

    /// Adds a claimant to the table.
    fn meet(&mut self, side: usize, cursor: &FileCursor) -> Result<Result<(), JoinFull>> {
        let hash = hash(&cursor.id);
        let mut sides = self.pending.take(&cursor.id, hash).unwrap_or_default();
        merge(&mut sides, side, cursor.claim_status);
        if self.is_settled(sides) {
            self.changes.note(&cursor.id, sides)?;
            return Ok(Ok(()));
        }
        Ok(self.pending.put(&cursor.id, hash, sides))
    }

    /// True if no unread row can change the result.
    fn is_settled(&self, sides: OldAndNew) -> bool {
        let last = |claim_status: ClaimantState| {
            !self.rows.several || claim_status.status != ClaimantFile::Unpaid
        };
        sides.iter().all(|side| side.is_some_and(last))
    }
}

/// Of several rows of a claimant, the one with the highest precedence counts.
fn merge(sides: &mut OldAndNew, side: usize, claim_status: ClaimantState) {
    if let Some(known) = sides.get_mut(side) {
        let higher = known.is_none_or(|known| claim_status.status > known.status);
        if higher {
            *known = Some(claim_status);
        }
    }
}

/// Reads one file row by row.
struct FileCursor {
    path: PathBuf,
    reader: RowReader<File>,
    row: CsvRow,
    number: u64,
    decimals: u32,
    /// True if tax flags precede the payouts.
    flagged: bool,
    /// The place of the payout, counted from the end of a row.
    payout_place: usize,
    id: Vec<u8>,
    claim_status: ClaimantState,
}

impl FileCursor {
    fn open(folder: &Path, status: ClaimantFile, decimals: u32) -> Result<Self> {
        let name = match status {
            ClaimantFile::Paid => PAYOUTS,
            ClaimantFile::Held => HELD,
            ClaimantFile::Unpaid => UNPAID,
        };
        let path = folder.join(name);
        let file = open_file(&path).map_err(|error| Failure::reading(path.display(), error))?;
        Ok(Self {
            path,
            reader: RowReader::new(file),
            row: CsvRow::default(),
            number: 0,
            decimals,
            flagged: false,
            payout_place: 1,
            id: Vec::new(),
            claim_status: ClaimantState {
                status,
                amount: 0,
                mark: TaxMark::None,
                reason: ReasonId::default(),
                portions: 0,
            },
        })
    }

    /// Advances to the next row of the part; `false` at the end.
    fn advance(&mut self, part: PassPart, reasons: &mut Reasons) -> Result<bool> {
        loop {
            if self.number == 0 && !self.read(reasons)? {
                return Ok(false);
            }
            if !self.read(reasons)? {
                return Ok(false);
            }
            if part.passes == 1 || part.has(hash(&self.id)) {
                return Ok(true);
            }
        }
    }

    /// Reads a row; the first is the header.
    fn read(&mut self, reasons: &mut Reasons) -> Result<bool> {
        let broken = |error| Failure::reading(self.path.display(), error);
        let line = match self.reader.next(&mut self.row).map_err(broken)? {
            None => return Ok(false),
            Some(Ok(line)) => line,
            Some(Err(_)) => return Err(self.odd().into()),
        };
        self.number += 1;
        let bytes = self.reader.bytes(&line);
        if self.number == 1 {
            let is_payout = |place: &usize| self.cell(bytes, *place) == Some(b"payout");
            let place = (1..=self.row.cells.len()).find(is_payout);
            self.payout_place = place.unwrap_or(1);
            let before = self.cell(bytes, self.payout_place + 1);
            self.flagged = before == Some(tax::COLUMN.as_bytes());
            return Ok(true);
        }
        let id = self.row.cells.first();
        let cell = id.and_then(|cell| bytes.get(cell.bytes.clone()));
        self.id.clear();
        self.id.extend_from_slice(cell.unwrap_or_default());
        if id.is_some_and(|cell| cell.doubled) {
            self.id = String::from_utf8_lossy(&self.id)
                .replace("\"\"", "\"")
                .into_bytes();
        }
        let payout = self.payout(bytes);
        let payout = payout.filter(|_| u8::try_from(self.id.len()).is_ok());
        let portions = self.portions(bytes);
        let reason = match self.claim_status.status {
            ClaimantFile::Paid => ReasonId::default(),
            ClaimantFile::Held | ClaimantFile::Unpaid => {
                reasons.number(self.cell(bytes, 1).unwrap_or_default())
            }
        };
        (self.claim_status.amount, self.claim_status.mark) = payout.ok_or_else(|| self.odd())?;
        self.claim_status.portions = portions;
        self.claim_status.reason = reason;
        Ok(true)
    }

    /// A hash of the portions, which come after the payout.
    fn portions(&self, bytes: &[u8]) -> u64 {
        // The last cell of a held claim is its status.
        let last = if self.claim_status.status == ClaimantFile::Held {
            2
        } else {
            1
        };
        let mut hasher = FixedState::with_seed(0).build_hasher();
        for place in last..self.payout_place {
            hasher.write(self.cell(bytes, place).unwrap_or_default());
            hasher.write_u8(0);
        }
        hasher.finish()
    }

    /// The payout of a row and its tax flag.
    fn payout(&self, bytes: &[u8]) -> Option<(i128, TaxMark)> {
        if self.claim_status.status == ClaimantFile::Unpaid {
            return Some((0, TaxMark::None));
        }
        let place = self.payout_place;
        let amount = units(self.cell(bytes, place)?, self.decimals)?;
        let mark = if self.flagged {
            TaxMark::of(self.cell(bytes, place + 1)?)?
        } else {
            TaxMark::None
        };
        Some((amount, mark))
    }

    /// The cell at this position from the end of the row; 1 is the last.
    fn cell<'b>(&self, bytes: &'b [u8], from_end: usize) -> Option<&'b [u8]> {
        let cells = &self.row.cells;
        let place = cells.len().checked_sub(from_end)?;
        bytes.get(cells.get(place)?.bytes.clone())
    }

    fn odd(&self) -> Problem {
        messages::invalid_row(self.number, self.path.display()).into()
    }
}

/// The minor units of an amount with exactly this number of decimals.
fn units(text: &[u8], decimals: u32) -> Option<i128> {
    let mut units: i128 = 0;
    let mut digits = 0_u32;
    let mut point = None;
    for &byte in text {
        if byte == b'.' && point.is_none() && digits > 0 {
            point = Some(digits);
            continue;
        }
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        units = units.checked_mul(10)?.checked_add(i128::from(digit))?;
        digits += 1;
    }
    let fraction = point.map_or(0, |point| digits - point);
    (digits > 0 && fraction == decimals).then_some(units)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::audit::compare::changes::ClaimantChange;
    use crate::base::money::Currency;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(units(b"12.34", 2), Some(1234));
        assert_eq!(units(b"31", 0), Some(31));
        for odd in ["", ".", "1", "1.2", "1.234", ".12", "-1.00", "1.0.0"] {
            assert_eq!(units(odd.as_bytes(), 2), None, "{odd}");
        }
    }

    /// Writes a run of claimants `from..to` in an order that visits all of them in
    /// steps.
    fn write(folder: &Path, claimants: std::ops::Range<usize>, step: usize, more: usize) {
        let [mut paid, mut held, mut unpaid] = [
            "claimant_id,subclass,shares,payout\n".to_owned(),
            "claimant_id,subclass,shares,payout,status\n".to_owned(),
            "claimant_id,row,reason\n".to_owned(),
        ];
        let count = claimants.len();
        for place in 0..count {
            let id = claimants.start + place * step % count;
            match (id + more) % 5 {
                0 => unpaid += &format!("C{id},{place},late\n"),
                1 => held += &format!("C{id},,1,{}.00,pending\n", id % 7 + more),
                _ => paid += &format!("C{id},,1,{}.00\n", id % 7 + more),
            }
        }
        fs::write(folder.join(PAYOUTS), paid).unwrap();
        fs::write(folder.join(HELD), held).unwrap();
        fs::write(folder.join(UNPAID), unpaid).unwrap();
    }

    #[test]
    fn several_passes_find_what_one_finds() {
        let [old, new] = [0, 1].map(|_| tempfile::tempdir().unwrap());
        write(old.path(), 0..1000, 1, 0);
        write(new.path(), 100..1101, 5, 1);
        for several in [false, true] {
            let rows = RowPairs {
                folders: [old.path(), new.path()],
                decimals: 2,
                several,
            };
            let compare = |limit: usize| {
                let path = old.path().join("list.csv");
                let mut changes = ChangeList::new(Currency::USD, Some(&path)).unwrap();
                let passes = rows.compare(limit, &mut changes).unwrap();
                let (tally, _list) = changes.finish().unwrap();
                let list = fs::read_to_string(path).unwrap();
                let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
                lines.sort_unstable();
                (passes, tally, lines)
            };
            let whole = compare(usize::MAX);
            assert_eq!(whole.0, 1);
            assert_eq!(whole.1.group(ClaimantChange::Gone).count, 100);
            assert_eq!(whole.1.group(ClaimantChange::New).count, 101);
            assert_eq!(whole.1.claimants, [1000, 1001]);
            let parts = compare(10_000);
            assert!(parts.0 >= 2, "{}", parts.0);
            assert_eq!((&parts.1, &parts.2), (&whole.1, &whole.2));
        }
    }
}
