//! `payout sample`
use anyhow::Result;

/// What `payout sample` takes.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Makes up claims.
pub fn run(_args: &Args) -> Result<()> {
    Ok(())
}
