//! Made-up claims: about 97 bytes a row, twelve in a hundred of the Illinois
//! Subclass, one cell in five rows quoted, names beyond ASCII.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A number that seems random and follows from the row.
pub(crate) fn mix(row: u64, what: u64) -> u64 {
    let mut x = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

/// What claims look like beside those that are usual here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Ids such as `C0000000017`.
    Usual,
    /// `TTK-00000017`
    Hyphen,
    /// `2021-00000017`
    Year,
    /// `9e3779b9-7f4a-4c15-8000-000000000011`
    Uuid,
    /// `zoe.mueller17@example.com`
    Email,
    /// Every cell is in quotes.
    Quoted,
    /// The plan reads a column of 50 texts.
    States,
}

impl Shape {
    /// All of them, each with its name.
    pub(crate) const ALL: [(Self, &str); 7] = [
        (Self::Usual, "usual"),
        (Self::Hyphen, "hyphen"),
        (Self::Year, "year"),
        (Self::Uuid, "uuid"),
        (Self::Email, "email"),
        (Self::Quoted, "quoted"),
        (Self::States, "states"),
    ];

    fn id(self, row: u64) -> String {
        match self {
            Self::Usual | Self::Quoted | Self::States => format!("C{row:010}"),
            Self::Hyphen => format!("TTK-{row:08}"),
            Self::Year => format!("20{}-{row:08}", 21 + mix(row, 8) % 3),
            Self::Uuid => {
                let (high, low) = (mix(row, 8), mix(row, 9) >> 16);
                format!(
                    "{:08x}-{:04x}-4{:03x}-8{:03x}-{low:012x}",
                    high >> 32,
                    high >> 16 & 0xffff,
                    high >> 4 & 0xfff,
                    row & 0xfff
                )
            }
            Self::Email => {
                const FIRST: [&str; 4] = ["ana.silva", "zoe", "robert_smith", "mei-ling.chen"];
                let first = FIRST[usize::try_from(mix(row, 8) % 4).unwrap()];
                format!("{first}{row}@example.com")
            }
        }
    }

    fn state(self, row: u64, usual: &'static str) -> String {
        if self == Self::States {
            let state = u8::try_from(mix(row, 10) % 50).unwrap();
            let letter = |number: u8| char::from(b'A' + number);
            return [letter(state / 10), letter(state % 10)].iter().collect();
        }
        usual.to_owned()
    }
}

/// A plan for [`Shape::States`].
pub(crate) fn states_plan() -> String {
    let state = |number: u8| {
        let letter = |number: u8| char::from(b'A' + number);
        let shares = 1 + number % 7;
        format!("{}{} = {shares}", letter(number / 10), letter(number % 10))
    };
    let table: Vec<String> = (0..50).map(state).collect();
    format!(
        "[settlement]\nname = \"States\"\n[fund]\namount = 92_000_000\n\
         [claims]\nstatus = \"status\"\npay = [\"approved\"]\nhold = [\"pending\"]\n\
         deny = [\"denied\"]\n[[pool]]\nname = \"class\"\n\
         shares = [ {{ add = {{ column = \"state\", table = {{ {} }} }} }} ]\n",
        table.join(", ")
    )
}

/// Writes claims for the built-in plan, or for [`states_plan`].
pub(crate) fn claims(path: &Path, rows: u64, shape: Shape) -> io::Result<()> {
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
        let (id, state) = (shape.id(row), shape.state(row, state));
        let (month, day) = (1 + mix(row, 5) % 3, 1 + mix(row, 6) % 28);
        let hash = mix(row, 7) >> 16;
        if shape == Shape::Quoted {
            let street = street.trim_matches('"');
            writeln!(
                file,
                "\"{id}\",\"{name}\",\"{street}\",\"Springfield\",\"{state}\",\"{subclass}\",\"{status}\",\"2022-0{month}-{day:02}\",\"{hash:012x}\""
            )?;
            continue;
        }
        writeln!(
            file,
            "{id},{name},{street},Springfield,{state},{subclass},{status},2022-0{month}-{day:02},{hash:012x}"
        )?;
    }
    file.flush()
}

/// The plan of ten million [`awards`]: every claimant has one of his own, and a
/// ceiling.
pub(crate) const AWARDS_PLAN: &str = "\
[settlement]\nname = \"Awards\"\n[fund]\namount = 3_000_000_000\n\
[claims]\nstatus = \"status\"\npay = [\"approved\"]\nhold = [\"pending\"]\ndeny = [\"denied\"]\n\
[[pool]]\nname = \"losses\"\naward = [ { add = { column = \"loss\" } } ]\nat_most = 900\n\
round = \"largest-remainder\"\n";

/// Writes claims with an amount in each row that nearly no other row has.
pub(crate) fn awards(path: &Path, rows: u64) -> io::Result<()> {
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
