//! Tables whose keys are known.
//!
//! [`keys`] describes the keys of a table, a line for each: its name, the kind of its
//! value, its default, and what it states. From the description come the reader of the
//! table, its part of the JSON Schema (`schema.rs`), and its table in the documentation,
//! which a test compares with it.

use std::cell::Cell;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::base::diagnostics::{Message, OrBug as _, alternatives, listing, literal, nearest};
use crate::plan::document::{Place, ProblemReport, TomlDocument, TomlValue};
use crate::plan::{common_mistakes, hints, messages};

/// The key for the sentence of the order that a rule carries out.
const SOURCE: &str = "source";

/// The description of a table.
#[derive(Debug, Clone, Copy)]
pub struct TableShape {
    /// The name in messages: `[[pool]]`, or `[column.NAME]` where the key may differ.
    pub what: &'static str,
    /// The name in the schema, and in the anchors of the documentation.
    pub id: &'static str,
    pub keys: &'static [KeyShape],
    pub rules: &'static [KeyRule],
}

/// The description of a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyShape {
    pub name: &'static str,
    pub kind: fn() -> KindShape,
    pub need: Need,
    /// The sentence about the key, without a full stop.
    pub about: &'static str,
}

/// The description of a kind of value.
#[derive(Debug, Clone)]
pub struct KindShape {
    /// The name in the documentation.
    pub words: String,
    /// The JSON Schema.
    pub schema: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Required,
    /// A list of tables that cannot be empty; its reader reports that.
    AtLeastOnce,
    /// One of several keys; a rule says which.
    OneOfThese,
    /// Optional; the text says how often.
    Often(&'static str),
    /// Optional; the text names the default. A default in JSON is a value of the key.
    Or(&'static str),
}

/// Keys that require or exclude each other.
#[derive(Debug, Clone, Copy)]
pub enum KeyRule {
    /// One of the keys, and no more: the message if all are missing, unless they may be,
    /// and the reason why two cannot be combined, or "".
    One(
        &'static [&'static str],
        Option<fn() -> Message>,
        &'static str,
    ),
    /// The key only with one of the others.
    With(&'static str, &'static [&'static str]),
    /// The key with none of the others; the hint, or "".
    Without(&'static str, &'static [&'static str], &'static str),
    /// One of the keys, or several: the message if there is none; without it, the first is
    /// missing.
    AnyOf(&'static [&'static str], Option<fn() -> Message>),
    /// A rule that applies if the value of the key is of one of these kinds.
    IfIt(&'static str, &'static [TomlType], &'static KeyRule),
}

/// The kind of a value that may be of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TomlType {
    IsText,
    IsList,
    IsTable,
}

impl TomlType {
    /// The name in JSON Schema.
    pub fn in_schema(self) -> &'static str {
        match self {
            Self::IsText => "string",
            Self::IsList => "array",
            Self::IsTable => "object",
        }
    }

    /// The name in the documentation.
    pub fn words(self) -> &'static str {
        match self {
            Self::IsText => "a text",
            Self::IsList => "a list",
            Self::IsTable => "a table",
        }
    }

    fn is_of(self, value: &DeValue<'_>) -> bool {
        match self {
            Self::IsText => value.is_str(),
            Self::IsList => value.is_array(),
            Self::IsTable => value.is_table(),
        }
    }
}

impl TableShape {
    /// True if the name is a header in brackets; other tables stand within one of these.
    pub(crate) fn has_header(&self) -> bool {
        self.what.starts_with('[')
    }

    /// The word in the name of the table that represents its key.
    pub(crate) fn placeholder(&self) -> Option<&'static str> {
        let mut words = ["NAME", "KEY"].into_iter();
        words.find(|word| self.what.contains(word))
    }

    /// The name in messages of the table under a key.
    pub(crate) fn called(&self, key: &str) -> String {
        let word = self.placeholder();
        word.map_or(self.what.to_owned(), |word| self.what.replace(word, key))
    }
}

/// A kind of value.
pub(crate) trait TomlKind<'p> {
    /// The value as read.
    type Value;

    fn shape() -> KindShape;

    /// Reads the value, or reports its problems.
    fn read(value: &TomlValue<'p>) -> Option<Self::Value>;
}

/// A key of a table in the document.
#[derive(Debug, Clone)]
pub(crate) struct Key<'p, V> {
    /// The value as written, if the key is present.
    pub at: Option<TomlValue<'p>>,
    /// The value as read, if the key is present and the value is right.
    pub value: Option<V>,
}

/// A table in the document.
#[derive(Debug)]
pub(crate) struct TomlTable<'p> {
    pub place: Place<'p>,
    what: String,
    entries: Vec<TomlValue<'p>>,
    /// True if the table is to be refused for other reasons than an unknown key.
    flawed: Cell<bool>,
}

/// The keys of one kind of table; see [`keys`].
pub(crate) trait TableKeys<'p>: Sized {
    const SHAPE: TableShape;

    /// Reads every key.
    fn read(toml: TomlTable<'p>) -> Self;

    /// Opens a table, and reports every unknown, missing or misplaced key.
    fn open(value: &TomlValue<'p>) -> Option<Self> {
        Self::open_as(value, Self::SHAPE.called(value.key))
    }

    fn open_as(value: &TomlValue<'p>, what: String) -> Option<Self> {
        let DeValue::Table(table) = value.value else {
            let hint = common_mistakes::of_table(&what, value.value);
            return value.wrong_kind("a table").perhaps(hint).none();
        };
        let table = TomlTable::open(what, value.place.clone(), table, &Self::SHAPE);
        Some(Self::read(table))
    }

    /// Opens a whole document.
    fn root(document: &'p TomlDocument<'p>, table: &'p DeTable<'p>) -> Self {
        let what = Self::SHAPE.what.to_owned();
        let table = TomlTable::open(what, document.at(&(0..0)), table, &Self::SHAPE);
        Self::read(table)
    }
}

/// Describes the keys of tables: for each table a struct with a [`Key`] for each key, and
/// its [`TableShape`]. A key that is a word of Rust has another name there:
/// `matching as "match"`. The compiler reports a key that no rule uses.
macro_rules! keys {
    ($(
        struct $name:ident<$p:lifetime>: $what:literal, $id:literal {
            $($(#[$attribute:meta])* $key:ident $(as $word:literal)?: $kind:ty, $need:expr, $about:literal;)*
        }
        $(rules { $($rule:expr;)* })?
    )*) => {$(
        #[derive(Debug)]
        pub(crate) struct $name<$p> {
            #[allow(dead_code, reason = "not every reader asks for the whole table")]
            pub toml: $crate::plan::table::TomlTable<$p>,
            $(
                $(#[$attribute])*
                pub $key: $crate::plan::table::Key<
                    $p,
                    <$kind as $crate::plan::table::TomlKind<$p>>::Value,
                >,
            )*
        }

        impl<$p> $crate::plan::table::TableKeys<$p> for $name<$p> {
            const SHAPE: $crate::plan::table::TableShape = {
                #[allow(unused_imports, reason = "a table may have no rules")]
                use $crate::plan::table::{
                    KeyRule::*, KeyShape, Need::*, TableShape, TomlKind, TomlType::*,
                };
                TableShape {
                    what: $what,
                    id: $id,
                    keys: &[$(KeyShape {
                        name: [$($word,)? stringify!($key)][0],
                        kind: <$kind as TomlKind<$p>>::shape,
                        need: $need,
                        about: $about,
                    }),*],
                    rules: &[$($($rule),*)?],
                }
            };

            fn read(toml: $crate::plan::table::TomlTable<$p>) -> Self {
                Self {
                    $($key: toml.key::<$kind>([$($word,)? stringify!($key)][0]),)*
                    toml,
                }
            }
        }
    )*};
}
pub(crate) use keys;

impl<V> Key<'_, V> {
    pub(crate) fn is_present(&self) -> bool {
        self.at.is_some()
    }

    /// True if the key is present and its value cannot be read.
    pub(crate) fn is_wrong(&self) -> bool {
        self.at.is_some() && self.value.is_none()
    }
}

impl<'p> TomlTable<'p> {
    fn open(what: String, place: Place<'p>, table: &'p DeTable<'p>, shape: &TableShape) -> Self {
        let entries = TomlValue::all_of(place.document, table);
        let table = Self {
            place,
            what,
            entries,
            flawed: Cell::new(false),
        };
        table.check_keys(shape);
        table.record_source(shape);
        for key in shape.keys {
            table.check_presence(key);
        }
        for rule in shape.rules {
            table.check_rule(*rule, shape);
        }
        table
    }

    /// Records tables that are rules of the plan: those with a name in brackets, which
    /// may have a source.
    fn record_source(&self, shape: &TableShape) {
        let is_rule = shape.what.starts_with('[');
        if is_rule && shape.keys.iter().any(|key| key.name == SOURCE) {
            let document = self.place.document;
            document.add_rule(&self.place.span, &self.what, self.get(SOURCE).is_some());
        }
    }

    /// True if all values are right and no key is missing or misplaced.
    pub(crate) fn is_sound(&self) -> bool {
        !self.flawed.get()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Reads a key.
    pub(crate) fn key<K: TomlKind<'p>>(&self, name: &str) -> Key<'p, K::Value> {
        let at = self.get(name).cloned();
        let value = at.as_ref().and_then(K::read);
        let key = Key { at, value };
        if key.is_wrong() {
            // A wrong value reads like an absent one, so it must be a problem: else a
            // default would take its place silently.
            let reported = !self.place.document.is_sound();
            reported
                .then_some(())
                .or_bug("a wrong value was not reported");
            self.flawed.set(true);
        }
        key
    }

    fn get(&self, name: &str) -> Option<&TomlValue<'p>> {
        self.entries.iter().find(|entry| entry.key == name)
    }

    /// The keys that are present, in the order written.
    fn present(&self, keys: &[&str]) -> Vec<&TomlValue<'p>> {
        let entries = self.entries.iter();
        entries.filter(|entry| keys.contains(&entry.key)).collect()
    }

    /// Reports every unknown key, with the most similar known one.
    fn check_keys(&self, shape: &TableShape) {
        let known: Vec<&'static str> = shape.keys.iter().map(|key| key.name).collect();
        for entry in &self.entries {
            let key = entry.key;
            if known.contains(&key) {
                continue;
            }
            let what = &self.what;
            let message = messages::key_unknown(&literal(key), what);
            let near =
                || hints::synonym(key, &known).or_else(|| nearest(key, known.iter().copied()));
            let hint = match (common_mistakes::of_key(key, what), near()) {
                (Some(hint), _) => hint.to_owned(),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => format!("{what} accepts {}", listing(&known)),
            };
            entry.key_place.problem(message).hint(hint).add();
        }
    }

    fn check_presence(&self, key: &KeyShape) {
        if key.need != Need::Required || self.get(key.name).is_some() {
            return;
        }
        let words = (key.kind)().words;
        let table = words
            .strip_prefix("`[")
            .map(|name| name.trim_end_matches('`'));
        let message = match table {
            Some(name) => messages::table_missing(&self.what, &format!("[{name}")),
            None => messages::key_missing(&self.what, key.name),
        };
        let hint = common_mistakes::of_missing_key(&self.what, key.name);
        self.refuse(self.place.problem(message).perhaps(hint));
    }

    fn check_rule(&self, rule: KeyRule, shape: &TableShape) {
        match rule {
            KeyRule::One(keys, missing, why) => match (self.present(keys).as_slice(), missing) {
                ([], Some(missing)) => self.refuse(self.place.problem(missing())),
                ([first, second, ..], _) => {
                    let message = messages::one_of_both(why, first.key, second.key);
                    self.refuse(second.key_place.problem(message).other_key(first));
                }
                _ => {}
            },
            KeyRule::With(key, others) => {
                if let Some(key) = self.get(key).filter(|_| self.present(others).is_empty()) {
                    self.check_company(key, others, shape);
                }
            }
            KeyRule::AnyOf(keys, missing) => {
                if let (Some(first), []) = (keys.first(), self.present(keys).as_slice()) {
                    let hint = common_mistakes::of_missing_key(&self.what, first);
                    let message = missing.map_or_else(
                        || messages::key_missing(&self.what, first),
                        |missing| missing(),
                    );
                    self.refuse(self.place.problem(message).perhaps(hint));
                }
            }
            KeyRule::IfIt(key, kinds, rule) => {
                let is_of = |key: &&TomlValue<'_>| kinds.iter().any(|kind| kind.is_of(key.value));
                if self.get(key).as_ref().is_some_and(is_of) {
                    self.check_rule(*rule, shape);
                }
            }
            KeyRule::Without(key, others, hint) => {
                let Some(key) = self.get(key) else { return };
                for other in self.present(others) {
                    let message = messages::keys_clash(key.key, other.key);
                    let report = key.key_place.problem(message).other_key(other);
                    let hint = Some(hint).filter(|hint| !hint.is_empty());
                    self.refuse(report.perhaps(hint));
                }
            }
        }
    }

    /// Reports a key that requires one of others, of which there is none. If one of them
    /// is required anyway, that has been reported.
    fn check_company(&self, key: &TomlValue<'p>, others: &[&str], shape: &TableShape) {
        let choice = shape.rules.iter().find_map(|rule| match *rule {
            KeyRule::One(keys, missing, _) => others
                .first()
                .and_then(|other| keys.contains(other).then(|| (self.present(keys), missing))),
            _ => None,
        });
        let (chosen, missing) = choice.unwrap_or_default();
        let (name, expected) = (key.key, alternatives(others));
        if let Some(chosen) = chosen.first() {
            let message = messages::key_of_another(name, &expected, chosen.key);
            self.refuse(key.key_place.problem(message).other_key(chosen));
        } else if missing.is_none() {
            let mut keys = shape.keys.iter();
            let about = keys.find(|key| others == [key.name]);
            let about = about.map_or(String::new(), |key| format!(", {}", key.about));
            let message = messages::key_requires(name, &expected, &about);
            self.refuse(key.key_place.problem(message));
        }
    }

    fn refuse(&self, report: ProblemReport<'p>) {
        self.flawed.set(true);
        report.add();
    }
}
