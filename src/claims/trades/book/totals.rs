//! Counts and sums of the rows of trades files.

use num_bigint::BigInt;
use num_rational::Ratio;

use crate::base::decimal::WeightedSum;
use crate::base::diagnostics::OrBug as _;
use crate::claims::trades::book::{LOST, TradeBook};
use crate::plan::trades::TradeKind;
use crate::plan::{Choice as _, ColumnId};

impl TradeBook {
    /// The number of rows with this text in the column of kinds.
    pub(crate) fn rows_of_kind(&self, text: &str) -> u64 {
        let kinds = self.rules().kinds.iter();
        let number = kinds.zip(0_u16..).find(|((known, _), _)| known == text);
        let Some((_, number)) = number else { return 0 };
        let of_kind = |row: &u32| self.list().trade(*row).kind == number;
        self.all_rows().filter(of_kind).map(|_| 1).sum()
    }

    /// The sum of a column over the rows that are not ignored; a cell that is no number
    /// adds nothing.
    pub(crate) fn sum(&self, column: ColumnId) -> Ratio<BigInt> {
        let (rules, places) = (self.rules(), &self.rules().places);
        let other = places.others.iter().position(|other| *other == column);
        let mut sum = WeightedSum::default();
        for row in self.all_rows() {
            let trade = self.list().trade(row);
            if trade.kind(rules) == TradeKind::Ignored {
                continue;
            }
            let number = match other {
                Some(other) => {
                    let text = self.list().other(row, other);
                    rules.file.format(column).number(column, text).ok()
                }
                None if column == places.quantity => trade.quantity,
                None => trade.price,
            };
            if let Some(number) = number {
                sum.add(number, 1);
            }
        }
        sum.total()
    }

    /// The number of rows of each kind.
    pub(crate) fn kinds(&self) -> Vec<(TradeKind, u64)> {
        let rules = self.rules();
        let mut counts: Vec<(TradeKind, u64)> = TradeKind::WORDS
            .iter()
            .map(|(_, kind)| (*kind, 0))
            .collect();
        let rows = 0..u32::try_from(self.len()).ok().or_bug(LOST);
        for row in rows.filter(|_| !rules.kinds.is_empty()) {
            let kind = self.list().trade(row).kind(rules);
            let count = counts.iter_mut().find(|(known, _)| *known == kind);
            count.or_bug(LOST).1 += 1;
        }
        counts
    }
}
