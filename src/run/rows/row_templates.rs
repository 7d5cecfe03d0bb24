//! Rows that are ready but for the id: what follows it is the same for all
//! claimants of a kind, but that some, up to an id, may receive one unit more.

use anyhow::Result;

use crate::allocate::entitlement::{KindId, Standing};
use crate::base::money::Money;
use crate::base::short_copy;
use crate::claims::claim_list::RollRow;
use crate::plan::{Plan, Rows};
use crate::run::rows::row_text::{Body, Texts};
use crate::run::rows::{Chunk, add};

/// How many bytes most rows have after the id.
const USUAL: usize = 32;

/// What becomes of the rows of a kind.
#[derive(Debug)]
pub(super) enum Ready<'a> {
    /// Nobody has asked yet.
    Unasked,
    /// Rows are not ready.
    Various,
    /// Rows of payouts.csv, or of held.csv.
    Paid {
        held: bool,
        line: Line,
        /// What those receive whose ids are not above this one.
        more: Option<(&'a [u8], Line)>,
    },
}

/// What follows the id.
#[derive(Debug)]
pub(super) struct Line {
    /// The text, and then zeros.
    text: Vec<u8>,
    length: usize,
    payout: Money,
}

impl Line {
    fn of(body: &Body) -> Self {
        let mut text = body.text.as_bytes().to_vec();
        let length = text.len();
        text.resize(length + USUAL, 0);
        Self {
            text,
            length,
            payout: body.payout,
        }
    }
}

/// Whether rows of the plan have nothing that differs from one claimant to the
/// other.
pub(super) fn may_be_ready(plan: &Plan) -> bool {
    plan.claims.rows == Rows::Unique && plan.tax.is_none() && plan.payment_method.is_none()
}

impl<'a> Ready<'a> {
    /// What becomes of the rows of a kind.
    pub fn of(kind: KindId, texts: &Texts<'a>) -> Result<Self> {
        let standing = texts.claims.entitlements.group_of(kind).standing;
        let nothing = texts.distribution.payout(kind) == Some(Money::ZERO);
        if nothing || !standing.takes_part() {
            return Ok(Self::Various);
        }
        let mut giving = (0..).zip(&texts.distribution.pools);
        let mut giving = giving
            .by_ref()
            .filter_map(|(number, pool)| Some((number, pool.last_with_one_more(kind)?)));
        let more = match (giving.next(), giving.next()) {
            (_, Some(_)) => return Ok(Self::Various),
            (None, None) => None,
            (Some((pool, last)), None) => Some((last, line(texts, kind, &[pool])?)),
        };
        Ok(Self::Paid {
            held: matches!(standing, Standing::Held(_)),
            line: line(texts, kind, &[])?,
            more,
        })
    }

    /// Writes a row, whose id begins `ids` and needs no quotes. Whether it was
    /// ready.
    pub fn push(&self, row: &RollRow<'_>, ids: &[u8], chunk: &mut Chunk) -> Result<bool> {
        let Self::Paid { held, line, more } = self else {
            return Ok(false);
        };
        let line = match more {
            Some((last, with_more)) if row.id <= *last => with_more,
            _ => line,
        };
        let ([paid_text, held_text, _], [paid_lines, held_lines, _], [paid_sum, held_sum]) =
            (&mut chunk.files, &mut chunk.lines, &mut chunk.sums);
        let (text, lines, sum) = if *held {
            (held_text, held_lines, held_sum)
        } else {
            (paid_text, paid_lines, paid_sum)
        };
        short_copy::push::<16>(text, ids, row.id.len());
        short_copy::push::<USUAL>(text, &line.text, line.length);
        *lines += 1;
        add(sum, line.payout)?;
        chunk.claim_rows += 1;
        Ok(true)
    }
}

fn line(texts: &Texts<'_>, kind: KindId, more: &[u32]) -> Result<Line> {
    let mut body = Body::default();
    texts.fill(&mut body, kind, more)?;
    Ok(Line::of(&body))
}
