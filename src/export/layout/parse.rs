//! Parses a layout from TOML.

use std::collections::BTreeMap;

use anyhow::Result;
use toml::de::DeTable;

use crate::base::dates::{self, Date};
use crate::base::diagnostics::{Problem, did_you_mean, literal};
use crate::export::formats::delimited::Delimited;
use crate::export::layout::field::{Field, FieldValue as What};
use crate::export::layout::keys::{self, text_or_digits};
use crate::export::layout::setting::{self};
use crate::export::layout::{
    FileLimits, FileRules, Layout, LayoutChoices, LayoutPurpose, LineEnd, QuoteRule, field_reader,
    validate,
};
use crate::plan::column::ColumnUse as ColumnReader;
use crate::plan::condition::{self, Condition, Criterion, Matcher};
use crate::plan::document::{ProblemCollector, TomlTable};
use crate::plan::{Columns, Plan, PlanSource, bad, parse};

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
    let mut draft = LayoutDraft::new(source, choices, plan);
    let base = base(source, find)?;
    // The names and settings in a custom layout also apply to its base, so the custom
    // layout is read first.
    let of_own = parse::document(source)?;
    draft.names(of_own.get_ref(), source)?;
    draft.layout.date = choices.date.as_deref().map(date).transpose()?;
    let of_base = base.as_ref().map(parse::document).transpose()?;
    let of_base = of_base.as_ref().zip(base.as_ref());
    if let Some((text, base)) = of_base {
        draft.settings(text.get_ref(), base)?;
    }
    draft.settings(of_own.get_ref(), source)?;
    setting::give(&mut draft.layout.settings, &draft.given);
    if let Some((text, base)) = of_base {
        draft.rest(text.get_ref(), base)?;
    }
    draft.rest(of_own.get_ref(), source)?;
    draft.check_settings()?;
    let (mut layout, columns) = draft.finish(base.clone())?;
    bind(&mut layout, &columns, plan);
    Ok(layout)
}

/// Extends the plan by the columns that the layout reads, and replaces the layout's
/// column numbers by those of the plan.
fn bind(layout: &mut Layout, columns: &Columns, plan: &mut Plan) {
    let of_fields = layout.fields.iter_mut().filter_map(|field| {
        if let What::Column(column) = &mut field.value {
            Some(column)
        } else {
            None
        }
    });
    let of_when = layout.when.entries.iter_mut().filter_map(|entry| {
        if let Criterion::Cell(column, _) = entry {
            Some(column)
        } else {
            None
        }
    });
    let mut reads = Vec::new();
    for column in of_fields.chain(of_when) {
        let name = columns.name(*column);
        *column = plan.columns.beside_rules(name, ColumnReader::Layout);
        reads.push(*column);
    }
    reads.sort_unstable();
    reads.dedup();
    layout.reads = reads;
}

/// Finds the layout that a layout extends.
fn base(
    source: &PlanSource,
    find: &dyn Fn(&str) -> Option<PlanSource>,
) -> Result<Option<PlanSource>> {
    let document = parse::document(source)?;
    let mut problems = ProblemCollector::default();
    let mut root = TomlTable::new("the layout", 0..0, document.get_ref());
    let Some(value) = root.take("base") else {
        return Ok(None);
    };
    let name = value.text(&mut problems);
    let found = name.as_deref().and_then(find);
    if let (Some(name), None) = (&name, &found) {
        let shipped = crate::export::layout::SHIPPED.map(|(name, _)| name);
        let message = format!("no built-in layout is named {}", literal(name));
        let hint = did_you_mean(name, &shipped, "the built-in layouts are");
        problems.add_hint(&value.span, message, hint);
    }
    if problems.list.is_empty() {
        Ok(found)
    } else {
        Err(bad(source, problems.list).into())
    }
}

/// A layout while it is being read.
struct LayoutDraft<'a> {
    /// The layout as read so far.
    layout: Layout,
    choices: &'a LayoutChoices,
    plan: &'a Plan,
    columns: Columns,
    /// Values of settings.
    given: BTreeMap<String, String>,
    /// The names in the claims file of the layout's columns.
    rename: BTreeMap<String, String>,
    /// The columns that fields read, under the layout's names.
    called: Vec<String>,
    /// True if a field writes the date.
    dated: bool,
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
            base: None,
            name: source.name.trim_end_matches(".toml").to_owned(),
            pays: LayoutPurpose::Payment,
            when: Condition::default(),
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

    /// Reads the settings and renamed columns of a custom layout; the command line
    /// takes precedence.
    fn names(&mut self, document: &DeTable<'_>, source: &PlanSource) -> Result<()> {
        let mut problems = ProblemCollector::default();
        let mut root = TomlTable::new("the layout", 0..0, document);
        for (key, into, chosen) in [
            ("set", &mut self.given, &self.choices.settings),
            ("rename", &mut self.rename, &self.choices.rename),
        ] {
            let table = root.take(key);
            let table = table.and_then(|value| value.table(format!("[{key}]"), &mut problems));
            for value in table.iter().flat_map(TomlTable::entries) {
                if let Some(text) = text_or_digits(value, &mut problems) {
                    into.insert(value.key.clone(), text);
                }
            }
            into.extend(chosen.clone());
        }
        done(source, problems)
    }

    fn settings(&mut self, document: &DeTable<'_>, source: &PlanSource) -> Result<()> {
        let mut problems = ProblemCollector::default();
        let mut root = TomlTable::new("the layout", 0..0, document);
        let table = root.take("setting");
        let table = table.and_then(|value| value.table("[setting]", &mut problems));
        for value in table.iter().flat_map(TomlTable::entries) {
            let Some(mut setting) = keys::setting(value, &mut problems) else {
                continue;
            };
            setting.own = source.shown == self.layout.source.shown;
            match self
                .layout
                .settings
                .iter_mut()
                .find(|s| s.name == setting.name)
            {
                Some(known) => *known = setting,
                None => self.layout.settings.push(setting),
            }
        }
        done(source, problems)
    }

    /// Reads all other keys.
    fn rest(&mut self, document: &DeTable<'_>, source: &PlanSource) -> Result<()> {
        let mut problems = ProblemCollector::default();
        let mut root = TomlTable::new("the layout", 0..0, document);
        for read_before in ["base", "set", "rename", "setting"] {
            root.take(read_before);
        }
        let when = root.take("when");
        let about = root.take("layout");
        let file = root.take("file");
        let columns = root.take("column");
        let records = [root.take("before"), root.take("after")];
        root.finish(&mut problems);
        if let Some(when) = when {
            let keys: Vec<String> = self.plan.subclasses.iter().map(|s| s.key.clone()).collect();
            let mut reader = condition::ConditionReader {
                columns: &mut self.columns,
                subclasses: Some(&keys),
                of_rows: false,
            };
            self.layout.when = reader.condition(&when, &mut problems).unwrap_or_default();
            self.rename_condition();
        }
        // A layout with a base has its own name.
        let name = self.layout.name.clone();
        if let Some(table) = about.and_then(|value| value.table("[layout]", &mut problems)) {
            self.read_about(table, &mut problems);
        }
        if source.shown != self.layout.source.shown {
            self.layout.name = name;
        }
        if let Some(table) = file.and_then(|value| value.table("[file]", &mut problems)) {
            let currency = self.plan.settlement.currency;
            keys::file(table, &mut self.layout.file, currency, &mut problems);
        }
        let mut reader = field_reader::FieldsReader {
            settings: &self.layout.settings,
            settlement: &self.plan.settlement,
            date: self.layout.date,
            dated: &mut self.dated,
            rename: &self.rename,
            columns: &mut self.columns,
            called: &mut self.called,
        };
        reader.columns(columns.as_ref(), &mut self.layout.fields, &mut problems);
        let [before, after] = records;
        if let Some(records) = reader.records(before.as_ref(), "[[before]]", &mut problems) {
            self.layout.before = records;
        }
        if let Some(records) = reader.records(after.as_ref(), "[[after]]", &mut problems) {
            self.layout.after = records;
        }
        done(source, problems)
    }

    /// Conditions of the layout use the same column names as its fields.
    fn rename_condition(&mut self) {
        for entry in &mut self.layout.when.entries {
            let Criterion::Cell(column, _) = entry else {
                continue;
            };
            let called = self.columns.name(*column).to_owned();
            if let Some(name) = self.rename.get(&called) {
                *column = self.columns.id(name);
            }
            self.called.push(called);
        }
    }

    fn read_about(&mut self, mut table: TomlTable<'_>, problems: &mut ProblemCollector) {
        let name = table.take("name");
        let about = table.take("about");
        let origin = table.take("source");
        let pays = table.take("pays");
        table.finish(problems);
        let [name, ..] = [name, about, origin].map(|value| value?.words(problems));
        if let Some(name) = name {
            self.layout.name = name;
        }
        if let Some(pays) = pays.and_then(|value| value.one_of(&LayoutPurpose::WORDS, problems)) {
            self.layout.pays = pays;
        }
    }

    /// Every field of the layout.
    fn all(&self) -> impl Iterator<Item = &Field> {
        let records = self
            .layout
            .before
            .iter()
            .chain(&self.layout.after)
            .flatten();
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

    fn finish(mut self, base: Option<PlanSource>) -> Result<(Layout, Columns)> {
        for called in self.rename.keys() {
            if !self.called.contains(called) {
                let message = format!(
                    "cannot rename column {}, because the layout does not read it",
                    literal(called)
                );
                let hint = did_you_mean(called, &self.called, "the layout reads");
                return Err(Problem::new(message, hint).into());
            }
        }
        self.choose()?;
        let dated = self.dated || self.layout.file.form.needs_date();
        if dated && self.layout.date.is_none() {
            let message = format!("the layout {} requires a date", literal(&self.layout.name));
            return Err(Problem::new(message, "add `--date YYYY-MM-DD`").into());
        }
        self.layout.base = base;
        validate::judge(&mut self.layout, &self.columns, self.plan)?;
        Ok((self.layout, self.columns))
    }

    /// Adds the conditions of the command line.
    fn choose(&mut self) -> Result<()> {
        for (name, text) in &self.choices.when {
            let column = self.columns.id(name);
            let mut problems = ProblemCollector::default();
            let texts = [(text.clone(), 0..0)];
            self.columns.name_texts(column, &texts, &mut problems);
            if let Some(problem) = problems.list.into_iter().next() {
                let hint = problem.hint.unwrap_or_default();
                return Err(Problem::new(format!("`--when`: {}", problem.message), hint).into());
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
    let no_date = || {
        let message = format!("{} is not a valid payment date", literal(text));
        Problem::new(message, "write it as YYYY-MM-DD, like 2026-12-01")
    };
    Ok(date.ok_or_else(no_date)?)
}

fn done(source: &PlanSource, problems: ProblemCollector) -> Result<()> {
    if problems.list.is_empty() {
        return Ok(());
    }
    Err(bad(source, problems.list).into())
}
