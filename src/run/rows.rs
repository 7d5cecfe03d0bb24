//! The three CSV files: every row of the claims in exactly one of them, and
//! the proof of it.
//!
//! While rows are written, a [`Tally`] reads the amounts back from their text
//! and counts rows. It knows nothing of how they were computed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use anyhow::Result;

use super::folder::{Output, Staging, Written};
use crate::claims::Claims;
use crate::diagnostic::Bug;
use crate::distribution::Distribution;
use crate::entitlement::{KindId, Standing};
use crate::exact;
use crate::money::{Money, push_text};
use crate::plan::{Measure, Plan, Rows, StatusRule};

/// The names of the files.
pub const PAYOUTS: &str = "payouts.csv";
/// Payouts that are computed but not released.
pub const HELD: &str = "held.csv";
/// Rows that are paid nothing, with the reason.
pub const UNPAID: &str = "unpaid.csv";

/// How many kinds have their text prepared.
const PREPARED: usize = 1 << 16;

/// How many rows pass between two words on progress.
const STEP: u64 = 1 << 14;

/// What stands in the files, read back from the rows as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows of payouts.csv.
    pub paid: u64,
    /// The sum of their payouts.
    pub paid_total: Money,
    /// Rows of held.csv.
    pub held: u64,
    /// The sum of their payouts.
    pub held_total: Money,
    /// Rows of unpaid.csv by reason.
    pub unpaid: BTreeMap<String, u64>,
    /// Claim rows that the rows of all three files stand for.
    pub claim_rows: u64,
}

/// What was written.
#[derive(Debug)]
pub struct RowFiles {
    /// The three files.
    pub files: Vec<Written>,
    /// What stands in them.
    pub tally: Tally,
}

/// Where the rows of a file go: to be written, or to be compared with those
/// of a run that is there.
pub trait RowSink {
    /// Takes the header or a row, with its line end.
    fn row(&mut self, row: &[u8]) -> Result<()>;
    /// Ends the file.
    fn finish(self) -> Result<Written>;
}

impl RowSink for Output {
    fn row(&mut self, row: &[u8]) -> Result<()> {
        self.write(row)
    }

    fn finish(self) -> Result<Written> {
        Self::finish(self)
    }
}

/// The three files, to be written: payouts, holds, and what is not paid.
pub fn files(staging: &Staging) -> Result<[Output; 3]> {
    Ok([
        staging.create(PAYOUTS)?,
        staging.create(HELD)?,
        staging.create(UNPAID)?,
    ])
}

/// Hands every row to one of the three files.
pub fn write<S: RowSink>(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    files: [S; 3],
    progress: &dyn Fn(u64),
) -> Result<RowFiles> {
    let mut writer = Writer::new(plan, claims, distribution, files)?;
    let rows = claims.ids.iter().zip(&claims.kinds).zip(0_u32..);
    let mut since = 0;
    for ((id, &kind), row) in rows {
        writer.row(id, kind, row)?;
        since += 1;
        if since == STEP {
            progress(since);
            since = 0;
        }
    }
    progress(since);
    writer.finish()
}

/// Why a row is not paid; the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unpaid {
    Excluded(usize),
    Denied(usize),
    Dropped(usize),
    NoShares,
    Nothing,
}

/// What stands in a row between id and status.
#[derive(Debug)]
struct Body {
    /// The keys of the subclasses, as a CSV cell.
    subclasses: String,
    /// Shares or award, and payout, pool by pool; the payout last.
    amounts: String,
    /// The payout, read back from that text.
    payout: Money,
}

struct Writer<'a, S> {
    plan: &'a Plan,
    claims: &'a Claims,
    distribution: &'a Distribution,
    payouts: S,
    held: S,
    unpaid: S,
    tally: Tally,
    /// The rows that get extra units.
    extra: BTreeMap<u32, u32>,
    /// The bodies of kinds without extra units, as far as they were needed.
    prepared: Vec<Option<Rc<Body>>>,
    reasons: BTreeMap<Unpaid, (String, u64)>,
    line: String,
}

impl<'a, S: RowSink> Writer<'a, S> {
    fn new(
        plan: &'a Plan,
        claims: &'a Claims,
        distribution: &'a Distribution,
        [payouts, held, unpaid]: [S; 3],
    ) -> Result<Self> {
        let mut writer = Self {
            plan,
            claims,
            distribution,
            payouts,
            held,
            unpaid,
            tally: Tally::default(),
            extra: distribution.extra_units(),
            prepared: vec![None; claims.entitlements.len().min(PREPARED)],
            reasons: BTreeMap::new(),
            line: String::new(),
        };
        let header = header(plan);
        writer.payouts.row(format!("{header}\n").as_bytes())?;
        writer.held.row(format!("{header},status\n").as_bytes())?;
        writer.unpaid.row(b"claimant_id,row,reason\n")?;
        Ok(writer)
    }

    fn row(&mut self, id: &str, kind: KindId, row: u32) -> Result<()> {
        let lead = self.claims.lead(row);
        let extra = self.extra.contains_key(&lead);
        let standing = self
            .claims
            .entitlements
            .group_of(kind)
            .map(|group| group.standing);
        let standing = standing.ok_or_else(|| bug("a row has no kind"))?;
        if !standing.takes_part() {
            return self.write_unpaid(id, kind, row, standing);
        }
        let body = if extra {
            Rc::new(self.body(kind, Some(lead))?)
        } else {
            self.prepare(kind)?
        };
        if body.payout == Money::ZERO {
            return self.write_unpaid(id, kind, row, standing);
        }
        if lead != row {
            // The row of the claimant's first claim row stands for this one.
            return Ok(());
        }
        let line = &mut self.line;
        line.clear();
        push_cell(line, id);
        line.push(',');
        line.push_str(&body.subclasses);
        line.push(',');
        if self.plan.claims.rows == Rows::Sum {
            let rows = self.claims.rows_of(row);
            // Writing to a string cannot fail.
            let _ = write!(line, "{rows},");
            self.tally.claim_rows += u64::from(rows);
        } else {
            self.tally.claim_rows += 1;
        }
        line.push_str(&body.amounts);
        if let Standing::Held(status) = standing {
            line.push(',');
            push_cell(line, status_text(self.plan, status));
            line.push('\n');
            self.tally.held += 1;
            add(&mut self.tally.held_total, body.payout)?;
            self.held.row(line.as_bytes())
        } else {
            line.push('\n');
            self.tally.paid += 1;
            add(&mut self.tally.paid_total, body.payout)?;
            self.payouts.row(line.as_bytes())
        }
    }

    /// The body of a kind, worked out once where kinds are few.
    fn prepare(&mut self, kind: KindId) -> Result<Rc<Body>> {
        let slot = usize::try_from(kind).unwrap_or(usize::MAX);
        if let Some(Some(body)) = self.prepared.get(slot) {
            return Ok(Rc::clone(body));
        }
        let body = Rc::new(self.body(kind, None)?);
        if let Some(slot) = self.prepared.get_mut(slot) {
            *slot = Some(Rc::clone(&body));
        }
        Ok(body)
    }

    /// The body of a kind, or of one of its rows that gets extra units.
    fn body(&self, kind: KindId, row: Option<u32>) -> Result<Body> {
        let currency = self.plan.settlement.currency;
        let several = self.plan.pools.len() > 1;
        let mut amounts = String::new();
        let mut total = Money::ZERO;
        for (number, (pool, outcome)) in self
            .plan
            .pools
            .iter()
            .zip(&self.distribution.pools)
            .enumerate()
        {
            let weight = self.claims.entitlements.draw(kind, number).weight;
            match pool.measure {
                Measure::Shares => amounts.push_str(&exact::text(weight)),
                Measure::Award => currency.push_award(&mut amounts, weight),
            }
            amounts.push(',');
            let gets_extra = row.is_some_and(|row| outcome.extra_rows.binary_search(&row).is_ok());
            let mut payment = outcome.payment(kind);
            if gets_extra {
                add(&mut payment, Money(1))?;
            }
            add(&mut total, payment)?;
            if several {
                push_text(&mut amounts, payment, currency.decimals());
                amounts.push(',');
            }
        }
        push_text(&mut amounts, total, currency.decimals());
        let payout = read_back(&amounts, currency.decimals())?;
        Ok(Body {
            subclasses: self.subclasses(kind),
            amounts,
            payout,
        })
    }

    fn subclasses(&self, kind: KindId) -> String {
        let mut joined = String::new();
        let group = self.claims.entitlements.group_of(kind);
        for &number in group.map_or(&[][..], |group| &group.subclasses) {
            if !joined.is_empty() {
                joined.push(';');
            }
            joined.push_str(
                self.plan
                    .subclasses
                    .get(number)
                    .map_or("", |subclass| &subclass.key),
            );
        }
        let mut cell = String::new();
        push_cell(&mut cell, &joined);
        cell
    }

    fn write_unpaid(&mut self, id: &str, kind: KindId, row: u32, standing: Standing) -> Result<()> {
        let reason = self.why_unpaid(kind, standing);
        let text = self.reasons.entry(reason).or_insert_with(|| {
            let mut cell = String::new();
            push_cell(&mut cell, &reason_text(self.plan, reason));
            (cell, 0)
        });
        text.1 += 1;
        let line = &mut self.line;
        line.clear();
        push_cell(line, id);
        // Writing to a string cannot fail.
        let _ = writeln!(line, ",{},{}", u64::from(row) + 1, text.0);
        self.tally.claim_rows += 1;
        self.unpaid.row(line.as_bytes())
    }

    fn why_unpaid(&self, kind: KindId, standing: Standing) -> Unpaid {
        match standing {
            Standing::Excluded(number) => return Unpaid::Excluded(number),
            Standing::Denied(number) => return Unpaid::Denied(number),
            Standing::Payable | Standing::Held(_) => {}
        }
        let mut pools = self.distribution.pools.iter();
        if let Some(pool) = pools.position(|pool| pool.drops(kind)) {
            return Unpaid::Dropped(pool);
        }
        let mut weights =
            (0..self.plan.pools.len()).map(|pool| self.claims.entitlements.draw(kind, pool).weight);
        if weights.all(|weight| weight.is_zero()) {
            Unpaid::NoShares
        } else {
            Unpaid::Nothing
        }
    }

    fn finish(mut self) -> Result<RowFiles> {
        for (reason, (_, rows)) in &self.reasons {
            *self
                .tally
                .unpaid
                .entry(reason_text(self.plan, *reason))
                .or_insert(0) += rows;
        }
        let files = vec![
            self.payouts.finish()?,
            self.held.finish()?,
            self.unpaid.finish()?,
        ];
        // Beside its header, each file has the rows that were counted.
        let unpaid = self.tally.unpaid.values().sum();
        for (file, rows) in files.iter().zip([self.tally.paid, self.tally.held, unpaid]) {
            if file.lines != rows + 1 {
                return Err(bug("a file has not as many rows as were counted"));
            }
        }
        Ok(RowFiles {
            files,
            tally: self.tally,
        })
    }
}

/// The header of payouts.csv.
fn header(plan: &Plan) -> String {
    let mut header = "claimant_id,subclass".to_owned();
    if plan.claims.rows == Rows::Sum {
        header.push_str(",rows");
    }
    for pool in &plan.pools {
        let measure = match pool.measure {
            Measure::Shares => "shares",
            Measure::Award => "award",
        };
        header.push(',');
        if plan.pools.len() == 1 {
            header.push_str(measure);
        } else {
            push_cell(&mut header, &format!("{} {measure}", pool.name));
            header.push(',');
            push_cell(&mut header, &format!("{} payout", pool.name));
        }
    }
    header.push_str(",payout");
    header
}

fn status_text(plan: &Plan, number: usize) -> &str {
    match &plan.claims.status {
        StatusRule::Column { meanings, .. } => meanings.get(number).map_or("", |(text, _)| text),
        StatusRule::Unsaid | StatusRule::AllPayable => "",
    }
}

fn reason_text(plan: &Plan, reason: Unpaid) -> String {
    let currency = plan.settlement.currency;
    match reason {
        Unpaid::Excluded(number) => plan
            .excludes
            .get(number)
            .map_or_else(String::new, |exclude| exclude.reason.clone()),
        Unpaid::Denied(number) => format!("status: {}", status_text(plan, number)),
        Unpaid::Dropped(number) => plan.pools.get(number).map_or_else(String::new, |pool| {
            let (limit, inclusive) = pool
                .drop
                .as_ref()
                .map_or((Money::ZERO, false), |d| (d.limit, d.inclusive));
            let below = if inclusive { "at or below" } else { "below" };
            format!(
                "{below} the minimum payment of {} in pool \"{}\"",
                currency.text(limit),
                pool.name
            )
        }),
        Unpaid::NoShares => "no shares in any pool".to_owned(),
        Unpaid::Nothing => format!("payout comes to {}", currency.text(Money::ZERO)),
    }
}

/// Appends a CSV cell, quoted only where needed.
pub fn push_cell(line: &mut String, cell: &str) {
    if cell
        .bytes()
        .any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
    {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

/// Reads the last amount of a row back from its text.
fn read_back(amounts: &str, decimals: u32) -> Result<Money> {
    let text = amounts.rsplit(',').next().unwrap_or_default();
    money_in(text, decimals).ok_or_else(|| bug("a payout that was written cannot be read back"))
}

/// The money that a cell of a run says, with just so many decimals.
pub fn money_in(text: &str, decimals: u32) -> Option<Money> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    let plain = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let as_many = u32::try_from(fraction.len()) == Ok(decimals);
    (plain && as_many).then(|| digits.parse().ok().map(Money))?
}

fn add(sum: &mut Money, amount: Money) -> Result<()> {
    *sum = sum
        .plus(amount)
        .ok_or_else(|| bug("a sum of payouts has more than 128 bits"))?;
    Ok(())
}

fn bug(message: &str) -> anyhow::Error {
    Bug {
        message: message.to_owned(),
    }
    .into()
}
