//! Reads a reconciliation: what became of the payments of earlier distributions, and what
//! they left, for the plan of a later one.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use anyhow::Result;
use csv::StringRecord;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use serde::Deserialize;
use serde_json::Value;

use crate::base::dates;
use crate::base::diagnostics::{Failure, Message};
use crate::base::digest::{DigestReader, sha256};
use crate::base::money::{self, Currency, Money};
use crate::base::regular_file::{open_file, read_file};
use crate::claims::messages;
use crate::plan::claim_fact::STATES;
use crate::plan::prior::{PriorClaimant, PriorLedger};

const MANIFEST: &str = "manifest.json";
const LEDGER: &str = "ledger.csv";
const ACCOUNT: &str = "account.json";

/// The kind of a reconciliation in its manifest.
const KIND: &str = "reconciliation";

/// The manifest of a reconciliation, as far as a later run needs it.
#[derive(Deserialize)]
struct ReconciliationManifest {
    settlement: String,
    currency: String,
    on: String,
    round: u64,
    files: BTreeMap<String, FileFacts>,
}

#[derive(Deserialize)]
struct FileFacts {
    sha256: String,
}

/// Opens a reconciliation and reads its ledger. Its files must be those of its manifest.
pub(crate) fn open(folder: &Path) -> Result<PriorLedger> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(messages::no_such_reconciliation(shown).into());
    }
    let path = folder.join(MANIFEST);
    let bytes = match read_file(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(
                messages::not_a_reconciliation(shown, "a folder without manifest.json").into(),
            );
        }
        Err(error) => return Err(Failure::reading(path.display(), error).into()),
    };
    let manifest = manifest_of(folder, &bytes)?;
    let currency = Currency::from_code(&manifest.currency);
    let (Some(currency), Some(on)) = (currency, dates::iso_date(&manifest.on)) else {
        return Err(damaged(&path, "its currency or its day cannot be read").into());
    };
    let reading = Reading {
        folder,
        manifest: &manifest,
        currency,
    };
    let claimants = reading.ledger()?;
    let (parts, left) = reading.left(&claimants)?;
    Ok(PriorLedger {
        folder: folder.to_owned(),
        name: name_of(folder),
        seal: sha256(&bytes),
        settlement: manifest.settlement.clone(),
        currency,
        on,
        round: manifest.round,
        parts,
        left,
        claimants,
    })
}

/// The name of a folder without its path.
fn name_of(folder: &Path) -> String {
    let canonical = folder.canonicalize().ok();
    let named = canonical.as_deref().unwrap_or(folder).file_name();
    let named = folder.file_name().or(named);
    named.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn manifest_of(folder: &Path, bytes: &[u8]) -> Result<ReconciliationManifest, Message> {
    let path = folder.join(MANIFEST);
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| damaged(&path, &error.to_string()))?;
    if value.get("kind").and_then(Value::as_str) != Some(KIND) {
        let what = match (value.get("layout"), value.get("options")) {
            (Some(_), _) => "an export",
            (None, Some(_)) => "a run",
            (None, None) => "a folder of something else",
        };
        return Err(messages::not_a_reconciliation(folder.display(), what));
    }
    serde_json::from_value(value).map_err(|error| damaged(&path, &error.to_string()))
}

fn damaged(path: &Path, error: &str) -> Message {
    messages::reconciliation_damaged(path.display(), error)
}

/// The reading of the files of a reconciliation.
struct Reading<'a> {
    folder: &'a Path,
    manifest: &'a ReconciliationManifest,
    currency: Currency,
}

type Claimants = HashMap<Box<str>, PriorClaimant, FixedState>;

/// The columns of the ledger that are read, by place.
struct LedgerColumns {
    id: usize,
    status: usize,
    /// Those of [`AMOUNTS`].
    amounts: Vec<usize>,
    /// True if a claimant has a row for each portion of payouts.
    portions: bool,
}

/// The columns of amounts.
const AMOUNTS: [&str; 8] = [
    "payouts",
    "cashed",
    "refunded",
    "outstanding",
    "void",
    "lapsed",
    "over",
    "held",
];

impl LedgerColumns {
    fn of(header: &StringRecord) -> Option<Self> {
        let place = |name: &str| header.iter().position(|known| known == name);
        let amounts: Option<Vec<usize>> = AMOUNTS.iter().map(|name| place(name)).collect();
        Some(Self {
            id: place("claimant_id")?,
            status: place("status")?,
            amounts: amounts?,
            portions: place("portion").is_some(),
        })
    }
}

impl Reading<'_> {
    /// Compares a file with the manifest.
    fn compare(&self, name: &str, sha256: &str) -> Result<(), Message> {
        let listed = self.manifest.files.get(name);
        if listed.is_some_and(|file| file.sha256 == sha256) {
            return Ok(());
        }
        let path = self.folder.join(name);
        Err(messages::reconciliation_changed(path.display(), sha256))
    }

    fn ledger(&self) -> Result<Claimants> {
        let path = self.folder.join(LEDGER);
        let file = open_file(&path).map_err(|error| Failure::reading(path.display(), error))?;
        let mut reader = csv::Reader::from_reader(DigestReader::new(file));
        let broken = |error: csv::Error| damaged(&path, &error.to_string());
        let columns = LedgerColumns::of(reader.headers().map_err(broken)?);
        let mut claimants = Claimants::with_hasher(FixedState::with_seed(0));
        let mut record = StringRecord::new();
        let (mut rows, mut fault) = (0_u64, None);
        while reader.read_record(&mut record).map_err(broken)? {
            rows += 1;
            let read = columns.as_ref().and_then(|columns| {
                let claimant = self.claimant(columns, &record)?;
                let id = record.get(columns.id).filter(|id| !id.is_empty())?;
                add(&mut claimants, id, claimant, columns.portions)
            });
            if read.is_none() {
                fault.get_or_insert(rows);
            }
        }
        // A file that was changed says so, whatever its rows are like.
        self.compare(LEDGER, &reader.into_inner().digest())?;
        match (columns, fault) {
            (None, _) => Err(damaged(&path, "a column is missing").into()),
            (_, Some(row)) => Err(damaged(&path, &format!("row {row} does not add up")).into()),
            (Some(_), None) => Ok(claimants),
        }
    }

    /// The claimant of a row, whose payouts must be in one place each.
    fn claimant(&self, columns: &LedgerColumns, record: &StringRecord) -> Option<PriorClaimant> {
        let status = record.get(columns.status)?;
        let status = STATES.into_iter().find(|known| *known == status)?;
        let decimals = self.currency.decimals();
        let amounts = columns.amounts.iter();
        let amounts = amounts.map(|place| money::from_text(record.get(*place)?, decimals));
        let amounts: Vec<Money> = amounts.collect::<Option<_>>()?;
        let [
            payouts,
            cashed,
            refunded,
            outstanding,
            void,
            lapsed,
            over,
            held,
        ] = <[Money; AMOUNTS.len()]>::try_from(amounts).ok()?;
        let of_payouts = [cashed, refunded, outstanding, void, lapsed];
        let sum: Option<Money> = of_payouts.into_iter().sum();
        if sum != payouts.plus(over) {
            return None;
        }
        Some(PriorClaimant {
            status,
            cashed,
            outstanding,
            paid: cashed.plus(outstanding)?,
            void,
            held,
        })
    }

    /// The amount that is left, with its parts. Payouts that are void and holds are those of the
    /// ledger.
    fn left(&self, claimants: &Claimants) -> Result<(Vec<(String, Money)>, Money)> {
        let path = self.folder.join(ACCOUNT);
        let bytes = read_file(&path).map_err(|error| Failure::reading(path.display(), error))?;
        self.compare(ACCOUNT, &sha256(&bytes))?;
        let account: Value =
            serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error.to_string()))?;
        let parts = self.parts(&account);
        let parts = parts.ok_or_else(|| damaged(&path, "what is left cannot be read"))?;
        let sum_of = |amount: fn(&PriorClaimant) -> Money| -> Option<Money> {
            claimants.values().map(amount).sum()
        };
        let of_ledger = [
            ("void", sum_of(|one| one.void)),
            ("held", sum_of(|one| one.held)),
        ];
        let (parts, left) = parts;
        let is_that = |(name, sum): &(&str, Option<Money>)| {
            let part = parts.iter().find(|(part, _)| part == name);
            part.map(|(_, amount)| *amount) == *sum
        };
        if !of_ledger.iter().all(is_that) {
            return Err(damaged(&path, "it is not the account of ledger.csv").into());
        }
        Ok((parts, left))
    }

    /// The parts of what is left, which must add up to it.
    fn parts(&self, account: &Value) -> Option<(Vec<(String, Money)>, Money)> {
        let left = account.get("left")?.as_object()?;
        let mut parts = Vec::new();
        for name in PARTS {
            let amount = self.signed(left.get(name)?.as_str()?)?;
            parts.push((name.to_owned(), amount));
        }
        let sum: Option<Money> = parts.iter().map(|(_, amount)| *amount).sum();
        let amount = self.signed(left.get("amount")?.as_str()?)?;
        (sum == Some(amount)).then_some((parts, amount))
    }

    fn signed(&self, text: &str) -> Option<Money> {
        let decimals = self.currency.decimals();
        match text.strip_prefix('-') {
            Some(digits) => Money::ZERO.minus(money::from_text(digits, decimals)?),
            None => money::from_text(text, decimals),
        }
    }
}

/// The parts of what is left, in the order of the account.
const PARTS: [&str; 9] = [
    "void", "held", "reserve", "residual", "refunded", "received", "spent", "late", "over",
];

/// Adds a row. A claimant has several only if payouts have portions, of which the last is
/// the claimant's own.
fn add(claimants: &mut Claimants, id: &str, row: PriorClaimant, portions: bool) -> Option<()> {
    match claimants.entry(id.into()) {
        Entry::Vacant(entry) => {
            entry.insert(row);
            Some(())
        }
        Entry::Occupied(mut entry) if portions => {
            let before = *entry.get();
            entry.insert(PriorClaimant {
                status: row.status,
                cashed: before.cashed.plus(row.cashed)?,
                outstanding: before.outstanding.plus(row.outstanding)?,
                paid: before.paid.plus(row.paid)?,
                void: before.void.plus(row.void)?,
                held: before.held.plus(row.held)?,
            });
            Some(())
        }
        Entry::Occupied(_) => None,
    }
}
