//! The archive of the sheets: an xlsx file is a ZIP archive of XML.

use std::io::{self, Write};

use anyhow::Result;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use crate::run::statements::archive::EARLIEST;
use crate::run::workbook::styles::{self, MAIN};
use crate::run::workbook::table::WorkbookTable;

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PARTS: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

pub(super) struct PackageWriter<W> {
    archive: ZipArchiveWriter<W>,
}

impl<W: Write> PackageWriter<W> {
    pub(super) fn new(out: W) -> Self {
        let archive = ZipArchiveWriter::new(out);
        Self { archive }
    }

    /// Writes the parts that list the sheets: the summary and the sheets of these
    /// tables.
    pub(super) fn begin(&mut self, tables: &[WorkbookTable<'_>]) -> Result<()> {
        let (mut sheets, mut names) = (listed("Summary", 1), String::new());
        let mut count = 1;
        for table in tables {
            for sheet in table.sheets() {
                names += &table.worksheet(&sheet).names(count);
                count += 1;
                sheets += &listed(&sheet.name, count);
            }
        }
        for (path, xml) in [
            ("[Content_Types].xml", types(count)),
            ("_rels/.rels", root()),
            ("xl/workbook.xml", workbook(&sheets, &names)),
            ("xl/_rels/workbook.xml.rels", relations(count)),
            ("xl/styles.xml", styles::xml()),
        ] {
            self.part(path, |file| Ok(file.write_all(xml.as_bytes())?))?;
        }
        Ok(())
    }

    /// Writes the sheet with this number, counted from 1.
    pub(super) fn sheet(
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

    pub(super) fn finish(self) -> Result<()> {
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
