//! Settings of a layout: what has to be given for it, like the number of an
//! account.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::base::confusables::is_invisible;
use crate::base::diagnostics::{Problem, alternatives, did_you_mean, literal};
use crate::export::routing_number;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub about: String,
    /// What it is unless it is given; without, it has to be given.
    pub default: Option<String>,
    pub digits: bool,
    /// Whether it is the routing number of a bank.
    pub routing: bool,
    /// The most characters that it may have.
    pub length: Option<usize>,
    /// The only texts that it may be; none for any.
    pub one_of: Vec<String>,
    /// What was given, or the default.
    pub value: String,
    /// Whether it was given.
    pub given: bool,
    /// Whether the layout itself has it, and not only the one it begins from.
    pub own: bool,
}

/// Gives settings their values.
pub(super) fn give(settings: &mut [Setting], given: &BTreeMap<String, String>) {
    for setting in settings {
        let text = given.get(&setting.name);
        setting.given = text.is_some();
        if let Some(value) = text.or(setting.default.as_ref()) {
            setting.value.clone_from(value);
        }
    }
}

/// Whether there is each setting that was given, each that is read was given,
/// and each that was given is read. What only the base has and a layout no
/// longer reads is not asked for.
pub(super) fn check(
    settings: &[Setting],
    layout: &str,
    given: &BTreeMap<String, String>,
    is_read: &dyn Fn(&str) -> bool,
    is_ach: bool,
) -> Result<()> {
    for name in given.keys() {
        if settings.iter().all(|setting| setting.name != *name) {
            return Err(unknown(settings, layout, name).into());
        }
    }
    let mut missing = String::new();
    for setting in settings {
        if !is_read(&setting.name) {
            if setting.own || setting.given {
                return Err(unread(setting, layout, is_ach).into());
            }
        } else if !setting.given && setting.default.is_none() {
            missing += &format!("\n  --set {}=…  {}", setting.name, setting.about);
        }
    }
    if !missing.is_empty() {
        let message = format!("the layout {} has to be told:{missing}", literal(layout));
        let hint = "give each with `--set NAME=VALUE`, or under [set] in a layout of your own";
        return Err(Problem::new(message, hint).into());
    }
    let mut read = settings.iter().filter(|setting| is_read(&setting.name));
    read.try_for_each(check_value)
}

fn unread(setting: &Setting, layout: &str, is_ach: bool) -> Problem {
    let name = &setting.name;
    let message = format!(
        "nothing in the layout {} reads the setting {}",
        literal(layout),
        literal(name)
    );
    let hint = match (setting.own, is_ach) {
        (false, _) => "this layout does not use that setting; leave it out".to_owned(),
        (true, false) => {
            format!("use it in a column, `setting = \"{name}\"`, or remove [setting.{name}]")
        }
        (true, true) => format!(
            "an ACH file has the settings of `nacha-ppd` and no others: remove [setting.{name}]"
        ),
    };
    Problem::new(message, hint)
}

fn unknown(settings: &[Setting], layout: &str, name: &str) -> Problem {
    let names: Vec<&str> = settings.iter().map(|setting| &*setting.name).collect();
    let message = format!(
        "the layout {} has no setting {}",
        literal(layout),
        literal(name)
    );
    let hint = did_you_mean(name, &names, "it has");
    Problem::new(message, hint)
}

fn check_value(setting: &Setting) -> Result<()> {
    let Setting { name, value, .. } = setting;
    let wrong = |what: &str| {
        let message = format!(
            "the setting {} is {}, {what}",
            literal(name),
            literal(value)
        );
        Err(Problem::new(message, format!("it is {}", setting.about)).into())
    };
    if value.chars().any(|c| c.is_control() || is_invisible(c)) {
        return wrong("which has a line break or a character that nobody sees");
    }
    if value != value.trim() {
        return wrong("which has white space around it");
    }
    if value.is_empty() {
        // A blank default says that there may be none.
        return match setting.default.as_deref() {
            Some("") => Ok(()),
            _ => wrong("which it may not be"),
        };
    }
    if setting.digits && !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong("which has something else than digits");
    }
    if !setting.one_of.is_empty() && !setting.one_of.contains(value) {
        return wrong(&format!(
            "and can only be {}",
            alternatives(&setting.one_of)
        ));
    }
    match setting.length {
        Some(length) if value.chars().count() > length => {
            return wrong(&format!("which is longer than {length} characters"));
        }
        _ => {}
    }
    match routing_number::check(value) {
        Err(problem) if setting.routing => wrong(&problem),
        _ => Ok(()),
    }
}
