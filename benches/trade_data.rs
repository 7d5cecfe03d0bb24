//! Made-up trades.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::data::mix;

/// A plan for [`trades`]: the least of the fall of a table and that of the price.
pub(crate) const TRADES_PLAN: &str = "\
[settlement]\nname = \"Trades\"\n[fund]\namount = 1_000_000_000_000\n[claims]\nstatus = false\n\
[trades]\nmatch = \"fifo\"\nsecurity = false\npurchase = [\"purchase\"]\nsale = [\"sale\"]\n\
closing = [\"holding\"]\n[table.inflation]\nbands = [ { to = 2018-11-01, value = 12.59 }, \
{ to = 2019-02-21, value = 10.93 }, { to = 2019-08-07, value = 4.04 }, { value = 0 } ]\n\
[value.drop]\nper = \"lot\"\nsteps = [ { add = { column = \"paid\" } }, \
{ subtract = { column = \"received\", blank = 0 } } ]\n\
[value.fall]\nper = \"lot\"\nsteps = [ { add = { column = \"bought\", table = \"inflation\" } }, \
{ subtract = { column = \"sold\", table = \"inflation\" }, when = { sold = { blank = false } } } ]\n\
[value.loss]\nper = \"lot\"\nwhen = { side = \"long\" }\nsteps = [ { add = { column = \"fall\" } }, \
{ at_most = { column = \"drop\" } }, { at_least = 0 }, { times = { column = \"quantity\" } } ]\n\
[[pool]]\nname = \"class\"\naward = [ { add = { column = \"loss\" } } ]\n";

/// The number of trades of each claimant, with the closing holding.
pub(crate) const TRADES_OF_CLAIMANT: u64 = 10;

/// Writes claims of ids alone, and their trades: purchases, sales of what is held, and a
/// holding. The trades of a claimant are far from each other in the file.
pub(crate) fn trades(claims: &Path, trades: &Path, claimants: u64) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(claims)?);
    writeln!(file, "claimant_id")?;
    for row in 0..claimants {
        writeln!(file, "C{row:010}")?;
    }
    file.flush()?;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(trades)?);
    writeln!(file, "claimant_id,kind,date,quantity,price")?;
    let mut held = vec![0; usize::try_from(claimants).unwrap()];
    for number in 1..TRADES_OF_CLAIMANT {
        for (row, held) in (0..).zip(&mut held) {
            let units = 10 * (1 + mix(row, number) % 50);
            let is_sale = *held > 0 && mix(row, number + 20) % 100 < 45;
            let (kind, units) = if is_sale {
                ("sale", units.min(*held))
            } else {
                ("purchase", units)
            };
            *held = if is_sale {
                *held - units
            } else {
                *held + units
            };
            // Trades of one claimant are of different quarters.
            let quarter = 2 + number;
            let (year, month) = (2016 + quarter / 4, 1 + quarter % 4 * 3 + mix(row, 60) % 3);
            let (day, cents) = (1 + mix(row, number + 40) % 28, mix(row, number + 80) % 7000);
            let price = 2000 + cents;
            writeln!(
                file,
                "C{row:010},{kind},{year}-{month:02}-{day:02},{units},{}.{:02}",
                price / 100,
                price % 100
            )?;
        }
    }
    for (row, held) in held.iter().enumerate() {
        writeln!(file, "C{row:010},holding,,{held},")?;
    }
    file.flush()
}
