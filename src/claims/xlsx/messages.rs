//! The messages about workbooks.

use crate::base::diagnostics::messages;

messages! {
    C200 damaged(file: &str, what: &str)
        "{file} is damaged: {what}"
        / "open it in a spreadsheet program and save it again, or download it again";
    C201 truncated(file: &str)
        "{file} is truncated or damaged (no central directory)"
        / "download it again";
    C202 workbook_empty(file: &str)
        "{file} is empty"
        / "check that the export is complete";
    C203 not_a_workbook(file: &str)
        "{file} is not a workbook, despite its name"
        / "if it is CSV, rename it to end in `.csv`; otherwise, download it again";
    C204 old_workbook(file: &str)
        "{file} is an old Excel workbook (`.xls`), despite its name"
        / "save it as an Excel workbook (`.xlsx`)";
    C205 password(file: &str)
        "{file} is protected by a password"
        / "save it without one";
    C206 binary_workbook(file: &str)
        "{file} is a binary workbook (`.xlsb`)"
        / "save it as an Excel workbook (`.xlsx`)";
    C207 open_document(file: &str)
        "{file} is an OpenDocument file (`.ods`)"
        / "save it as an Excel workbook (`.xlsx`), or the sheet as CSV UTF-8";
    C208 other_archive(file: &str)
        "{file} is an archive, not a workbook"
        / "extract the claims file from it, and specify that file";
    C209 no_workbook_inside(file: &str)
        "{file} does not contain a workbook"
        / "save it as an Excel workbook (`.xlsx`), or the sheet as CSV UTF-8";
    C210 too_much_text(file: &str, gibibytes: usize)
        "{file} has more than {gibibytes} GiB of text"
        / "save the sheet as CSV UTF-8, or split it";
    C211 sheet_missing(file: &str, sheet: &str)
        "{file} has no sheet {sheet}";
    C212 no_visible_sheet(file: &str)
        "{file} has no visible sheet";
    C213 sheet_is_chart(file: &str, sheet: &str)
        "{file}: {sheet} is a chart, not a sheet with cells";
    C214 sheet_empty(file: &str, sheet: &str)
        "{file}: the sheet {sheet} is empty";
    C215 cells_merged(area: &str)
        "the cells {area} are merged"
        / "unmerge them, and enter the value of each cell";
    C216 too_many_damaged_cells(most: usize, row: u32)
        "more than {most} cells are damaged, so the sheet was read only up to row {row}"
        / "check the entire sheet";

    C220 formula_without_value()
        "the formula has no value"
        / "open the file in a spreadsheet program and save it, so that the formula is calculated";
    C221 formula_outdated()
        "the formula was not calculated before the workbook was saved"
        / "in the spreadsheet, set calculation to automatic, recalculate everything (Ctrl+Alt+F9 in Excel, Ctrl+Shift+F9 in LibreOffice) and save the file";
    // LibreOffice keeps such values when it opens a file.
    C222 formula_perhaps_never_calculated(value: &str)
        "the formula may never have been calculated; its value is {value}, and the workbook requests recalculation"
        / "recalculate everything in the spreadsheet (Ctrl+Alt+F9 in Excel, Ctrl+Shift+F9 in LibreOffice) and save the file";
    C223 error_value(cell: &str)
        "{cell} is a spreadsheet error value"
        / "correct it in the spreadsheet";
    C224 displayed_differently(format: &str, cell: &str)
        "the format {format} displays {cell} differently"
        / "write it as text, exactly as it should be read";
    C225 digits_lost(number: &str, digits: usize)
        "a spreadsheet keeps only {digits} digits of the number {number}"
        / "digits are lost; export the column again as text";
    C226 calculated_inexactly(number: &str, rounded: &str)
        "{number} is calculated and is not exactly {rounded}"
        / "round it in the spreadsheet: `=ROUND(…, 2)`";
    C227 more_digits_than_held(number: &str)
        "{number} has more digits than a spreadsheet can hold"
        / "round it in the spreadsheet, or write it as text";

    C230 id_not_whole(number: &str)
        "the id is the number {number}, which is not a whole number"
        / "write the id as text";
    C231 id_digits_lost(number: &str, digits: usize)
        "the id is the number {number}, but a spreadsheet keeps only {digits} digits"
        / "digits are lost; export the column again as text";
    C232 id_is_truth_value(word: &str)
        "the id is {word}, which is neither text nor a number"
        / "write the id as text";
    C233 id_is_date()
        "the id is a date, possibly converted by the spreadsheet"
        / "write the id as text";

    C240 date_format_without_date(cell: &str)
        "{cell} is not a date, although it has a date format"
        / "correct it in the spreadsheet";
    C241 date_before_march_1900(cell: &str)
        "{cell} is a date before March 1900, for which spreadsheets disagree on the day"
        / "write the date as text, like `1900-02-01`";
    C242 date_out_of_range(cell: &str)
        "{cell} is not a date that a spreadsheet can show, although it has a date format"
        / "correct it in the spreadsheet";
    C243 time_of_day(cell: &str)
        "{cell} is a time of day without a date"
        / "add the date, or format the column as text";
    C244 duration(cell: &str)
        "{cell} has the format of a duration"
        / "format the column as a number or as text";
    C245 date_by_language(cell: &str)
        "{cell} has a format that means a date only in some languages of the spreadsheet"
        / "choose a format like `yyyy-mm-dd`, or a number format";

    C270 totals_row()
        "this is a totals row, not a claim"
        / "remove it; if it is a claim, use an id without a word for totals";
    C271 last_row_without_id()
        "the last row has numbers but no id, like a totals row"
        / "remove it if it is a totals row; otherwise, enter the claimant's id";
    C272 row_adds_up()
        "the row sums other rows; it looks like a totals row"
        / "remove the row; if it is a claim, replace the formula with a number";
    C273 last_row_is_sum()
        "the numbers in the last row are the sums of the rows above; it looks like a totals row"
        / "remove it if it is a totals row; if it is a claim, move it up";
}
