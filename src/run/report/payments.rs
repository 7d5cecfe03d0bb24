//! The parts of the report about payments: the pools that they come from, how
//! large they are, and how many are of which size.

use crate::base::money::group;
use crate::plan::english::DescriptionSection;
use crate::run::report::html::{ChartBar, HtmlCell, HtmlTable, escape, list, section};
use crate::run::report::number_format::{number, part, percent};
use crate::run::report::sections::ReportPage;
use crate::run::summary::PoolFacts;

impl ReportPage<'_> {
    /// Each pool with its rule and its figures.
    pub(super) fn pools(&self, description: &[&DescriptionSection]) -> String {
        let pools = self.summary.pools.iter().zip(description);
        let parts = pools.map(|(pool, section)| {
            format!(
                "<h3>{}</h3>\n{}{}",
                escape(&section.title),
                list(&section.sentences),
                self.pool(pool)
            )
        });
        let title = if description.len() == 1 {
            "The pool"
        } else {
            "The pools"
        };
        section(title, "", &parts.collect::<String>())
    }

    fn pool(&self, pool: &PoolFacts) -> String {
        let mut table = HtmlTable::new(
            &format!("Figures of pool \"{}\"", pool.name),
            &["Figure", "Value"],
        );
        let mut row = |name: &str, value: String| table.figures("", name, [value]);
        row("Available", self.money(&pool.available));
        row("Participants, paid or held", number(pool.participants));
        if let Some(shares) = &pool.shares {
            row("Shares", group(shares));
        }
        if let Some(awards) = &pool.awards {
            row(
                "Awards",
                format!("{} {}", self.currency.code(), group(awards)),
            );
        }
        let per = pool.unit();
        if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
            row(
                &format!("Rate per {per}, cut after 12 decimals"),
                group(rate),
            );
            row(&format!("Rate per {per}, exactly"), exact.clone());
        }
        if let Some(rate) = &pool.unit_rate {
            row("Paid per share", self.money(rate));
        }
        row("Paid", self.money(&pool.paid));
        row("Held", self.money(&pool.held));
        if pool.dropped > 0 {
            row("Claimants dropped as too small", number(pool.dropped));
        }
        row("Left", self.money(&pool.left));
        table.html()
    }

    /// How large the payments are.
    pub(super) fn sizes(&self) -> String {
        let payouts = &self.summary.payouts;
        let mut sizes = HtmlTable::new(
            "Payments, in all and of each subclass; a claimant may be in several",
            &["Group", "Paid", "Total", "Smallest", "Median", "Largest"],
        );
        let mut row = |name: &str, paid: u64, total: &str, sizes_of: [&Option<String>; 3]| {
            let [smallest, median, largest] =
                sizes_of.map(|size| self.money_or_none(size.as_ref()));
            let cells = [number(paid), self.money(total), smallest, median, largest];
            sizes.figures("", name, cells);
        };
        row(
            "Everyone",
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
        section("The payments", "stacked", &(sizes.html() + &average))
            + &section("How the payments are spread", "charted", &histogram)
    }

    fn histogram(&self) -> String {
        let bars = &self.summary.histogram;
        if bars.is_empty() {
            return "<p>Nobody is paid.</p>\n".to_owned();
        }
        let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0);
        let mut table = HtmlTable::new(
            "How many payments are of which size; the longest strip is the most frequent size",
            &["Payment", "Payments", "Share", ""],
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
