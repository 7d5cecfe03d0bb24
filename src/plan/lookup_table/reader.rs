//! Reads `[table.NAME]`, and the tables within formulas.

use std::collections::HashSet;
use std::sync::Arc;

use toml::de::DeValue;

use crate::base::diagnostics::{listing, literal, nearest, quotable, subject};
use crate::base::exact::Exact;
use crate::plan::cell::{CellKind, NumberSource};
use crate::plan::column_format::ColumnFormat;
use crate::plan::condition::bounds::RangeEnd;
use crate::plan::condition::{ConditionReader, RangeBound};
use crate::plan::document::{Place, TomlValue, all};
use crate::plan::kinds::{
    AnyText, ColumnNames, ExactNumber, Tables, TextTable, Words, exact_number,
};
use crate::plan::lookup_table::{
    LookupTable, TableForm, TableKey, TableLine, TableOperand, TablePoint,
};
use crate::plan::lookup_table::{bands, file};
use crate::plan::plan_file::PlanFile;
use crate::plan::table::{Key, TomlKind as _, keys};
use crate::plan::table_names::is_key;
use crate::plan::value_range::End;
use crate::plan::{PlanSource, common_mistakes, messages};

keys! {
    struct LookupKeys<'p>: "[table.NAME]", "lookup_table" {
        bands: Tables<BandKeys<'p>>, OneOfThese, "a value for each band of numbers or days";
        texts: TextTable, OneOfThese, "a value for each text";
        file: AnyText, OneOfThese, "the name of a CSV file in the folder of the plan";
        by: ColumnNames, Or("none"), "with `file`: the columns of the claims file, and of the table, whose cells are the key";
        from: RangeEnd, Or("no lower end"), "with `bands`, and files of `to` or `below`: a cell below it is an error";
        blank: ExactNumber, Or("a blank cell is an error"), "the value for a blank cell";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
    rules {
        One(&["bands", "texts", "file"], Some(messages::table_without_lines), "");
        With("by", &["file"]);
        Without("blank", &["texts"], "use a `\"\"` key in `texts` for a blank cell");
        Without("from", &["texts"], "");
    }

    struct BandKeys<'p>: "a band", "band" {
        to: RangeEnd, Or("the rest, in the last band"), "the upper end, included";
        below: RangeEnd, Or("the rest, in the last band"), "the upper end, not included";
        value: ExactNumber, Required, "the value for this band";
    }
    rules {
        Without("to", &["below"], "");
    }
}

const LOOKED_UP: &str = "look up the sum";

/// The most entries of a table in a plan.
const MOST_ENTRIES: usize = 10_000;
const MOST_ENTRIES_SHOWN: &str = "10,000";

type LookupTables<'t, 'p> = &'t [(TomlValue<'p>, Option<LookupKeys<'p>>)];

/// Reads all tables, with the files that they name; a table with a problem is only
/// known by its name.
pub(crate) fn read_tables<'p>(
    tables: LookupTables<'_, 'p>,
    source: &PlanSource,
) -> (Vec<(&'p str, Option<LookupTable>)>, Vec<PlanFile>) {
    let mut files = Vec::new();
    let mut read = |(entry, keys): &(TomlValue<'_>, Option<LookupKeys<'_>>)| {
        if !is_key(entry.key) {
            let message = messages::table_key_invalid(&subject(entry.key));
            return entry.key_place.problem(message).none();
        }
        let keys = keys.as_ref()?;
        let named = |table: LookupTable| LookupTable {
            name: Some(entry.key.to_owned()),
            blank: keys.blank.value.clone(),
            source: keys.source.value.clone(),
            ..table
        };
        if let (Some(at), Some(bands)) = (&keys.bands.at, &keys.bands.value) {
            let from = from_of(keys)?.map(|(_, from)| from);
            return of_bands(at, bands, from.as_ref()).map(named);
        }
        if let Some(texts) = &keys.texts.value {
            return of_texts(&entries(texts)?).map(named);
        }
        if keys.by.is_wrong() {
            return None;
        }
        let by = keys.by.value.as_deref().unwrap_or_default();
        let mut seen = HashSet::new();
        if let Some((name, place)) = by.iter().find(|(name, _)| !seen.insert(name)) {
            let message = messages::listed_twice(literal(name));
            return place.problem(message).none();
        }
        let rule = file::FileRule {
            at: keys.file.at.as_ref()?,
            name: keys.file.value.as_ref()?,
            by: by.iter().map(|(name, _)| name.clone()).collect(),
            from: from_of(keys)?,
            blank: keys.blank.at.as_ref(),
        };
        file::read(rule, source, &mut files).map(named)
    };
    let read = |table: &(TomlValue<'p>, _)| (table.0.key, read(table));
    let tables = tables.iter().map(read).collect();
    (tables, files)
}

/// The lower end of the first band, if the table has one.
#[expect(clippy::option_option, reason = "no lower end is not a problem")]
fn from_of<'k, 'p>(keys: &'k LookupKeys<'p>) -> Option<Option<(&'k TomlValue<'p>, TablePoint)>> {
    match &keys.from.at {
        Some(at) => Some(Some((at, point(at, keys.from.value?)?))),
        None => Some(None),
    }
}

/// The entries of a table of texts.
fn entries<'p>(value: &TomlValue<'p>) -> Option<Vec<TomlValue<'p>>> {
    let entries = value.entries()?;
    if entries.is_empty() {
        return value.fault(messages::nothing_listed).none();
    }
    if entries.len() > MOST_ENTRIES {
        return value
            .problem(messages::table_too_long(MOST_ENTRIES_SHOWN))
            .none();
    }
    Some(entries)
}

fn of_texts(entries: &[TomlValue<'_>]) -> Option<LookupTable> {
    let line = |entry: &TomlValue<'_>| {
        let line = TableLine {
            from: None,
            end: None,
            value: exact_number(entry)?,
        };
        let key: TableKey = std::iter::once(entry.key.to_owned()).collect();
        Some((key, vec![line]))
    };
    let lines = all(entries.iter().map(line))?;
    Some(LookupTable {
        name: None,
        form: TableForm::Texts,
        by: Vec::new(),
        keys: lines.iter().map(|(key, _)| key.clone()).collect(),
        lines: lines.into_iter().collect(),
        blank: None,
        source: None,
        file: None,
    })
}

/// Reads bands: their ends rise, and only the last may have none.
fn of_bands(
    written: &TomlValue<'_>,
    bands: &[BandKeys<'_>],
    from: Option<&TablePoint>,
) -> Option<LookupTable> {
    if bands.is_empty() {
        return written.fault(messages::nothing_listed).none();
    }
    if bands.len() > MOST_ENTRIES {
        return written
            .problem(messages::table_too_long(MOST_ENTRIES_SHOWN))
            .none();
    }
    let mut lines: Vec<TableLine> = Vec::new();
    for (number, band) in bands.iter().enumerate() {
        let at = band.to.at.as_ref().or(band.below.at.as_ref());
        let end = match (at, band.to.value.or(band.below.value)) {
            (Some(at), Some(bound)) => Some(End {
                at: point(at, bound)?,
                open: band.below.is_present(),
            }),
            (Some(_), None) => return None,
            (None, _) if number + 1 < bands.len() => {
                return band.toml.place.problem(messages::band_without_end()).none();
            }
            (None, _) => None,
        };
        let line = TableLine {
            from: from.filter(|_| number == 0).cloned(),
            end,
            value: band.value.value.clone()?,
        };
        if let Some(at) = at {
            check_rising(at, lines.last(), &line)?;
        }
        lines.push(line);
    }
    let form = form_of(written, &lines)?;
    Some(LookupTable {
        name: None,
        form,
        by: Vec::new(),
        keys: vec![TableKey::default()],
        lines: std::iter::once((TableKey::default(), lines)).collect(),
        blank: None,
        source: None,
        file: None,
    })
}

fn point(at: &TomlValue<'_>, bound: RangeBound) -> Option<TablePoint> {
    match bound {
        RangeBound::Number(number) => Some(TablePoint::Number(number.into())),
        RangeBound::Date(day) => Some(TablePoint::Day(day)),
        RangeBound::Instant(_) => at.fault(messages::day_with_time).none(),
    }
}

/// Reports a band that nothing can be in.
fn check_rising(at: &TomlValue<'_>, before: Option<&TableLine>, line: &TableLine) -> Option<()> {
    let end = line.end.as_ref()?;
    let last = before.and_then(|before| before.end.as_ref());
    let others = last.map(|last| &last.at).into_iter().chain(&line.from);
    if others
        .into_iter()
        .any(|other| bands::kind(other) != bands::kind(&end.at))
    {
        return at.problem(messages::bounds_of_two_kinds()).none();
    }
    if bands::is_empty(last, line.from.as_ref(), end) {
        return at.problem(messages::band_empty()).none();
    }
    Some(())
}

/// The kind of the bands' ends.
fn form_of(written: &TomlValue<'_>, lines: &[TableLine]) -> Option<TableForm> {
    let mut ends = lines.iter().filter_map(|line| line.end.as_ref());
    match ends.next() {
        Some(end) => Some(bands::kind(&end.at)),
        None => written.problem(messages::bands_without_ends()).none(),
    }
}

/// The keys of an operand that looks up a table.
pub(crate) struct TableOperandKeys<'k, 'p> {
    pub column: &'k Key<'p, String>,
    pub table: &'k TomlValue<'p>,
    pub blank: &'k Key<'p, Exact>,
    pub times: Option<Exact>,
}

impl TableOperandKeys<'_, '_> {
    /// True if the table is one of texts within the operand, which a number has, too.
    pub(crate) fn is_texts(&self) -> bool {
        self.table.is_table()
    }

    /// Reads the operand.
    pub(crate) fn read(&self, reader: &mut ConditionReader<'_>) -> Option<TableOperand> {
        let table = match self.table.value {
            DeValue::Array(_) => {
                let bands = Tables::<BandKeys<'_>>::read(self.table)?;
                let mut table = of_bands(self.table, &bands, None)?;
                table.blank.clone_from(&self.blank.value);
                Arc::new(table)
            }
            _ => self.named(reader)?,
        };
        self.operand(table, reader)
    }

    fn named(&self, reader: &mut ConditionReader<'_>) -> Option<Arc<LookupTable>> {
        let DeValue::String(name) = self.table.value else {
            let report = self
                .table
                .wrong_kind("a table, a list of bands, or the name of a table");
            return report.hint(common_mistakes::BANDS).none();
        };
        if let Some(blank) = &self.blank.at {
            let message = messages::blank_beside_named_table(name);
            return blank.key_place.problem(message).none();
        }
        let known = reader.columns.table(name);
        if known.is_none() && !reader.columns.is_flawed_table(name) {
            let names = reader.columns.table_names();
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean {}?", literal(near)),
                None if names.is_empty() => {
                    format!(
                        "add [table.{}] with `bands`, `texts` or `file`",
                        quotable(name)
                    )
                }
                None => format!("the plan has {}", listing(&names)),
            };
            let message = messages::table_unknown(name);
            return self.table.problem(message).hint(hint).none();
        }
        known
    }

    fn operand(
        &self,
        table: Arc<LookupTable>,
        reader: &mut ConditionReader<'_>,
    ) -> Option<TableOperand> {
        let needs_column = table.form != TableForm::Keys;
        let (source, place) = match (&self.column.at, &self.column.value) {
            (Some(at), Some(name)) => {
                if !needs_column {
                    let message = messages::column_beside_table_of_keys(&table.called());
                    return at.key_place.problem(message).none();
                }
                let source = reader.columns.source(name, reader.of_rows, &at.place)?;
                (Some(source), &at.place)
            }
            (Some(_), None) => return None,
            (None, _) if needs_column => {
                let message = messages::table_without_column(&table.called());
                return self.table.problem(message).none();
            }
            (None, _) => (None, &self.table.place),
        };
        let by = self.key_columns(&table, source, reader)?;
        let mut format = ColumnFormat::default();
        if let Some(NumberSource::Column(column)) = source {
            let kind = match table.form {
                TableForm::Days => CellKind::Day,
                TableForm::Numbers => CellKind::Number,
                TableForm::Texts | TableForm::Keys => CellKind::Text,
            };
            reader.columns.expect(column, kind, place)?;
            format = reader.columns.format(column);
            reader
                .columns
                .not_added(column, reader.of_rows, place, LOOKED_UP);
            if let Some(column) = reader.columns.get_mut(column) {
                column.days |= table.form == TableForm::Days;
            }
        }
        if let (Some(NumberSource::Value(_)), true) = (
            source,
            self.blank.is_present() || table.form == TableForm::Days,
        ) {
            let name = self.column.value.as_deref().unwrap_or_default();
            return place
                .problem(messages::value_never_blank(&literal(name)))
                .none();
        }
        Some(TableOperand {
            table,
            by,
            source: source.filter(|_| needs_column),
            format,
            times: self.times.clone(),
        })
    }

    /// The columns of the key, whose texts become texts of the plan.
    fn key_columns(
        &self,
        table: &LookupTable,
        source: Option<NumberSource>,
        reader: &mut ConditionReader<'_>,
    ) -> Option<Vec<crate::plan::ColumnId>> {
        let sources = if table.form == TableForm::Texts {
            vec![source?]
        } else {
            let by = table.by.iter();
            let place = &self.table.place;
            all(by.map(|name| reader.columns.source(name, reader.of_rows, place)))?
        };
        let mut columns = Vec::new();
        for (number, source) in sources.into_iter().enumerate() {
            let NumberSource::Column(column) = source else {
                let message = messages::value_in_table_key(&table.called());
                return self.table.problem(message).none();
            };
            if table.form != TableForm::Texts && reader.columns.claimant_id == Some(column) {
                let message = messages::id_in_table_key(&table.called());
                return self.table.problem(message).none();
            }
            let mut texts: Vec<&String> = table
                .keys
                .iter()
                .filter_map(|key| key.get(number))
                .collect();
            let mut seen = HashSet::new();
            texts.retain(|text| seen.insert(text.as_str()));
            let place: &Place<'_> = &self.table.place;
            reader.columns.expect(column, CellKind::Text, place)?;
            let is_possible = |text: &&String| {
                let known = reader.columns.get(column);
                let fault = known.and_then(|column| column.impossible(text));
                let at = table.place_in_file(number, text);
                let Some((message, at)) = fault.zip(at) else {
                    return true;
                };
                let hint = message.hint.clone();
                place.problem(message.within(&at)).perhaps(hint).add();
                false
            };
            let texts: Vec<_> = texts
                .into_iter()
                .filter(is_possible)
                .map(|text| (text.clone(), place.clone()))
                .collect();
            reader.name_texts(column, &texts);
            reader
                .columns
                .not_added(column, reader.of_rows, place, LOOKED_UP);
            columns.push(column);
        }
        Some(columns)
    }
}
