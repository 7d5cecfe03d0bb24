//! Selects payments: joins a run's payouts.csv with its claims file, for claimants to
//! whom a layout applies.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::audit::check::exports::RecomputedForExports;
use crate::base::decimal;
use crate::base::diagnostics::{Failure, OrBug as _, literal};
use crate::base::digest::hex;
use crate::base::exact::Exact;
use crate::base::money::Money;
use crate::base::regular_file::open_file;
use crate::claims::claim_list::ClaimListRow;
use crate::claims::problem_list::ProblemList;
use crate::claims::status::ClaimStatus;
use crate::export::layout::Layout;
use crate::export::messages;
use crate::plan::cell::{CellFault, Cells, Facts};
use crate::plan::column::fold;
use crate::plan::condition::{Criterion, Matcher};
use crate::plan::{ColumnId, Plan, ValueId};
use crate::run::file_names::PAYOUTS;
use crate::run::manifest::Manifest;
use crate::run::portions::own;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The claim row that represents the claimant, counted from 0.
    pub row: u32,
    /// The payout, or what an export pays of it.
    pub payout: Money,
    /// The portions of the payout, in plan order.
    pub portions: Vec<Money>,
}

/// Selects the payouts to which a layout applies, in the order of payouts.csv. Problems
/// in their cells are reported.
pub(crate) fn select(
    run: RecomputedForExports<'_>,
    layout: &Layout,
    problems: &mut ProblemList,
) -> Result<Vec<Payment>> {
    let RecomputedForExports { plan, claims, .. } = run;
    let mut selected = Vec::new();
    // Claimants paid for several rows that were added up.
    let mut added_up = HashSet::new();
    for (payment, members) in all(run)? {
        let row = payment.row;
        if claims.rows_of(row) > 1 {
            added_up.insert(row);
        }
        let cells = claims.claim_list.kept_cells(row)?;
        match is_for(layout, &cells, &members) {
            Ok(true) => selected.extend(part(payment, plan, layout)),
            Ok(false) => {}
            Err(fault) => {
                let name = |column| (plan.columns.name(column), cells.text(column));
                let cell = fault.column.map(name);
                let id = cells.text(plan.claims.id);
                problems.add(claims.problem(row, id, cell, fault));
            }
        }
    }
    if !added_up.is_empty() {
        let rows = claims.claim_list.rows().map(|row| row.number);
        let others = rows.filter(|&row| !claims.leads(row) && added_up.contains(&claims.lead(row)));
        for row in others {
            disagreement(run, layout, row, problems)?;
        }
    }
    Ok(selected)
}

/// The part of a payout that an export pays: one portion, or those that have no payee of their
/// own; `None` if that is nothing.
fn part(payment: Payment, plan: &Plan, layout: &Layout) -> Option<Payment> {
    if plan.portions.is_empty() || !layout.pays.has_payments() {
        return Some(payment);
    }
    let payout = match layout.portion {
        Some(portion) => payment.portions.get(portion).copied(),
        None => own(plan, &payment.portions),
    };
    let payout = payout.or_bug("a payout has no portions");
    (payout > Money::ZERO).then_some(Payment { payout, ..payment })
}

/// Every payout of a run, in the order of payouts.csv, and membership by subclass.
pub(crate) fn all(run: RecomputedForExports<'_>) -> Result<Vec<(Payment, Vec<bool>)>> {
    let claims = run.claims;
    let mut payouts = PayoutRows::open(run.run, run.plan)?;
    let mut all = Vec::new();
    // A denied or excluded row is not paid, although its claimant may be paid for other
    // rows.
    let is_payable = |row: &ClaimListRow<'_>| {
        let group = claims.entitlements.group_of(row.class);
        claims.leads(row.number) && group.claim_status == ClaimStatus::Payable
    };
    for row in claims.claim_list.rows().filter(is_payable) {
        if let Some((payout, portions, members)) = payouts.of(row.id)? {
            let payment = Payment {
                row: row.number,
                payout,
                portions,
            };
            all.push((payment, members));
        }
    }
    payouts.finish(run.manifest)?;
    Ok(all)
}

/// True if the layout applies to a claimant.
fn is_for(layout: &Layout, cells: &impl Cells, members: &[bool]) -> Result<bool, CellFault> {
    // A difference in typing must not cost a claimant the payment.
    for entry in layout.when.tests() {
        let Criterion::Cell(column, Matcher::OneOf(texts) | Matcher::NoneOf(texts)) = entry else {
            continue;
        };
        let cell = cells.cell(*column);
        let is_near = |text: &&String| *text != cell && fold(text) == fold(cell);
        if let Some(near) = texts.iter().find(is_near) {
            let message = messages::near_miss(&literal(cell), &literal(near));
            return Err(CellFault::at(*column, message.suggest(near.clone())));
        }
    }
    layout.when.holds(&PaidClaim { cells, members })
}

/// A claim of a finished run, of which a layout sees cells and subclasses.
struct PaidClaim<'a, C: Cells> {
    cells: &'a C,
    members: &'a [bool],
}

impl<C: Cells> Cells for PaidClaim<'_, C> {
    fn cell(&self, column: ColumnId) -> &str {
        self.cells.cell(column)
    }
}

impl<C: Cells> Facts for PaidClaim<'_, C> {
    fn member(&self, subclass: usize) -> Result<bool, CellFault> {
        Ok(*self.members.get(subclass).or_bug(NOT_OF_LAYOUTS))
    }

    fn value(&self, _: ValueId) -> Result<Exact, CellFault> {
        None.or_bug(NOT_OF_LAYOUTS)
    }
}

const NOT_OF_LAYOUTS: &str = "a layout reads what is not in the files of a run";

/// Reports cells of a merged row that differ from the first row of the claimant: it is
/// not clear which of the two applies.
fn disagreement(
    RecomputedForExports { plan, claims, .. }: RecomputedForExports<'_>,
    layout: &Layout,
    row: u32,
    problems: &mut ProblemList,
) -> Result<()> {
    let lead = claims.lead(row);
    let ours = claims.claim_list.kept_cells(row)?;
    let theirs = claims.claim_list.kept_cells(lead)?;
    for &column in &layout.reads {
        let (ours, theirs) = (ours.text(column), theirs.text(column));
        if ours == theirs || column == plan.claims.id {
            continue;
        }
        let cell = Some((plan.columns.name(column), ours));
        let lead = claims.row_name(u64::from(lead) + 1);
        let fault = messages::rows_disagree(&lead, &literal(theirs));
        let id = claims.claim_list.kept_cells(row)?.text(plan.claims.id);
        problems.add(claims.problem(row, id, cell, fault));
    }
    Ok(())
}

/// A payout, its portions, and the membership by subclass.
type PayoutRow = (Money, Vec<Money>, Vec<bool>);

/// The rows of payouts.csv, one after the other.
struct PayoutRows<'a> {
    plan: &'a Plan,
    shown: String,
    reader: csv::Reader<HashingFile>,
    next: csv::ByteRecord,
    places: [usize; 2],
    read: bool,
}

/// A file that is hashed while it is read.
struct HashingFile {
    file: std::fs::File,
    hasher: Sha256,
}

impl std::io::Read for HashingFile {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read(buffer)?;
        let read = buffer.get(..length);
        let read = read.ok_or_else(|| std::io::Error::other("more bytes were read than fit"))?;
        self.hasher.update(read);
        Ok(length)
    }
}

impl<'a> PayoutRows<'a> {
    fn open(run: &Path, plan: &'a Plan) -> Result<Self> {
        let path = run.join(PAYOUTS);
        let shown = path.display().to_string();
        let file = open_file(&path).map_err(|error| Failure::reading(&shown, error))?;
        let hasher = Sha256::new();
        let mut reader = csv::Reader::from_reader(HashingFile { file, hasher });
        let header = reader
            .headers()
            .map_err(|_| messages::payouts_changed(&shown))?;
        let place = |name: &str| header.iter().position(|column| column == name);
        let places = place("subclass").zip(place("payout"));
        let (subclass, payout) = places.ok_or_else(|| messages::payouts_changed(&shown))?;
        let mut payouts = Self {
            plan,
            shown,
            reader,
            next: csv::ByteRecord::new(),
            places: [subclass, payout],
            read: false,
        };
        payouts.advance()?;
        Ok(payouts)
    }

    fn advance(&mut self) -> Result<()> {
        let read = self.reader.read_byte_record(&mut self.next);
        self.read = read.map_err(|_| messages::payouts_changed(&self.shown))?;
        Ok(())
    }

    /// The payout of a claimant and the membership by subclass; `None` if the next row
    /// belongs to another claimant.
    fn of(&mut self, id: &[u8]) -> Result<Option<PayoutRow>> {
        if !self.read || self.next.get(0) != Some(id) {
            return Ok(None);
        }
        let cell = |place| std::str::from_utf8(self.next.get(place)?).ok();
        let [subclass, payout] = self.places;
        let currency = self.plan.settlement.currency;
        let amount = |place| {
            let amount = cell(place).and_then(|amount| decimal::parse(amount).ok());
            let amount = amount.and_then(|amount| currency.exact(amount));
            amount.ok_or_else(|| messages::payouts_changed(&self.shown))
        };
        let portions = (1..=self.plan.portions.len()).map(|portion| amount(payout + portion));
        let portions = portions.collect::<Result<Vec<Money>, _>>()?;
        let amount = amount(payout)?;
        let keys = cell(subclass).ok_or_else(|| messages::payouts_changed(&self.shown))?;
        let keys: Vec<&str> = keys.split(';').collect();
        let subclasses = self.plan.subclasses.iter();
        let members = subclasses.map(|subclass| keys.contains(&subclass.key.as_str()));
        let members = members.collect();
        self.advance()?;
        Ok(Some((amount, portions, members)))
    }

    /// Checks that all rows were read and match the manifest.
    fn finish(self, manifest: &Manifest) -> Result<()> {
        let digest = hex(&self.reader.into_inner().hasher.finalize());
        if self.read || !manifest.lists(PAYOUTS, &digest) {
            return Err(messages::payouts_changed(&self.shown).into());
        }
        Ok(())
    }
}
