//! Workbooks for tests, packed from the XML of their parts.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// The formats of cells: `s="1"` is a date, and so on.
pub(crate) const FORMATS: [&str; 12] = [
    "General",
    "yyyy\\-mm\\-dd",
    "00000",
    "m/d/yyyy\\ h:mm",
    "h:mm\\ AM/PM",
    "[h]:mm:ss",
    "000\\-00\\-0000",
    "&quot;C-&quot;0",
    "number 27",
    "number 14",
    "#,##0.00",
    "[=1]&quot;none&quot;;General",
];

/// A workbook with these parts, and whatever else a workbook needs.
pub(crate) fn packed(parts: &[(&str, String)]) -> Vec<u8> {
    packed_as(parts, str::to_owned)
}

/// The same, with the parts under other names in the archive.
pub(crate) fn packed_as(parts: &[(&str, String)], name: impl Fn(&str) -> String) -> Vec<u8> {
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    all.insert(
        "_rels/.rels",
        relationships(&[("officeDocument", "xl/workbook.xml")]),
    );
    all.insert("xl/workbook.xml", workbook(&[("Claims", "")]));
    all.insert(
        "xl/_rels/workbook.xml.rels",
        relationships(&[
            ("worksheet", "worksheets/sheet1.xml"),
            ("worksheet", "worksheets/sheet2.xml"),
            ("chartsheet", "chartsheets/sheet3.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "/xl/sharedStrings.xml"),
        ]),
    );
    all.insert("xl/styles.xml", styles());
    for (name, text) in parts {
        all.insert(name, text.clone());
    }
    let names: Vec<String> = all.keys().map(|part| name(part)).collect();
    let texts = all.values().map(String::as_bytes);
    let parts: Vec<(&str, &[u8])> = names.iter().map(String::as_str).zip(texts).collect();
    zip(&parts, false)
}

/// A workbook whose sheet has these rows, as XML.
pub(crate) fn with_rows(rows: &str) -> Vec<u8> {
    packed(&[("xl/worksheets/sheet1.xml", sheet(rows))])
}

/// A sheet with these rows, as XML.
pub(crate) fn sheet(rows: &str) -> String {
    format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")
}

/// What the workbook says of its sheets: their names and further attributes.
pub(crate) fn workbook(sheets: &[(&str, &str)]) -> String {
    let list: Vec<String> = sheets
        .iter()
        .zip(1..)
        .map(|((name, more), number)| {
            format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"r{number}\"{more}/>")
        })
        .collect();
    let list = list.concat();
    format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>")
}

/// Relationships `r1`, `r2`, … of these kinds to these parts.
pub(crate) fn relationships(targets: &[(&str, &str)]) -> String {
    let list: Vec<String> = targets
        .iter()
        .zip(1..)
        .map(|((kind, target), number)| {
            format!("<Relationship Id=\"r{number}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
        })
        .collect();
    let list = list.concat();
    format!("<Relationships xmlns=\"{PACKAGE}\">{list}</Relationships>")
}

fn styles() -> String {
    let mut codes = String::new();
    let mut formats = String::new();
    for (code, id) in FORMATS.into_iter().zip(164..) {
        // Some formats are known by their number alone.
        let known = code.strip_prefix("number ");
        let id = known.map_or(id, |id| id.parse().unwrap());
        if id >= 164 {
            codes += &format!("<numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>");
        }
        formats += &format!("<xf numFmtId=\"{id}\"/>");
    }
    format!(
        "<styleSheet xmlns=\"{MAIN}\"><numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs>{formats}</cellXfs></styleSheet>"
    )
}

/// An archive of these files.
pub(crate) fn zip(files: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (name, content) in files {
        let mut packed = content.to_vec();
        let mut method = CompressionMethod::STORE;
        if deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(content).unwrap();
            packed = encoder.finish().unwrap();
            method = CompressionMethod::DEFLATE;
        }
        let mut checksum = Crc::new();
        checksum.update(content);
        let file = archive.new_file(name).compression_method(method);
        let (mut file, _) = file.start().unwrap();
        file.write_all(&packed).unwrap();
        let facts = DataDescriptorOutput::new(checksum.sum(), content.len() as u64);
        file.finish(facts).unwrap();
    }
    archive.finish().unwrap()
}
