//! A column of many values that are often all the same.

/// The values, in order.
#[derive(Debug, Clone)]
pub enum Column<T> {
    /// So many times the same.
    Same(T, usize),
    /// Not all the same.
    Each(Vec<T>),
}

impl<T: Clone + PartialEq> Column<T> {
    /// No values; `usual` is the one that is expected.
    pub fn new(usual: T) -> Self {
        Self::Same(usual, 0)
    }

    /// Adds a value.
    pub fn push(&mut self, value: T) {
        match self {
            Self::Each(values) => values.push(value),
            Self::Same(same, count) if *same == value => *count += 1,
            Self::Same(_, 0) => *self = Self::Same(value, 1),
            Self::Same(same, count) => {
                let mut values = vec![same.clone(); *count];
                values.push(value);
                *self = Self::Each(values);
            }
        }
    }

    /// The value at a place.
    pub fn get(&self, place: usize) -> Option<T> {
        match self {
            Self::Same(value, count) => (place < *count).then(|| value.clone()),
            Self::Each(values) => values.get(place).cloned(),
        }
    }

    /// Changes the value at a place, if there is one.
    pub fn set(&mut self, place: usize, value: T) {
        if self.get(place).is_none_or(|known| known == value) {
            return;
        }
        if let Self::Same(same, count) = self {
            *self = Self::Each(vec![same.clone(); *count]);
        }
        if let Self::Each(values) = self
            && let Some(known) = values.get_mut(place)
        {
            *known = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_were_put() {
        let mut column = Column::new(0);
        column.push(3);
        column.push(3);
        assert!(matches!(column, Column::Same(3, 2)));
        column.push(4);
        column.set(0, 5);
        column.set(9, 5);
        let found: Vec<Option<i32>> = (0..4).map(|place| column.get(place)).collect();
        assert_eq!(found, [Some(5), Some(3), Some(4), None]);
    }
}
