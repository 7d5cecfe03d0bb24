//! The ends of a table's bands.

use crate::base::dates::Date;
use crate::base::exact::Exact;
use crate::plan::lookup_table::{TableForm, TablePoint};
use crate::plan::value_range::End;

/// The form of a table with such a bound.
pub(super) fn kind(point: &TablePoint) -> TableForm {
    match point {
        TablePoint::Number(_) => TableForm::Numbers,
        TablePoint::Day(_) => TableForm::Days,
    }
}

/// True if nothing can be in a band, after a band with this end.
pub(super) fn is_empty(
    before: Option<&End<TablePoint>>,
    from: Option<&TablePoint>,
    end: &End<TablePoint>,
) -> bool {
    let (end, open) = last_in(end);
    let after = |at: &TablePoint, at_is_in: bool| {
        if at_is_in {
            *at > end || (open && *at == end)
        } else {
            *at >= end
        }
    };
    let zero = TablePoint::Number(Exact::ZERO);
    let none_before = before.is_none() && from.is_none();
    before.is_some_and(|before| {
        let (last, before_open) = last_in(before);
        after(&last, before_open)
    }) || from.is_some_and(|from| after(from, true))
        || (none_before && open && end == zero)
}

/// The upper end; of days, the last day.
fn last_in(end: &End<TablePoint>) -> (TablePoint, bool) {
    let yesterday = |day: Date| day.yesterday().ok();
    match &end.at {
        TablePoint::Day(day) if end.open => {
            let day = yesterday(*day).unwrap_or(*day);
            (TablePoint::Day(day), false)
        }
        at => (at.clone(), end.open),
    }
}
