//! A cell of a sheet as it is written, before it is read as anything.

/// What a cell says its value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CellType {
    /// A number, in a format.
    #[default]
    Number,
    /// The number of a text that cells share.
    Shared,
    /// A text in the cell itself.
    Inline,
    /// A text that a formula gave.
    Text,
    /// A date, written as one.
    Date,
    /// Yes or no.
    Boolean,
    /// What a formula gave that has no value.
    Error,
}

/// A cell as it is written.
#[derive(Debug, Default)]
pub(super) struct SheetCell {
    /// What its value is.
    pub kind: CellType,
    /// The number of its format.
    pub format: usize,
    /// Its value, if it has one.
    pub value: String,
    /// Whether it says what its value is, be it blank.
    pub has_value: bool,
    pub formula: String,
    /// Whether it has one, be it that of another cell.
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

/// Some columns, and whether they are hidden.
#[derive(Debug, Default)]
pub(super) struct ColumnSpan {
    /// The first of them.
    pub first: u32,
    /// The last of them.
    pub last: u32,
    /// Whether they are hidden.
    pub hidden: bool,
}

/// What a workbook says of the values that its formulas have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum FormulaValues {
    /// They were calculated.
    #[default]
    Calculated,
    /// They are to be calculated when the workbook is opened: programs that do
    /// not calculate say so, and write 0 for a value that they do not know.
    OnOpening,
    /// Some were not calculated before it was saved, and have older values.
    Outdated,
}
