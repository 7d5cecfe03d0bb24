//! The payouts and holds of a run, from its files.

use std::path::Path;

use anyhow::Result;

use crate::audit::messages::file_changed;
use crate::audit::saved_run::SavedRun;
use crate::base::diagnostics::{Failure, Problem};
use crate::base::digest;
use crate::base::money::{self, Currency, Money};
use crate::base::regular_file::open_file;
use crate::claims::csv::parallel_scan::{self, RowFields};
use crate::claims::csv::reader::CsvRow;
use crate::claims::input;
use crate::plan::Plan;
use crate::reconcile::book::{Book, Payout};
use crate::run::file_names::{HELD, PAYOUTS};
use crate::run::rows::columns::{OutputKind, columns};

/// The amounts of a row.
struct RowAmounts {
    id: String,
    /// By portion of the plan; without portions, the payout alone.
    amounts: Vec<Money>,
}

/// The places of the amounts in the rows of a run.
struct AmountPlaces {
    names: Vec<String>,
    places: Vec<usize>,
}

impl AmountPlaces {
    fn new(plan: &Plan) -> Self {
        let [payouts, ..] = columns(plan);
        let has_portions = !plan.portions.is_empty();
        let wanted = |kind: OutputKind| match kind {
            OutputKind::Payout => !has_portions,
            OutputKind::Portion(_) => has_portions,
            _ => false,
        };
        let places = payouts.iter().enumerate();
        let places = places.filter(|(_, column)| wanted(column.kind));
        Self {
            places: places.map(|(place, _)| place).collect(),
            names: payouts.into_iter().map(|column| column.name).collect(),
        }
    }

    /// True if a header has the names at their places.
    fn are_in(&self, header: &[String]) -> bool {
        let mut places = self.places.iter();
        places.all(|place| header.get(*place) == self.names.get(*place))
    }

    fn read(&self, fields: &RowFields<'_>, currency: Currency) -> Option<RowAmounts> {
        let text = |place| {
            let (cell, doubled) = fields.cell(place);
            let text = std::str::from_utf8(cell).ok()?;
            Some(if doubled {
                text.replace("\"\"", "\"")
            } else {
                text.to_owned()
            })
        };
        let amount = |place: &usize| money::from_text(&text(*place)?, currency.decimals());
        let amounts: Option<Vec<Money>> = self.places.iter().map(amount).collect();
        Some(RowAmounts {
            id: text(0)?,
            amounts: amounts?,
        })
    }
}

/// Adds the payouts of a run, and what it holds. Returns the numbers of both.
pub(crate) fn add(
    run: &SavedRun,
    number: u16,
    book: &mut Book,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<()> {
    let portions = portions(&run.plan, book);
    rows(run, PAYOUTS, progress, |row| {
        let claimant = book.claimants.number(&row.id);
        for (portion, amount) in portions.iter().zip(row.amounts) {
            if amount > Money::ZERO {
                book.add_payout(Payout {
                    amount,
                    claimant,
                    run: number,
                    portion: *portion,
                    lapsed: false,
                });
            }
        }
    })?;
    book.held.clear();
    rows(run, HELD, progress, |row| {
        let claimant = book.claimants.number(&row.id);
        for (portion, amount) in portions.iter().zip(row.amounts) {
            if amount > Money::ZERO {
                book.held.push((claimant, *portion, amount));
            }
        }
    })
}

/// Verifies that the files of payouts and holds are those of the manifest.
pub(crate) fn verify(run: &SavedRun) -> Result<()> {
    for file in [PAYOUTS, HELD] {
        let path = run.folder.join(file);
        let digest = digest::of_file(&path, |_| {});
        let (_, digest) = digest.map_err(|error| Failure::reading(path.display(), error))?;
        if !run.manifest.lists(file, &digest) {
            return Err(Problem::from(file_changed(path.display())).into());
        }
    }
    Ok(())
}

/// The portions of a plan as the book numbers them; without portions, the whole payout.
fn portions(plan: &Plan, book: &mut Book) -> Vec<u16> {
    if plan.portions.is_empty() {
        return vec![book.portion("")];
    }
    let names = plan.portions.iter();
    names.map(|portion| book.portion(&portion.name)).collect()
}

/// Reads the rows of a file of a run, which must be that of its manifest.
fn rows(
    run: &SavedRun,
    file: &str,
    progress: &(dyn Fn(u64) + Sync),
    mut take: impl FnMut(RowAmounts) + Send,
) -> Result<()> {
    let path = run.folder.join(file);
    let broken = |error| Failure::reading(path.display(), error);
    let places = AmountPlaces::new(&run.plan);
    let currency = run.plan.settlement.currency;
    open_file(&path).map_err(broken)?;
    let (mut reader, rest) = parallel_scan::begin(input::open_plain(Some(&path))?);
    let mut row = CsvRow::default();
    let changed = |path: &Path| Problem::from(file_changed(path.display()));
    let mut is_sound = match reader.next(&mut row).map_err(broken)? {
        Some(Ok(line)) => {
            let bytes = reader.bytes(&line);
            let cell = |cell: &crate::claims::csv::reader::CellSpan| {
                let cell = bytes.get(cell.bytes.clone()).unwrap_or_default();
                String::from_utf8_lossy(cell).replace("\"\"", "\"")
            };
            let header: Vec<String> = row.cells.iter().map(cell).collect();
            places.are_in(&header)
        }
        _ => false,
    };
    let shown = path.display().to_string();
    let mut all = true;
    parallel_scan::through(
        &shown,
        reader,
        &rest,
        progress,
        |fields| Some(places.read(fields, currency)),
        |_, read| match read {
            Some(read) => take(read),
            None => all = false,
        },
    )?;
    is_sound &= all;
    let (_, digest) = rest.facts();
    if !is_sound || !run.manifest.lists(file, &digest) {
        return Err(changed(&path).into());
    }
    Ok(())
}
