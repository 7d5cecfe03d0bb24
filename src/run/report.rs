//! report.html: the accounting of the fund as a page, in one file that loads nothing
//! and contains no personal data.
//!
//! Everything on it is a figure of the summary or a sentence of the plan as `payout
//! plan` prints it; the charts are drawn from the figures next to them.

mod accounting;
mod html;
mod number_format;
mod payments;
mod sections;

use crate::claims::ClaimsFile;
use crate::plan::Plan;
use crate::plan::english::{self, DescriptionSection};
use crate::run::report::html::escape;
use crate::run::report::sections::ReportPage;
use crate::run::summary::Summary;

const STYLE: &str = include_str!("report/style.css");

/// Builds the report of a run.
pub(crate) fn html(plan: &Plan, summary: &Summary, files: &[ClaimsFile]) -> String {
    let description = english::describe(plan);
    let (pools, rules): (Vec<&DescriptionSection>, Vec<&DescriptionSection>) = description
        .sections
        .iter()
        .partition(|section| section.title.starts_with("Pool "));
    let page = ReportPage::new(plan, summary);
    let body = [
        page.header(),
        page.draft(),
        page.verdict(),
        page.tiles(),
        page.waterfall(),
        page.pools(&pools),
        page.sizes(),
        page.unpaid(),
        page.accounting(),
        page.tax(),
        sections::rules(&rules),
        page.controls(files),
    ]
    .concat();
    let title = escape(&summary.settlement.name);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}: settlement payouts</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}
