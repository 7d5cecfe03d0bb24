//! The parts of the report for courts and auditors: the post-distribution
//! accounting and the controls.

use crate::base::diagnostics::count;
use crate::base::money::Money;
use crate::claims::ClaimsFile;
use crate::run::report::html::{HtmlCell, HtmlTable, escape, list, section};
use crate::run::report::number_format::{number, percent};
use crate::run::report::sections::ReportPage;
use crate::run::summary_text::tax_rows;

impl ReportPage<'_> {
    /// The items that courts require after a distribution, as far as they are known at
    /// this stage (Northern District of California, Procedural Guidance for Class
    /// Action Settlements, post-distribution accounting).
    pub(super) fn accounting(&self) -> String {
        let (summary, class) = (self.summary, &self.summary.class);
        let mut table = HtmlTable::new(
            "Post-distribution accounting items known at this stage",
            &["Item", "Figure", "Share"],
        );
        let mut row = |name: &str, figure: String, share: String| {
            table.figures("", name, [figure, share]);
        };
        let gross = self.plan.account.gross().unwrap_or_default();
        row(
            "Settlement fund with interest",
            self.currency.grouped(gross),
            String::new(),
        );
        let of_class = |part: u64| {
            class
                .members
                .map(|members| percent(part.into(), members.into()) + " of the class")
        };
        let of_class = |part: u64| of_class(part).unwrap_or_default();
        let facts = [
            ("Class members", class.members, false),
            ("Notices sent and not returned", class.notices, true),
            ("Claimants", Some(summary.claims.claimants), true),
            ("Claimants paid", Some(summary.claims.paid), true),
            ("Class members who opted out", class.opt_outs, true),
            ("Objections", class.objections, true),
        ];
        for (name, figure, shared) in facts {
            let share = figure.filter(|_| shared).map_or_else(String::new, of_class);
            row(name, figure.map_or_else(not_said, number), share);
        }
        let payouts = &summary.payouts;
        for (name, amount) in [
            ("Average payment", &payouts.average),
            ("Median payment", &payouts.median),
            ("Largest payment", &payouts.largest),
            ("Smallest payment", &payouts.smallest),
        ] {
            row(name, self.money_or_none(amount.as_ref()), String::new());
        }
        for (name, kind) in [
            ("Attorneys' fees", "fees"),
            ("Litigation expenses", "costs"),
            ("Service awards", "service"),
            ("Notice and administration", "administration"),
        ] {
            let amount = self.deducted(kind);
            let share = percent(amount.0, gross.0) + " of the fund";
            row(name, self.currency.grouped(amount), share);
        }
        let residual = summary.residual.to.clone().unwrap_or_else(not_said);
        row("Residual", self.money(&summary.residual.amount), residual);
        let note = "<p class=\"note\">Not yet known: uncashed payments and cy pres \
                    distributions.</p>\n";
        section(
            "Post-distribution accounting",
            "stacked",
            &(table.html() + &self.methods() + note),
        )
    }

    /// The payments by method.
    fn methods(&self) -> String {
        let payouts = &self.summary.payouts;
        let Some(methods) = &payouts.by_method else {
            return "<p>Methods of payment: not stated in the plan.</p>\n".to_owned();
        };
        let mut table = HtmlTable::new(
            "Methods of payment",
            &["Method", "Payments", "Share", "Total"],
        );
        for facts in methods {
            let method = match facts.method.as_str() {
                "" => "not stated",
                method => method,
            };
            let share = percent(facts.count.into(), payouts.count.into());
            let cells = [number(facts.count), share, self.money(&facts.total)];
            table.figures("", method, cells);
        }
        table.html()
    }

    /// The tax flags; empty if the plan has no threshold.
    pub(super) fn tax(&self) -> String {
        let Some(tax) = &self.summary.tax else {
            return String::new();
        };
        let mut table = HtmlTable::new(
            "Payments at or over the plan's threshold, and payments without a valid taxpayer number",
            &["Payments", "Number", "Total"],
        );
        for (name, facts) in tax_rows(tax) {
            let cells = [number(facts.count), self.money(&facts.total)];
            table.figures("", &name, cells);
        }
        let note = "<p class=\"note\">Flags are not tax advice. Whether a payment is reportable or subject \
                    to withholding depends on what it is paid for.</p>\n";
        section("Tax flags", "stacked", &(table.html() + note))
    }

    /// The sum of deductions of a kind.
    fn deducted(&self, kind: &str) -> Money {
        let account = &self.plan.account;
        let of_kind = account
            .deductions
            .iter()
            .filter(|deduction| deduction.kind.word() == kind);
        let sum = of_kind.fold(0_i128, |sum, deduction| {
            sum.saturating_add(deduction.amount.0)
        });
        Money(sum)
    }

    /// The section that an auditor compares with the run.
    pub(super) fn controls(&self, files: &[ClaimsFile]) -> String {
        let summary = self.summary;
        let mut inputs = HtmlTable::new("Inputs", &["File", "Rows", "SHA-256"]);
        let digest = |digest: &str| HtmlCell::Text(digest.to_owned());
        for file in files {
            let name = if file.name == "-" {
                "standard input"
            } else {
                &file.name
            };
            inputs.row(
                "digests",
                name,
                &[HtmlCell::Figure(number(file.rows)), digest(&file.sha256)],
            );
        }
        let plan = format!("Plan: {}", summary.plan.source);
        inputs.row(
            "digests",
            &plan,
            &[
                HtmlCell::Figure(String::new()),
                digest(&summary.plan.sha256),
            ],
        );
        let mut parts = inputs.html();
        parts += &match &summary.control_totals {
            None => "<p>Control totals: none provided.</p>\n".to_owned(),
            Some(totals) => {
                let mut table = HtmlTable::new(
                    "Control totals provided with the data",
                    &["Total", "Expected", "Found", "Met"],
                );
                for total in totals {
                    let met = if total.met { "yes" } else { "NO" };
                    let cells = [&total.expected, &total.found, met]
                        .map(|text: &str| HtmlCell::Figure(text.to_owned()));
                    table.row("", &total.name, &cells);
                }
                table.html()
            }
        };
        if !summary.warnings.is_empty() {
            parts += "<h3>Warnings</h3>\n";
            parts += &list(&summary.warnings);
        }
        for unmatched in &summary.unmatched {
            let said = format!(
                "Column \"{}\" has {} not referenced by the plan; summary.json lists the most frequent.",
                unmatched.column,
                count(unmatched.different, "value", "values"),
            );
            parts += &format!("<p>{}</p>\n", escape(&said));
        }
        parts += &format!(
            "<p class=\"note\">Generated by payout {}. The run's manifest.json lists the size and SHA-256 of every \
             file of the run; <code>payout check</code> recomputes the run from the claims.</p>\n",
            env!("CARGO_PKG_VERSION")
        );
        section("Controls", "stacked", &parts)
    }
}

fn not_said() -> String {
    "not stated in the plan".to_owned()
}
