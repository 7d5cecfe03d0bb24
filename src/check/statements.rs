//! The statements of a run: as they stand there, and as they should be.

use std::io;
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::findings::{Finding, Findings};
use crate::claims::source::hex;
use crate::diagnostic::Breakdown;
use crate::recorded::read_file;
use crate::run::folder::Written;
use crate::run::rows::Tally;
use crate::run::statements::archive::{ARCHIVE, write_archive};
use crate::run::statements::folder::{FOLDER, Lines, List, names};
use crate::run::statements::{Maker, Statement};

/// The statements of a run as they stand in its folder, for comparison with the
/// manifest.
pub fn listed(run: &Path) -> Result<Written> {
    let root = run.join(FOLDER);
    let mut list = List::default();
    for folder in names(&root)? {
        let mut lines = Lines::default();
        for name in names(&root.join(&folder))? {
            let path = root.join(&folder).join(&name);
            let content = read_file(&path).map_err(|error| {
                Breakdown::new(format!("cannot read {}", path.display()), error)
            })?;
            lines.add(&folder, &name, &content);
        }
        list.add(&lines);
    }
    Ok(list.written())
}

/// Compares the statements of a run, as they stand in its folder, with those
/// that it should have.
pub fn compare_folder(
    maker: Maker<'_>,
    tally: &Tally,
    run: &Path,
    findings: &mut Findings,
) -> Result<()> {
    let root = run.join(FOLDER);
    let mut others = names(&root)?;
    maker.each_folder(
        tally,
        &|_| {},
        |folder, statements| {
            let mut others = names(&root.join(folder))?;
            let mut found = Vec::new();
            for statement in statements {
                let Statement { name, text } = statement?;
                let shown = format!("{FOLDER}/{folder}/{name}");
                if !others.remove(&name) {
                    found.push(Finding::missing(&shown));
                    continue;
                }
                match read_file(&root.join(folder).join(&name)) {
                    Ok(content) if content == text.as_bytes() => {}
                    Ok(content) => found.push(difference(&shown, &text, &content)),
                    Err(error) => {
                        let error = error.to_string();
                        found.push(Finding::of_file(&shown, "", "a file", &error));
                    }
                }
            }
            for name in others {
                let shown = format!("{FOLDER}/{folder}/{name}");
                found.push(nobodys(&shown));
            }
            Ok((folder.to_owned(), found))
        },
        |(folder, found)| {
            others.remove(&folder);
            found
                .into_iter()
                .try_for_each(|finding| findings.add(finding))
        },
    )?;
    for name in others {
        findings.add(nobodys(&format!("{FOLDER}/{name}")))?;
    }
    Ok(())
}

/// Compares the archive of a run, as it stands in its folder, with the one that
/// it should have.
pub fn compare_archive(
    maker: Maker<'_>,
    tally: &Tally,
    found: &Written,
    findings: &mut Findings,
) -> Result<()> {
    let mut digest = Digester::default();
    write_archive(maker, tally, &|_| {}, &mut digest)?;
    let expected = hex(&digest.0.finalize());
    if expected != found.sha256 {
        let what = "SHA-256 of the archive computed anew";
        findings.add(Finding::of_file(ARCHIVE, what, &expected, &found.sha256))?;
    }
    Ok(())
}

/// Takes bytes for their digest only.
#[derive(Debug, Default)]
struct Digester(Sha256);

impl io::Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn nobodys(path: &str) -> Finding {
    Finding::of_file(
        path,
        "",
        "nothing of this name: it is nobody's statement",
        "a file",
    )
}

/// The first line in which a statement differs.
fn difference(path: &str, expected: &str, found: &[u8]) -> Finding {
    let found = String::from_utf8_lossy(found);
    let mut lines = found.lines();
    for (number, expected) in (1..).zip(expected.lines()) {
        let found = lines.next().unwrap_or_default();
        if found != expected {
            return Finding::of_file(path, &format!("line {number}"), expected, found);
        }
    }
    let found = lines.next().unwrap_or("other line ends");
    Finding::of_file(path, "its end", "nothing more", found)
}
