//! The progress of a run, for those who wait for it.

/// Receives the progress of a run.
pub trait Progress: Sync {
    /// A stage begins; `steps` is its length, if known.
    fn begin(&self, stage: Stage, steps: Option<u64>);
    /// Reports further steps done.
    fn advance(&self, steps: u64);
    /// The stage ended; `outcome` describes the result in a few words.
    fn end(&self, outcome: &str);
}

/// A progress sink that ignores everything.
#[derive(Debug, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _: Stage, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn end(&self, _: &str) {}
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the claims; steps are bytes.
    Reading,
    /// Reading a run to compare its files with its manifest; steps are bytes.
    Verifying,
    /// Searching the claims for one claimant; steps are bytes.
    Looking,
    /// Allocating the fund.
    Dividing,
    /// Writing rows; steps are rows.
    Writing,
    /// Writing statements; steps are rows.
    Statements,
    /// Writing a workbook; steps are rows.
    Workbook,
    /// Comparing rows with those of a run; steps are rows.
    Comparing,
    /// Comparing statements with those of a run; steps are rows.
    ComparingStatements,
    /// Comparing a workbook with that of a run; steps are rows.
    ComparingWorkbook,
    /// Generating sample claims; steps are rows.
    MakingUp,
}
