//! TOML as it is written: values by their own digits, tables in the order of the file.

use num_bigint::BigInt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::number::{Number, plain};
use super::refused::Refused;

type Result<T> = std::result::Result<T, Refused>;

/// A value of the document, and where it stands.
#[derive(Clone)]
pub(super) struct Node<'a> {
    source: &'a str,
    value: &'a Spanned<DeValue<'a>>,
    path: String,
}

impl<'a> Node<'a> {
    pub(super) fn value(&self) -> &'a DeValue<'a> {
        self.value.get_ref()
    }

    pub(super) fn refuse(&self, problem: &str) -> Refused {
        Refused::plan(format!("`{}` {problem}", self.path))
    }

    pub(super) fn text(&self) -> Result<String> {
        let text = self
            .value()
            .as_str()
            .ok_or_else(|| self.refuse("must be a text"))?;
        Ok(text.to_string())
    }

    /// A text that can equal a cell; cells are read without the white space around them.
    pub(super) fn cell_text(&self) -> Result<String> {
        let text = self.text()?;
        if text.trim() != text {
            return Err(self.refuse("has white space around it"));
        }
        Ok(text)
    }

    /// One text, or a list of them.
    pub(super) fn cell_texts(&self) -> Result<Vec<String>> {
        if self.value().is_str() {
            return Ok(vec![self.cell_text()?]);
        }
        let texts = self
            .list()?
            .iter()
            .map(Node::cell_text)
            .collect::<Result<Vec<_>>>()?;
        if texts.is_empty() {
            return Err(self.refuse("is an empty list"));
        }
        Ok(texts)
    }

    pub(super) fn flag(&self) -> Result<bool> {
        self.value()
            .as_bool()
            .ok_or_else(|| self.refuse("must be true or false"))
    }

    /// A number, bare or in quotes. Underscores are TOML's, so only where it is bare.
    pub(super) fn number(&self) -> Result<Number> {
        let written = match self.value() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(integer) if integer.radix() != 10 => String::new(),
            DeValue::Integer(_) | DeValue::Float(_) => {
                self.source[self.value.span()].replace('_', "")
            }
            _ => String::new(),
        };
        plain(&written).ok_or_else(|| self.refuse("must be a plain number"))
    }

    pub(super) fn whole_number(&self) -> Result<BigInt> {
        let number = self.number()?;
        if !number.is_integer() {
            return Err(self.refuse("must be a whole number"));
        }
        Ok(number.to_integer())
    }

    /// `1/3`
    pub(super) fn fraction(&self) -> Result<Number> {
        let text = self.text()?;
        let wrong = || self.refuse("must be a fraction such as \"1/3\"");
        let (above, below) = text.split_once('/').ok_or_else(wrong)?;
        let read = |part: &str| plain(part).filter(Number::is_integer).ok_or_else(wrong);
        let (above, below) = (read(above)?, read(below)?);
        if below == Number::from_integer(0.into()) {
            return Err(wrong());
        }
        Ok(above / below)
    }

    pub(super) fn list(&self) -> Result<Vec<Node<'a>>> {
        let items = self
            .value()
            .as_array()
            .ok_or_else(|| self.refuse("must be a list"))?;
        let node = |(index, value)| Node {
            source: self.source,
            value,
            path: format!("{}[{index}]", self.path),
        };
        Ok(items.iter().enumerate().map(node).collect())
    }

    pub(super) fn table(&self) -> Result<Table<'a>> {
        let table = self
            .value()
            .as_table()
            .ok_or_else(|| self.refuse("must be a table"))?;
        Ok(Table::new(self.source, table, self.path.clone()))
    }
}

/// The entries of a table that nobody has taken yet.
pub(super) struct Table<'a> {
    path: String,
    entries: Vec<(String, Node<'a>)>,
}

impl<'a> Table<'a> {
    pub(super) fn document(source: &'a str, table: &'a DeTable<'a>) -> Table<'a> {
        Table::new(source, table, String::new())
    }

    fn new(source: &'a str, table: &'a DeTable<'a>, path: String) -> Table<'a> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            let path = if path.is_empty() {
                key.to_string()
            } else {
                format!("{path}.{key}")
            };
            (
                key.to_string(),
                Node {
                    source,
                    value,
                    path,
                },
            )
        };
        let entries = entries.into_iter().map(entry).collect();
        Table { path, entries }
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Node<'a>> {
        let index = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.remove(index).1)
    }

    pub(super) fn need(&mut self, key: &str) -> Result<Node<'a>> {
        self.take(key)
            .ok_or_else(|| self.refuse(&format!("needs `{key}`")))
    }

    /// An optional entry, read in one go.
    pub(super) fn maybe<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Node<'a>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.take(key).map(|node| read(&node)).transpose()
    }

    /// Every entry that is left, in the order of the file.
    pub(super) fn rest(self) -> Vec<(String, Node<'a>)> {
        self.entries
    }

    /// No key may be left over.
    pub(super) fn done(self) -> Result<()> {
        match self.entries.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.refuse(&format!("has an unexpected key `{key}`"))),
        }
    }

    /// Exactly one of these keys: its name and value.
    pub(super) fn one_of(&mut self, keys: &[&'static str]) -> Result<(&'static str, Node<'a>)> {
        self.at_most_one_of(keys)?
            .ok_or_else(|| self.refuse(&format!("needs one of {keys:?}")))
    }

    pub(super) fn at_most_one_of(
        &mut self,
        keys: &[&'static str],
    ) -> Result<Option<(&'static str, Node<'a>)>> {
        let mut found = Vec::new();
        for key in keys {
            found.extend(self.take(key).map(|node| (*key, node)));
        }
        if found.len() > 1 {
            return Err(self.refuse(&format!("may have only one of {keys:?}")));
        }
        Ok(found.pop())
    }

    /// A key whose value is one of a few words.
    pub(super) fn word<T: Clone>(&mut self, key: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(node) = self.take(key) else {
            return Ok(None);
        };
        let text = node.text()?;
        let found = words.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, meaning)| Some(meaning.clone()))
            .ok_or_else(|| node.refuse("is none of the words it may be"))
    }

    pub(super) fn refuse(&self, problem: &str) -> Refused {
        Refused::plan(format!("`{}` {problem}", self.path))
    }
}
