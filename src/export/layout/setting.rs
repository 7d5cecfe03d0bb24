//! Settings of a layout: values that the user provides, such as an account number.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;

use crate::base::confusables::is_invisible;
use crate::base::diagnostics::{Message, alternatives, did_you_mean, literal};
use crate::export::layout::Layout;
use crate::export::{messages, routing_number};

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

/// The beginning of a sentence about its value.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, value) = (literal(&self.name), literal(&self.value));
        write!(f, "the setting {name} is {value}")
    }
}

impl Setting {
    /// The hint for a value that cannot be used.
    pub fn correction(&self) -> String {
        format!("correct it; the layout describes it as \"{}\"", self.about)
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
            let hint = match known.as_slice() {
                [] => "the layout has no settings; leave out `--set`".to_owned(),
                known => did_you_mean(name, known, "the settings are"),
            };
            let message = messages::no_such_setting(&layout.shown(), &literal(name));
            return Err(message.hint(hint).into());
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
            let message = messages::setting_unused(&layout.shown(), &literal(name));
            return Err(message.hint(hint).into());
        }
    }
    if !missing.is_empty() {
        return Err(messages::settings_missing(&layout.shown(), &missing).into());
    }
    let settings = layout.settings.iter();
    let mut read = settings.filter(|setting| is_read(&setting.name));
    Ok(read.try_for_each(check_value)?)
}

fn check_value(setting: &Setting) -> Result<(), Message> {
    let value = &setting.value;
    let wrong = |message: Message| Err(message.hint(setting.correction()));
    if value.chars().any(|c| c.is_control() || is_invisible(c)) {
        return wrong(messages::setting_invisible(setting));
    }
    if value != value.trim() {
        return wrong(messages::setting_untrimmed(setting));
    }
    if value.is_empty() {
        // A blank default makes the setting optional.
        return match setting.default.as_deref() {
            Some("") => Ok(()),
            _ => wrong(messages::setting_blank(setting)),
        };
    }
    if setting.digits && !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong(messages::setting_not_digits(setting));
    }
    if !setting.one_of.is_empty() && !setting.one_of.contains(value) {
        let allowed = alternatives(&setting.one_of);
        return wrong(messages::setting_not_listed(setting, &allowed));
    }
    if let Some(length) = setting.length
        && value.chars().count() > length
    {
        return wrong(messages::setting_too_long(setting, length));
    }
    match routing_number::check(value) {
        Err(fault) if setting.routing => {
            wrong(messages::setting_no_routing_number(setting, &fault))
        }
        _ => Ok(()),
    }
}
