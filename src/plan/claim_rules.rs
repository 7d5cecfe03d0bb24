//! Reads the plan's rules about claims: `[claims]`, `[column.NAME]`, `[[exclude]]`
//! and `[subclass.KEY]`.

use std::collections::HashSet;

use toml::de::DeValue;

use crate::base::diagnostics::{OrBug as _, literal, subject};
use crate::plan::cell_reading::{AmountPrefix, ColumnFormat, DateFormat, ThousandsSeparator};
use crate::plan::claim_fact::ClaimFact;
use crate::plan::column::{Column, check_name, column_name};
use crate::plan::columns::Columns;
use crate::plan::condition::ConditionReader;
use crate::plan::document::{Place, TomlValue, all};
use crate::plan::kinds::{
    AnyTexts, ColumnName, Flag, OneOf, TextMap, WhenOfRow, Words, choices, kinds, words,
};
use crate::plan::named_value::{NamedValue, columns_through_values};
use crate::plan::table::keys;
use crate::plan::table_names::is_key;
use crate::plan::trades::TradeRules;
use crate::plan::{ClaimRules, Exclude, RowsRule, StatusMeaning, StatusRule, Subclass, messages};

keys! {
    struct ClaimsKeys<'p>: "[claims]", "claims" {
        id: ColumnName, Or("\"claimant_id\""), "the column of claimant ids";
        status: StatusColumn, Or("all claims are payable, unless the file has a status column"), "the column of decisions; `false` if every row is payable";
        pay: AnyTexts, Or("required with `status`"), "the list of statuses to pay";
        hold: AnyTexts, Or("none"), "the statuses whose payments are computed but held";
        deny: AnyTexts, Or("none"), "the statuses that are not paid";
        rows: OneOf<RowsRule>, Or("\"unique\""), "one row for each claimant, or several rows, which are added up";
    }

    struct ColumnKeys<'p>: "[column.NAME]", "column" {
        values: AnyTexts, Or("any text"), "the only texts that are allowed, on every row; `\"\"` for a blank cell";
        thousands: ThousandsSeparator, Or("none"), "the separator between groups of three digits, as in `1,234.56`";
        prefix: AmountPrefix, Or("none"), "a sign before an amount, like `\"$\"`, with or without a space between";
        format: OneOf<DateFormat>, Or("\"YYYY-MM-DD\""), "the form of dates";
        rows: SameRows, Or("numbers are added up"), "with `rows = \"sum\"` in [claims]: the number is the same in all rows of a claimant, and not added up";
        ignore_case: Flag, Or("`false`"), "`true`: a cell that differs from a text of the plan only in capitals or white space is read as that text";
        map: TextMap, Or("none"), "the text that the cells with a certain text are read as, before anything else: `{ \"N/A\" = \"\" }`";
    }

    struct ExcludeKeys<'p>: "[[exclude]]", "exclude" {
        reason: Words, Required, "the reason in `unpaid.csv`";
        when: WhenOfRow, Required, "the rows that are excluded";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }

    struct SubclassKeys<'p>: "[subclass.KEY]", "subclass" {
        name: Words, Or("the key"), "the name that people read";
        when: WhenOfRow, Required, "the claimants who are members";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
}

kinds! {<'p>
    StatusColumn(StatusName): "name of a column, or `false`",
        { "anyOf": [{ "const": false }, { "type": "string", "minLength": 1 }] },
        status_name;
}

/// The `status` of `[claims]`.
#[derive(Debug)]
pub(crate) enum StatusName {
    Column(String),
    AllPayable,
}

choices! {
    /// A number that is the same in all rows, and not added up.
    SameRows(()): "same" => ();
}

words! {
    RowsRule { "unique" Unique, "sum" Sum }
}

/// Reads the `[claims]` table, or returns the defaults if there is none.
pub(super) fn read_claims(
    keys: Option<&ClaimsKeys<'_>>,
    columns: &mut Columns,
) -> Option<ClaimRules> {
    let id = keys.and_then(|keys| keys.id.value.as_deref());
    let id = columns.id(id.unwrap_or("claimant_id"));
    columns.claimant_id = Some(id);
    let rows = keys.and_then(|keys| keys.rows.value);
    let status = keys.map_or(Some(StatusRule::Unsaid), |keys| read_status(keys, columns));
    if let (Some(StatusRule::Column { column, .. }), Some(keys)) = (&status, keys)
        && let Some(at) = keys.status.at.as_ref().filter(|_| *column == id)
    {
        at.problem(messages::status_is_id()).add();
    }
    keys.is_none_or(|keys| keys.toml.is_sound())
        .then_some(ClaimRules {
            id,
            status: status?,
            rows: rows.unwrap_or(RowsRule::Unique),
        })
}

fn status_name(value: &TomlValue<'_>) -> Option<StatusName> {
    match value.value {
        DeValue::Boolean(false) => Some(StatusName::AllPayable),
        DeValue::String(_) => column_name(value).map(StatusName::Column),
        _ => value
            .wrong_kind("the name of a column, or `false` if there is no status")
            .none(),
    }
}

fn read_status(keys: &ClaimsKeys<'_>, columns: &mut Columns) -> Option<StatusRule> {
    let lists = [
        (&keys.pay, StatusMeaning::Pay),
        (&keys.hold, StatusMeaning::Hold),
        (&keys.deny, StatusMeaning::Deny),
    ];
    let (name, at) = match (&keys.status.value, &keys.status.at) {
        (Some(StatusName::Column(name)), Some(at)) => (name, at),
        (None, Some(_)) => return None,
        (status, _) => {
            if let Some(list) = lists.iter().find_map(|(list, _)| list.at.as_ref()) {
                let message = messages::statuses_without_column(list.key);
                return list.key_place.problem(message).none();
            }
            return Some(match status {
                Some(_) => StatusRule::AllPayable,
                None => StatusRule::Unsaid,
            });
        }
    };
    let column = columns.id(name);
    let mut meanings: Vec<(String, StatusMeaning)> = Vec::new();
    for (list, meaning) in lists {
        let texts = list.value.as_deref().unwrap_or_default();
        columns.name_texts(column, texts);
        for (text, place) in texts {
            if meanings.iter().any(|(known, _)| known == text) {
                let status = format_args!("the status {}", literal(text));
                place.problem(messages::listed_twice(status)).add();
            } else {
                meanings.push((text.clone(), meaning));
            }
        }
    }
    let pays = |(_, meaning): &(String, StatusMeaning)| *meaning == StatusMeaning::Pay;
    if !keys.pay.is_wrong() && !meanings.iter().any(pays) {
        return at.problem(messages::no_status_paid()).none();
    }
    Some(StatusRule::Column { column, meanings })
}

/// Reads `[column.NAME]` tables; `rows` is how the plan treats rows. In a plan with
/// trades, a column may be one of either file, so it is added where it is read.
pub(super) fn read_columns(
    tables: &[(TomlValue<'_>, Option<ColumnKeys<'_>>)],
    rows: Option<RowsRule>,
    has_trades: bool,
    columns: &mut Columns,
) {
    for (entry, keys) in tables {
        let (Some(()), Some(keys)) = (check_name(entry.key, &entry.key_place), keys) else {
            continue;
        };
        if columns
            .facts
            .named(entry.key)
            .is_some_and(ClaimFact::is_prior)
        {
            let message = messages::prior_column_described(&literal(entry.key));
            entry.key_place.problem(message).add();
            continue;
        }
        if let (Some(at), Some(RowsRule::Unique)) = (&keys.rows.at, rows) {
            at.key_place.problem(messages::rows_not_added()).add();
        }
        if has_trades {
            let mut column = Column::named(entry.key);
            describe(&mut column, keys);
            let texts = keys.values.value.iter().flatten();
            texts.for_each(|(text, place)| column.name_text(text, place));
            columns.described.push(column);
            if !columns.is_known(entry.key) {
                continue;
            }
        }
        let id = columns.id(entry.key);
        let texts = keys.values.value.as_deref();
        if let (Some(texts), Some(at)) = (texts, &keys.values.at) {
            check_values(at, texts);
            columns.name_texts(id, texts);
        }
        if let Some(column) = columns.get_mut(id) {
            describe(column, keys);
        }
    }
}

/// Describes how the cells of a column are written.
fn describe(column: &mut Column, keys: &ColumnKeys<'_>) {
    column.format = ColumnFormat {
        thousands: keys.thousands.value,
        prefix: keys.prefix.value.clone(),
        dates: keys.format.value.unwrap_or_default(),
    };
    column.same = keys.rows.is_present();
    if let Some(texts) = &keys.values.value {
        column.allow_only(texts.iter().map(|(text, _)| text.clone()).collect());
    }
}

/// Adds the columns that `[column.NAME]` describes and nothing reads, unless the trades
/// file has them: the claims file must.
pub(super) fn add_described(columns: &mut Columns, trades: Option<&TradeRules>) {
    let is_of_trades = |name: &str| trades.is_some_and(|trades| trades.file.is_known(name));
    let names = columns.described.iter().map(|column| column.name.clone());
    let names: Vec<String> = names.filter(|name| !is_of_trades(name)).collect();
    for name in names {
        columns.id(&name);
    }
}

fn check_values(values: &TomlValue<'_>, texts: &[(String, Place<'_>)]) {
    if texts.is_empty() {
        values.fault(messages::nothing_listed).add();
    }
    let mut seen = HashSet::new();
    for (text, place) in texts {
        if !seen.insert(text.as_str()) {
            place.problem(messages::listed_twice(literal(text))).add();
        }
    }
}

/// Reads all `[[exclude]]` tables, in order.
pub(super) fn read_excludes(
    tables: &[ExcludeKeys<'_>],
    values: &[NamedValue],
    columns: &mut Columns,
) -> Option<Vec<Exclude>> {
    let mut exclude = |keys: &ExcludeKeys<'_>| {
        let mut reader = ConditionReader {
            columns,
            subclasses: None,
            of_rows: true,
        };
        let when = reader.condition(keys.when.value.as_ref()?)?;
        columns.mark_on_every_row(when.columns());
        columns.mark_on_every_row(columns_through_values(&when, values));
        Some(Exclude {
            reason: keys.reason.value.clone()?,
            source: keys.source.value.clone(),
            when,
        })
    };
    all(tables.iter().map(&mut exclude))
}

pub(super) fn read_subclasses(
    tables: &[(TomlValue<'_>, Option<SubclassKeys<'_>>)],
    columns: &mut Columns,
) -> Option<Vec<Subclass>> {
    let mut subclass = |(entry, keys): &(TomlValue<'_>, Option<SubclassKeys<'_>>)| {
        let key = entry.key;
        if !is_key(key) {
            let message = messages::subclass_key_invalid(&subject(key));
            return entry.key_place.problem(message).none();
        }
        let keys = keys.as_ref()?;
        let mut reader = ConditionReader {
            columns,
            subclasses: None,
            of_rows: false,
        };
        let when = reader.condition(keys.when.value.as_ref()?)?;
        let name = keys.name.value.clone();
        Some(Subclass {
            name: name.unwrap_or_else(|| key.to_owned()),
            when,
            key: key.to_owned(),
            span: entry.key_place.span.clone(),
            source: keys.source.value.clone(),
        })
    };
    all(tables.iter().map(&mut subclass))
}

impl StatusRule {
    /// The text of a status, by index in plan order.
    pub(crate) fn text(&self, number: usize) -> &str {
        let meaning = match self {
            Self::Column { meanings, .. } => meanings.get(number),
            Self::Unsaid | Self::AllPayable => None,
        };
        let (text, _) = meaning.or_bug("a status is missing");
        text
    }
}
