//! The plans that the program brings along.

use super::Source;

/// Each name that `payout init --template` takes, and its plan.
pub const TEMPLATES: [(&str, &str); 2] = [
    ("start", include_str!("builtin/start.toml")),
    ("tiktok", include_str!("builtin/tiktok.toml")),
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
pub fn default_source() -> Source {
    Source {
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
            let source = Source {
                name: name.to_owned(),
                shown: name.to_owned(),
                text: text.to_owned(),
            };
            if let Err(bad) = super::super::load(source) {
                panic!("{bad}");
            }
        }
    }
}
