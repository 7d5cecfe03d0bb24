//! Settings of a layout: values that the user provides, such as an account number.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::base::confusables::is_invisible;
use crate::base::diagnostics::{Problem, alternatives, did_you_mean, literal};
use crate::export::layout::Layout;
use crate::export::routing_number;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub about: String,
    /// The default; without one, the setting is required.
    pub default: Option<String>,
    pub digits: bool,
    /// True for a routing number.
    pub routing: bool,
    /// The maximum number of characters.
    pub length: Option<usize>,
    /// The allowed texts; empty for any text.
    pub one_of: Vec<String>,
    /// The value provided, or the default.
    pub value: String,
    /// True if a value was provided.
    pub given: bool,
    /// True if the layout itself defines the setting, and not only its base.
    pub own: bool,
}

impl Setting {
    /// The hint for a value that cannot be used.
    pub fn correction(&self) -> String {
        format!("correct it; the layout describes it as \"{}\"", self.about)
    }

    /// The error for a value; `fault` completes a sentence about it.
    pub(crate) fn wrong(&self, fault: &str, hint: impl Into<String>) -> Problem {
        let (name, value) = (literal(&self.name), literal(&self.value));
        Problem::new(format!("the setting {name} is {value}, {fault}"), hint)
    }
}

pub(super) fn give(settings: &mut [Setting], given: &BTreeMap<String, String>) {
    for setting in settings {
        let text = given.get(&setting.name);
        setting.given = text.is_some();
        if let Some(value) = text.or(setting.default.as_ref()) {
            setting.value.clone_from(value);
        }
    }
}

/// Checks that every value belongs to a setting, that every setting in use has a value,
/// and that every value is used. Settings that only the base defines and the layout no
/// longer uses are not required.
pub(super) fn check(
    layout: &Layout,
    given: &BTreeMap<String, String>,
    is_read: &dyn Fn(&str) -> bool,
) -> Result<()> {
    let names = || layout.settings.iter().map(|setting| setting.name.as_str());
    for name in given.keys() {
        if names().all(|known| known != name) {
            let known: Vec<&str> = names().collect();
            let hint = did_you_mean(name, &known, "the settings are");
            let fault = format!("has no setting {}", literal(name));
            return Err(layout.wrong(fault, &hint).into());
        }
    }
    let mut missing = String::new();
    for setting in &layout.settings {
        let name = &setting.name;
        if is_read(name) {
            if !setting.given && setting.default.is_none() {
                missing += &format!("\n  --set {name}=…  {}", setting.about);
            }
        } else if setting.own || setting.given {
            let hint = if setting.own {
                layout.file.form.unread_setting(name)
            } else {
                "leave it out".to_owned()
            };
            let fault = format!("does not use the setting {}", literal(name));
            return Err(layout.wrong(fault, &hint).into());
        }
    }
    if !missing.is_empty() {
        let hint = "add `--set NAME=VALUE` for each, or set them under [set] in a custom layout";
        return Err(layout
            .wrong(format!("requires these settings:{missing}"), hint)
            .into());
    }
    let mut read = layout
        .settings
        .iter()
        .filter(|setting| is_read(&setting.name));
    read.try_for_each(check_value)
}

fn check_value(setting: &Setting) -> Result<()> {
    let value = &setting.value;
    let wrong = |what: &str| Err(setting.wrong(what, setting.correction()).into());
    if value.chars().any(|c| c.is_control() || is_invisible(c)) {
        return wrong("which contains a line break or an invisible character");
    }
    if value != value.trim() {
        return wrong("which has leading or trailing white space");
    }
    if value.is_empty() {
        // A blank default makes the setting optional.
        return match setting.default.as_deref() {
            Some("") => Ok(()),
            _ => wrong("which is not allowed"),
        };
    }
    if setting.digits && !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong("but must contain only digits");
    }
    if !setting.one_of.is_empty() && !setting.one_of.contains(value) {
        return wrong(&format!("but must be {}", alternatives(&setting.one_of)));
    }
    if let Some(length) = setting.length
        && value.chars().count() > length
    {
        return wrong(&format!("which is longer than {length} characters"));
    }
    match routing_number::check(value) {
        Err(problem) if setting.routing => wrong(&format!("which {problem}")),
        _ => Ok(()),
    }
}
