//! Payment files: from the payouts of a run and columns of its claims file to
//! what a bank, a mail house or a payment service takes.
//!
//! 1. The run is computed anew and compared with its files: what does not
//!    follow from the plan and the claims is not paid.
//! 2. [`payments`]: which payouts a [`layout`] is for.
//! 3. [`table`], [`nacha`], [`journal`]: the files, each payout read back from
//!    what was written.
//! 4. [`manifest`]: the run's seal, what was chosen, counts, totals, digests.
//!
//! An export stands outside the run, which is sealed. With what its folder
//! holds it can be made again ([`crate::check::exports`]).

pub mod after;
pub mod journal;
pub mod layout;
pub mod manifest;
pub mod nacha;
pub mod payments;
pub mod routing;
pub mod table;
pub mod text;

use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::check::findings::Findings;
use crate::check::rows;
use crate::claims::problems::Problems;
use crate::claims::source::{Input, hex};
use crate::claims::{self, Claims};
use crate::diagnostic::{Breakdown, Bug, ClaimProblem, Refusal, literal};
use crate::distribution::{self, Distribution};
use crate::money::Money;
use crate::plan::{Plan, Source};
use crate::recorded::{self, Run};
use crate::run::folder::Staging;
use crate::run::manifest::MANIFEST;
use crate::run::rows::Tally;
use crate::run::{Progress, Stage};
use layout::{Choices, Field, Form, Layout, Misfit, Pays, Row, Value};
use manifest::{Export, OutputFile};
use payments::Payment;

/// The names of the files that every export has beside its payment files.
pub const LAYOUT: &str = "layout.toml";
/// The layout that the layout begins from.
pub const BASE: &str = "base.toml";
/// Who is paid by the export.
pub const PAYMENTS: &str = "payments.csv";

/// What is to be exported, and how.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The folder of the run.
    pub run: &'a Path,
    /// The claims files; none to look for those of the manifest.
    pub claims: &'a [PathBuf],
    /// The layout.
    pub layout: &'a Source,
    /// What was chosen for it.
    pub choices: &'a Choices,
    /// Exports that were made before.
    pub after: &'a [PathBuf],
    /// The folder to write.
    pub out: &'a Path,
    /// Where to list everything that is wrong.
    pub errors: Option<&'a Path>,
}

/// A file of an export.
#[derive(Debug)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// How many payments, and what they come to; `None` for a file without.
    pub payments: Option<(u64, Money)>,
}

/// The payments of one file.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// The number of the file, from 1.
    pub number: u64,
    /// Its payments.
    pub payments: &'a [Payment],
    /// How many payments are in the files before it.
    pub before: u64,
    /// What its payments come to.
    pub total: Money,
}

/// Somebody who is paid.
#[derive(Debug, Clone, Copy)]
pub struct Payee<'a> {
    /// The row of the claims, from 0.
    pub row: u32,
    /// The id.
    pub id: &'a str,
    /// The cells that the layout reads.
    pub cells: Row<'a>,
    /// How much.
    pub payout: Money,
    /// The number of the payment in the export, from 1.
    pub number: u64,
    /// The number of the payment in its file, from 1.
    pub in_file: u64,
}

/// What the files of an export are made from.
#[derive(Debug, Clone, Copy)]
pub struct Maker<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// The plan.
    pub plan: &'a Plan,
    /// The claims, with their cells.
    pub claims: &'a Claims,
    /// The payments.
    pub distribution: &'a Distribution,
    /// What the files of the run hold.
    pub tally: &'a Tally,
    /// The SHA-256 of the run's manifest.
    pub seal: &'a str,
    /// The payouts that are exported.
    pub payments: &'a [Payment],
}

/// Finds the layouts that are shipped.
pub fn find_shipped(name: &str) -> Option<Source> {
    let text = layout::shipped(name)?;
    Some(Source {
        name: format!("{name}.toml"),
        shown: format!("the shipped layout {name}"),
        text: text.to_owned(),
    })
}

/// Writes an export, whole or not at all.
pub fn export(
    job: &Job<'_>,
    progress: &dyn Progress,
    deliver: &dyn Fn(&Export) -> Result<()>,
) -> Result<String> {
    let Run {
        manifest, mut plan, ..
    } = recorded::open(job.run)?;
    refuse_draft(&plan)?;
    let mut layout = Layout::load(job.layout, &find_shipped, job.choices, &plan)?;
    if inside(job.out, job.run) {
        let message = format!(
            "{} is in the folder of the run, which is sealed",
            job.out.display()
        );
        return Err(Refusal::new(message, "choose an `--out` beside it").into());
    }
    let staging = Staging::for_export(job.out)?;
    let earlier = after::read(job.after)?;
    layout.bind(&mut plan);
    let inputs = recorded::inputs(job.run, &manifest, job.claims)?;
    let claims = read(job, &plan, &inputs, progress)?;
    for (file, listed) in claims.files.iter().zip(&manifest.inputs) {
        if file.sha256 != listed.sha256 {
            return Err(another_file(&file.shown).into());
        }
    }
    if claims.files.len() != manifest.inputs.len() {
        return Err(another_file("what was given").into());
    }
    let seal = recorded::seal(job.run)?;
    let distribution = distribution::distribute(&plan, &claims)?;
    let tally = compare(job.run, &plan, &claims, &distribution, progress)?;
    let mut problems = Problems::new(job.errors)?;
    if claims.files.len() > 1 {
        problems.several_files();
    }
    let payments = payments::select(job.run, &manifest, &plan, &claims, &layout, &mut problems)?;
    let maker = Maker {
        layout: &layout,
        plan: &plan,
        claims: &claims,
        distribution: &distribution,
        tally: &tally,
        seal: &seal,
        payments: &payments,
    };
    if payments.is_empty() && problems.is_empty() {
        let message = format!(
            "the layout {} is for nobody who is paid",
            literal(&layout.name)
        );
        return Err(Refusal::new(message, "check `when`, or the run: it may pay nobody").into());
    }
    after::refuse_overlap(&maker, &earlier)?;
    let mut outputs = Vec::new();
    maker.each_file(&mut problems, &mut |made| {
        let written = staging.write(&made.name, &made.bytes)?;
        outputs.push(OutputFile::new(
            &written,
            made.payments,
            plan.settlement.currency,
        ));
        Ok(())
    })?;
    problems.finish()?;
    let export = Export::new(&maker, job.choices, outputs)?;
    let text = export.text()?;
    let written = staging.write(MANIFEST, text.as_bytes())?;
    staging.check()?;
    deliver(&export)?;
    staging.commit()?;
    Ok(written.sha256)
}

/// A plan that is a draft must not be paid on.
pub fn refuse_draft(plan: &Plan) -> Result<(), Refusal> {
    match &plan.settlement.draft {
        None => Ok(()),
        Some(why) => Err(Refusal::new(
            format!(
                "the plan is a DRAFT, not to be paid on: {}",
                crate::diagnostic::quotable(why)
            ),
            "compute a run from the plan that was approved, without `draft`",
        )),
    }
}

/// Whether a path leads into a folder.
fn inside(path: &Path, folder: &Path) -> bool {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    match (parent.canonicalize(), folder.canonicalize()) {
        (Ok(parent), Ok(folder)) => parent.starts_with(folder),
        _ => false,
    }
}

fn another_file(shown: &str) -> Refusal {
    Refusal::new(
        format!("{shown} is not the claims file that the run was made from"),
        "name that file with `--claims`; if the claims have changed, compute a new run",
    )
}

fn read(job: &Job<'_>, plan: &Plan, inputs: &[Input], progress: &dyn Progress) -> Result<Claims> {
    let sizes: Option<Vec<u64>> = inputs.iter().map(Input::size).collect();
    progress.begin(Stage::Reading, sizes.map(|sizes| sizes.iter().sum()));
    let options = claims::Options {
        errors: job.errors,
        keep_cells: true,
        ..claims::Options::default()
    };
    let claims = claims::read(inputs, plan, &options, &|bytes| progress.advance(bytes))?;
    progress.end(&format!("{} rows", claims.rows()));
    Ok(claims)
}

/// Whether the files of the run are what its plan and claims come to.
fn compare(
    run: &Path,
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    progress: &dyn Progress,
) -> Result<Tally> {
    progress.begin(Stage::Comparing, Some(claims.rows()));
    let mut findings = Findings::new(None)?;
    let advance = |rows| progress.advance(rows);
    let compared = rows::compare(run, plan, claims, distribution, &mut findings, &advance)?;
    progress.end(&format!("{} rows", claims.rows()));
    let (differences, _) = findings.finish()?;
    if differences > 0 {
        let message = format!(
            "the run {} does not follow from its plan and claims",
            run.display()
        );
        let hint = "do not pay on this run: `payout check` tells what differs";
        return Err(Refusal::new(message, hint).into());
    }
    Ok(compared.tally)
}

impl<'a> Maker<'a> {
    /// Makes the files, one after the other. Cells that do not fit are noted.
    pub fn each_file(
        self,
        problems: &mut Problems,
        give: &mut dyn FnMut(Made) -> Result<()>,
    ) -> Result<()> {
        let layout = self.layout;
        if layout.file.form == Form::Journal {
            journal::files(&self)?
                .into_iter()
                .try_for_each(&mut *give)?;
        } else {
            self.payment_files(problems, give)?;
        }
        let sources = [(LAYOUT, Some(&layout.source)), (BASE, layout.base.as_ref())];
        for (name, source) in sources {
            if let Some(source) = source {
                give(Made {
                    name: name.to_owned(),
                    bytes: source.text.clone().into_bytes(),
                    payments: None,
                })?;
            }
        }
        Ok(())
    }

    fn payment_files(
        self,
        problems: &mut Problems,
        give: &mut dyn FnMut(Made) -> Result<()>,
    ) -> Result<()> {
        let file = &self.layout.file;
        let batches = self.batches(problems)?;
        if batches.len() > 1 && !file.name.contains("{file}") {
            let message = format!(
                "the payments take {} files, but all would be called {}",
                batches.len(),
                literal(&file.name)
            );
            let hint =
                "let the name of the file in the layout have its number: `payments-{file}.csv`";
            return Err(Refusal::new(message, hint).into());
        }
        let mut list = csv::Writer::from_writer(Vec::new());
        list.write_record(["claimant_id", "payout", "number", "file", "row"])?;
        for batch in &batches {
            let name = file.name.replace("{file}", &batch.number.to_string());
            let bytes = match file.form {
                Form::Nacha => nacha::file(&self, batch, problems)?,
                _ => table::file(&self, batch, problems)?,
            };
            for payee in self.payees(batch) {
                let payee = payee?;
                list.write_record([
                    payee.id,
                    &self.plan.settlement.currency.text(payee.payout),
                    &self.number_of(&payee),
                    &name,
                    &payee.in_file.to_string(),
                ])?;
            }
            let count = u64::try_from(batch.payments.len())?;
            give(Made {
                name,
                bytes,
                payments: Some((count, batch.total)),
            })?;
        }
        if self.layout.pays == Pays::Nothing {
            return Ok(());
        }
        give(Made {
            name: PAYMENTS.to_owned(),
            bytes: list
                .into_inner()
                .map_err(|error| Breakdown::new("cannot list the payments", error.into_error()))?,
            payments: None,
        })
    }

    /// The number that a payment has among others, where its layout has one.
    fn number_of(&self, payee: &Payee<'_>) -> String {
        if self.layout.file.form == Form::Nacha {
            return nacha::trace(self, payee.in_file);
        }
        let mut values = self.layout.fields.iter().map(|field| &field.value);
        let first = values.find_map(|value| match value {
            Value::Number(first) => Some(*first),
            _ => None,
        });
        first.map_or_else(String::new, |first| (first + payee.number - 1).to_string())
    }

    /// Which payments are in which file.
    fn batches(&self, problems: &mut Problems) -> Result<Vec<Batch<'a>>> {
        let limits = match self.layout.file.form {
            Form::Nacha => nacha::limits(self)?,
            _ => Limits::of(self.layout),
        };
        let mut batches: Vec<Batch<'a>> = Vec::new();
        let (mut start, mut total) = (0_usize, Money::ZERO);
        let mut close = |range: std::ops::Range<usize>, total| -> Result<()> {
            batches.push(Batch {
                number: u64::try_from(batches.len())? + 1,
                before: u64::try_from(range.start)?,
                payments: self.payments.get(range).unwrap_or_default(),
                total,
            });
            Ok(())
        };
        for (place, payment) in self.payments.iter().enumerate() {
            for limit in [limits.largest, limits.total].into_iter().flatten() {
                if payment.payout > limit {
                    problems.add(self.too_large(payment, limit));
                    break;
                }
            }
            let sum = total
                .plus(payment.payout)
                .ok_or_else(|| bug("the sum of payments is too large"))?;
            let rows = u64::try_from(place - start)? + 1;
            let full = limits.rows.is_some_and(|most| rows > most)
                || limits.total.is_some_and(|most| sum > most);
            if full && place > start {
                close(start..place, total)?;
                (start, total) = (place, payment.payout);
            } else {
                total = sum;
            }
        }
        close(start..self.payments.len(), total)?;
        Ok(batches)
    }

    fn too_large(&self, payment: &Payment, limit: Money) -> ClaimProblem {
        let currency = self.plan.settlement.currency;
        ClaimProblem {
            problem: format!(
                "the payout of {} is more than the layout takes, {}",
                currency.grouped(payment.payout),
                currency.grouped(limit)
            ),
            hint: Some(
                "pay this claimant in another way: leave the claimant out with `when`".to_owned(),
            ),
            ..payments::at(self.claims, payment.row)
        }
    }

    /// Those paid in a file, in order.
    pub fn payees(self, batch: &Batch<'a>) -> impl Iterator<Item = Result<Payee<'a>>> {
        let before = batch.before;
        let id = self.plan.claims.id;
        (1..).zip(batch.payments).map(move |(in_file, payment)| {
            let cells = self.claims.roll.cells(payment.row);
            let cells = cells.ok_or_else(|| bug("the cells of a row were not kept"))?;
            Ok(Payee {
                row: payment.row,
                id: cells.text(id),
                cells: self.layout.row(cells),
                payout: payment.payout,
                number: before + in_file,
                in_file,
            })
        })
    }

    /// The problem of a field that does not fit.
    pub fn misfit(&self, field: &Field, payee: &Payee<'_>, misfit: Misfit) -> ClaimProblem {
        let (column, value) = match field.value {
            Value::Column(column) => (
                self.layout.columns.name(column).to_owned(),
                payee.cells.text(column).to_owned(),
            ),
            _ => (field.name.clone(), payee.id.to_owned()),
        };
        ClaimProblem {
            column: Some(column),
            value: Some(value),
            problem: misfit.problem,
            hint: Some(misfit.hint),
            ..payments::at(self.claims, payee.row)
        }
    }
}

/// What a file takes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Payments.
    pub rows: Option<u64>,
    /// What they come to.
    pub total: Option<Money>,
    /// What one of them is.
    pub largest: Option<Money>,
}

impl Limits {
    /// Those of a layout.
    pub fn of(layout: &Layout) -> Self {
        Self {
            rows: layout.file.rows,
            total: layout.file.total,
            largest: layout.file.largest,
        }
    }

    /// The lower ones of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        fn lower<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
            one.into_iter().chain(other).min()
        }
        Self {
            rows: lower(self.rows, other.rows),
            total: lower(self.total, other.total),
            largest: lower(self.largest, other.largest),
        }
    }
}

/// The SHA-256 of a text.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn bug(message: &str) -> anyhow::Error {
    Bug {
        message: message.to_owned(),
    }
    .into()
}
