//! What was checked and what came of it, on one screen.

use crate::audit::check::Verdict;
use crate::audit::check::differences::CheckFinding;
use crate::audit::check::exports::ExportsPaid;
use crate::base::aligned::{WIDTH, in_lines};
use crate::base::diagnostics::{count, quotable};
use crate::base::money::group;
use crate::base::styled_text::{StyledText, TextStyle};

/// Prints a verdict.
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
        text.add(TextStyle::Good, "Everything that was checked holds.\n");
        return text;
    }
    for finding in &verdict.first {
        text += &told(finding);
    }
    let shown = u64::try_from(verdict.first.len()).unwrap_or(u64::MAX);
    if verdict.differences > shown {
        text += &format!("… and {} more\n", group(&(verdict.differences - shown)));
    }
    match &verdict.listed_in {
        Some(file) => text += &format!("all of them are listed in {file}\n"),
        None if verdict.differences > shown => {
            text += "hint: `--errors FILE` writes all of them to a file\n";
        }
        None => {}
    }
    let count = count(verdict.differences, "difference", "differences");
    let words = format!("NOT RIGHT: {count}. Do not pay on this run.\n");
    text.add(TextStyle::Bad, &words);
    text
}

/// A point, and what is said of it.
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

    /// Something to see at once, if it is so.
    fn marked(self, mark: TextStyle, is_so: bool) -> Self {
        let mark = is_so.then_some(mark);
        Self { mark, ..self }
    }
}

/// What was checked, point by point.
fn said(verdict: &Verdict) -> Vec<CheckLine> {
    let mut said = vec![CheckLine::new("run", quotable(&verdict.run))];
    said_of_files(verdict, &mut said);
    said_of_rows(verdict, &mut said);
    if let Some(paid) = &verdict.exports {
        said_of_exports(paid, &mut said);
    }
    if let Some(balance) = &verdict.balance {
        let word = if balance.covers {
            "left over"
        } else {
            "MISSING"
        };
        let words = format!(
            "{} for {} of payouts and holds: {} {word}",
            group(&balance.balance),
            group(&balance.needed),
            group(balance.left.trim_start_matches('-'))
        );
        said.push(CheckLine::new("balance", words).marked(TextStyle::Bad, !balance.covers));
    }
    said
}

fn said_of_exports(paid: &ExportsPaid, said: &mut Vec<CheckLine>) {
    for export in &paid.exports {
        let pays = match &export.payments {
            None => "made anew and compared; it pays nobody".to_owned(),
            Some(sum) => format!(
                "{} payments, {}, made anew and compared",
                group(&sum.count),
                group(&sum.total)
            ),
        };
        let layout = quotable(&export.layout);
        let layout = if export.shipped {
            format!("{layout}, as it is shipped")
        } else {
            format!(
                "{layout}, a layout of one's own, compared with nothing: SHA-256 {}",
                export.layout_sha256
            )
        };
        let words = format!("{}: {pays}; {layout}", quotable(&export.folder));
        said.push(CheckLine::new("export", words));
    }
    let payouts = group(&paid.payouts);
    said.push(match paid.paid_once {
        Some(once) => {
            let once = group(&once);
            let listed = match paid.only_listed {
                0 => String::new(),
                listed => format!(
                    "; {} of them by checks that are only listed as issued, and printed elsewhere",
                    group(&listed)
                ),
            };
            let words = format!(
                "{once} of {payouts} claimants paid once and what is due by these exports{listed}"
            );
            CheckLine::new("paid once", words)
        }
        None => CheckLine::new(
            "paid once",
            "not looked at: none of these exports pays anybody".to_owned(),
        ),
    });
}

fn said_of_files(verdict: &Verdict, said: &mut Vec<CheckLine>) {
    if let Some(version) = &verdict.made_by {
        said.push(CheckLine::new(
            "made by",
            format!("payout {}", quotable(version)),
        ));
    }
    if let Some(seal) = &verdict.seal {
        let word = match verdict.seal_as_given {
            None => "not compared with anything: `--seal` ties the run to what was approved",
            Some(true) => "as given",
            Some(false) => "NOT the one given",
        };
        // A comma after 64 digits would be one column too many.
        let differs = verdict.seal_as_given == Some(false);
        said.push(CheckLine::new("seal", format!("{seal} {word}")).marked(TextStyle::Bad, differs));
    }
    if let Some(digest) = &verdict.plan_sha256 {
        let word = match verdict.plan_as_approved {
            None => {
                "not compared with anything: a run made anew from an altered plan would look the same; `--plan` compares it with the approved one"
            }
            Some(true) => "the approved plan",
            Some(false) => "NOT the approved plan",
        };
        let words = format!("SHA-256 {digest} {word}");
        let differs = verdict.plan_as_approved == Some(false);
        said.push(CheckLine::new("plan", words).marked(TextStyle::Bad, differs));
    }
    if let Some(draft) = &verdict.draft {
        let text = format!("DRAFT, not to be paid on: {}", quotable(draft));
        said.push(CheckLine::new("draft", text).marked(TextStyle::Doubtful, true));
    }
    let files = format!("{} compared with the manifest", verdict.files);
    said.push(CheckLine::new("files", files));
    if let Some(files) = &verdict.claims {
        let names = files.iter().map(|file| {
            let rows = group(&file.rows);
            format!("{}, {rows} rows", quotable(&file.name))
        });
        let names = names.collect::<Vec<_>>().join("; ");
        said.push(CheckLine::new("claims", names));
    } else {
        let words = "could not be computed anew".to_owned();
        said.push(CheckLine::new("claims", words).marked(TextStyle::Bad, true));
    }
}

fn said_of_rows(verdict: &Verdict, said: &mut Vec<CheckLine>) {
    let Some(rows) = verdict.rows else {
        return;
    };
    let [paid, held, unpaid] = rows.map(|rows| group(&rows));
    let words = format!(
        "{paid} paid, {held} held and {unpaid} unpaid, each compared with the one computed anew"
    );
    said.push(CheckLine::new("rows", words));
    if let Some(statements) = verdict.statements {
        let statements = group(&statements);
        let words = format!("{statements} made anew and compared");
        said.push(CheckLine::new("statements", words));
    }
    if verdict.workbook {
        let words = "payouts.xlsx made anew and compared".to_owned();
        said.push(CheckLine::new("workbook", words));
    }
    let words = format!(
        "{} of summary.json computed anew and compared",
        verdict.figures
    );
    said.push(CheckLine::new("figures", words));
    let controls = if verdict.control_totals {
        "those of expect.toml compared again"
    } else {
        "none were given with the run: nothing says that the claims are the ones that were meant"
    };
    said.push(CheckLine::new("control totals", controls.to_owned()));
    if let Some(account) = &verdict.account {
        let words = format!(
            "{} = {} deducted + {} paid + {} held + {} residual, {}",
            group(&account.fund),
            group(&account.deductions),
            group(&account.payouts),
            group(&account.held),
            group(&account.residual),
            if account.ties_out {
                "from the files as they stand"
            } else {
                "which does NOT hold"
            }
        );
        said.push(CheckLine::new("account", words).marked(TextStyle::Bad, !account.ties_out));
    }
    said.push(CheckLine::new("second way", second(verdict)));
}

fn second(verdict: &Verdict) -> String {
    match verdict.second {
        Some(claimants) => format!(
            "{} payable and held claimants worked out once more, one by one, with rational numbers",
            group(&claimants)
        ),
        None if verdict.second_failed => "could not be carried out".to_owned(),
        None => "left out for so many claimants; `--independent` carries it out".to_owned(),
    }
}

fn told(finding: &CheckFinding) -> String {
    let row = match finding.row {
        Some(0) => ", header".to_owned(),
        Some(row) => format!(", row {row}"),
        None => String::new(),
    };
    let what = if finding.what.is_empty() {
        String::new()
    } else {
        format!(": {}", quotable(&finding.what))
    };
    let mut told = format!("{}{row}{what}\n", quotable(&finding.file));
    for (label, text) in [("expected", &finding.expected), ("found", &finding.found)] {
        if !text.is_empty() {
            told += &format!("  {label:<8}  {}\n", long(text));
        }
    }
    told
}

/// A text that is safe to show, up to the width of a digest.
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

/// A label, and a text in lines beside it.
fn paragraph(label: &str, said: &str) -> String {
    const INDENT: usize = 16;
    let label = format!("{label:<INDENT$}");
    in_lines(&label, &" ".repeat(INDENT), WIDTH, said.split(' '))
}
