//! The settings and dates of ACH files, read once.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AchTerms {
    /// Immediate Destination and its name.
    pub destination: [String; 2],
    /// Immediate Origin and its name.
    pub origin: [String; 2],
    /// Company Name and Company Identification.
    pub company: [String; 2],
    /// Company Entry Description.
    pub description: String,
    /// Originating DFI Identification: the first eight digits of the routing number.
    pub bank: String,
    /// Effective Entry Date, YYMMDD.
    pub date: String,
    /// File Creation Date and Time, YYMMDD and HHMM.
    pub created: [String; 2],
    /// The index of the first file's modifier in `MODIFIERS`.
    pub modifier: usize,
    /// The number of the first batch.
    pub first_batch: u64,
    /// The number of the first entry.
    pub first_trace: u64,
    /// The routing number and the account of the debit that balances a file.
    pub offset: Option<[String; 2]>,
}
