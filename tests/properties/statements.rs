//! Every claimant who is paid has a statement, and it says what is paid; the
//! run is otherwise the same.

use std::fs;

use payout::StatementStorage;

use crate::random::{hold, sure};
use crate::support::{records, sha256};

#[test]
fn every_payout_has_a_statement_that_says_it() {
    hold(60, |case| {
        let plain = case.compute_with("claims.csv", "plain", |_| {});
        let with = case.compute_with("claims.csv", "run", |job| {
            job.statements = Some(StatementStorage::Folder);
        });
        sure(plain == with, || {
            format!("it ends in another way\n{plain:?}\n{with:?}")
        })?;
        if with.is_err() {
            return Ok(());
        }
        case.same_lists("plain", "run")?;
        let header = records(&case.job.read("run/payouts.csv")).swap_remove(0);
        let place = header.iter().position(|name| name == "payout").unwrap();
        let payouts = case.list("run", "payouts.csv");
        let (mut files, mut missing) = (0, Vec::new());
        let folders = case.job.names("run/statements");
        for folder in folders.iter().filter(|name| *name != "index.csv") {
            files += case.job.names(&format!("run/statements/{folder}")).len();
        }
        for payout in &payouts {
            let (id, amount) = (&payout[0], &payout[place]);
            let digest = sha256(id);
            let folder = case.job.path("run/statements").join(&digest[..2]);
            // A name of an id that is not plain is encoded.
            let names = [format!("{id}.txt"), format!("{digest}.txt")];
            let texts = names.map(|name| fs::read_to_string(folder.join(name)));
            let text = texts.into_iter().find_map(Result::ok);
            let plain = id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            let digits = |text: &str| text.replace(|c: char| !c.is_ascii_digit(), "");
            let said = text.as_deref().and_then(|text| {
                let line = text.lines().find(|line| line.starts_with("  Payment: "))?;
                Some(digits(line))
            });
            if plain && said != Some(digits(amount)) {
                missing.push((id.clone(), amount.clone(), said));
            }
        }
        sure(files == payouts.len() && missing.is_empty(), || {
            format!("{files} statements of {}, {missing:?}", payouts.len())
        })?;
        case.check()
    });
}
