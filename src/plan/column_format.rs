//! How amounts and dates of a column are written.

/// How amounts and dates of a column are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnFormat {
    /// May stand between groups of three digits.
    pub thousands: Option<char>,
    /// May stand before an amount.
    pub prefix: Option<String>,
    /// How dates are written.
    pub dates: DateFormat,
}

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateFormat {
    /// `YYYY-MM-DD`, or a date-time that begins so.
    #[default]
    Iso,
    /// `MM/DD/YYYY`.
    MonthFirst,
    /// `DD/MM/YYYY`.
    DayFirst,
}
