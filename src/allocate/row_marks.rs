//! Hashes for comparing lists of rows without keeping them.

use crate::allocate::entitlement::ClassId;

/// The sum of the marks of some rows, by class.
pub(crate) fn marks_of(classes: impl Iterator<Item = ClassId>) -> u64 {
    classes.map(mark).fold(0, u64::wrapping_add)
}

/// A hash of a class. Sums over different lists are almost never equal.
pub(super) fn mark(class: ClassId) -> u64 {
    let number = (u64::from(class) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (number ^ (number >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}
