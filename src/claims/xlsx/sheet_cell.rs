//! A cell of a sheet as written, before it is interpreted.

/// The declared type of a cell's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CellType {
    /// A number with a format.
    #[default]
    Number,
    /// The index of a shared text.
    Shared,
    /// A text in the cell itself.
    Inline,
    /// A text returned by a formula.
    Text,
    /// A date written as text.
    Date,
    Boolean,
    /// An error value of a formula.
    Error,
}

/// A cell as written.
#[derive(Debug, Default)]
pub(super) struct SheetCell {
    pub kind: CellType,
    /// The index of its format.
    pub format: usize,
    /// Its value, if any.
    pub value: String,
    /// True if the value is written, even if it is blank.
    pub has_value: bool,
    pub formula: String,
    /// True if it has a formula, or is covered by the formula of another cell.
    pub has_formula: bool,
}

impl SheetCell {
    /// True if its value is a text.
    pub(super) fn is_text(&self) -> bool {
        matches!(
            self.kind,
            CellType::Shared | CellType::Inline | CellType::Text
        )
    }

    pub(super) fn clear(&mut self) {
        self.kind = CellType::Number;
        self.format = 0;
        self.value.clear();
        self.has_value = false;
        self.formula.clear();
        self.has_formula = false;
    }
}

/// A span of columns.
#[derive(Debug, Default)]
pub(super) struct ColumnSpan {
    pub first: u32,
    pub last: u32,
    pub hidden: bool,
}

/// The state of formula values, according to the workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum FormulaValues {
    #[default]
    Calculated,
    /// To be calculated when the workbook is opened. Programs that do not calculate
    /// request this, and write 0 for unknown values.
    OnOpening,
    /// Some were not calculated before saving and have older values.
    Outdated,
}
