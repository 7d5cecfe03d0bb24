//! Built-in plans.

use crate::plan::PlanSource;

/// The plan of an example in `examples/`, which the tests run.
macro_rules! example {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../examples/", $name, "/plan.toml")),
        )
    };
}

/// The names that `payout init --template` accepts, with their plans: those that need no
/// file of a table.
pub const TEMPLATES: [(&str, &str); 32] = [
    ("start", include_str!("builtin/start.toml")),
    (SECOND, include_str!("builtin/second-distribution.toml")),
    example!("apple-throttling"),
    example!("att-data-breach"),
    example!("bartz-anthropic"),
    example!("big-fish"),
    example!("biozoom"),
    example!("boy-scouts"),
    example!("california-paga"),
    example!("capital-one-tcpa"),
    example!("data-breach"),
    example!("east-palestine"),
    example!("erisa-401k"),
    example!("gnaedig"),
    example!("google-plus"),
    example!("huber"),
    example!("lcd-indirect"),
    example!("ledger"),
    example!("miller-nyc"),
    example!("net-loss-canada"),
    example!("opioid-fees"),
    example!("quebec-bread"),
    example!("robodebt"),
    example!("section-11"),
    example!("securities"),
    example!("siri"),
    example!("tax-flags"),
    example!("tiktok"),
    example!("twitter"),
    example!("usc-tyndall"),
    example!("wage-and-hour"),
    example!("zoom"),
];

/// The plan used if none is named.
pub const DEFAULT: &str = "tiktok";

/// The starting point for a new plan.
pub const START: &str = "start";

/// The starting point for the plan of a later distribution.
const SECOND: &str = "second-distribution";

pub fn text(name: &str) -> Option<&'static str> {
    TEMPLATES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

pub fn default_source() -> PlanSource {
    PlanSource {
        folder: std::path::PathBuf::new(),
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
                folder: std::path::PathBuf::new(),
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
