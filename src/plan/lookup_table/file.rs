//! Tables in files: an exhibit of the order, as CSV beside the plan.

use std::collections::HashMap;
use std::sync::Arc;

use csv::StringRecord;

use crate::base::dates::{self, Date};
use crate::base::decimal;
use crate::base::diagnostics::{Message, literal};
use crate::base::digest::sha256;
use crate::base::exact::Exact;
use crate::base::regular_file;
use crate::plan::column::fold;

use crate::plan::document::{TomlValue, number_fault};

use crate::plan::lookup_table::{
    LookupTable, TableFile, TableForm, TableKey, TableLine, TablePoint,
};
use crate::plan::value_range::End;
use crate::plan::{PlanSource, messages};

/// The most lines of a table file.
const MOST_LINES: usize = 1_000_000;

/// The most faults of a file that are reported.
const MOST_FAULTS: usize = 20;

/// The columns of a table file beside those of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    from: Option<usize>,
    to: Option<usize>,
    below: Option<usize>,
    value: usize,
}

/// What `[table.NAME]` says of a file.
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
    files: &mut Vec<TableFile>,
) -> Option<LookupTable> {
    let text = if let Some(known) = files.iter().find(|file| file.name == *rule.name) {
        Arc::clone(&known.text)
    } else {
        let file = load(rule.at, rule.name, source)?;
        let text = Arc::clone(&file.text);
        files.push(file);
        text
    };
    let mut reading = Reading {
        at: rule.at,
        file: rule.name,
        faults: 0,
    };
    let table = reading.table(&text, rule);
    table.filter(|_| reading.faults == 0)
}

fn load(at: &TomlValue<'_>, name: &str, source: &PlanSource) -> Option<TableFile> {
    if name.is_empty() || name.contains(['/', '\\']) || name == ".." || name == "." {
        return at
            .problem(messages::table_file_in_folder(&literal(name)))
            .none();
    }
    let path = source.folder.join(name);
    let bytes = match regular_file::read_file(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = messages::table_file_unreadable(&path.display(), &error);
            return at.problem(message).none();
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return at.problem(messages::table_file_not_text(name)).none();
    };
    Some(TableFile {
        name: name.to_owned(),
        sha256: sha256(&text),
        text: text.into(),
    })
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

/// The lines of each key.
type ReadLines = HashMap<TableKey, Vec<ReadLine>>;

impl Reading<'_, '_> {
    /// Reports a fault of a cell. Rows are counted from 1, without the header.
    fn fault<T>(&mut self, row: usize, column: &str, fault: &Message) -> Option<T> {
        self.faults += 1;
        if self.faults > MOST_FAULTS {
            return None;
        }
        let hint = fault.hint.clone();
        let message = messages::table_file_fault(self.file, row, column, &fault.text);
        self.at.problem(message).perhaps(hint).none()
    }

    fn table(&mut self, text: &str, rule: FileRule<'_, '_>) -> Option<LookupTable> {
        let by = rule.by;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = reader.headers().ok()?.clone();
        let (places, form) = self.header(&header, &by)?;
        let (order, mut groups) = self.groups(&mut reader, &header, &places, &form)?;
        self.check_keys(&order, &by);
        let first = match rule.from {
            Some((at, _)) if form.from.is_some() || form.to.or(form.below).is_none() => {
                return at
                    .key_place
                    .problem(messages::table_has_from(self.file))
                    .none();
            }
            from => from.map(|(_, point)| point),
        };
        let mut lines = HashMap::new();
        let mut kind = None;
        for key in &order {
            let group = groups.remove(key).unwrap_or_default();
            let sorted = self.sorted(group, &form, first.as_ref(), &mut kind);
            lines.insert(key.clone(), sorted);
        }
        let is_scale = form.from.or(form.to).or(form.below).is_some();
        let form = match kind {
            _ if !is_scale => TableForm::Keys,
            Some(false) => TableForm::Days,
            _ => TableForm::Numbers,
        };
        if let (TableForm::Keys, Some(blank)) = (form, rule.blank) {
            let message = messages::blank_of_table_of_keys(self.file);
            return blank.key_place.problem(message).none();
        }
        Some(LookupTable {
            name: None,
            form,
            by,
            lines,
            keys: order,
            blank: None,
            source: None,
        })
    }

    /// The lines of each key, and the keys in the order of the file.
    fn groups(
        &mut self,
        reader: &mut csv::Reader<&[u8]>,
        header: &StringRecord,
        places: &[usize],
        form: &Form,
    ) -> Option<(Vec<TableKey>, ReadLines)> {
        let mut groups: HashMap<TableKey, Vec<ReadLine>> = HashMap::new();
        let mut order: Vec<TableKey> = Vec::new();
        for (number, record) in reader.records().enumerate() {
            let row = number + 1;
            if row > MOST_LINES {
                return self.at.problem(messages::table_too_long(MOST_LINES)).none();
            }
            let Ok(record) = record else {
                return self.fault(row, "", &messages::table_row_unreadable());
            };
            if record.len() != header.len() {
                let fault = messages::table_row_length(record.len(), header.len());
                self.fault::<()>(row, "", &fault);
                continue;
            }
            let key: TableKey = places
                .iter()
                .map(|place| record.get(*place).unwrap_or_default().to_owned())
                .collect();
            let Some(line) = self.line(row, &record, form) else {
                continue;
            };
            if !groups.contains_key(&key) {
                order.push(key.clone());
            }
            groups.entry(key).or_default().push(line);
        }
        if order.is_empty() && self.faults == 0 {
            return self
                .at
                .problem(messages::table_file_empty(self.file))
                .none();
        }
        Some((order, groups))
    }

    /// The places of the key, and those of the rest.
    fn header(&mut self, header: &StringRecord, by: &[String]) -> Option<(Vec<usize>, Form)> {
        let place = |name: &str| header.iter().position(|cell| cell == name);
        let mut places = Vec::new();
        for name in by {
            let Some(found) = place(name) else {
                return self.fault(0, name, &messages::table_column_missing(&literal(name)));
            };
            places.push(found);
        }
        let rest = |name: &str| place(name).filter(|place| !places.contains(place));
        let form = Form {
            from: rest("from"),
            to: rest("to"),
            below: rest("below"),
            value: match rest("value") {
                Some(value) => value,
                None => return self.fault(0, "value", &messages::table_column_missing("`value`")),
            },
        };
        let used = [form.from, form.to, form.below].iter().flatten().count();
        let forms = !(form.to.is_some() && form.below.is_some());
        if header.len() != places.len() + used + 1 || !forms {
            let message = messages::table_header(&header.iter().collect::<Vec<_>>().join(","));
            return self.fault(0, "", &message);
        }
        Some((places, form))
    }

    fn line(&mut self, row: usize, record: &StringRecord, form: &Form) -> Option<ReadLine> {
        let cell = |place: usize| record.get(place).unwrap_or_default();
        let value = cell(form.value);
        let value = match decimal::parse(value) {
            Ok(number) => Some(Exact::from(number)),
            Err(fault) => self.fault(row, "value", &number_fault(&literal(value), fault)),
        };
        let from = match form.from {
            Some(place) => Some(self.point(row, "from", cell(place))?),
            None => None,
        };
        let end = match (form.to, form.below) {
            (Some(place), _) if !cell(place).is_empty() => {
                let at = self.point(row, "to", cell(place))?;
                Some(End { at, open: false })
            }
            (_, Some(place)) if !cell(place).is_empty() => {
                let at = self.point(row, "below", cell(place))?;
                Some(End { at, open: true })
            }
            _ => None,
        };
        Some(ReadLine {
            row,
            from,
            end,
            value: value?,
        })
    }

    fn point(&mut self, row: usize, column: &str, cell: &str) -> Option<TablePoint> {
        if let Some(day) = dates::iso_date(cell) {
            return Some(TablePoint::Day(day));
        }
        match decimal::parse(cell) {
            Ok(number) => Some(TablePoint::Number(number.into())),
            Err(fault) => self.fault(row, column, &number_fault(&literal(cell), fault)),
        }
    }

    /// Reports keys that cells could be mistaken for.
    fn check_keys(&mut self, keys: &[TableKey], by: &[String]) {
        for (number, column) in by.iter().enumerate() {
            let mut known: HashMap<String, &str> = HashMap::new();
            for text in keys.iter().filter_map(|key| key.get(number)) {
                let other = known.entry(fold(text)).or_insert(text);
                if *other != text {
                    let fault =
                        messages::texts_alike(&literal(text), &literal(other), &literal(column));
                    self.fault::<()>(0, column, &fault);
                }
            }
        }
    }

    /// The lines of one key in ascending order; those that overlap are faults.
    fn sorted(
        &mut self,
        mut lines: Vec<ReadLine>,
        form: &Form,
        first: Option<&TablePoint>,
        kind: &mut Option<bool>,
    ) -> Vec<TableLine> {
        for line in &lines {
            let points = line.from.iter().chain(line.end.as_ref().map(|end| &end.at));
            for point in points.chain(first) {
                let is_number = matches!(point, TablePoint::Number(_));
                if *kind.get_or_insert(is_number) != is_number {
                    let column = if line.from.is_some() { "from" } else { "to" };
                    self.fault::<()>(line.row, column, &messages::ends_differ_in_kind());
                    return Vec::new();
                }
            }
        }
        let end_of = |line: &ReadLine| {
            let end = line.end.clone().map(|end| (end.at, !end.open));
            (end.is_none(), end)
        };
        if form.from.is_some() {
            lines.sort_by(|a, b| a.from.cmp(&b.from).then_with(|| end_of(a).cmp(&end_of(b))));
        } else {
            lines.sort_by_key(end_of);
        }
        let only_from = form.from.is_some() && form.to.or(form.below).is_none();
        let column = if form.from.is_some() {
            "from"
        } else if form.to.is_some() {
            "to"
        } else {
            "below"
        };
        let mut sorted: Vec<TableLine> = Vec::new();
        let mut lines = lines.into_iter().peekable();
        while let Some(line) = lines.next() {
            let end = match lines.peek().and_then(|next| next.from.clone()) {
                Some(at) if only_from => Some(End { at, open: true }),
                _ => line.end.clone(),
            };
            let from = line
                .from
                .or_else(|| first.filter(|_| sorted.is_empty()).cloned());
            let before = sorted.last();
            let overlaps = match (before, &from) {
                (Some(TableLine { end: None, .. }), _) => true,
                (Some(TableLine { end: Some(end), .. }), Some(from)) if form.from.is_some() => {
                    end.reaches(from)
                }
                _ => false,
            };
            let last = before.and_then(|before| before.end.as_ref());
            let empty = end
                .as_ref()
                .is_some_and(|end| is_empty(last, from.as_ref(), end));
            if overlaps || empty {
                self.fault::<()>(line.row, column, &messages::table_lines_overlap());
            }
            sorted.push(TableLine {
                from,
                end,
                value: line.value,
            });
        }
        sorted
    }
}

/// True if nothing can be in a band, after a band with this end.
pub(super) fn is_empty(
    before: Option<&End<TablePoint>>,
    from: Option<&TablePoint>,
    end: &End<TablePoint>,
) -> bool {
    let (end, open) = last_in(end);
    let after = |at: &TablePoint, at_is_in: bool| {
        if at_is_in {
            *at > end || (open && *at == end)
        } else {
            *at >= end
        }
    };
    let zero = TablePoint::Number(Exact::ZERO);
    let none_before = before.is_none() && from.is_none();
    before.is_some_and(|before| {
        let (last, before_open) = last_in(before);
        after(&last, before_open)
    }) || from.is_some_and(|from| after(from, true))
        || (none_before && open && end == zero)
}

/// The upper end; of days, the last day.
fn last_in(end: &End<TablePoint>) -> (TablePoint, bool) {
    let yesterday = |day: Date| day.yesterday().ok();
    match &end.at {
        TablePoint::Day(day) if end.open => {
            let day = yesterday(*day).unwrap_or(*day);
            (TablePoint::Day(day), false)
        }
        at => (at.clone(), end.open),
    }
}
