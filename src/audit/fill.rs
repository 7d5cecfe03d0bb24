//! Puts the figures of a run into the places of a template: a declaration, a notice.

mod lists;
pub(crate) mod places;
pub(crate) mod template;

use std::path::Path;

use anyhow::Result;

use crate::audit::check::files;
use crate::audit::fill::places::Places;
use crate::audit::saved_run;
use crate::base::diagnostics::InvalidPlan;
use crate::plan::{DRAFT, PlanSource};
use crate::run::Progress;

/// The built-in templates, by name.
pub(crate) const TEMPLATES: [(&str, &str); 1] = [(
    "declaration",
    include_str!("../../templates/declaration.md"),
)];

/// The built-in template with this name.
pub(crate) fn built_in(name: &str) -> Option<&'static str> {
    let mut templates = TEMPLATES.iter();
    let found = templates.find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}

/// A run whose files match its manifest, and its figures.
#[derive(Debug)]
pub(crate) struct FigureSheet {
    pub places: Places,
    /// The reason why the plan is a draft.
    pub draft: Option<String>,
}

/// Reads the figures of a run.
pub(crate) fn figures(folder: &Path, progress: &dyn Progress) -> Result<FigureSheet> {
    let run = files::open(folder, progress)?;
    let seal = saved_run::seal(folder)?;
    Ok(FigureSheet {
        places: Places::new(&run.plan, &run.summary, &seal),
        draft: run.plan.settlement.draft,
    })
}

/// The text of a template with the figures of a run. Reports every place that the run
/// does not have.
pub(crate) fn fill(figures: &FigureSheet, source: &PlanSource) -> Result<String, InvalidPlan> {
    let is_html = template::is_html(&source.name);
    let filled = template::filled(&source.text, is_html, &figures.places);
    let filled = filled.map_err(|problems| InvalidPlan {
        file: source.shown.clone(),
        text: source.text.clone(),
        problems,
    })?;
    Ok(match &figures.draft {
        Some(why) => marked(&filled, &format!("{DRAFT}: {why}"), is_html),
        None => filled,
    })
}

/// The text with the words for a draft in front.
fn marked(text: &str, words: &str, is_html: bool) -> String {
    if !is_html {
        return format!("{words}\n\n{text}");
    }
    let words = format!("<p><strong>{}</strong></p>\n", template::escaped(words));
    let body = text.find("<body");
    let start = body.and_then(|body| Some(body + text.get(body..)?.find('>')? + 1));
    let (before, after) = text.split_at(start.unwrap_or(0));
    format!("{before}{words}{after}")
}
