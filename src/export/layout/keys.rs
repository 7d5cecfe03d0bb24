//! The keys of a layout.

use toml::de::DeValue;

use crate::base::diagnostics::literal;
use crate::export::formats::FORMATS;
use crate::export::layout::field::{AmountFormat, FieldAlign};
use crate::export::layout::setting::Setting;
use crate::export::layout::{
    FileRules, LayoutPurpose, LineEnd, PaymentFormat, QuoteRule, messages,
};
use crate::plan::document::{Place, TomlValue, all};
use crate::plan::kinds::{
    AmountAboveZero, AnyText, AnyTexts, Choice as _, ColumnName, ColumnNames, Flag, Map, OneOf,
    Table, Tables, When, Words, as_written, choices, kinds, words, words_shape,
};
use crate::plan::table::{KindShape, TableKeys as _, TableShape, TomlKind, keys};

/// The tables of a layout, for its documentation.
pub fn tables() -> [TableShape; 7] {
    [
        LayoutKeys::SHAPE,
        AboutKeys::SHAPE,
        SettingKeys::SHAPE,
        FileKeys::SHAPE,
        FieldKeys::SHAPE,
        PortionFieldKeys::SHAPE,
        RecordKeys::SHAPE,
    ]
}

keys! {
    struct LayoutKeys<'p>: "the layout", "layout" {
        base: AnyText, Or("none"), "the built-in layout that this one begins from";
        when: When, Or("every paid claimant"), "which claimants, as in a plan: conditions on columns of the claims file, and `in` for subclasses";
        set: Map<TextOrDigits>, Or("none"), "`[set]`: settings, as with `--set`, which overrides them";
        rename: Map<TextOrDigits>, Or("none"), "`[rename]`: names of columns in the claims file, as with `--rename`, which overrides them";
        setting: Map<Table<SettingKeys<'p>>>, Or("none"), "a value that the user provides";
        layout: Table<AboutKeys<'p>>, Or("none"), "the layout itself";
        file: Table<FileKeys<'p>>, Or("none"), "the form of the files";
        column: Tables<FieldKeys<'p>>, Or("none"), "a field in the row of a payment, in the order of the layout";
        before: Tables<RecordKeys<'p>>, Or("none"), "a record before the payments of a file";
        after: Tables<RecordKeys<'p>>, Or("none"), "a record after the payments of a file";
    }

    struct AboutKeys<'p>: "[layout]", "about" {
        name: Words, Or("the name of the file"), "the name of the layout";
        #[expect(dead_code, reason = "for people who read the layout")]
        about: Words, Or("none"), "the description of the layout";
        #[expect(dead_code, reason = "for people who read the layout")]
        source: Words, Or("none"), "where the rules of the layout come from";
        pays: OneOf<LayoutPurpose>, Or("\"payment\""), "the purpose: each row is a payment, a check to be printed with the number of the row, a check that is printed from another file (as for positive pay), or no payment";
    }

    struct SettingKeys<'p>: "[setting.NAME]", "setting" {
        about: Words, Required, "the description of the setting";
        default: TextOrDigits, Or("the setting is required"), "the value without `--set`; `\"\"` makes the setting optional";
        digits: Flag, Or("false"), "`true` allows only digits";
        routing: Flag, Or("false"), "`true` allows only the routing number of a bank";
        length: TextLength, Or("any length"), "the maximum number of characters";
        one_of: AnyTexts, Or("any text"), "the texts that are allowed";
    }

    struct FileKeys<'p>: "[file]", "file" {
        name: Words, Or("\"payments.txt\""), "the name of the file; `{file}` is its number, from 1, and is required if there may be several";
        form: FormatWord, Or("\"delimited\""), "the form of the rows; `\"nacha\"` and `\"journal\"` are those of built-in layouts";
        delimiter: Delimiter, Or("\",\""), "the character between the fields of delimited files";
        quote: OneOf<QuoteRule>, Or("\"needed\""), "which fields of delimited files are in quotes; with `\"never\"`, a cell that would need quotes is an error";
        header: Flag, Or("false"), "`true`: the names of the columns come first";
        line_end: OneOf<LineEnd>, Or("\"lf\""), "the end of each line";
        characters: AsciiOnly, Or("\"any\""), "the characters that are allowed, in UTF-8";
        rows: RowLimit, Or("any number"), "the maximum number of payments in a file; further payments continue in another file";
        total: AmountAboveZero, Or("any sum"), "the maximum sum of the payments in a file; further payments continue in another file";
        largest: AmountAboveZero, Or("any amount"), "the largest payout accepted; a larger one is an error";
    }

    struct FieldKeys<'p>: "[[column]]", "field" {
        name: Words, Or("required; not in records"), "the name of the field, which the header contains";
        text: AnyText, OneOfThese, "always this text";
        column: ColumnName, OneOfThese, "in `[[column]]`: the cell of this column of the claims file";
        columns: JoinedColumns, OneOfThese, "in `[[column]]`: the cells of these columns of the claims file in one text, without those that are blank";
        id: True, OneOfThese, "in `[[column]]`: the claimant id";
        payout: PayoutField, OneOfThese, "in `[[column]]`: what is paid, as in `27.84`, or in minor units, as in `2784`; or a table that names a portion of the payout, which is shown only";
        payee: PayeeField, OneOfThese, "in `[[column]]`: who is paid instead of the claimant: of the portion that is paid (`true`), or of the portion with this name";
        number: FirstNumber, OneOfThese, "in `[[column]]`: sequence numbers from this one on, or from a setting on";
        date: DateForm, OneOfThese, "the date given, in this form";
        setting: AnyText, OneOfThese, "the value of this setting";
        currency: True, OneOfThese, "the currency code";
        settlement: True, OneOfThese, "the name of the settlement";
        count: True, OneOfThese, "in records: the number of payments in the file";
        total: OneOf<AmountFormat>, OneOfThese, "in records: the sum of the payments in the file";
        file: True, OneOfThese, "in records: the number of the file";
        length: TextLength, Or("any length"), "the maximum number of characters; a longer text is an error";
        width: TextLength, Or("required in files of fixed width"), "the width of the field";
        cut: Flag, Or("false"), "`true`: a longer text is cut; never a number or an id";
        blank: AnyText, Or("a blank cell is an error"), "the content for a blank cell";
        join: AnyText, Or("`\" \"`"), "with `columns`: the text between two cells";
        optional: Flag, Or("false"), "with `column` or `columns`: `true`: the claims file need not have them; the field is then blank, and `blank` is `\"\"` unless given";
        spaces: Flag, Or("true"), "`false`: a space is an error";
        accents: Flag, Or("true"), "`false`: Latin letters lose their accents (`ñ` becomes `n`), and nothing else is changed; never those of an id";
        align: OneOf<FieldAlign>, Or("numbers right, texts left"), "the place of the content in a wider field";
        fill: PaddingCharacter, Or("zeros before numbers, otherwise spaces"), "the character that fills the rest; letters and digits cannot, except zeros before a number or a text that is not an id: `12` followed by zeros would be `1200`";
        whole: AnyTexts, Or("none"), "with `payout`: payouts in these currencies are written without decimals, and must be whole";
        check: CellCheck, Or("none"), "with `column` or `columns`: the text must be a recipient of PayPal Payouts: one email address, telephone number or payer id; also a handle where the setting `wallet` is VENMO";
    }
    rules {
        One(
            &[
                "text", "column", "columns", "id", "payout", "payee", "number", "date", "setting", "currency",
                "settlement", "count", "total", "file",
            ],
            Some(messages::field_without_content),
            "",
        );
        With("check", &["column", "columns"]);
        With("join", &["columns"]);
        With("optional", &["column", "columns"]);
    }

    struct PortionFieldKeys<'p>: "`payout` of [[column]]", "payout_field" {
        portion: Words, Required, "the name of the portion";
        format: OneOf<AmountFormat>, Or("\"decimal\""), "the form of the amount";
    }

    struct RecordKeys<'p>: "[[KEY]]", "record" {
        fields: RecordFields, Required, "the fields of the record, each with the keys of a `[[column]]`";
    }
}

words! {
    LineEnd { "lf" Lf, "crlf" CrLf }
    LayoutPurpose { "payment" Payment, "check" Check, "issued" Issued, "nothing" Nothing }
    QuoteRule { "needed" Needed, "always" Always, "never" Never }
}

choices! {
    Delimiter(u8): "," => b',', ";" => b';', "|" => b'|', "\t" => b'\t', "tab" => b'\t';
    /// True if only ASCII is allowed.
    AsciiOnly(bool): "any" => false, "ascii" => true;
    DateForm(&'static str):
        "YYYY-MM-DD" => "YYYY-MM-DD", "MM/DD/YYYY" => "MM/DD/YYYY", "MM/DD/YY" => "MM/DD/YY",
        "DD/MM/YYYY" => "DD/MM/YYYY", "DD.MM.YYYY" => "DD.MM.YYYY", "YYYYMMDD" => "YYYYMMDD",
        "MMDDYYYY" => "MMDDYYYY", "DDMMYYYY" => "DDMMYYYY", "YYMMDD" => "YYMMDD",
        "MMDDYY" => "MMDDYY";
    /// The validation of cells as recipients.
    CellCheck(()): "recipient" => ();
}

kinds! {<'p>
    /// A text, or a whole number as text.
    TextOrDigits(String): "text or whole number", { "type": ["string", "integer"] }, text_or_digits;
    RowLimit(u64): "whole number from 1", { "type": "integer", "minimum": 1 }, at_least_one;
    /// A number of characters.
    TextLength(usize): "whole number from 1", { "type": "integer", "minimum": 1, "maximum": 1000 }, size;
    PayoutField(PayoutContent<'p>): "`\"decimal\"`, `\"minor\"`, or table",
        { "anyOf": [{ "enum": ["decimal", "minor"] }, { "$ref": "#/$defs/payout_field" }] },
        payout_field;
    PayeeField(PayeeContent<'p>): "`true`, or name of a portion",
        { "anyOf": [{ "const": true }, { "type": "string" }] }, payee_field;
    /// Columns whose cells make one text.
    JoinedColumns(Vec<(String, Place<'p>)>): "list of columns",
        { "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 2, "uniqueItems": true },
        joined_columns;
    PaddingCharacter(char): "one character", { "type": "string", "maxLength": 1 }, character;
    /// A key that is either absent or true.
    True(()): "`true`", { "const": true }, only_true;
    /// The first sequence number, or a setting; the reader of fields knows the settings.
    FirstNumber(TomlValue<'p>): "whole number, or name of a setting",
        { "type": ["string", "integer"] }, as_written;
    /// The fields of a record.
    RecordFields(Vec<FieldKeys<'p>>): "list of tables", { "type": "array" }, record_fields;
}

/// The word for a format.
#[derive(Debug)]
pub(crate) struct FormatWord;

impl TomlKind<'_> for FormatWord {
    type Value = &'static dyn PaymentFormat;

    fn shape() -> KindShape {
        words_shape(&FORMATS.map(|(word, _)| word))
    }

    fn read(value: &TomlValue<'_>) -> Option<Self::Value> {
        value.one_of(&FORMATS)
    }
}

/// The `payout` of a field.
#[derive(Debug, Clone)]
pub(crate) enum PayoutContent<'p> {
    Paid(AmountFormat),
    Portion(String, Place<'p>, AmountFormat),
}

/// The `payee` of a field.
#[derive(Debug, Clone)]
pub(crate) enum PayeeContent<'p> {
    /// Of the portion that is paid.
    Paid,
    Portion(String, Place<'p>),
}

fn payout_field<'p>(value: &TomlValue<'p>) -> Option<PayoutContent<'p>> {
    if !value.is_table() {
        return value.one_of(AmountFormat::WORDS).map(PayoutContent::Paid);
    }
    let keys = PortionFieldKeys::open(value)?;
    let format = keys.format.value.unwrap_or(AmountFormat::Decimal);
    let place = keys.portion.at?.place;
    Some(PayoutContent::Portion(keys.portion.value?, place, format))
}

fn payee_field<'p>(value: &TomlValue<'p>) -> Option<PayeeContent<'p>> {
    if value.value.is_bool() {
        return only_true(value).map(|()| PayeeContent::Paid);
    }
    let name = value.words()?;
    Some(PayeeContent::Portion(name, value.place.clone()))
}

fn joined_columns<'p>(value: &TomlValue<'p>) -> Option<Vec<(String, Place<'p>)>> {
    let columns = ColumnNames::read(value)?;
    if columns.len() < 2 {
        return value.problem(messages::one_column_joined()).none();
    }
    for (number, (name, place)) in columns.iter().enumerate() {
        if columns.iter().take(number).any(|(other, _)| other == name) {
            return place
                .problem(messages::column_joined_twice(&literal(name)))
                .none();
        }
    }
    Some(columns)
}

fn character(value: &TomlValue<'_>) -> Option<char> {
    let text = value.text()?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if !character.is_control() => Some(character),
        _ => value.fault(messages::not_one_character).none(),
    }
}

fn only_true(value: &TomlValue<'_>) -> Option<()> {
    if value.truth()? {
        return Some(());
    }
    value.fault(messages::not_true).none()
}

fn record_fields<'p>(value: &TomlValue<'p>) -> Option<Vec<FieldKeys<'p>>> {
    let field = |value| FieldKeys::open_as(value, "a field".to_owned());
    all(value.list()?.iter().map(field))
}

fn text_or_digits(value: &TomlValue<'_>) -> Option<String> {
    match value.value {
        DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str().to_owned()),
        _ => value.text(),
    }
}

fn at_least_one(value: &TomlValue<'_>) -> Option<u64> {
    let whole = value.whole()?;
    if whole == 0 {
        return value.fault(messages::count_zero).none();
    }
    Some(whole)
}

/// A thousand characters are enough for any field.
fn size(value: &TomlValue<'_>) -> Option<usize> {
    const MOST: u64 = 1000;
    let size = at_least_one(value)?;
    if size > MOST {
        let report = value.fault(|key| messages::length_too_large(key, MOST));
        return report.none();
    }
    usize::try_from(size).ok()
}

pub(super) fn setting(name: &str, keys: &SettingKeys<'_>, own: bool) -> Option<Setting> {
    let one_of = keys.one_of.value.iter().flatten();
    Some(Setting {
        name: name.to_owned(),
        about: keys.about.value.clone()?,
        default: keys.default.value.clone(),
        digits: keys.digits.value.unwrap_or(false),
        routing: keys.routing.value.unwrap_or(false),
        length: keys.length.value,
        one_of: one_of.map(|(text, _)| text.clone()).collect(),
        own,
        ..Setting::default()
    })
}

/// Applies the keys of `[file]`.
pub(super) fn set_file(file: &mut FileRules, keys: &FileKeys<'_>) {
    set(&mut file.name, keys.name.value.clone());
    set(&mut file.form, keys.form.value);
    if file.form.has_delimiter() {
        set(&mut file.delimiter, keys.delimiter.value);
        set(&mut file.quote, keys.quote.value);
    } else if let Some(value) = keys.delimiter.at.as_ref().or(keys.quote.at.as_ref()) {
        let message = messages::only_delimited(&literal(value.key));
        value.key_place.problem(message).add();
    }
    set(&mut file.header, keys.header.value);
    set(&mut file.line_end, keys.line_end.value);
    set(&mut file.ascii, keys.characters.value);
    let limits = &mut file.limits;
    limits.rows = keys.rows.value.or(limits.rows);
    limits.total = keys.total.value.or(limits.total);
    limits.largest = keys.largest.value.or(limits.largest);
}

fn set<T>(into: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *into = value;
    }
}
