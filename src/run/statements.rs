//! A statement for every paid claimant, which explains the payment.
//!
//! Statements are in folders by the first byte of the SHA-256 of the id, with an index
//! next to the folders; one thread makes each folder. A page has them in the order of the
//! claims. Each run proves that the statements match payouts.csv in number and sum.

pub(crate) mod archive;
pub(crate) mod folder;
pub(crate) mod index;
mod letter;
mod page;
mod plain;
pub(crate) mod scan;
pub(crate) mod text;

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use foldhash::fast::FixedState;
use sha2::{Digest, Sha256};

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::digest::sha256;
use crate::base::money::Money;
use crate::base::parallel;
use crate::base::regular_file::is_device;
use crate::claims::claim_list::ClassId;
use crate::claims::ids::duplicates;
use crate::claims::status::ClaimStatus;
use crate::plan::statement::template::LetterFact;
use crate::run::row_tally::RowTally;
use crate::run::statements::text::{StatementClaimant, StatementTexts};

/// The maximum length of a file name made from the id, without its extension.
const LONGEST_NAME: usize = 200;

/// The number of explanations that each thread caches.
const REMEMBERED: usize = 4096;

/// The number of statements of a page that a thread makes at once.
const PAGE_PART: usize = 1024;

/// The storage of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementStorage {
    /// A folder with one file each.
    Folder,
    Archive,
    /// One page in HTML.
    Page,
}

/// A statement: the name of its file, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The name without the folder.
    pub name: String,
    pub text: String,
    /// The claimant.
    pub id: String,
    /// The payment in digits.
    pub payout: String,
    /// The row of the claims, counted from 0.
    pub row: u32,
    /// The other cells of the line in the index.
    pub cells: Vec<String>,
}

/// The number of statements and the sum of their payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct StatementCount {
    statements: u64,
    total: Money,
}

/// The source of the statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatementMaker<'a> {
    pub words: &'a StatementTexts<'a>,
    /// The claims with their cells.
    pub claims: &'a Claims,
    pub distribution: &'a Distribution,
}

/// Makes the statements of one folder, or of one part of a page, one after the other.
pub(crate) struct FolderStatements<'a> {
    maker: StatementMaker<'a>,
    explanations: &'a mut Explanations,
    paid: std::vec::IntoIter<PaidClaimant<'a>>,
    count: StatementCount,
}

/// Cached explanations, by the cells that determine them.
type Explanations = HashMap<Vec<u8>, String, FixedState>;

#[derive(Debug)]
struct PaidClaimant<'a> {
    name: String,
    id: &'a str,
    class: ClassId,
    /// The row that represents the claimant.
    lead: u32,
    rows: Vec<u32>,
}

/// The rows of each folder, and the ids that differ only by case.
#[derive(Debug)]
struct StatementOrder {
    folders: Vec<Vec<u32>>,
    twins: HashSet<String>,
}

impl<'a> StatementMaker<'a> {
    /// Makes every statement. Several threads call `work` with the name and the
    /// statements of a folder; the results are passed on in the order of the folders.
    pub(crate) fn each_folder<M: Send>(
        self,
        tally: &RowTally,
        progress: &(dyn Fn(u64) + Sync),
        work: impl Fn(&str, &mut FolderStatements<'_>) -> Result<M> + Sync,
        give: impl FnMut(M) -> Result<()> + Send,
    ) -> Result<()> {
        let order = self.order()?;
        let mut folders = (0_u8..=255).zip(&order.folders);
        let claimants = |(number, rows): (u8, &Vec<u32>)| {
            let paid = self.paid(rows, &order.twins)?;
            Ok((format!("{number:02x}"), paid, rows.len()))
        };
        self.each(tally, || folders.next(), claimants, progress, work, give)
    }

    /// Makes every statement in the order of the claims. Several threads call `work` with
    /// a number of statements; the results are passed on in order.
    pub(crate) fn in_order_of_claims<M: Send>(
        self,
        tally: &RowTally,
        progress: &(dyn Fn(u64) + Sync),
        work: impl Fn(&mut FolderStatements<'_>) -> Result<M> + Sync,
        give: impl FnMut(M) -> Result<()> + Send,
    ) -> Result<()> {
        let order = self.order()?;
        let mut paid = Vec::new();
        for rows in &order.folders {
            paid.extend(self.paid(rows, &order.twins)?);
        }
        paid.sort_unstable_by_key(|claimant| claimant.lead);
        let mut rest = paid.into_iter();
        let take = || {
            let part: Vec<PaidClaimant<'a>> = rest.by_ref().take(PAGE_PART).collect();
            (!part.is_empty()).then_some(part)
        };
        let claimants = |paid: Vec<PaidClaimant<'a>>| {
            let rows = paid.iter().map(|claimant| claimant.rows.len()).sum();
            Ok((String::new(), paid, rows))
        };
        let work = |_: &str, statements: &mut FolderStatements<'_>| work(statements);
        self.each(tally, take, claimants, progress, work, give)
    }

    /// Makes the statements of each part: `claimants` names the part, its claimants and
    /// the number of their rows.
    fn each<T: Send, M: Send>(
        self,
        tally: &RowTally,
        mut take: impl FnMut() -> Option<T> + Send,
        claimants: impl Fn(T) -> Result<(String, Vec<PaidClaimant<'a>>, usize)> + Sync,
        progress: &(dyn Fn(u64) + Sync),
        work: impl Fn(&str, &mut FolderStatements<'_>) -> Result<M> + Sync,
        mut give: impl FnMut(M) -> Result<()> + Send,
    ) -> Result<()> {
        let mut workers: Vec<Explanations> = Vec::new();
        workers.resize_with(self.claims.threads.max(1), Explanations::default);
        let mut count = StatementCount::default();
        parallel::in_order(
            &mut workers,
            || Ok(take()),
            |explanations, part| {
                let (name, paid, rows) = claimants(part)?;
                let mut statements = FolderStatements {
                    maker: self,
                    explanations,
                    paid: paid.into_iter(),
                    count: StatementCount::default(),
                };
                let made = work(&name, &mut statements)?;
                Ok((made, statements.count, rows))
            },
            |made: Result<(M, StatementCount, usize)>| {
                let (made, of_part, rows) = made?;
                count.statements += of_part.statements;
                let total = count.total.plus(of_part.total);
                count.total =
                    total.ok_or_else(|| Bug::new("the sum of statements is too large"))?;
                progress(u64::try_from(rows).unwrap_or(0));
                give(made)
            },
        )?;
        let paid = StatementCount {
            statements: tally.paid,
            total: tally.paid_total,
        };
        if count == paid {
            Ok(())
        } else {
            Err(Bug::new("the statements differ from payouts.csv").into())
        }
    }

    /// Sorts rows into folders and finds ids that differ only by case.
    fn order(self) -> Result<StatementOrder> {
        let mut folders: Vec<Vec<u32>> = Vec::new();
        folders.resize_with(256, Vec::new);
        let mut hashes: Vec<u64> = Vec::new();
        let mut parts = self.claims.claim_list.parts().iter();
        parallel::in_order(
            &mut vec![(); self.claims.threads.max(1)],
            || Ok(parts.next()),
            |(), part| {
                let rows = part.rows();
                let places = rows.map(|row| (row.number, folder_of(row.id)));
                let paid = part
                    .rows()
                    .filter(|row| self.is_paid(row.number, row.class, row.id));
                let hashes = paid.map(|row| duplicates::hash(row.id_text()));
                (places.collect(), hashes.collect())
            },
            |(places, of_part): (Vec<(u32, u8)>, Vec<u64>)| {
                for (row, folder) in places {
                    let rows = folders.get_mut(usize::from(folder));
                    rows.or_bug("a folder of statements is missing").push(row);
                }
                hashes.extend(of_part);
                Ok(())
            },
        )?;
        let twins = self.twins(hashes);
        Ok(StatementOrder { folders, twins })
    }

    /// The ids of paid claimants that differ from another id only by case, in lower
    /// case.
    fn twins(self, mut hashes: Vec<u64>) -> HashSet<String> {
        hashes.sort_unstable();
        let pairs = hashes.windows(2);
        let twice: HashSet<u64> = pairs
            .filter_map(|pair| match pair {
                [one, other] if one == other => Some(*one),
                _ => None,
            })
            .collect();
        if twice.is_empty() {
            return HashSet::new();
        }
        let mut seen: HashSet<String> = HashSet::new();
        let rows = self.claims.claim_list.rows();
        let paid = rows.filter(|row| self.is_paid(row.number, row.class, row.id));
        let ids = paid.map(|row| row.id_text());
        ids.filter(|id| twice.contains(&duplicates::hash(id)))
            .map(str::to_ascii_lowercase)
            .filter(|id| !seen.insert(id.clone()))
            .collect::<Vec<_>>()
            .into_iter()
            .collect()
    }

    /// True if the claimant of a row is paid and the row represents the claimant.
    fn is_paid(self, row: u32, class: ClassId, id: &[u8]) -> bool {
        self.claims.entitlements.group_of(class).claim_status == ClaimStatus::Payable
            && self.claims.leads(row)
            && (self.distribution.payout(class) != Some(Money::ZERO)
                || self
                    .distribution
                    .pools_with_one_more(class, id)
                    .next()
                    .is_some())
    }

    /// The paid claimants of these rows, in the order of their file names.
    fn paid(self, rows: &[u32], twins: &HashSet<String>) -> Result<Vec<PaidClaimant<'a>>> {
        let column = self.words.plan.claims.id;
        let id_of = |row: u32| Some(self.claims.claim_list.cells(row)?.text(column));
        let mut ids: Vec<(&str, u32)> = rows
            .iter()
            .map(|&row| Some((id_of(row)?, row)))
            .collect::<Option<_>>()
            .ok_or_else(|| Bug::new("the cells of a row were not kept"))?;
        ids.sort_unstable();
        let mut paid = Vec::new();
        for group in ids.chunk_by(|(one, _), (other, _)| one == other) {
            for &(id, row) in group {
                let class = self
                    .claims
                    .claim_list
                    .class(row)
                    .or_bug("a row is in no part");
                if !self.is_paid(row, class, id.as_bytes()) {
                    continue;
                }
                paid.push(PaidClaimant {
                    name: file_name(id, twins, self.words.ending()),
                    id,
                    class,
                    lead: row,
                    rows: group.iter().map(|(_, row)| *row).collect(),
                });
            }
        }
        paid.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        if paid
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one.name == other.name))
        {
            return Err(Bug::new("two statements would have the same name").into());
        }
        Ok(paid)
    }
}

impl Iterator for FolderStatements<'_> {
    type Item = Result<Statement>;

    fn next(&mut self) -> Option<Self::Item> {
        let paid = self.paid.next()?;
        Some(self.statement(paid))
    }
}

impl FolderStatements<'_> {
    fn statement(&mut self, paid: PaidClaimant<'_>) -> Result<Statement> {
        let StatementMaker {
            words,
            claims,
            distribution,
        } = self.maker;
        let more: Vec<u32> = distribution
            .pools_with_one_more(paid.class, paid.id.as_bytes())
            .collect();
        let mut payments = Vec::new();
        let mut total = Money::ZERO;
        for (number, pool) in (0..).zip(&distribution.pools) {
            let one = Money(i128::from(more.contains(&number)));
            let payment = pool.payment(paid.class).plus(one);
            let payment = payment.ok_or_else(|| Bug::new("a payment is too large"))?;
            let sum = total.plus(payment);
            total = sum.ok_or_else(|| Bug::new("a payment is too large"))?;
            payments.push(payment);
        }
        let cells = paid.rows.iter().map(|&row| {
            let cells = claims.claim_list.cells(row);
            (row, cells.or_bug("a row is in no part"))
        });
        let rows: Vec<_> = cells.collect();
        let claimant = StatementClaimant {
            id: paid.id,
            total,
            payments: &payments,
            rows: &rows,
        };
        let text = self.text(claimant, paid.class, &more)?;
        self.count.statements += 1;
        let sum = self.count.total.plus(total);
        self.count.total = sum.ok_or_else(|| Bug::new("the sum of statements is too large"))?;
        Ok(Statement {
            name: paid.name,
            text,
            id: paid.id.to_owned(),
            payout: words.plan.settlement.currency.text(total),
            row: paid.lead,
            cells: words.merged_cells(claimant)?,
        })
    }

    /// The text of a statement. Explanations are cached, because many claimants have the
    /// same.
    fn text(
        &mut self,
        claimant: StatementClaimant<'_>,
        class: ClassId,
        more: &[u32],
    ) -> Result<String> {
        let words = self.maker.words;
        let template = words.template(claimant.rows)?;
        if template.is_some_and(|template| !template.has(LetterFact::Explanation)) {
            return words.statement(claimant, template, "");
        }
        let [(_, cells)] = claimant.rows else {
            return words.statement(claimant, template, &words.explanation(claimant)?);
        };
        if words.reads_ids {
            return words.statement(claimant, template, &words.explanation(claimant)?);
        }
        let mut key: Vec<u8> = class.to_le_bytes().to_vec();
        key.extend(more.iter().flat_map(|pool| pool.to_le_bytes()));
        key.push(0);
        let columns = words.plan.columns.read_by_rules();
        key.extend_from_slice(cells.after_first(columns).as_bytes());
        if let Some(explanation) = self.explanations.get(&key) {
            return words.statement(claimant, template, explanation);
        }
        let explanation = words.explanation(claimant)?;
        let text = words.statement(claimant, template, &explanation);
        if self.explanations.len() < REMEMBERED {
            self.explanations.insert(key, explanation);
        }
        text
    }
}

/// The folder number of an id: the first byte of its SHA-256.
fn folder_of(id: &[u8]) -> u8 {
    let [first, ..] = <[u8; 32]>::from(Sha256::digest(id));
    first
}

/// The file name of a claimant, with this ending. `twins` are ids, in lower case, that differ from
/// another id only by case and may collide in a file system.
fn file_name(id: &str, twins: &HashSet<String>, ending: &str) -> String {
    let mut name = String::with_capacity(id.len() + 4);
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            name.push(char::from(byte));
        } else {
            name += &format!("%{byte:02X}");
        }
    }
    let twin = !twins.is_empty() && twins.contains(&id.to_ascii_lowercase());
    if name.len() > LONGEST_NAME || name.starts_with('.') || twin || is_device(&name) {
        name = sha256(id);
    }
    name + "." + ending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_ids_where_files_may_have_them() {
        let twins = HashSet::from(["ab-1".to_owned()]);
        assert_eq!(file_name("C-0003", &twins, "txt"), "C-0003.txt");
        assert_eq!(file_name("a/ü.b_c", &twins, "txt"), "a%2F%C3%BC.b_c.txt");
        assert_eq!(file_name(&"x".repeat(200), &twins, "txt").len(), 204);
        for hashed in [".hidden", "Ab-1", "aB-1", &"x".repeat(201), &"/".repeat(67)] {
            let expected = format!("{}.txt", sha256(hashed));
            assert_eq!(file_name(hashed, &twins, "txt"), expected);
        }
    }

    #[test]
    fn no_name_is_one_that_windows_keeps_for_a_device() {
        let twins = HashSet::new();
        for id in [
            "NUL", "aux.2024", "Com1.A", "lpt9", "con.", "PRN..x", "COM0",
        ] {
            let expected = format!("{}.txt", sha256(id));
            assert_eq!(file_name(id, &twins, "txt"), expected);
        }
        // None of these names is used as it is.
        for (id, name) in [
            ("COM¹", "COM%C2%B9.txt"),
            ("CONIN$", "CONIN%24.txt"),
            ("NUL .b", "NUL%20.b.txt"),
            ("NUL:", "NUL%3A.txt"),
            ("COM10", "COM10.txt"),
            ("COM", "COM.txt"),
            ("NULL", "NULL.txt"),
            ("A.NUL", "A.NUL.txt"),
            ("end.", "end..txt"),
        ] {
            assert_eq!(file_name(id, &twins, "txt"), name);
        }
    }
}
