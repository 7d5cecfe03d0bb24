//! The claims, the rules, and what an auditor compares with the run.

use crate::base::diagnostics::{count, shown_whole};
use crate::base::money::{group, group_words};
use crate::base::styled_text::TextStyle;
use crate::plan::DRAFT;
use crate::plan::english::{DescriptionSection, pool_title};
use crate::run::account::proportions::percent;
use crate::run::account::view::Detail::{Everywhere, Full, Page};
use crate::run::account::view::{AccountSection, Figure, FigureSource, Medium, RowRole};
use crate::run::file_names::{HELD, PAYOUTS, UNPAID};
use crate::run::summary::{Summary, UnmatchedFacts};

pub(super) fn claims(summary: &Summary) -> AccountSection {
    let claims = &summary.claims;
    let columns = [(Everywhere, "Number"), (Full, "Share of rows")];
    let mut section = AccountSection::new(Everywhere, "Claims", &columns);
    let one_row_each = claims.claimants == claims.rows;
    let rows = |count: u64| {
        let share = Figure::Text(percent(count, claims.rows));
        [Figure::Count(count), share]
    };
    let claimants = |count: u64| {
        if one_row_each {
            rows(count)
        } else {
            [Figure::Count(count), Figure::Blank]
        }
    };
    section.entry("Claim rows read", rows(claims.rows));
    if claims.empty_rows > 0 {
        let count = Figure::Count(claims.empty_rows);
        section.entry("Empty rows skipped", [count, Figure::Blank]);
    }
    if !one_row_each {
        section.entry("Claimants", claimants(claims.claimants));
    }
    section
        .entry("Paid", claimants(claims.paid))
        .of(FigureSource::Rows(PAYOUTS));
    section
        .entry("Held", claimants(claims.held))
        .of(FigureSource::Rows(HELD));
    for held in &summary.held.by_status {
        section.row(RowRole::Part, &held.status, claimants(held.count));
    }
    let unpaid = if one_row_each {
        "Claims not paid"
    } else {
        "Rows not paid"
    };
    section
        .entry(unpaid, rows(claims.unpaid_rows))
        .of(FigureSource::Rows(UNPAID));
    for reason in &claims.unpaid_reasons {
        section.row(RowRole::Part, &reason.reason, rows(reason.rows));
    }
    if let Some(members) = summary.class.members {
        section.entry("Class members", [Figure::Count(members)]);
    }
    section
}

/// Trades and lots, if the plan has any.
pub(super) fn trades(summary: &Summary) -> Vec<AccountSection> {
    let Some(trades) = &summary.trades else {
        return Vec::new();
    };
    let mut section = AccountSection::new(Everywhere, "Trades", &[(Everywhere, "Number")]);
    section.entry("Trade rows read", [Figure::Count(trades.rows)]);
    for (kind, rows) in trades.kinds.iter().filter(|(_, rows)| **rows > 0) {
        section.row(RowRole::Part, *kind, [Figure::Count(*rows)]);
    }
    let claimants = Figure::Count(trades.claimants);
    section.entry("Claimants with trades", [claimants]);
    let lots = &trades.lots;
    if let Some(balance) = &trades.balance {
        section.entry("Long lots", [Figure::Count(lots.long)]);
        section.entry("Short lots", [Figure::Count(lots.short)]);
        section.row(RowRole::Part, "still open", [Figure::Count(lots.open)]);
        for (label, count) in [
            ("Claims whose trades balance", balance.ok),
            ("Claims whose trades do not balance", balance.off),
            ("Claims without closing holdings", balance.none),
        ] {
            section.entry(label, [Figure::Count(count)]);
        }
    } else {
        section.entry("Lots", [Figure::Count(lots.long + lots.short)]);
    }
    vec![section]
}

/// The plan in plain English, without the pools.
pub(super) fn rules(rules: &[DescriptionSection], summary: &Summary) -> Vec<AccountSection> {
    let pools = summary.pools.iter();
    let titles: Vec<String> = pools
        .map(|pool| pool_title(&pool.name, pool.source.as_deref()))
        .collect();
    let others = rules.iter().filter(|rule| !titles.contains(&rule.title));
    let section = |rule: &DescriptionSection| {
        let title = format!("The plan: {}", rule.title);
        let mut section = AccountSection::new(Page, title, &[]);
        for sentence in &rule.sentences {
            section.sentence(Page, sentence);
        }
        section
    };
    others.map(section).collect()
}

/// The corrections of the claims, if there are any.
pub(super) fn corrections(summary: &Summary) -> Vec<AccountSection> {
    let Some(corrections) = &summary.corrections else {
        return Vec::new();
    };
    let columns = [(Everywhere, "Cells"), (Full, "SHA-256")];
    let mut section = AccountSection::new(Everywhere, "Corrections of the claims", &columns);
    for file in &corrections.files {
        let digest = Figure::Digest(file.sha256.clone());
        section.entry(&file.name, [Figure::Count(file.cells), digest]);
    }
    let rows = Figure::Count(corrections.rows);
    section.entry("Claim rows with corrections", [rows, Figure::Blank]);
    vec![section]
}

/// The cells that were read as other texts, if the plan has `map` or `ignore_case`.
pub(super) fn mapped(summary: &Summary) -> Vec<AccountSection> {
    if summary.mapped.is_empty() {
        return Vec::new();
    }
    let columns = ["Replaced", "Case only"].map(|heading| (Everywhere, heading));
    let mut section =
        AccountSection::new(Everywhere, "Entries standardized under the plan", &columns);
    for facts in &summary.mapped {
        let counts = [facts.mapped, facts.ignored_case].map(Figure::Count);
        section.entry(format!("Column \"{}\"", facts.column), counts);
    }
    vec![section]
}

pub(super) fn unmatched(summary: &Summary) -> Vec<AccountSection> {
    let sentences = summary.unmatched.iter().map(unmatched_values).collect();
    listed("Values that no rule of the plan names", sentences)
}

fn unmatched_values(unmatched: &UnmatchedFacts) -> String {
    const SHOWN: usize = 6;
    let values = unmatched.values.iter().take(SHOWN).map(|value| {
        let text = match value.value.as_str() {
            "" => "(blank)".to_owned(),
            text => shown_whole(text),
        };
        format!("{text} {}", group(&value.rows))
    });
    let mut shown: Vec<String> = values.collect();
    if unmatched.different > SHOWN {
        let others = count(unmatched.different - SHOWN, "other", "others");
        shown.push(format!("and {others}"));
    }
    format!("Column \"{}\": {}", unmatched.column, shown.join(", "))
}

pub(super) fn draft(summary: &Summary) -> Vec<AccountSection> {
    listed(DRAFT, summary.settlement.draft.iter().cloned().collect())
}

/// The warnings. On paper, names stand in quotation marks.
pub(super) fn warnings(summary: &Summary, medium: Medium) -> Vec<AccountSection> {
    let warnings = summary.warnings.iter();
    let warnings = warnings.map(|warning| match medium {
        Medium::Text => warning.clone(),
        Medium::Page | Medium::Workbook => warning.replace('`', "\""),
    });
    listed("Warnings", warnings.collect())
}

/// A section of matters to review, if there are any.
fn listed(title: &str, sentences: Vec<String>) -> Vec<AccountSection> {
    if sentences.is_empty() {
        return Vec::new();
    }
    let mut section = AccountSection::new(Everywhere, title, &[]);
    section.tone = TextStyle::Doubtful;
    for sentence in sentences {
        section.sentence(Everywhere, sentence);
    }
    vec![section]
}

pub(super) fn control_totals(summary: &Summary) -> AccountSection {
    let Some(totals) = &summary.control_totals else {
        let title = "Control totals: none provided";
        let mut section = AccountSection::new(Everywhere, title, &[]);
        section.tone = TextStyle::Doubtful;
        return section;
    };
    let (title, tone) = if totals.iter().all(|total| total.met) {
        ("Control totals, all met", TextStyle::Good)
    } else {
        ("Control totals, NOT all met", TextStyle::Bad)
    };
    let columns = ["Expected", "Found", "Met"].map(|heading| (Everywhere, heading));
    let mut section = AccountSection::new(Everywhere, title, &columns);
    section.tone = tone;
    for total in totals {
        let met = if total.met { "yes" } else { "NO" };
        let figures = [&total.expected, &total.found, met];
        let figures = figures.map(|text: &str| Figure::Text(group_words(text)));
        section.entry(&total.name, figures);
    }
    section
}

pub(super) fn claims_files(summary: &Summary) -> AccountSection {
    let columns = [(Everywhere, "Rows"), (Full, "SHA-256")];
    let title = match &summary.trades {
        None => "Claims files",
        Some(_) => "Claims and trades files",
    };
    let mut section = AccountSection::new(Everywhere, title, &columns);
    let trades = summary.trades.iter().flat_map(|trades| &trades.files);
    for file in summary.inputs.iter().chain(trades) {
        let name = match file.name.as_str() {
            "-" => "standard input",
            name => name,
        };
        let digest = Figure::Digest(file.sha256.clone());
        section.entry(name, [Figure::Count(file.rows), digest]);
    }
    section
}

pub(super) fn plan(summary: &Summary) -> AccountSection {
    let columns = [(Everywhere, "SHA-256")];
    let mut section = AccountSection::new(Everywhere, "Plan", &columns);
    let digest = Figure::Digest(summary.plan.sha256.clone());
    section.entry(&summary.plan.source, [digest]);
    for file in summary.plan.tables.iter().chain(&summary.plan.templates) {
        section.entry(&file.name, [Figure::Digest(file.sha256.clone())]);
    }
    let version = env!("CARGO_PKG_VERSION");
    let note = format!(
        "Generated by payout {version}. The run's manifest.json lists the size and SHA-256 of \
         every file of the run; the command payout check recomputes the run from the claims."
    );
    section.note(Full, note);
    section
}
