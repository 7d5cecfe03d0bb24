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
pub(crate) use defect::Defect;
use dice::Dice;
use plan::Sketch;

/// A random case.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub plan: String,
    pub claims: String,
    /// What is wrong with it on purpose.
    pub defect: Option<Defect>,
}

/// The case of a seed.
pub(crate) fn drawn(seed: u64) -> Drawn {
    let mut dice = Dice::new(seed);
    let rows = rows(&mut dice);
    let mut sketch = Sketch::new(&mut dice, rows);
    sketch.write(&mut dice);
    let mut sheet = Sheet::fill(&mut dice, &sketch, rows);
    let mut plan = std::mem::take(&mut sketch.toml);
    let defect = if dice.chance(8) {
        defect::put_in(&mut dice, &sketch, &mut plan, &mut sheet)
    } else {
        None
    };
    Drawn {
        plan,
        claims: sheet.csv(&mut dice),
        defect,
    }
}

/// The plan and the claims file of a seed.
pub(crate) fn case(seed: u64) -> (String, String) {
    let drawn = drawn(seed);
    (drawn.plan, drawn.claims)
}

fn rows(dice: &mut Dice) -> usize {
    let most = *dice.pick(&[4, 12, 25, 60]);
    1 + dice.below(most) as usize
}

#[test]
fn a_case_follows_from_its_seed() {
    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));
}
