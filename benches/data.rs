//! Made-up claims: about 97 bytes a row, twelve in a hundred of the Illinois
//! Subclass, one cell in five rows quoted, names beyond ASCII.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A number that seems random and follows from the row.
fn mix(row: u64, what: u64) -> u64 {
    let mut x = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

/// Writes claims for the built-in plan.
pub fn claims(path: &Path, rows: u64) -> io::Result<()> {
    const NAMES: [&str; 8] = [
        "Ana Silva",
        "Zoë Müller",
        "Robert Smith",
        "Mei-Ling Chen",
        "José García",
        "Mary Jones",
        "Ivan Petrov",
        "Aïsha Diallo",
    ];
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(
        file,
        "claimant_id,name,street,city,state,subclass,status,submitted,email_hash"
    )?;
    for row in 0..rows {
        let name = NAMES[usize::try_from(mix(row, 1) % 8).unwrap()];
        let illinois = mix(row, 2) % 100 < 12;
        let (state, subclass) = if illinois {
            ("IL", "illinois")
        } else {
            ("CA", "")
        };
        let status = match mix(row, 3) % 100 {
            0..94 => "approved",
            94..96 => "pending",
            _ => "denied",
        };
        let street = mix(row, 4) % 9000;
        let street = if row % 5 == 0 {
            format!("\"{street} Main Street, Apt {}\"", row % 97)
        } else {
            format!("{street} Main Street")
        };
        writeln!(
            file,
            "C{row:010},{name},{street},Springfield,{state},{subclass},{status},2022-0{}-{:02},{:012x}",
            1 + mix(row, 5) % 3,
            1 + mix(row, 6) % 28,
            mix(row, 7) >> 16
        )?;
    }
    file.flush()
}

/// The plan of ten million [`awards`]: every claimant has one of his own, and a
/// ceiling.
pub const AWARDS_PLAN: &str = "\
[settlement]\nname = \"Awards\"\n[fund]\namount = 3_000_000_000\n\
[claims]\nstatus = \"status\"\npay = [\"approved\"]\nhold = [\"pending\"]\ndeny = [\"denied\"]\n\
[[pool]]\nname = \"losses\"\naward = [ { add = { column = \"loss\" } } ]\nat_most = 900\n\
round = \"largest-remainder\"\n";

/// Writes claims with an amount in each row that nearly no other row has.
pub fn awards(path: &Path, rows: u64) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(file, "claimant_id,name,loss,status")?;
    for row in 0..rows {
        let status = if mix(row, 3) % 100 < 96 {
            "approved"
        } else {
            "denied"
        };
        let loss = mix(row, 4) % 100_000_000;
        writeln!(
            file,
            "C{row:010},Claimant {},{}.{:04},{status}",
            mix(row, 1) % 100_000,
            loss / 10_000,
            loss % 10_000
        )?;
    }
    file.flush()
}
