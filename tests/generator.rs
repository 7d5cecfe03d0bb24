//! Random small plans and claims files that exercise the whole plan language.
//!
//! A case follows from its seed alone. Most cases can be carried out; about one
//! in eight is refused, because a defect was put in or because it just came so.

mod claims;
mod columns;
mod defect;
pub(crate) mod dice;
mod plan;

use claims::Sheet;
use columns::Column;
use dice::Dice;
use plan::Sketch;

/// What the cases may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    /// `at_least`, `at_most`, `less`, `raise`, `reduce` and `drop` of pools.
    pub limits: bool,
    /// Marginal brackets, in deductions and in formulas.
    pub brackets: bool,
    /// Several rows to a claimant.
    pub sum: bool,
    /// `thousands`, `prefix` and `format` of columns.
    pub formats: bool,
    /// Tax flags.
    pub tax: bool,
}

impl Features {
    pub(crate) fn basic() -> Features {
        Features {
            limits: false,
            brackets: false,
            sum: false,
            formats: false,
            tax: false,
        }
    }

    pub(crate) fn all() -> Features {
        Features {
            limits: true,
            brackets: true,
            sum: true,
            formats: true,
            tax: true,
        }
    }
}

/// A plan and a claims file.
pub(crate) fn case(seed: u64, features: Features) -> (String, String) {
    let mut dice = Dice::new(seed);
    let rows = rows(&mut dice);
    let mut sketch = Sketch::new(&mut dice, features, rows);
    sketch.write(&mut dice);
    let mut sheet = Sheet::fill(&mut dice, &sketch, rows);
    let mut plan = std::mem::take(&mut sketch.toml);
    if dice.chance(8) {
        defect::put_in(&mut dice, &sketch, &mut plan, &mut sheet);
    }
    (plan, sheet.csv(&mut dice))
}

fn rows(dice: &mut Dice) -> usize {
    let most = *dice.pick(&[4, 12, 25, 60]);
    1 + dice.below(most) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::compute;

    #[test]
    fn a_case_follows_from_its_seed() {
        assert_eq!(case(7, Features::all()), case(7, Features::all()));
        assert_ne!(case(7, Features::all()), case(8, Features::all()));
    }

    #[test]
    fn most_cases_can_be_carried_out() {
        for features in [Features::basic(), Features::all()] {
            let refused = (0..500)
                .map(|seed| case(seed, features))
                .filter(|(plan, claims)| compute(plan, claims.as_bytes()).is_err())
                .count();
            assert!((25..100).contains(&refused), "{refused} of 500 are refused");
        }
    }
}
