//! Ranges of numbers, days and moments, with ends that are included or not.

/// A range with a lower end, an upper end, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueRange<T> {
    /// The lower end.
    pub from: Option<End<T>>,
    /// The upper end.
    pub to: Option<End<T>>,
    /// True if a blank cell counts as inside, false if outside; `None` makes it an
    /// error.
    pub blank: Option<bool>,
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End<T> {
    pub at: T,
    /// True if the end itself is outside: `above`, `below`.
    pub open: bool,
}

impl<T> End<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> End<U> {
        End {
            at: change(self.at),
            open: self.open,
        }
    }
}

impl<T: PartialOrd> End<T> {
    /// True if a value is not above this upper end.
    pub(crate) fn reaches(&self, value: &T) -> bool {
        *value < self.at || (!self.open && *value == self.at)
    }

    /// True if a value is not below this lower end.
    pub(crate) fn admits(&self, value: &T) -> bool {
        *value > self.at || (!self.open && *value == self.at)
    }
}

impl<T: Copy> ValueRange<T> {
    /// The range with other ends.
    pub(crate) fn map<U>(&self, change: impl Fn(T) -> U) -> ValueRange<U> {
        ValueRange {
            from: self.from.map(|end| end.map(&change)),
            to: self.to.map(|end| end.map(&change)),
            blank: self.blank,
        }
    }
}

impl ValueRange<String> {
    /// The ends as a plan has them: `from = 10, below = 20`.
    pub(crate) fn written(&self) -> String {
        let end = |end: &Option<End<String>>, [closed, open]: [&str; 2]| {
            let end = end.as_ref()?;
            let key = if end.open { open } else { closed };
            Some(format!("{key} = {}", end.at))
        };
        let ends = [
            end(&self.from, ["from", "above"]),
            end(&self.to, ["to", "below"]),
        ];
        ends.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl<T: PartialOrd> ValueRange<T> {
    pub(crate) fn contains(&self, value: &T) -> bool {
        self.from.as_ref().is_none_or(|from| from.admits(value))
            && self.to.as_ref().is_none_or(|to| to.reaches(value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                from.at > to.at || (from.at == to.at && (from.open || to.open))
            }
            _ => false,
        }
    }
}
