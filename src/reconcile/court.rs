//! The points that courts ask for after a distribution, over all rounds.

use num_bigint::BigInt;
use num_rational::Ratio;
use serde::Serialize;

use crate::base::money::{Currency, Money, decimal_text, group};
use crate::plan::{Choice as _, DeductionKind};
use crate::reconcile::account::ChainAccount;
use crate::reconcile::chain::{Chain, amount, sum};

/// A point with its figure, its share and its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CourtRow(
    pub String,
    pub String,
    pub String,
    pub &'static str,
    /// True if the figure is an amount.
    #[serde(skip)]
    pub bool,
);

/// Who vouches for a figure.
const COMPUTED: &str = "computed";
pub(crate) const PLAN: &str = "plan";
pub(crate) const FACTS: &str = "facts";

/// The words for what nobody stated.
const NOT_SAID: &str = "not said";

/// The rows of a table, added one by one.
struct Rows<'a> {
    account: &'a ChainAccount<'a>,
    rows: Vec<CourtRow>,
}

impl<'a> Rows<'a> {
    fn new(account: &'a ChainAccount<'a>) -> Self {
        Self {
            account,
            rows: Vec::new(),
        }
    }

    fn add(
        &mut self,
        point: impl Into<String>,
        figure: String,
        share: String,
        source: &'static str,
    ) {
        let row = CourtRow(point.into(), figure, share, source, false);
        self.rows.push(row);
    }

    /// Adds an amount.
    fn amount(
        &mut self,
        point: impl Into<String>,
        money: Money,
        share: String,
        source: &'static str,
    ) {
        let figure = self.text(money);
        let row = CourtRow(point.into(), figure, share, source, true);
        self.rows.push(row);
    }

    fn text(&self, money: Money) -> String {
        self.account.currency().text(money)
    }

    fn money(&mut self, point: impl Into<String>, money: Money) {
        self.amount(point, money, String::new(), COMPUTED);
    }

    /// An amount, with its share of all that came in.
    fn of_fund(&mut self, point: &str, money: Money) {
        let share = share(money.0, self.account.fund().0);
        self.amount(point, money, share, COMPUTED);
    }

    fn members(&self) -> Option<u64> {
        self.account.class.members
    }

    /// A number, with its share of the members of the class.
    fn of_members(&mut self, point: &str, number: Option<u64>, source: &'static str) {
        let figure = number.map_or_else(|| NOT_SAID.to_owned(), |number| number.to_string());
        let share = match (number, self.members()) {
            (Some(number), Some(members)) => share(number.into(), members.into()),
            _ => String::new(),
        };
        self.add(point, figure, share, source);
    }

    fn stated(&mut self, point: &str, text: Option<&String>) {
        let figure = text.cloned().unwrap_or_else(|| NOT_SAID.to_owned());
        self.add(point, figure, String::new(), FACTS);
    }
}

/// A percentage with two decimals, a half rounded up; blank of nothing.
fn share(part: i128, whole: i128) -> String {
    if whole <= 0 {
        return String::new();
    }
    rounded(&(Ratio::new(BigInt::from(part), BigInt::from(whole)) * BigInt::from(100))) + "%"
}

/// A number with two decimals, a half rounded up.
fn rounded(number: &Ratio<BigInt>) -> String {
    let half = Ratio::new(BigInt::from(1), BigInt::from(2));
    let hundredths = (number * BigInt::from(100) + half).floor().to_integer();
    decimal_text(&hundredths, 2)
}

/// The points of the Northern District of California.
pub(crate) fn post_distribution(account: &ChainAccount<'_>) -> Vec<CourtRow> {
    let mut rows = Rows::new(account);
    rows.money(
        "Total settlement fund, with interest and other receipts",
        account.fund(),
    );
    class(&mut rows);
    recovery(&mut rows);
    payments(&mut rows);
    cy_pres(&mut rows);
    costs(&mut rows);
    rest(&mut rows);
    rows.rows
}

fn class(rows: &mut Rows<'_>) {
    let class = rows.account.class;
    let members = rows.members();
    let members = members.map_or_else(|| NOT_SAID.to_owned(), |members| members.to_string());
    rows.add("Class members", members, String::new(), PLAN);
    let point = "Class members sent notice that did not come back";
    rows.of_members(point, class.notices, PLAN);
    if let Some(claims) = rows.account.report.claims {
        rows.of_members("Claims submitted", Some(claims), FACTS);
    } else {
        let claims = rows.account.chain.last_run().claims;
        rows.of_members("Claims submitted", Some(claims), COMPUTED);
    }
    let point = "Class members who opted out";
    rows.of_members(point, class.opt_outs, PLAN);
    rows.of_members("Objections", class.objections, PLAN);
}

fn recovery(rows: &mut Rows<'_>) {
    let received = &rows.account.ledger.received;
    let count = received.count();
    rows.of_members("Claimants who received money", Some(count), COMPUTED);
    let figures = [
        ("Average recovery", received.average()),
        ("Median recovery", received.median()),
        ("Largest recovery", received.largest()),
        ("Smallest recovery", received.smallest()),
    ];
    for (point, figure) in figures {
        rows.money(point, figure.unwrap_or(Money::ZERO));
    }
    rows.stated("Methods of notice", rows.account.report.notice.as_ref());
}

fn payments(rows: &mut Rows<'_>) {
    let account = rows.account;
    let exports = account.chain.paying().zip(&account.payments);
    let methods: Vec<String> = exports
        .map(|(export, count)| format!("{}: {}", export.name, group(count)))
        .collect();
    let methods = match methods.as_slice() {
        [] => "none".to_owned(),
        methods => methods.join("; "),
    };
    rows.add("Methods of payment", methods, String::new(), COMPUTED);
    let (never, payouts) = (account.never(), account.payouts());
    let of_number = share(never.count.into(), payouts.count.into());
    let point = "Payouts never cashed: number";
    rows.add(point, never.count.to_string(), of_number, COMPUTED);
    let of_value = share(never.total.0, payouts.total.0);
    let point = "Payouts never cashed: value";
    rows.amount(point, never.total, of_value, COMPUTED);
    let checks = account.checks;
    for (point, sum) in [
        ("Checks mailed", checks.all),
        ("Checks that came back or lapsed", checks.back),
    ] {
        let count = sum.count.to_string();
        rows.add(format!("{point}: number"), count, String::new(), COMPUTED);
        rows.money(format!("{point}: value"), sum.total);
    }
    let again = account.paid_again().to_string();
    rows.add("Payments made again", again, String::new(), COMPUTED);
    for (column, texts) in &account.by {
        for (text, never) in texts {
            let text = if text.is_empty() { "(blank)" } else { text };
            let point = format!("Payouts never cashed, {column} {text}: number");
            rows.add(point, never.count.to_string(), String::new(), COMPUTED);
            rows.money(
                format!("Payouts never cashed, {column} {text}: value"),
                never.total,
            );
        }
    }
}

/// Each recipient of what was not paid to the class.
fn cy_pres(rows: &mut Rows<'_>) {
    let account = rows.account;
    let kinds = [
        (DeductionKind::CyPres, "Cy pres"),
        (DeductionKind::Escheat, "Escheat"),
        (DeductionKind::Reversion, "Reversion"),
    ];
    for (kind, words) in kinds {
        let deductions = account.chain.runs.iter().flat_map(|run| &run.deductions);
        let deductions = deductions.filter(|one| one.is(kind));
        for deduction in deductions {
            let money = amount(&deduction.amount, account.currency());
            rows.money(format!("{words}: {}", deduction.name), money);
        }
        for spent in account
            .chain
            .spent
            .iter()
            .filter(|one| one.kind == kind.word())
        {
            let money = amount(&spent.amount, account.currency());
            let point = format!("{words}: {}", spent.name);
            rows.amount(point, money, String::new(), FACTS);
        }
    }
}

/// All that was deducted or spent of a kind.
fn of_kind(chain: &Chain, currency: Currency, kind: DeductionKind) -> Money {
    let deductions = chain.runs.iter().flat_map(|run| &run.deductions);
    let deducted = deductions
        .filter(|one| one.is(kind))
        .map(|one| amount(&one.amount, currency));
    let spent = chain.spent.iter();
    let spent = spent
        .filter(|one| one.kind == kind.word())
        .map(|one| amount(&one.amount, currency));
    sum(deducted.chain(spent))
}

fn costs(rows: &mut Rows<'_>) {
    let account = rows.account;
    let administration = of_kind(
        account.chain,
        account.currency(),
        DeductionKind::Administration,
    );
    rows.of_fund("Notice and administration", administration);
    let fees = of_kind(account.chain, account.currency(), DeductionKind::Fees);
    rows.of_fund("Attorneys' fees", fees);
    rows.of_fund(
        "Attorneys' costs",
        of_kind(account.chain, account.currency(), DeductionKind::Costs),
    );
    let lodestar = account.report.lodestar;
    let multiplier = lodestar
        .map(|lodestar| rounded(&Ratio::new(BigInt::from(fees.0), BigInt::from(lodestar.0))));
    let multiplier = multiplier.unwrap_or_else(|| NOT_SAID.to_owned());
    rows.add("Multiplier", multiplier, String::new(), COMPUTED);
    for owed in account.owed {
        let point = format!("Kept back: {}", owed.deduction);
        rows.amount(point, owed.amount, String::new(), FACTS);
    }
}

fn rest(rows: &mut Rows<'_>) {
    let account = rows.account;
    rows.money("Unclaimed or undistributed", account.of_class());
    let report = account.report;
    if report.relief.is_some() {
        rows.stated("Other relief", report.relief.as_ref());
    }
    if let Some(users) = report.relief_users {
        rows.add(
            "Other relief: users",
            users.to_string(),
            String::new(),
            FACTS,
        );
    }
    if let Some(value) = report.relief_value {
        rows.amount("Other relief: value", value, String::new(), FACTS);
    }
    if report.fraud.is_some() {
        rows.stated("Measures against fraudulent claims", report.fraud.as_ref());
    }
}

/// The points of section 384 of the California Code of Civil Procedure.
pub(crate) fn ccp_384(account: &ChainAccount<'_>) -> Vec<CourtRow> {
    let mut rows = Rows::new(account);
    let first = account.chain.runs.first();
    let payable = first.map(|run| {
        let of = |text: &str| amount(text, account.currency());
        sum([of(&run.payouts.total), of(&run.held)].into_iter())
    });
    rows.money(
        "Payable if all class members of the first distribution are paid",
        payable.unwrap_or(Money::ZERO),
    );
    rows.money("Actually paid to class members", account.tally.all.cashed);
    let never = account.never();
    let point = "Payouts never cashed: number";
    rows.add(point, never.count.to_string(), String::new(), COMPUTED);
    rows.money("Payouts never cashed: value", never.total);
    for (run, sums) in account.chain.runs.iter().zip(&account.tally.runs) {
        rows.money(format!("Never cashed of {}", run.name), sums.never.total);
    }
    rows.money("Unpaid residue", account.left.amount());
    rows.rows
}

/// The points of a standardized fund accounting report, with the period since the
/// reconciliation before.
pub(crate) fn sfar(account: &ChainAccount<'_>) -> Vec<CourtRow> {
    let mut rows = Rows::new(account);
    for (run, number) in account.chain.runs.iter().zip(1_u32..) {
        let of = |text: &str| amount(text, account.currency());
        rows.money(format!("Paid in, distribution {number}"), of(&run.paid_in));
        rows.money(
            format!("Interest, distribution {number}"),
            of(&run.interest),
        );
    }
    rows.money("Other receipts", account.received());
    rows.money(
        "Service awards",
        of_kind(account.chain, account.currency(), DeductionKind::Service),
    );
    rows.money(
        "Taxes",
        of_kind(account.chain, account.currency(), DeductionKind::Tax),
    );
    rows.money("Paid to claimants", account.tally.all.cashed);
    rows.money("Outstanding payments", account.tally.all.outstanding);
    rows.money("Left for a further distribution", account.left.amount());
    match account.balance {
        Some(balance) => {
            rows.amount("Balance of the bank account", balance, String::new(), FACTS);
            rows.money("Difference from the account", Money::ZERO);
        }
        None => rows.add(
            "Balance of the bank account",
            NOT_SAID.to_owned(),
            String::new(),
            FACTS,
        ),
    }
    period(&mut rows);
    rows.rows
}

/// What happened since the reconciliation before.
fn period(rows: &mut Rows<'_>) {
    let account = rows.account;
    let Some(before) = account.before else { return };
    let since = |now: Money, then: Money| now.minus(then).unwrap_or(Money::ZERO);
    let administration = of_kind(
        account.chain,
        account.currency(),
        DeductionKind::Administration,
    );
    let figures = [
        ("Received this period", since(account.fund(), before.fund)),
        (
            "Paid to claimants this period",
            since(account.tally.all.cashed, before.cashed),
        ),
        (
            "Cy pres, escheat and reversion this period",
            since(given_by(account.chain, account.currency()), before.given),
        ),
        (
            "Notice and administration this period",
            since(administration, before.administration),
        ),
        (
            "Change of what is undistributed this period",
            since(account.of_class(), before.undistributed),
        ),
    ];
    for (point, figure) in figures {
        rows.money(point, figure);
    }
}

/// What was given to others than the class.
pub(crate) fn given_by(chain: &Chain, currency: Currency) -> Money {
    use DeductionKind::{CyPres, Escheat, Reversion};
    let kinds = [CyPres, Escheat, Reversion];
    sum(kinds.into_iter().map(|kind| of_kind(chain, currency, kind)))
}

/// Notice and administration of all rounds.
pub(crate) fn administration(chain: &Chain, currency: Currency) -> Money {
    of_kind(chain, currency, DeductionKind::Administration)
}
