//! A field of a payment file: its content and its format.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::base::confusables::is_invisible;
use crate::base::dates::Date;
use crate::base::diagnostics::{Message, literal};
use crate::base::money::{Currency, Money};
use crate::export::layout::FileRules;
use crate::export::messages;
use crate::plan::ColumnId;
use crate::plan::kinds::words;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name, which the header contains, if there is one.
    pub name: String,
    pub value: FieldValue,
    /// The maximum number of characters.
    pub length: Option<usize>,
    /// The width, in files of fixed width.
    pub width: Option<usize>,
    /// True if a longer text is truncated.
    pub cut: bool,
    /// The text for a blank cell; without it, the cell must not be blank.
    pub blank: Option<String>,
    /// True if the claims file need not have its columns.
    pub optional: bool,
    /// True if spaces are allowed.
    pub spaces: bool,
    /// True if letters keep their accents.
    pub accents: bool,
    pub fill: FieldPadding,
    /// The setting that it contains or counts from.
    pub setting: Option<String>,
    /// True if the receiver accepts only payouts without decimals.
    pub whole: bool,
    /// The validation of its cells.
    pub check: Option<FieldCheck>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldCheck {
    /// A recipient of `PayPal` Payouts.
    Recipient {
        /// True for payments by Venmo.
        venmo: bool,
    },
}

/// The padding of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldPadding {
    pub align: FieldAlign,
    /// The padding character.
    pub with: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldAlign {
    Left,
    Right,
}

/// The content of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// A constant text.
    Text(String),
    /// The cells of columns of the claims file, joined by a text; blank ones are left out.
    Cells(Vec<ColumnId>, String),
    /// The id of the claimant.
    Id,
    /// The amount of the payment.
    Payout(AmountFormat),
    /// A portion of the payout, by index.
    Portion(usize, AmountFormat),
    /// The payee of a portion, by index, or of the portion that is paid.
    Payee(Option<usize>),
    /// A sequence number that starts at this value.
    Number(u64),
    /// The number of payments in a file, in records about the file.
    Count,
    /// The sum of the payments in a file, in records about the file.
    Total(AmountFormat),
    /// The number of a file, in records about the file.
    File,
}

/// The format of amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountFormat {
    /// `27.84`
    Decimal,
    /// `2784`
    Minor,
}

words! {
    AmountFormat { "decimal" Decimal, "minor" Minor }
    FieldAlign { "left" Left, "right" Right }
}

impl FieldValue {
    /// The columns that the field reads.
    pub fn columns(&self) -> &[ColumnId] {
        match self {
            Self::Cells(columns, _) => columns,
            _ => &[],
        }
    }

    /// True for a number, which files of fixed width right-align and pad with zeros.
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Payout(_)
                | Self::Portion(..)
                | Self::Number(_)
                | Self::Count
                | Self::Total(_)
                | Self::File
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

    /// Parses an amount of a file.
    pub fn read(self, text: &str, currency: Currency) -> Option<Money> {
        match self {
            Self::Decimal => currency.exact(crate::base::decimal::parse(text).ok()?),
            Self::Minor => text.parse().ok().map(Money),
        }
    }
}

/// A date in a format like `MM/DD/YYYY`.
pub(crate) fn date_text(form: &str, date: Date) -> String {
    let year = date.year();
    form.replace("YYYY", &format!("{year:04}"))
        .replace("YY", &format!("{:02}", year % 100))
        .replace("MM", &format!("{:02}", date.month()))
        .replace("DD", &format!("{:02}", date.day()))
}

impl Field {
    /// Fits a text to the characters of the file and to the length and width of the
    /// field.
    pub fn fit(&self, text: &str, file: &FileRules) -> Result<String, Message> {
        let text = match &self.blank {
            Some(blank) if text.is_empty() => blank,
            _ if text.is_empty() && !self.value.columns().is_empty() => {
                return Err(messages::cell_blank());
            }
            _ => text,
        };
        let mut text = self.characters(text, file)?;
        if !self.spaces && text.contains(char::is_whitespace) {
            let dense = text.split_whitespace().collect::<String>();
            return Err(messages::has_space(&literal(&text)).suggest(dense));
        }
        let width = self.width.filter(|_| file.form.has_widths());
        let length = self.length.into_iter().chain(width).min();
        let characters = text.chars().count();
        if let Some(length) = length.filter(|length| characters > *length) {
            if !self.cut {
                let hint = match self.value {
                    FieldValue::Id => format!(
                        "an id cannot be truncated; if the receiver accepts only shorter ids, use a custom layout that reads them from another column: a [[column]] with `name = \"{}\"` and `column = \"…\"`",
                        self.name
                    ),
                    FieldValue::Number(_) => "start at a smaller number".to_owned(),
                    _ if self.value.is_number() => {
                        "a number cannot be truncated; make the field longer if the receiver allows it".to_owned()
                    }
                    _ => "shorten it, or let the layout truncate it: `cut = true`".to_owned(),
                };
                return Err(messages::too_long(&literal(&text), characters, length).hint(hint));
            }
            text = text.chars().take(length).collect();
            text.truncate(text.trim_end().len());
        }
        if let Some(width) = width {
            text = self.fill.up(&text, width);
        }
        file.form.encode(file, self, text)
    }

    /// Converts a text to the characters that the file accepts.
    fn characters(&self, text: &str, file: &FileRules) -> Result<String, Message> {
        if let Some(c) = text.chars().find(|&c| c.is_control() || is_invisible(c)) {
            let is_break = matches!(c, '\n' | '\r');
            let what = if is_break {
                "a line break".to_owned()
            } else {
                format!("an invisible character, U+{:04X}", u32::from(c))
            };
            let is_visible = |c: &char| !c.is_control() && !is_invisible(*c);
            let visible = text.chars().filter(is_visible).collect::<String>();
            let message = messages::has_invisible_character(&literal(text), &what);
            return Err(message.suggest(Some(visible).filter(|_| !is_break)));
        }
        let plain = if self.accents {
            text.to_owned()
        } else {
            without_accents(text)
        };
        match plain.chars().find(|c| !c.is_ascii()) {
            Some(c) if file.ascii => {
                let letters = Some(without_accents(text)).filter(|text| text.is_ascii());
                let message = messages::not_ascii(&literal(text), c, u32::from(c));
                Err(message.suggest(letters))
            }
            _ => Ok(plain),
        }
    }
}

impl FieldPadding {
    /// Pads a text to a width.
    pub fn up(self, text: &str, width: usize) -> String {
        let missing = width.saturating_sub(text.chars().count());
        let filling: String = std::iter::repeat_n(self.with, missing).collect();
        match self.align {
            FieldAlign::Left => format!("{text}{filling}"),
            FieldAlign::Right => format!("{filling}{text}"),
        }
    }
}

/// Removes the accents of Latin letters; all other characters stay.
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
    use super::*;
    use crate::export::formats::FORMATS;
    use crate::export::layout::{FileLimits, LineEnd, QuoteRule};

    fn file(form: &str) -> FileRules {
        let format = FORMATS.into_iter().find(|(word, _)| *word == form);
        FileRules {
            name: "f".to_owned(),
            form: format.unwrap().1,
            delimiter: b',',
            quote: QuoteRule::Needed,
            header: false,
            line_end: LineEnd::Lf,
            ascii: false,
            limits: FileLimits::default(),
        }
    }

    fn field(value: FieldValue) -> Field {
        Field {
            name: "f".to_owned(),
            value,
            length: None,
            width: None,
            cut: false,
            blank: None,
            optional: false,
            spaces: true,
            accents: true,
            fill: FieldPadding {
                align: FieldAlign::Left,
                with: ' ',
            },
            setting: None,
            whole: false,
            check: None,
        }
    }

    fn column() -> Field {
        field(FieldValue::Cells(vec![ColumnId(0)], String::new()))
    }

    /// The problem with a text.
    fn fault(field: &Field, text: &str, file: &FileRules) -> String {
        field.fit(text, file).unwrap_err().text
    }

    #[test]
    fn fields_of_fixed_width_are_padded_and_others_are_not() {
        let payout = Field {
            width: Some(8),
            fill: FieldPadding {
                align: FieldAlign::Right,
                with: '0',
            },
            ..field(FieldValue::Payout(AmountFormat::Minor))
        };
        let name = Field {
            width: Some(8),
            ..column()
        };
        for (form, expected) in [
            ("fixed", ["00002784", "Zoë     "]),
            ("delimited", ["2784", "Zoë"]),
        ] {
            let file = file(form);
            let found = [payout.fit("2784", &file), name.fit("Zoë", &file)];
            assert_eq!(found, expected.map(|text| Ok(text.to_owned())), "{form}");
        }
        let file = file("fixed");
        assert!(fault(&payout, "123456789", &file).ends_with("has 9 characters; the maximum is 8"));
    }

    #[test]
    fn only_a_field_that_may_be_cut_is_cut_to_the_smaller_of_length_and_width() {
        let file = file("fixed");
        let mut field = Field {
            length: Some(5),
            width: Some(6),
            ..column()
        };
        assert!(field.fit("Maria Jose", &file).is_err());
        field.cut = true;
        assert_eq!(field.fit("Maria Jose", &file).unwrap(), "Maria ");
        // A space at the end of the cut text is removed.
        assert_eq!(field.fit("Anna Jo", &file).unwrap(), "Anna  ");
        field.width = Some(4);
        assert_eq!(field.fit("Zoë Brontë", &file).unwrap(), "Zoë ");
    }

    #[test]
    fn blanks_spaces_and_characters_are_those_that_the_layout_allows() {
        let mut file = file("delimited");
        let mut field = column();
        assert!(fault(&field, "", &file).starts_with("the cell is blank"));
        field.blank = Some("none".to_owned());
        assert_eq!(field.fit("", &file).unwrap(), "none");
        field.spaces = false;
        assert!(fault(&field, "a b", &file).contains("contains a space"));
        field.spaces = true;
        for (text, problem) in [
            ("a\nb", "contains a line break"),
            ("a\u{200b}b", "contains an invisible character, U+200B"),
        ] {
            assert!(fault(&field, text, &file).contains(problem), "{text:?}");
        }
        assert_eq!(field.fit("Zoë", &file).unwrap(), "Zoë");
        file.ascii = true;
        assert!(fault(&field, "Zoë", &file).contains("contains `ë`, U+00EB"));
        field.accents = false;
        assert_eq!(field.fit("Zoë", &file).unwrap(), "Zoe");
        assert!(fault(&field, "Łukasz", &file).contains("contains `Ł`, U+0141"));
    }

    #[test]
    fn a_file_without_quotes_takes_no_text_that_needs_them() {
        let mut file = file("delimited");
        let texts = ["a,b", "a\"b", "a;b"];
        let taken = |file: &FileRules| texts.map(|text| column().fit(text, file).is_ok());
        assert_eq!(taken(&file), [true, true, true]);
        file.quote = QuoteRule::Never;
        assert_eq!(taken(&file), [false, false, true]);
        file.delimiter = b';';
        assert_eq!(taken(&file), [true, false, false]);
    }

    #[test]
    fn dates_and_amounts_are_written_in_every_format() {
        let date = Date::new(2026, 3, 9).unwrap();
        for (form, text) in [
            ("YYYY-MM-DD", "2026-03-09"),
            ("MM/DD/YY", "03/09/26"),
            ("DD.MM.YYYY", "09.03.2026"),
            ("MMDDYYYY", "03092026"),
            ("YYMMDD", "260309"),
        ] {
            assert_eq!(date_text(form, date), text);
        }
        for (format, currency, money, text) in [
            (AmountFormat::Decimal, "USD", 2784, "27.84"),
            (AmountFormat::Minor, "USD", 2784, "2784"),
            (AmountFormat::Decimal, "JPY", 2784, "2784"),
            (AmountFormat::Decimal, "KWD", 5, "0.005"),
        ] {
            let currency = Currency::from_code(currency).unwrap();
            assert_eq!(format.text(Money(money), currency), text);
            assert_eq!(format.read(text, currency), Some(Money(money)));
        }
        assert_eq!(AmountFormat::Decimal.read("27.845", Currency::USD), None);
        assert_eq!(AmountFormat::Minor.read("27.84", Currency::USD), None);
    }

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
