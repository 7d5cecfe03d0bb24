//! The entries of ACH files, and the requirements for their texts.

use anyhow::Result;

use crate::base::diagnostics::{Bug, Message, literal, mistyped, nearest, subject};
use crate::base::money::Money;
use crate::claims::problem_list::ProblemList;
use crate::export::context::ExportPayee;
use crate::export::{messages, routing_number};
use crate::plan::cell::CellFault;

/// The account that receives or pays an entry.
pub(super) struct AchEntry {
    pub kind: EntryKind,
    pub routing: String,
    pub account: String,
    pub amount: Money,
    pub identification: String,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    CheckingCredit,
    SavingsCredit,
    CheckingDebit,
}

impl EntryKind {
    /// The account types in the claims file.
    const WORDS: [(&'static str, Self); 2] = [
        ("checking", Self::CheckingCredit),
        ("savings", Self::SavingsCredit),
    ];

    /// The transaction code.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::CheckingCredit => "22",
            Self::SavingsCredit => "32",
            Self::CheckingDebit => "27",
        }
    }

    fn of(text: &str) -> Result<Self, Message> {
        if let Some((_, kind)) = Self::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(*kind);
        }
        let hint = match nearest(text, Self::WORDS.map(|(word, _)| word)) {
            Some(near) => format!("did you mean {}?", literal(near)),
            None => "write `checking` or `savings`".to_owned(),
        };
        let words = || Self::WORDS.map(|(word, _)| word).into_iter();
        let lower = text.to_lowercase();
        let meant = words().find(|word| *word == lower);
        let meant = meant.or_else(|| mistyped(text, words()));
        let message = messages::not_an_account_type(&literal(text)).hint(hint);
        Err(message.suggest(meant.map(str::to_owned)))
    }
}

/// A column of the layout, which an entry contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryColumn {
    Routing,
    Account,
    AccountType,
    Payout,
    Identification,
    Payee,
}

impl EntryColumn {
    /// The columns with their names in the layout and their maximum lengths.
    pub(super) const ALL: [(Self, &'static str, usize); 6] = [
        (Self::Routing, "routing", 9),
        (Self::Account, "account", 17),
        (Self::AccountType, "account_type", 8),
        (Self::Payout, "payout", 10),
        (Self::Identification, "identification", 15),
        (Self::Payee, "payee", 22),
    ];

    fn check(self, text: &str) -> Result<(), Message> {
        match self {
            Self::Routing => check_routing(text),
            Self::Account => check_account(text),
            Self::AccountType => EntryKind::of(text).map(drop),
            Self::Payout | Self::Identification | Self::Payee => Ok(()),
        }
    }

    /// Checks that a text fits its field in an entry.
    fn within(self, most: usize, text: &str) -> Result<(), Message> {
        let characters = text.chars().count();
        if characters <= most {
            return Ok(());
        }
        let hint = match self {
            Self::Payee => {
                "shorten it, or let the layout truncate the payee: `cut = true`, `length = 22`"
            }
            Self::Identification => {
                "use a custom layout that reads a shorter number from another column: add `base = \"nacha-ppd\"`, and a [[column]] with `name = \"identification\"` and `column = \"…\"`"
            }
            _ => "correct it, or pay this claimant in another way",
        };
        let message = messages::too_long(&literal(text), characters, most);
        Err(message.hint(hint.to_owned()))
    }
}

impl AchEntry {
    /// The entry of a payment; `None` if a text does not fit, which is reported.
    pub(super) fn of(payee: &ExportPayee<'_>, problems: &mut ProblemList) -> Result<Option<Self>> {
        let layout = payee.export.layout;
        let mut texts = Vec::new();
        for (column, name, most) in EntryColumn::ALL {
            if column == EntryColumn::Payout {
                continue;
            }
            let field = layout.field(name);
            let field = field.ok_or_else(|| Bug::new("an ACH layout lacks a column"))?;
            let text = payee.text(field)?.and_then(|whole| {
                // A text that is not truncated must fit as it is.
                if column != EntryColumn::Payee {
                    column.within(most, &whole)?;
                }
                let text = field.fit(&whole, &layout.file)?;
                column.within(most, &text)?;
                column.check(&text)?;
                Ok::<_, CellFault>(text)
            });
            match text {
                Ok(text) => texts.push(text),
                Err(fault) => problems.add(payee.problem(field, fault)),
            }
        }
        let Ok([routing, account, kind, identification, name]) = <[String; 5]>::try_from(texts)
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            kind: EntryKind::of(&kind).map_err(|fault| Bug::new(fault.text))?,
            routing,
            account,
            amount: payee.payout,
            identification,
            name,
        }))
    }
}

fn check_routing(text: &str) -> Result<(), Message> {
    let checked = routing_number::check(text);
    let with_zero = format!("0{text}");
    let with_zero = routing_number::check(&with_zero).map(|()| with_zero);
    checked.map_err(|fault| {
        let message = messages::not_a_routing_number(&subject(text), &fault);
        message.suggest(with_zero.ok())
    })
}

pub(super) fn check_account(text: &str) -> Result<(), Message> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.bytes().all(good) && text.contains(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let dense = text.split_whitespace().collect::<String>();
    let is_number = !text.is_empty() && dense != text && dense.bytes().all(good);
    let message = messages::not_an_account_number(&subject(text));
    Err(message.suggest(Some(dense).filter(|_| is_number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_are_letters_digits_and_hyphens() {
        for good in ["1", "000123", "12-345-A", "abc"] {
            assert_eq!(check_account(good), Ok(()), "{good}");
        }
        for bad in ["", "-", "12 34", "12.34", "12³", "№1"] {
            assert!(check_account(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn account_types_are_two_words() {
        let code = |text| EntryKind::of(text).map(EntryKind::code);
        assert_eq!((code("checking"), code("savings")), (Ok("22"), Ok("32")));
        let hint = EntryKind::of("Checking").unwrap_err().hint;
        assert_eq!(hint.unwrap(), "did you mean `checking`?");
        let hint = EntryKind::of("loan").unwrap_err().hint;
        assert_eq!(hint.unwrap(), "write `checking` or `savings`");
    }

    #[test]
    fn texts_have_the_lengths_of_the_record() {
        for (column, name, most) in EntryColumn::ALL {
            let text = |length| "1".repeat(length);
            assert_eq!(column.within(most, &text(most)), Ok(()), "{name}");
            assert!(column.within(most, &text(most + 1)).is_err(), "{name}");
        }
        // Characters, not bytes.
        assert_eq!(EntryColumn::Payee.within(22, &"é".repeat(22)), Ok(()));
    }
}
