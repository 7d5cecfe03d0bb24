//! Makes a reconciliation from a run, exports, facts and the reconciliation before.

use anyhow::Result;

use crate::base::diagnostics::{Message, OrBug as _};
use crate::base::money::Money;
use crate::reconcile::account::{ChainAccount, ChecksMailed, Left};
use crate::reconcile::beginning::Before;
use crate::reconcile::chain::{amount, grouped};
use crate::reconcile::exports::OpenedExport;
use crate::reconcile::facts::Facts;
use crate::reconcile::file_names::{
    ACCOUNT, ACCOUNT_TEXT, FACTS, HISTORY, LAPSED, LEDGER, PAYMENTS,
};
use crate::reconcile::findings;
use crate::reconcile::ledger::LedgerSums;
use crate::reconcile::manifest::{KIND, ReconciliationManifest, listed};
use crate::reconcile::output::{Output, RowWriter, document};
use crate::reconcile::saved::SavedReconciliation;
use crate::reconcile::states::History;
use crate::reconcile::tally::Tally;
use crate::reconcile::{
    ReconcileJob, account_json, account_text, by_column, ledger, links, messages, page,
    payment_rows,
};
use crate::run::file_names::REPORT;
use crate::run::hashing_writer::WrittenFile;
use crate::run::json;
use crate::run::manifest::{ManifestProgram, SealedFolder};

/// A reconciliation, of which all but the manifest is written.
pub(crate) struct Made {
    pub manifest: ReconciliationManifest,
    pub text: String,
    pub json: String,
    pub warnings: Vec<String>,
    pub findings: Vec<Message>,
}

/// Makes a reconciliation. Its files go to `output`, all but the manifest.
pub(crate) fn make(
    job: &ReconcileJob<'_>,
    output: &mut dyn Output,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Made> {
    let mut before = Before::open(job, progress)?;
    let opened: Result<Vec<OpenedExport>> = job
        .exports
        .iter()
        .map(|folder| OpenedExport::open(folder))
        .collect();
    let opened = opened?;
    let facts = before.facts(job, &opened)?;
    links::check_dates(&opened, &facts)?;
    let mut findings = crate::reconcile::exports::add(
        &opened,
        &mut before.chain,
        &mut before.book,
        before.currency,
    )?;
    before.move_money(&facts);
    let (history, outcomes, warnings) = before.settle(job, &facts, progress)?;
    let tally = Tally::new(&before.book, before.chain.runs.len());
    before.check_unissued(&facts, &tally)?;
    findings.extend(findings::of(
        &before.book,
        &before.chain,
        &tally,
        before.currency,
    ));
    let writing = Writing {
        before: &before,
        facts: &facts,
        tally: &tally,
        history: &history,
    };
    let by = by_column::count(job, &before.run, &facts.by, &before.book, &tally, progress)?;
    let mut made = writing.files(output, findings, by)?;
    made.warnings = warnings;
    made.manifest.exports = opened
        .iter()
        .map(|export| SealedFolder {
            name: export.name.clone(),
            seal: export.seal.clone(),
        })
        .collect();
    made.manifest.outcomes = outcomes;
    Ok(made)
}

/// The writing of the files.
struct Writing<'a> {
    before: &'a Before,
    facts: &'a Facts,
    tally: &'a Tally,
    history: &'a History,
}

impl Writing<'_> {
    fn files(
        &self,
        output: &mut dyn Output,
        findings: Vec<Message>,
        by: by_column::CountsByColumn,
    ) -> Result<Made> {
        let Before {
            run,
            run_name,
            after,
            chain,
            book,
            currency,
            ..
        } = self.before;
        let currency = *currency;
        let (mut files, checks, sums) = self.rows(output)?;
        let held = amount(&chain.last_run().held, currency);
        let left = Left::new(chain, self.tally, held, currency);
        let mut messages_of: Vec<Message> = findings;
        messages_of.extend(findings::of_left(&left, currency));
        let account = ChainAccount {
            settlement: &run.plan.settlement,
            class: run.plan.class,
            chain,
            tally: self.tally,
            ledger: &sums,
            after: after.as_ref().map(|after| after.name.as_str()),
            on: self.facts.on,
            report: &self.facts.report,
            owed: &self.facts.owed,
            balance: self.facts.balance,
            left,
            checks,
            payments: payment_rows::by_export(book),
            by,
            before: self.before.period,
            findings: messages_of
                .iter()
                .map(|message| message.text.clone())
                .collect(),
        };
        account.prove()?;
        check_balance(&account)?;
        let text = account_text::text(&account);
        let json = json(&account_json::facts(&account))?;
        files.push(document(output, ACCOUNT_TEXT, &text)?);
        files.push(document(output, ACCOUNT, &json)?);
        files.push(document(output, REPORT, &page::html(&account))?);
        files.push(document(output, FACTS, &self.facts.source.text)?);
        let named = |after: &SavedReconciliation| SealedFolder {
            name: after.name.clone(),
            seal: after.seal.clone(),
        };
        Ok(Made {
            manifest: ReconciliationManifest {
                program: ManifestProgram::this(),
                kind: KIND.to_owned(),
                settlement: run.plan.settlement.name.clone(),
                currency: currency.code().to_owned(),
                run: run_name.clone(),
                after: after.as_ref().map(named),
                exports: Vec::new(),
                on: self.facts.on.to_string(),
                outcomes: Vec::new(),
                round: u64::try_from(chain.runs.len())?,
                files: listed(files),
                chain: chain.clone(),
            },
            text,
            json,
            warnings: Vec::new(),
            findings: messages_of,
        })
    }

    /// Writes the files of rows. Returns them, the checks that were mailed, and what the rows
    /// of the ledger come to.
    fn rows(
        &self,
        output: &mut dyn Output,
    ) -> Result<(Vec<WrittenFile>, ChecksMailed, LedgerSums)> {
        let Before {
            book,
            chain,
            currency,
            ..
        } = self.before;
        let mut files = Vec::new();
        let mut payments = RowWriter::new(output, PAYMENTS)?;
        let checks = payment_rows::write(book, chain, self.tally, *currency, &mut payments)?;
        files.push(payments.finish()?);
        let mut rows = RowWriter::new(output, LEDGER)?;
        let sums = ledger::write(book, self.tally, *currency, &mut rows)?;
        files.push(rows.finish()?);
        let held = amount(&chain.last_run().held, *currency);
        sums.prove(self.tally, held)?;
        self.rest_of_rows(output, &mut files)?;
        Ok((files, checks, sums))
    }

    /// Writes what only later reconciliations need, if there is any.
    fn rest_of_rows(&self, output: &mut dyn Output, files: &mut Vec<WrittenFile>) -> Result<()> {
        let Before {
            book,
            chain,
            currency,
            ..
        } = self.before;
        if book.payouts.iter().any(|payout| payout.lapsed) {
            let mut lapsed = RowWriter::new(output, LAPSED)?;
            payment_rows::write_lapsed(book, chain, *currency, &mut lapsed)?;
            files.push(lapsed.finish()?);
        }
        if !self.history.is_empty() {
            let mut history = RowWriter::new(output, HISTORY)?;
            payment_rows::write_history(book, self.history, *currency, &mut history)?;
            files.push(history.finish()?);
        }
        Ok(())
    }
}

/// Compares what the account must hold with what the bank says.
fn check_balance(account: &ChainAccount<'_>) -> Result<()> {
    let Some(stated) = account.balance else {
        return Ok(());
    };
    let expected = account.expected_balance();
    if stated == expected {
        return Ok(());
    }
    let currency = account.currency();
    let text = |money: Money| grouped(currency, money);
    let difference = stated.minus(expected).or_bug("a balance is too large");
    let difference = if difference > Money::ZERO {
        format!("{} more", text(difference))
    } else {
        format!("{} less", text(expected.minus(stated).unwrap_or(expected)))
    };
    let message = messages::balance_missed(&text(expected), &text(stated), &difference);
    let hint = format!(
        "{} = {} left + {} outstanding + {} owed; look for money in or out that is in no facts",
        text(expected),
        text(account.left.amount()),
        text(account.tally.all.outstanding),
        text(account.owed()),
    );
    Err(message.hint(hint).into())
}
