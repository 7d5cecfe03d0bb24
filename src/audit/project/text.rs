//! A projection as a table.

use crate::audit::project::{GroupPayment, ImpossibleRate, Projection, RateProjection};
use crate::base::diagnostics::{quotable, shown_whole};
use crate::base::money::group;
use crate::base::styled_text::{StyledText, TextStyle};
use crate::base::text_columns::{AlignedRow, WIDTH, column, in_columns};
use crate::plan::DRAFT;
use crate::plan::english::wrapped;
use crate::run::account::rate_text;

const LABEL: usize = 22;

pub(crate) fn text(projection: &Projection) -> StyledText {
    let mut page = StyledText::default();
    page.add(
        TextStyle::Heading,
        &wrapped("", &quotable(&projection.settlement)),
    );
    if let Some(draft) = &projection.draft {
        let words = format!("{DRAFT}: {draft}");
        page.add(TextStyle::Doubtful, &wrapped("", &words));
    }
    let net = projection.net.as_deref().map_or_else(
        || "Net settlement fund as claimed".to_owned(),
        |net| format!("Net settlement fund {} {}", group(net), projection.currency),
    );
    let members = group(&projection.members);
    page += &wrapped(
        "",
        &format!(
            "{net}; {members} class members in the groups listed, which the column \"{}\" names. Each column is a claims rate, the percentage of them who file claims.",
            quotable(&projection.group_column)
        ),
    );
    for warning in &projection.warnings {
        let words = format!("Warning: {warning}.");
        page.add(TextStyle::Doubtful, &wrapped("", &words));
    }
    let column = column(&table(&projection.take_up)).max(14);
    let per_table = ((WIDTH - LABEL) / column).max(1);
    for rates in projection.take_up.chunks(per_table) {
        let lines = in_columns(&table(rates), LABEL, &vec![column; rates.len()]);
        let (first, others) = lines.split_at(1);
        page += "\n";
        page.add(TextStyle::Heading, &first.concat());
        page += &format!("\n{}\n", others.join("\n"));
    }
    for ImpossibleRate { problem, .. } in &projection.impossible {
        // It names the claims rate.
        let words = format!("No distribution: {}", shown_whole(problem));
        page += "\n";
        page.add(TextStyle::Bad, &wrapped("", &words));
    }
    if !projection.left_out.is_empty() {
        let left_out = projection.left_out.join(", ");
        page += "\n";
        page += &wrapped(
            "",
            &format!("Left out, because groups are not claimants: {left_out}."),
        );
    }
    if !projection.absent.is_empty() {
        let absent = projection.absent.join(" and ");
        page += "\n";
        page += &wrapped(
            "",
            &format!("Not applied, because the file lacks the columns: {absent}."),
        );
    }
    let more = |rate: &RateProjection| rate.kinds.iter().any(|kind| kind.one_unit_more > 0);
    if projection.take_up.iter().any(more) {
        page += "\n+ some claimants of the group receive an extra unit (largest remainders)\n";
    }
    page
}

fn table(rates: &[RateProjection]) -> Vec<AlignedRow> {
    let mut rows = Vec::new();
    let mut line = |label: &str, cell: &dyn Fn(&RateProjection) -> String| {
        rows.push((label.to_owned(), rates.iter().map(cell).collect()));
    };
    line("claims rate", &|rate| rate.rate.clone());
    line("claimants", &|rate| group(&rate.claimants));
    line("payment per claimant", &|_| String::new());
    let kinds = rates.first().map_or(&[][..], |rate| &rate.kinds);
    for (number, kind) in kinds.iter().enumerate() {
        line(&format!("  {}", shown_whole(&kind.kind)), &|rate| {
            rate.kinds.get(number).map_or_else(String::new, receives)
        });
    }
    let pools = rates.first().map_or(&[][..], |rate| &rate.pools);
    for (number, pool) in pools.iter().enumerate() {
        let (label, short) = if pool.shares.is_some() {
            ("rate per share", "per share")
        } else {
            ("pro rata percentage", "pro rata")
        };
        let name = if pools.len() > 1 {
            format!("{short}, {}", pool.name)
        } else {
            label.to_owned()
        };
        line(&name, &|rate| {
            let pool = rate.pools.get(number);
            let rate = pool.and_then(|pool| Some((pool, pool.rate.as_deref()?)));
            rate.map_or_else(
                || "-".to_owned(),
                |(pool, rate)| rate_text(pool, truncated(rate)),
            )
        });
        let parts = pool.by.as_ref().map_or(&[][..], |by| &by.texts);
        for (place, part) in parts.iter().enumerate() {
            line(&format!("  {}", shown_whole(&part.text)), &|rate| {
                let pool = rate.pools.get(number);
                let part = pool.and_then(|pool| Some((pool, pool.by.as_ref()?.texts.get(place)?)));
                let rate = part.and_then(|(pool, part)| Some((pool, part.rate.as_deref()?)));
                rate.map_or_else(
                    || "-".to_owned(),
                    |(pool, rate)| rate_text(pool, truncated(rate)),
                )
            });
        }
    }
    if rates.iter().any(|rate| rate.net.is_some()) {
        line("net fund", &|rate| {
            rate.net.as_ref().map_or_else(String::new, group)
        });
    }
    line("paid", &|rate| group(&rate.paid));
    if rates
        .iter()
        .any(|rate| rate.held.chars().any(|c| c.is_ascii_digit() && c != '0'))
    {
        line("held", &|rate| group(&rate.held));
    }
    line("residual", &|rate| group(&rate.residual));
    rows
}

fn receives(kind: &GroupPayment) -> String {
    let Some(amount) = kind.receives.as_deref().map(group) else {
        return "-".to_owned();
    };
    match kind.outcome {
        Some("held") => format!("{amount} held"),
        _ if kind.one_unit_more > 0 => format!("{amount}+"),
        _ => amount,
    }
}

/// A rate with 12 decimals, truncated to 6 for a table.
fn truncated(rate: &str) -> &str {
    let end = rate.find('.').map_or(rate.len(), |point| point + 7);
    rate.get(..end).unwrap_or(rate)
}
