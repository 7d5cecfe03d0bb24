//! Random choices that follow from a seed.

/// The generator `SplitMix64`.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 to one less than the limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// The same, for long numbers.
    pub(crate) fn below_wide(&mut self, limit: u128) -> u128 {
        (u128::from(self.next()) << 64 | u128::from(self.next())) % limit
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// Some of the choices, in their order, at least one.
    pub(crate) fn some<T: Clone>(&mut self, choices: &[T]) -> Vec<T> {
        let sure = self.below(choices.len() as u64) as usize;
        let mut some = Vec::new();
        for (index, choice) in choices.iter().enumerate() {
            if index == sure || self.chance(35) {
                some.push(choice.clone());
            }
        }
        some
    }
}

/// An integer count of units of 10^-places, as a decimal.
pub(crate) fn decimal(units: u128, places: usize) -> String {
    let digits = format!("{units:0>width$}", width = places + 1);
    let (before, after) = digits.split_at(digits.len() - places);
    if places == 0 {
        before.to_string()
    } else {
        format!("{before}.{after}")
    }
}
