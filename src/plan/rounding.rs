//! The rounding rules of pools, with the words for each.
//!
//! `allocate/pool/rounding.rs` applies the rules; `audit/recompute/rounding.rs` applies
//! them a second time, independently.

use crate::plan::kinds::words;

/// Rounding of exact payments to whole minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    Down,
    /// To the nearest unit, a half to the even one.
    HalfEven,
    /// Each is rounded down; leftover units go to the largest remainders.
    LargestRemainder,
    /// To the nearest unit, a half up.
    Nearest,
}

words! {
    Rounding { "down" Down, "half-even" HalfEven, "largest-remainder" LargestRemainder, "nearest" Nearest }
}

/// The payments of an SQL query, of `nearest` payments that may overspend.
const CHECKED: &str = "\
-- The total must not exceed the pool's money.
payments AS (
  SELECT *,
    CASE
      WHEN sum(rounded) OVER () > money THEN error('rounded to nearest, the payments exceed the pool')
      ELSE rounded
    END AS payment
  FROM nearest
)
";

impl Rounding {
    /// True if rounded payments can total more than the pool, which is an error.
    pub(crate) fn may_overspend(self) -> bool {
        matches!(self, Self::HalfEven | Self::Nearest)
    }

    /// A sentence about all payments of a pool; `unit` is a minor unit.
    pub(crate) fn sentence(self, unit: &str) -> String {
        let nearest = |half: &str| {
            format!(
                "Each payment is rounded to the nearest {unit} ({half}). If the total exceeds the pool, no distribution is computed."
            )
        };
        match self {
            Self::Down => format!(
                "Each payment is rounded down to the {unit}; the remainder stays in the fund."
            ),
            Self::HalfEven => nearest("half to even"),
            Self::LargestRemainder => format!(
                "Each payment is rounded down to the {unit}; the remainder goes, one {unit} each, to the payments with the largest fractions; ties are broken by claimant id."
            ),
            Self::Nearest => nearest("half up"),
        }
    }

    /// Describes the rounding of one payment. `gained` and `may_gain` concern the units that are
    /// left over by rounding down.
    pub(crate) fn of_payment(self, unit: &str, gained: bool, may_gain: bool) -> String {
        match self {
            Self::Down => format!("rounded down to the {unit}"),
            Self::HalfEven => {
                format!("rounded to the nearest {unit}, half to even, within the limits")
            }
            Self::Nearest => format!("rounded to the nearest {unit}, within the limits"),
            Self::LargestRemainder if gained => format!(
                "rounded down to the {unit}, plus one {unit}: the remainder from rounding goes to the payments with the largest fractions; ties are broken by claimant id"
            ),
            Self::LargestRemainder if !may_gain => format!(
                "rounded down to the {unit}; one more {unit} would exceed the maximum for the award"
            ),
            Self::LargestRemainder => format!(
                "rounded down to the {unit}; the remainder from rounding went to payments with larger fractions, or with the same fraction and an earlier claimant id"
            ),
        }
    }

    /// The part of an SQL query that rounds payments, after `sharing` (`units` of each
    /// claim) and `totals` (`money` of the pool, `all_units`).
    pub(crate) fn query(self) -> String {
        let payments = match self {
            Self::Down => {
                "\
-- Each payment is rounded down.
payments AS (
  SELECT *, money * units // all_units AS payment
  FROM sharing, totals
)
"
            }
            Self::HalfEven => {
                "\
-- Each payment is rounded to nearest, a half to the even minor unit.
nearest AS (
  SELECT *,
    money * units // all_units
      + CASE
          WHEN 2 * (money * units % all_units) > all_units THEN 1
          WHEN 2 * (money * units % all_units) = all_units THEN (money * units // all_units) % 2
          ELSE 0
        END AS rounded
  FROM sharing, totals
),
"
            }
            Self::LargestRemainder => {
                "\
-- Each payment is rounded down.
cut AS (
  SELECT *, money * units // all_units AS whole, money * units % all_units AS rest
  FROM sharing, totals
),
-- Leftover minor units go to the largest remainders, one each; ties are broken by
-- claimant id, byte by byte.
payments AS (
  SELECT *,
    whole + CASE
      WHEN row_number() OVER (ORDER BY rest DESC, encode(claimant_id)) <= money - sum(whole) OVER ()
        THEN 1
      ELSE 0
    END AS payment
  FROM cut
)
"
            }
            Self::Nearest => {
                "\
-- Each payment is rounded to nearest, half up.
nearest AS (
  SELECT *, (2 * money * units + all_units) // (2 * all_units) AS rounded
  FROM sharing, totals
),
"
            }
        };
        let checked = if self.may_overspend() { CHECKED } else { "" };
        format!("{payments}{checked}")
    }
}
