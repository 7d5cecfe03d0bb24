//! Row templates: everything after the id is the same for all claimants of a class,
//! except that claimants up to a certain id may receive an extra unit.

use anyhow::Result;

use crate::base::copy_few_bytes;
use crate::base::money::Money;
use crate::claims::claim_list::{ClaimListRow, ClassId};
use crate::claims::status::ClaimStatus;
use crate::plan::{Plan, RowsRule};
use crate::run::rows::row_text::{RowBody, RowTexts};
use crate::run::rows::{RowChunk, add};

/// The usual number of bytes after the id.
const USUAL: usize = 32;

/// The template for the rows of a class.
#[derive(Debug)]
pub(super) enum RowTemplate<'a> {
    /// Not determined yet.
    Unasked,
    /// The rows differ and need individual formatting.
    Various,
    /// Rows of payouts.csv or of held.csv.
    Paid {
        held: bool,
        line: RowTail,
        /// The text for claimants up to this id, who receive an extra unit.
        more: Option<(&'a [u8], RowTail)>,
    },
}

/// The text after the id.
#[derive(Debug)]
pub(super) struct RowTail {
    /// The text, padded with zeros.
    text: Vec<u8>,
    length: usize,
    payout: Money,
}

impl RowTail {
    fn of(body: &RowBody) -> Self {
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

/// True if the rows of this plan contain nothing that differs between the claimants of
/// a class.
pub(super) fn may_be_ready(plan: &Plan) -> bool {
    plan.claims.rows == RowsRule::Unique && plan.tax.is_none() && plan.payment_method.is_none()
}

impl<'a> RowTemplate<'a> {
    /// The template for the rows of a class.
    pub(super) fn of(class: ClassId, texts: &RowTexts<'a>) -> Result<Self> {
        let claim_status = texts.claims.entitlements.group_of(class).claim_status;
        let nothing = texts.distribution.payout(class) == Some(Money::ZERO);
        if nothing || !claim_status.takes_part() {
            return Ok(Self::Various);
        }
        let mut giving = (0..).zip(&texts.distribution.pools);
        let mut giving = giving
            .by_ref()
            .filter_map(|(number, pool)| Some((number, pool.last_with_one_more(class)?)));
        let more = match (giving.next(), giving.next()) {
            (_, Some(_)) => return Ok(Self::Various),
            (None, None) => None,
            (Some((pool, last)), None) => Some((last, line(texts, class, &[pool])?)),
        };
        Ok(Self::Paid {
            held: matches!(claim_status, ClaimStatus::Held(_)),
            line: line(texts, class, &[])?,
            more,
        })
    }

    /// Writes a row whose id begins `ids` and needs no quotes. Returns false if the
    /// template is not ready.
    pub(super) fn push(
        &self,
        row: &ClaimListRow<'_>,
        ids: &[u8],
        chunk: &mut RowChunk,
    ) -> Result<bool> {
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
        copy_few_bytes::push::<16>(text, ids, row.id.len());
        copy_few_bytes::push::<USUAL>(text, &line.text, line.length);
        *lines += 1;
        add(sum, line.payout)?;
        chunk.claim_rows += 1;
        Ok(true)
    }
}

fn line(texts: &RowTexts<'_>, class: ClassId, more: &[u32]) -> Result<RowTail> {
    let mut body = RowBody::default();
    texts.fill(&mut body, class, more)?;
    Ok(RowTail::of(&body))
}
