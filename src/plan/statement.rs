//! `[statement]`: what statements show to claimants. It changes no payment.

pub(crate) mod reader;
pub(crate) mod template;

use crate::plan::cell::{Cells, NumberSource, ValueId};
use crate::plan::kinds::words;
use crate::plan::statement::template::Template;
use crate::plan::{ColumnId, PlanFile};

/// Content of claimants' statements other than the payment; it changes no payment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementRules {
    pub detail: StatementDetail,
    pub form: StatementForm,
    /// Columns of the claims file and named values, in order.
    pub columns: Vec<NumberSource>,
    /// The last paragraph of a statement.
    pub text: Option<String>,
    /// The letters that statements are, if the plan has templates.
    pub letters: Option<Letters>,
    /// The files of the templates, each once.
    pub files: Vec<PlanFile>,
}

/// The part of the calculation that statements show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatementDetail {
    /// The approved amount, the percentage and the payment.
    #[default]
    Plain,
    /// Every step, for auditors.
    Full,
}

/// The form of each statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatementForm {
    #[default]
    Text,
    /// A page for a browser or a printer.
    Html,
}

words! {
    StatementDetail { "plain" Plain, "full" Full }
    StatementForm { "text" Text, "html" Html }
}

/// The templates of the letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letters {
    /// The same for all claimants.
    One(Template),
    /// One for each text of a column.
    ByLanguage {
        column: ColumnId,
        templates: Vec<(String, Template)>,
    },
}

impl Letters {
    pub(crate) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::One(template) => vec![template],
            Self::ByLanguage { templates, .. } => {
                templates.iter().map(|(_, template)| template).collect()
            }
        }
    }

    /// The template for a claim with these cells.
    pub(crate) fn template(&self, cells: &impl Cells) -> Option<&Template> {
        match self {
            Self::One(template) => Some(template),
            Self::ByLanguage { column, templates } => {
                let language = cells.cell(*column);
                let mut templates = templates.iter();
                let found = templates.find(|(text, _)| text == language);
                found.map(|(_, template)| template)
            }
        }
    }
}

impl StatementRules {
    /// The named values that statements show.
    pub(crate) fn values(&self) -> Vec<ValueId> {
        let templates = self.letters.iter().flat_map(Letters::templates);
        let in_letters = templates.flat_map(Template::sources);
        let shown = self.columns.iter().copied().chain(in_letters);
        let values = shown.filter_map(|source| match source {
            NumberSource::Value(value) => Some(value),
            NumberSource::Column(_) => None,
        });
        values.collect()
    }

    /// The columns and values that the index of statements has besides the id.
    pub(crate) fn merged(&self, id: ColumnId) -> impl Iterator<Item = NumberSource> {
        let columns = self.columns.iter().copied();
        columns.filter(move |source| *source != NumberSource::Column(id))
    }

    /// The files of the templates that show a column.
    pub(crate) fn letters_with(&self, column: ColumnId) -> Vec<&str> {
        let templates = self.letters.iter().flat_map(Letters::templates);
        let shows = |template: &&Template| {
            let mut sources = template.sources();
            sources.any(|source| source == NumberSource::Column(column))
        };
        let mut files: Vec<&str> = templates
            .filter(shows)
            .map(|template| &*template.file)
            .collect();
        files.dedup();
        files
    }

    /// The column that decides which template is filled in.
    pub(crate) fn language(&self) -> Option<ColumnId> {
        match &self.letters {
            Some(Letters::ByLanguage { column, .. }) => Some(*column),
            _ => None,
        }
    }
}
