//! Texts of a workbook. Texts shared by cells are in a part of their own.

use anyhow::Result;

use crate::base::diagnostics::Message;
use crate::claims::xlsx::messages;
use crate::claims::xlsx::package::WorkbookPackage;
use crate::claims::xlsx::xml::{ElementName, XmlNode, XmlReader};

/// Maximum number of bytes of text in a workbook.
pub(super) const MOST_TEXT: usize = 2 << 30;

/// The shared texts, by index.
#[derive(Debug, Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<usize>,
}

impl SharedStrings {
    /// Reads the part with the texts.
    pub(super) fn read(package: &WorkbookPackage, part: Option<&str>, file: &str) -> Result<Self> {
        let mut strings = Self::default();
        let xml = part.map(|part| package.part(part)).transpose()?.flatten();
        if let Some(xml) = xml {
            strings.read_xml(xml, file)?;
        }
        Ok(strings)
    }

    fn read_xml(&mut self, mut xml: XmlReader<'_>, file: &str) -> Result<()> {
        let mut one = String::new();
        let mut depth = RichText::default();
        loop {
            match xml.next()? {
                XmlNode::Start(element) => depth.start(element.name),
                XmlNode::End(ElementName::Si) => {
                    unescape(&mut one);
                    self.text.push_str(&one);
                    self.ends.push(self.text.len());
                    one.clear();
                    if self.text.len() > MOST_TEXT {
                        return Err(too_much(file).into());
                    }
                }
                XmlNode::End(name) => depth.end(name),
                XmlNode::Text(text) if depth.is_text() => one.push_str(&text),
                XmlNode::Text(_) => {}
                XmlNode::EndOfPart => return Ok(()),
            }
        }
    }

    /// The text with this index.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let before = number.checked_sub(1);
        let start = before.and_then(|before| self.ends.get(before).copied());
        self.text.get(start.unwrap_or(0)..end)
    }
}

/// The message for a workbook with too much text.
pub(super) fn too_much(file: &str) -> Message {
    messages::too_much_text(file, MOST_TEXT >> 30)
}

/// The position in a text that may have several runs and phonetic guides.
#[derive(Debug, Default)]
pub(super) struct RichText {
    letters: bool,
    pronounced: bool,
}

impl RichText {
    /// Processes the start of an element.
    pub(super) fn start(&mut self, name: ElementName) {
        match name {
            ElementName::T => self.letters = true,
            ElementName::RPh => self.pronounced = true,
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: ElementName) {
        match name {
            ElementName::T => self.letters = false,
            ElementName::RPh => self.pronounced = false,
            _ => {}
        }
    }

    /// True if the current position belongs to the text.
    pub(super) fn is_text(&self) -> bool {
        self.letters && !self.pronounced
    }
}

/// Resolves `_x000D_`, which represents a character that XML cannot contain.
pub(super) fn unescape(text: &mut String) {
    if memchr::memmem::find(text.as_bytes(), b"_x").is_none() {
        return;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        if let Some((character, length)) = escaped(from) {
            plain.push(character);
            rest = from.get(length..).unwrap_or_default();
        } else {
            plain.push_str("_x");
            rest = from.get(2..).unwrap_or_default();
        }
    }
    plain.push_str(rest);
    *text = plain;
}

/// The escaped character at the beginning of a text, and the length of the escape.
fn escaped(text: &str) -> Option<(char, usize)> {
    const LENGTH: usize = "_x000D_".len();
    let first = code_unit(text)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, LENGTH));
    }
    let second = code_unit(text.get(LENGTH..)?)?;
    let pair = char::decode_utf16([first, second]).next()?.ok()?;
    Some((pair, 2 * LENGTH))
}

fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("_x")?.get(..4)?;
    let closed = text.get(6..7) == Some("_");
    let digits = digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then_some(digits)?;
    u16::from_str_radix(digits, 16).ok().filter(|_| closed)
}

#[cfg(test)]
mod tests {
    use crate::claims::xlsx::shared_strings::unescape;

    #[test]
    fn escaped_characters_are_resolved_and_nothing_else() {
        for (written, expected) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83D__xDE00_", "😀"),
            ("_xD83D_", "_xD83D_"),
            ("my_x_file", "my_x_file"),
            ("_x00é_", "_x00é_"),
            ("_x+00D_", "_x+00D_"),
            ("_x000D", "_x000D"),
        ] {
            let mut text = written.to_owned();
            unescape(&mut text);
            assert_eq!(text, expected);
        }
    }
}
