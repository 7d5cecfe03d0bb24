//! Reads `[statement]`.

use crate::base::diagnostics::{Message, literal};
use crate::plan::column::ColumnUse;
use crate::plan::columns::Columns;
use crate::plan::document::{TomlValue, all};
use crate::plan::kinds::{AnyText, ColumnName, ColumnNames, Map, OneOf, Words};
use crate::plan::plan_file::{self, PlanFile, PlanFileFaults};
use crate::plan::portion::reader::PortionKeys;
use crate::plan::statement::template::{LetterFact, Template, TemplateFault, TemplateReader};
use crate::plan::statement::{Letters, StatementDetail, StatementForm, StatementRules};
use crate::plan::table::keys;
use crate::plan::{PlanSource, messages};

keys! {
    struct StatementKeys<'p>: "[statement]", "statement" {
        detail: OneOf<StatementDetail>, Or("\"plain\""), "how much of the calculation is shown: `\"plain\"` what was approved, the percentage and the amount, `\"full\"` every step";
        columns: ColumnNames, Or("none"), "the columns of the claims file whose cells are shown, and named values";
        text: Words, Or("none"), "the paragraph at the end";
        template: AnyText, Or("no letter"), "the name of a text file in the folder of the plan: each statement is this letter, filled in";
        templates: Map<AnyText>, Or("no letters"), "the names of such files, by the text of the column `language`";
        language: ColumnName, Or("none"), "the column whose text chooses one of the `templates`";
        form: OneOf<StatementForm>, Or("\"text\""), "whether each statement is a text or a page for a browser or a printer";
    }
    rules {
        One(&["template", "templates"], None, "");
        With("templates", &["language"]);
        With("language", &["templates"]);
        Without("columns", &["template", "templates"], "put the columns into the letter: `{column.NAME}`");
        Without("text", &["template", "templates"], "put the text into the letter");
    }
}

const FAULTS: PlanFileFaults = PlanFileFaults {
    unreadable: messages::template_unreadable,
    not_text: messages::template_not_text,
};

pub(in crate::plan) fn read_statement(
    keys: &StatementKeys<'_>,
    source: &PlanSource,
    portions: &[PortionKeys<'_>],
    columns: &mut Columns,
) -> StatementRules {
    let portions = portions.iter().map(|keys| keys.name.value.as_deref());
    let portions: Vec<&str> = portions.map(Option::unwrap_or_default).collect();
    let mut templates = TemplateFiles {
        source,
        portions: &portions,
        files: Vec::new(),
        faults: Vec::new(),
        columns,
    };
    let letters = templates.letters(keys);
    templates.report();
    let files = templates.files;
    let mut shown = Vec::new();
    for (name, place) in keys.columns.value.iter().flatten() {
        let source = columns.shown(name);
        if shown.contains(&source) {
            place.problem(messages::statement_column_repeated()).add();
        }
        shown.push(source);
    }
    StatementRules {
        detail: keys.detail.value.unwrap_or_default(),
        form: keys.form.value.unwrap_or_default(),
        columns: shown,
        text: keys.text.value.clone(),
        letters,
        files,
    }
}

/// True for a text that names English, and for a blank.
fn is_english(language: &str) -> bool {
    let language = language.to_lowercase();
    matches!(&*language, "" | "e" | "en" | "eng" | "english")
        || language.starts_with("en-")
        || language.starts_with("en_")
}

/// A fault that several templates may have.
struct SharedFault<'k, 'p> {
    message: Message,
    /// Its number among equal faults of one file.
    number: usize,
    places: Vec<String>,
    /// The value of the plan that names the first file.
    at: &'k TomlValue<'p>,
}

/// Reads the templates of a plan.
struct TemplateFiles<'r, 'k, 'p> {
    source: &'r PlanSource,
    /// The names of the portions of the plan.
    portions: &'r [&'r str],
    files: Vec<PlanFile>,
    faults: Vec<SharedFault<'k, 'p>>,
    columns: &'r mut Columns,
}

impl<'k, 'p> TemplateFiles<'_, 'k, 'p> {
    fn letters(&mut self, keys: &'k StatementKeys<'p>) -> Option<Letters> {
        if let (Some(at), Some(name)) = (&keys.template.at, &keys.template.value) {
            return self.template(at, name).map(Letters::One);
        }
        let (at, entries) = (keys.templates.at.as_ref()?, keys.templates.value.as_ref()?);
        if entries.is_empty() {
            return at.fault(messages::nothing_listed).none();
        }
        let language = keys.language.value.as_ref()?;
        let column = self.columns.beside_rules(language, ColumnUse::Statements);
        // A blank cell is compared as it is.
        let texts = entries.iter().filter(|(entry, _)| !entry.key.is_empty());
        let texts = texts.map(|(entry, _)| (entry.key.to_owned(), entry.key_place.clone()));
        let texts: Vec<_> = texts.collect();
        self.columns.name_texts_of_rows(column, &texts);
        let templates = entries.iter().map(|(entry, name)| {
            let template = self.template(entry, name.as_ref()?)?;
            if template.has(LetterFact::Explanation) && !is_english(entry.key) {
                let message = messages::explanation_in_other_language(&literal(entry.key));
                return entry.problem(message).none();
            }
            Some((entry.key.to_owned(), template))
        });
        let templates = all(templates)?;
        Some(Letters::ByLanguage { column, templates })
    }

    /// Reads a template and its file.
    fn template(&mut self, at: &'k TomlValue<'p>, name: &str) -> Option<Template> {
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_lowercase());
        let documents = ["html", "htm", "doc", "docx", "rtf"];
        if ending.is_some_and(|ending| documents.contains(&&*ending)) {
            let message = messages::template_not_plain(&literal(name));
            return at.problem(message).none();
        }
        let text = plan_file::load(at, name, self.source, &mut self.files, FAULTS)?;
        let reader = TemplateReader {
            file: name,
            portions: self.portions,
            columns: self.columns,
        };
        match reader.read(&text) {
            Ok(template) => Some(template),
            Err(faults) => {
                self.note(at, faults);
                None
            }
        }
    }

    /// Notes the faults of a template, each with the equal ones of earlier templates.
    fn note(&mut self, at: &'k TomlValue<'p>, faults: Vec<TemplateFault>) {
        let mut noted: Vec<Message> = Vec::new();
        for TemplateFault { place, message } in faults {
            let number = noted.iter().filter(|before| **before == message).count();
            noted.push(message.clone());
            let mut known = self.faults.iter_mut();
            match known.find(|known| known.message == message && known.number == number) {
                Some(known) => known.places.push(place),
                None => self.faults.push(SharedFault {
                    message,
                    number,
                    places: vec![place],
                    at,
                }),
            }
        }
    }

    /// Reports the faults, each once with all of its places.
    fn report(&mut self) {
        for fault in self.faults.drain(..) {
            let mut message = fault.message;
            let places = fault.places.join(", ");
            if !places.is_empty() {
                message = message.within(&format!("{places}: "));
            }
            let hint = message.hint.clone();
            fault.at.problem(message).perhaps(hint).add();
        }
    }
}
