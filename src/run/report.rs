//! report.html: the account as a page, in one file that loads nothing and contains no
//! personal data. The template is `templates/report.html`.

use askama::Template;

use crate::base::diagnostics::OrBug;
use crate::base::styled_text::TextStyle;
use crate::plan::Plan;
use crate::run::account::{Account, AccountSection, Figure, Medium, RowRole};
use crate::run::summary::Summary;

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    account: Account,
}

/// Builds the report of a run.
pub(crate) fn html(plan: &Plan, summary: &Summary) -> String {
    let account = Account::new(plan, summary, Medium::Page);
    let page = ReportPage { account }.render();
    page.ok().or_bug("the report cannot be rendered") + "\n"
}

/// The classes of a section in the style sheet: its tone, and the layout of its table on
/// a narrow screen.
fn classes(section: &AccountSection) -> [&'static str; 2] {
    let tone = match section.tone {
        TextStyle::Heading => "plain",
        TextStyle::Good => "good",
        TextStyle::Doubtful => "doubtful",
        TextStyle::Bad => "bad",
    };
    let mut figures = section.rows.iter().flat_map(|row| &row.figures);
    if figures.any(|figure| matches!(figure, Figure::Bar(_))) {
        [tone, "charted"]
    } else if section.headings.len() > 1 {
        [tone, "stacked"]
    } else {
        [tone, "single"]
    }
}
