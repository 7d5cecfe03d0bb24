//! What was chosen for ACH files: settings and dates, read once.

/// What was chosen for ACH files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AchTerms {
    /// The bank that takes the file, and its name.
    pub destination: [String; 2],
    /// Who sends the file, and the name.
    pub origin: [String; 2],
    /// Who pays: the name and the number.
    pub company: [String; 2],
    /// What the payment is for.
    pub description: String,
    /// The first eight digits of the routing number of the bank that originates.
    pub bank: String,
    /// The day of payment, YYMMDD.
    pub date: String,
    /// The day and the time of creation that the file names, YYMMDD and HHMM.
    pub created: [String; 2],
    /// The place of the first file's modifier among [`MODIFIERS`].
    pub modifier: usize,
    /// The number of the first batch.
    pub first_batch: u64,
    /// The number of the first entry.
    pub first_trace: u64,
    /// The routing number and the account whose debit balances a file.
    pub offset: Option<[String; 2]>,
}
