//! The account of a run as data: sections of rows, in the words in which they are
//! printed. The renderers (text, page and workbook) add nothing to it.

use crate::base::diagnostics::shown_whole;
use crate::base::locale::Locale;
use crate::base::money::{Currency, group};
use crate::base::styled_text::TextStyle;

/// A place in which an account is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    Text,
    Page,
    Workbook,
}

/// The places in which a part of the account is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    Everywhere,
    /// On the page and in the workbook.
    Full,
    /// On the page only: charts, and the plan in plain English.
    Page,
}

impl Detail {
    fn is_in(self, medium: Medium) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Full => medium != Medium::Text,
            Self::Page => medium == Medium::Page,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Account {
    /// The name of the settlement.
    pub name: String,
    pub docket: Option<String>,
    /// `As of October 1, 2026`.
    pub as_of: Option<String>,
    pub currency: Currency,
    pub locale: Locale,
    pub sections: Vec<AccountSection>,
}

/// A heading with sentences, rows of figures and notes, in this order.
#[derive(Debug)]
pub(crate) struct AccountSection {
    detail: Detail,
    pub title: String,
    /// The style of the title.
    pub tone: TextStyle,
    pub sentences: Vec<(Detail, String)>,
    /// The headings of the figures; a blank one needs no heading.
    pub headings: Vec<(Detail, &'static str)>,
    pub rows: Vec<AccountRow>,
    pub notes: Vec<(Detail, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowRole {
    Entry,
    /// A part of the entry above.
    Part,
    /// An amount to start from, or a total.
    Total,
    /// A figure of a section of key figures.
    Key,
}

#[derive(Debug)]
pub(crate) struct AccountRow {
    detail: Detail,
    pub role: RowRole,
    pub label: String,
    pub figures: Vec<Figure>,
    /// The place from which the first figure can be recomputed.
    pub source: Option<FigureSource>,
}

#[derive(Debug, Clone)]
pub(crate) enum Figure {
    Blank,
    /// An amount in currency, as digits.
    Amount(String),
    /// Another decimal number, as digits.
    Number(String),
    Count(u64),
    Text(String),
    Digest(String),
    Bar(ChartBar),
}

/// A bar of a chart: start and length in ten-thousandths of the chart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChartBar {
    pub start: i128,
    pub length: i128,
    /// The color: a class of the style sheet.
    pub class: &'static str,
}

/// The source of a figure in the row files, which are named.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FigureSource {
    /// The sum of the rows above in the section, without totals.
    Above,
    /// The sum of payouts, in total or from the pool at this index.
    Payouts(&'static str, Option<usize>),
    /// The number of rows.
    Rows(&'static str),
}

impl Account {
    /// Leaves out the parts that a medium does not show, and escapes invisible
    /// characters and those that change the direction of text.
    pub(in crate::run) fn shown_in(mut self, medium: Medium) -> Self {
        let is_in = |detail: Detail| detail.is_in(medium);
        self.sections.retain(|section| is_in(section.detail));
        for section in &mut self.sections {
            section.sentences.retain(|(detail, _)| is_in(*detail));
            section.notes.retain(|(detail, _)| is_in(*detail));
            section.rows.retain(|row| is_in(row.detail));
            for row in &mut section.rows {
                let mut columns = section.headings.iter();
                row.figures
                    .retain(|_| columns.next().is_none_or(|(detail, _)| is_in(*detail)));
            }
            section.headings.retain(|(detail, _)| is_in(*detail));
            let columns = section.headings.len();
            let rows = section.rows.iter_mut();
            rows.for_each(|row| row.figures.resize(columns, Figure::Blank));
        }
        self.each_text(&|text| *text = shown_whole(&text.replace('\u{a0}', " ")));
        self
    }

    fn each_text(&mut self, change: &dyn Fn(&mut String)) {
        change(&mut self.name);
        self.docket.iter_mut().for_each(change);
        for section in &mut self.sections {
            change(&mut section.title);
            let sentences = section.sentences.iter_mut().chain(&mut section.notes);
            sentences.for_each(|(_, text)| change(text));
            for row in &mut section.rows {
                change(&mut row.label);
                for figure in &mut row.figures {
                    if let Figure::Text(text) = figure {
                        change(text);
                    }
                }
            }
        }
    }
}

impl AccountSection {
    pub(crate) fn new(
        detail: Detail,
        title: impl Into<String>,
        headings: &[(Detail, &'static str)],
    ) -> Self {
        Self {
            detail,
            title: title.into(),
            tone: TextStyle::Heading,
            sentences: Vec::new(),
            headings: headings.to_vec(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row and returns it, to be described further.
    pub(crate) fn row(
        &mut self,
        role: RowRole,
        label: impl Into<String>,
        figures: impl Into<Vec<Figure>>,
    ) -> &mut AccountRow {
        self.rows.push_mut(AccountRow {
            detail: Detail::Everywhere,
            role,
            label: label.into(),
            figures: figures.into(),
            source: None,
        })
    }

    pub(crate) fn sentence(&mut self, detail: Detail, text: impl Into<String>) {
        self.sentences.push((detail, text.into()));
    }

    pub(super) fn note(&mut self, detail: Detail, text: impl Into<String>) {
        self.notes.push((detail, text.into()));
    }

    pub(crate) fn entry(
        &mut self,
        label: impl Into<String>,
        figures: impl Into<Vec<Figure>>,
    ) -> &mut AccountRow {
        self.row(RowRole::Entry, label, figures)
    }

    pub(crate) fn has_headings(&self) -> bool {
        self.headings.iter().any(|(_, heading)| !heading.is_empty())
    }

    /// True if the section has figures that readers look for first.
    pub(crate) fn has_key_figures(&self) -> bool {
        self.rows.iter().any(|row| row.role == RowRole::Key)
    }
}

impl AccountRow {
    pub(super) fn of(&mut self, source: FigureSource) -> &mut Self {
        self.source = Some(source);
        self
    }

    pub(super) fn only(&mut self, detail: Detail) {
        self.detail = detail;
    }
}

impl Figure {
    /// An amount that may be missing.
    pub(super) fn optional(amount: Option<&String>) -> Self {
        amount.map_or_else(
            || Self::Text("none".to_owned()),
            |amount| Self::Amount(amount.clone()),
        )
    }

    /// The figure with thousands separators, and amounts with the sign of a currency
    /// if there is one.
    pub(crate) fn text(&self, currency: Option<Currency>) -> String {
        match (self, currency) {
            (Self::Blank | Self::Bar(_), _) => String::new(),
            (Self::Amount(digits), Some(currency)) => currency.grouped_text(digits),
            (Self::Amount(digits) | Self::Number(digits), _) => group(digits),
            (Self::Count(count), _) => group(count),
            (Self::Text(text) | Self::Digest(text), _) => text.clone(),
        }
    }
}
