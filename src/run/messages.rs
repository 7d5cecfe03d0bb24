//! The messages about the run folder and what is written into it.

use std::fmt::Display;

use crate::base::diagnostics::messages;

messages! {
    R001 no_parent_folder(folder: impl Display)
        "the folder {folder} does not exist" / "create it first, or choose another `--out`";
    R002 parent_is_a_file(path: impl Display)
        "{path} is a file, not a folder" / "choose another `--out`";
    R003 export_exists(path: impl Display)
        "{path} already exists"
        / "choose another `--out`; nothing that is there is replaced";
    R004 unusable_folder_name(path: impl Display)
        "{path} cannot be a run folder" / "name a new folder";
    R005 not_a_folder(path: impl Display, what: &str)
        "{path} is {what}, not a folder" / "choose another `--out`";
    R006 run_exists(folder: impl Display)
        "the folder {folder} already exists"
        / "choose another `--out`, or replace it with `--force`";
    R007 other_folder_exists(folder: impl Display)
        "the folder {folder} already exists"
        / "choose another `--out`; the folder holds something other than a run";
    R008 folder_not_replaced(folder: impl Display)
        "the folder {folder} holds something other than a run"
        / "choose another `--out`; `--force` replaces only an empty folder or a run without other files";

    R020 control_totals_missed(totals: &str)
        "{totals}" / "confirm the file with its sender before paying";
    R021 too_many_methods(column: impl Display, found: usize, most: usize)
        "column {column} has {found} different methods of payment"
        / "in `[payment]`, name the column of payment methods, with at most {most} different values";
    R022 earlier_payments_blank()
        "the cell is blank, but the plan reads earlier payments from it"
        / "write the amount (0 if nothing was paid before), or set the value of a blank cell in the plan: `earlier = {{ column = …, blank = 0 }}` in [tax]";
    R026 sample_shares_cells()
        "too few claimants have different cells in the columns of [[unique]]";
    R024 portion_too_large()
        "a portion of the payout is too large to be computed";
    R025 payee_blank(portion: &str)
        "the cell is blank, but the plan pays portion \"{portion}\" to whom it names"
        / "fill in who is paid";
    R043 no_sample_trades(problem: &str)
        "the plan accepts no sample trades: {problem}";
    R023 no_sample_claims(problem: &str)
        "cannot generate claims that this plan accepts: {problem}";

    R040 language_blank()
        "the cell is blank, but the plan chooses the letter by it"
        / "fill in the language, or add a template for blank cells in [statement]: `templates = {{ \"\" = \"letter.txt\", … }}`";
    R041 language_without_template(cell: &str)
        "the plan has no letter for {cell}";

    R030 too_precise_for_sheet(number: &str, digits: usize, most: usize)
        "the number {number} has {digits} digits; a spreadsheet keeps at most {most}"
        / "leave out `--xlsx`; the CSV files and the summary hold the data unchanged";
    R031 too_long_for_sheet(characters: usize, most: usize)
        "the text has {characters} characters; a spreadsheet cell holds at most {most}"
        / "leave out `--xlsx`; the CSV files and the summary hold the data unchanged";
    R032 character_not_for_sheet(character: u32)
        "the text contains the character U+{character:04X}, which a spreadsheet cannot hold"
        / "leave out `--xlsx`; the CSV files and the summary hold the data unchanged";
}
