//! Counts and sums of the files of a run, taken while they are written.

use std::collections::BTreeMap;

use crate::base::money::Money;
use crate::run::portions::{CountAndSum, PortionTally};
use crate::run::tax::TaxFlag;

/// Counts and sums of the files, read back from the rows as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowTally {
    /// Rows of payouts.csv.
    pub paid: u64,
    /// The sum of the payouts in payouts.csv.
    pub paid_total: Money,
    /// Rows of held.csv.
    pub held: u64,
    /// The sum of the payouts in held.csv.
    pub held_total: Money,
    /// Rows of unpaid.csv by reason.
    pub unpaid: BTreeMap<String, u64>,
    /// Claim rows represented by the rows of all three files.
    pub claim_rows: u64,
    /// Rows of payouts.csv and their sums by method of payment, if the plan names its
    /// column.
    pub methods: BTreeMap<String, (u64, Money)>,
    /// By portion, in plan order.
    pub portions: Vec<PortionTally>,
    /// The payouts of which claimants are paid something themselves, and what they are
    /// paid; only if there are portions.
    pub own: CountAndSum,
    /// The same by tax flag, if the plan flags payouts.
    pub flags: BTreeMap<TaxFlag, (u64, Money)>,
}
