//! The search for the rate.
//!
//! It keeps an interval that contains the rate, evaluates X at the median of the
//! breakpoints inside it, and halves their number. When none is left, X is linear
//! in the interval, and the rate is a single division. The time is proportional to
//! the number of participants.
//!
//! For many participants, a sample first suggests an interval. If X confirms it,
//! most breakpoints are read only once.

use std::cmp::Ordering;

use num_integer::Integer;
use num_rational::Ratio;

use crate::allocate::pool::equation::{
    EquationInteger, EquationTerm, EquationTerms, LimitState, LinearPiece, RateBounds,
    RateSolution, compare, solve_in,
};
use crate::base::diagnostics::OrBug;
use crate::base::parallel;

/// The number of open participants sampled for a breakpoint near the median.
const ASKED: usize = 1 << 10;

/// The size of the sample that suggests an interval.
const FEW: usize = 1 << 12;
const MANY: usize = 1 << 16;

const MISSING: &str = "a participant of a pool is missing";

/// An interval that contains the rate: always X(`lowest`) < P <= X(`highest`).
pub(super) struct Search<T: Clone + Integer> {
    within: RateBounds<T>,
    /// The positions of participants in the interval.
    state: IntervalPart<T>,
}

/// Participants in an interval.
struct IntervalPart<T> {
    /// Participants without a breakpoint inside.
    settled: LinearPiece<T>,
    /// The indexes of the others.
    open: Vec<u32>,
}

/// Both halves of participants, for a rate that becomes one end of the interval.
struct Halves<T> {
    /// X at that rate.
    line: LinearPiece<T>,
    /// The part if the rate becomes the upper end.
    below: IntervalPart<T>,
    /// The part if the rate becomes the lower end.
    above: IntervalPart<T>,
}

/// A regular sample of participants.
struct ParticipantSample<'a, P> {
    all: &'a P,
    step: usize,
}

impl<T: EquationInteger, P: EquationTerms<T>> EquationTerms<T> for ParticipantSample<'_, P> {
    fn entries(&self) -> usize {
        self.all.entries() / self.step
    }

    fn get(&self, number: usize) -> Option<EquationTerm<T>> {
        self.all.get(number * self.step)
    }

    fn threads(&self) -> usize {
        1
    }
}

/// A search in a small interval, if there are many participants and X confirms the
/// interval that the sample suggests.
pub(super) fn near<T: EquationInteger>(
    participants: &impl EquationTerms<T>,
    money: &T,
    range: &RateBounds<T>,
) -> Option<Search<T>> {
    if participants.entries() < MANY {
        return None;
    }
    let few = ParticipantSample {
        all: participants,
        step: participants.entries() / FEW,
    };
    let search = Search::new(participants, &guess(&few, money, range)?);
    search.is_around(participants, money).then_some(search)
}

/// An interval that probably contains the rate: a sixteenth of the breakpoints of a
/// sample, around the rate at which the sample would receive its part of the money.
/// Its ends are breakpoints, so numbers grow no larger than in a search without a
/// guess.
fn guess<T: EquationInteger>(
    few: &ParticipantSample<'_, impl EquationTerms<T>>,
    money: &T,
    range: &RateBounds<T>,
) -> Option<RateBounds<T>> {
    let part = money.clone() / T::from(u64::try_from(few.step).ok()?);
    let RateSolution::Rate(rate) = solve_in(few, &part, range) else {
        return None;
    };
    let everywhere = Search {
        within: range.clone(),
        state: IntervalPart::empty(),
    };
    let few = (0..few.entries()).filter_map(|number| few.get(number));
    let mut inside: Vec<(T, T)> = few
        .flat_map(|participant| everywhere.inside(&participant))
        .collect();
    inside.sort_unstable_by(in_order);
    let place = inside.partition_point(|breakpoint| compare(breakpoint, &rate) == Ordering::Less);
    let margin = inside.len() / 32;
    let at = |place: usize| inside.get(place).map(|(above, below)| ratio(above, below));
    let below = place.checked_sub(margin + 1).and_then(at);
    Some(RateBounds {
        lowest: below.unwrap_or_else(|| range.lowest.clone()),
        highest: Some(at(place + margin).or_else(|| range.highest.clone())?),
    })
}

impl<T: EquationInteger> Search<T> {
    /// A search in an interval.
    pub(super) fn new(participants: &impl EquationTerms<T>, within: &RateBounds<T>) -> Self {
        let mut search = Self {
            within: within.clone(),
            state: IntervalPart::empty(),
        };
        let mut state = IntervalPart::empty();
        parallel::by_range(
            participants.threads(),
            participants.entries(),
            |range| {
                let mut part = IntervalPart::empty();
                for number in range {
                    if let Some(participant) = participants.get(number) {
                        part.take(number, &participant, search.settle(&participant));
                    }
                }
                part
            },
            |part| state.join(part),
        );
        search.state = state;
        search
    }

    /// True if the rate is inside: X(`lowest`) < P < X(`highest`).
    fn is_around(&self, participants: &impl EquationTerms<T>, money: &T) -> bool {
        let Some(highest) = &self.within.highest else {
            return false;
        };
        let ends = [&self.within.lowest, highest];
        let mut lines = ends.map(|_| self.state.settled.clone());
        parallel::by_range(
            participants.threads(),
            self.state.open.len(),
            |range| {
                let mut lines = ends.map(|_| LinearPiece::flat());
                let open = self.state.open.get(range).or_bug(MISSING);
                for &number in open {
                    let participant = participants.get(index(number)).or_bug(MISSING);
                    for (line, rate) in lines.iter_mut().zip(ends) {
                        line.add(&participant, participant.piece(rate));
                    }
                }
                lines
            },
            |part| {
                for (line, part) in lines.iter_mut().zip(&part) {
                    line.join(part);
                }
            },
        );
        let [below, above] = lines;
        below.compare(&self.within.lowest, money) == Ordering::Less
            && above.compare(highest, money) == Ordering::Greater
    }

    pub(super) fn run(mut self, participants: &impl EquationTerms<T>, money: &T) -> Ratio<T> {
        let mut asked = ASKED;
        while !self.state.open.is_empty() {
            let middle = self.middle_breakpoint(participants, asked);
            let before = self.state.open.len();
            self.halve(participants, money, middle);
            // A sample represents all, unless it was once far from the median.
            asked = if self.state.open.len() > before - before / 8 {
                usize::MAX
            } else {
                ASKED
            };
        }
        self.state.settled.rate(money)
    }

    /// Makes a breakpoint an end of the interval.
    fn halve(&mut self, participants: &impl EquationTerms<T>, money: &T, middle: Ratio<T>) {
        let mut all = Halves {
            line: self.state.settled.clone(),
            below: IntervalPart::of(self.state.settled.clone()),
            above: IntervalPart::of(self.state.settled.clone()),
        };
        parallel::by_range(
            participants.threads(),
            self.state.open.len(),
            |range| {
                let open = self.state.open.get(range).or_bug(MISSING);
                self.halves(participants, &middle, open)
            },
            |part| {
                all.line.join(&part.line);
                all.below.join(part.below);
                all.above.join(part.above);
            },
        );
        if all.line.compare(&middle, money) == Ordering::Less {
            self.within.lowest = middle;
            self.state = all.above;
        } else {
            self.within.highest = Some(middle);
            self.state = all.below;
        }
    }

    fn halves(
        &self,
        participants: &impl EquationTerms<T>,
        middle: &Ratio<T>,
        open: &[u32],
    ) -> Halves<T> {
        let mut halves = Halves {
            line: LinearPiece::flat(),
            below: IntervalPart::empty(),
            above: IntervalPart::empty(),
        };
        for number in open.iter().map(|&number| index(number)) {
            let participant = participants.get(number).or_bug(MISSING);
            let (start, end) = (participant.start(), participant.end());
            let start_at = compare(&start, middle);
            let end_at = end
                .as_ref()
                .map_or(Ordering::Greater, |end| compare(end, middle));
            let piece = match (start_at, end_at) {
                (_, Ordering::Less | Ordering::Equal) => LimitState::High,
                (Ordering::Less, _) => LimitState::Slope,
                _ => LimitState::Low,
            };
            halves.line.add(&participant, piece);
            // The positions just below and just above the middle, if no other
            // breakpoint of the participant is inside that half.
            let start_inside = self.place(&start) == Ordering::Equal;
            let end_inside = end
                .as_ref()
                .is_some_and(|end| self.place(end) == Ordering::Equal);
            let under = (start_inside && start_at == Ordering::Less)
                || (end_inside && end_at == Ordering::Less);
            let over = (start_inside && start_at == Ordering::Greater)
                || (end_inside && end_at == Ordering::Greater);
            let just_under = match (start_at, end_at) {
                (_, Ordering::Less) => LimitState::High,
                (Ordering::Less, _) => LimitState::Slope,
                _ => LimitState::Low,
            };
            let just_over = match (start_at, end_at) {
                (Ordering::Greater, _) => LimitState::Low,
                (_, Ordering::Greater) => LimitState::Slope,
                _ => LimitState::High,
            };
            let below = (!under).then_some(just_under);
            halves.below.take(number, &participant, below);
            let above = (!over).then_some(just_over);
            halves.above.take(number, &participant, above);
        }
        halves
    }

    /// The only piece that the participant has in the entire interval.
    fn settle(&self, participant: &EquationTerm<T>) -> Option<LimitState> {
        let starts = self.place(&participant.start());
        let ends = match participant.end() {
            Some(end) => self.place(&end),
            None => Ordering::Greater,
        };
        match (starts, ends) {
            (Ordering::Greater, _) => Some(LimitState::Low),
            (_, Ordering::Less) => Some(LimitState::High),
            (Ordering::Less, Ordering::Greater) => Some(LimitState::Slope),
            _ => None,
        }
    }

    /// The position of a breakpoint: at or below the interval, inside, or at or
    /// above it.
    fn place(&self, breakpoint: &(T, T)) -> Ordering {
        let highest = self.within.highest.as_ref();
        if compare(breakpoint, &self.within.lowest) != Ordering::Greater {
            Ordering::Less
        } else if highest.is_some_and(|high| compare(breakpoint, high) != Ordering::Less) {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }

    /// The breakpoints of a participant inside the interval.
    fn inside(&self, participant: &EquationTerm<T>) -> impl Iterator<Item = (T, T)> + use<T> {
        let both = [Some(participant.start()), participant.end()];
        let inside = both.map(|one| one.filter(|one| self.place(one) == Ordering::Equal));
        inside.into_iter().flatten()
    }

    /// The median of the breakpoints inside the interval, or of a sample if there
    /// are many. It exists while any participant is not settled.
    fn middle_breakpoint(&self, participants: &impl EquationTerms<T>, asked: usize) -> Ratio<T> {
        let step = (self.state.open.len() / asked).max(1);
        let some = self.state.open.iter().step_by(step);
        let mut inside: Vec<(T, T)> = some
            .map(|&number| participants.get(index(number)).or_bug(MISSING))
            .flat_map(|participant| self.inside(&participant))
            .collect();
        let middle = inside.len() / 2;
        let (_, (above, below), _) = inside.select_nth_unstable_by(middle, in_order);
        ratio(above, below)
    }
}

impl<T: EquationInteger> IntervalPart<T> {
    fn empty() -> Self {
        Self::of(LinearPiece::flat())
    }

    fn of(settled: LinearPiece<T>) -> Self {
        Self {
            settled,
            open: Vec::new(),
        }
    }

    /// Takes a participant with a single piece, or `None` if it has several.
    fn take(&mut self, number: usize, participant: &EquationTerm<T>, piece: Option<LimitState>) {
        match piece {
            Some(piece) => self.settled.add(participant, piece),
            // There are at most as many classes as such numbers.
            None => self.open.push(u32::try_from(number).ok().or_bug(MISSING)),
        }
    }

    fn join(&mut self, other: Self) {
        self.settled.join(&other.settled);
        self.open.extend(other.open);
    }
}

/// Compares breakpoints, which are fractions with positive denominators.
fn in_order<T: EquationInteger>(a: &(T, T), b: &(T, T)) -> Ordering {
    a.0.times(&b.1).cmp(&b.0.times(&a.1))
}

fn ratio<T: EquationInteger>(above: &T, below: &T) -> Ratio<T> {
    Ratio::new(above.clone(), below.clone())
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
