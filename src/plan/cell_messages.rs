//! The messages about cells: amounts, dates, texts, and results of formulas.

use crate::base::diagnostics::messages;

messages! {
    C100 amount_blank(cell: &str)
        "{cell} is blank, but a number is required";
    C101 amount_signed(cell: &str)
        "{cell} has a sign or parentheses; write amounts without them";
    C102 amount_with_exponent(cell: &str)
        "{cell} has an exponent";
    C103 amount_with_separator(cell: &str)
        "{cell} contains a comma, space or other separator";
    C104 amount_with_odd_groups(cell: &str)
        "{cell} has separators that do not separate groups of three digits";
    C105 amount_with_currency_sign(cell: &str)
        "{cell} has a currency sign";
    C106 amount_with_bare_point(cell: &str)
        "{cell} has no digit before or after the decimal point";
    C107 amount_with_too_many_digits(cell: &str)
        "{cell} has more than 28 significant digits, the most that can be computed exactly"
        / "check the cell; no amount of money needs this many digits";
    C108 amount_with_too_many_decimals(cell: &str)
        "{cell} has more than 28 decimals, the most that can be computed exactly"
        / "check the cell; no amount of money needs this many digits";
    C109 amount_is_date(cell: &str)
        "{cell} looks like a date, not a number"
        / "check that this is the right column; to count the time between two dates, write `{{ days = [\"hired\", \"left\"] }}` in the plan";
    C110 not_a_number(cell: &str)
        "{cell} is not a number";
    C111 amount_is_dash(cell: &str, dash: &str)
        "{cell} is a {dash}, not a number"
        as "the cell is a dash, not a number"
        / "if it means zero, as after the sign and space of a spreadsheet's accounting format, write `0`, or format the column as a number and export it again";
    C112 amount_with_points(cell: &str, digits: &str)
        "{cell} has points as thousands separators"
        as "the cell has points as thousands separators"
        / "write the number without points between thousands: `{digits}`";
    C280 amount_with_space_after_sign(cell: &str)
        "{cell} has a currency sign and a space after it";
    C281 amount_with_decimal_comma(cell: &str, what: &str, digits: &str)
        "{cell} has {what} as thousands separators and a decimal comma"
        as "the cell has {what} as thousands separators and a decimal comma"
        / "write the number without {what} between thousands and with a decimal point: `{digits}`";
    C282 amount_with_comma_as_point(cell: &str, decimal: &str)
        "{cell} has a decimal comma"
        / "write a decimal point: `{decimal}`";
    C113 amount_begins_with_zero(cell: &str)
        "{cell} has a separator but begins with a zero";
    C114 amount_marked(cell: &str, side: &str)
        "{cell} is marked as a {side}"
        as "the cell is marked as a credit or debit"
        / "write amounts without the mark; amounts are never negative, so put amounts to be subtracted in a separate column and `subtract` that column in the plan";
    C115 amount_with_unit(cell: &str)
        "{cell} has a unit after the number";
    C120 blank_as_number()
        "the cell is blank, but the plan requires a number"
        / "fill it in, or state in the plan how a blank counts: `blank = 0`";
    C122 percentage_above_whole(cell: &str)
        "{cell} is above 100, but the plan reads a percentage"
        / "check the cell; 33.33 means 33.33 percent";
    C121 blank_in_range()
        "the cell is blank, but the plan compares it with a range"
        / "fill it in, or state in the range of the condition how to treat a blank: `blank = true` (inside) or `blank = false` (outside)";

    C140 date_with_offset(cell: &str)
        "{cell} has a UTC offset, but the plan compares dates without one"
        / "write only the date, like `2021-09-30`, or use ends with an offset in the plan";
    C141 instant_without_offset(cell: &str)
        "{cell} has no UTC offset, but the plan compares instants"
        / "write date, time and offset, like `2022-03-01T23:59:59-06:00`, or use plain dates in the plan";
    C142 date_missing(cell: &str)
        "{cell} is the value that programs write for a missing date"
        / "leave the cell blank, and state in the plan how to treat a blank: `blank = true` (inside) or `blank = false` (outside)";
    C143 year_too_early(cell: &str, year: u16)
        "{cell} is in the year {year}"
        as "the year of the cell is too early"
        / "write the year with four digits; a two-digit year may have been padded with zeros";
    C144 date_invalid(cell: &str)
        "{cell} is not a valid date";
    C145 date_in_other_format(cell: &str)
        "{cell} is not a date in the format that the plan expects";

    C160 near_miss(cell: &str, text: &str, by: &str)
        "{cell} matches the plan's {text} except for {by}"
        as "the cell matches a text of the plan except for case, white space or invisible characters";
    C161 not_among_values(cell: &str, column: &str)
        "{cell} is not one of the `values` of column {column}"
        as "the cell is not one of the `values` of the column";
    C162 not_in_table(cell: &str)
        "{cell} is not in the plan's table for this column";

    C180 formula_negative(line: usize, value: &str)
        "the formula on line {line} of the plan comes to {value}, which is negative"
        as "the formula on line {line} of the plan comes to a negative value"
        / "end the formula with `{{ at_least = 0 }}` if its value may be negative";
    C182 result_too_precise(line: usize, value: &str)
        "the formula on line {line} of the plan comes to {value}, which is not a decimal of at most 28 digits"
        as "the formula on line {line} of the plan comes to a value that is not a decimal of at most 28 digits"
        / "say where it is rounded, for instance at the end of the formula: `{{ round = 0.01 }}`";
    C183 divided_by_zero(line: usize)
        "the step on line {line} of the plan divides by 0"
        / "add a `when` to the step, so that it applies only where the divisor is not 0";
    C184 brackets_of_negative(value: &str)
        "the plan applies `brackets` to {value}, which is negative"
        as "the plan applies `brackets` to a negative value"
        / "end the formula of the value with `{{ at_least = 0 }}` if it may be negative";
    C192 blank_in_table(table: &str)
        "the cell is blank, but {table} has no value for a blank"
        / "fill it in, or state in the plan how a blank counts: `blank = 0`";
    C193 above_table(table: &str, end: &str)
        "the cell is above the last line of {table}, which ends with {end}"
        / "correct the cell, or add a line for everything above: `{{ value = 250 }}`; in a file, a row whose end is blank";
    C194 below_table(table: &str, from: &str)
        "the cell is below the first line of {table}, which begins with {from}"
        / "correct the cell, or let the table begin earlier";
    C195 between_lines(table: &str, from: &str)
        "the cell is in no line of {table}; the next one begins with {from}"
        / "correct the cell, or add a line for it";
    C196 key_not_in_table(table: &str, key: &str)
        "{table} has no line for {key} together"
        as "{table} has no line for these cells together"
        / "correct the cells, or add a line to the table";
    C197 days_reversed(first: &str, second: &str)
        "the second day, {second}, is before the first, {first}"
        as "the second day is before the first"
        / "correct the dates; the plan counts the time from the first to the second";
    C198 blank_as_day()
        "the cell is blank, but the plan counts the time between two days"
        / "fill it in, or state in the plan which day a blank means: `{{ column = \"…\", blank = 2021-09-30 }}`, or what the whole time counts as: `blank = 0`";
    C199 day_too_far()
        "the day after the last of the time span is after the year 9999"
        / "correct the date";
    C190 value_too_precise(name: &str, value: &str)
        "the value {name} comes to {value}, which is not a decimal of at most 28 digits, so it cannot be added up"
        as "the value {name} is not a decimal of at most 28 digits"
        / "say where it is rounded, for instance at the end of its steps: `{{ round = 0.01 }}`";
}
