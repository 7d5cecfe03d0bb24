//! One equation for every pool.
//!
//! A pool holds P. At rate λ a participant with weight w, offset o, lower
//! limit a and upper limit b receives
//!
//! ```text
//! x(λ) = min(b, max(a, λ·w − o))
//! ```
//!
//! and X(λ), the sum over all participants, does not fall as λ grows. The rate
//! is the smallest λ of the allowed range with X(λ) = P. Equal shares, pro
//! rata, fixed amounts reduced pro rata, ceilings, minimum payments and the
//! rising tide are all this.
//!
//! X is made of straight pieces, which meet where somebody leaves the lower
//! limit or reaches the upper one. The search keeps an interval that holds the
//! rate, asks for X at the middle one of the breakpoints inside it, and halves
//! their number; when none is left, X is a straight line there and the rate a
//! single division. That takes time proportional to the participants.
//!
//! All numbers are integers in scaled units; [`Whole`] is `i128` where a bound
//! shows that nothing can overflow, and a big integer otherwise.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive};

/// An integer that the equation is solved in.
pub trait Whole:
    Integer + Signed + Clone + From<i128> + From<u64> + Into<BigInt> + ToPrimitive
{
    /// The big integer in this form, if it can hold it.
    fn from_big(number: BigInt) -> Option<Self>;

    /// The product.
    #[must_use]
    fn times(&self, other: &Self) -> Self {
        self.clone() * other.clone()
    }

    /// How many times the other, which is above 0, is in this, which is not
    /// negative, and what is left.
    fn cut(&self, other: &Self) -> (Self, Self) {
        self.div_mod_floor(other)
    }

    /// The number without so many of its last bits.
    #[must_use]
    fn front(&self, ignored_bits: u32) -> Self;
}
impl Whole for BigInt {
    fn from_big(number: BigInt) -> Option<Self> {
        Some(number)
    }

    fn front(&self, ignored_bits: u32) -> Self {
        self >> ignored_bits
    }
}
impl Whole for i128 {
    fn from_big(number: BigInt) -> Option<Self> {
        number.to_i128()
    }

    fn times(&self, other: &Self) -> Self {
        // Most numbers are small, and the product of two small ones needs no
        // look for an overflow.
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

/// So many claimants who all receive the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant<T> {
    /// How many they are.
    pub count: u64,
    /// Shares or award; more than 0.
    pub weight: T,
    /// What they have already received; not negative.
    pub offset: T,
    /// The least that each receives; not negative.
    pub low: T,
    /// The most that each receives; not under `low`.
    pub high: Option<T>,
}

/// Those who share a pool, by number from 0.
pub trait Participants<T> {
    /// How many entries there are.
    fn entries(&self) -> usize;
    /// The entry of this number.
    fn get(&self, number: usize) -> Participant<T>;
}

/// The rates that a pool may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range<T: Clone + Integer> {
    /// The lowest.
    pub lowest: Ratio<T>,
    /// The highest; `None` is without limit.
    pub highest: Option<Ratio<T>>,
}

/// What solves a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Solution<T: Clone + Integer> {
    /// Everybody receives x(rate).
    Rate(Ratio<T>),
    /// There is no limit to the rate, and everybody receives the upper limit.
    AllAtUpperLimit,
    /// Even at the lowest rate the payments need this much, which is more than
    /// the pool holds.
    Needs(T),
}

/// Where a participant stands at a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// At the lower limit.
    Low,
    /// Between the limits, on the slope λ·w − o.
    Slope,
    /// At the upper limit.
    High,
}

impl<T: Whole> Participant<T> {
    /// Above this rate the participant is off the lower limit.
    fn start(&self) -> (T, T) {
        (self.low.clone() + self.offset.clone(), self.weight.clone())
    }

    /// From this rate on the participant is at the upper limit.
    fn end(&self) -> Option<(T, T)> {
        let high = self.high.clone()?;
        Some((high + self.offset.clone(), self.weight.clone()))
    }

    /// Where the participant stands at a rate. At a breakpoint both pieces
    /// give the same, and the limit is reported.
    pub fn piece(&self, rate: &Ratio<T>) -> Piece {
        if self
            .end()
            .is_some_and(|end| compare(&end, rate) != Ordering::Greater)
        {
            Piece::High
        } else if compare(&self.start(), rate) == Ordering::Less {
            Piece::Slope
        } else {
            Piece::Low
        }
    }
}

/// Compares a breakpoint, a fraction with a denominator above 0, with a rate.
fn compare<T: Whole>(breakpoint: &(T, T), rate: &Ratio<T>) -> Ordering {
    let (above, below) = breakpoint;
    above.times(rate.denom()).cmp(&rate.numer().times(below))
}

/// X on an interval where it is a straight line: `constant + slope·λ`.
#[derive(Debug, Clone)]
struct Line<T> {
    constant: T,
    slope: T,
}

impl<T: Whole> Line<T> {
    fn flat() -> Self {
        Self {
            constant: T::zero(),
            slope: T::zero(),
        }
    }

    fn add(&mut self, participant: &Participant<T>, piece: Piece) {
        let count = T::from(participant.count);
        let constant = match (piece, &participant.high) {
            (Piece::Low, _) => participant.low.clone(),
            (Piece::High, Some(high)) => high.clone(),
            (Piece::Slope | Piece::High, _) => {
                self.slope = self.slope.clone() + count.times(&participant.weight);
                T::zero() - participant.offset.clone()
            }
        };
        self.constant = self.constant.clone() + count.times(&constant);
    }

    /// How X at this rate compares with an amount.
    fn compare(&self, rate: &Ratio<T>, money: &T) -> Ordering {
        let value = self.constant.clone() * rate.denom().clone()
            + self.slope.clone() * rate.numer().clone();
        value.cmp(&(money.clone() * rate.denom().clone()))
    }

    /// X at this rate, rounded up.
    fn ceiling(&self, rate: &Ratio<T>) -> T {
        let value = self.constant.clone() * rate.denom().clone()
            + self.slope.clone() * rate.numer().clone();
        value.div_ceil(rate.denom())
    }

    /// The rate at which X is this amount; the slope is not 0.
    fn rate(&self, money: &T) -> Ratio<T> {
        Ratio::new(money.clone() - self.constant.clone(), self.slope.clone())
    }
}

/// X at one rate, as a line through it.
fn line_at<T: Whole>(participants: &impl Participants<T>, rate: &Ratio<T>) -> Line<T> {
    let mut line = Line::flat();
    for number in 0..participants.entries() {
        let participant = participants.get(number);
        line.add(&participant, participant.piece(rate));
    }
    line
}

/// Finds the rate of a pool that holds `money` and has participants.
pub fn solve<T: Whole>(
    participants: &impl Participants<T>,
    money: &T,
    range: &Range<T>,
) -> Solution<T> {
    let at_lowest = line_at(participants, &range.lowest);
    let lowest = at_lowest.compare(&range.lowest, money);
    if lowest == Ordering::Greater {
        return Solution::Needs(at_lowest.ceiling(&range.lowest));
    }
    match &range.highest {
        Some(highest) => {
            let at_highest = line_at(participants, highest);
            if at_highest.compare(highest, money) != Ordering::Greater {
                return Solution::Rate(highest.clone());
            }
        }
        None => {
            if sum_of_upper_limits(participants).is_some_and(|sum| sum <= *money) {
                return Solution::AllAtUpperLimit;
            }
        }
    }
    if lowest == Ordering::Equal {
        // No smaller rate is allowed.
        return Solution::Rate(range.lowest.clone());
    }
    Search::new(participants, range).run(participants, money)
}

fn sum_of_upper_limits<T: Whole>(participants: &impl Participants<T>) -> Option<T> {
    let mut sum = T::zero();
    for number in 0..participants.entries() {
        let participant = participants.get(number);
        sum = sum + T::from(participant.count) * participant.high?;
    }
    Some(sum)
}

/// The search for the rate. Always X(`low`) < P ≤ X(`high`).
struct Search<T: Clone + Integer> {
    low: Ratio<T>,
    high: Option<Ratio<T>>,
    /// The participants that have no breakpoint left in the interval.
    settled: Line<T>,
    /// The numbers of the others.
    open: Vec<u32>,
}

/// What becomes of the open participants if a rate becomes one end of the
/// interval.
struct Half<T> {
    settled: Line<T>,
    open: Vec<u32>,
}

/// How many open participants are asked for a breakpoint near the middle.
const ASKED: usize = 1 << 10;

impl<T: Whole> Search<T> {
    fn new(participants: &impl Participants<T>, range: &Range<T>) -> Self {
        let mut search = Self {
            low: range.lowest.clone(),
            high: range.highest.clone(),
            settled: Line::flat(),
            open: Vec::new(),
        };
        for number in 0..participants.entries() {
            let participant = participants.get(number);
            match search.settle(&participant) {
                Some(piece) => search.settled.add(&participant, piece),
                None => search.open.extend(u32::try_from(number).ok()),
            }
        }
        search
    }

    fn run(mut self, participants: &impl Participants<T>, money: &T) -> Solution<T> {
        let mut asked = ASKED;
        while !self.open.is_empty() {
            let middle = self.middle_breakpoint(participants, asked);
            let before = self.open.len();
            self.halve(participants, money, middle);
            // A few stand for all, unless that once led far from the middle.
            asked = if self.open.len() > before - before / 8 {
                usize::MAX
            } else {
                ASKED
            };
        }
        Solution::Rate(self.settled.rate(money))
    }

    /// Lets a breakpoint become the end of the interval that it bounds.
    fn halve(&mut self, participants: &impl Participants<T>, money: &T, middle: Ratio<T>) {
        let mut line = self.settled.clone();
        let mut below = Half {
            settled: self.settled.clone(),
            open: Vec::new(),
        };
        let mut above = Half {
            settled: self.settled.clone(),
            open: Vec::new(),
        };
        for &number in &self.open {
            let participant = participants.get(index(number));
            let start = participant.start();
            let end = participant.end();
            let start_at = compare(&start, &middle);
            let end_at = end
                .as_ref()
                .map_or(Ordering::Greater, |end| compare(end, &middle));
            let piece = match (start_at, end_at) {
                (_, Ordering::Less | Ordering::Equal) => Piece::High,
                (Ordering::Less, _) => Piece::Slope,
                _ => Piece::Low,
            };
            line.add(&participant, piece);
            // Where it stands just under and just over the middle, if no
            // other breakpoint of it lies inside that half.
            let start_inside = self.place(&start) == Ordering::Equal;
            let end_inside = end
                .as_ref()
                .is_some_and(|end| self.place(end) == Ordering::Equal);
            let under = (start_inside && start_at == Ordering::Less)
                || (end_inside && end_at == Ordering::Less);
            let over = (start_inside && start_at == Ordering::Greater)
                || (end_inside && end_at == Ordering::Greater);
            below.take(
                number,
                &participant,
                under,
                match (start_at, end_at) {
                    (_, Ordering::Less) => Piece::High,
                    (Ordering::Less, _) => Piece::Slope,
                    _ => Piece::Low,
                },
            );
            above.take(
                number,
                &participant,
                over,
                match (start_at, end_at) {
                    (Ordering::Greater, _) => Piece::Low,
                    (_, Ordering::Greater) => Piece::Slope,
                    _ => Piece::High,
                },
            );
        }
        let half = if line.compare(&middle, money) == Ordering::Less {
            self.low = middle;
            above
        } else {
            self.high = Some(middle);
            below
        };
        self.settled = half.settled;
        self.open = half.open;
    }

    /// The one piece on which the participant stands in the whole interval.
    fn settle(&self, participant: &Participant<T>) -> Option<Piece> {
        let starts = self.place(&participant.start());
        let ends = match participant.end() {
            Some(end) => self.place(&end),
            None => Ordering::Greater,
        };
        match (starts, ends) {
            (Ordering::Greater, _) => Some(Piece::Low),
            (_, Ordering::Less) => Some(Piece::High),
            (Ordering::Less, Ordering::Greater) => Some(Piece::Slope),
            _ => None,
        }
    }

    /// Whether a breakpoint lies at or under the interval, inside, or at or
    /// above it.
    fn place(&self, breakpoint: &(T, T)) -> Ordering {
        if compare(breakpoint, &self.low) != Ordering::Greater {
            Ordering::Less
        } else if self
            .high
            .as_ref()
            .is_some_and(|high| compare(breakpoint, high) != Ordering::Less)
        {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }

    /// The middle one of the breakpoints inside the interval, or of those of
    /// some participants when there are many. There is one as long as somebody
    /// is not settled.
    fn middle_breakpoint(&self, participants: &impl Participants<T>, asked: usize) -> Ratio<T> {
        let step = (self.open.len() / asked).max(1);
        let mut inside: Vec<(T, T)> = Vec::new();
        for &number in self.open.iter().step_by(step) {
            let participant = participants.get(index(number));
            let both = [Some(participant.start()), participant.end()];
            inside.extend(
                both.into_iter()
                    .flatten()
                    .filter(|b| self.place(b) == Ordering::Equal),
            );
        }
        let middle = inside.len() / 2;
        let (_, (above, below), _) =
            inside.select_nth_unstable_by(middle, |a, b| a.0.times(&b.1).cmp(&b.0.times(&a.1)));
        Ratio::new(above.clone(), below.clone())
    }
}

impl<T: Whole> Half<T> {
    fn take(&mut self, number: u32, participant: &Participant<T>, open: bool, piece: Piece) {
        if open {
            self.open.push(number);
        } else {
            self.settled.add(participant, piece);
        }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Participants<i128> for Vec<Participant<i128>> {
        fn entries(&self) -> usize {
            self.len()
        }
        fn get(&self, number: usize) -> Participant<i128> {
            self.as_slice().get(number).cloned().expect("in range")
        }
    }

    fn one(weight: i128, offset: i128, low: i128, high: Option<i128>) -> Participant<i128> {
        Participant {
            count: 1,
            weight,
            offset,
            low,
            high,
        }
    }

    fn unlimited() -> Range<i128> {
        Range {
            lowest: Ratio::from_integer(0),
            highest: None,
        }
    }

    #[test]
    fn without_limits_the_rate_is_money_by_weight() {
        let shares = vec![one(1, 0, 0, None), one(6, 0, 0, None)];
        assert_eq!(
            solve(&shares, &100, &unlimited()),
            Solution::Rate(Ratio::new(100, 7))
        );
    }

    #[test]
    fn water_fills_under_ceilings() {
        let capped: Vec<_> = [7, 20, 23, 51, 299]
            .map(|cap| one(1, 0, 0, Some(cap)))
            .into();
        assert_eq!(
            solve(&capped, &100, &unlimited()),
            Solution::Rate(Ratio::from_integer(25))
        );
        assert_eq!(
            solve(&capped, &400, &unlimited()),
            Solution::AllAtUpperLimit
        );
        assert_eq!(
            solve(&capped, &0, &unlimited()),
            Solution::Rate(Ratio::from_integer(0))
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
            Solution::Rate(Ratio::from_integer(300))
        );
    }

    #[test]
    fn minimums_that_need_more_than_there_is_are_reported() {
        let minimums = vec![one(1, 0, 60, None), one(1, 0, 50, None)];
        assert_eq!(solve(&minimums, &100, &unlimited()), Solution::Needs(110));
    }

    #[test]
    fn an_award_pool_stops_at_its_highest_rate() {
        let awards = vec![one(100, 0, 0, None), one(50, 0, 0, None)];
        let range = Range {
            lowest: Ratio::from_integer(0),
            highest: Some(Ratio::from_integer(1)),
        };
        assert_eq!(
            solve(&awards, &500, &range),
            Solution::Rate(Ratio::from_integer(1))
        );
        assert_eq!(
            solve(&awards, &100, &range),
            Solution::Rate(Ratio::new(2, 3))
        );
    }
}
