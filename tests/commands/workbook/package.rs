//! A workbook taken apart, by another hand than the one that wrote it.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveWriter};

/// The parts of a workbook, by their paths.
pub(crate) struct Parts {
    pub parts: BTreeMap<String, String>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// `inlineStr` for text, `n` for numbers.
    pub kind: String,
    /// How a number is shown; `@` for text.
    pub format: String,
    pub text: String,
}

impl Parts {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let archive = ZipArchive::from_slice(bytes).unwrap();
        let mut parts = BTreeMap::new();
        for entry in archive.entries() {
            let entry = entry.unwrap();
            let path = entry.file_path().try_normalize().unwrap();
            let path = path.as_ref().to_owned();
            let data = archive.get_entry(entry.wayfinder()).unwrap();
            let mut text = String::new();
            let mut reader = data.verifying_reader(DeflateDecoder::new(data.data()));
            reader.read_to_string(&mut text).unwrap();
            assert!(parts.insert(path, text).is_none());
        }
        Self { parts }
    }

    /// The parts as an archive again.
    pub(crate) fn packed(&self) -> Vec<u8> {
        let mut archive = ZipArchiveWriter::new(Vec::new());
        for (path, text) in &self.parts {
            let file = archive.new_file(path);
            let file = file.compression_method(CompressionMethod::STORE);
            let (mut file, counting) = file.start().unwrap();
            let mut counted = counting.wrap(&mut file);
            counted.write_all(text.as_bytes()).unwrap();
            let (_, facts) = counted.finish().unwrap();
            file.finish(facts).unwrap();
        }
        archive.finish().unwrap()
    }

    /// The names of the sheets, in their order.
    pub(crate) fn sheets(&self) -> Vec<String> {
        let list = self.parts["xl/workbook.xml"].split("<sheet name=\"");
        let name = |rest: &str| rest.split('"').next().unwrap().to_owned();
        list.skip(1).map(name).collect()
    }

    /// The rows of the sheet with this name in lower case.
    pub(crate) fn sheet(&self, name: &str) -> Vec<Vec<Cell>> {
        let place = self
            .sheets()
            .iter()
            .position(|one| one.to_lowercase() == name);
        let number = place.unwrap() + 1;
        let xml = &self.parts[&format!("xl/worksheets/sheet{number}.xml")];
        let formats = self.formats();
        let row = |row: &str| {
            let cells = row.split("<c ").skip(1);
            cells.map(|cell| one(cell, &formats)).collect()
        };
        xml.split("<row ").skip(1).map(row).collect()
    }

    /// How the cells of each style are shown.
    fn formats(&self) -> Vec<String> {
        let xml = &self.parts["xl/styles.xml"];
        let own = xml.split("<numFmt ").skip(1);
        let own: BTreeMap<String, String> = own
            .map(|one| (attribute(one, "numFmtId"), attribute(one, "formatCode")))
            .collect();
        let styles = xml.split("<cellXfs").nth(1).unwrap().split("<xf ").skip(1);
        let format = |style: &str| match attribute(style, "numFmtId").as_str() {
            "49" => "@".to_owned(),
            number => own.get(number).cloned().unwrap_or_default(),
        };
        styles.map(format).collect()
    }
}

fn one(cell: &str, formats: &[String]) -> Cell {
    let head = cell.split('>').next().unwrap();
    let kind = if head.contains(" t=\"") {
        attribute(head, "t")
    } else {
        "n".to_owned()
    };
    let (tag, end) = if kind == "n" {
        ("<v>", "</v>")
    } else {
        ("<t", "</t>")
    };
    let text = cell.split(tag).nth(1).unwrap();
    let text = text.split(end).next().unwrap();
    let text = if kind == "n" {
        text
    } else {
        text.split_once('>').unwrap().1
    };
    let style: usize = attribute(head, "s").parse().unwrap();
    Cell {
        kind,
        format: formats[style].clone(),
        text: plain(text),
    }
}

fn attribute(xml: &str, name: &str) -> String {
    let value = xml.split(&format!("{name}=\"")).nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

fn plain(xml: &str) -> String {
    let escapes = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("_x005F_", "_"),
    ];
    let mut text = xml.to_owned();
    for (escape, character) in escapes {
        text = text.replace(escape, character);
    }
    text
}
