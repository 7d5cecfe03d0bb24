//! The payouts of a run: its payouts.csv, joined with its claims file.

use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::audit::check::exports::RecomputedForExports;
use crate::base::decimal;
use crate::base::diagnostics::Failure;
use crate::base::digest::hex;
use crate::base::money::Money;
use crate::base::regular_file::open_file;
use crate::claims::claim_list::ClaimListRow;
use crate::claims::status::ClaimStatus;
use crate::export::messages;
use crate::plan::Plan;
use crate::run::file_names::PAYOUTS;
use crate::run::manifest::Manifest;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The claim row that represents the claimant, counted from 0.
    pub row: u32,
    /// The payout, or what an export pays of it.
    pub payout: Money,
    /// The portions of the payout, in plan order.
    pub portions: Vec<Money>,
}

/// The amount that a claimant is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DuePayout {
    pub id: String,
    pub payout: Money,
    /// The portions of the payout, in plan order.
    pub portions: Vec<Money>,
}

/// Every payout of a run, from payouts.csv alone.
pub(crate) fn due(run: &Path, plan: &Plan) -> Result<Vec<DuePayout>> {
    let mut rows = PayoutRows::open(run, plan)?;
    let mut due = Vec::new();
    while let Some(id) = rows.next_id()? {
        let (payout, portions, _) = rows.take()?;
        due.push(DuePayout {
            id,
            payout,
            portions,
        });
    }
    Ok(due)
}

/// A payout, and membership by subclass.
pub(crate) type MemberPayout = (Payment, Vec<bool>);

/// Every payout of a run, in the order of payouts.csv.
pub(crate) fn all(run: RecomputedForExports<'_>) -> Result<Vec<MemberPayout>> {
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
        self.take().map(Some)
    }

    /// The claimant of the next row; `None` at the end.
    fn next_id(&self) -> Result<Option<String>> {
        if !self.read {
            return Ok(None);
        }
        let id = std::str::from_utf8(self.next.get(0).unwrap_or_default());
        let id = id.map_err(|_| messages::payouts_changed(&self.shown))?;
        Ok(Some(id.to_owned()))
    }

    /// The next row.
    fn take(&mut self) -> Result<PayoutRow> {
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
        Ok((amount, portions, members))
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
