//! The messages about TOML documents: plans, and the tables, values and conditions that
//! layouts and control totals share with them.
//!
//! What is wrong with the cells of claims is in [`crate::plan::cell_messages`].

use std::fmt::Display;

use crate::base::diagnostics::messages;

messages! {
    P001 invalid_toml(fault: &str)
        "invalid TOML: {fault}";
    P002 defined_twice(fault: &str)
        "invalid TOML: {fault}";
    P010 table_missing(what: &str, table: &str)
        "{what} is missing the required table {table}";
    P011 in_single_brackets(key: &str, what: &str)
        "{key} requires double brackets: {what}";
    P012 in_double_brackets(what: &str)
        "there is only one {what}, in single brackets";

    P020 key_unknown(key: &str, what: &str)
        "unknown key {key} in {what}";
    P021 key_missing(what: &str, key: &str)
        "{what} is missing the required key `{key}`";
    P022 one_of_both(why: &str, first: &str, second: &str)
        "{why}`{first}` and `{second}` cannot be combined";
    P023 keys_clash(key: &str, other: &str)
        "`{key}` cannot be combined with `{other}`";
    P024 key_requires(key: &str, others: &str, about: &str)
        "`{key}` requires {others}{about}";
    P025 key_of_another(key: &str, others: &str, chosen: &str)
        "`{key}` applies to {others}, not to `{chosen}`";

    P040 wrong_kind(key: &str, expected: &str, found: &str)
        "{key} must be {expected}; found {found}";
    P041 word_unknown(key: &str, found: &str, expected: &str)
        "{key} cannot be {found}; expected {expected}";
    P042 text_blank(key: &str)
        "{key} is blank";
    P043 text_with_control_character(key: &str)
        "{key} has a line break or control character";
    P044 text_with_invisible_character(key: &str)
        "{key} has an invisible or bidirectional control character"
        / "remove the character";
    P045 text_with_space(text: &str)
        "{text} has leading or trailing white space, so no cell can match"
        / "surrounding white space is removed from cells; remove it here, too";
    P046 compared_text_with_invisible_character(text: &str, character: u32)
        "{text} has an invisible character, U+{character:04X}"
        / "remove the character";
    P047 texts_alike(text: &str, other: &str, column: &str)
        "{text} and {other} differ only by case or white space, so cells of column {column} would be ambiguous";
    P048 listed_twice(text: impl Display)
        "{text} is listed twice";
    P049 nothing_listed(key: &str)
        "{key} is empty";
    P050 number_blank(number: &str)
        "{number} is blank, but a number is required";
    P051 number_signed(number: &str)
        "{number} has a sign or parentheses; write amounts without them";
    P052 number_with_exponent(number: &str)
        "{number} has an exponent";
    P053 number_with_separator(number: &str)
        "{number} contains a comma, space or other separator";
    P054 number_with_currency_sign(number: &str)
        "{number} has a currency sign";
    P055 number_with_bare_point(number: &str)
        "{number} has no digit before or after the decimal point";
    P056 number_with_too_many_digits(number: &str)
        "{number} has more than 28 significant digits, the most that can be computed exactly";
    P057 number_with_too_many_decimals(number: &str)
        "{number} has more than 28 decimals, the most that can be computed exactly";
    P058 number_is_date(number: &str)
        "{number} looks like a date, not a number";
    P059 number_in_words(number: &str)
        "{number} is not a number";
    P060 percent_not_decimal(text: &str)
        "`percent`: {text} is not a decimal number";
    P061 not_a_fraction(text: &str)
        "{text} is not a fraction";
    P062 amount_too_fine(key: &str, currency: &str, decimals: &str)
        "{key}: an amount in {currency} has {decimals}";
    P063 amount_zero(key: &str)
        "{key} must be greater than 0";
    P064 count_not_whole(key: &str)
        "{key} must be a whole number";
    P065 count_too_large(key: &str)
        "{key} is too large";

    P070 currency_unknown(code: &str)
        "{code} is not an ISO 4217 currency with a minor unit"
        / "write the three-letter code in capitals, like `USD`";
    P071 amount_too_large()
        "the amount is too large to be computed exactly";
    P080 deduction_without_amount()
        "a deduction requires one of `amount`, `percent`, `fraction`, `each` with `count`, or `brackets`";
    P081 base_missing(key: &str)
        "the fund has interest, so `{key}` requires `of`"
        / "add `of = \"amount\"` (without interest), `\"gross\"` (with interest) or `\"remaining\"` (the balance after the preceding deductions)";
    P083 base_missing_after(key: &str)
        "the fund begins with what was left, so `{key}` requires `of`"
        / "add `of = \"amount\"` (what was paid in since), `\"gross\"` (everything) or `\"remaining\"` (the balance after the preceding deductions)";
    P082 deduction_overspends(name: &str, amount: &str, left: &str)
        "the deduction `{name}` is {amount}, but only {left} is left in the fund"
        / "check the fund and each deduction up to this one";
    P090 bracket_without_end()
        "every bracket except the last requires `to`";
    P091 last_bracket_with_end()
        "the last bracket cannot have `to`, because it covers the remainder";
    P092 brackets_not_increasing()
        "`to` must increase from bracket to bracket";
    P093 first_bracket_empty()
        "the first bracket is empty because its `to` is 0";

    P100 plan_without_pool()
        "the plan has no pool, so no claimant would be paid"
        / "add a [[pool]] with `name` and `shares` or `award`";
    P101 pool_without_weight()
        "a pool requires either `shares` or `award`";
    P102 pools_of_one_name(name: &str)
        "two pools have the name {name}";
    P103 raise_in_words(found: &str)
        "`raise` must be a number that is at least 1, or \"unlimited\"; found {found}"
        / "did you mean `unlimited`?";
    P104 raise_below_one()
        "`raise` must be at least 1, or \"unlimited\""
        / "with 1, no award is increased; with `\"unlimited\"`, there is no limit";
    P105 reduce_above_one()
        "`reduce`, the lowest rate of an award, must be from 0 to 1";
    P106 drop_without_limit()
        "`drop` requires either `below` or `at_or_below`";
    P107 share_unit_clashes(key: &str)
        "`unit` cannot be combined with `{key}`; `unit = \"share\"` is only for share pools with `round = \"down\"` and without `drop`";
    P108 smallest_first_with_limit(key: &str)
        "`drop` cannot be combined with `{key}` when it drops smallest-first"
        / "write `method = \"all-at-once\"`, or remove `{key}`";

    P109 pool_unknown(name: &str)
        "there is no pool {name} before this one";
    P110 pool_not_before(name: &str)
        "the pool {name} is not before this one";
    P111 parts_zero()
        "all `parts` are 0, so no claimant would be paid";
    P112 equal_parts_of_unknown_texts(column: &str, table: &str)
        "`parts = \"equal\"` requires `values` of column {column}, which name the parts"
        / "list them under {table}, or write a table of numbers";

    P130 not_a_formula(key: &str)
        "{key} must be a number or a list of steps";
    P131 formula_empty(key: &str)
        "{key} has no steps";
    P132 step_not_table(key: &str)
        "a step of {key} must be a table"
        / "write it like `{{ add = 1 }}`";
    P133 step_without_operation()
        "a step requires one of `add`, `subtract`, `times`, `divide`, `at_least`, `at_most`, `round`, `round_down` or `round_up`";
    P134 award_outside_limits()
        "`award` as an operand is only allowed in the limits `at_least` and `at_most` of a pool";

    P150 condition_empty()
        "`when` has no conditions";
    P151 test_empty()
        "the condition is empty; it accepts `not`, `from`, `above`, `to`, `below` or `blank`";
    P152 no_text_listed(key: &str)
        "{key} lists no value";
    P153 no_subclass_listed()
        "`in` lists no subclass";
    P154 subclass_unknown(key: &str)
        "there is no [subclass.{key}]";
    P155 subclass_of_row()
        "`in` is only allowed in the conditions of pools and formulas, and not where single rows are read";
    P156 condition_word_unknown(key: &str)
        "conditions do not support `{key}`";
    P157 not_a_test(key: &str)
        "{key} must be text in quotes, a list of such values, or a table"
        / "write text in quotes, and ranges of numbers or dates as `{{ from = 10, to = 99.5 }}`";
    P160 ends_differ_in_kind()
        "the ends of the range have different types"
        / "write two numbers, two dates, or two date-times with offset";
    P161 range_empty()
        "no value can be in this range"
        / "check its ends; `from` and `to` are in the range themselves, `above` and `below` are not";
    P162 instants_of_plain_dates(form: &str)
        "the column holds dates like {form}, which have no offset"
        / "compare it with plain dates, like `2021-09-30`";
    P163 end_not_a_date(key: &str)
        "{key} must be a date, or a date-time with offset"
        / "write `2021-09-30`, or `2022-03-01T23:59:59-06:00`";
    P164 end_too_early(key: &str, year: u16)
        "{key} is in the year {year}"
        / "write the year with four digits, or omit this end of the range";
    P165 end_too_fine(key: &str)
        "{key} has more than 9 decimals of a second"
        / "write at most 9 decimals";

    P170 column_name_with_space(name: &str)
        "{name} is not a valid column name"
        / "remove the surrounding white space";
    P171 prefix_invalid(prefix: &str)
        "{prefix} is not a valid prefix"
        / "use a currency sign, like `$`";
    P172 separator_invalid(separator: &str)
        "{separator} is not a valid thousands separator"
        / "use a comma, an apostrophe, a space or an underscore";
    P173 rows_not_added()
        "`rows` of a column requires `rows = \"sum\"` in [claims]"
        / "without it, each row is a separate claim; remove this line";
    P174 sum_compared_with_text(column: &str, table: &str)
        "column {column} is added up over the rows of a claimant and cannot be compared with text"
        / "if it is the same on every row, write `rows = \"same\"` under {table}; if it differs, work on each row: `[value.NAME]` with `per = \"row\"`";
    P175 sum_as_factor(column: &str, use_of_sum: &str, table: &str)
        "column {column} is added up over the rows of a claimant, so this step would {use_of_sum}"
        / "if it is the same on every row, write `rows = \"same\"` under {table}; if it differs, work on each row: `[value.NAME]` with `per = \"row\"`";
    P180 status_is_id()
        "the status and the claimant id cannot be the same column"
        / "`id` names the column of claimant ids, `status` the column of statuses";
    P181 no_status_paid()
        "`status` requires `pay`, the list of statuses to pay";
    P182 statuses_without_column(key: &str)
        "`{key}` requires `status`, the column whose values it lists";
    P185 subclass_key_invalid(key: &str)
        "{key} cannot be the key of a subclass"
        / "use letters, digits, `-` and `_`";
    P186 value_key_invalid(key: &str)
        "{key} cannot be the name of a value"
        / "use letters, digits, `-` and `_`";
    P187 value_name_reserved(key: &str)
        "a value cannot be called `{key}`, which has a meaning of its own in conditions"
        / "choose another name";
    P188 value_of_claim_on_row(name: &str)
        "{name} is a value per claim, which does not exist yet when single rows are read"
        / "add `per = \"row\"` to the value if it reads only the row's own columns";
    P189 value_refers_to_itself(name: &str)
        "the value {name} refers to itself";
    P192 value_is_column(name: &str)
        "{name} is the name of a value, but the plan also reads it as a column of the claims file where values cannot be read"
        / "give the value another name; values are read by formulas and by ranges in conditions";
    P193 value_not_in_range(name: &str)
        "{name} is a value, which is a number: it can only be compared with a range"
        / "write `{{ from = … }}`, `{{ to = … }}` or both, without `blank`: a value is never blank";
    P194 value_never_blank(name: &str)
        "{name} is a value, which is never blank or a text"
        / "put `blank` or a table of texts where the formula of the value reads the column";
    P196 round_to_zero(key: &str)
        "{key} must be a number greater than 0, to a multiple of which the value is rounded"
        / "write `{{ round = 0.01 }}` to round to cents, or `{{ round = 1 }}` to whole numbers";
    P197 divided_by_zero(key: &str)
        "{key} is 0, by which nothing can be divided";
    P220 table_without_lines()
        "a table requires one of `bands`, `texts` or `file`";
    P221 table_key_invalid(key: &str)
        "{key} cannot be the name of a table"
        / "use letters, digits, `-` and `_`";
    P222 table_too_long(most: &str)
        "the table has more than {most} entries"
        / "put it into a CSV file in the folder of the plan: `file = \"table.csv\"`; a file may have 1,000,000 lines";
    P223 band_without_end()
        "every band except the last requires `to` or `below`"
        / "`{{ to = 2, value = 5 }}` includes 2, `{{ below = 2, value = 5 }}` does not";
    P224 day_with_time(key: &str)
        "{key} must be a day, without a time"
        / "write the day alone: `2021-09-30`";
    P225 band_empty()
        "nothing can be in this band"
        / "each band must end above its lower end, and above the band before; `to` is the last value of its band, `below` the first after it";
    P226 bands_without_ends()
        "at least one band requires `to` or `below`"
        / "for the same value everywhere, write the number in place of the table";
    P227 table_unknown(name: &str)
        "there is no [table.{name}]";
    P228 blank_beside_named_table(name: &str)
        "`blank` belongs to [table.{name}], not to the operand that looks it up"
        / "move `blank` there; in a table of texts, a blank cell is the text `\"\"`";
    P229 column_beside_table_of_keys(table: &str)
        "{table} has one value for each key, so the operand has no `column`"
        / "write only `table`: the columns of the key are those of `by`";
    P230 value_in_table_key(table: &str)
        "a named value cannot be looked up in {table}, whose keys are texts"
        / "look up a column of the claims file, or write the table as bands of numbers";
    P231 plan_file_in_folder(name: &str)
        "{name} is not a file name without folders"
        / "put the file into the folder of the plan, and write only its name, without folders";
    P232 table_file_unreadable(path: &dyn Display, error: &dyn Display)
        "cannot read the table {path}: {error}"
        / "table files are looked for in the folder of the plan";
    P233 table_file_not_text(name: &str)
        "{name} is not UTF-8 text"
        / "save the table as \"CSV UTF-8\", not as a workbook and not compressed";
    P234 table_file_empty(name: &str)
        "{name} has no lines";
    P235 table_file_too_long(name: &str, most: &str)
        "{name} has more than {most} lines"
        / "check that this is the right file; tables of claims belong in a claims file";
    P236 table_quote_open()
        "a quotation mark in this row, or in one above it, is not closed"
        / "close it, or double each quotation mark inside a quoted cell";
    P237 table_row_length(cells: &str, header: usize)
        "the row has {cells}, but the header has {header}"
        / "put cells that contain a comma in quotes, and write numbers without thousands separators";
    P238 table_column_missing(column: &str)
        "the table has no column {column}";
    P239 table_header(header: &str)
        "the header {header} is not that of a table"
        / "a table has the columns of `by`, and then `value` alone, or it with `to`, `below`, `from`, `from` and `to`, or `from` and `below`";
    P240 table_lines_overlap(row: usize)
        "the line overlaps with row {row}, so a cell could be in both"
        / "`to` is included, so the lines `0,2` and `2,4` both have 2; if the upper end is not included, call the column `below`";
    P241 table_has_from(file: &str)
        "`from` is only for bands without a lower end, and {file} has one value for each key, or a column `from`"
        / "remove this line";
    P242 blank_of_table_of_keys(file: &str)
        "`blank` is only for bands, and {file} has one value for each key"
        / "remove this line; for a blank cell, add a row with a blank key to the file";
    P243 not_two_ends(key: &str)
        "{key} does not have two entries"
        / "a time span has two ends, the first and the second day: `[\"hired\", \"left\"]` or `[2021-01-01, 2021-09-30]`";
    P245 years_of_calendar()
        "years cannot be counted by the calendar, only weeks and months can"
        / "write `\"full\"` or `\"begun\"`";
    P246 calendar_is_inclusive()
        "`inclusive` has no effect with `count = \"calendar\"`, for which both dates always count"
        / "remove `inclusive`";
    P247 begins_without_weeks()
        "`begins` requires `weeks` with `count = \"calendar\"`"
        / "add `count = \"calendar\"`, or remove `begins`";
    P248 value_as_day(name: &str)
        "{name} is a named value, which is a number and not a day"
        / "write the name of a column with dates, or a date without quotes";
    P256 id_in_table_key(table: &str)
        "the key of {table} cannot be the column of claimant ids"
        / "put the value of each claimant in a column of the claims file, and read that";
    P257 day_too_early(key: &str, year: u16)
        "{key} is in the year {year}"
        / "write the year with four digits";
    P249 bounds_of_two_kinds()
        "some bounds of the table are numbers, others are days"
        / "write numbers only, or days only";
    P250 table_file_unread(name: &str, most: usize)
        "{name} has more than {most} problems; the others are not shown";
    P251 table_key_twice(row: usize)
        "the key is the same as in row {row}"
        / "remove one of the rows, or add the column that distinguishes them to `by`";
    P252 table_from_twice(row: usize)
        "the line begins where row {row} does, with the same key"
        / "remove one of the rows, or add the column that distinguishes them to `by`";
    P253 days_reversed(key: &str)
        "{key}: the second day is before the first";
    P254 table_without_column(table: &str)
        "{table} is looked up by the cell of a column, which the operand does not name"
        / "add the column: `{{ column = \"loss\", table = \"…\" }}`";
    P260 map_of_ids(key: &str)
        "{key} cannot apply to the column of claimant ids, which are compared as they are"
        / "remove this line, and correct ids in the claims file";
    P261 map_to_unlisted(cell: &str, text: &str, column: &str)
        "{cell} is mapped to {text}, which column {column} cannot have";
    P262 map_to_near_miss(cell: &str, text: &str, known: &str)
        "{cell} is mapped to {text}, which matches the plan's {known} except for case or white space"
        / "map it to {known}";
    P263 map_keys_alike(cell: &str, other: &str)
        "{cell} and {other} differ only by case or white space, which the column ignores, but are mapped to different texts"
        / "map both to the same text, or remove `ignore_case`";
    P264 map_against_text(cell: &str, known: &str, text: &str)
        "{cell} matches the plan's {known} except for case or white space, which the column ignores, but is mapped to {text}"
        / "remove the entry, or map it to {known}, or remove `ignore_case`";
    P265 ignore_case_without_texts(column: &str)
        "`ignore_case` has no effect, because the plan has no text for column {column}"
        / "list the texts of the column, as in `values = [\"check\", \"PayPal\"]`, or remove this line";
    P255 table_day_invalid(cell: &str)
        "{cell} is not a valid date of the form `2021-09-30`"
        / "write year, month and day, with two digits for month and day";

    P190 taxpayer_numbers_used_elsewhere(column: &str)
        "column {column} is used elsewhere in the plan and cannot be the taxpayer number column"
        / "taxpayer numbers are never shown, so their column cannot have another use; put other data in a separate column";
    P191 earlier_payments_added(column: &str)
        "column {column} is added up over a claimant's rows and cannot be the column of earlier payments"
        / "earlier payments must be the same in every row of a claimant; put them in a separate column";
    P114 as_claimed_excludes(key: &str)
        "`{key}` cannot be combined with a fund whose `amount` is \"as claimed\"";
    P115 limit_of_fixed_fund(key: &str)
        "`{key}` of [fund] requires `amount = \"as claimed\"`";
    P116 raise_before_last_pool()
        "with a fund \"as claimed\", only the last pool may have a `raise` above 1"
        / "what `at_least` of the fund adds to what is claimed is left for the last pool";
    P117 fund_limits_reversed()
        "`at_most` of [fund] is less than `at_least`";
    P118 pool_read_by_largest_remainder(name: &str)
        "the pool {name} rounds by largest remainder, so its payments cannot be an operand"
        / "its last cents go by claimant id; round it by `down`, `nearest` or `half-even`";
    P119 pool_as_factor(verb: &str)
        "the payment of a pool cannot be the operand of `{verb}`"
        / "it can be added, subtracted, and be an operand of `at_least` and `at_most`";
    P120 pool_outside_pools()
        "`pool` as an operand is only allowed in the formulas of pools";
    P113 smallest_first_over_all_pools()
        "`drop` of [payment] drops all claimants together, in one step"
        / "write `method = \"all-at-once\"`";
    P199 payment_empty()
        "[payment] requires `method`, `drop`, or both";
    P195 statement_column_repeated()
        "`columns` lists a column twice";

    P285 template_unreadable(path: &dyn Display, error: &dyn Display)
        "cannot read the template {path}: {error}"
        / "templates are looked for in the folder of the plan";
    P286 template_not_text(name: &str)
        "{name} is not UTF-8 text"
        / "save the letter as plain text (UTF-8), not as a document";
    P287 template_not_plain(name: &str)
        "{name} is not a plain text"
        / "save the letter as plain text (`.txt`, UTF-8); `form = \"html\"` makes a page of each letter";
    P288 template_empty(name: &str)
        "{name} is empty";
    P289 template_brace_alone()
        "this brace is not part of a place such as `{{payout}}`"
        / "write `{{{{` or `}}}}` for a brace of the text";
    P290 template_place_unknown(place: &str)
        "there is no place {place}";
    P291 template_portion_unknown(name: &str)
        "the plan has no portion {name}";
    P292 template_column_with_space(name: &str)
        "the name of column {name} is blank, or has leading or trailing white space"
        / "write it as in the header of the claims file, without white space around it";

    P293 explanation_in_other_language(language: &str)
        "`{{explanation}}` is in English, but this is the letter for {language}"
        / "explain the payment in the template, with `{{payout}}`, `{{portion.NAME}}` and `{{column.NAME}}`, which also shows a named value; if {language} is English, read it as `en` with `map`";

    P200 unique_column_repeated()
        "the column is listed twice";
    P201 portion_above_whole()
        "a portion is at most 100 percent of its base";
    P202 portions_of_one_name(name: &str)
        "two portions have the name {name}";
    P203 portion_named_as_column(name: &str)
        "{name} is another column of `payouts.csv` or `held.csv`"
        / "give the portion another name";
    P204 last_portion_with_way(key: &str)
        "the last portion is what the others leave, so it cannot have `{key}`"
        / "add a portion after it that has only `name`, and `to` if the claimant is not paid it";
    P205 portion_without_way()
        "a portion has one of `percent`, `fraction`, `amount` and `brackets`; only the last has none";
    P206 portion_of_unknown_pool(name: &str)
        "the plan has no pool {name}";
    P207 portion_column_added(column: &str)
        "column {column} is added up over the rows of a claimant, but a percentage or a payee is the same in all rows"
        / "put it in a column that no formula reads as a number";
    P208 tax_portion_unknown(name: &str)
        "the plan has no portion {name}";
    P210 not_expressible(what: &str, line: &str)
        "the plan {what}{line}, which a query cannot express"
        / "only plans with one pool and fixed shares can be written as a query; `payout check` recomputes any run";

    P300 lots_without_trades()
        "a value per lot requires [trades]"
        / "describe the trades file under [trades], with the texts for purchases, sales and so on";
    P301 match_without_lists()
        "`match` requires lists of the texts that say what each trade is"
        / "add at least one of `opening`, `purchase`, `sale`, `receipt`, `delivery` and `closing`";
    P302 kind_in_two_lists(text: &str, first: &str, second: &str)
        "{text} is listed under `{first}` and under `{second}`"
        / "list it once";
    P303 trades_column_named_twice(column: &str, first: &str, second: &str)
        "column {column} cannot be both `{first}` and `{second}`"
        / "name another column under one of them; a key that is left out has its usual name";
    P304 split_without_securities()
        "a split of one security requires the column of securities"
        / "under [trades], write `security` with the name of the column, or remove it here";
    P305 two_splits_on_a_day(day: &str)
        "there are two splits of one security on {day}"
        / "multiply the two ratios; a split without `security` is one of every security";
    P306 value_name_of_trades(name: &str)
        "a value cannot be named {name}, which is a column of lots or of what claims know of their trades"
        / "choose another name";
    P307 lots_without_security()
        "lots have no column `security`, because [trades] names no column of securities"
        / "under [trades], write `security` with the name of the column, or remove it here";
    P308 lot_reads_named_column(column: &str, key: &str)
        "lots have no column {column}, which is the `{key}` of [trades]";
    P309 computed_as_another_kind(column: &str, kind: &str)
        "{column} is {kind}, and cannot be used as anything else";
    P310 text_of_no_computed_cell(column: &str, text: &str)
        "{column} is never {text}";
    P311 other_value_on_lot(name: &str)
        "{name} is not a value per lot, so that it is not known on a single lot"
        / "write `per = \"lot\"` under that value, or read it in a value of the claim";
    P312 value_of_lot_on_row(name: &str)
        "{name} is a value per lot, which is not known on a single row"
        / "use it in pools, subclasses or values of the claim";
    P313 trades_of_added_rows()
        "a plan with [trades] has one row for each claim"
        / "remove `rows = \"sum\"`";

    P320 prior_without_fund()
        "`prior` reads what earlier distributions paid, but [fund] does not say that this plan follows them"
        / "write `prior = \"left\"` in [fund], and name the reconciliation with `payout compute --after`";
    P321 prior_of_row()
        "earlier distributions paid the claimant, not a single row or lot"
        / "read `prior` in a pool, a portion or a value of the claim";
    P322 not_a_prior_state(text: &str)
        "{text} is not a state of a payout";
    P323 not_a_prior_amount(text: &str)
        "{text} is not an amount of earlier distributions";
    P324 prior_column_described(column: &str)
        "column {column} is filled in from the ledger of the reconciliation"
        / "remove this table";
    P325 prior_with_tax()
        "a plan with `prior` in [fund] cannot have [tax], which looks at claims alone"
        / "flag payments of several distributions outside the program, by calendar year";
    P326 prior_out_of_place(command: &str)
        "{command} looks at claims alone, and the plan divides what a reconciliation left"
        / "compute the plan with `payout compute --after RECONCILIATION`";
    P327 prior_without_reconciliation()
        "the plan divides what is left (`prior`), but no reconciliation is named"
        / "name the reconciliation of the distribution before: `--after RECONCILIATION`";
    P328 reconciliation_without_prior(name: &str)
        "{name} is named, but the plan does not say that it divides what is left"
        / "write `prior = \"left\"` in [fund], or leave out `--after`";
    P329 reconciliation_of_other(name: &str, settlement: &str, currency: &str)
        "{name} is of `{settlement}` in {currency}"
        / "name the reconciliation of this settlement, whose name and currency the plan repeats exactly";
    P330 nothing_left(gone: &str)
        "nothing can be divided: {gone} more is gone than there was"
        / "the account of the reconciliation shows what must be recovered first";
    P331 nothing_to_divide(left: &str)
        "there is nothing to divide: {left} is left, and nothing was paid in";
    P332 only_if_empty()
        "`only_if` requires `total`, `each` or both"
        / "write `only_if = {{ each = 20 }}`, or `only_if = {{ total = 100_000 }}`";
}
