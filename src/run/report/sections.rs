//! The report's sections: settlement, verdict, fund and rules. Payments and accounting
//! are in separate files.

use crate::base::money::{Currency, Money, group};
use crate::plan::english::DescriptionSection;
use crate::plan::{DeductionKind, Plan};
use crate::run::report::html::{ChartBar, HtmlCell, HtmlTable, escape, figure, list, section};
use crate::run::report::number_format::{count_of, number, part, percent, units};
use crate::run::summary::Summary;
use crate::run::summary_text::capitalized;

/// A step of the waterfall, from the fund to the last cent.
#[derive(Debug, Clone)]
struct WaterfallStep {
    name: String,
    sign: &'static str,
    amount: i128,
    start: i128,
    sum: bool,
    colour: &'static str,
}

impl WaterfallStep {
    /// A step that shows a level instead of a change.
    fn level(name: &str, amount: i128, colour: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            sign: "",
            amount,
            start: 0,
            sum: true,
            colour,
        }
    }
}

/// The source of the sections.
pub(super) struct ReportPage<'a> {
    pub(super) plan: &'a Plan,
    pub(super) summary: &'a Summary,
    pub(super) currency: Currency,
}

impl<'a> ReportPage<'a> {
    pub(super) fn new(plan: &'a Plan, summary: &'a Summary) -> Self {
        Self {
            plan,
            summary,
            currency: plan.settlement.currency,
        }
    }

    /// `$92,000,000.00` for `92000000.00`.
    pub(super) fn money(&self, amount: &str) -> String {
        match units(amount) {
            Some(units) => self.currency.grouped(Money(units)),
            None => group(amount),
        }
    }

    pub(super) fn money_or_none(&self, amount: Option<&String>) -> String {
        amount.map_or_else(|| "none".to_owned(), |amount| self.money(amount))
    }

    pub(super) fn header(&self) -> String {
        let settlement = &self.summary.settlement;
        let docket = settlement
            .docket
            .as_deref()
            .map_or_else(String::new, |docket| format!("<p>{}</p>\n", escape(docket)));
        format!(
            "<header>\n<p>Settlement payouts</p>\n<h1>{}</h1>\n{docket}</header>\n",
            escape(&settlement.name)
        )
    }

    /// The reason why the plan is a draft, if it is.
    pub(super) fn draft(&self) -> String {
        let draft = self.summary.settlement.draft.as_deref();
        draft.map_or_else(String::new, |reason| {
            format!(
                "<section class=\"draft\">\n<h2>DRAFT – not for payment</h2>\n<p>{}</p>\n</section>\n",
                escape(reason)
            )
        })
    }

    /// The verdict: the run ties out, or it does not.
    pub(super) fn verdict(&self) -> String {
        let (summary, claims) = (self.summary, &self.summary.claims);
        let deducted = self.plan.account.deducted().unwrap_or_default();
        let interest = if self.plan.account.interest == Money::ZERO {
            String::new()
        } else {
            format!(" + interest {}", self.money(&summary.fund.interest))
        };
        let identity = format!(
            "fund {}{interest} = deductions {} + payments {} + held {} + residual {}",
            self.money(&summary.fund.amount),
            self.currency.grouped(deducted),
            self.money(&summary.payouts.total),
            self.money(&summary.held.total),
            self.money(&summary.residual.amount),
        );
        let rows = if claims.claimants == claims.rows {
            format!(
                "{} read = {} paid + {} held + {} not paid",
                count_of(claims.rows, "claim row"),
                number(claims.paid),
                number(claims.held),
                number(claims.unpaid_rows),
            )
        } else {
            format!(
                "{} read, of {}: {} paid, {} held; {} not paid",
                count_of(claims.rows, "claim row"),
                count_of(claims.claimants, "claimant"),
                number(claims.paid),
                number(claims.held),
                count_of(claims.unpaid_rows, "row"),
            )
        };
        let (title, said) = if summary.ties_out {
            let said = format!(
                "Every {} and every claim row is accounted for.",
                self.currency.minor_unit()
            );
            ("Everything ties out", said)
        } else {
            (
                "This run does NOT tie out",
                "Do not pay from this run.".to_owned(),
            )
        };
        format!(
            "<section class=\"verdict\">\n<h2>{title}</h2>\n<p>{}</p>\n<p>{}.</p>\n<p>{}.</p>\n</section>\n",
            escape(&said),
            escape(&capitalized(&identity)),
            escape(&rows)
        )
    }

    /// The figures that most readers look for.
    pub(super) fn tiles(&self) -> String {
        let payouts = &self.summary.payouts;
        let tiles = [
            ("Net settlement fund", self.money(&self.summary.fund.net)),
            ("Claimants paid", number(payouts.count)),
            ("Total payments", self.money(&payouts.total)),
            (
                "Median payment",
                self.money_or_none(payouts.median.as_ref()),
            ),
            ("Held", self.money(&self.summary.held.total)),
            ("Residual", self.money(&self.summary.residual.amount)),
        ];
        let tiles = tiles.map(|(name, value)| {
            format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", figure(&value))
        });
        format!("<dl class=\"tiles\">\n{}</dl>\n", tiles.concat())
    }

    /// The waterfall, from the fund to the last cent.
    pub(super) fn waterfall(&self) -> String {
        let whole = self.plan.account.gross().unwrap_or_default().0;
        let mut table = HtmlTable::new(
            &format!(
                "From the fund to the last {}; bars are drawn to scale",
                self.currency.minor_unit()
            ),
            &["Step", "Amount", ""],
        );
        for step in self.steps() {
            let amount = self.currency.grouped(Money(step.amount));
            let strip = ChartBar {
                start: part(step.start, whole),
                length: part(step.amount, whole),
                colour: step.colour,
                shown: step.amount > 0,
            };
            let cells = [
                HtmlCell::Figure(format!("{}{amount}", step.sign)),
                HtmlCell::Chart(strip),
            ];
            let class = if step.sum { "sum" } else { "" };
            table.row(class, &step.name, &cells);
        }
        section("Sources and uses of the fund", "charted", &table.html())
    }

    /// Additions, deductions, payments and the residual, in order.
    fn steps(&self) -> Vec<WaterfallStep> {
        let (account, summary) = (&self.plan.account, self.summary);
        let mut level = account.amount.0;
        let mut steps = vec![WaterfallStep::level("Settlement fund", level, "in")];
        if account.interest != Money::ZERO {
            let interest = account.interest.0;
            steps.push(WaterfallStep {
                sign: "+ ",
                start: level,
                sum: false,
                ..WaterfallStep::level("Interest", interest, "in")
            });
            level = level.saturating_add(interest);
        }
        let mut take = |name: &str, amount: i128, colour| {
            level = level.saturating_sub(amount);
            steps.push(WaterfallStep {
                sign: "− ",
                start: level,
                sum: false,
                ..WaterfallStep::level(name, amount, colour)
            });
        };
        for deduction in &account.deductions {
            let name = match deduction.kind {
                DeductionKind::Reserve => format!("Reserve: {}", deduction.name),
                _ => deduction.name.clone(),
            };
            take(&name, deduction.amount.0, "out");
        }
        let payouts = units(&summary.payouts.total).unwrap_or(0);
        let held = units(&summary.held.total).unwrap_or(0);
        take("Payments", payouts, "paid");
        take("Held: claims pending determination", held, "held");
        let net = WaterfallStep::level("Net settlement fund", account.net.0, "in");
        steps.insert(steps.len().saturating_sub(2), net);
        let residual = match &summary.residual.to {
            Some(to) => format!("Residual: {to}"),
            None => "Residual".to_owned(),
        };
        steps.push(WaterfallStep::level(&residual, level, "left"));
        steps
    }

    /// The claims that are not paid, by reason.
    pub(super) fn unpaid(&self) -> String {
        let claims = &self.summary.claims;
        if claims.unpaid_reasons.is_empty() {
            return section(
                "Claims not paid",
                "",
                "<p>Every claim is paid or held.</p>\n",
            );
        }
        let mut table = HtmlTable::new(
            "Claim rows not paid, by reason",
            &["Reason", "Rows", "Share of all rows"],
        );
        let mut row = |class: &str, reason: &str, rows: u64| {
            let share = percent(rows.into(), claims.rows.into());
            table.figures(class, reason, [number(rows), share]);
        };
        for reason in &claims.unpaid_reasons {
            row("", &reason.reason, reason.rows);
        }
        row("sum", "Total not paid", claims.unpaid_rows);
        section("Claims not paid", "", &table.html())
    }
}

/// The rest of the plan in plain English.
pub(super) fn rules(description: &[&DescriptionSection]) -> String {
    let parts = description.iter().map(|part| {
        format!(
            "<h3>{}</h3>\n{}",
            escape(&part.title),
            list(&part.sentences)
        )
    });
    section("The plan in plain English", "", &parts.collect::<String>())
}
