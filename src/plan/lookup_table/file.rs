//! Tables in files: an exhibit of the order, as CSV in the folder of the plan.

use std::collections::HashMap;

use csv::StringRecord;
use rust_decimal::Decimal;

use crate::base::dates;
use crate::base::decimal::{self, NumberFault};
use crate::base::diagnostics::{Message, count, listing, literal, nearest};
use crate::base::exact::Exact;
use crate::plan::column;
use crate::plan::document::{ProblemReport, TomlValue, number_fault};
use crate::plan::lookup_table::bands;
use crate::plan::lookup_table::{
    KeyRows, KeyedLines, LookupTable, TableForm, TableKey, TableLine, TablePoint,
};
use crate::plan::plan_file::{self, PlanFile, PlanFileFaults};
use crate::plan::value_range::End;
use crate::plan::{PlanSource, hints, messages};

/// The most lines of a table file.
const MOST_LINES: usize = 1_000_000;
const MOST_LINES_SHOWN: &str = "1,000,000";

/// The number of faults after which the rest of a file is not read.
const MOST_FAULTS: usize = 1000;

const FAULTS: PlanFileFaults = PlanFileFaults {
    unreadable: messages::table_file_unreadable,
    not_text: messages::table_file_not_text,
};

/// The columns of a table file other than those of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    from: Option<usize>,
    to: Option<usize>,
    below: Option<usize>,
    value: usize,
}

impl Form {
    /// True if the table has a value for each key.
    fn is_of_keys(&self) -> bool {
        self.from.or(self.to).or(self.below).is_none()
    }

    /// True if a line ends where the next one begins.
    fn has_only_from(&self) -> bool {
        self.from.is_some() && self.to.or(self.below).is_none()
    }

    /// The column of the bound by which lines are ordered.
    fn column(&self) -> &'static str {
        match (self.from, self.to) {
            (Some(_), _) => "from",
            (None, Some(_)) => "to",
            (None, None) if self.below.is_some() => "below",
            (None, None) => "value",
        }
    }
}

/// A table file as `[table.NAME]` describes it.
pub(super) struct FileRule<'k, 'p> {
    pub at: &'k TomlValue<'p>,
    pub name: &'k str,
    pub by: Vec<String>,
    pub from: Option<(&'k TomlValue<'p>, TablePoint)>,
    pub blank: Option<&'k TomlValue<'p>>,
}

/// Reads the file of a table.
pub(super) fn read(
    rule: FileRule<'_, '_>,
    source: &PlanSource,
    files: &mut Vec<PlanFile>,
) -> Option<LookupTable> {
    let text = plan_file::load(rule.at, rule.name, source, files, FAULTS)?;
    let mut reading = Reading {
        at: rule.at,
        file: rule.name,
        faults: 0,
    };
    let table = reading.table(&text, rule);
    table.filter(|_| reading.faults == 0)
}

/// The reading of one file.
struct Reading<'r, 'p> {
    at: &'r TomlValue<'p>,
    file: &'r str,
    faults: usize,
}

/// A line as read, with the number of its row.
struct ReadLine {
    row: usize,
    from: Option<TablePoint>,
    end: Option<End<TablePoint>>,
    value: Exact,
}

/// The lines of a file by key, and the keys with the rows where they are first.
#[derive(Default)]
struct ReadLines {
    groups: HashMap<TableKey, Vec<ReadLine>>,
    keys: Vec<(TableKey, usize)>,
}

impl Reading<'_, '_> {
    /// Reports a fault of the header, a row or a cell. Rows are counted from 1 below
    /// the header.
    fn fault<T>(&mut self, place: &str, fault: Message) -> Option<T> {
        self.faults += 1;
        if self.faults > MOST_FAULTS {
            let message = messages::table_file_unread(self.file, MOST_FAULTS);
            let is_first = self.faults == MOST_FAULTS + 1;
            return is_first
                .then(|| self.at.problem(message))
                .and_then(ProblemReport::none);
        }
        let fault = fault.within(&format!("{}{place}: ", self.file));
        let hint = fault.hint.clone();
        self.at.problem(fault).perhaps(hint).none()
    }

    fn row_fault<T>(&mut self, row: usize, fault: Message) -> Option<T> {
        self.fault(&format!(":{row}"), fault)
    }

    fn cell_fault<T>(&mut self, row: usize, column: &str, fault: Message) -> Option<T> {
        self.fault(&format!(":{row}:{column}"), fault)
    }

    fn table(&mut self, text: &str, rule: FileRule<'_, '_>) -> Option<LookupTable> {
        let by = rule.by;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            let message = messages::table_file_empty(self.file);
            return self.at.problem(message).none();
        }
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut records = reader.records().filter_map(Result::ok);
        let header = records.next().unwrap_or_default();
        if text.matches('"').count() % 2 == 1 {
            return self.row_fault(records.count(), messages::table_quote_open());
        }
        let (places, form) = self.header(&header, &by)?;
        let read = self.lines(records, header.len(), &places, &form)?;
        self.check_keys(&read.keys, &by);
        let form_of_table = self.kind(&read, &form)?;
        if let Some((at, from)) = &rule.from {
            if form.is_of_keys() || form.from.is_some() {
                let message = messages::table_has_from(self.file);
                return at.key_place.problem(message).none();
            }
            if bands::kind(from) != form_of_table {
                return at.problem(messages::bounds_of_two_kinds()).none();
            }
        }
        if let (true, Some(blank)) = (form.is_of_keys(), rule.blank) {
            let message = messages::blank_of_table_of_keys(self.file);
            return blank.key_place.problem(message).none();
        }
        let first = rule.from.map(|(_, from)| from);
        let ReadLines { mut groups, keys } = read;
        let mut lines = KeyedLines::default();
        for (key, _) in &keys {
            let group = groups.remove(key).unwrap_or_default();
            lines.insert(key.clone(), self.sorted(group, &form, first.as_ref()));
        }
        let (keys, rows) = keys.into_iter().unzip();
        let file = self.file.to_owned();
        Some(LookupTable {
            name: None,
            form: form_of_table,
            by,
            lines,
            keys,
            file: Some(KeyRows { file, rows }),
            blank: None,
            source: None,
        })
    }

    /// The places of the key, and those of the rest.
    fn header(&mut self, header: &StringRecord, by: &[String]) -> Option<(Vec<usize>, Form)> {
        let place = |name: &str| header.iter().position(|cell| cell == name);
        let mut places = Vec::new();
        for name in by.iter().map(String::as_str).chain(["value"]) {
            places.extend(place(name));
            if place(name).is_none() {
                let message = messages::table_column_missing(&literal(name));
                let names: Vec<&str> = header.iter().collect();
                let hint = match nearest(name, names.iter().copied()) {
                    Some(near) => format!("the header has {}", literal(near)),
                    None => format!("the header has {}", listing(&names)),
                };
                self.fault::<()>("", message.hint(hint));
            }
        }
        if places.len() <= by.len() {
            return None;
        }
        let value = places.pop()?;
        let rest = |name: &str| place(name).filter(|place| !places.contains(place));
        let form = Form {
            from: rest("from"),
            to: rest("to"),
            below: rest("below"),
            value,
        };
        let used = [form.from, form.to, form.below].iter().flatten().count();
        let two_ends = form.to.is_some() && form.below.is_some();
        if header.len() != places.len() + used + 1 || places.contains(&value) || two_ends {
            let header: Vec<&str> = header.iter().collect();
            return self.fault("", messages::table_header(&literal(&header.join(","))));
        }
        Some((places, form))
    }

    /// Reads every line that is not blank.
    fn lines(
        &mut self,
        records: impl Iterator<Item = StringRecord>,
        columns: usize,
        places: &[usize],
        form: &Form,
    ) -> Option<ReadLines> {
        let mut read = ReadLines::default();
        let written = records.filter(|record| record.iter().any(|cell| !cell.is_empty()));
        for (row, record) in (1..).zip(written) {
            if row > MOST_LINES {
                let message = messages::table_file_too_long(self.file, MOST_LINES_SHOWN);
                return self.at.problem(message).none();
            }
            if self.faults > MOST_FAULTS {
                return None;
            }
            if record.len() != columns {
                let cells = count(record.len(), "cell", "cells");
                self.row_fault::<()>(row, messages::table_row_length(&cells, columns));
                continue;
            }
            let cell = |place: &usize| record.get(*place).unwrap_or_default().to_owned();
            let key: TableKey = places.iter().map(cell).collect();
            let Some(line) = self.line(row, &record, form) else {
                continue;
            };
            if !read.groups.contains_key(&key) {
                read.keys.push((key.clone(), row));
            }
            read.groups.entry(key).or_default().push(line);
        }
        if read.keys.is_empty() && self.faults == 0 {
            return self
                .at
                .problem(messages::table_file_empty(self.file))
                .none();
        }
        Some(read)
    }

    fn line(&mut self, row: usize, record: &StringRecord, form: &Form) -> Option<ReadLine> {
        let cell = |place: Option<usize>| place.and_then(|place| record.get(place));
        let value = self.number(row, "value", cell(Some(form.value)).unwrap_or_default());
        let from = cell(form.from).map(|cell| self.point(row, "from", cell));
        let mut end = |column, place, open| {
            let written = cell(place).filter(|cell| !cell.is_empty())?;
            let at = self.point(row, column, written);
            Some(at.map(|at| End { at, open }))
        };
        let end = end("to", form.to, false).or_else(|| end("below", form.below, true));
        Some(ReadLine {
            row,
            value: value?.into(),
            // A bound that cannot be read is not one that is absent.
            from: match from {
                Some(from) => Some(from?),
                None => None,
            },
            end: match end {
                Some(end) => Some(end?),
                None => None,
            },
        })
    }

    fn number(&mut self, row: usize, column: &str, cell: &str) -> Option<Decimal> {
        let fault = match decimal::parse(cell) {
            Ok(number) => return Some(number),
            Err(fault) => fault,
        };
        let hint = match fault {
            NumberFault::Blank | NumberFault::Date => None,
            _ => Some(hints::of_number("", cell).unwrap_or_else(|| hints::NUMBER.to_owned())),
        };
        let shown = if cell.is_empty() { column } else { cell };
        let message = number_fault(&literal(shown), fault).hint(hint);
        self.cell_fault(row, column, message)
    }

    fn point(&mut self, row: usize, column: &str, cell: &str) -> Option<TablePoint> {
        let Some(day) = dates::iso_date(cell) else {
            if decimal::is_date_like(cell) {
                return self.cell_fault(row, column, messages::table_day_invalid(&literal(cell)));
            }
            let number = self.number(row, column, cell)?;
            return Some(TablePoint::Number(number.into()));
        };
        Some(TablePoint::Day(day))
    }

    /// Reports keys that cells could be mistaken for.
    fn check_keys(&mut self, keys: &[(TableKey, usize)], by: &[String]) {
        for (number, name) in by.iter().enumerate() {
            let mut known: HashMap<String, &str> = HashMap::new();
            for (key, row) in keys {
                let Some(text) = key.get(number) else {
                    continue;
                };
                if let Some(fault) = column::fault_of_text(text) {
                    self.cell_fault::<()>(*row, name, fault);
                    continue;
                }
                let other = *known.entry(column::fold(text)).or_insert(text);
                if other != text {
                    let (text, other) = (literal(text), literal(other));
                    let fault = messages::texts_alike(&text, &other, &literal(name));
                    self.cell_fault::<()>(*row, name, fault);
                }
            }
        }
    }

    /// The kind of the bounds, numbers or days; the first line with another kind is a
    /// fault.
    fn kind(&mut self, read: &ReadLines, form: &Form) -> Option<TableForm> {
        if form.is_of_keys() {
            return Some(TableForm::Keys);
        }
        let mut lines: Vec<&ReadLine> = read.groups.values().flatten().collect();
        lines.sort_by_key(|line| line.row);
        let mut kind = None;
        for line in lines {
            let end = line.end.as_ref().map(|end| &end.at);
            for point in line.from.iter().chain(end) {
                if *kind.get_or_insert(bands::kind(point)) != bands::kind(point) {
                    return self.row_fault(line.row, messages::bounds_of_two_kinds());
                }
            }
        }
        if kind.is_none() && self.faults == 0 {
            return self.at.problem(messages::bands_without_ends()).none();
        }
        kind
    }

    /// The lines of one key in ascending order; those that overlap are faults.
    fn sorted(
        &mut self,
        mut lines: Vec<ReadLine>,
        form: &Form,
        first: Option<&TablePoint>,
    ) -> Vec<TableLine> {
        let end_of = |line: &ReadLine| {
            let end = line.end.clone().map(|end| (end.at, !end.open));
            (end.is_none(), end)
        };
        lines.sort_by(|a, b| {
            let by_end = || end_of(a).cmp(&end_of(b));
            a.from.cmp(&b.from).then_with(by_end)
        });
        let mut sorted: Vec<TableLine> = Vec::new();
        let mut row_before = 0;
        let mut lines = lines.into_iter().peekable();
        while let Some(line) = lines.next() {
            let next = lines.peek().and_then(|next| next.from.clone());
            let end = match next.filter(|_| form.has_only_from()) {
                Some(at) => Some(End { at, open: true }),
                None => line.end,
            };
            let from = line
                .from
                .or_else(|| first.filter(|_| sorted.is_empty()).cloned());
            let before = sorted.last().map(|before| before.end.as_ref());
            let overlaps = match (before, &from) {
                (None, _) => false,
                _ if form.has_only_from() => sorted.last().is_some_and(|last| last.from == from),
                (Some(None), _) => true,
                (Some(Some(before)), Some(from)) => before.reaches(from),
                (Some(Some(before)), None) => {
                    let end = end.as_ref();
                    end.is_some_and(|end| bands::is_empty(Some(before), None, end))
                }
            };
            let end_is_from = |end: &End<TablePoint>| bands::is_empty(None, from.as_ref(), end);
            if overlaps {
                let fault = match form {
                    form if form.is_of_keys() => messages::table_key_twice(row_before),
                    form if form.has_only_from() => messages::table_from_twice(row_before),
                    _ => messages::table_lines_overlap(row_before),
                };
                self.cell_fault::<()>(line.row, form.column(), fault);
            } else if end.as_ref().is_some_and(end_is_from) && !form.has_only_from() {
                self.cell_fault::<()>(line.row, form.column(), messages::band_empty());
            }
            row_before = line.row;
            sorted.push(TableLine {
                from,
                end,
                value: line.value,
            });
        }
        sorted
    }
}
