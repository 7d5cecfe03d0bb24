//! Parses a layout from TOML.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::base::dates::{self, Date};
use crate::base::diagnostics::{Message, OrBug as _, did_you_mean, literal};
use crate::export::formats::delimited::Delimited;
use crate::export::layout::field::{Field, FieldValue as What};
use crate::export::layout::keys::{self, LayoutKeys};
use crate::export::layout::setting::{self};
use crate::export::layout::{
    FileLimits, FileRules, Layout, LayoutChoices, LayoutPurpose, LineEnd, QuoteRule, messages,
    validate,
};
use crate::plan::column::ColumnUse as ColumnReader;
use crate::plan::condition::{self, Condition, Criterion, Matcher};
use crate::plan::document::TomlDocument;
use crate::plan::table::TableKeys as _;
use crate::plan::{ColumnId, Columns, Plan, PlanSource, parse};

/// An earlier year is a typing error.
const FIRST_YEAR: i16 = 1990;

impl Layout {
    /// Reads a layout for the runs of a plan, and extends the plan by the columns that
    /// the layout reads. `base` finds the layout that another one extends.
    pub fn load(
        source: &PlanSource,
        base: &dyn Fn(&str) -> Option<PlanSource>,
        choices: &LayoutChoices,
        plan: &mut Plan,
    ) -> Result<Self> {
        layout(source, base, choices, plan)
    }
}

/// Reads a layout; see [`Layout::load`].
fn layout(
    source: &PlanSource,
    find: &dyn Fn(&str) -> Option<PlanSource>,
    choices: &LayoutChoices,
    plan: &mut Plan,
) -> Result<Layout> {
    let currency = plan.settlement.currency;
    let mut draft = LayoutDraft::new(source, choices, plan);
    let table = parse::document(source)?;
    let own = TomlDocument::new(&source.text, currency);
    let own_keys = LayoutKeys::root(&own, table.get_ref());
    let base = base(&own_keys, find);
    own.check(source)?;
    // The names and settings in a custom layout also apply to its base, so the custom
    // layout is read first.
    draft.names(&own_keys);
    draft.layout.portion = portion(choices, draft.plan)?;
    draft.layout.date = choices.date.as_deref().map(date).transpose()?;
    let table = base.as_ref().map(parse::document).transpose()?;
    let text = base.as_ref().map_or("", |base| &base.text);
    let extended = TomlDocument::new(text, currency);
    let base_keys = table
        .as_ref()
        .map(|table| LayoutKeys::root(&extended, table.get_ref()));
    if let Some(keys) = &base_keys {
        draft.settings(keys, false);
    }
    draft.settings(&own_keys, true);
    setting::give(&mut draft.layout.settings, &draft.given);
    if let Some(keys) = &base_keys {
        draft.rest(keys, false);
    }
    draft.rest(&own_keys, true);
    if let Some(base) = &base {
        extended.check(base)?;
    }
    own.check(source)?;
    draft.check_settings()?;
    let (mut layout, columns) = draft.finish(base.clone())?;
    bind(&mut layout, &columns, plan);
    Ok(layout)
}

/// Finds the portion of `--portion`.
fn portion(choices: &LayoutChoices, plan: &Plan) -> Result<Option<usize>, Message> {
    let Some(name) = &choices.portion else {
        return Ok(None);
    };
    let number = portion_of(plan, name);
    if number.is_none() {
        let names: Vec<&str> = plan.portions.iter().map(|one| one.name.as_str()).collect();
        let hint = match names.as_slice() {
            [] => "the plan has no [[portion]]".to_owned(),
            names => did_you_mean(name, names, "the portions are"),
        };
        return Err(messages::portion_unknown(&literal(name)).hint(hint));
    }
    Ok(number)
}

/// The index of a portion.
pub(super) fn portion_of(plan: &Plan, name: &str) -> Option<usize> {
    let mut portions = plan.portions.iter();
    portions.position(|portion| portion.name == name)
}

/// Extends the plan by the columns that the layout reads, and replaces the layout's
/// column numbers by those of the plan.
fn bind(layout: &mut Layout, columns: &Columns, plan: &mut Plan) {
    let of_when = layout.when.columns_mut().into_iter();
    let mut read: Vec<(&mut ColumnId, bool)> = of_when.map(|column| (column, false)).collect();
    for field in &mut layout.fields {
        let optional = field.optional;
        if let What::Cells(columns, _) = &mut field.value {
            read.extend(columns.iter_mut().map(|column| (column, optional)));
        }
    }
    let mut reads = Vec::new();
    for (column, optional) in read {
        let ours = columns.get(*column).or_bug("a layout reads no column");
        let is_new = !plan.columns.is_known(&ours.name);
        *column = plan.columns.beside_rules(&ours.name, ColumnReader::Layout);
        reads.push(*column);
        if let Some(theirs) = plan.columns.get_mut(*column) {
            // A column is optional if everything that reads it lets it be absent.
            theirs.optional = optional && (is_new || theirs.optional);
            theirs.layout_name.clone_from(&ours.layout_name);
        }
    }
    reads.sort_unstable();
    reads.dedup();
    layout.reads = reads;
}

/// Finds the layout that a layout extends.
fn base(keys: &LayoutKeys<'_>, find: &dyn Fn(&str) -> Option<PlanSource>) -> Option<PlanSource> {
    let name = keys.base.value.as_deref()?;
    let found = find(name);
    if found.is_none() {
        let shipped = crate::export::layout::SHIPPED.map(|(name, _)| name);
        let message = messages::base_unknown(&literal(name));
        let hint = did_you_mean(name, &shipped, "the built-in layouts are");
        return keys.base.at.as_ref()?.problem(message).hint(hint).none();
    }
    found
}

/// A layout while it is being read.
pub(super) struct LayoutDraft<'a> {
    /// The layout as read so far.
    pub layout: Layout,
    choices: &'a LayoutChoices,
    pub plan: &'a Plan,
    /// The columns of the claims file.
    pub columns: Columns,
    /// Values of settings.
    given: BTreeMap<String, String>,
    /// The names in the claims file of the layout's columns.
    pub rename: BTreeMap<String, String>,
    /// The columns that the layout reads: its names, and those in the claims file.
    called: Vec<(String, String)>,
    /// True if a field writes the date.
    pub dated: bool,
}

impl<'a> LayoutDraft<'a> {
    fn new(source: &PlanSource, choices: &'a LayoutChoices, plan: &'a Plan) -> Self {
        let mut columns = Columns::default();
        for (_, column) in plan.columns.iter() {
            let id = columns.id(&column.name);
            if let Some(ours) = columns.get_mut(id) {
                ours.format = column.format.clone();
            }
        }
        let layout = Layout {
            source: source.clone(),
            name: source.name.trim_end_matches(".toml").to_owned(),
            file: FileRules {
                name: "payments.txt".to_owned(),
                form: &Delimited,
                delimiter: b',',
                quote: QuoteRule::Needed,
                header: false,
                line_end: LineEnd::Lf,
                ascii: false,
                limits: FileLimits::default(),
            },
            base: None,
            pays: LayoutPurpose::default(),
            portion: None,
            when: Condition::default(),
            fields: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            settings: Vec::new(),
            date: None,
            numbers: None,
            reads: Vec::new(),
        };
        Self {
            layout,
            choices,
            plan,
            columns,
            given: BTreeMap::new(),
            rename: BTreeMap::new(),
            called: Vec::new(),
            dated: false,
        }
    }

    /// Takes the settings and renamed columns of a custom layout; the command line
    /// takes precedence.
    fn names(&mut self, keys: &LayoutKeys<'_>) {
        for (key, into, chosen) in [
            (&keys.set, &mut self.given, &self.choices.settings),
            (&keys.rename, &mut self.rename, &self.choices.rename),
        ] {
            for (entry, text) in key.value.iter().flatten() {
                into.extend(text.clone().map(|text| (entry.key.to_owned(), text)));
            }
            into.extend(chosen.clone());
        }
    }

    fn settings(&mut self, keys: &LayoutKeys<'_>, is_own: bool) {
        for (entry, keys) in keys.setting.value.iter().flatten() {
            let keys = keys.as_ref();
            let setting = keys.and_then(|keys| keys::setting(entry.key, keys, is_own));
            let Some(setting) = setting else { continue };
            let mut known = self.layout.settings.iter_mut();
            match known.find(|known| known.name == setting.name) {
                Some(known) => *known = setting,
                None => self.layout.settings.push(setting),
            }
        }
    }

    /// Reads all other keys.
    fn rest(&mut self, keys: &LayoutKeys<'_>, is_own: bool) {
        if let Some(when) = &keys.when.value {
            let subclasses = self.plan.subclasses.iter().map(|s| s.key.as_str());
            let subclasses: Vec<&str> = subclasses.collect();
            let mut reader = condition::ConditionReader {
                columns: &mut self.columns,
                subclasses: Some(&subclasses),
                of_rows: false,
            };
            self.layout.when = reader.condition(when).unwrap_or_default();
            self.rename_condition();
        }
        if let Some(about) = &keys.layout.value {
            // A layout with a base has its own name.
            if let Some(name) = about.name.value.as_ref().filter(|_| is_own) {
                self.layout.name.clone_from(name);
            }
            self.layout.pays = about.pays.value.unwrap_or(self.layout.pays);
        }
        if let Some(file) = &keys.file.value {
            keys::set_file(&mut self.layout.file, file);
        }
        if let Some(columns) = &keys.column.value {
            self.read_fields(columns);
        }
        if let Some(records) = &keys.before.value {
            self.layout.before = self.read_records(records);
        }
        if let Some(records) = &keys.after.value {
            self.layout.after = self.read_records(records);
        }
    }

    /// Conditions of the layout use the same column names as its fields.
    fn rename_condition(&mut self) {
        for column in self.layout.when.columns_mut() {
            let called = self.columns.name(*column).to_owned();
            let name = self.rename.get(&called).unwrap_or(&called).clone();
            *column = self.columns.id(&name);
            self.called.push((called, name));
        }
    }

    /// Every field of the layout.
    fn all(&self) -> impl Iterator<Item = &Field> {
        let Layout { before, after, .. } = &self.layout;
        let records = before.iter().chain(after).flatten();
        self.layout.fields.iter().chain(records)
    }

    /// Checks that the settings are those that fields and the format read.
    fn check_settings(&self) -> Result<()> {
        let form = self.layout.file.form;
        let is_read = |name: &str| {
            self.all()
                .any(|field| field.setting.as_deref() == Some(name))
                || form.reads_setting(name)
        };
        setting::check(&self.layout, &self.given, &is_read)
    }

    /// The name in the claims file of a column that the layout calls so, and reads.
    pub(super) fn file_name_of(&mut self, called: &str) -> String {
        let name = self.rename.get(called).map_or(called, String::as_str);
        self.called.push((called.to_owned(), name.to_owned()));
        name.to_owned()
    }

    fn finish(mut self, base: Option<PlanSource>) -> Result<(Layout, Columns)> {
        for called in self.rename.keys() {
            let read: Vec<&str> = self.called.iter().map(|(called, _)| &**called).collect();
            if !read.contains(&&**called) {
                let hint = did_you_mean(called, &read, "the layout reads");
                let message = messages::renamed_not_read(&literal(called)).hint(hint);
                return Err(message.into());
            }
        }
        self.choose()?;
        let dated = self.dated || self.layout.file.form.needs_date();
        if dated && self.layout.date.is_none() {
            return Err(messages::date_missing(&literal(&self.layout.name)).into());
        }
        self.layout.base = base;
        validate::judge(&mut self.layout, &self.columns, self.plan)?;
        for (called, name) in &self.called {
            let column = self.columns.id(name);
            if let Some(column) = self.columns.get_mut(column) {
                column.layout_name.get_or_insert_with(|| called.clone());
            }
        }
        Ok((self.layout, self.columns))
    }

    /// Adds the conditions of the command line.
    fn choose(&mut self) -> Result<()> {
        for (name, text) in &self.choices.when {
            let column = self.columns.id(name);
            let document = TomlDocument::new("", self.plan.settlement.currency);
            let texts = [(text.clone(), document.at(&(0..0)))];
            self.columns.name_texts(column, &texts);
            if let Some(problem) = document.first_problem() {
                return Err(Message::from(problem).within("`--when`: ").into());
            }
            let texts = Matcher::OneOf(vec![text.clone()]);
            self.layout
                .when
                .entries
                .push(Criterion::Cell(column, texts));
        }
        Ok(())
    }
}

/// Parses `--date`.
fn date(text: &str) -> Result<Date> {
    let date = dates::iso_date(text).filter(|date| date.year() >= FIRST_YEAR);
    Ok(date.ok_or_else(|| messages::date_invalid(&literal(text)))?)
}
