//! Tables and time spans in plain English.

use crate::base::dates::Date;
use crate::base::diagnostics::count;
use crate::base::money::group;
use crate::plan::english::formulas::blank_or;
use crate::plan::english::{DescriptionSection, EnglishWriter, Quantity};
use crate::plan::lookup_table::{
    FoundLine, LookupTable, TableForm, TableKey, TableLine, TableOperand, TablePoint,
};
use crate::plan::sourced;
use crate::plan::time_span::{DayEnd, SpanCount, SpanOperand, SpanUnit};

/// The most lines of a table that a description lists.
const SHOWN_LINES: usize = 12;

impl EnglishWriter<'_> {
    pub(super) fn table_operand(&self, operand: &TableOperand, counts: Quantity) -> String {
        let factored = match operand.times {
            Some(_) => Quantity::Shares,
            None => counts,
        };
        let table = &operand.table;
        let mut read: Vec<String> = operand
            .by
            .iter()
            .map(|&column| self.column(column))
            .collect();
        if table.form != TableForm::Texts {
            read.extend(operand.source.map(|source| self.of_source(source)));
        }
        let read = read.join(" and ");
        let mut text = if let Some(name) = &table.name {
            format!("the value in table \"{name}\" for {read}")
        } else {
            let mut lines = self.lines_of(table, factored);
            if let Some(blank) = &table.blank {
                lines.push(format!("{} for a blank", self.exact(blank, factored)));
            }
            format!("the value assigned to {read} ({})", lines.join(", "))
        };
        if let Some(times) = &operand.times {
            text += &format!(", multiplied by {}", times.written());
        }
        text
    }

    /// The line that an operand found, for explanations.
    pub(crate) fn found_line(&self, found: &FoundLine<'_>) -> String {
        match found {
            FoundLine::Blank(value) => format!("a blank: {}", value.written()),
            FoundLine::Line(key, line) => {
                let key = key_text(key);
                let band = self.band_text(line, None);
                let parts = [key, band].into_iter().filter(|part| !part.is_empty());
                let place = parts.collect::<Vec<_>>().join(", ");
                format!("{place}: {}", line.value.written())
            }
        }
    }

    /// The lines of a table, each as its value and its place.
    fn lines_of(&self, table: &LookupTable, counts: Quantity) -> Vec<String> {
        let keys = table.keys.iter();
        let lines = keys.flat_map(|key| {
            let lines = table.lines.get(key).into_iter().flatten();
            let before = std::iter::once(None).chain(lines.clone().map(Some));
            lines
                .zip(before)
                .map(move |(line, before)| (key, line, before))
        });
        let text = |(key, line, before): (&TableKey, &TableLine, Option<&TableLine>)| {
            let value = self.exact(&line.value, counts);
            let key = key_text(key);
            match (key.as_str(), self.band_text(line, before).as_str()) {
                ("", band) => format!("{value} {band}"),
                (key, "") => format!("{value} for {key}"),
                (key, band) => format!("{value} for {key} {band}"),
            }
        };
        lines.map(text).collect()
    }

    pub(super) fn tables(&self) -> Option<DescriptionSection> {
        let tables = &self.plan.tables;
        let sentences = tables.iter().map(|table| {
            let lines = self.lines_of(table, Quantity::Shares);
            let more = lines.len().saturating_sub(SHOWN_LINES);
            let mut shown: Vec<String> = lines.into_iter().take(SHOWN_LINES).collect();
            if more > 0 {
                shown.push(format!("and {}", count(more, "more line", "more lines")));
            }
            let by = match table.by.as_slice() {
                [] => String::new(),
                by => format!(" (by \"{}\")", by.join("\" and \"")),
            };
            let blank = table.blank.as_ref();
            let blank = blank.map(|blank| format!("; {} for a blank", blank.written()));
            let name = table.name.as_deref().unwrap_or_default();
            let name = sourced(&format!("Table \"{name}\"{by}"), table.source.as_deref());
            let blank = blank.unwrap_or_default();
            format!("{name}: {}{blank}.", shown.join(", "))
        });
        let sentences: Vec<String> = sentences.collect();
        (!sentences.is_empty()).then(|| DescriptionSection {
            title: "Tables".to_owned(),
            sentences,
        })
    }

    pub(super) fn span_operand(&self, span: &SpanOperand) -> String {
        let unit = match (span.unit, span.count) {
            (SpanUnit::Days, _) => "days",
            (SpanUnit::Weeks, SpanCount::Full) => "full weeks",
            (SpanUnit::Weeks, SpanCount::Begun) => "weeks, counting one that has begun,",
            (SpanUnit::Weeks, SpanCount::Calendar) => "calendar weeks touched",
            (SpanUnit::Months, SpanCount::Full) => "full months",
            (SpanUnit::Months, SpanCount::Begun) => "months, counting one that has begun,",
            (SpanUnit::Months, SpanCount::Calendar) => "calendar months touched",
            (SpanUnit::Years, SpanCount::Begun) => "years, counting one that has begun,",
            (SpanUnit::Years, _) => "full years",
        };
        let [first, second] = &span.ends;
        let mut text = format!(
            "the number of {unit} from {} to {}",
            self.day_end(first),
            self.day_end(second)
        );
        text += match (span.count, span.inclusive) {
            (SpanCount::Calendar, _) => "",
            (_, true) => ", the last day included",
            (_, false) => ", the last day not included",
        };
        if span.count == SpanCount::Calendar && span.unit == SpanUnit::Weeks {
            text += &format!(", weeks beginning on {:?}", span.begins);
        }
        if let Some([from, to]) = span.within {
            let included = span.inclusive || span.count == SpanCount::Calendar;
            let end = if included { "through" } else { "to" };
            let (from, to) = (self.date(from), self.date(to));
            text += &format!(", counting only the part from {from} {end} {to}");
        }
        if let Some(blank) = &span.blank {
            text += &format!(", or {} if a date is blank", blank.written());
        }
        if let Some(times) = &span.times {
            text += &format!(", multiplied by {}", times.written());
        }
        text
    }

    fn day_end(&self, end: &DayEnd) -> String {
        match end {
            DayEnd::Day(day) => self.date(*day),
            DayEnd::Cell { column, blank, .. } => {
                let blank = blank.map(|day| format!(" ({} if blank)", self.date(day)));
                format!("{}{}", self.column(*column), blank.unwrap_or_default())
            }
        }
    }

    fn date(&self, date: Date) -> String {
        self.plan.settlement.locale.date(date)
    }

    /// `up to 2`, `below 45`, `from 3 to below 4`, `from 3 through 4`, `above 4`; of days,
    /// `before` and `after`.
    fn band_text(&self, line: &TableLine, before: Option<&TableLine>) -> String {
        let below = |at: &TablePoint| match at {
            TablePoint::Number(_) => format!("below {}", self.point_text(at)),
            TablePoint::Day(_) => format!("before {}", self.point_text(at)),
        };
        let above = |at: &TablePoint| match at {
            TablePoint::Number(_) => format!("above {}", self.point_text(at)),
            TablePoint::Day(_) => format!("after {}", self.point_text(at)),
        };
        match (&line.from, &line.end) {
            (Some(from), Some(end)) if end.open => {
                format!("from {} to {}", self.point_text(from), below(&end.at))
            }
            (Some(from), Some(end)) => {
                format!(
                    "from {} through {}",
                    self.point_text(from),
                    self.point_text(&end.at)
                )
            }
            (Some(from), None) => format!("from {} on", self.point_text(from)),
            (None, Some(end)) if end.open => below(&end.at),
            (None, Some(end)) => match end.at {
                TablePoint::Number(_) => format!("up to {}", self.point_text(&end.at)),
                TablePoint::Day(_) => format!("through {}", self.point_text(&end.at)),
            },
            (None, None) => match before.and_then(|before| before.end.as_ref()) {
                Some(end) if end.open => format!("from {} on", self.point_text(&end.at)),
                Some(end) => above(&end.at),
                None => String::new(),
            },
        }
    }

    fn point_text(&self, point: &TablePoint) -> String {
        match point {
            TablePoint::Number(number) => group(&number.written()),
            TablePoint::Day(day) => self.date(*day),
        }
    }
}

fn key_text(key: &TableKey) -> String {
    let cells = key.iter().map(|cell| blank_or(cell));
    cells.collect::<Vec<_>>().join(" and ")
}
