//! The archive of the sheets: an xlsx file is a ZIP archive of XML.

use std::io::{self, Write};

use anyhow::Result;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};

use crate::base::workbook::EARLIEST;
use crate::base::workbook::styles::{self, MAIN};

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PARTS: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A sheet in the list of sheets.
pub(crate) struct SheetName {
    pub name: String,
    /// Its defined names.
    pub defined: String,
}

/// A sheet that grows in memory, compressed.
#[derive(Debug)]
pub(crate) struct SheetPacker {
    packer: DeflateEncoder<Vec<u8>>,
    checksum: Crc,
    length: u64,
}

/// A compressed sheet.
#[derive(Debug)]
pub(crate) struct PackedSheet {
    bytes: Vec<u8>,
    checksum: u32,
    length: u64,
}

impl SheetPacker {
    pub(crate) fn new() -> io::Result<Self> {
        let mut packer = Self {
            packer: DeflateEncoder::new(Vec::new(), Compression::fast()),
            checksum: Crc::new(),
            length: 0,
        };
        packer.push(DECLARATION)?;
        Ok(packer)
    }

    pub(crate) fn push(&mut self, xml: &str) -> io::Result<()> {
        self.checksum.update(xml.as_bytes());
        self.length += xml.len() as u64;
        self.packer.write_all(xml.as_bytes())
    }

    pub(crate) fn finish(self) -> io::Result<PackedSheet> {
        Ok(PackedSheet {
            bytes: self.packer.finish()?,
            checksum: self.checksum.sum(),
            length: self.length,
        })
    }
}

pub(crate) struct PackageWriter<W> {
    archive: ZipArchiveWriter<W>,
}

impl<W: Write> PackageWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        let archive = ZipArchiveWriter::new(out);
        Self { archive }
    }

    /// Writes the parts that list the sheets.
    pub(crate) fn begin(&mut self, names: &[SheetName]) -> Result<()> {
        let sheets = (1..).zip(names).map(|(n, sheet)| listed(&sheet.name, n));
        let sheets = sheets.collect::<String>();
        let defined = names.iter().map(|sheet| sheet.defined.as_str());
        let defined = defined.collect::<String>();
        for (path, xml) in [
            ("[Content_Types].xml", types(names.len())),
            ("_rels/.rels", root()),
            ("xl/workbook.xml", workbook(&sheets, &defined)),
            ("xl/_rels/workbook.xml.rels", relations(names.len())),
            ("xl/styles.xml", styles::xml()),
        ] {
            self.part(path, |file| Ok(file.write_all(xml.as_bytes())?))?;
        }
        Ok(())
    }

    /// Writes a part that is not compressed. If it is the first, its text is at the
    /// beginning of the file.
    pub(crate) fn plain(&mut self, path: &str, text: &str) -> Result<()> {
        let file = self.archive.new_file(path);
        let file = file.compression_method(CompressionMethod::STORE);
        let file = file.last_modified(UtcDateTime::from_unix(EARLIEST));
        let (mut file, counting) = file.start().map_err(machine)?;
        let mut counted = counting.wrap(&mut file);
        counted.write_all(text.as_bytes())?;
        let (_, facts) = counted.finish().map_err(machine)?;
        file.finish(facts).map_err(machine)?;
        Ok(())
    }

    /// Writes the sheet with this number, counted from 1, which is compressed already.
    pub(crate) fn packed_sheet(&mut self, number: usize, packed: &PackedSheet) -> Result<()> {
        let path = format!("xl/worksheets/sheet{number}.xml");
        let file = self.archive.new_file(&path);
        let file = file.compression_method(CompressionMethod::DEFLATE);
        let file = file.last_modified(UtcDateTime::from_unix(EARLIEST));
        let (mut file, _) = file.start().map_err(machine)?;
        file.write_all(&packed.bytes)?;
        let facts = DataDescriptorOutput::new(packed.checksum, packed.length);
        file.finish(facts).map_err(machine)?;
        Ok(())
    }

    /// Writes the sheet with this number, counted from 1.
    pub(crate) fn sheet(
        &mut self,
        number: usize,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        self.part(&format!("xl/worksheets/sheet{number}.xml"), write)
    }

    /// Writes a part, compressed as it arrives.
    fn part(&mut self, path: &str, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let file = self.archive.new_file(path);
        let file = file.compression_method(CompressionMethod::DEFLATE);
        let file = file.last_modified(UtcDateTime::from_unix(EARLIEST));
        let (mut file, counting) = file.start().map_err(machine)?;
        let packer = DeflateEncoder::new(&mut file, Compression::fast());
        let mut counted = counting.wrap(packer);
        counted.write_all(DECLARATION.as_bytes())?;
        write(&mut counted)?;
        let (packer, facts) = counted.finish().map_err(machine)?;
        packer.finish()?;
        file.finish(facts).map_err(machine)?;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.archive.finish().map_err(machine)?;
        Ok(())
    }
}

/// The content types of the parts.
fn types(sheets: usize) -> String {
    let part = |path: &str, kind: &str| {
        format!("<Override PartName=\"/xl/{path}.xml\" ContentType=\"{TYPE}.{kind}+xml\"/>")
    };
    let mut xml = format!(
        "<Types xmlns=\"{PARTS}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    );
    xml += &part("workbook", "sheet.main");
    xml += &part("styles", "styles");
    for number in 1..=sheets {
        xml += &part(&format!("worksheets/sheet{number}"), "worksheet");
    }
    xml + "</Types>"
}

fn root() -> String {
    let relation = relation(1, "officeDocument", "xl/workbook.xml");
    format!("<Relationships xmlns=\"{PARTS}/relationships\">{relation}</Relationships>")
}

/// The locations of the sheets and the styles.
fn relations(sheets: usize) -> String {
    let mut xml = format!("<Relationships xmlns=\"{PARTS}/relationships\">");
    for number in 1..=sheets {
        let path = format!("worksheets/sheet{number}.xml");
        xml += &relation(number, "worksheet", &path);
    }
    xml += &relation(sheets + 1, "styles", "styles.xml");
    xml + "</Relationships>"
}

fn relation(number: usize, kind: &str, path: &str) -> String {
    format!("<Relationship Id=\"rId{number}\" Type=\"{RELATIONS}/{kind}\" Target=\"{path}\"/>")
}

fn listed(name: &str, number: usize) -> String {
    format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>")
}

/// The list of sheets. Formulas are stored with their results; a spreadsheet recomputes
/// them anyway.
fn workbook(sheets: &str, names: &str) -> String {
    format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><workbookPr/>\
         <bookViews><workbookView/></bookViews><sheets>{sheets}</sheets>\
         <definedNames>{names}</definedNames><calcPr calcId=\"191029\" fullCalcOnLoad=\"1\"/>\
         </workbook>"
    )
}

/// The cause of an archive error, as reported by the system.
fn machine(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::other(error)
}
