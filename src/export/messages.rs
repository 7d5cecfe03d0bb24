//! The messages about exports and their payment files, except those about the TOML of
//! layouts.

use std::fmt::Display;

use crate::base::diagnostics::messages;
use crate::plan::DRAFT;

messages! {
    X001 run_by_other_version(made_by: &str, version: &str)
        "the run was computed with payout {made_by}, but this is payout {version}"
        / "export it with payout {made_by}, or compute the run again";
    X002 plan_is_draft(why: &str)
        "the plan is a {DRAFT}: {why}"
        / "compute a run from the approved plan, without `draft`";
    X003 other_claims_file(file: &str)
        "{file} is not the claims file of the run"
        / "name the original file with `--claims`; if the claims have changed, compute a new run";
    X004 run_does_not_follow(run: impl Display)
        "the run `{run}` does not follow from its plan and claims"
        / "do not pay from this run; `payout check` lists the differences";
    X005 payouts_changed(path: &str)
        "{path} does not match the run's manifest"
        / "do not pay from this run; `payout check` lists the differences";
    X006 no_claimant_to_pay(layout: &str)
        "no paid claimant matches the layout {layout}"
        / "check `--when` and the `when` of the layout, and whether the run has any payouts; a portion that has a payee requires `--portion`";

    X020 no_such_setting(layout: &str, setting: &str)
        "the layout {layout} has no setting {setting}";
    X021 setting_unused(layout: &str, setting: &str)
        "the layout {layout} does not use the setting {setting}";
    X022 settings_missing(layout: &str, settings: &str)
        "the layout {layout} requires these settings:{settings}"
        / "add `--set NAME=VALUE` for each, or set them under [set] in a custom layout";
    X023 setting_invisible(setting: impl Display)
        "{setting}, which contains a line break or an invisible character";
    X024 setting_untrimmed(setting: impl Display)
        "{setting}, which has leading or trailing white space";
    X025 setting_blank(setting: impl Display)
        "{setting}, which is not allowed";
    X026 setting_not_digits(setting: impl Display)
        "{setting}, but must contain only digits";
    X027 setting_not_listed(setting: impl Display, allowed: &str)
        "{setting}, but must be {allowed}";
    X028 setting_too_long(setting: impl Display, most: usize)
        "{setting}, which is longer than {most} characters";
    X029 setting_no_routing_number(setting: impl Display, fault: &str)
        "{setting}, which {fault}";

    X040 near_miss(cell: &str, text: &str)
        "{cell} matches the layout's {text} except for case or white space"
        as "the cell matches a text of the layout except for case or white space"
        / "use the same text in the claims and in the condition (`--when`, or `when` in the layout)";
    X041 rows_disagree(row: &str, cell: &str)
        "{row} for the same claimant has {cell} in this column"
        as "the rows of the claimant differ in this column"
        / "make this column the same in all rows of the claimant";
    X042 cell_blank()
        "the cell is blank, but the layout requires a value"
        / "fill it in, here or in a file for `--payees`, or set the text for blank cells in the layout: `blank = \"\"`";
    X043 has_space(text: &str)
        "{text} contains a space, which the layout does not allow"
        as "the text contains a space, which the layout does not allow" / "remove the space";
    X044 too_long(text: &str, characters: usize, most: usize)
        "{text} has {characters} characters; the maximum is {most}"
        as "the text is longer than {most} characters";
    X045 has_invisible_character(text: &str, what: &str)
        "{text} contains {what}, which banks do not accept"
        as "the text contains a character that banks do not accept" / "remove it";
    X046 not_ascii(text: &str, character: char, code: u32)
        "{text} contains `{character}`, U+{code:04X}, but the layout allows only ASCII"
        as "the text contains a character that is not ASCII"
        / "write it in plain letters";
    X047 needs_quotes(text: &str)
        "{text} needs quotes, but the layout does not write quotes"
        as "the text needs quotes, but the layout does not write quotes"
        / "remove quotes and separators, or allow quotes in the layout: `quote = \"needed\"`";
    X048 payout_not_whole(payout: &str, currency: &str)
        "the payout is {payout} {currency}, but the receiver accepts {currency} only in whole amounts"
        as "the payout is not a whole amount of {currency}"
        / "leave this claimant out with `--when`, or `when` in the layout, and pay the claimant in another way";
    X049 payout_too_large(payout: &str, limit: &str)
        "the payout of {payout} exceeds the layout's limit of {limit}"
        as "the payout exceeds the layout's limit"
        / "leave this claimant out with `when`, and pay the claimant in another way";
    X050 cell_is_formula(cell: &str)
        "{cell} is a formula instead of its result"
        / "export the sheet again as values";
    X051 cell_is_error_value(cell: &str)
        "{cell} is a spreadsheet error value"
        / "correct it in the spreadsheet and export again";
    X052 cell_in_scientific_notation(cell: &str)
        "{cell} is a number that a program converted to scientific notation"
        / "digits may be lost; export the column again as text";
    X053 cell_with_decimal(cell: &str)
        "{cell} ends in `.0`, which a program appended to a number"
        / "export the column again as text";
    X054 cell_with_lost_character(cell: &str)
        "{cell} contains a character lost in conversion"
        / "export again in UTF-8";
    X055 cell_is_placeholder(cell: &str)
        "{cell} is a placeholder for a missing value"
        / "enter the value, or leave the cell blank if there is none";
    X056 not_a_recipient(cell: &str, handle: &str)
        "{cell} is not a single email address, telephone number{handle} or payer id"
        as "the cell is not a single email address, telephone number{handle} or payer id"
        / "write one of them and nothing else, or pay this claimant in another way";
    X060 not_a_routing_number(cell: &str, fault: &str)
        "{cell} {fault}"
        as "the cell {fault}"
        / "ask the claimant for the number on a check, or pay in another way";
    X061 not_an_account_number(cell: &str)
        "{cell} is not a valid account number" / "write only letters, digits and hyphens";
    X062 not_an_account_type(cell: &str)
        "{cell} is neither `checking` nor `savings`";

    X080 numbers_too_large()
        "the sequence numbers would become too large" / "start at a smaller number";
    X081 files_without_number(count: usize, name: &str)
        "the payments need {count} files, but all of them would be named {name}"
        / "add the file number to the file name in the layout: `payments-{{file}}.csv`";
    X082 trace_numbers_too_large()
        "the trace numbers would exceed 9999999"
        / "start at a smaller number: `--set first_trace=…`";
    X083 batch_numbers_too_large(largest: u64)
        "the batch numbers would exceed {largest}"
        / "start at a smaller number: `--set first_batch=…`";
    X084 no_modifier_left(file: u64, first: &str)
        "no modifier is left for file {file}: the first file has {first}, and the last modifier is `9`"
        / "start at an earlier unused modifier (`--set modifier=…`), or export in parts with `--when`";
    X085 modifiers_used_up()
        "the files of that day use every modifier, A to Z and 0 to 9"
        / "use a different creation time: `--set time=HHMM --set modifier=A`";
    X086 numbers_used_up(what: &str, largest: u64, setting: &str, start: u64, free: u64)
        "no {what} numbers are left after those of earlier exports, which end at {largest}"
        / "use `--set {setting}={start}`, where {free} consecutive numbers are unused";
    X087 not_a_first_number(setting: impl Display, largest: u64)
        "{setting}, which is not a number to start at"
        / "write a number from 1 to {largest}";

    X100 not_in_dollars(currency: &str)
        "ACH files are in US dollars, but the settlement is in {currency}"
        / "use the layout of a bank that pays in this currency";
    X101 year_out_of_range(date: &str, first: i16, last: i16)
        "the payment date {date} is not in the years {first} to {last}"
        / "check the year of `--date`";
    X102 not_a_banking_day(date: &str, what: &str)
        "the payment date {date} is {what}";
    X103 description_reserved(setting: impl Display)
        "{setting}, which the Nacha Operating Rules reserve for other kinds of entries"
        / "describe what the payment is for, like `SETTLEMENT`";
    X104 created_is_no_date(setting: impl Display, before: &str)
        "{setting}, which is not a date" / "write it as YYMMDD, like {before}";
    X105 created_after_payment(setting: impl Display, date: impl Display, before: &str)
        "{setting}, after the payment date, {date}"
        / "the creation date must not be after the payment date; omit `created` to use {before}, the prior banking day";
    X106 created_too_early(setting: impl Display, days: i32, date: impl Display, before: &str)
        "{setting}, more than {days} days before the payment date, {date}"
        / "check the year; omit `created` to use {before}, the prior banking day";
    X107 not_a_time(setting: impl Display)
        "{setting}, which is not a time of day" / "write it as HHMM, like 0930";
    X108 not_a_modifier()
        "the setting `modifier` is not one of A to Z or 0 to 9"
        / "write `A` for the first file of a day";
    X109 half_an_offset()
        "only one of `offset_routing` and `offset_account` is set"
        / "set both for a balanced file, or neither for credits only";
    X110 ach_setting_blank(setting: &str)
        "the setting {setting} is blank";
    X111 ach_setting_too_long(setting: &str, most: usize)
        "the setting {setting} is longer than {most} characters";
    X112 ach_setting_not_ascii(character: char)
        "a setting contains `{character}`, but ACH files are limited to ASCII"
        / "write the settings in plain letters";
    X113 ach_setting_missing(layout: &str, setting: &str)
        "the layout {layout} has no [setting.{setting}]" / "add `base = \"nacha-ppd\"`";
    X114 ach_column_missing(layout: &str, column: &str)
        "the layout {layout} has no column {column}" / "add `base = \"nacha-ppd\"`";
    X115 ach_column_altered(layout: &str, column: &str)
        "the layout {layout} truncates or changes {column}"
        / "only the payee can be truncated; a truncated number would belong to another account or person";
    X116 ach_amount_misplaced(layout: &str, column: &str)
        "the layout {layout} does not format {column} as an ACH file requires"
        / "use `payout = \"minor\"` in the column `payout`, and in no other column";
    X117 not_an_ach_column(layout: &str, column: &str)
        "the layout {layout} has a column {column}, which ACH entries do not contain"
        / "keep only the columns of `nacha-ppd`";
    X118 not_ach_keys(layout: &str)
        "the layout {layout} has keys that an ACH file cannot have"
        / "remove `header`, `ascii = false`, [[before]] and [[after]]";

    X120 journal_of_a_part(layout: &str)
        "the layout {layout} is a journal, which always covers the whole fund"
        / "leave out `when` and [[column]]";
    X121 not_journal_keys(layout: &str)
        "the layout {layout} has keys that a journal cannot have"
        / "under [file], keep only `name` (without `{{file}}`) and `form`, and set `pays = \"nothing\"`";
    X122 journal_without_detail(layout: &str)
        "the layout {layout} has no [setting.detail]" / "add `base = \"ledger\"`";
    X123 not_a_detail(detail: &str)
        "the setting `detail` is {detail}"
        / "write `claimants` for one transaction per payout, or `totals`";
    X124 no_day_after()
        "no later date exists for the closing balance" / "choose an earlier date";

    X130 export_missing(folder: impl Display)
        "{folder} does not exist" / "name the folder that `payout export` wrote";
    X131 export_is_no_folder(folder: impl Display)
        "{folder} is not a folder" / "name the folder that `payout export` wrote";
    X132 not_an_export(folder: impl Display)
        "{folder} is not an export: it has no manifest.json"
        / "name the folder that `payout export` wrote";
    X133 run_instead_of_export(folder: impl Display)
        "{folder} is a run, not an export" / "name the folder that `payout export` wrote";
    X134 export_damaged(folder: impl Display, error: impl Display)
        "{folder} is not an export, or its manifest.json is damaged: {error}"
        / "name the folder that `payout export` wrote";
    X135 export_changed(path: impl Display)
        "{path} does not match the export's manifest"
        / "it was changed after the export; establish which payments were made";
    X136 export_miscounted(path: impl Display)
        "{path} does not match the counts in the export's manifest"
        / "one of them was changed after the export; establish which payments were made";
    X137 already_paid(claimants: &str, export: &str, ids: &str)
        "{claimants} already paid in {export}: {ids}";
    X138 check_number_used(number: &str, id: &str, other: &str, export: &str)
        "check {number} would go to {id}, but it goes to {other} in {export}"
        / "start at a number after the last one used";
    X139 same_ach_identity(ours: &str, theirs: &str, identity: &str)
        "{ours} and {theirs} have the same destination, origin, creation date, time and modifier, so the ACH operator rejects the second of them: {identity}"
        / "omit `modifier` to use an unused one, or use a different creation time: `--set time=HHMM`";
    X140 trace_numbers_used(numbers: &str, theirs: &str)
        "{numbers} already used in {theirs}"
        / "omit `first_trace` to continue after the last number used";

    X150 no_columns(layout: &str)
        "the layout {layout} has no [[column]]" / "add a [[column]] for each field of a row";
    X151 no_payout_column(layout: &str)
        "the layout {layout} contains payments, but has no column with the payout"
        / "add a column with `payout = \"decimal\"`, or set `pays = \"nothing\"`";
    X152 not_one_check_number(layout: &str)
        "the layout {layout} is for checks, but does not have exactly one column of check numbers"
        / "use one column with `number = \"first_check\"`";
    X153 width_of_no_use(field: &str)
        "the field {field} has a `width`, but this is not a fixed-width file"
        / "use `length` for the maximum number of characters, or `form = \"fixed\"` under [file]";
    X154 width_missing(field: &str)
        "the field {field} has no `width`"
        / "in a fixed-width file, set the width of each field: `width = 10`";
    X155 not_a_file_name(layout: &str, name: &str)
        "the files of the layout {layout} cannot be named {name}"
        / "choose a plain name, like `payments-{{file}}.csv`, where `{{file}}` is the file number";
    X156 reads_taxpayer_numbers(column: &str)
        "the layout reads {column}, the column of taxpayer numbers"
        / "taxpayer numbers are never copied; read them from the claims file";
    X157 reads_summed_column(column: &str)
        "the layout reads {column}, which the plan adds up over a claimant's rows"
        / "use a column with the same value in all rows of a claimant";
    X158 changes_ids(column: &str)
        "the layout truncates or changes {column}, the column of ids"
        / "write ids unchanged: `id = true`";
    X159 not_a_value(text: &str, column: &str)
        "{text} is not one of the values of column {column}";

    X247 text_of_no_claimant(text: &str, column: &str)
        "no paid claimant has {text} in column {column}";

    X248 payees_without_columns(file: &str)
        "{file} has no column that the layout reads, except the ids";
    X250 payee_unknown(id: &str)
        "{id} is not in the claims of the run"
        as "the id is not in the claims of the run"
        / "correct the id, or remove the row";
    X252 payees_with_taxpayer_numbers(file: &str, column: &str)
        "{file} has the column of taxpayer numbers, {column}"
        / "remove the column: an export keeps the file, and taxpayer numbers are never copied";

    X253 all_paid_before(layout: &str, exports: &str)
        "every paid claimant whom the layout {layout} matches was paid by {exports}"
        / "nothing is left to pay; `payout check` with all exports shows whether each claimant is paid";
    X254 paid_otherwise(claimants: &str, exports: &str, ids: &str)
        "{claimants} paid another amount by {exports} than is due by this run: {ids}"
        / "to pay late claims, compute a run of these claims alone, of which the fund is the money that is left; if claims that were held then are denied now, leave them under `hold`, and pay the money that was kept for them by a run of its own; to pay corrections, establish first what each has received, and leave them out with `--when`";
    X255 rest_of_no_payments(layout: &str)
        "the layout {layout} contains no payments, so there are none left to pay"
        / "leave out `--rest`";
    X256 rest_of_other_settlement(export: &str, settlement: &str)
        "{export} is an export of another settlement, {settlement}"
        / "with `--rest`, name only exports of this settlement after `--after`";

    X270 reissue_with_amount()
        "column `amount`: a payment is what the run says"
        / "remove the column; who is due another amount is paid by a later run";
    X271 reissue_column_unread(name: &str)
        "nothing reads column {name}";
    X272 reissue_of_unpaid(run: &str, cell: &str)
        "{run} pays no claimant called {cell}"
        as "the run pays no claimant with this id"
        / "list claimants whom the run pays; `payout explain RUN ID` shows why it does not pay one";
    X273 reissue_not_for_layout(cell: &str, why: &str)
        "{cell} is listed to be paid again, but the layout is not for it{why}"
        as "the claimant is listed to be paid again, but the layout is not for it"
        / "remove the row, change the cell in the file, or use another layout";
    X274 reissue_number_used(number: &str, id: &str, export: &str)
        "check {number} went to {id} in {export}"
        / "start at a number after the last one used";
    X275 reissue_without_reconciliation()
        "`--reissue` needs the reconciliation in which the payouts are void"
        / "name it with `--after`";
    X276 reconciliation_without_reissue(name: &str)
        "{name} is a reconciliation, and nothing is paid again"
        / "add `--reissue FILE.csv`, or name exports with `--after`";
    X277 several_reconciliations(one: &str, other: &str)
        "{one} and {other} are both reconciliations"
        / "name the last one";
}
