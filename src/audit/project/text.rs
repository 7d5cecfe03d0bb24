//! A projection as a table.

use crate::audit::project::{GroupPayment, Projection, RateProjection};
use crate::base::aligned::{AlignedRow, WIDTH, column, in_columns};
use crate::base::diagnostics::{quotable, shown_whole};
use crate::base::money::group;
use crate::base::styled_text::{StyledText, TextStyle};
use crate::plan::english::wrapped;

/// The width of the labels.
const LABEL: usize = 22;

pub(crate) fn text(projection: &Projection) -> StyledText {
    let mut page = StyledText::default();
    page.add(
        TextStyle::Heading,
        &wrapped("", &quotable(&projection.settlement)),
    );
    if let Some(draft) = &projection.draft {
        let words = format!("DRAFT, not to be paid on: {draft}");
        page.add(TextStyle::Doubtful, &wrapped("", &words));
    }
    let net = group(&projection.net);
    let members = group(&projection.members);
    page += &wrapped(
        "",
        &format!(
            "Net fund {net} {}, {members} people of the kinds listed. Each column is a share of them that claims.",
            projection.currency
        ),
    );
    let column = column(&table(&projection.take_up)).max(14);
    let beside = ((WIDTH - LABEL) / column).max(1);
    for rates in projection.take_up.chunks(beside) {
        let lines = in_columns(&table(rates), LABEL, &vec![column; rates.len()]);
        let (first, others) = lines.split_at(1);
        page += "\n";
        page.add(TextStyle::Heading, &first.concat());
        page += &format!("\n{}\n", others.join("\n"));
    }
    let more = |rate: &RateProjection| rate.kinds.iter().any(|kind| kind.one_unit_more > 0);
    if projection.take_up.iter().any(more) {
        page += "\n+ some of them receive one unit more from a pool, by largest remainders\n";
    }
    page
}

fn table(rates: &[RateProjection]) -> Vec<AlignedRow> {
    let mut rows = Vec::new();
    let mut line = |label: &str, cell: &dyn Fn(&RateProjection) -> String| {
        rows.push((label.to_owned(), rates.iter().map(cell).collect()));
    };
    line("take-up", &|rate| rate.rate.clone());
    line("claimants", &|rate| group(&rate.claimants));
    line("one claimant receives", &|_| String::new());
    let kinds = rates.first().map_or(&[][..], |rate| &rate.kinds);
    for (number, kind) in kinds.iter().enumerate() {
        line(&format!("  {}", shown_whole(&kind.kind)), &|rate| {
            rate.kinds.get(number).map_or_else(String::new, receives)
        });
    }
    let pools = rates.first().map_or(&[][..], |rate| &rate.pools);
    for (number, pool) in pools.iter().enumerate() {
        let per = if pool.shares.is_some() {
            "per share"
        } else {
            "per unit"
        };
        let name = if pools.len() > 1 {
            format!("{per}, {}", pool.name)
        } else {
            format!("rate {per}")
        };
        line(&name, &|rate| {
            let rate = rate.pools.get(number).and_then(|pool| pool.rate.as_deref());
            rate.map_or_else(|| "-".to_owned(), short)
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

/// A rate of twelve decimals cut to six, for a table.
fn short(rate: &str) -> String {
    let end = rate.find('.').map_or(rate.len(), |point| point + 7);
    group(rate.get(..end).unwrap_or(rate))
}
