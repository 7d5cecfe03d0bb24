//! Number formats of cells: whether the number is a date, and which additional
//! characters are shown with it.

use anyhow::Result;

use crate::claims::xlsx::package::WorkbookPackage;
use crate::claims::xlsx::xml::{ElementName, XmlNode, XmlReader};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NumberFormat {
    /// The kind of number that it shows.
    pub kind: NumberKind,
    /// As written.
    pub code: String,
    /// True if it shows texts as something else.
    pub alters_texts: bool,
    /// True if it shows a number with words, or as words.
    pub words: bool,
    /// The number of sections: for positive numbers, negative numbers, zero, texts.
    sections: usize,
}

/// The appearance of a number in a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberKind {
    /// The number itself.
    Plain,
    /// An integer with at least this many digits, like `00123`.
    Zeros(usize),
    /// An integer with at least this many digits, possibly in groups, like `1,234`.
    Grouped(usize),
    /// Another appearance: with decimals, with texts or signs, or depending on the
    /// number.
    Shaped,
    /// A number of this many digits with characters between them, like
    /// `012-34-5678`.
    Masked(usize),
    Date,
    DateTime,
    Time,
    Duration,
    /// Depends on the language of the spreadsheet.
    Local,
}

impl NumberFormat {
    fn of(code: &str) -> Self {
        let sections = sections(code);
        Self {
            kind: class_of(&sections),
            code: code.to_owned(),
            alters_texts: alters_texts(&sections),
            words: sections.iter().any(|section| section.words),
            sections: sections.len(),
        }
    }

    /// True if a number is shown with exactly its own digits, except for the
    /// leading zeros of [`NumberKind::Zeros`].
    pub(super) fn shows(&self, plain: &str) -> bool {
        let unsigned = match self.sections {
            1 => plain.strip_prefix('-').unwrap_or(plain),
            _ => plain,
        };
        let whole = unsigned.bytes().all(|byte| byte.is_ascii_digit());
        let own_section = self.sections < 3 || (whole && plain != "0");
        own_section
            && match self.kind {
                NumberKind::Plain => true,
                NumberKind::Zeros(_) => whole,
                NumberKind::Grouped(0) => whole && plain != "0",
                NumberKind::Grouped(digits) => whole && unsigned.len() >= digits,
                _ => false,
            }
    }
}

/// The formats of a workbook, by the index that cells use.
#[derive(Debug, Default)]
pub(super) struct NumberFormats(Vec<NumberFormat>);

impl NumberFormats {
    /// Reads the part with the formats.
    pub(super) fn read(package: &WorkbookPackage, part: Option<&str>) -> Result<Self> {
        let xml = part.map(|part| package.part(part)).transpose()?.flatten();
        xml.map_or_else(|| Ok(Self::default()), from_xml)
    }

    /// The format with this index; a workbook without formats has plain numbers.
    pub(super) fn get(&self, number: usize) -> Option<&NumberFormat> {
        const PLAIN: &NumberFormat = &NumberFormat {
            kind: NumberKind::Plain,
            code: String::new(),
            alters_texts: false,
            words: false,
            sections: 1,
        };
        if self.0.is_empty() && number == 0 {
            return Some(PLAIN);
        }
        self.0.get(number)
    }
}

fn from_xml(mut xml: XmlReader<'_>) -> Result<NumberFormats> {
    let mut codes: Vec<(u32, String)> = Vec::new();
    let mut formats = Vec::new();
    let mut inside = false;
    loop {
        match xml.next()? {
            XmlNode::Start(element) if element.name == ElementName::NumFmt => {
                let id = element.attribute("numFmtId").and_then(|id| id.parse().ok());
                // Only formats of cells; other lists use the same names
                // differently.
                if let (Some(id), Some(code)) = (id, element.attribute("formatCode")) {
                    codes.push((id, code));
                }
            }
            XmlNode::Start(element) if element.name == ElementName::CellXfs => inside = true,
            XmlNode::End(ElementName::CellXfs) => inside = false,
            XmlNode::Start(element) if element.name == ElementName::Xf && inside => {
                let id = element.attribute("numFmtId").and_then(|id| id.parse().ok());
                let id = id.unwrap_or(0);
                let code = codes.iter().find(|(known, _)| *known == id);
                formats.push(match code {
                    Some((_, code)) => NumberFormat::of(code),
                    None => built_in(id),
                });
            }
            XmlNode::EndOfPart => return Ok(NumberFormats(formats)),
            _ => {}
        }
    }
}

/// The formats that a file need not define.
fn built_in(id: u32) -> NumberFormat {
    let code = match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5..=8 | 37..=44 => "#,##0.00_);(#,##0.00)",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 => "m/d/yyyy",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18..=21 => "h:mm",
        22 => "m/d/yyyy h:mm",
        27..=36 | 50..=58 => "of an East Asian language",
        45 | 47 => "mm:ss",
        46 => "[h]:mm:ss",
        48 => "##0.0E+0",
        49 => "@",
        _ => "General",
    };
    match id {
        27..=36 | 50..=58 => NumberFormat {
            kind: NumberKind::Local,
            code: code.to_owned(),
            alters_texts: false,
            words: false,
            sections: 1,
        },
        _ => NumberFormat::of(code),
    }
}

/// A section of a format, without decoration.
#[derive(Debug, Default)]
struct FormatSection {
    /// Digits and letters that represent parts of the number; `G` for the number
    /// itself.
    marks: String,
    /// True if there are literal texts.
    texts: bool,
    /// True if the literal texts contain letters.
    words: bool,
    /// True if texts are between digits.
    between: bool,
    duration: bool,
    /// True if it applies only to some numbers, or to other numerals.
    special: bool,
}

fn class_of(sections: &[FormatSection]) -> NumberKind {
    let letters = |letters: &[char]| sections.iter().any(|one| one.marks.contains(letters));
    if sections.iter().any(|section| section.duration) {
        return NumberKind::Duration;
    }
    let time = letters(&['h', 's']);
    let date = letters(&['y', 'd']) || (letters(&['m']) && !time);
    match (date, time) {
        (true, true) => return NumberKind::DateTime,
        (true, false) => return NumberKind::Date,
        (false, true) => return NumberKind::Time,
        (false, false) => {}
    }
    let Some(first) = sections.first() else {
        return NumberKind::Plain;
    };
    let marks = first.marks.as_str();
    let zeros = marks.matches('0').count();
    if is_whole(marks) && first.between && zeros > 1 {
        NumberKind::Masked(zeros)
    } else if first.texts || first.special {
        NumberKind::Shaped
    } else if matches!(marks, "G" | "@") || (marks.is_empty() && sections.len() == 1) {
        NumberKind::Plain
    } else if marks.len() == zeros && zeros > 0 {
        NumberKind::Zeros(zeros)
    } else if !marks.is_empty()
        && is_whole(&marks.replace(',', ""))
        && !marks.starts_with(',')
        // A comma there omits the last three digits.
        && !marks.ends_with(',')
    {
        NumberKind::Grouped(zeros)
    } else {
        NumberKind::Shaped
    }
}

/// True if these marks are those of an integer.
fn is_whole(marks: &str) -> bool {
    marks.bytes().all(|mark| matches!(mark, b'0' | b'#' | b'?'))
}

/// Texts are shown by the fourth section, or by the one that contains `@`.
fn alters_texts(sections: &[FormatSection]) -> bool {
    let of_texts = match sections {
        [_, _, _, texts, ..] => Some(texts),
        others => others.iter().find(|section| section.marks.contains('@')),
    };
    of_texts.is_some_and(|section| {
        section.texts || section.special || !matches!(section.marks.as_str(), "@" | "G")
    })
}

/// The sections of a format: for positive numbers, negative numbers, zero, texts.
fn sections(code: &str) -> Vec<FormatSection> {
    let lower = code
        .to_ascii_lowercase()
        .replace("general", "G")
        .replace("am/pm", "h")
        .replace("a/p", "h")
        .replace("e+", "e")
        .replace("e-", "e");
    let mut sections = Vec::new();
    let mut section = FormatSection::default();
    let mut letters = lower.chars();
    // True if a text follows the last digit so far.
    let mut pending = false;
    while let Some(letter) = letters.next() {
        let mut text = false;
        match letter {
            ';' => {
                section.texts |= pending;
                sections.push(std::mem::take(&mut section));
                pending = false;
            }
            '"' => {
                let quoted = letters.by_ref().take_while(|&letter| letter != '"');
                text = quoted.fold(false, |_, letter| section.text(letter));
            }
            '\\' => text = letters.next().is_some_and(|letter| section.text(letter)),
            // A gap as wide as a letter.
            '_' => drop(letters.next()),
            // A letter with which the cell is filled.
            '*' => text = letters.next().is_some_and(|letter| letter != ' '),
            '[' => {
                let inside: String = letters
                    .by_ref()
                    .take_while(|&letter| letter != ']')
                    .collect();
                text = section.bracket(&inside);
            }
            '0' | '#' | '?' => {
                section.between |= pending && section.marks.contains(['0', '#', '?']);
                section.texts |= pending;
                pending = false;
                section.marks.push(letter);
            }
            '.' | ',' | '%' | '/' | 'e' | 'y' | 'm' | 'd' | 'h' | 's' | 'g' | '@' | 'G' => {
                section.marks.push(letter);
            }
            _ => text = section.text(letter),
        }
        pending |= text;
    }
    section.texts |= pending;
    sections.push(section);
    sections
}

impl FormatSection {
    /// Adds a literal letter; always true.
    fn text(&mut self, letter: char) -> bool {
        self.words |= letter.is_alphabetic();
        true
    }

    /// Processes text in brackets. Returns true if it is shown.
    fn bracket(&mut self, inside: &str) -> bool {
        const COLOURS: [&str; 8] = [
            "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow",
        ];
        let only = |unit: char| !inside.is_empty() && inside.chars().all(|one| one == unit);
        if ['h', 'm', 's'].into_iter().any(only) {
            self.duration = true;
        } else if let Some(currency) = inside.strip_prefix('$') {
            // A language follows the hyphen.
            return !currency.is_empty() && !currency.starts_with('-');
        } else if !COLOURS.contains(&inside) && !inside.starts_with("color") {
            self.special = true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_what_they_show() {
        for (code, expected) in [
            ("General", NumberKind::Plain),
            ("", NumberKind::Plain),
            ("@", NumberKind::Plain),
            ("0", NumberKind::Zeros(1)),
            ("00000", NumberKind::Zeros(5)),
            ("00000_);(00000)", NumberKind::Zeros(5)),
            ("[Red]0", NumberKind::Zeros(1)),
            ("[Color10]0", NumberKind::Zeros(1)),
            ("#,##0", NumberKind::Grouped(1)),
            ("0,000,000", NumberKind::Grouped(7)),
            ("#00000", NumberKind::Grouped(5)),
            ("?00000", NumberKind::Grouped(5)),
            ("0####", NumberKind::Grouped(1)),
            ("0.00", NumberKind::Shaped),
            ("0,", NumberKind::Shaped),
            ("#,##0.00", NumberKind::Shaped),
            ("#,##0.00;[Red]-#,##0.00", NumberKind::Shaped),
            ("0.00E+00", NumberKind::Shaped),
            ("0%", NumberKind::Shaped),
            ("# ?/?", NumberKind::Shaped),
            (";;;", NumberKind::Shaped),
            ("\"C-\"0000", NumberKind::Shaped),
            ("A0000", NumberKind::Shaped),
            ("$0000", NumberKind::Shaped),
            ("*0#####", NumberKind::Shaped),
            ("[$INV]0000", NumberKind::Shaped),
            ("[DBNum1]0000", NumberKind::Shaped),
            ("[>99999]0;00000", NumberKind::Shaped),
            ("[<=99999]00000;00000-0000", NumberKind::Shaped),
            (
                "[<=9999999]###\\-####;\\(###\\)\\ ###\\-####",
                NumberKind::Shaped,
            ),
            ("#\\ ##0", NumberKind::Shaped),
            ("General\" units\"", NumberKind::Shaped),
            ("0\" days\"", NumberKind::Shaped),
            ("[Red][>100]0.0", NumberKind::Shaped),
            ("[$$-409]#,##0.00", NumberKind::Shaped),
            ("000\\-00\\-0000", NumberKind::Masked(9)),
            ("00000-0000", NumberKind::Masked(9)),
            ("yyyy-mm-dd", NumberKind::Date),
            ("YYYY\\-MM\\-DD", NumberKind::Date),
            ("[$-409]mmmm\\ d\\,\\ yyyy;@", NumberKind::Date),
            ("mmm", NumberKind::Date),
            ("[$-F400]h:mm:ss\\ AM/PM", NumberKind::Time),
            ("mm:ss", NumberKind::Time),
            ("[h]:mm:ss", NumberKind::Duration),
            ("[HH]:MM", NumberKind::Duration),
            ("m/d/yy\\ h:mm", NumberKind::DateTime),
        ] {
            assert_eq!(NumberFormat::of(code).kind, expected, "{code}");
        }
    }

    #[test]
    fn a_number_is_shown_with_its_digits_or_not() {
        for (code, number, shown) in [
            ("General", "1.5", true),
            ("0", "12", true),
            ("0", "1.5", false),
            ("0", "-5", true),
            ("00000", "12", true),
            ("#,##0", "1234", true),
            ("0,000,000", "1234567", true),
            ("0,000,000", "123456", false),
            ("#00000", "12", false),
            ("####", "0", false),
            ("0;-0;;@", "0", false),
            ("0;-0;;@", "7", true),
            ("0;(0)", "-7", false),
            ("0.00", "7", false),
        ] {
            assert_eq!(
                NumberFormat::of(code).shows(number),
                shown,
                "{number} as {code}"
            );
        }
    }

    #[test]
    fn texts_are_altered_by_a_section_for_them() {
        for (code, altered) in [
            ("General", false),
            ("@", false),
            ("00000", false),
            ("[$-409]mmmm\\ d;@", false),
            ("_(* #,##0_);_(* \\(#,##0\\);_(* \"-\"_);_(@_)", false),
            ("\"C-\"@", true),
            ("0;0;0;\"x\"", true),
            (";;;", true),
        ] {
            assert_eq!(NumberFormat::of(code).alters_texts, altered, "{code}");
        }
    }
}
