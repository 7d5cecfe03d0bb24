//! The texts with which a layout compares cells. A text that no paid claimant has is one
//! problem, not one of every claimant whose cell is almost the same.

use std::collections::HashMap;

use anyhow::Result;

use crate::audit::check::exports::RecomputedForExports;
use crate::base::diagnostics::{Message, count, literal, nearest};
use crate::base::money::group;
use crate::export::layout::Layout;
use crate::export::messages;
use crate::export::overlay::{Overlay, PayeeCells};
use crate::export::payments::Payment;
use crate::plan::ColumnId;
use crate::plan::cell::{CellFault, Cells};
use crate::plan::column::fold;
use crate::plan::condition::{Criterion, Matcher};

/// The maximum number of texts of a column in a hint.
const NAMED: usize = 5;

/// The tests of texts, in the order of the conditions.
pub(super) struct WantedTexts<'a>(Vec<TextTest<'a>>);

struct TextTest<'a> {
    column: ColumnId,
    texts: Vec<WantedText<'a>>,
    /// True if a claimant must have one of the texts, rather than none.
    one_of: bool,
}

pub(super) struct WantedText<'a> {
    column: ColumnId,
    text: &'a str,
    folded: String,
    /// True if a cell is the text.
    found: bool,
    /// True if a cell is almost the text.
    near: bool,
}

impl<'a> WantedTexts<'a> {
    pub(super) fn of(layout: &'a Layout) -> Self {
        let mut all = Vec::new();
        for test in layout.when.tests() {
            let (column, texts, one_of) = match test {
                Criterion::Cell(column, Matcher::OneOf(texts)) => (*column, texts, true),
                Criterion::Cell(column, Matcher::NoneOf(texts)) => (*column, texts, false),
                _ => continue,
            };
            let texts = texts.iter().map(|text| WantedText {
                column,
                text,
                folded: fold(text),
                found: false,
                near: false,
            });
            all.push(TextTest {
                column,
                texts: texts.collect(),
                one_of,
            });
        }
        Self(all)
    }

    /// Records which texts a claimant has. A difference in typing must not cost a
    /// claimant the payment.
    pub(super) fn look_for(&mut self, cells: &impl Cells) -> Result<(), CellFault> {
        let mut fault = None;
        for test in &mut self.0 {
            let cell = cells.cell(test.column);
            if let Some(wanted) = test.texts.iter_mut().find(|wanted| wanted.text == cell) {
                wanted.found = true;
                continue;
            }
            let folded = fold(cell);
            let mut texts = test.texts.iter_mut();
            if let Some(near) = texts.find(|wanted| wanted.folded == folded) {
                near.near = true;
                let (column, text) = (test.column, near.text);
                fault.get_or_insert_with(|| {
                    let message = messages::near_miss(&literal(cell), &literal(text));
                    let message = message.suggest(text.to_owned());
                    CellFault::at(column, message)
                });
            }
        }
        fault.map_or(Ok(()), Err)
    }

    /// The first text that no claimant has although some have almost the same, or because
    /// of which no claimant is selected.
    pub(super) fn absent(&self, none_selected: bool) -> Option<&WantedText<'a>> {
        self.0.iter().find_map(|test| {
            let excludes_all = none_selected && test.one_of && test.is_absent();
            let mut texts = test.texts.iter().filter(|wanted| !wanted.found);
            texts.find(|wanted| wanted.near || excludes_all)
        })
    }
}

impl TextTest<'_> {
    fn is_absent(&self) -> bool {
        self.texts.iter().all(|wanted| !wanted.found)
    }
}

impl WantedText<'_> {
    /// The message about a text that no paid claimant has.
    pub(super) fn message(
        &self,
        run: RecomputedForExports<'_>,
        overlays: &[Overlay<'_>],
        payouts: &[(Payment, Vec<bool>)],
    ) -> Result<Message> {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for (payment, _) in payouts {
            let cells = PayeeCells::of(run, overlays, payment.row)?;
            *counts.entry(cells.text(self.column)).or_default() += 1;
        }
        let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
        counts.sort_unstable_by_key(|(text, count)| (std::cmp::Reverse(*count), *text));
        let alike = counts.iter().find(|(text, _)| fold(text) == self.folded);
        let near = alike.map(|(text, _)| *text);
        let near = near.or_else(|| nearest(self.text, counts.iter().map(|(text, _)| *text)));
        let named = counts.iter().take(NAMED);
        let named = named.map(|(text, count)| format!("{} ({})", literal(text), group(count)));
        let mut named = named.collect::<Vec<String>>().join(", ");
        if counts.len() > NAMED {
            let others = count(counts.len() - NAMED, "other", "others");
            named += &format!(" and {others}");
        }
        let near = near.map_or_else(String::new, |near| {
            format!("did you mean {}? ", literal(near))
        });
        let column = literal(run.plan.columns.name(self.column));
        let message = messages::text_of_no_claimant(&literal(self.text), &column);
        let hint = if named.is_empty() {
            "the run pays no claimant".to_owned()
        } else {
            format!("{near}the paid claimants have {named}")
        };
        Ok(message.hint(hint))
    }
}
