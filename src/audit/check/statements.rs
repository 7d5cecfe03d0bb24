//! Compares the statements of a run with the regenerated ones.

use std::io;
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::base::digest::hex;
use crate::base::regular_file::read_file;
use crate::run::file_names::{ARCHIVE, STATEMENTS};
use crate::run::hashing_writer::WrittenFile;
use crate::run::row_tally::RowTally;
use crate::run::statements::archive::write_archive;
use crate::run::statements::folder::{StatementLines, StatementList};
use crate::run::statements::scan::look;
use crate::run::statements::{Statement, StatementMaker};

/// The statements found in a run's folder, for comparison with the manifest. Entries
/// that cannot be statements are reported.
pub(crate) fn listed(run: &Path, findings: &mut CheckFindings) -> Result<WrittenFile> {
    let look = look(run)?;
    let mut list = StatementList::default();
    for (folder, names) in &look.folders {
        let mut lines = StatementLines::default();
        for name in names {
            let path = format!("{STATEMENTS}/{folder}/{name}");
            match read_file(&run.join(&path)) {
                Ok(content) => lines.add(folder, name, &content),
                Err(error) => {
                    findings.note(&path, "", "a file", &error.to_string())?;
                }
            }
        }
        list.add(&lines);
    }
    for (path, what) in &look.strange {
        findings.add(nobodys(path, what))?;
    }
    Ok(list.written())
}

/// Compares the statements in a run's folder with the regenerated ones.
pub(crate) fn compare_folder(
    maker: StatementMaker<'_>,
    tally: &RowTally,
    run: &Path,
    findings: &mut CheckFindings,
) -> Result<()> {
    let look = look(run)?;
    maker.each_folder(
        tally,
        &|_| {},
        |folder, statements| {
            let there = look.folders.get(folder);
            let mut others = there.cloned().unwrap_or_default();
            let mut found = Vec::new();
            let mut expected = false;
            for statement in statements {
                let Statement { name, text } = statement?;
                let path = format!("{STATEMENTS}/{folder}/{name}");
                expected = true;
                if !others.remove(&name) {
                    found.push(CheckFinding::missing(&path));
                    continue;
                }
                // The unreadable file was reported before.
                let content = read_file(&run.join(&path)).unwrap_or_else(|_| text.clone().into());
                if content != text.as_bytes() {
                    found.push(difference(&path, &text, &content));
                }
            }
            for name in others {
                found.push(nobodys(&format!("{STATEMENTS}/{folder}/{name}"), "a file"));
            }
            if there.is_some() && !expected {
                found.push(nobodys(&format!("{STATEMENTS}/{folder}"), "a folder"));
            }
            Ok(found)
        },
        |found| {
            found
                .into_iter()
                .try_for_each(|finding| findings.add(finding))
        },
    )
}

/// Compares the archive in a run's folder with the regenerated one.
pub(crate) fn compare_archive(
    maker: StatementMaker<'_>,
    tally: &RowTally,
    found: &WrittenFile,
    findings: &mut CheckFindings,
) -> Result<()> {
    let mut digest = DigestSink::default();
    write_archive(maker, tally, &|_| {}, &mut digest)?;
    let expected = digest.hex();
    if expected != found.sha256 {
        let what = "SHA-256 of the regenerated archive";
        findings.note(ARCHIVE, what, &expected, &found.sha256)?;
    }
    Ok(())
}

/// Hashes bytes and discards them.
#[derive(Debug, Default)]
pub(super) struct DigestSink(Sha256);

impl DigestSink {
    /// The SHA-256 of all bytes in hexadecimal.
    pub(super) fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

impl io::Write for DigestSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn nobodys(path: &str, what: &str) -> CheckFinding {
    let expected = "no such file: it belongs to no paid claimant";
    CheckFinding::of_file(path, "", expected, what)
}

/// The first line in which a statement differs.
fn difference(path: &str, expected: &str, found: &[u8]) -> CheckFinding {
    let found = String::from_utf8_lossy(found);
    let mut lines = found.lines();
    for (number, expected) in (1..).zip(expected.lines()) {
        let found = lines.next().unwrap_or_default();
        if found != expected {
            return CheckFinding::of_file(path, &format!("line {number}"), expected, found);
        }
    }
    let found = lines.next().unwrap_or("different line endings");
    CheckFinding::of_file(path, "end of file", "no further lines", found)
}
