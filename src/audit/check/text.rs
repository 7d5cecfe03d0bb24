//! The result of a check as text on one screen.

use crate::audit::check::Verdict;
use crate::audit::check::differences::CheckFinding;
use crate::audit::check::exports::ExportsPaid;
use crate::base::diagnostics::{count, quotable, shown_whole};
use crate::base::money::group;
use crate::base::styled_text::{StyledText, TextStyle};
use crate::base::text_columns::{WIDTH, in_lines};
use crate::plan::DRAFT;

pub(crate) fn text(verdict: &Verdict) -> StyledText {
    let mut text = StyledText::default();
    for CheckLine { label, words, mark } in said(verdict) {
        let start = text.end();
        text += &paragraph(label, &words);
        if let Some(mark) = mark {
            text.mark(start..text.end(), mark);
        }
    }
    text += "\n";
    if verdict.holds {
        text.add(TextStyle::Good, "All checks passed.\n");
        return text;
    }
    for finding in &verdict.first {
        text += &finding_text(finding);
    }
    let shown = u64::try_from(verdict.first.len()).unwrap_or(u64::MAX);
    if verdict.differences > shown {
        text += &format!("… and {} more\n", group(&(verdict.differences - shown)));
    }
    match &verdict.listed_in {
        Some(file) => text += &format!("all differences are listed in {file}\n"),
        None if verdict.differences > shown => {
            text += "hint: use `--errors FILE` to list all differences\n";
        }
        None => {}
    }
    let count = count(verdict.differences, "difference", "differences");
    let words = format!("FAILED: {count}. Do not pay from this run.\n");
    text.add(TextStyle::Bad, &words);
    text
}

/// A label and the text after it.
struct CheckLine {
    label: &'static str,
    words: String,
    mark: Option<TextStyle>,
}

impl CheckLine {
    fn new(label: &'static str, words: String) -> Self {
        let mark = None;
        Self { label, words, mark }
    }

    /// Highlights the line if a condition holds.
    fn marked(self, mark: TextStyle, is_so: bool) -> Self {
        let mark = is_so.then_some(mark);
        Self { mark, ..self }
    }
}

/// The result of each check.
fn said(verdict: &Verdict) -> Vec<CheckLine> {
    let mut said = vec![CheckLine::new("run", quotable(&verdict.run))];
    said_of_files(verdict, &mut said);
    said_of_rows(verdict, &mut said);
    if let Some(paid) = &verdict.exports {
        said_of_exports(paid, verdict.without_claims, &mut said);
    }
    if let Some(balance) = &verdict.balance {
        let word = if balance.covers {
            "excess"
        } else {
            "SHORTFALL"
        };
        let words = format!(
            "{} available, {} required for payouts and holds: {word} of {}",
            group(&balance.balance),
            group(&balance.needed),
            group(balance.left.trim_start_matches('-'))
        );
        said.push(CheckLine::new("balance", words).marked(TextStyle::Bad, !balance.covers));
    }
    let of_exports = verdict.exports.iter().flat_map(|paid| &paid.warnings);
    for warning in verdict.warnings.iter().chain(of_exports) {
        let line = CheckLine::new("warning", shown_whole(warning));
        said.push(line.marked(TextStyle::Doubtful, true));
    }
    said
}

fn said_of_exports(paid: &ExportsPaid, without_claims: bool, said: &mut Vec<CheckLine>) {
    for export in &paid.exports {
        let done = if without_claims {
            "compared with its manifest, not regenerated"
        } else {
            "regenerated and compared"
        };
        let pays = match &export.payments {
            None => format!("{done}; contains no payments"),
            Some(sum) => format!(
                "{}, total {}, {done}",
                count(sum.count, "payment", "payments"),
                group(&sum.total)
            ),
        };
        let layout = quotable(&export.layout);
        let layout = if export.shipped {
            format!("{layout}, built-in and unmodified")
        } else {
            format!(
                "{layout}, custom layout, not verified: SHA-256 {}",
                export.layout_sha256
            )
        };
        let words = format!("{}: {pays}; {layout}", quotable(&export.folder));
        said.push(CheckLine::new("export", words));
    }
    let payouts = count(paid.payouts, "claimant is", "claimants are");
    said.push(match paid.paid_once {
        Some(once) => {
            let once = group(&once);
            let listed = match paid.only_listed {
                0 => String::new(),
                listed => format!(
                    "; for {} of them, the exports only list a check as issued, and another system must print it",
                    group(&listed)
                ),
            };
            let words = format!(
                "{once} of {payouts} paid exactly once, the amount due{listed}"
            );
            CheckLine::new("paid once", words)
        }
        None => CheckLine::new(
            "paid once",
            "not checked: these exports contain no payments".to_owned(),
        ),
    });
}

fn said_of_files(verdict: &Verdict, said: &mut Vec<CheckLine>) {
    if let Some(version) = &verdict.made_by {
        let mut words = format!("payout {}", quotable(version));
        if !verdict.by_digest_alone.is_empty() {
            words += &format!(
                "; this is {}, so rows and figures are recomputed and compared, but {} only with the manifest",
                env!("CARGO_PKG_VERSION"),
                verdict.by_digest_alone.join(", ")
            );
        }
        said.push(CheckLine::new("program", words));
    }
    if let Some(seal) = &verdict.seal {
        let word = match verdict.seal_as_given {
            None => "not verified: use `--seal` to compare it with the approved run",
            Some(true) => "matches the seal provided",
            Some(false) => "does NOT match the seal provided",
        };
        // With a comma after its 64 digits, the line would be too long.
        let differs = verdict.seal_as_given == Some(false);
        said.push(CheckLine::new("seal", format!("{seal} {word}")).marked(TextStyle::Bad, differs));
    }
    if let Some(digest) = &verdict.plan_sha256 {
        let word = match verdict.plan_as_approved {
            None => {
                "not verified against an approved plan: a run from an altered plan would pass, too; use `--plan` to compare it"
            }
            Some(true) => "matches the approved plan",
            Some(false) => "does NOT match the approved plan",
        };
        let words = format!("SHA-256 {digest} {word}");
        let differs = verdict.plan_as_approved == Some(false);
        said.push(CheckLine::new("plan", words).marked(TextStyle::Bad, differs));
    }
    if let Some(draft) = &verdict.draft {
        let text = format!("{DRAFT}: {}", quotable(draft));
        said.push(CheckLine::new("draft", text).marked(TextStyle::Doubtful, true));
    }
    let files = format!("{} compared with the manifest", verdict.files);
    said.push(CheckLine::new("files", files));
    if let Some(files) = &verdict.claims {
        let names = files.iter().map(|file| {
            let rows = count(file.rows, "row", "rows");
            format!("{}, {rows}", quotable(&file.name))
        });
        let names = names.collect::<Vec<_>>().join("; ");
        said.push(CheckLine::new("claims", names));
    } else if verdict.without_claims {
        let words = "not read (`--without-claims`), so nothing is recomputed: that each claimant is due this amount, statements, report and control totals are not verified".to_owned();
        said.push(CheckLine::new("claims", words).marked(TextStyle::Doubtful, true));
    } else {
        let words = "could not be recomputed".to_owned();
        said.push(CheckLine::new("claims", words).marked(TextStyle::Bad, true));
    }
}

fn said_of_rows(verdict: &Verdict, said: &mut Vec<CheckLine>) {
    let Some(rows) = verdict.rows else {
        return;
    };
    let [paid, held, unpaid] = rows.map(|rows| group(&rows));
    let done = if verdict.without_claims {
        "added up across and down, and compared with summary.json"
    } else {
        "each recomputed and compared"
    };
    let words = format!("{paid} paid, {held} held and {unpaid} unpaid, {done}");
    said.push(CheckLine::new("rows", words));
    if verdict.without_claims {
        said.extend(said_of_account(verdict));
        return;
    }
    if let Some(statements) = verdict.statements {
        let statements = group(&statements);
        let words = format!("{statements} regenerated and compared");
        said.push(CheckLine::new("statements", words));
    }
    if verdict.workbook {
        let words = "payouts.xlsx regenerated and compared".to_owned();
        said.push(CheckLine::new("workbook", words));
    }
    let words = format!(
        "{} of summary.json recomputed and compared",
        group(&verdict.figures)
    );
    said.push(CheckLine::new("figures", words));
    let controls = if verdict.control_totals {
        "those of expect.toml verified again"
    } else {
        "none provided with the run: nothing confirms that these are the intended claims"
    };
    said.push(CheckLine::new("control totals", controls.to_owned()));
    said.extend(said_of_account(verdict));
    said.push(CheckLine::new("independent", second(verdict)));
}

fn said_of_account(verdict: &Verdict) -> Option<CheckLine> {
    let account = verdict.account.as_ref()?;
    let words = format!(
        "{} = {} deducted + {} paid + {} held + {} residual, {}",
        group(&account.fund),
        group(&account.deductions),
        group(&account.payouts),
        group(&account.held),
        group(&account.residual),
        if account.ties_out {
            "added up from the files"
        } else {
            "which does NOT tie out"
        }
    );
    let line = CheckLine::new("account", words);
    Some(line.marked(TextStyle::Bad, !account.ties_out))
}

fn second(verdict: &Verdict) -> String {
    match verdict.second {
        Some(claimants) => format!(
            "{} recomputed one by one in exact fractions",
            count(
                claimants,
                "payable or held claimant",
                "payable and held claimants"
            )
        ),
        None if verdict.second_failed => "could not be run".to_owned(),
        None => "skipped above 1,000,000 claimants; use `--independent` to run it".to_owned(),
    }
}

pub(crate) fn finding_text(finding: &CheckFinding) -> String {
    let row = match finding.row {
        Some(0) => ", header".to_owned(),
        Some(row) => format!(", row {row}"),
        None => String::new(),
    };
    let who = finding.claimant_id.as_ref();
    let who = who.map(|id| format!("claimant {}", quotable(id)));
    let what = Some(quotable(&finding.what)).filter(|what| !what.is_empty());
    let words: Vec<String> = who.into_iter().chain(what).collect();
    let what = if words.is_empty() {
        String::new()
    } else {
        format!(": {}", words.join(", "))
    };
    let mut text = format!("{}{row}{what}\n", quotable(&finding.file));
    for (label, side) in [("expected", &finding.expected), ("found", &finding.found)] {
        if !side.is_empty() {
            text += &format!("  {label:<8}  {}\n", long(side));
        }
    }
    text
}

/// A text that is safe to show, up to a maximum length.
fn long(text: &str) -> String {
    const SHOWN: usize = 200;
    let mut parts: String = text
        .chars()
        .take(SHOWN)
        .map(|character| quotable(&character.to_string()))
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        parts.push('…');
    }
    parts
}

/// A label, followed by wrapped text.
fn paragraph(label: &str, said: &str) -> String {
    const INDENT: usize = 16;
    let label = format!("{label:<INDENT$}");
    in_lines(&label, &" ".repeat(INDENT), WIDTH, said.split(' '))
}
