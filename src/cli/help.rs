//! What stands below the options in `--help`: notes, examples with what each
//! is for, and what the exit statuses mean. The man page has the same words.

use clap::builder::{StyledStr, Styles};

/// What an example is for, and the lines to type.
pub(super) type Example = (&'static str, &'static [&'static str]);

/// An exit status and what it says.
pub(super) type ExitStatus = (u8, &'static str);

/// What a command teaches beside its options.
#[derive(Debug, Clone, Copy)]
pub(super) struct CommandHelp {
    /// Text, in lines; perhaps none.
    pub notes: &'static str,
    /// From the plainest on.
    pub examples: &'static [Example],
    /// Those that tell something of this command; perhaps none.
    pub statuses: &'static [ExitStatus],
}

/// The statuses that say the same wherever they are listed.
pub(super) const UNUSABLE: ExitStatus = (2, "the input, the plan or the options cannot be used");
/// See [`UNUSABLE`].
pub(super) const FAILED: ExitStatus =
    (3, "the machine failed: a disk, a permission, a broken file");

impl CommandHelp {
    /// The lesson as it is shown, with its headings in the style of the others.
    pub(super) fn text(&self) -> StyledStr {
        let style = Styles::default();
        let header = style.get_header();
        let mut parts = Vec::new();
        if !self.notes.is_empty() {
            parts.push(self.notes.to_owned());
        }
        let mut examples = format!("{header}Examples:{header:#}");
        for (purpose, lines) in self.examples {
            examples += &format!("\n  {purpose}:");
            for line in *lines {
                examples += &format!("\n    {line}");
            }
        }
        parts.push(examples);
        if !self.statuses.is_empty() {
            let mut statuses = format!("{header}Exit status:{header:#}");
            for (status, meaning) in self.statuses {
                statuses += &format!("\n  {status}  {meaning}");
            }
            parts.push(statuses);
        }
        parts.join("\n\n").into()
    }
}
