//! The messages about layouts as TOML documents, and about the choices for them. Those
//! about tables, keys and values that plans have, too, are in [`crate::plan::messages`].

use crate::base::diagnostics::messages;

messages! {
    X200 base_unknown(name: &str)
        "no built-in layout is named {name}";
    X201 field_without_content()
        "a field has no content; it requires one of `text`, `column`, `id`, `payout`, `number`, `date`, `setting`, `currency` or `settlement`";
    X202 content_misplaced(key: &str, place: &str)
        "{key} is only allowed in {place}";
    X203 setting_missing(name: &str)
        "[setting.{name}] does not exist";
    X204 first_number_invalid(name: &str, text: &str)
        "{name} is {text}, which is not a valid starting number"
        / "write digits without leading zeros, and choose a smaller number if it is too large";
    X205 whole_of_no_payout()
        "`whole` requires `payout = \"decimal\"`";
    X206 currency_unknown(code: &str)
        "{code} is not a currency code";
    X210 number_cut()
        "numbers and ids cannot be truncated; only text can";
    X211 id_changed()
        "ids cannot be changed: remove `accents = false`";
    X212 padding_not_plain()
        "the padding must be a plain character, like a space or `0`";
    X213 padding_changes_value()
        "this padding would change the value; pad with spaces, or pad a number with zeros on the left";
    X220 not_one_character(key: &str)
        "{key} must be one character";
    X221 not_true(key: &str)
        "{key} must be true";
    X222 count_zero(key: &str)
        "{key} must be at least 1";
    X223 length_too_large(key: &str, most: u64)
        "{key} must be at most {most}";
    X224 only_delimited(key: &str)
        "{key} is only allowed for delimited files";
    X225 portion_unknown(name: &str)
        "the plan has no portion {name}";
    X230 renamed_not_read(column: &str)
        "cannot rename column {column}, because the layout does not read it";
    X231 date_missing(layout: &str)
        "the layout {layout} requires a date"
        / "add `--date YYYY-MM-DD`";
    X232 date_invalid(text: &str)
        "{text} is not a valid payment date"
        / "write it as YYYY-MM-DD, like 2026-12-01";
    X245 one_column_joined()
        "`columns` requires at least two columns" / "for one, write `column = \"…\"`";
    X246 column_joined_twice(column: &str)
        "column {column} is listed twice" / "name each column once";
}
