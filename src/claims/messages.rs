//! The messages about claims, except those about the cells that formulas and conditions
//! read ([`crate::plan::cell_messages`]) and about workbooks
//! ([`crate::claims::xlsx::messages`]).

use std::fmt::Display;

use crate::base::diagnostics::messages;

messages! {
    C001 file_missing(file: &str)
        "the file {file} does not exist";
    C002 file_is_folder(file: &str)
        "{file} is a folder"
        / "specify a claims file";
    C003 file_empty()
        "the file is empty"
        / "check that the export is complete";
    C004 file_blank()
        "the file contains only commas or line breaks"
        / "check that the export is complete";
    C005 file_without_rows()
        "the file has a header but no data rows"
        / "check that the export is complete";
    C006 too_many_rows()
        "there are more than four billion rows, the maximum"
        / "split the claims into several runs";
    C007 not_compressed(file: &str, compression: &str)
        "{file} is not compressed with {compression}, although its name suggests it"
        / "rename it to `.csv` if it is not compressed, or download it again";
    C008 expands_too_far(file: &str, fault: &str)
        "{file}: {fault}"
        / "the compression ratio is implausible; decompress the file yourself and check it, or ask the sender for another copy";
    C009 decompression_needs_memory(file: &str, fault: &str)
        "decompressing {file} requires more memory than is available: {fault}"
        / "decompress it with `zstd -d --long=31` and use the resulting file";
    C010 cannot_decompress(file: &str, fault: &str)
        "{file} is damaged or truncated and cannot be decompressed: {fault}"
        / "download it again";
    C011 compressed_twice()
        "the file is compressed twice"
        / "decompress it once and use the result";
    C012 in_archive(what: &str)
        "the file is {what}"
        / "extract the CSV file from it, and specify that file";
    C013 not_csv(what: &str, hint: &str)
        "the file {what}, not CSV"
        / "{hint}";
    C014 old_workbook_or_password()
        "the file is an old Excel workbook or is protected by a password"
        / "save it as an Excel workbook (`.xlsx`) without a password, or the sheet as CSV UTF-8";
    C015 not_utf8(byte: u8)
        "byte 0x{byte:02X} is not UTF-8"
        as "the cell is not UTF-8";
    C016 in_utf16()
        "the file is UTF-16"
        / "save it as CSV UTF-8";
    C017 begins_with_nul()
        "the file begins with NUL bytes"
        / "it is damaged or in UTF-32; download it again as CSV UTF-8";

    C020 column_missing(columns: &str, reader: &str)
        "the file has no {columns}, which the {reader}";
    X249 column_name_near(wanted: &str)
        "nothing reads this column, but its name is almost that of {wanted}, which the file does not have";
    C021 column_name_repeated(first: usize, second: usize)
        "columns {first} and {second} have the same name"
        / "rename or remove one of the columns";
    C022 status_not_stated(column: &str)
        "the file has a status column, but the plan does not state which claims are payable"
        / "in [claims], write `status = \"{column}\"` with `pay`, `hold` and `deny`, or `status = false` if all rows are payable";
    C030 column_is_value(name: &str)
        "the file has a column {name}, which is also the name of a value of the plan"
        / "give the value another name in the plan, or rename the column";
    C023 headers_differ(first: &str)
        "the header differs from the header of the first file"
        / "files that are read together require the same columns in the same order; the first has {first}";
    C024 not_the_header_of_the_run(file: &str, fault: &str)
        "{file}: {fault}"
        / "name the claims file of the run with `--claims`";
    C025 other_separator(cells: &str, separator: &str)
        "the {cells} seem to be separated by {separator}"
        / "save the file as CSV with commas";
    C026 carriage_returns_only()
        "the lines end with only a carriage return"
        / "save the file with Windows or Unix line endings";
    C027 separator_line()
        "the first line, `sep=`, is only for spreadsheets"
        / "delete that line; the header must be the first line";
    C028 column_name_with_line_break(name: &str)
        "{name} has a line break"
        / "write it on one line";
    C029 column_name_with_invisible_character(column: usize, character: u32)
        "the name of column {column} has an invisible character, U+{character:04X}"
        / "remove the character";

    C040 row_length(cells: &str, header: usize)
        "the row has {cells}, but the header has {header}"
        as "the row does not have as many cells as the header";
    C041 quote_inside()
        "the cell contains a quote but does not begin with one"
        / "put the whole cell in quotes and double the quotes inside: `\"5\"\" pipe\"`";
    C042 text_after_quote()
        "the cell has text after its closing quote"
        / "double the quotes inside a quoted cell: `\"the \"\"old\"\" name\"`";
    C043 space_before_quote()
        "the cell has a space before its opening quote"
        / "remove the space; a quoted cell must begin right after the comma";
    C044 space_after_quote()
        "the cell has a space after its closing quote"
        / "remove the space; a quoted cell must end right before the comma";
    C045 cell_is_formula()
        "the cell is a formula that protects text in spreadsheets, `=\"…\"`"
        / "write only the text between the quotes, or export without this option";
    C046 quote_never_closed()
        "the opening quote of this cell is never closed, so the cell extends to the end of the file"
        / "close the quote";
    C047 quote_open_too_long(line: u64)
        "a quote opened in the row that begins on line {line} is not closed"
        as "a quote is not closed"
        / "close the quote, or check that this is a CSV file; the rest of the file was not read";
    C048 row_too_long(line: u64, mebibytes: usize)
        "the row that begins on line {line} is longer than {mebibytes} MiB"
        as "the row is too long"
        / "close the quote, or check that this is a CSV file; the rest of the file was not read";
    C050 control_character(character: &str)
        "the cell has {character}"
        as "the cell has a control character"
        / "remove it; if there are many, export the file again";

    C060 id_blank()
        "the id is blank"
        / "enter the claimant's id, or remove the row if it is not a claim";
    C061 id_too_long(bytes: usize, longest: usize)
        "the id has {bytes} bytes, but the maximum is {longest}"
        as "the id is longer than {longest} bytes"
        / "check that this is the column of claimant ids";
    C062 id_with_line_break()
        "the id has a line break"
        / "write it on one line";
    C063 id_with_invisible_character(id: &str, character: u32)
        "the id {id} has an invisible character, U+{character:04X}"
        as "the id has an invisible character"
        / "remove the character, which could make different ids look the same";
    C064 id_is_column_name(id: &str)
        "the id is {id}, the name of its column"
        as "the id is the name of its column"
        / "remove this row if it is a repeated header";
    C065 id_names_total(id: &str)
        "the id {id} looks like a totals row"
        as "the id looks like a totals row"
        / "remove the row, or change the claimant's id";
    C066 protected_by_formula(what: &str, formula: &str, text: &str)
        "the {what} {formula} is a formula that shows {text} in a spreadsheet"
        as "the {what} is a formula that shows a text in a spreadsheet"
        / "write only the {what}, or export the column as text";
    C067 id_is_error_value(id: &str)
        "the id {id} is a spreadsheet error value"
        as "the id is a spreadsheet error value"
        / "correct it in the spreadsheet and export the file again";
    C068 id_is_placeholder(id: &str)
        "the id {id} is a placeholder, not an id"
        as "the id is a placeholder, not an id"
        / "enter the claimant's id, or remove the row if it is not a claim";
    C069 id_shortened(id: &str)
        "a spreadsheet has shortened the id {id}"
        as "a spreadsheet has shortened the id"
        / "digits are lost; format the column as text and export the file again";
    C070 looks_like_formula(what: &str, text: &str)
        "the {what} {text} looks like a formula"
        as "the {what} looks like a formula"
        / "remove the leading `=`, `+`, `-` or `@`; a spreadsheet would evaluate it";
    C071 id_repeated(id: &str, place: &str)
        "the id {id} is already used in {place}"
        as "the id is used in more than one row"
        / "compare the rows of this id: if they are the same claim, remove one; only if each is a part of the claim, write `rows = \"sum\"` in [claims] of the plan to add up the rows of a claimant";

    C360 corrections_not_csv(file: &str)
        "{file} is not CSV in UTF-8"
        / "save the corrections as CSV UTF-8";
    C361 corrections_lack(file: &str, column: &str)
        "{file} has no column {column}"
        / "corrections have the columns `claimant_id`, `column` and `correction`; a list of errors (`--errors FILE`) has them once you add `correction`";
    C362 correction_row(text: &str)
        "the row {text} is not a number"
        as "the row is not a number"
        / "write the number of the data row, as error messages and lists of errors have it";
    C363 correction_of_no_column(column: &str)
        "the claims have no column {column}"
        as "the claims have no column of this name";
    C364 correction_of_no_row(id: &str, place: &str)
        "the id {id} is not in {place}"
        as "the claims have no such row"
        / "state `claimant_id`, `row` and `file` as the claims have them, or leave `row` and `file` blank";
    C365 correction_of_several_rows(id: &str, rows: &str)
        "{rows} the id {id}"
        as "several rows have the id"
        / "add the column `row`, with the number of the data row to correct";
    C366 correction_of_another_value(found: &str, stated: &str)
        "the cell is {found}, but `value` states {stated}"
        as "the cell is not what `value` states"
        / "the claims have changed since the correction was written: verify it, and correct `value`";
    C367 correction_repeated()
        "an earlier correction is of the same cell"
        / "keep the one that is right";

    C072 same_cells(columns: &str, claimant: &str, place: &str)
        "the same {columns} as claimant {claimant} in {place}"
        as "the same {columns} as another claimant"
        / "confirm whether the two are one person; exclude or deny one of them, or write `duplicates = \"flag\"` under [[unique]] of the plan to list such claimants and pay them";

    C080 status_unknown(status: &str)
        "unknown status {status}, not listed under `pay`, `hold` or `deny`"
        as "unknown status, not listed under `pay`, `hold` or `deny`";
    C081 status_blank()
        "the status is blank and is not listed under `pay`, `hold` or `deny`";

    C185 sum_too_large()
        "the sum of this column over the claimant's rows is too large to be computed exactly"
        / "check the amounts of the claimant";
    C191 sum_of_value_too_large(name: &str)
        "the sum of the value {name} over the claimant's rows is too large to be computed exactly"
        / "check the amounts of the claimant";
    C186 held_and_payable(this: &str, first: &str)
        "this row is {this}, but {first} for the same claimant is not"
        as "the rows of the claimant are not all payable or all held"
        / "change the status of one row; the rows of one claimant must all be payable or all held";
    C187 rows_disagree(cell: &str, other: &str, first: &str)
        "{cell} here, but {other} in {first} for the same claimant"
        as "the rows of the claimant differ in this column"
        / "the plan uses this column, so it must be the same in all rows of a claimant";
    C188 taxpayer_numbers_differ(first: &str)
        "the taxpayer number differs from that in {first} for the same claimant"
        as "the rows of the claimant differ in the taxpayer number"
        / "a claimant has one taxpayer number, so it must be the same in all rows";

    C250 control_totals_empty()
        "the control totals file is empty"
        / "add a figure that came with the data, like `rows = 1000`";
    C251 control_range_without_ends(key: &str)
        "{key} requires `from`, `to` or both";
    C252 control_range_reversed(key: &str)
        "in {key}, `from` is greater than `to`";
    C253 control_sum_of_taxpayer_numbers(column: &str)
        "column {column} contains taxpayer numbers, which cannot be added up"
        / "remove the line; taxpayer numbers and their sum are never shown";
    C254 control_without_status()
        "the plan has no `status`, so rows cannot be counted by status";
    C255 control_unknown(what: &str, key: &str)
        "the plan has no {what} {key}";

    C275 note_below(id: &str, signs: &str)
        "{id} looks like a note below the table, not like a claimant id ({signs})"
        as "the id looks like a note below the table, not like a claimant id"
        / "remove the row; if it is a claim, move it up, above another claim";
    C276 note_of_empty_export(id: &str)
        "{id} looks like a note that the export is empty, not like a claimant id, and no other row has data"
        / "check that the export is complete, and remove this row";

    C300 plan_without_trades_file()
        "the plan has [trades], but no trades file is specified"
        / "add `--trades FILE`";
    C301 trades_file_without_rules(plan: &str)
        "there is a trades file, but the plan {plan} has no [trades]"
        / "add [trades] to the plan, or leave out `--trades`";
    C302 column_is_trade_fact(name: &str)
        "the claims file has a column `{name}`, which a plan with [trades] computes from the trades of each claim"
        / "rename or remove the column";
    C303 security_not_stated(name: &str)
        "the trades file has a column of securities, but the plan does not say that it is one"
        / "under [trades], write `security = \"{name}\"`, or `security = false` if everything is the same security";
    C304 trade_of_no_claim(id: &str)
        "there is a trade of {id}, but no such claim" as "there is no claim with this id";
    C305 kind_blank()
        "the kind of trade is blank";
    C306 kind_unknown(cell: &str)
        "{cell} is in no list under [trades]";
    C307 trade_without_day()
        "the day of the trade is blank"
        / "fill it in; only holdings at the beginning and at the end may have no day";
    C308 trade_without_quantity()
        "the quantity is blank"
        / "fill it in; for a holding of nothing, write 0";
    C309 trade_of_nothing()
        "the quantity is 0"
        / "correct the quantity, or remove the row; only a holding may be of 0 units";
    C310 trade_without_security()
        "the security is blank"
        / "fill it in";
    C311 security_near_split(cell: &str, split: &str)
        "{cell} differs from {split}, the security of a split in the plan, only by case or white space"
        / "write both the same way";
    C312 securities_alike(one: &str, other: &str)
        "{one} differs from {other}, another security of the claimant, only by case or white space"
        / "write both the same way";
    C313 split_of_no_security(security: &str)
        "the plan has a split of {security}, but no trade is in that security";
    C314 two_openings()
        "the claimant has two opening holdings of the security that differ in day or price"
        / "correct the day or the price, or add them up in one row";
    C315 two_closings()
        "the claimant has two closing holdings of the security on one day that differ in price"
        / "correct the price, or add them up in one row";
    C316 opening_after_trade(opening: &str, trade: &str)
        "the opening holding is of {opening}, but the claimant has a trade or holding on {trade}"
        as "the opening holding is of a later day than a trade or another holding"
        / "correct the day, or list the holding as a closing one";
    C317 trade_with_sign(cell: &str)
        "{cell} has a sign, but the quantity of a trade has none" as "the quantity of a trade has a sign"
        / "remove the sign: the kind of the trade says whether units came in or went out, and only a holding can be short";
    C318 trade_without_price(kind: &str, name: &str)
        "the price of this trade, whose kind is {kind}, is blank, but the plan reads it as {name}"
        as "the price is blank, but the plan reads it"
        / "fill it in; if such trades have no price, leave their lots out by `kind` or `closed_by` in the `when` of the value or step, or state how a blank counts: `blank = 0`";
    C319 lot_still_open(name: &str, side: &str, condition: &str)
        "a {side} lot that this trade opened is still open, so it has no {name}, but the plan reads it"
        as "a lot is still open, but the plan reads what only a closed one has"
        / "in the `when` of the value or step, write `{condition}`, or state how a blank counts, as in `blank = 0`";
    C320 control_without_trades()
        "the plan has no [trades], so there is nothing to compare"
        / "remove [trades] from the control totals, or specify the plan by which the trades are matched";

    C330 column_is_prior(name: &str)
        "the claims file has a column `{name}`, which is the ledger's"
        / "rename or remove the column: the program fills it in from the reconciliation";
    C331 prior_claimant_missing(id: &str)
        "{id} was paid or held before, but is not in the claims file" as "a claimant who was paid or held before is not in the claims file"
        / "list every claimant; one who is out has a status that is denied";

    C340 no_such_reconciliation(folder: impl Display)
        "the reconciliation `{folder}` does not exist"
        / "name the folder that `payout reconcile` wrote";
    C341 not_a_reconciliation(folder: impl Display, what: &str)
        "`{folder}` is {what}, not a reconciliation"
        / "name the folder that `payout reconcile` wrote";
    C342 reconciliation_damaged(path: impl Display, error: &str)
        "{path} is damaged: {error}" / "reconcile again";
    C343 reconciliation_changed(path: impl Display, sha256: &str)
        "{path} does not match the manifest of the reconciliation: its SHA-256 is {sha256}"
        / "it was changed after the reconciliation; reconcile again";
}
