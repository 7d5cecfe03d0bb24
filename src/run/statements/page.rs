//! Statements as pages for a browser or a printer. A page loads nothing, and every text
//! in it is escaped. The templates are in `templates`.

use askama::Template;

use crate::base::diagnostics::OrBug;
use crate::plan::Plan;
use crate::run::statements::plain::Paragraph;

/// The page after its last statement.
pub(crate) const END: &str = "</body>\n</html>\n";

/// The page up to its first statement.
#[derive(Template)]
#[template(path = "statements.html")]
struct PageStart<'a> {
    settlement: &'a str,
    /// The language of the statements; that of letters is not known.
    language: &'a str,
}

/// The content of a statement that is no letter, with an explanation in HTML.
#[derive(Template)]
#[template(path = "statement.html")]
pub(super) struct PageFacts<'a> {
    settlement: &'a str,
    docket: Option<&'a str>,
    draft: Option<String>,
    facts: Vec<(String, String)>,
    explanation: &'a str,
    last: Option<&'a str>,
}

#[derive(Template)]
#[template(
    source = "<article class=\"letter\">{{ text }}</article>",
    ext = "html"
)]
struct Letter<'a> {
    text: &'a str,
}

#[derive(Template)]
#[template(source = "<pre>{{ text }}</pre>", ext = "html")]
struct Verbatim<'a> {
    text: &'a str,
}

#[derive(Template)]
#[template(
    source = "{% for paragraph in paragraphs %}{% match paragraph %}{% when Paragraph::Heading(words) %}<h3>{{ words }}</h3>{% when Paragraph::Sentence(words) %}<p>{{ words }}</p>{% endmatch %}{% if !loop.last %}\n{% endif %}{% endfor %}",
    ext = "html"
)]
struct Explanation<'a> {
    paragraphs: &'a [Paragraph],
}

impl<'a> PageFacts<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        draft: Option<String>,
        facts: Vec<(String, String)>,
        explanation: &'a str,
    ) -> Self {
        Self {
            settlement: &plan.settlement.name,
            docket: plan.settlement.docket.as_deref(),
            draft,
            facts,
            explanation: explanation.trim_end(),
            last: plan.statement.text.as_deref(),
        }
    }
}

fn rendered(template: &impl Template) -> String {
    let rendered = template.render();
    rendered.ok().or_bug("a statement cannot be rendered") + "\n"
}

pub(super) fn start(plan: &Plan) -> String {
    let is_english = plan.statement.letters.is_none();
    rendered(&PageStart {
        settlement: &plan.settlement.name,
        language: if is_english { "en" } else { "" },
    })
}

pub(super) fn statement(facts: &PageFacts<'_>) -> String {
    rendered(facts)
}

pub(super) fn letter(text: &str) -> String {
    rendered(&Letter { text })
}

/// A text that keeps its lines.
pub(super) fn verbatim(text: &str) -> String {
    rendered(&Verbatim { text })
}

pub(super) fn explanation(paragraphs: &[Paragraph]) -> String {
    rendered(&Explanation { paragraphs })
}
