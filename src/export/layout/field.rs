//! A field of a payment file: what stands in it, and how it is made to fit.

use anyhow::Result;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::base::confusables::is_invisible;
use crate::base::dates::Date;
use crate::base::diagnostics::literal;
use crate::base::money::{Currency, Money};
use crate::export::layout::{FileRules, LayoutFormat};
use crate::plan::ColumnId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, which stands in the header where there is one.
    pub name: String,
    /// What stands in it.
    pub value: FieldValue,
    /// The most characters that it may have.
    pub length: Option<usize>,
    /// How wide it is, in files of fixed width.
    pub width: Option<usize>,
    /// Whether what is too long is cut.
    pub cut: bool,
    /// What stands for a cell that is blank; without, it may not be.
    pub blank: Option<String>,
    /// Whether it may have spaces.
    pub spaces: bool,
    /// Whether its letters keep their accents.
    pub accents: bool,
    /// How it is filled up to its width.
    pub fill: FieldPadding,
    /// The setting that stands in it, or from which it counts.
    pub setting: Option<String>,
    /// Whether the receiver takes the payout without decimals only.
    pub whole: bool,
    /// What its cells have to be.
    pub check: Option<FieldCheck>,
}

/// What a cell has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldCheck {
    /// A recipient of `PayPal` Payouts.
    Recipient {
        /// Whether it pays by Venmo.
        venmo: bool,
    },
}

/// How a field is filled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldPadding {
    /// Which end its text stands at.
    pub align: FieldAlign,
    /// What stands in the rest.
    pub with: char,
}

/// Which end of its field a text stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldAlign {
    Left,
    Right,
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Always this.
    Text(String),
    /// The cell of a column of the claims file.
    Column(ColumnId),
    /// The id of the claimant.
    Id,
    Payout(AmountFormat),
    /// A running number, from this on.
    Number(u64),
    /// In records about a file, how many payments it has.
    Count,
    /// In records about a file, what its payments come to.
    Total(AmountFormat),
    /// In records about a file, its number.
    File,
}

/// How amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountFormat {
    /// `27.84`
    Decimal,
    /// `2784`
    Minor,
}

/// How dates may be written.
pub(super) const DATES: [&str; 10] = [
    "YYYY-MM-DD",
    "MM/DD/YYYY",
    "MM/DD/YY",
    "DD/MM/YYYY",
    "DD.MM.YYYY",
    "YYYYMMDD",
    "MMDDYYYY",
    "DDMMYYYY",
    "YYMMDD",
    "MMDDYY",
];

/// What is wrong with a field, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: String,
}

impl FieldFault {
    /// Says what is wrong, and what to do.
    pub fn new(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            hint: hint.into(),
        }
    }
}

impl FieldValue {
    /// Whether it is a number, which files of fixed width have at the right
    /// after zeros.
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Payout(_) | Self::Number(_) | Self::Count | Self::Total(_) | Self::File
        )
    }
}

impl AmountFormat {
    /// An amount as text.
    pub fn text(self, money: Money, currency: Currency) -> String {
        match self {
            Self::Decimal => currency.text(money),
            Self::Minor => money.0.to_string(),
        }
    }

    /// An amount read back from a file.
    pub fn read(self, text: &str, currency: Currency) -> Option<Money> {
        match self {
            Self::Decimal => currency.exact(crate::base::decimal::parse(text).ok()?),
            Self::Minor => text.parse().ok().map(Money),
        }
    }
}

/// A date in one of `DATES`.
pub(crate) fn date_text(form: &str, date: Date) -> String {
    let year = date.year();
    form.replace("YYYY", &format!("{year:04}"))
        .replace("YY", &format!("{:02}", year % 100))
        .replace("MM", &format!("{:02}", date.month()))
        .replace("DD", &format!("{:02}", date.day()))
}

impl Field {
    /// Makes a text fit: in characters that the file takes, as long and as wide
    /// as the field is.
    pub fn fit(&self, text: &str, file: &FileRules) -> Result<String, FieldFault> {
        let text = match &self.blank {
            Some(blank) if text.is_empty() => blank,
            _ if text.is_empty() && matches!(self.value, FieldValue::Column(_)) => {
                return Err(FieldFault::new(
                    "the cell is blank, but the layout writes it",
                    "fill it in, or say in the layout what stands there instead: `blank = \"\"`",
                ));
            }
            _ => text,
        };
        let mut text = self.characters(text, file)?;
        if !self.spaces && text.contains(char::is_whitespace) {
            return Err(FieldFault::new(
                format!(
                    "{} has a space, which the layout does not take",
                    literal(&text)
                ),
                "write it without",
            ));
        }
        let length = match (
            self.length,
            self.width.filter(|_| file.form == LayoutFormat::Fixed),
        ) {
            (Some(length), Some(width)) => Some(length.min(width)),
            (length, width) => length.or(width),
        };
        let characters = text.chars().count();
        if let Some(length) = length.filter(|length| characters > *length) {
            if !self.cut {
                let hint = match self.value {
                    FieldValue::Id => format!(
                        "an id cannot be cut; if the receiver takes no longer ones, use a layout of your own that takes shorter ones from another column: a [[column]] with `name = \"{}\"` and `column = \"…\"`",
                        self.name
                    ),
                    FieldValue::Number(_) => "begin with a smaller number".to_owned(),
                    _ if self.value.is_number() => {
                        "a number cannot be cut; make the field longer, if the receiver allows it".to_owned()
                    }
                    _ => "shorten it; where a shorter text does as well, the layout can cut it: `cut = true`".to_owned(),
                };
                let problem = format!(
                    "{} has {characters} characters, more than {length}",
                    literal(&text)
                );
                return Err(FieldFault::new(problem, hint));
            }
            text = text.chars().take(length).collect();
            text.truncate(text.trim_end().len());
        }
        Ok(match self.width {
            Some(width) if file.form == LayoutFormat::Fixed => self.fill.up(&text, width),
            _ => text,
        })
    }

    /// A text in characters that the file takes.
    fn characters(&self, text: &str, file: &FileRules) -> Result<String, FieldFault> {
        if let Some(c) = text.chars().find(|&c| c.is_control() || is_invisible(c)) {
            let what = if matches!(c, '\n' | '\r') {
                "a line break".to_owned()
            } else {
                format!("a character that cannot be seen, U+{:04X}", u32::from(c))
            };
            return Err(FieldFault::new(
                format!("{} has {what}, which no bank takes", literal(text)),
                "write it without",
            ));
        }
        let plain = if self.accents {
            text.to_owned()
        } else {
            without_accents(text)
        };
        match plain.chars().find(|c| !c.is_ascii()) {
            Some(c) if file.ascii => Err(FieldFault::new(
                format!(
                    "{} has `{c}`, U+{:04X}, but the layout takes ASCII only",
                    literal(text),
                    u32::from(c)
                ),
                "write it in plain letters, as the receiver knows it",
            )),
            _ => Ok(plain),
        }
    }
}

impl FieldPadding {
    /// A text filled up to a width.
    pub fn up(self, text: &str, width: usize) -> String {
        let missing = width.saturating_sub(text.chars().count());
        let filling: String = std::iter::repeat_n(self.with, missing).collect();
        match self.align {
            FieldAlign::Left => format!("{text}{filling}"),
            FieldAlign::Right => format!("{filling}{text}"),
        }
    }
}

/// A text whose Latin letters have no accents; everything else stays.
fn without_accents(text: &str) -> String {
    let plain = |character: char| {
        let mut parts = std::iter::once(character).nfd();
        let letter = parts.next().filter(char::is_ascii_alphabetic);
        let all_marks = parts.all(is_combining_mark);
        letter.filter(|_| all_marks).unwrap_or(character)
    };
    text.nfc().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use crate::export::layout::field::without_accents;

    #[test]
    fn only_latin_letters_lose_their_accents() {
        let plain = without_accents("Zoë Muñoz, Åsa Nguyễn");
        assert_eq!(plain, "Zoe Munoz, Asa Nguyen");
        assert_eq!(without_accents("Jose\u{301}"), "Jose");
        for kept in ["12³", "M²", "O\u{b4}Brien", "№ ½", "が 한국", "ŁØß"] {
            assert_eq!(without_accents(kept), kept);
        }
    }
}
