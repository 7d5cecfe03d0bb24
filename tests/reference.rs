//! A second, slow implementation of the whole computation, for tests.
//!
//! It takes claimants one by one, works with rational numbers of any size and
//! uses the most obvious way wherever there is a choice. It shares no code with
//! the program. Claims files must be well-formed CSV: finding broken ones is not
//! its task.

mod calendar;
mod claim;
mod column;
mod condition;
mod document;
mod equation;
mod formula;
mod fund;
mod number;
mod plan;
mod pool;
mod refused;
mod report;
mod tax;
mod tests;

pub(crate) use refused::{Kind, Refused};
pub(crate) use report::{Outcome, csv};

/// Carries out a plan (TOML) with the claims of a file (CSV).
pub(crate) fn compute(plan: &str, claims: &[u8]) -> Result<Outcome, Refused> {
    let plan = plan::Plan::read(plan)?;
    let claims = claim::Claims::read(claims, &plan)?;
    let filled = pool::fill_all(&plan, &claims)?;
    Ok(report::Account {
        plan: &plan,
        claims: &claims,
        filled: &filled,
    }
    .outcome())
}
