//! Reads the XML of a workbook part, node by node. Namespace prefixes are removed,
//! because they never matter for the parts that are read.

use std::borrow::Cow;
use std::io::{self, BufReader, Read};

use anyhow::Result;
use quick_xml::XmlVersion;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use crate::claims::messages::expands_too_far;
use crate::claims::xlsx::messages;

/// Number of bytes expanded at a time.
const BUFFER: usize = 1 << 16;

/// A part that is being read.
pub(super) struct XmlReader<'p> {
    reader: quick_xml::Reader<BufReader<Box<dyn Read + 'p>>>,
    buffer: Vec<u8>,
    extent: RootExtent,
    /// The workbook and the part, for messages.
    file: String,
    part: String,
}

/// A node of a part.
pub(super) enum XmlNode<'x> {
    /// The start of an element.
    Start(XmlElement<'x>),
    End(ElementName),
    /// Text, with entities resolved.
    Text(Cow<'x, str>),
    EndOfPart,
}

/// The start of an element.
pub(super) struct XmlElement<'x> {
    pub name: ElementName,
    start: BytesStart<'x>,
}

/// The names of relevant elements. Several parts use them, always with the same
/// meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementName {
    /// A cell.
    C,
    /// A value.
    V,
    /// A formula.
    F,
    /// A text in a cell.
    Is,
    /// The characters of a text.
    T,
    /// A phonetic guide.
    RPh,
    /// A shared string.
    Si,
    Row,
    /// A span of columns.
    Col,
    /// The rows of a sheet.
    SheetData,
    /// Merged cells.
    MergeCell,
    /// A sheet of the workbook.
    Sheet,
    /// Properties of the workbook.
    WorkbookPr,
    /// Properties of the calculation.
    CalcPr,
    /// A relationship between parts.
    Relationship,
    /// A number format.
    NumFmt,
    /// The formats of cells.
    CellXfs,
    /// A format.
    Xf,
    /// Anything else.
    Other,
}

impl ElementName {
    fn of(local: &str) -> Self {
        match local {
            "c" => Self::C,
            "v" => Self::V,
            "f" => Self::F,
            "is" => Self::Is,
            "t" => Self::T,
            "rPh" => Self::RPh,
            "si" => Self::Si,
            "row" => Self::Row,
            "col" => Self::Col,
            "sheetData" => Self::SheetData,
            "mergeCell" => Self::MergeCell,
            "sheet" => Self::Sheet,
            "workbookPr" => Self::WorkbookPr,
            "calcPr" => Self::CalcPr,
            "Relationship" => Self::Relationship,
            "numFmt" => Self::NumFmt,
            "cellXfs" => Self::CellXfs,
            "xf" => Self::Xf,
            _ => Self::Other,
        }
    }
}

impl<'p> XmlReader<'p> {
    /// Opens a part of this file.
    pub(super) fn new(content: Box<dyn Read + 'p>, file: &str, part: &str) -> Self {
        let content = BufReader::with_capacity(BUFFER, content);
        let mut reader = quick_xml::Reader::from_reader(content);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            extent: RootExtent::default(),
            file: file.to_owned(),
            part: part.to_owned(),
        }
    }

    /// The next node. Comments are returned as empty texts.
    pub(super) fn next(&mut self) -> Result<XmlNode<'_>> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer);
        let event = event.map_err(|error| refusal(&self.file, &self.part, &error))?;
        let seen = self.extent.see(&event);
        seen.and_then(|()| node(event))
            .map_err(|what| damaged(&self.file, &self.part, what))
    }

    /// An error for a malformed part.
    pub(super) fn damaged(&self, what: &str) -> anyhow::Error {
        damaged(&self.file, &self.part, what)
    }
}

fn damaged(file: &str, part: &str, what: &str) -> anyhow::Error {
    messages::damaged(file, &format!("{part} {what}")).into()
}

/// The extent of a part, which is a single element. A file truncated between two
/// rows would otherwise silently lose the rest.
#[derive(Debug, Default)]
struct RootExtent {
    /// The number of open elements.
    open: usize,
    over: bool,
}

impl RootExtent {
    fn see(&mut self, event: &Event<'_>) -> Result<(), &'static str> {
        const AFTER: &str = "continues after its end";
        match event {
            Event::Start(_) if self.over => return Err(AFTER),
            Event::Start(_) => self.open += 1,
            Event::End(_) => {
                self.open = self.open.saturating_sub(1);
                self.over = self.open == 0;
            }
            Event::Text(text) if self.open == 0 && !text.trim_ascii().is_empty() => {
                return Err(if self.over { AFTER } else { "begins with text" });
            }
            Event::CData(_) | Event::GeneralRef(_) if self.open == 0 => return Err(AFTER),
            Event::Eof if !self.over => return Err("is truncated"),
            _ => {}
        }
        Ok(())
    }
}

fn node(event: Event<'_>) -> Result<XmlNode<'_>, &'static str> {
    Ok(match event {
        Event::Start(start) | Event::Empty(start) => XmlNode::Start(XmlElement {
            name: ElementName::of(start.local_name().into_inner()),
            start,
        }),
        Event::End(end) => XmlNode::End(ElementName::of(end.local_name().into_inner())),
        Event::Text(text) => XmlNode::Text(unix_lines(text.into_inner())),
        Event::CData(text) => XmlNode::Text(unix_lines(text.into_inner())),
        Event::GeneralRef(reference) => {
            const NONE: &str = "refers to a character that does not exist";
            let text = match reference.resolve_char_ref().map_err(|_| NONE)? {
                Some(character) => Cow::Owned(character.to_string()),
                None => Cow::Borrowed(resolve_predefined_entity(&reference).ok_or(NONE)?),
            };
            XmlNode::Text(text)
        }
        Event::Decl(declaration) => {
            let encoding = declaration.encoding().and_then(Result::ok);
            let is_utf8 = |name: &str| {
                name.eq_ignore_ascii_case("UTF-8") || name.eq_ignore_ascii_case("UTF8")
            };
            if encoding.is_some_and(|name| !is_utf8(&name)) {
                return Err("is not in UTF-8");
            }
            XmlNode::Text(Cow::Borrowed(""))
        }
        Event::DocType(_) => return Err("has a document type declaration, which is not allowed"),
        Event::Comment(_) | Event::PI(_) => XmlNode::Text(Cow::Borrowed("")),
        Event::Eof => XmlNode::EndOfPart,
    })
}

/// Normalizes line ends, as every XML reader must.
fn unix_lines(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}

impl XmlElement<'_> {
    /// Calls `see` for every attribute without a prefix; `None` if an attribute is
    /// malformed.
    pub(super) fn each(&self, mut see: impl FnMut(&str, &str)) -> Option<()> {
        let mut rest = self.start.attributes_raw().trim_ascii();
        while !rest.is_empty() {
            let (name, value) = split_at_byte(rest, b'=')?;
            let name = name.trim_ascii_end();
            let value = value.trim_ascii_start();
            let quote = value
                .bytes()
                .next()
                .filter(|byte| matches!(byte, b'"' | b'\''))?;
            let (value, after) = split_at_byte(value.get(1..)?, quote)?;
            // With a prefix, it is another attribute, or names a namespace.
            if split_at_byte(name, b':').is_none() {
                see(name, &unescape(value).ok()?);
            }
            rest = after.trim_ascii_start();
        }
        Some(())
    }

    /// The attribute with this name, or else one with a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut with_prefix = None;
        for attribute in self.start.attributes().with_checks(false).flatten() {
            let key = attribute.key;
            let is_plain = key.prefix().is_none();
            let names_namespace = key.as_namespace_binding().is_some();
            if key.local_name().into_inner() != name || names_namespace {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            if is_plain {
                return Some(value.into_owned());
            }
            with_prefix.get_or_insert(value.into_owned());
        }
        with_prefix
    }
}

/// The text before and after the first occurrence of an ASCII byte.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|other| other == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// True if the value of an attribute means yes.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}

fn refusal(file: &str, part: &str, error: &quick_xml::Error) -> anyhow::Error {
    if let quick_xml::Error::Io(error) = error {
        if error.kind() == io::ErrorKind::FileTooLarge {
            let hint = "the compression ratio is implausible; ask the sender for another copy";
            let fault = format!("in {part}, {error}");
            let message = expands_too_far(file, &fault);
            return message.hint(hint.to_owned()).into();
        }
        return damaged(file, part, &format!("cannot be decompressed ({error})"));
    }
    damaged(file, part, &format!("is not well-formed XML ({error})"))
}
