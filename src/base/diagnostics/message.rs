//! Messages as data: a code, the fault in words, and what to do about it.
//!
//! Each room states its messages once, in a file `messages.rs`, with [`messages!`]. A
//! message becomes a [`Problem`](crate::base::diagnostics::Problem), a
//! [`ClaimProblem`](crate::base::diagnostics::ClaimProblem), … where its place is known.

/// A fault in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Message {
    /// The stable code, such as `C111`. It begins with a letter for what is at fault:
    /// **P**lan, **C**laims, **A**llocation, **R**un folder, chec**K**, e**X**port,
    /// **U**sage of the command line, **S**ystem.
    pub code: &'static str,
    /// States what was found and what was expected, as a sentence that starts in lower
    /// case.
    pub text: String,
    /// Says what to do.
    pub hint: Option<String>,
    /// The same without what varies from cell to cell.
    pub kind: Box<MessageKind>,
    /// The text to write instead of what was found, where the program knows it.
    pub suggestion: Option<String>,
}

/// The kind of a fault: the same words for all faults of the kind, so that a list of
/// them can be filtered and counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct MessageKind {
    pub text: String,
    /// States what to do, if that is the same for all of them.
    pub hint: Option<String>,
}

impl Message {
    /// A message as [`messages!`] defines it: the text and the hint, each with its
    /// template, and the words for the kind if they are stated.
    pub(crate) fn defined(
        code: &'static str,
        (template, text): (&str, String),
        kind: Option<String>,
        (hint_template, hint): (&str, Option<String>),
    ) -> Self {
        let kind = MessageKind {
            text: kind.unwrap_or_else(|| general(template).unwrap_or_else(|| text.clone())),
            hint: hint.clone().filter(|_| !has_places(hint_template)),
        };
        Self {
            code,
            text,
            hint,
            kind: Box::new(kind),
            suggestion: None,
        }
    }

    /// The message with a hint that depends on what was found; a blank one is none.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into().filter(|hint| !hint.trim().is_empty());
        self.kind.hint = None;
        self
    }

    /// The message with a hint that makes it a kind of its own.
    #[must_use]
    pub(crate) fn advice(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint.to_owned());
        self.kind.hint = Some(hint.to_owned());
        self
    }

    /// The message with the text to write instead.
    #[must_use]
    pub(crate) fn suggest(mut self, text: impl Into<Option<String>>) -> Self {
        self.suggestion = text.into();
        self
    }

    /// The message with words before it that say where.
    #[must_use]
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.text.insert_str(0, place);
        self.kind.text.insert_str(0, place);
        self
    }
}

/// The words for the kind if only the cell varies.
fn general(template: &str) -> Option<String> {
    let words = template.replace("{cell}", "the cell");
    (!has_places(&words)).then(|| words.replace("{{", "{").replace("}}", "}"))
}

/// True if a template has places for arguments.
fn has_places(template: &str) -> bool {
    template.replace("{{", "").contains('{')
}

/// Defines a function for each message, which returns a [`Message`], and the list of
/// their codes, `CODES`:
///
/// ```text
/// messages! {
///     C111 negative_amount(cell: &str) "{cell} is negative" / "write amounts without a sign";
///     C032 not_a_date(cell: &str) "{cell} is not a date";
///     C071 id_repeated(id: &str, place: &str)
///         "the id {id} is already used in {place}" as "the id is already used";
/// }
/// ```
///
/// The words after `as` are those of the kind ([`MessageKind`]), which do not vary from
/// cell to cell; without them, `{cell}` is `the cell`.
macro_rules! messages {
    ($($code:ident $name:ident($($argument:ident: $kind:ty),* $(,)?)
        $text:literal $(as $general:literal)? $(/ $hint:literal)?;)*) => {
        $(
            #[allow(clippy::needless_pass_by_value, reason = "shown, and then no longer needed")]
            pub(crate) fn $name($($argument: $kind),*) -> $crate::base::diagnostics::Message {
                $crate::base::diagnostics::Message::defined(
                    stringify!($code),
                    ($text, format!($text)),
                    None$(.or_else(|| Some(format!($general))))?,
                    (concat!("", $($hint)?), None$(.or_else(|| Some(format!($hint))))?),
                )
            }
        )*

        /// The codes of these messages.
        pub(crate) const CODES: &[&str] = &[$(stringify!($code)),*];
    };
}

pub(crate) use messages;

#[cfg(test)]
mod tests {
    messages! {
        C901 of_cell(cell: &str) "{cell} is no `{{number}}`" / "write `{{1}}`";
        C902 of_id(id: &str, place: &str)
            "the id {id} is in {place}" as "the id is used" / "remove {place}";
    }

    #[test]
    fn a_hint_of_one_cell_is_not_that_of_the_kind() {
        assert_eq!(CODES, ["C901", "C902"]);
        let message = of_cell("`x`").hint("write `x1`".to_owned());
        assert_eq!(message.kind.hint, None);
        let message = of_cell("`x`").advice("remove the row").within("here, ");
        assert_eq!(message.kind.hint.as_deref(), Some("remove the row"));
        assert_eq!(message.kind.text, "here, the cell is no `{number}`");
    }

    #[test]
    fn a_kind_has_the_same_words_for_all_cells() {
        let message = of_cell("`x`");
        assert_eq!(message.text, "`x` is no `{number}`");
        assert_eq!(message.kind.text, "the cell is no `{number}`");
        assert_eq!(message.kind.hint.as_deref(), Some("write `{1}`"));
        let message = of_id("`A`", "row 1");
        assert_eq!(message.kind.text, "the id is used");
        assert_eq!(message.kind.hint, None);
        assert_eq!(message.hint.as_deref(), Some("remove row 1"));
    }

    #[test]
    fn a_blank_hint_is_none() {
        let hint = |hint: &str| of_cell("`x`").hint(hint.to_owned()).hint;
        assert_eq!(hint(" "), None);
        assert_eq!(hint("do this").as_deref(), Some("do this"));
    }
}
