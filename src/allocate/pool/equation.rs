//! One equation for every pool.
//!
//! A pool holds P. At rate λ a participant with weight w, offset o, lower limit a
//! and upper limit b receives
//!
//! ```text
//! x(λ) = min(b, max(a, λ·w − o))
//! ```
//!
//! and X(λ), the sum over all participants, does not decrease as λ grows. The rate
//! is the smallest λ of the allowed range with X(λ) = P. Equal shares, pro rata
//! division, fixed amounts reduced pro rata, maximums, minimum payments and the
//! rising tide are all special cases.
//!
//! X is piecewise linear. Pieces meet where a participant leaves the lower limit or
//! reaches the upper one; `search` finds the piece that holds the rate.
//!
//! All numbers are integers in scaled units: `i128` if a bound shows that nothing
//! can overflow, and a big integer otherwise.

mod search;

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive};

use crate::allocate::pool::equation::search::Search;
use crate::base::parallel;

/// An integer type in which the equation is solved.
pub trait EquationInteger:
    Integer + Signed + Clone + Send + Sync + From<i128> + From<u64> + Into<BigInt> + ToPrimitive
{
    /// Converts a big integer, or returns `None` if it does not fit.
    fn from_big(number: BigInt) -> Option<Self>;

    #[must_use]
    fn times(&self, other: &Self) -> Self {
        self.clone() * other.clone()
    }

    /// Quotient and remainder. `other` is greater than 0, and `self` is not
    /// negative.
    fn cut(&self, other: &Self) -> (Self, Self) {
        self.div_mod_floor(other)
    }

    /// The number without its last `ignored_bits` bits.
    #[must_use]
    fn front(&self, ignored_bits: u32) -> Self;
}
impl EquationInteger for BigInt {
    fn from_big(number: BigInt) -> Option<Self> {
        Some(number)
    }

    fn front(&self, ignored_bits: u32) -> Self {
        self >> ignored_bits
    }
}
impl EquationInteger for i128 {
    fn from_big(number: BigInt) -> Option<Self> {
        number.to_i128()
    }

    fn times(&self, other: &Self) -> Self {
        // Most numbers are small, and the product of two small ones cannot
        // overflow.
        match (i64::try_from(*self), i64::try_from(*other)) {
            (Ok(a), Ok(b)) => Self::from(a) * Self::from(b),
            _ => self * other,
        }
    }

    fn cut(&self, other: &Self) -> (Self, Self) {
        if let (Ok(a), Ok(b)) = (u64::try_from(*self), u64::try_from(*other)) {
            return (Self::from(a / b), Self::from(a % b));
        }
        let units = self / other;
        (units, self - units * other)
    }

    fn front(&self, ignored_bits: u32) -> Self {
        self >> ignored_bits
    }
}

/// Claimants with equal payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EquationTerm<T> {
    /// The number of claimants.
    pub count: u64,
    /// Shares or award; greater than 0.
    pub weight: T,
    /// The amount already received; not negative.
    pub offset: T,
    /// The minimum for each; not negative.
    pub low: T,
    /// The maximum for each; at least `low`.
    pub high: Option<T>,
}

/// The participants of a pool, by index.
pub trait EquationTerms<T>: Sync {
    /// The number of indexes.
    fn entries(&self) -> usize;
    /// The participant with this index, if it participates.
    fn get(&self, number: usize) -> Option<EquationTerm<T>>;
    /// The number of threads that process them.
    fn threads(&self) -> usize;
}

/// The permitted rates of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateBounds<T: Clone + Integer> {
    pub lowest: Ratio<T>,
    /// The highest rate; `None` if there is no limit.
    pub highest: Option<Ratio<T>>,
}

/// The solution of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateSolution<T: Clone + Integer> {
    /// Each participant receives x(rate).
    Rate(Ratio<T>),
    /// The rate is unlimited, and each participant receives its upper limit.
    AllAtUpperLimit,
    /// Even at the lowest rate, the payments require this amount, which exceeds the
    /// pool.
    Needs(T),
}

/// The position of a participant relative to its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitState {
    Low,
    /// Between the limits, on the slope λ·w − o.
    Slope,
    High,
}

impl<T: EquationInteger> EquationTerm<T> {
    /// Above this rate, the participant is off the lower limit.
    fn start(&self) -> (T, T) {
        (self.low.clone() + self.offset.clone(), self.weight.clone())
    }

    /// From this rate on, the participant is at the upper limit.
    fn end(&self) -> Option<(T, T)> {
        let high = self.high.clone()?;
        Some((high + self.offset.clone(), self.weight.clone()))
    }

    /// The position of the participant at a rate. At a breakpoint both pieces are
    /// equal, and the limit is reported.
    pub fn piece(&self, rate: &Ratio<T>) -> LimitState {
        let reached = rate.numer().times(&self.weight);
        let needed = |limit: &T| (limit.clone() + self.offset.clone()).times(rate.denom());
        if self
            .high
            .as_ref()
            .is_some_and(|high| needed(high) <= reached)
        {
            LimitState::High
        } else if needed(&self.low) < reached {
            LimitState::Slope
        } else {
            LimitState::Low
        }
    }

    /// x at a rate, times the denominator of the rate.
    pub fn payment(&self, rate: &Ratio<T>) -> T {
        let parts = |limit: &T| limit.times(rate.denom());
        let slope = rate.numer().times(&self.weight) - parts(&self.offset);
        let raised = slope.max(parts(&self.low));
        match &self.high {
            Some(high) => raised.min(parts(high)),
            None => raised,
        }
    }
}

/// Compares a breakpoint, a fraction with positive denominator, with a rate.
fn compare<T: EquationInteger>(breakpoint: &(T, T), rate: &Ratio<T>) -> Ordering {
    let (above, below) = breakpoint;
    above.times(rate.denom()).cmp(&rate.numer().times(below))
}

/// X on an interval where it is linear: `constant + slope·λ`.
#[derive(Debug, Clone)]
struct LinearPiece<T> {
    constant: T,
    slope: T,
}

impl<T: EquationInteger> LinearPiece<T> {
    fn flat() -> Self {
        Self {
            constant: T::zero(),
            slope: T::zero(),
        }
    }

    /// Adds the payments of other participants.
    fn join(&mut self, other: &Self) {
        self.constant = self.constant.clone() + other.constant.clone();
        self.slope = self.slope.clone() + other.slope.clone();
    }

    fn add(&mut self, participant: &EquationTerm<T>, piece: LimitState) {
        let count = T::from(participant.count);
        let constant = match (piece, &participant.high) {
            (LimitState::Low, _) => participant.low.clone(),
            (LimitState::High, Some(high)) => high.clone(),
            (LimitState::Slope | LimitState::High, _) => {
                self.slope = self.slope.clone() + count.times(&participant.weight);
                T::zero() - participant.offset.clone()
            }
        };
        self.constant = self.constant.clone() + count.times(&constant);
    }

    /// Compares X at this rate with an amount.
    fn compare(&self, rate: &Ratio<T>, money: &T) -> Ordering {
        let value = self.constant.clone() * rate.denom().clone()
            + self.slope.clone() * rate.numer().clone();
        value.cmp(&(money.clone() * rate.denom().clone()))
    }

    fn ceiling(&self, rate: &Ratio<T>) -> T {
        let value = self.constant.clone() * rate.denom().clone()
            + self.slope.clone() * rate.numer().clone();
        value.div_ceil(rate.denom())
    }

    /// The rate at which X is this amount; the slope must not be 0.
    fn rate(&self, money: &T) -> Ratio<T> {
        Ratio::new(money.clone() - self.constant.clone(), self.slope.clone())
    }
}

/// X at one rate, as a line through that point.
fn line_at<T: EquationInteger>(
    participants: &impl EquationTerms<T>,
    rate: &Ratio<T>,
) -> LinearPiece<T> {
    let mut all = LinearPiece::flat();
    parallel::by_range(
        participants.threads(),
        participants.entries(),
        |range| {
            let mut line = LinearPiece::flat();
            for participant in range.filter_map(|number| participants.get(number)) {
                line.add(&participant, participant.piece(rate));
            }
            line
        },
        |line| all.join(&line),
    );
    all
}

/// Finds the rate of a pool with `money` and at least one participant.
pub fn solve<T: EquationInteger>(
    participants: &impl EquationTerms<T>,
    money: &T,
    range: &RateBounds<T>,
) -> RateSolution<T> {
    match search::near(participants, money, range) {
        Some(search) => RateSolution::Rate(search.run(participants, money)),
        None => solve_in(participants, money, range),
    }
}

/// Finds the rate without an initial guess.
fn solve_in<T: EquationInteger>(
    participants: &impl EquationTerms<T>,
    money: &T,
    range: &RateBounds<T>,
) -> RateSolution<T> {
    let at_lowest = line_at(participants, &range.lowest);
    let lowest = at_lowest.compare(&range.lowest, money);
    if lowest == Ordering::Greater {
        return RateSolution::Needs(at_lowest.ceiling(&range.lowest));
    }
    match &range.highest {
        Some(highest) => {
            let at_highest = line_at(participants, highest);
            if at_highest.compare(highest, money) != Ordering::Greater {
                return RateSolution::Rate(highest.clone());
            }
        }
        None => {
            if sum_of_upper_limits(participants).is_some_and(|sum| sum <= *money) {
                return RateSolution::AllAtUpperLimit;
            }
        }
    }
    if lowest == Ordering::Equal {
        // No smaller rate is allowed.
        return RateSolution::Rate(range.lowest.clone());
    }
    RateSolution::Rate(Search::new(participants, range).run(participants, money))
}

/// `None` if any participant has no upper limit.
fn sum_of_upper_limits<T: EquationInteger>(participants: &impl EquationTerms<T>) -> Option<T> {
    let mut all = Some(T::zero());
    parallel::by_range(
        participants.threads(),
        participants.entries(),
        |range| {
            let mut participants = range.filter_map(|number| participants.get(number));
            participants.try_fold(T::zero(), |sum, participant| {
                Some(sum + T::from(participant.count).times(&participant.high?))
            })
        },
        |sum| all = all.take().zip(sum).map(|(all, sum)| all + sum),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    impl EquationTerms<i128> for Vec<EquationTerm<i128>> {
        fn entries(&self) -> usize {
            self.len()
        }
        fn get(&self, number: usize) -> Option<EquationTerm<i128>> {
            self.as_slice().get(number).cloned()
        }
        fn threads(&self) -> usize {
            3
        }
    }

    fn one(weight: i128, offset: i128, low: i128, high: Option<i128>) -> EquationTerm<i128> {
        EquationTerm {
            count: 1,
            weight,
            offset,
            low,
            high,
        }
    }

    fn unlimited() -> RateBounds<i128> {
        RateBounds {
            lowest: Ratio::from_integer(0),
            highest: None,
        }
    }

    #[test]
    fn without_limits_the_rate_is_money_by_weight() {
        let shares = vec![one(1, 0, 0, None), one(6, 0, 0, None)];
        assert_eq!(
            solve(&shares, &100, &unlimited()),
            RateSolution::Rate(Ratio::new(100, 7))
        );
    }

    #[test]
    fn water_fills_under_ceilings() {
        let capped: Vec<_> = [7, 20, 23, 51, 299]
            .map(|cap| one(1, 0, 0, Some(cap)))
            .into();
        assert_eq!(
            solve(&capped, &100, &unlimited()),
            RateSolution::Rate(Ratio::from_integer(25))
        );
        assert_eq!(
            solve(&capped, &400, &unlimited()),
            RateSolution::AllAtUpperLimit
        );
        assert_eq!(
            solve(&capped, &0, &unlimited()),
            RateSolution::Rate(Ratio::from_integer(0))
        );
    }

    #[test]
    fn a_rising_tide_lifts_those_who_received_least() {
        let tide = vec![
            one(150, 60_000, 0, None),
            one(150, 30_000, 0, None),
            one(150, 0, 0, None),
        ];
        assert_eq!(
            solve(&tide, &60_000, &unlimited()),
            RateSolution::Rate(Ratio::from_integer(300))
        );
    }

    #[test]
    fn minimums_that_need_more_than_there_is_are_reported() {
        let minimums = vec![one(1, 0, 60, None), one(1, 0, 50, None)];
        assert_eq!(
            solve(&minimums, &100, &unlimited()),
            RateSolution::Needs(110)
        );
        // 21/4 − 2 and 60 at three quarters.
        let reduced = vec![one(7, 2, 0, None), one(1, 0, 60, None)];
        let range = RateBounds {
            lowest: Ratio::new(3, 4),
            highest: None,
        };
        assert_eq!(solve(&reduced, &63, &range), RateSolution::Needs(64));
    }

    #[test]
    fn where_two_pieces_meet_the_limit_is_reported() {
        let limited = one(2, 3, 5, Some(9));
        let piece = |rate| limited.piece(&Ratio::from_integer(rate));
        let pieces = [3, 4, 5, 6, 7].map(piece);
        let (low, high) = (LimitState::Low, LimitState::High);
        assert_eq!(pieces, [low, low, LimitState::Slope, high, high]);
    }

    /// A pseudorandom number.
    fn mix(number: i128) -> i128 {
        (number * 0x9e37_79b9_7f4a_7c15 % 0xffff_ffff_ffff) >> 16
    }

    #[test]
    fn a_guess_changes_nothing() {
        const MANY: i128 = 70_000;
        let pools: [fn(i128) -> EquationTerm<i128>; 6] = [
            // Different maximums, minimums and offsets.
            |n| {
                one(
                    1 + mix(n) % 10_000,
                    mix(n + 1) % 900,
                    mix(n + 2) % 90,
                    Some(90 + mix(n + 3) % 9000),
                )
            },
            // Awards with one maximum, and with none.
            |n| one(1 + mix(n) % 1_000_000, 0, 0, Some(90_000)),
            |n| one(1 + mix(n) % 1_000_000, 0, 0, None),
            // In ascending order, with a few larger than all others together.
            |n| {
                one(
                    1 + n * n * n / 1_000_000,
                    0,
                    5,
                    Some(1_000_000 / (n + 1) + 5),
                )
            },
            // All equal.
            |_| one(3, 7, 0, Some(600)),
            // Participants that the sample does not represent.
            |n| one(if n % 24 == 0 { 1 } else { 5000 }, 0, 0, Some(n)),
        ];
        let ranges = [None, Some(Ratio::from_integer(1)), Some(Ratio::new(1, 20))].map(|highest| {
            RateBounds {
                lowest: Ratio::from_integer(0),
                highest,
            }
        });
        let mut guesses = 0;
        for pool in pools {
            let pool: Vec<_> = (0..MANY).map(pool).collect();
            for money in [0, 7_000_000, 60_000_000, 500_000_000] {
                for range in &ranges {
                    guesses += u32::from(search::near(&pool, &money, range).is_some());
                    assert_eq!(solve(&pool, &money, range), solve_in(&pool, &money, range));
                }
            }
        }
        assert!(guesses > 16, "only {guesses} guesses were right");
    }

    #[test]
    fn an_award_pool_stops_at_its_highest_rate() {
        let awards = vec![one(100, 0, 0, None), one(50, 0, 0, None)];
        let range = RateBounds {
            lowest: Ratio::from_integer(0),
            highest: Some(Ratio::from_integer(1)),
        };
        assert_eq!(
            solve(&awards, &500, &range),
            RateSolution::Rate(Ratio::from_integer(1))
        );
        assert_eq!(
            solve(&awards, &100, &range),
            RateSolution::Rate(Ratio::new(2, 3))
        );
    }
}
