//! Messages as data: a code, the fault in words, and what to do about it.
//!
//! Each room states its messages once, in a file `messages.rs`, with [`messages!`]. A
//! message becomes a [`Problem`](crate::base::diagnostics::Problem), a
//! [`ClaimProblem`](crate::base::diagnostics::ClaimProblem), … where its place is known.

/// A fault in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
}

impl Message {
    /// The message with a hint that depends on what was found; a blank one is none.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into().filter(|hint| !hint.trim().is_empty());
        self
    }

    /// The message with words before it that say where.
    #[must_use]
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.text.insert_str(0, place);
        self
    }
}

/// Defines a function for each message, which returns a [`Message`], and the list of
/// their codes, `CODES`:
///
/// ```text
/// messages! {
///     C111 negative_amount(cell: &str) "{cell} is negative" / "write amounts without a sign";
///     C032 not_a_date(cell: &str) "{cell} is not a date";
/// }
/// ```
macro_rules! messages {
    ($($code:ident $name:ident($($argument:ident: $kind:ty),* $(,)?)
        $text:literal $(/ $hint:literal)?;)*) => {
        $(
            #[allow(clippy::needless_pass_by_value, reason = "shown, and then no longer needed")]
            pub(crate) fn $name($($argument: $kind),*) -> $crate::base::diagnostics::Message {
                $crate::base::diagnostics::Message {
                    code: stringify!($code),
                    text: format!($text),
                    hint: None$(.or_else(|| Some(format!($hint))))?,
                }
            }
        )*

        /// The codes of these messages.
        pub(crate) const CODES: &[&str] = &[$(stringify!($code)),*];
    };
}

pub(crate) use messages;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_hint_is_none() {
        let hint = |hint: &str| Message::default().hint(hint.to_owned()).hint;
        assert_eq!(hint(" "), None);
        assert_eq!(hint("do this").as_deref(), Some("do this"));
    }
}
