//! What the number format of a cell says of its number: whether it is a date,
//! and which characters it is shown with that are not in the number.

use anyhow::Result;

use super::package::Package;
use super::xml::{Name, Node, Xml};

/// The format of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// What it makes of a number.
    pub kind: Kind,
    /// As it is written.
    pub code: String,
}

/// What a format makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A number with so many digits at least, like `00123`.
    Zeros(usize),
    /// A number with texts around it, like `C-123`.
    Labelled,
    /// A number with characters between its digits, like `012-34-5678`.
    Masked,
    /// A date.
    Date,
    /// A date with a time.
    DateTime,
    /// A time of day.
    Time,
    /// A time that has passed.
    Duration,
    /// Something that depends on the language of the spreadsheet.
    Local,
}

/// The formats of a workbook, by the numbers that cells have.
#[derive(Debug, Default)]
pub struct Formats(Vec<Format>);

impl Formats {
    /// Reads the part with the formats.
    pub fn read(package: &Package, part: Option<&str>) -> Result<Self> {
        let xml = part.map(|part| package.part(part)).transpose()?.flatten();
        xml.map_or_else(|| Ok(Self::default()), from_xml)
    }

    /// The format of this number; a workbook without formats has plain numbers.
    pub fn get(&self, number: usize) -> Option<&Format> {
        const PLAIN: &Format = &Format {
            kind: Kind::Number,
            code: String::new(),
        };
        if self.0.is_empty() && number == 0 {
            return Some(PLAIN);
        }
        self.0.get(number)
    }
}

fn from_xml(mut xml: Xml<'_>) -> Result<Formats> {
    let mut codes: Vec<(u32, String)> = Vec::new();
    let mut formats = Vec::new();
    let mut inside = false;
    loop {
        match xml.next()? {
            Node::Start(element) if element.name == Name::NumFmt => {
                let id = element.attribute("numFmtId").and_then(|id| id.parse().ok());
                // Formats of cells only; other lists use the names differently.
                if let (Some(id), Some(code)) = (id, element.attribute("formatCode")) {
                    codes.push((id, code));
                }
            }
            Node::Start(element) if element.name == Name::CellXfs => inside = true,
            Node::End(Name::CellXfs) => inside = false,
            Node::Start(element) if element.name == Name::Xf && inside => {
                let id = element.attribute("numFmtId").and_then(|id| id.parse().ok());
                let id = id.unwrap_or(0);
                let code = codes.iter().find(|(known, _)| *known == id);
                formats.push(match code {
                    Some((_, code)) => Format {
                        kind: kind_of(code),
                        code: code.clone(),
                    },
                    None => built_in(id),
                });
            }
            Node::EndOfPart => return Ok(Formats(formats)),
            _ => {}
        }
    }
}

/// The formats that need not be written to the file.
fn built_in(id: u32) -> Format {
    let (kind, code) = match id {
        14 => (Kind::Date, "m/d/yyyy"),
        15 => (Kind::Date, "d-mmm-yy"),
        16 => (Kind::Date, "d-mmm"),
        17 => (Kind::Date, "mmm-yy"),
        18..=21 => (Kind::Time, "h:mm"),
        22 => (Kind::DateTime, "m/d/yyyy h:mm"),
        45 | 47 => (Kind::Time, "mm:ss"),
        46 => (Kind::Duration, "[h]:mm:ss"),
        27..=36 | 50..=58 => (Kind::Local, "of an East Asian language"),
        _ => (Kind::Number, "General"),
    };
    Format {
        kind,
        code: code.to_owned(),
    }
}

/// What stands in a section of a format, without what only adorns it.
#[derive(Debug, Default)]
struct Section {
    /// Digits and letters that stand for parts of the number.
    marks: String,
    /// Whether there are texts to be shown as they are.
    texts: bool,
    /// Whether texts stand between digits.
    between: bool,
    duration: bool,
}

fn kind_of(code: &str) -> Kind {
    let sections = sections(code);
    let letters = |letters: &[char]| sections.iter().any(|one| one.marks.contains(letters));
    if sections.iter().any(|section| section.duration) {
        return Kind::Duration;
    }
    let time = letters(&['h', 's']);
    let date = letters(&['y', 'd']) || (letters(&['m']) && !time);
    match (date, time) {
        (true, true) => return Kind::DateTime,
        (true, false) => return Kind::Date,
        (false, true) => return Kind::Time,
        (false, false) => {}
    }
    let Some(first) = sections.first() else {
        return Kind::Number;
    };
    let zeros = !first.marks.is_empty() && first.marks.bytes().all(|mark| mark == b'0');
    let whole = first
        .marks
        .bytes()
        .all(|mark| matches!(mark, b'0' | b'#' | b'?'));
    if whole && first.between && first.marks.matches('0').count() > 1 {
        Kind::Masked
    } else if first.texts {
        Kind::Labelled
    } else if zeros {
        Kind::Zeros(first.marks.len())
    } else {
        Kind::Number
    }
}

/// The sections of a format: for positive numbers, negative ones, zero, texts.
fn sections(code: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let lower = code
        .to_lowercase()
        .replace("am/pm", "h")
        .replace("a/p", "h")
        .replace("e+", "e")
        .replace("e-", "e");
    let mut letters = lower.chars();
    // Whether a text stands after the last digit so far.
    let mut pending = false;
    while let Some(letter) = letters.next() {
        let mut text = false;
        let Some(section) = sections.last_mut() else {
            break;
        };
        match letter {
            ';' => {
                section.texts |= pending;
                sections.push(Section::default());
                pending = false;
                continue;
            }
            '"' => text = letters.by_ref().take_while(|&letter| letter != '"').count() > 0,
            '\\' => text = letters.next().is_some(),
            // A gap as wide as a letter, and a letter to fill the cell with.
            '_' | '*' => {
                letters.next();
            }
            '[' => {
                let inside: String = letters
                    .by_ref()
                    .take_while(|&letter| letter != ']')
                    .collect();
                let only = |unit: char| !inside.is_empty() && inside.chars().all(|one| one == unit);
                section.duration |= ['h', 'm', 's'].into_iter().any(only);
            }
            '0' | '#' | '?' => {
                section.between |= pending && section.marks.contains(['0', '#', '?']);
                section.texts |= pending;
                pending = false;
                section.marks.push(letter);
            }
            '.' | ',' | '%' | '/' | 'e' | 'y' | 'm' | 'd' | 'h' | 's' | 'g' | '@' => {
                section.marks.push(letter);
            }
            '-' | '(' | ')' | ':' | '+' | ' ' => text = true,
            _ => {}
        }
        pending |= text;
    }
    if let Some(section) = sections.last_mut() {
        section.texts |= pending;
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_what_they_show() {
        for (code, expected) in [
            ("General", Kind::Number),
            ("0", Kind::Zeros(1)),
            ("00000", Kind::Zeros(5)),
            ("0.00", Kind::Number),
            ("#,##0.00", Kind::Number),
            ("#,##0.00;[Red]-#,##0.00", Kind::Number),
            ("0.00E+00", Kind::Number),
            ("0%", Kind::Number),
            ("@", Kind::Number),
            ("[Red]0", Kind::Zeros(1)),
            ("\"C-\"0000", Kind::Labelled),
            ("000\\-00\\-0000", Kind::Masked),
            ("00000-0000", Kind::Masked),
            (
                "[<=9999999]###\\-####;\\(###\\)\\ ###\\-####",
                Kind::Labelled,
            ),
            ("#\\ ##0", Kind::Labelled),
            ("General\" units\"", Kind::Labelled),
            ("#,##0.00_);(#,##0.00)", Kind::Number),
            ("yyyy-mm-dd", Kind::Date),
            ("YYYY\\-MM\\-DD", Kind::Date),
            ("[$-409]mmmm\\ d\\,\\ yyyy;@", Kind::Date),
            ("mmm", Kind::Date),
            ("[$-F400]h:mm:ss\\ AM/PM", Kind::Time),
            ("mm:ss", Kind::Time),
            ("[h]:mm:ss", Kind::Duration),
            ("[HH]:MM", Kind::Duration),
            ("m/d/yy\\ h:mm", Kind::DateTime),
            ("[Red][>100]0.0", Kind::Number),
            ("0\" days\"", Kind::Labelled),
            ("[$$-409]#,##0.00", Kind::Number),
        ] {
            assert_eq!(kind_of(code), expected, "{code}");
        }
    }
}
