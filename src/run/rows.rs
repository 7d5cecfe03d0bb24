//! The three CSV files: every claim row is in exactly one of them, which is proved.
//!
//! While rows are written, a `RowTally` reads the amounts back from their text and
//! counts rows, independently of the computation. Several threads format rows; the rows
//! are written in the order of the claims.

pub(crate) mod columns;
mod row_additions;
mod row_text;
mod sink;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;

use anyhow::Result;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::compact_column::index;
use crate::base::copy_few_bytes;
use crate::base::csv_text::{push_bytes, push_cell};
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::money::Money;
use crate::base::parallel::{self, lock};
use crate::claims::claim_list::{ClaimListPart, ClaimListRow, ClassId};
use crate::claims::status::ClaimStatus;
use crate::plan::{Plan, RowsRule};
use crate::run::hashing_writer::WrittenFile;
use crate::run::portions::{self, CountAndSum, PortionTally};
use crate::run::row_tally::RowTally;
pub use crate::run::rows::columns::{OutputColumn, OutputKind, columns};
pub(in crate::run) use crate::run::rows::columns::{
    deficiency_columns, flag_columns, header, lot_columns,
};
use crate::run::rows::row_additions::{RowAdditions, mark_written, push_portions};
use crate::run::rows::row_text::{
    RowBody, RowTemplate, RowTexts, UnpaidReason, may_be_ready, reason_text,
};
pub use crate::run::rows::sink::RowSink;
use crate::run::tax::TaxFlag;

/// The number of classes whose text is cached.
const PREPARED: usize = 1 << 16;

#[derive(Debug)]
pub struct RowFiles {
    pub files: Vec<WrittenFile>,
    /// Their counts and sums.
    pub tally: RowTally,
}

/// Writes every row to one of the three files.
pub fn write<S: RowSink>(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    mut files: [S; 3],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<RowFiles> {
    for (file, columns) in files.iter_mut().zip(columns(plan)) {
        file.rows(header(&columns).as_bytes(), 1)?;
    }
    let writer = || RowWriter::new(plan, claims, distribution);
    let mut writers: Vec<RowWriter<'_>> = (0..claims.threads.max(1)).map(|_| writer()).collect();
    let mut parts = claims.claim_list.parts().iter();
    let mut tally = RowTally {
        portions: plan
            .portions
            .iter()
            .map(|_| PortionTally::default())
            .collect(),
        ..RowTally::default()
    };
    let used = Mutex::new(Vec::new());
    parallel::in_order(
        &mut writers,
        || Ok(parts.next()),
        |writer, part| {
            let chunk = lock(&used).pop().unwrap_or_default();
            Ok((writer.part(part, chunk)?, part.len()))
        },
        |made: Result<(RowChunk, usize)>| {
            let (chunk, rows) = made?;
            for ((file, text), lines) in files.iter_mut().zip(&chunk.files).zip(chunk.lines) {
                file.rows(text, lines)?;
            }
            tally_chunk(&mut tally, plan, distribution, &chunk)?;
            lock(&used).push(chunk);
            progress(u64::try_from(rows).unwrap_or(0));
            Ok(())
        },
    )?;
    // All end at once: each waits for the disk.
    let written = parallel::each(files.into_iter(), RowSink::finish)?;
    // The file must have the counted rows in addition to its header.
    let unpaid = tally.unpaid.values().sum();
    for (file, rows) in written.iter().zip([tally.paid, tally.held, unpaid]) {
        if file.lines != rows + 1 {
            return Err(Bug::new("the number of rows in a file differs from the count").into());
        }
    }
    Ok(RowFiles {
        files: written,
        tally,
    })
}

/// The text of consecutive rows, with its counts and sums.
#[derive(Debug, Default)]
struct RowChunk {
    /// Rows of payouts.csv, held.csv and unpaid.csv.
    files: [Vec<u8>; 3],
    lines: [u64; 3],
    /// The sums of the payouts in the first two files, read back.
    sums: [Money; 2],
    unpaid: BTreeMap<UnpaidReason, u64>,
    claim_rows: u64,
    methods: BTreeMap<String, (u64, Money)>,
    flags: BTreeMap<TaxFlag, (u64, Money)>,
    portions: Vec<PortionTally>,
    own: CountAndSum,
}

#[derive(Debug, Clone, Copy)]
struct IdCell<'a> {
    id: &'a [u8],
    /// A text that begins with the id, if the id needs no quotes.
    plain: Option<&'a [u8]>,
}

impl IdCell<'_> {
    fn push(self, text: &mut Vec<u8>) {
        match self.plain {
            Some(ids) => copy_few_bytes::push::<16>(text, ids, self.id.len()),
            None => push_bytes(text, self.id),
        }
    }
}

impl RowChunk {
    fn clear(&mut self) {
        self.files.iter_mut().for_each(Vec::clear);
        self.lines = [0; 3];
        self.sums = [Money::ZERO; 2];
        self.unpaid.clear();
        self.claim_rows = 0;
        self.methods.clear();
        self.flags.clear();
        self.portions.clear();
        self.own = CountAndSum::default();
    }
}

impl RowChunk {
    /// The rows, their number, and the sum of their payouts: of held.csv, or of
    /// payouts.csv.
    #[inline]
    fn file(&mut self, held: bool) -> (&mut Vec<u8>, &mut u64, &mut Money) {
        let ([paid, holds, _], [paid_lines, held_lines, _], [paid_sum, held_sum]) =
            (&mut self.files, &mut self.lines, &mut self.sums);
        if held {
            (holds, held_lines, held_sum)
        } else {
            (paid, paid_lines, paid_sum)
        }
    }

    /// Writes a row of payouts.csv or held.csv and counts it.
    fn push(
        &mut self,
        id: IdCell<'_>,
        body: &RowBody,
        more: &RowAdditions,
        (held, decimals): (bool, u32),
    ) -> Result<()> {
        let RowAdditions { rows, flag, shares } = more;
        let (rows, flag) = (*rows, *flag);
        let (text, lines, sum) = self.file(held);
        id.push(text);
        if rows.is_none() && flag.is_none() && shares.is_empty() {
            body.push(text);
        } else {
            let [start, middle, payout, end] = body.parts();
            text.extend_from_slice(start.as_bytes());
            if let Some(rows) = rows {
                // Writing to memory cannot fail.
                let _ = write!(text, "{rows},");
            }
            text.extend_from_slice(middle.as_bytes());
            if let Some(flag) = flag {
                text.extend_from_slice(flag.mark().as_bytes());
                text.push(b',');
            }
            text.extend_from_slice(payout.as_bytes());
            push_portions(text, shares, body.payout, decimals)?;
            text.extend_from_slice(end.as_bytes());
        }
        *lines += 1;
        add(sum, body.payout)?;
        self.claim_rows += u64::from(rows.unwrap_or(1));
        self.portions
            .resize_with(shares.len(), PortionTally::default);
        for (tally, share) in self.portions.iter_mut().zip(shares) {
            tally.add(share, held)?;
        }
        Ok(())
    }

    /// Counts the last row of payouts.csv by its method of payment and its tax flag.
    fn count_payout(
        &mut self,
        plan: &Plan,
        claims: &Claims,
        row: &ClaimListRow<'_>,
        payout: Money,
        more: &RowAdditions,
    ) -> Result<()> {
        let own = match more.shares.as_slice() {
            [] => payout,
            shares => {
                let amounts: Vec<Money> = shares.iter().map(|share| share.amount).collect();
                let own = portions::own(plan, &amounts).or_bug("portions have no sum");
                self.own.0 += u64::from(own > Money::ZERO);
                add(&mut self.own.1, own)?;
                own
            }
        };
        if let Some(column) = plan.payment_method.filter(|_| own > Money::ZERO) {
            let cells = claims.claim_list.cells(row.number);
            let method = cells.or_bug("a row is in no part").text(column);
            if !self.methods.contains_key(method) {
                self.methods.insert(method.to_owned(), (0, Money::ZERO));
            }
            let (rows, total) = self.methods.get_mut(method).or_bug("a method is missing");
            *rows += 1;
            add(total, own)?;
        }
        if let Some(flag) = more.flag {
            let [paid, ..] = &self.files;
            if mark_written(paid, more.shares.len()) != flag.mark().as_bytes() {
                return Err(Bug::new("a written tax flag cannot be read back").into());
            }
            let taxed = portions::taxed(plan, payout, &more.shares);
            let (rows, total) = self.flags.entry(flag).or_default();
            *rows += u64::from(taxed > Money::ZERO);
            add(total, taxed)?;
        }
        Ok(())
    }
}

/// The tax flag of a row, if the plan flags payouts.
fn flag_of(
    plan: &Plan,
    claims: &Claims,
    row: &ClaimListRow<'_>,
    payout: Money,
) -> Result<Option<TaxFlag>> {
    let Some(tax) = &plan.tax else {
        return Ok(None);
    };
    let cells = claims.claim_list.kept_cells(row.number)?;
    let flag = TaxFlag::of(tax, plan.settlement.currency, payout, &cells);
    flag.map(Some)
        .map_err(|_| Bug::new("a cell cannot be read a second time").into())
}

/// Formats rows.
struct RowWriter<'a> {
    texts: RowTexts<'a>,
    /// Row templates by class, filled on first use.
    ready: Vec<RowTemplate<'a>>,
    /// Bodies of classes without extra units, filled on first use.
    prepared: Vec<Option<RowBody>>,
    /// Bodies with extra units, by the class and the pools that give one.
    with_more: HashMap<Vec<u32>, RowBody, FixedState>,
    /// The class of a row, and the pools that give its claimant an extra unit.
    key: Vec<u32>,
    /// The body of any other row.
    body: RowBody,
    /// The text after the row number of an unpaid row, by reason.
    ends: BTreeMap<UnpaidReason, String>,
}

impl<'a> RowWriter<'a> {
    fn new(plan: &'a Plan, claims: &'a Claims, distribution: &'a Distribution) -> Self {
        let mut prepared = Vec::new();
        if claims.entitlements.len() <= PREPARED {
            prepared.resize_with(claims.entitlements.len(), || None);
        }
        let mut ready = Vec::new();
        if may_be_ready(plan) {
            ready.resize_with(prepared.len(), || RowTemplate::Unasked);
        }
        Self {
            texts: RowTexts {
                plan,
                claims,
                distribution,
            },
            ready,
            prepared,
            with_more: HashMap::with_hasher(FixedState::with_seed(0)),
            key: Vec::new(),
            body: RowBody::default(),
            ends: BTreeMap::new(),
        }
    }

    /// Formats rows, reusing the memory of an earlier chunk.
    fn part(&mut self, part: &ClaimListPart, mut chunk: RowChunk) -> Result<RowChunk> {
        chunk.clear();
        for (row, ids) in part.rows_and_ids() {
            let id = IdCell {
                id: row.id,
                plain: part.plain.then_some(ids),
            };
            if !self.ready_row(&row, id, &mut chunk)? {
                self.row(&row, id, &mut chunk)?;
            }
        }
        Ok(chunk)
    }

    /// Writes a row if the text after the id is ready.
    fn ready_row(
        &mut self,
        row: &ClaimListRow<'_>,
        id: IdCell<'_>,
        chunk: &mut RowChunk,
    ) -> Result<bool> {
        let Some(ready) = self.ready.get_mut(index(row.class)) else {
            return Ok(false);
        };
        if matches!(ready, RowTemplate::Unasked) {
            *ready = RowTemplate::of(row.class, &self.texts)?;
        }
        ready.push(id, chunk)
    }

    fn row(&mut self, row: &ClaimListRow<'_>, id: IdCell<'_>, chunk: &mut RowChunk) -> Result<()> {
        let RowTexts { plan, claims, .. } = self.texts;
        let claim_status = || claims.entitlements.group_of(row.class).claim_status;
        let leads = claims.leads(row.number);
        // A row that was added to another one participates.
        if leads && !claim_status().takes_part() {
            self.unpaid(row, id, claim_status(), chunk);
            return Ok(());
        }
        self.key.clear();
        self.key.push(row.class);
        let more = self
            .texts
            .distribution
            .pools_with_one_more(row.class, row.id);
        self.key.extend(more);
        if self.key.len() == 1 && self.texts.distribution.payout(row.class) == Some(Money::ZERO) {
            self.unpaid(row, id, claim_status(), chunk);
            return Ok(());
        }
        if !leads {
            // The row of the claimant's first claim row represents this one.
            return Ok(());
        }
        let payments = match plan.portions.as_slice() {
            [] => Vec::new(),
            _ => self
                .texts
                .payments(row.class, self.key.get(1..).unwrap_or_default())?,
        };
        let body = self.body(row.class)?;
        let held = matches!(claim_status(), ClaimStatus::Held(_));
        let shares = portions::of_row(plan, claims, row, &payments, body.payout)?;
        let taxed = portions::taxed(plan, body.payout, &shares);
        let more = RowAdditions {
            rows: (plan.claims.rows == RowsRule::Sum).then(|| claims.rows_of(row.number)),
            flag: flag_of(plan, claims, row, taxed)?,
            shares,
        };
        let decimals = plan.settlement.currency.decimals();
        chunk.push(id, body, &more, (held, decimals))?;
        if !held {
            chunk.count_payout(plan, claims, row, body.payout, &more)?;
        }
        Ok(())
    }

    /// The body of a class with an extra unit from the pools that follow the class in
    /// the key.
    fn body(&mut self, class: ClassId) -> Result<&RowBody> {
        let more = self.key.get(1..).or_bug("a row has no class");
        let texts = &self.texts;
        let made = || texts.body(class, more);
        let missing = || anyhow::Error::from(Bug::new("a text that was just formatted is missing"));
        let place = index(class);
        let few = place < self.prepared.len();
        if few && more.is_empty() {
            let slot = self.prepared.get_mut(place).ok_or_else(missing)?;
            if slot.is_none() {
                *slot = Some(made()?);
            }
            return slot.as_ref().ok_or_else(missing);
        }
        if few && (self.with_more.len() < PREPARED || self.with_more.contains_key(&self.key)) {
            if !self.with_more.contains_key(&self.key) {
                self.with_more.insert(self.key.clone(), made()?);
            }
            return self.with_more.get(&self.key).ok_or_else(missing);
        }
        self.texts.fill(&mut self.body, class, more)?;
        Ok(&self.body)
    }

    fn unpaid(
        &mut self,
        row: &ClaimListRow<'_>,
        id: IdCell<'_>,
        claim_status: ClaimStatus,
        chunk: &mut RowChunk,
    ) {
        let reason = self.texts.why_unpaid(row.class, claim_status);
        let plan = self.texts.plan;
        let end = self.ends.entry(reason).or_insert_with(|| {
            let mut end = ",".to_owned();
            push_cell(
                &mut end,
                &reason_text(plan, self.texts.distribution, reason),
            );
            end.push('\n');
            end
        });
        *chunk.unpaid.entry(reason).or_insert(0) += 1;
        let [_, _, text] = &mut chunk.files;
        id.push(text);
        text.push(b',');
        let number = u64::from(row.number) + 1;
        text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        text.extend_from_slice(end.as_bytes());
        let [_, _, lines] = &mut chunk.lines;
        *lines += 1;
        chunk.claim_rows += 1;
    }
}

pub(crate) fn add(sum: &mut Money, amount: Money) -> Result<()> {
    *sum = sum
        .plus(amount)
        .ok_or_else(|| Bug::new("a sum of payouts has more than 128 bits"))?;
    Ok(())
}

/// Adds the rows of a chunk.
fn tally_chunk(
    tally: &mut RowTally,
    plan: &Plan,
    distribution: &Distribution,
    chunk: &RowChunk,
) -> Result<()> {
    let [paid, held, _] = chunk.lines;
    tally.paid += paid;
    tally.held += held;
    let [paid, held] = chunk.sums;
    add(&mut tally.paid_total, paid)?;
    add(&mut tally.held_total, held)?;
    for (&reason, rows) in &chunk.unpaid {
        let reason = reason_text(plan, distribution, reason);
        *tally.unpaid.entry(reason).or_insert(0) += rows;
    }
    tally.claim_rows += chunk.claim_rows;
    for (method, &(rows, total)) in &chunk.methods {
        let of_method = tally.methods.entry(method.clone()).or_default();
        of_method.0 += rows;
        add(&mut of_method.1, total)?;
    }
    let portions = tally.portions.len().max(chunk.portions.len());
    tally.portions.resize_with(portions, PortionTally::default);
    for (of_portion, more) in tally.portions.iter_mut().zip(&chunk.portions) {
        of_portion.join(more)?;
    }
    tally.own.0 += chunk.own.0;
    add(&mut tally.own.1, chunk.own.1)?;
    for (&flag, &(rows, total)) in &chunk.flags {
        let of_flag = tally.flags.entry(flag).or_default();
        of_flag.0 += rows;
        add(&mut of_flag.1, total)?;
    }
    Ok(())
}
