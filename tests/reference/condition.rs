//! `when`: which claims a rule is for.

use toml::de::DeValue;
use unicase::UniCase;

use super::calendar::{day, day_number, instant};
use super::claim::Claim;
use super::column::{Column, Columns};
use super::document::{Node, Table};
use super::number::Number;
use super::refused::Refused;

type Result<T> = std::result::Result<T, Refused>;

/// Every test must hold; they are tried in the order written.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition(Vec<Test>);

#[derive(Clone, Debug)]
enum Test {
    /// Member of any of these subclasses.
    In(Vec<String>),
    Cell {
        name: String,
        column: Column,
        matcher: Matcher,
    },
}

#[derive(Clone, Debug)]
enum Matcher {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Blank(bool),
    /// `blank` says whether a blank cell counts as inside; without it, it is an error.
    Range {
        bounds: Bounds,
        blank: Option<bool>,
    },
}

#[derive(Clone, Debug)]
enum Bounds {
    Numbers(Span<Number>),
    Days(Span<i64>),
    Instants(Span<Number>),
}

/// From one end to the other, both included; an end may be missing.
#[derive(Clone, Debug)]
struct Span<T> {
    from: Option<T>,
    to: Option<T>,
}

/// What a condition may name.
pub(super) struct Names<'a> {
    pub columns: &'a Columns,
    /// The subclasses, where a condition may ask for them.
    pub subclasses: Option<&'a [String]>,
}

impl Condition {
    pub(super) fn read(node: &Node, names: &Names) -> Result<Condition> {
        let entries = node.table()?.rest();
        if entries.is_empty() {
            return Err(node.refuse("has no conditions"));
        }
        let tests = entries
            .into_iter()
            .map(|(key, value)| Test::read(key, &value, names));
        Ok(Condition(tests.collect::<Result<_>>()?))
    }

    pub(super) fn holds(&self, claim: &Claim) -> Result<bool> {
        for test in &self.0 {
            if !test.holds(claim)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The columns it may read.
    pub(super) fn columns(&self) -> Vec<String> {
        self.0.iter().filter_map(Test::column).collect()
    }

    /// The texts it compares cells with, each with its column.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        self.0.iter().flat_map(Test::texts).collect()
    }
}

impl Test {
    fn read(key: String, node: &Node, names: &Names) -> Result<Test> {
        if key != "in" {
            let matcher = Matcher::read(node)?;
            return Ok(Test::Cell {
                column: names.columns.named(&key),
                name: key,
                matcher,
            });
        }
        let known = names
            .subclasses
            .ok_or_else(|| node.refuse("is not possible here"))?;
        let keys = node.cell_texts()?;
        match keys.iter().find(|key| !known.contains(key)) {
            Some(key) => Err(node.refuse(&format!("names no subclass: `{key}`"))),
            None => Ok(Test::In(keys)),
        }
    }

    fn holds(&self, claim: &Claim) -> Result<bool> {
        match self {
            Test::In(keys) => Ok(keys.iter().any(|key| claim.subclasses.contains(key))),
            Test::Cell {
                name,
                column,
                matcher,
            } => {
                let cell = claim.cell(name);
                let wrong = |problem: &str| {
                    Refused::row(claim.row, format!("column `{name}`: `{cell}` {problem}"))
                };
                matcher.holds(cell, column).map_err(wrong)
            }
        }
    }

    fn column(&self) -> Option<String> {
        match self {
            Test::In(_) => None,
            Test::Cell { name, .. } => Some(name.clone()),
        }
    }

    fn texts(&self) -> Vec<(String, String)> {
        match self {
            Test::Cell {
                name,
                matcher: Matcher::OneOf(texts) | Matcher::NoneOf(texts),
                ..
            } => texts
                .iter()
                .map(|text| (name.clone(), text.clone()))
                .collect(),
            _ => Vec::new(),
        }
    }
}

impl Matcher {
    fn read(node: &Node) -> Result<Matcher> {
        match node.value() {
            DeValue::String(_) | DeValue::Array(_) => Ok(Matcher::OneOf(node.cell_texts()?)),
            DeValue::Table(_) => Matcher::read_table(node.table()?),
            _ => Err(node.refuse("must be a text, a list of texts or a table")),
        }
    }

    fn read_table(mut table: Table) -> Result<Matcher> {
        let not = table.maybe("not", Node::cell_texts)?;
        let blank = table.maybe("blank", Node::flag)?;
        let ends = (table.take("from"), table.take("to"));
        let matcher = match (not, blank, &ends) {
            (Some(texts), None, (None, None)) => Matcher::NoneOf(texts),
            (None, Some(blank), (None, None)) => Matcher::Blank(blank),
            (None, blank, (from, to)) if from.is_some() || to.is_some() => Matcher::Range {
                bounds: Bounds::read(from.as_ref(), to.as_ref())?,
                blank,
            },
            _ => return Err(table.refuse("must have `not`, or `blank`, or `from` and `to`")),
        };
        table.done()?;
        Ok(matcher)
    }

    fn holds(&self, cell: &str, column: &Column) -> std::result::Result<bool, &'static str> {
        match self {
            Matcher::OneOf(texts) => Ok(texts.iter().any(|text| text == cell)),
            Matcher::NoneOf(texts) => Ok(texts.iter().all(|text| text != cell)),
            Matcher::Blank(blank) => Ok(cell.is_empty() == *blank),
            Matcher::Range { blank, .. } if cell.is_empty() => {
                blank.ok_or("is blank, and nothing says what then")
            }
            Matcher::Range { bounds, .. } => bounds.hold(cell, column),
        }
    }
}

impl Bounds {
    fn read<'a>(from: Option<&Node<'a>>, to: Option<&Node<'a>>) -> Result<Bounds> {
        let ends: Vec<&Node> = from.into_iter().chain(to).collect();
        let times: Vec<_> = ends
            .iter()
            .filter_map(|end| end.value().as_datetime())
            .collect();
        let all_times = times.len() == ends.len();
        if all_times
            && times
                .iter()
                .all(|time| time.date.is_some() && time.time.is_none())
        {
            Ok(Bounds::Days(Span::read(from, to, day_of)?))
        } else if all_times && times.iter().all(|time| time.offset.is_some()) {
            Ok(Bounds::Instants(Span::read(from, to, instant_of)?))
        } else {
            Ok(Bounds::Numbers(Span::read(from, to, Node::number)?))
        }
    }

    fn hold(&self, cell: &str, column: &Column) -> std::result::Result<bool, &'static str> {
        match self {
            Bounds::Numbers(span) => {
                Ok(span.holds(&column.amount(cell).ok_or("is no plain amount")?))
            }
            Bounds::Days(span) => {
                Ok(span
                    .holds(&day(cell, column.dates).ok_or("is no date in the form of the column")?))
            }
            Bounds::Instants(span) => {
                Ok(span.holds(&instant(cell).ok_or("is no date and time with an offset")?))
            }
        }
    }
}

impl<T: PartialOrd> Span<T> {
    fn read<'a>(
        from: Option<&Node<'a>>,
        to: Option<&Node<'a>>,
        read: impl Fn(&Node<'a>) -> Result<T>,
    ) -> Result<Span<T>> {
        let span = Span {
            from: from.map(&read).transpose()?,
            to: to.map(&read).transpose()?,
        };
        if let (Some(first), Some(last), Some(to)) = (&span.from, &span.to, to)
            && first > last
        {
            return Err(to.refuse("comes before `from`"));
        }
        Ok(span)
    }

    fn holds(&self, value: &T) -> bool {
        self.from.as_ref().is_none_or(|from| from <= value)
            && self.to.as_ref().is_none_or(|to| value <= to)
    }
}

fn day_of(node: &Node) -> Result<i64> {
    let date = node.value().as_datetime().and_then(|time| time.date);
    let number =
        date.and_then(|date| day_number(date.year.into(), date.month.into(), date.day.into()));
    number.ok_or_else(|| node.refuse("must be a date"))
}

/// A date-time with offset prints as cells write it, whatever the plan's own spelling.
fn instant_of(node: &Node) -> Result<Number> {
    let time = node.value().as_datetime().map(ToString::to_string);
    let moment = time.and_then(|time| instant(&time));
    moment.ok_or_else(|| node.refuse("must be a date and time with an offset"))
}

/// The form of a text that only case and white space can no longer tell apart.
pub(super) fn folded(text: &str) -> String {
    let solid: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    UniCase::unicode(solid).to_folded_case()
}
