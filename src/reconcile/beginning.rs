//! The chain as it is before a reconciliation, and what the exports, facts and outcomes add
//! to it.

use anyhow::Result;

use crate::audit::saved_run::{self, SavedRun};
use crate::base::diagnostics::{OrBug as _, count, literal};
use crate::base::money::{Currency, Money};
use crate::claims::ClaimsFile;
use crate::claims::problem_list::ProblemList;
use crate::export::messages as export_messages;
use crate::reconcile::account::PeriodStart;
use crate::reconcile::book::{Book, PaymentIndex, comparable};
use crate::reconcile::chain::{Chain, ChainMovement, amount, grouped, sum};
use crate::reconcile::exports::OpenedExport;
use crate::reconcile::facts::{Facts, FactsPlaces, Movement};
use crate::reconcile::findings;
use crate::reconcile::matching::{Fact, Matcher};
use crate::reconcile::outcomes::{self, OutcomeFile};
use crate::reconcile::saved::{SavedReconciliation, is_reconciliation, name_of, place};
use crate::reconcile::states::{self, History};
use crate::reconcile::tally::Tally;
use crate::reconcile::{ReconcileJob, court, facts, links, messages, run_rows};
use crate::run::manifest::SealedFolder;

/// The number of payouts in no export that a message names.
const NAMED: usize = 5;

/// What is known before the facts are read.
pub(crate) struct Before {
    pub run: SavedRun,
    pub run_name: SealedFolder,
    pub after: Option<SavedReconciliation>,
    pub chain: Chain,
    pub book: Book,
    known: Vec<Fact>,
    pub period: Option<PeriodStart>,
    pub currency: Currency,
}

impl Before {
    pub(crate) fn open(job: &ReconcileJob<'_>, progress: &(dyn Fn(u64) + Sync)) -> Result<Self> {
        if is_reconciliation(job.run) {
            let name = literal(&name_of(job.run));
            return Err(messages::reconciliation_instead_of_run(&name).into());
        }
        let run = saved_run::open(job.run)?;
        if let Some(why) = &run.plan.settlement.draft {
            return Err(export_messages::plan_is_draft(why).into());
        }
        let run_name = SealedFolder {
            name: name_of(job.run),
            seal: saved_run::seal(job.run)?,
        };
        let after = job.after.map(SavedReconciliation::open).transpose()?;
        links::check(&run, &run_name, after.as_ref())?;
        let currency = run.plan.settlement.currency;
        let (chain, book, known) = match &after {
            None => (Chain::default(), Book::new(), Vec::new()),
            Some(after) => {
                let (book, known) = after.book()?;
                (after.chain(), book, known)
            }
        };
        let mut before = Self {
            run,
            run_name,
            after,
            chain,
            book,
            known,
            period: None,
            currency,
        };
        before.period = before.after.is_some().then(|| before.period_start());
        before.begin_run(progress)?;
        Ok(before)
    }

    /// The sums at the reconciliation before.
    fn period_start(&self) -> PeriodStart {
        let tally = Tally::new(&self.book, self.chain.runs.len());
        PeriodStart::of(&self.chain, &tally, self.currency)
    }

    /// Adds the run to the chain, unless it is its last already. What is void now has
    /// lapsed: its money is in the fund of the run.
    fn begin_run(&mut self, progress: &(dyn Fn(u64) + Sync)) -> Result<()> {
        if self.chain.run(&self.run_name.seal).is_some() {
            return run_rows::verify(&self.run);
        }
        if !self.chain.runs.is_empty() {
            let tally = Tally::new(&self.book, self.chain.runs.len());
            for void in tally.void(&self.book) {
                let lapsed = self.book.payouts.get_mut(usize::try_from(void)?);
                lapsed.or_bug("a payout is missing").lapsed = true;
            }
            let tally = Tally::new(&self.book, self.chain.runs.len());
            let text = |money: Money| self.currency.text(money);
            self.chain.before = crate::reconcile::chain::FiguresBefore {
                refunded: text(tally.all.refunded),
                late: text(tally.all.late),
                over: text(tally.all.over),
                received: text(Chain::total(&self.chain.received, self.currency)),
                spent: text(Chain::total(&self.chain.spent, self.currency)),
            };
        }
        let number = u16::try_from(self.chain.runs.len())?;
        self.chain
            .runs
            .push(links::chain_run(&self.run, &self.run_name)?);
        links::check_run_names(&self.chain)?;
        run_rows::add(&self.run, number, &mut self.book, progress)
    }

    /// Reads the facts, which may name exports and deductions of the chain.
    pub(crate) fn facts(&self, job: &ReconcileJob<'_>, opened: &[OpenedExport]) -> Result<Facts> {
        // Lists of checks and books have no payments of which anything could be said.
        let known = self.chain.paying().map(|export| export.name.as_str());
        let opened = opened.iter().filter(|export| export.pays());
        let names: Vec<&str> = known
            .chain(opened.map(|export| export.name.as_str()))
            .collect();
        let check = |places: &FactsPlaces<'_, '_>| {
            links::check_names(places, &names, &self.chain, self.currency);
            links::check_day(places, self.after.as_ref());
        };
        Ok(facts::load(job.facts, self.currency, check)?)
    }

    /// Adds money that came in and went out.
    pub(crate) fn move_money(&mut self, facts: &Facts) {
        fn listed<K: crate::plan::Choice>(
            movement: &Movement<K>,
            facts: &Facts,
            currency: Currency,
        ) -> ChainMovement {
            ChainMovement {
                name: movement.name.clone(),
                kind: movement.kind.word().to_owned(),
                amount: currency.text(movement.amount),
                number: movement.number.clone(),
                on: facts.on.to_string(),
            }
        }
        let currency = self.currency;
        let received = facts.received.iter();
        let received = received.map(|movement| listed(movement, facts, currency));
        self.chain.received.extend(received);
        let spent = facts.spent.iter();
        let spent = spent.map(|movement| listed(movement, facts, currency));
        self.chain.spent.extend(spent);
    }

    /// Reads the outcomes, and gives every payment its state.
    pub(crate) fn settle(
        &mut self,
        job: &ReconcileJob<'_>,
        facts: &Facts,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(History, Vec<ClaimsFile>, Vec<String>)> {
        let index = PaymentIndex::new(&self.book);
        let names = self.chain.export_names();
        let spent = self
            .chain
            .spent
            .iter()
            .filter_map(|spent| spent.number.as_ref());
        let others: Vec<String> = spent.map(|number| comparable(number).to_owned()).collect();
        let matcher = Matcher {
            book: &self.book,
            index: &index,
            exports: &names,
            facts,
            currency: self.currency,
            others: &others,
        };
        let mut problems = ProblemList::new(job.errors)?;
        problems.among("the outcomes".to_owned());
        let mut found = Vec::new();
        let files = open_outcomes(job, facts, self.currency, progress)?;
        let mut warnings = Vec::new();
        for (place, file) in (0_u16..).zip(&files) {
            let sums = matcher.file(place, file, &mut found, &mut problems)?;
            links::check_totals(file, &sums, self.currency, &mut problems);
            warnings.extend(file.rows.warnings.iter().cloned());
        }
        let known = std::mem::take(&mut self.known);
        let (history, contradictions) = states::settle(&mut self.book, known, found);
        for contradiction in &contradictions {
            let after = self.after.as_ref().map(|after| after.name.as_str());
            let problem =
                findings::contradiction(contradiction, &self.book, &names, &files, after)?;
            problems.add(problem);
        }
        problems.finish()?;
        let unheard = facts.unheard.iter().map(|(name, word)| {
            let place = names.iter().position(|known| known == name);
            (place.unwrap_or(usize::MAX), *word)
        });
        states::presume(&mut self.book, &unheard.collect::<Vec<_>>());
        let listed = files.iter().filter_map(|file| file.facts().cloned());
        Ok((history, listed.collect(), warnings))
    }

    /// Payouts that no export pays are stated, for a forgotten export would be paid again.
    pub(crate) fn check_unissued(&self, facts: &Facts, tally: &Tally) -> Result<()> {
        let last = tally.runs.last().or_bug("a chain without a run");
        let found = last.unissued.count;
        if found == facts.unissued {
            return Ok(());
        }
        if facts.unissued > 0 {
            let found = match found {
                0 => "every payout is in an export".to_owned(),
                found => count(found, "payout is in none", "payouts are in none"),
            };
            let stated = facts.unissued.to_string();
            return Err(messages::unissued_missed(&stated, &found).into());
        }
        let run = self.chain.runs.len() - 1;
        let places = 0..place(self.book.payouts.len());
        let is_it = |payout: &u32| {
            usize::from(self.book.payout(*payout).run) == run && tally.state(*payout).payments == 0
        };
        let ids = places.filter(is_it).map(|payout| {
            let claimant = self.book.payout(payout).claimant;
            self.book.claimants.id(claimant).to_owned()
        });
        let mut named: Vec<String> = ids.take(NAMED + 1).collect();
        if named.len() > NAMED {
            named.truncate(NAMED);
            named.push("…".to_owned());
        }
        let message = messages::payouts_in_no_export(
            &count(found, "payout", "payouts"),
            &format!(
                "{} {}",
                self.run_name.name,
                if found == 1 { "is" } else { "are" }
            ),
            &grouped(self.currency, last.unissued.total),
            &named.join(", "),
        );
        let hint = format!(
            "name every export; what is not to be paid yet is stated in the facts: `unissued = {found}`"
        );
        Err(message.hint(hint).into())
    }
}

/// Reads the files of outcomes, each once.
fn open_outcomes<'f>(
    job: &ReconcileJob<'_>,
    facts: &'f Facts,
    currency: Currency,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<OutcomeFile<'f>>> {
    let beside = std::path::Path::new(&facts.source.shown);
    let mut files: Vec<OutcomeFile<'f>> = Vec::new();
    for source in &facts.outcomes {
        let mut known = job.outcomes.iter();
        let known = known.find(|(name, _)| *name == source.file);
        let known = known.map(|(_, path)| path.clone());
        let Some(path) = known.or_else(|| outcomes::find(&source.file, beside)) else {
            return Err(messages::outcomes_missing(&literal(&source.file)).into());
        };
        let file = OutcomeFile::read(source, path, currency, progress)?;
        let digest = |file: &OutcomeFile<'_>| file.facts().map(|facts| facts.sha256.clone());
        if let Some(same) = files.iter().find(|other| digest(other) == digest(&file)) {
            let (name, other) = (literal(&source.file), literal(&same.source.file));
            return Err(messages::outcomes_same(&name, &other).into());
        }
        files.push(file);
    }
    Ok(files)
}

impl PeriodStart {
    /// The sums of the chain as it was.
    fn of(chain: &Chain, tally: &Tally, currency: Currency) -> Self {
        let of_runs = |figure: fn(&crate::reconcile::chain::ChainRun) -> &String| {
            sum(chain.runs.iter().map(|run| amount(figure(run), currency)))
        };
        let deducted = sum(chain.runs.iter().map(|run| run.deducted(currency)));
        let fund = sum([
            of_runs(|run| &run.paid_in),
            of_runs(|run| &run.interest),
            Chain::total(&chain.received, currency),
        ]
        .into_iter());
        let gone = sum([
            deducted,
            Chain::total(&chain.spent, currency),
            tally.all.cashed,
        ]
        .into_iter());
        Self {
            fund,
            cashed: tally.all.cashed,
            given: court::given_by(chain, currency),
            administration: court::administration(chain, currency),
            undistributed: fund.minus(gone).unwrap_or(Money::ZERO),
        }
    }
}
