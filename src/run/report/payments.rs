//! The report's sections about payments: the pools, the sizes of the payments, and
//! their distribution.

use crate::base::money::group;
use crate::plan::english::DescriptionSection;
use crate::run::report::html::{ChartBar, HtmlCell, HtmlTable, escape, list, section};
use crate::run::report::number_format::{number, part, percent};
use crate::run::report::sections::ReportPage;
use crate::run::summary::PoolFacts;
use crate::run::summary_text::{balance_label, capitalized, labeled_rate};

impl ReportPage<'_> {
    /// Each pool with its rule and its figures.
    pub(super) fn pools(&self, description: &[&DescriptionSection]) -> String {
        let pools = self.summary.pools.iter().enumerate().zip(description);
        let parts = pools.map(|((number, pool), section)| {
            format!(
                "<h3>{}</h3>\n{}{}",
                escape(&section.title),
                list(&section.sentences),
                self.pool(number, pool)
            )
        });
        let title = if description.len() == 1 {
            "Pool"
        } else {
            "Pools"
        };
        section(title, "", &parts.collect::<String>())
    }

    fn pool(&self, index: usize, pool: &PoolFacts) -> String {
        let mut table = HtmlTable::new(
            &format!("Pool \"{}\": figures", pool.name),
            &["Figure", "Value"],
        );
        let mut row = |name: &str, value: String| table.figures("", name, [value]);
        row("Available", self.money(&pool.available));
        row("Participants, paid or held", number(pool.participants));
        if let Some(shares) = &pool.shares {
            row("Shares", group(shares));
        }
        if let Some(awards) = &pool.awards {
            row("Awards", self.award(awards));
        }
        if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
            let places = if pool.shares.is_some() { 12 } else { 10 };
            let (label, rate) = labeled_rate(pool, rate);
            let label = capitalized(label);
            row(&format!("{label}, truncated to {places} decimals"), rate);
            row(&format!("{label}, exact fraction"), exact.clone());
        }
        if let Some(rate) = &pool.unit_rate {
            row("Paid per share", self.money(rate));
        }
        row("Paid", self.money(&pool.paid));
        row("Held", self.money(&pool.held));
        if pool.dropped > 0 {
            row("Below minimum payment", number(pool.dropped));
        }
        let balance = capitalized(balance_label(index, self.summary.pools.len()));
        row(&balance, self.money(&pool.left));
        table.html()
    }

    /// A sum of awards, which may be finer than the minor unit.
    fn award(&self, text: &str) -> String {
        let award = text.parse().ok();
        match award.and_then(|award| self.currency.exact(award)) {
            Some(money) => self.currency.grouped(money),
            None => format!("{} {}", self.currency.code(), group(text)),
        }
    }

    /// The table of payment sizes.
    pub(super) fn sizes(&self) -> String {
        let payouts = &self.summary.payouts;
        let mut sizes = HtmlTable::new(
            "Payments in total and by subclass; a claimant may be in several subclasses",
            &[
                "Group", "Payments", "Total", "Smallest", "Median", "Largest",
            ],
        );
        let mut row = |name: &str, paid: u64, total: &str, sizes_of: [&Option<String>; 3]| {
            let [smallest, median, largest] =
                sizes_of.map(|size| self.money_or_none(size.as_ref()));
            let cells = [number(paid), self.money(total), smallest, median, largest];
            sizes.figures("", name, cells);
        };
        row(
            "All claimants",
            payouts.count,
            &payouts.total,
            [&payouts.smallest, &payouts.median, &payouts.largest],
        );
        for subclass in &self.summary.subclasses {
            row(
                &subclass.name,
                subclass.paid,
                &subclass.total,
                [&subclass.smallest, &subclass.median, &subclass.largest],
            );
        }
        let average = format!(
            "<p>The average payment is {}.</p>\n",
            escape(&self.money_or_none(payouts.average.as_ref()))
        );
        let histogram = self.histogram();
        section("Payments", "stacked", &(sizes.html() + &average))
            + &section("Payments by amount", "charted", &histogram)
    }

    fn histogram(&self) -> String {
        let bars = &self.summary.histogram;
        if bars.is_empty() {
            return "<p>No claimant receives a payment.</p>\n".to_owned();
        }
        let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0);
        let mut table = HtmlTable::new(
            "Number of payments by amount; the longest bar is the most frequent amount or range",
            &["Amount", "Payments", "Share", ""],
        );
        for bar in bars {
            let from = self.currency.grouped(bar.from);
            let name = if bar.from == bar.to {
                from
            } else {
                format!("{from} to {}", self.currency.grouped(bar.to))
            };
            let strip = ChartBar {
                start: 0,
                length: part(i128::from(bar.count), i128::from(most)),
                colour: "paid",
                shown: bar.count > 0,
            };
            let share = percent(bar.count.into(), self.summary.payouts.count.into());
            table.row(
                "",
                &name,
                &[
                    HtmlCell::Figure(number(bar.count)),
                    HtmlCell::Figure(share),
                    HtmlCell::Chart(strip),
                ],
            );
        }
        table.html()
    }
}
