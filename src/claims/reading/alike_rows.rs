//! Warnings about rows that may be one claim or one claimant.

use std::collections::BTreeMap;

use crate::base::diagnostics::count;
use crate::base::money::group;
use crate::claims::aggregate::same_rows::RepeatedRows;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::ids::duplicates::SimilarIds;
use crate::claims::reading::row_register::RowRegister;

/// Number of similar pairs of ids that are shown.
const SHOWN_PAIRS: usize = 3;

/// The smallest number of ids that have a usual length.
const MOST_HAVE: u64 = 10;

/// Number of short ids that are shown.
const SHOWN_SHORT: usize = 5;

impl<C: ClaimClassifier> RowRegister<'_, C> {
    /// Warnings about similar ids, which may be one claimant.
    pub(super) fn alike_warnings(&self, alike: &SimilarIds) -> Vec<String> {
        let by_case = ("case or Unicode form", &alike.by_case);
        let by_zeros = ("leading zeros or a final `.0`", &alike.by_zeros);
        let told = [by_case, by_zeros]
            .into_iter()
            .filter(|(_, pairs)| !pairs.is_empty());
        let warning = |(difference, pairs): (&str, &Vec<(u32, u32)>)| {
            let shown = pairs.iter().take(SHOWN_PAIRS).map(|pair| self.pair(*pair));
            format!(
                "{} of ids differ only by {difference}; they count as different claimants (first: {})",
                count(pairs.len(), "pair", "pairs"),
                shown.collect::<Vec<_>>().join("; ")
            )
        };
        told.map(warning).collect()
    }

    /// A warning about numbers that are shorter than all other ids, as they are where a
    /// spreadsheet has removed leading zeros.
    pub(super) fn short_ids_warning(&self) -> Option<String> {
        let mut by_length: BTreeMap<usize, u64> = BTreeMap::new();
        for (_, id) in self.usable_ids() {
            *by_length.entry(id.len()).or_default() += 1;
        }
        let (length, others) = by_length.pop_last()?;
        let short: u64 = by_length.values().sum();
        if short == 0 || !may_have_lost_zeros(length, short, others) {
            return None;
        }
        let mut first = Vec::new();
        for (row, id) in self.usable_ids().filter(|(_, id)| id.len() < length) {
            if !id.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            if first.len() < SHOWN_SHORT {
                first.push(self.place(row, self.plan.claims.id));
            }
        }
        Some(format!(
            "{} fewer digits than the other {}; leading zeros may be lost (first: {})",
            count(short, "id has", "ids have"),
            group(&others),
            first.join(", ")
        ))
    }

    /// A warning about rows that are the same and were added up.
    pub(super) fn repeated_warning(&self, repeated: &RepeatedRows) -> Option<String> {
        let shown = repeated.first.iter().map(|pair| self.pair(*pair));
        let (rows, each) = if repeated.count == 1 {
            ("row has", "it was")
        } else {
            ("rows have", "each was")
        };
        (repeated.count > 0).then(|| {
            format!(
                "{} the same cells as an earlier row of the claimant in every column that the plan reads, and {each} added up (first: {}); if a claim was entered twice, remove the repeated row",
                count(repeated.count, rows, rows),
                shown.collect::<Vec<_>>().join("; ")
            )
        })
    }

    /// The places of two rows.
    fn pair(&self, (first, second): (u32, u32)) -> String {
        let id = self.plan.claims.id;
        let (first, second) = (self.place(first, id), self.place(second, id));
        match (first.strip_prefix("row "), second.strip_prefix("row ")) {
            (Some(first), Some(second)) => format!("rows {first} and {second}"),
            _ => format!("{first} and {second}"),
        }
    }
}

/// True if few ids are shorter than all others, and too few to be the beginning of a count
/// from 1, which has every shorter number.
fn may_have_lost_zeros(length: usize, short: u64, others: u64) -> bool {
    let digits = u32::try_from(length.saturating_sub(1)).unwrap_or(u32::MAX);
    let shorter_numbers = 10_u64.saturating_pow(digits);
    others >= MOST_HAVE && short <= others / 4 && short < shorter_numbers / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_from_one_has_lost_no_zeros() {
        // 1 to 50,000.
        assert!(!may_have_lost_zeros(5, 9_999, 40_001));
        assert!(!may_have_lost_zeros(3, 99, 900));
        assert!(may_have_lost_zeros(8, 300, 49_700));
        assert!(may_have_lost_zeros(6, 5_000, 45_000));
        assert!(!may_have_lost_zeros(6, 1, 9));
        assert!(!may_have_lost_zeros(8, 49_700, 300));
        assert!(may_have_lost_zeros(128, 1, 10));
    }
}
