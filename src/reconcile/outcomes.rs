//! Files of outcomes: what banks, payment services and administrators report about
//! payments.
//!
//! A file is read like a claims file, by a plan that has no rules and in which no row
//! needs an id of its own. Each row becomes a fact about one payment of the chain.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rust_decimal::Decimal;

use crate::allocate::{Claims, read_claims};
use crate::base::dates::{self, Date};
use crate::base::diagnostics::{ClaimProblem, Message, listing, literal, mistyped, nearest};
use crate::base::money::{Currency, Money};
use crate::base::regular_file::folder_of;
use crate::claims::input::Input;
use crate::claims::problem_list::ProblemList;
use crate::claims::row_cells::PackedRow;
use crate::claims::{ClaimsFile, PLAN_OF_IDS, ReadOptions};
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::column::{ColumnUse, fold};
use crate::plan::{Choice as _, ColumnId, Plan, RowsRule};
use crate::reconcile::facts::{OutcomeDate, OutcomeSource, OutcomeStatus, OutcomeWord};
use crate::reconcile::messages;

/// A plan by which any file can be read.
const PLAN: &str = "[settlement]\nname = \"Outcomes\"\n[fund]\namount = 1\n\
    [claims]\nstatus = false\n[[pool]]\nname = \"all\"\nshares = 1\n";

/// How the facts state the form of amounts and dates.
const AMOUNT_FORM: &str = "thousands = \",\", prefix = \"$\"";
const DATE_FORM: &str = "format = \"MM/DD/YYYY\"";

/// A file of outcomes with its rows.
pub(crate) struct OutcomeFile<'f> {
    pub source: &'f OutcomeSource,
    pub path: PathBuf,
    pub rows: Claims,
    columns: OutcomeColumns,
}

/// The columns of a file; `None` for those that it does not have.
struct OutcomeColumns {
    id: Option<ColumnId>,
    number: Option<ColumnId>,
    amount: ColumnId,
    date: ColumnId,
    status: Option<ColumnId>,
}

/// The cells of a row, as far as they can be read.
#[derive(Debug)]
pub(crate) struct OutcomeRow<'r> {
    pub row: u32,
    pub id: &'r str,
    pub number: &'r str,
    pub amount: Money,
    pub date: Option<Date>,
    pub word: OutcomeWord,
}

/// Looks for a file beside the facts, and then here.
pub(crate) fn find(name: &str, beside: &Path) -> Option<PathBuf> {
    let here = PathBuf::from(name);
    let beside = folder_of(beside);
    let mut places = vec![here.clone()];
    if beside != Path::new(".") {
        places.insert(0, beside.join(name));
    }
    places.into_iter().find(|path| path.is_file())
}

impl<'f> OutcomeFile<'f> {
    /// Reads the rows of a file.
    pub(crate) fn read(
        source: &'f OutcomeSource,
        path: PathBuf,
        currency: Currency,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Self> {
        let mut plan = Plan::from_text(PLAN_OF_IDS, PLAN)?;
        plan.settlement.currency = currency;
        plan.claims.rows = RowsRule::Each;
        // The first column of a plan is that of the ids.
        let first = plan.claims.id;
        if let Some(column) = plan.columns.get_mut(first) {
            column.name.clone_from(&source.id.name);
            column.optional = true;
        }
        let mut add = |name: &str, optional: bool| {
            let id = plan.columns.beside_rules(name, ColumnUse::Facts);
            if let Some(column) = plan.columns.get_mut(id) {
                column.optional = optional;
            }
            id
        };
        let number = add(&source.number.name, !source.number.is_stated);
        let amount = add(&source.amount, false);
        let is_dated = !matches!(
            source.status,
            OutcomeStatus::Every(OutcomeWord::Outstanding)
        );
        let date = add(&source.date, !is_dated);
        let status = match &source.status {
            OutcomeStatus::Every(_) => None,
            OutcomeStatus::Column { name, .. } => Some(add(name, false)),
        };
        let options = ReadOptions {
            keep_cells: true,
            ..ReadOptions::default()
        };
        let input = Input::named(&path, None);
        let rows = read_claims(&[input], &plan, &options, progress)?;
        let file = path.display().to_string();
        let lacks = |column: ColumnId| rows.header.lacks(column);
        let hint = || match nearest(
            &source.id.name,
            rows.header.names.iter().map(String::as_str),
        ) {
            Some(near) => format!("did you mean {}?", literal(near)),
            None => format!("the header has {}", listing(&rows.header.names)),
        };
        if (lacks(first) && lacks(number)) || (lacks(first) && source.id.is_stated) {
            let (id, number) = (literal(&source.id.name), literal(&source.number.name));
            let message = messages::no_payment_column(&file, &id, &number);
            let own = message.hint.clone().unwrap_or_default();
            return Err(message.hint(format!("{own}; {}", hint())).into());
        }
        let there = |column: ColumnId| Some(column).filter(|column| !lacks(*column));
        let columns = OutcomeColumns {
            id: there(first),
            number: there(number),
            amount,
            date,
            status,
        };
        Ok(Self {
            source,
            path,
            rows,
            columns,
        })
    }

    /// The file as the manifest names it.
    pub(crate) fn facts(&self) -> Option<&ClaimsFile> {
        self.rows.files.first()
    }

    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// The rows that are not skipped. Their faults are added to the problems.
    pub(crate) fn each_row(
        &self,
        currency: Currency,
        problems: &mut ProblemList,
        mut take: impl FnMut(OutcomeRow<'_>, &mut ProblemList),
    ) -> Result<()> {
        for listed in self.rows.claim_list.rows() {
            let cells = self.rows.claim_list.kept_cells(listed.number)?;
            let text = |column: Option<ColumnId>| column.map_or("", |column| cells.text(column));
            let mut fault = |column: Option<ColumnId>, message: Message| {
                let problem = self.problem(listed.number, cells, column, message);
                problems.add(problem);
            };
            let word = match self.word(text(self.columns.status)) {
                Ok(Some(word)) => word,
                Ok(None) => continue,
                Err(message) => {
                    fault(self.columns.status, message);
                    continue;
                }
            };
            let amount_cell = cells.text(self.columns.amount);
            let amount = self.amount(amount_cell, currency);
            let date = self.date(text(Some(self.columns.date)), word);
            let (id, number) = (text(self.columns.id), text(self.columns.number));
            if id.is_empty() && number.is_empty() {
                fault(None, messages::payment_not_named());
            }
            let amount = amount.map_err(|message| fault(Some(self.columns.amount), message));
            let date = date.map_err(|message| fault(Some(self.columns.date), message));
            let (Ok(amount), Ok(date)) = (amount, date) else {
                continue;
            };
            if id.is_empty() && number.is_empty() {
                continue;
            }
            let row = OutcomeRow {
                row: listed.number,
                id,
                number,
                amount,
                date,
                word,
            };
            take(row, problems);
        }
        Ok(())
    }

    /// A problem of a row; the id shown is that of the row, if it has one.
    fn problem(
        &self,
        row: u32,
        cells: PackedRow<'_>,
        column: Option<ColumnId>,
        message: Message,
    ) -> ClaimProblem {
        let id = self.columns.id.map_or("", |column| cells.text(column));
        let name = column.map(|column| self.name(column));
        let cell = name.zip(column.map(|column| cells.text(column)));
        let problem = self.rows.problem(row, id, cell, message);
        ClaimProblem {
            claimant_id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            ..problem
        }
    }

    /// A problem of the row with this index.
    pub(crate) fn problem_at(
        &self,
        row: u32,
        cell: OutcomeCell,
        message: Message,
    ) -> Result<ClaimProblem> {
        let cells = self.rows.claim_list.kept_cells(row)?;
        Ok(self.problem(row, cells, self.column(cell), message))
    }

    fn column(&self, cell: OutcomeCell) -> Option<ColumnId> {
        match cell {
            OutcomeCell::Id => self.columns.id,
            OutcomeCell::Number => self.columns.number,
            OutcomeCell::Amount => Some(self.columns.amount),
            OutcomeCell::Date => Some(self.columns.date),
        }
    }

    fn name(&self, column: ColumnId) -> &str {
        let place = self.rows.header.places.get(column.0);
        let name = place.and_then(|place| self.rows.header.names.get(*place));
        name.map_or("", String::as_str)
    }

    /// The word for a text; `None` for rows about something else.
    fn word(&self, cell: &str) -> Result<Option<OutcomeWord>, Message> {
        let texts = match &self.source.status {
            OutcomeStatus::Every(word) => return Ok(Some(*word)),
            OutcomeStatus::Column { texts, .. } => texts,
        };
        if let Some((_, word)) = texts.iter().find(|(text, _)| text == cell) {
            return Ok(*word);
        }
        let known: Vec<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
        let same = known.iter().find(|text| fold(text) == fold(cell)).copied();
        let near = same.or_else(|| mistyped(cell, known.iter().copied()));
        let every = "every text must be under a word or under `skip`";
        let hint = match near {
            Some(near) => format!("did you mean {}? {every}", literal(near)),
            None => format!("the facts list {}; {every}", listing(&known)),
        };
        let message = messages::status_unknown(&literal(cell)).hint(hint);
        Err(message.suggest(same.map(str::to_owned)))
    }

    fn amount(&self, cell: &str, currency: Currency) -> Result<Money, Message> {
        if cell.is_empty() {
            return Err(messages::amount_blank());
        }
        let format = &self.source.amount_format;
        let number: Decimal = format
            .number(self.columns.amount, cell)
            .map_err(|fault| self.of_facts(fault.message, "amount", AMOUNT_FORM))?;
        let money = currency.exact(number);
        money.ok_or_else(|| messages::amount_too_precise(&literal(cell)))
    }

    /// A message about the form of a cell, which is stated in the facts and not in a plan.
    fn of_facts(&self, message: Message, key: &str, form: &str) -> Message {
        let hint = message.hint.clone().unwrap_or_default();
        if !hint.contains("[column") {
            return message;
        }
        let column = match key {
            "amount" => self.columns.amount,
            _ => self.columns.date,
        };
        let column = self.name(column);
        message.hint(format!(
            "correct the cell, or state the form of the column in the facts: `{key} = {{ column = \"{column}\", {form} }}`"
        ))
    }

    fn date(&self, cell: &str, word: OutcomeWord) -> Result<Option<Date>, Message> {
        if cell.is_empty() {
            return match word {
                OutcomeWord::Outstanding => Ok(None),
                word => Err(messages::date_blank(word.word())),
            };
        }
        let dates = match self.source.date_format {
            OutcomeDate::InPlans(dates) => dates,
            OutcomeDate::Digits => return digits(cell).map(Some),
        };
        let format = ColumnFormat {
            dates,
            ..ColumnFormat::default()
        };
        let day = format.day(self.columns.date, cell);
        day.map(Some)
            .map_err(|fault| self.of_facts(fault.message, "date", DATE_FORM))
    }
}

/// The cell of a row that a problem is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OutcomeCell {
    Id,
    Number,
    Amount,
    Date,
}

/// A date as `20261031`.
fn digits(cell: &str) -> Result<Date, Message> {
    let fault = || messages::date_not_digits(&literal(cell));
    if cell.len() != 8 || !cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fault());
    }
    let part = |range| cell.get(range).unwrap_or_default();
    let iso = format!("{}-{}-{}", part(0..4), part(4..6), part(6..8));
    dates::iso_date(&iso).ok_or_else(fault)
}
