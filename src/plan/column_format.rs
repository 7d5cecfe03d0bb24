//! The format of a column's amounts and dates, as declared in the plan.

/// The format of a column's amounts and dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnFormat {
    /// The permitted separator between groups of three digits.
    pub thousands: Option<char>,
    /// The permitted prefix of an amount.
    pub prefix: Option<String>,
    pub dates: DateFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateFormat {
    /// `YYYY-MM-DD`, optionally followed by a time.
    #[default]
    Iso,
    /// `MM/DD/YYYY`.
    MonthFirst,
    /// `DD/MM/YYYY`.
    DayFirst,
}
