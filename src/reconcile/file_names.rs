//! The names of the files of a reconciliation.

/// Every payment of the chain, with its state.
pub(crate) const PAYMENTS: &str = "payments.csv";
/// Every claimant, with all that was paid.
pub(crate) const LEDGER: &str = "ledger.csv";
/// Payouts whose money was brought forward into a later run.
pub(crate) const LAPSED: &str = "lapsed.csv";
/// All that is known of payments of which several things are known.
pub(crate) const HISTORY: &str = "history.csv";
pub(crate) const ACCOUNT_TEXT: &str = "account.txt";
pub(crate) const ACCOUNT: &str = "account.json";
pub(crate) const FACTS: &str = "facts.toml";
