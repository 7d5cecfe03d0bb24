//! A column of many values, compact when nearly all of them are equal.

use crate::base::diagnostics::OrBug;

/// Number of values that may differ from the usual one before each value is stored.
const FEW: usize = 64;

const MISSING: &str = "a column has no value for a class";

/// A list of values.
#[derive(Debug, Clone)]
pub enum CompactColumn<T> {
    /// Nearly all values are equal.
    Usual {
        usual: T,
        /// The number of values.
        count: usize,
        /// The exceptions, as index and value, in ascending order of index.
        others: Vec<(usize, T)>,
    },
    /// Each value is stored.
    Each(Vec<T>),
}

impl<T> CompactColumn<T> {
    /// Applies a function to each value. The usual value is skipped if no entry has
    /// it, because the function may not apply to it; in an empty column it is the
    /// expected value and is mapped.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> CompactColumn<U> {
        match self {
            Self::Each(values) => CompactColumn::Each(values.into_iter().map(change).collect()),
            Self::Usual { count, others, .. } if count > 0 && others.len() == count => {
                let values = others.into_iter().map(|(_, value)| change(value));
                CompactColumn::Each(values.collect())
            }
            Self::Usual {
                usual,
                count,
                others,
            } => CompactColumn::Usual {
                usual: change(usual),
                count,
                others: others
                    .into_iter()
                    .map(|(place, value)| (place, change(value)))
                    .collect(),
            },
        }
    }

    /// Distinct values with their counts; a value may appear more than once.
    pub fn counted(&self) -> impl Iterator<Item = (&T, usize)> {
        let (usual, others, each) = match self {
            Self::Each(values) => (None, &[] as &[(usize, T)], values.as_slice()),
            Self::Usual {
                usual,
                count,
                others,
            } => {
                let times = count - others.len();
                let usual = (times > 0).then_some((usual, times));
                (usual, others.as_slice(), &[] as &[T])
            }
        };
        let others = others.iter().map(|(_, value)| (value, 1));
        let each = each.iter().map(|value| (value, 1));
        usual.into_iter().chain(others).chain(each)
    }
}

impl<T: Clone + PartialEq> CompactColumn<T> {
    /// An empty column that expects most values to equal `usual`.
    pub fn new(usual: T) -> Self {
        Self::of(usual, 0)
    }

    /// An empty column that expects values like those of this one.
    #[must_use]
    pub fn another(&self) -> Self {
        match self {
            Self::Each(values) => Self::Each(Vec::with_capacity(room_like(values))),
            Self::Usual { usual, .. } => Self::new(usual.clone()),
        }
    }

    /// A column of `count` equal values.
    pub fn of(usual: T, count: usize) -> Self {
        Self::Usual {
            usual,
            count,
            others: Vec::new(),
        }
    }

    /// A column of these values. `usual` becomes the usual value if few of the
    /// first values differ from it.
    fn with_usual(usual: T, values: Vec<T>) -> Self {
        let different = |(_, value): &(usize, &T)| **value != usual;
        let others = values.iter().enumerate().filter(different);
        if values.len() > 4 * FEW || others.clone().count() > FEW / 2 {
            return Self::Each(values);
        }
        Self::Usual {
            others: others
                .map(|(place, value)| (place, value.clone()))
                .collect(),
            count: values.len(),
            usual,
        }
    }

    #[inline]
    pub fn push(&mut self, value: T) {
        match self {
            Self::Each(values) => values.push(value),
            Self::Usual { usual, count, .. } if *usual == value => *count += 1,
            Self::Usual { .. } => self.push_other(value),
        }
    }

    #[cold]
    fn push_other(&mut self, value: T) {
        let place = self.count();
        if let Self::Usual { count, .. } = self {
            *count += 1;
        }
        self.set(place, value);
    }

    pub fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Usual { count: 0, .. }, other) => *self = other,
            (
                Self::Usual {
                    usual,
                    count,
                    others,
                },
                Self::Usual {
                    usual: same,
                    count: more,
                    others: new,
                },
            ) if *usual == same && others.len() + new.len() <= FEW => {
                others.extend(
                    new.into_iter()
                        .map(|(place, value)| (*count + place, value)),
                );
                *count += more;
            }
            (Self::Each(values), other) => other.move_to(values),
            // A value may be usual here although the other column did not expect
            // it.
            (Self::Usual { .. }, other) if other.count() <= 4 * FEW => {
                (0..other.count()).for_each(|place| self.push(other.at(place)));
            }
            (Self::Usual { .. }, other) => {
                let mut values = Vec::new();
                std::mem::replace(self, Self::Each(Vec::new())).move_to(&mut values);
                other.move_to(&mut values);
                *self = Self::Each(values);
            }
        }
    }

    /// The values at these indexes, which must be in ascending order and exist.
    #[must_use]
    pub fn select(&self, places: &[u32]) -> Self {
        match self {
            Self::Each(values) => {
                let at = |&place: &u32| values.get(usize::try_from(place).ok()?).cloned();
                let selected = places.iter().map(|place| at(place).or_bug(MISSING));
                Self::Each(selected.collect())
            }
            Self::Usual { usual, others, .. } => {
                if let Some(&last) = places.last() {
                    self.at(usize::try_from(last).unwrap_or(usize::MAX));
                }
                let selected = others.iter().filter_map(|(place, value)| {
                    let place = u32::try_from(*place).ok()?;
                    let at = places.binary_search(&place).ok()?;
                    Some((at, value.clone()))
                });
                Self::Usual {
                    usual: usual.clone(),
                    count: places.len(),
                    others: selected.collect(),
                }
            }
        }
    }

    pub fn count(&self) -> usize {
        match self {
            Self::Each(values) => values.len(),
            Self::Usual { count, .. } => *count,
        }
    }

    fn move_to(self, values: &mut Vec<T>) {
        match self {
            Self::Each(mut each) => values.append(&mut each),
            Self::Usual {
                usual,
                count,
                others,
            } => {
                let before = values.len();
                values.resize(before + count, usual);
                for (place, value) in others {
                    *values.get_mut(before + place).or_bug(MISSING) = value;
                }
            }
        }
    }

    /// The value at an index that must exist; never a default.
    #[inline]
    pub fn at(&self, place: usize) -> T {
        self.get(place).or_bug(MISSING)
    }

    pub fn get(&self, place: usize) -> Option<T> {
        match self {
            Self::Each(values) => values.get(place).cloned(),
            Self::Usual {
                usual,
                count,
                others,
            } => {
                // Nearly always there are no exceptions to search.
                let last = others.last().map_or(0, |(last, _)| last + 1);
                let other = (place < last)
                    .then(|| {
                        others
                            .binary_search_by_key(&place, |(place, _)| *place)
                            .ok()
                    })
                    .flatten()
                    .and_then(|found| others.get(found));
                (place < *count).then(|| other.map_or(usual, |(_, value)| value).clone())
            }
        }
    }

    /// Changes the value at an index that must exist.
    pub fn set(&mut self, place: usize, value: T) {
        match self {
            Self::Each(values) => *values.get_mut(place).or_bug(MISSING) = value,
            Self::Usual {
                usual,
                count,
                others,
            } => {
                (place < *count).then_some(()).or_bug(MISSING);
                match others.binary_search_by_key(&place, |(place, _)| *place) {
                    Ok(found) => others.get_mut(found).or_bug(MISSING).1 = value,
                    Err(_) if *usual == value => {}
                    Err(to) if others.len() < FEW => others.insert(to, (place, value)),
                    Err(_) => {
                        let mut values = vec![usual.clone(); *count];
                        let others = others.drain(..).chain([(place, value.clone())]);
                        for (other, known) in others {
                            *values.get_mut(other).or_bug(MISSING) = known;
                        }
                        *self = Self::with_usual(value, values);
                    }
                }
            }
        }
    }
}

/// Capacity for a list about as long as this one.
pub(crate) fn room_like<T>(values: &[T]) -> usize {
    values.len() + values.len() / 16
}

pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::base::diagnostics::Bug;

    #[test]
    fn the_usual_value_is_not_always_the_one_that_was_expected() {
        let mut column = CompactColumn::new(None);
        column.push(None);
        for _ in 0..1000 {
            column.push(Some(900));
        }
        assert!(matches!(
            column,
            CompactColumn::Usual {
                usual: Some(900),
                ..
            }
        ));
        assert_eq!(
            (column.get(0), column.get(1)),
            (Some(None), Some(Some(900)))
        );
    }

    #[test]
    fn a_value_that_is_not_there_is_a_bug_and_no_other_value() {
        let mut each = CompactColumn::Each(vec![1, 2]);
        let mut usual = CompactColumn::of(7, 2);
        for column in [&mut each, &mut usual] {
            let missing: [fn(&mut CompactColumn<i32>); 4] = [
                |column| assert_eq!(column.at(2), 7),
                |column| drop(column.select(&[0, 2])),
                |column| column.set(2, 7),
                |column| column.set(2, 8),
            ];
            for missing in missing {
                let done = catch_unwind(AssertUnwindSafe(|| missing(column)));
                let bug = done.unwrap_err();
                assert_eq!(bug.downcast_ref(), Some(&Bug::new(MISSING)));
            }
        }
    }

    #[test]
    fn columns_follow_each_other() {
        let column = |usual: usize, different: usize, count: usize| {
            let mut column = CompactColumn::new(usual);
            let values = (0..count).map(|place| if place < different { place } else { usual });
            values.for_each(|value| column.push(value));
            column
        };
        let parts = [
            (7, 0, 0),
            (7, 2, 50),
            (7, 60, 300),
            (7, 30, 90),
            (8, 1, 90),
            (7, 0, 90),
            (7, 500, 600),
        ];
        for a in parts {
            for b in parts {
                for c in parts {
                    let mut all = CompactColumn::new(7);
                    let mut list = Vec::new();
                    for (usual, different, count) in [a, b, c] {
                        let part = column(usual, different, count);
                        list.extend((0..count).filter_map(|place| part.get(place)));
                        all.append(part);
                    }
                    let found: Vec<usize> = (0..2000).map_while(|place| all.get(place)).collect();
                    assert_eq!(found, list, "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn another_column_has_what_it_is_given_whatever_the_last_one_had() {
        for last in [0, 1, 500] {
            for next in [0, 1, 500] {
                let mut column = CompactColumn::new(7);
                let pushed = |column: &mut CompactColumn<usize>, different: usize| {
                    (0..400)
                        .for_each(|place| column.push(if place < different { place } else { 7 }));
                };
                pushed(&mut column, last);
                let mut another = column.another();
                assert_eq!(another.count(), 0);
                pushed(&mut another, next);
                column.append(another);
                let found = (0..1000).map_while(|place| column.get(place));
                let value = |place, different| if place < different { place } else { 7 };
                let all = (0..400).map(|place| value(place, last));
                let all = all.chain((0..400).map(|place| value(place, next)));
                assert!(found.eq(all), "{last} {next}");
            }
        }
    }

    #[test]
    fn columns_are_counted_selected_and_changed() {
        for different in [0, 1, 40, 300] {
            let mut column = CompactColumn::new(7);
            let value = |place| if place < different { place } else { 7 };
            (0..400).for_each(|place| column.push(value(place)));
            let sum: usize = column.counted().map(|(value, times)| value * times).sum();
            let expected: usize = (0..400).map(value).sum();
            assert_eq!(sum, expected, "{different}");
            let times: usize = column.counted().map(|(_, times)| times).sum();
            assert_eq!(times, 400, "{different}");

            let places: Vec<u32> = (0..400).filter(|place| place % 3 != 1).collect();
            let selected = column.select(&places).map(|value| 2 * value);
            let found = (0..1000).map_while(|place| selected.get(place));
            let places = places
                .iter()
                .filter_map(|&place| usize::try_from(place).ok());
            assert!(
                found.eq(places.map(|place| 2 * value(place))),
                "{different}"
            );
        }
        assert_eq!(CompactColumn::new(7).counted().count(), 0);
    }

    #[test]
    fn only_values_that_are_there_are_changed() {
        let mut column = CompactColumn::new(0);
        (1..=30).for_each(|value| column.push(value));
        (0..40).for_each(|_| column.push(i64::MAX));
        assert!(matches!(
            column,
            CompactColumn::Usual {
                usual: i64::MAX,
                ..
            }
        ));
        let places: Vec<u32> = (0..30).collect();
        // The function does not apply to the usual value, which no entry has.
        let doubled = column.select(&places).map(|value| 2 * value);
        let found = (0..100).map_while(|place| doubled.get(place));
        assert!(found.eq((1..=30).map(|value| 2 * value)));
        // The expected value is kept.
        let expected = CompactColumn::new(7).map(|value| 2 * value);
        assert!(matches!(
            expected,
            CompactColumn::Usual {
                usual: 14,
                count: 0,
                ..
            }
        ));
    }

    #[test]
    fn values_are_found_where_they_were_put() {
        for different in [0, 1, 5, FEW, FEW + 1, 500] {
            let (mut column, mut list) = (CompactColumn::new(7), Vec::new());
            for place in 0..1000 {
                let value = if place % 2 == 0 && place / 2 < different {
                    place
                } else {
                    7
                };
                column.push(value);
                list.push(value);
            }
            for (place, value) in [(999, 8), (0, 9), (0, 7), (1, 7), (2, 3)] {
                column.set(place, value);
                list[place] = value;
            }
            let each = matches!(column, CompactColumn::Each(_));
            assert_eq!(each, different >= FEW, "{different} others");
            let found: Vec<usize> = (0..1001).map_while(|place| column.get(place)).collect();
            assert_eq!(found, list, "{different} others");
        }
    }
}
