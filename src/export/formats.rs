//! The formats of payment files, one in each file.

pub(crate) mod delimited;
mod fixed_width;
mod journal;
mod nacha;
mod rows;

use crate::export::layout::{FileFacts, PaymentFormat};

/// Every format. A new one is added here.
const FORMATS: [&dyn PaymentFormat; 4] = [
    &delimited::Delimited,
    &fixed_width::FixedWidth,
    &nacha::Nacha,
    &journal::Journal,
];

/// The formats by their words in layouts.
pub(crate) fn words() -> [(&'static str, &'static dyn PaymentFormat); FORMATS.len()] {
    FORMATS.map(|format| (format.word(), format))
}

/// Reads the facts of a file, whose format is found from its bytes.
pub(crate) fn facts(bytes: &[u8]) -> Option<Box<dyn FileFacts>> {
    FORMATS.iter().find_map(|format| format.facts(bytes))
}
