//! The parts of a workbook, which is a zip archive, and their relationships.

use std::collections::HashMap;
use std::io::Read;

use anyhow::Result;
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};

use crate::claims::compression::BoundedReader;
use crate::claims::xlsx::messages;
use crate::claims::xlsx::read_ahead::ahead;
use crate::claims::xlsx::xml::{ElementName, XmlNode, XmlReader};

/// The first bytes of an archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// The first bytes of old workbooks and of those with a password.
const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];

/// A mark found only in workbooks with a password: `EncryptedPackage` in UTF-16.
const ENCRYPTED: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";

/// A compressed workbook.
pub(super) struct WorkbookPackage {
    archive: ZipSliceArchive<Vec<u8>>,
    /// By [`key`].
    parts: HashMap<String, PackagePart>,
    /// The file name, for messages.
    file: String,
}

#[derive(Debug, Clone, Copy)]
struct PackagePart {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    encrypted: bool,
}

/// A relationship to another part.
#[derive(Debug, Clone)]
pub(super) struct Relationship {
    /// The id by which the part refers to it.
    pub id: String,
    /// The last word of its type, like `worksheet`.
    pub kind: String,
    /// The name of the related part.
    pub part: String,
}

impl WorkbookPackage {
    /// Opens the workbook in these bytes.
    pub(super) fn open(bytes: Vec<u8>, file: &str) -> Result<Self> {
        refuse_others(&bytes, file)?;
        let damaged = |what: String| anyhow::Error::from(messages::damaged(file, &what));
        let broken = |error: rawzip::Error| damaged(format!("as an archive, {error}"));
        let archive = ZipArchive::from_slice(bytes).map_err(|_| messages::truncated(file))?;
        let mut parts = HashMap::new();
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry().map_err(broken)? {
            let name = key(&String::from_utf8_lossy(entry.file_path().as_bytes()));
            if name.ends_with('/') {
                continue;
            }
            let part = PackagePart {
                place: entry.wayfinder(),
                method: entry.compression_method(),
                encrypted: entry.flags().is_encrypted(),
            };
            if parts.insert(name.clone(), part).is_some() {
                return Err(damaged(format!("it has two parts named {name}")));
            }
        }
        let package = Self {
            archive,
            parts,
            file: file.to_owned(),
        };
        package.refuse_other_kinds()?;
        Ok(package)
    }

    /// Rejects archives that are not workbooks of this type.
    fn refuse_other_kinds(&self) -> Result<()> {
        let has = |name: &str| self.parts.contains_key(name);
        let message = if has("xl/workbook.bin") {
            messages::binary_workbook(&self.file)
        } else if has("mimetype") && has("content.xml") {
            messages::open_document(&self.file)
        } else if !has("_rels/.rels") {
            messages::other_archive(&self.file)
        } else {
            return Ok(());
        };
        Err(message.into())
    }

    /// Opens a part; `None` if there is none with this name.
    pub(super) fn part(&self, name: &str) -> Result<Option<XmlReader<'_>>> {
        let content = self.content(name)?;
        Ok(content.map(|content| XmlReader::new(content, &self.file, name)))
    }

    /// Reads a part while another thread expands it; `None` if there is none with
    /// this name.
    pub(super) fn part_ahead<T>(
        &self,
        name: &str,
        read: impl FnOnce(&mut XmlReader<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let Some(content) = self.content(name)? else {
            return Ok(None);
        };
        ahead(content, |content| {
            read(&mut XmlReader::new(content, &self.file, name))
        })
        .map(Some)
    }

    /// The expanded content of a part.
    fn content(&self, name: &str) -> Result<Option<Box<dyn Read + Send + '_>>> {
        let Some(part) = self.parts.get(&key(name)) else {
            return Ok(None);
        };
        let broken = |what: String| messages::damaged(&self.file, &format!("{name} {what}"));
        if part.encrypted {
            return Err(messages::password(&self.file).into());
        }
        let entry = self.archive.get_entry(part.place);
        let entry = entry.map_err(|error| broken(format!("cannot be found ({error})")))?;
        let content: Box<dyn Read + Send> = match part.method {
            CompressionMethod::STORE => Box::new(entry.verifying_reader(entry.data())),
            CompressionMethod::DEFLATE => {
                Box::new(entry.verifying_reader(DeflateDecoder::new(entry.data())))
            }
            method => {
                let what = format!("has an unsupported compression method ({method})");
                return Err(broken(what).into());
            }
        };
        let packed = u64::try_from(self.archive.get_ref().len()).unwrap_or(u64::MAX);
        Ok(Some(Box::new(BoundedReader::new(content, move || packed))))
    }

    /// The relationships of a part within the workbook; those of the entire
    /// workbook belong to the part without a name.
    pub(super) fn relationships(&self, part: &str) -> Result<Vec<Relationship>> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let rels = match folder {
            "" => format!("_rels/{name}.rels"),
            folder => format!("{folder}/_rels/{name}.rels"),
        };
        let Some(mut xml) = self.part(&rels)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        loop {
            match xml.next()? {
                XmlNode::Start(element) if element.name == ElementName::Relationship => {
                    let text = |name| element.attribute(name).unwrap_or_default();
                    if text("TargetMode") == "External" {
                        continue;
                    }
                    let kind = text("Type");
                    found.push(Relationship {
                        id: text("Id"),
                        kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                        part: resolve(folder, &text("Target")),
                    });
                }
                XmlNode::EndOfPart => return Ok(found),
                _ => {}
            }
        }
    }
}

/// Normalizes the name of a part: names never differ only by case, and some
/// programs write backslashes or a leading slash.
fn key(name: &str) -> String {
    let name = name.replace('\\', "/").to_ascii_lowercase();
    name.trim_start_matches('/').to_owned()
}

/// Rejects files that are not archives.
fn refuse_others(bytes: &[u8], file: &str) -> Result<()> {
    let message = if bytes.starts_with(ZIP) {
        return Ok(());
    } else if bytes.is_empty() {
        messages::workbook_empty(file)
    } else if bytes.starts_with(OLE) && memchr::memmem::find(bytes, ENCRYPTED).is_some() {
        messages::password(file)
    } else if bytes.starts_with(OLE) {
        messages::old_workbook(file)
    } else {
        messages::not_a_workbook(file)
    };
    Err(message.into())
}

/// Resolves the target of a relationship relative to this folder.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut steps: Vec<&str> = Vec::new();
    if !target.starts_with('/') {
        steps.extend(folder.split('/'));
    }
    for step in target.split('/') {
        match step {
            ".." => {
                steps.pop();
            }
            "." => {}
            step => steps.push(step),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use crate::claims::xlsx::package::resolve;

    #[test]
    fn targets_are_relative_to_the_folder_of_their_part_or_absolute() {
        let sheet = "xl/worksheets/sheet1.xml";
        assert_eq!(resolve("xl", "worksheets/sheet1.xml"), sheet);
        assert_eq!(resolve("xl", "/xl/worksheets/sheet1.xml"), sheet);
        assert_eq!(resolve("xl/odd", "../worksheets/./sheet1.xml"), sheet);
        assert_eq!(resolve("", "xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(resolve("xl", "worksheets\\sheet1.xml"), sheet);
        assert_eq!(resolve("xl", "\\xl\\worksheets\\sheet1.xml"), sheet);
    }
}
