//! The entries of ACH files, and the requirements for their texts.

use anyhow::Result;

use crate::base::diagnostics::{Bug, literal, nearest, subject};
use crate::base::money::Money;
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportPayee};
use crate::export::field_text::text;
use crate::export::formats::nacha::terms::BASE;
use crate::export::layout::FieldFault;
use crate::export::routing_number;

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

    fn of(text: &str) -> Result<Self, FieldFault> {
        if let Some((_, kind)) = Self::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(*kind);
        }
        let hint = match nearest(text, Self::WORDS.map(|(word, _)| word)) {
            Some(near) => format!("did you mean {}?", literal(near)),
            None => "write `checking` or `savings`".to_owned(),
        };
        let problem = format!("{} is neither `checking` nor `savings`", literal(text));
        Err(FieldFault::new(problem, hint))
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
    pub(super) const ALL: [Self; 6] = [
        Self::Routing,
        Self::Account,
        Self::AccountType,
        Self::Payout,
        Self::Identification,
        Self::Payee,
    ];

    /// The name in the layout, and the maximum length.
    fn facts(self) -> (&'static str, usize) {
        match self {
            Self::Routing => ("routing", 9),
            Self::Account => ("account", 17),
            Self::AccountType => ("account_type", 8),
            Self::Payout => ("payout", 10),
            Self::Identification => ("identification", 15),
            Self::Payee => ("payee", 22),
        }
    }

    pub(super) fn name(self) -> &'static str {
        self.facts().0
    }

    /// The text for a payment; one that does not fit is reported.
    fn text(
        self,
        context: &ExportContext<'_>,
        payee: &ExportPayee<'_>,
        problems: &mut ProblemList,
    ) -> Result<Option<String>> {
        let field = context.layout.field(self.name());
        let field = field.ok_or_else(|| Bug::new("an ACH layout lacks a column"))?;
        let text = text(context, field, payee)?.and_then(|whole| {
            // A text that is not truncated must fit as it is.
            if self != Self::Payee {
                self.within(&whole)?;
            }
            let text = field.fit(&whole, &context.layout.file)?;
            self.check(&text)?;
            Ok(text)
        });
        Ok(text
            .map_err(|fault| problems.add(context.fault(field, payee, fault)))
            .ok())
    }

    fn check(self, text: &str) -> Result<(), FieldFault> {
        self.within(text)?;
        match self {
            Self::Routing => check_routing(text),
            Self::Account => check_account(text),
            Self::AccountType => EntryKind::of(text).map(drop),
            Self::Payout | Self::Identification | Self::Payee => Ok(()),
        }
    }

    /// Checks that a text fits its field in an entry.
    fn within(self, text: &str) -> Result<(), FieldFault> {
        let (_, most) = self.facts();
        let characters = text.chars().count();
        if characters <= most {
            return Ok(());
        }
        let hint = match self {
            Self::Payee => {
                "shorten it, or let the layout truncate the payee: `cut = true`, `length = 22`"
                    .to_owned()
            }
            Self::Identification => format!(
                "use a custom layout that reads a shorter number from another column: {BASE}, and a [[column]] with `name = \"identification\"` and `column = \"…\"`"
            ),
            _ => "correct it, or pay this claimant in another way".to_owned(),
        };
        let problem = format!(
            "{} has {characters} characters; the maximum is {most}",
            literal(text)
        );
        Err(FieldFault::new(problem, hint))
    }
}

impl AchEntry {
    /// The entry of a payment; `None` if a text does not fit, which is reported.
    pub(super) fn of(
        context: &ExportContext<'_>,
        payee: &ExportPayee<'_>,
        problems: &mut ProblemList,
    ) -> Result<Option<Self>> {
        let mut text = |column: EntryColumn| column.text(context, payee, problems);
        let texts = (
            text(EntryColumn::Routing)?,
            text(EntryColumn::Account)?,
            text(EntryColumn::AccountType)?,
            text(EntryColumn::Identification)?,
            text(EntryColumn::Payee)?,
        );
        let (Some(routing), Some(account), Some(kind), Some(identification), Some(name)) = texts
        else {
            return Ok(None);
        };
        let kind = EntryKind::of(&kind);
        Ok(Some(Self {
            kind: kind.map_err(|_| Bug::new("an account type was not checked"))?,
            routing,
            account,
            amount: payee.payout,
            identification,
            name,
        }))
    }
}

fn check_routing(text: &str) -> Result<(), FieldFault> {
    routing_number::check(text).map_err(|problem| {
        FieldFault::new(
            format!("{} {problem}", subject(text)),
            "ask the claimant for the number on a check, or pay in another way",
        )
    })
}

pub(super) fn check_account(text: &str) -> Result<(), FieldFault> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.bytes().all(good) && text.contains(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(FieldFault::new(
        format!("{} is not a valid account number", subject(text)),
        "write only letters, digits and hyphens",
    ))
}
