//! The text below the options in `--help`: notes, examples, and the meaning of the exit
//! statuses. The man page has the same text.

use clap::builder::{StyledStr, Styles};

/// The purpose of an example, and the lines to type.
pub(super) type Example = (&'static str, &'static [&'static str]);

/// An exit status and its meaning.
pub(super) type ExitStatus = (u8, &'static str);

/// The help of a command beyond its options.
#[derive(Debug, Clone, Copy)]
pub(super) struct CommandHelp {
    /// Hard-wrapped text; may be empty.
    pub notes: &'static str,
    /// The simplest comes first.
    pub examples: &'static [Example],
    /// Statuses with a meaning specific to the command; may be empty.
    pub statuses: &'static [ExitStatus],
}

/// The statuses that mean the same for several commands.
pub(super) const UNUSABLE: ExitStatus = (2, "invalid input, plan or options");
/// See [`UNUSABLE`].
pub(super) const FAILED: ExitStatus = (3, "system error: disk, permissions or a damaged file");

impl CommandHelp {
    /// Renders the help, with headings in clap's style.
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
