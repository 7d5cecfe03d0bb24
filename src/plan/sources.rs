//! The sentences of the order that rules carry out.

/// The sentences of the order that single rules carry out; others have their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleSources {
    pub fund: Option<String>,
    pub payment: Option<String>,
    pub residual: Option<String>,
    /// The rules without a source with their lines, if any rule has one.
    pub missing: Option<Vec<String>>,
}

/// A rule as people read it, with the sentence of the order that it carries out.
pub(crate) fn sourced(rule: &str, source: Option<&str>) -> String {
    source.map_or_else(|| rule.to_owned(), |source| format!("{rule} [{source}]"))
}
