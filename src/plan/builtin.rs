//! The plans that the program brings along.

use crate::plan::PlanSource;

/// The plan of an example, which stands in its folder and is run by the tests.
macro_rules! example {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../examples/", $name, "/plan.toml")),
        )
    };
}

/// Each name that `payout init --template` takes, and its plan.
pub const TEMPLATES: [(&str, &str); 14] = [
    ("start", include_str!("builtin/start.toml")),
    example!("big-fish"),
    example!("capital-one-tcpa"),
    example!("data-breach"),
    example!("gnaedig"),
    example!("google-plus"),
    example!("huber"),
    example!("securities"),
    example!("siri"),
    example!("tax-flags"),
    example!("tiktok"),
    example!("usc-tyndall"),
    example!("wage-and-hour"),
    example!("zoom"),
];

/// The plan that is used where none is named.
pub const DEFAULT: &str = "tiktok";

/// The plan to start one's own from.
pub const START: &str = "start";

/// The text of a template.
pub fn text(name: &str) -> Option<&'static str> {
    TEMPLATES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// The plan that is used where none is named, as a source.
pub fn default_source() -> PlanSource {
    PlanSource {
        name: format!("built-in {DEFAULT}"),
        shown: format!("built-in {DEFAULT}"),
        text: text(DEFAULT).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_a_good_plan() {
        for (name, text) in TEMPLATES {
            let source = PlanSource {
                name: name.to_owned(),
                shown: name.to_owned(),
                text: text.to_owned(),
            };
            if let Err(bad) = crate::plan::load(&source) {
                panic!("{bad}");
            }
        }
    }
}
