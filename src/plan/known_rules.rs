//! The rules of a plan while it is read, as far as they could be read.

use crate::plan::columns::Columns;
use crate::plan::{MinimumPayment, NamedValue, Pool, Portion, Subclass};

#[derive(Debug, Clone, Copy)]
pub(super) struct KnownRules<'p> {
    pub subclasses: &'p [Subclass],
    pub values: &'p [NamedValue],
    pub pools: &'p [Pool],
    pub portions: &'p [Portion],
    pub payment_drop: Option<&'p MinimumPayment>,
    pub columns: &'p Columns,
    /// The columns of lots, which values per lot read.
    pub lots: Option<&'p Columns>,
}
