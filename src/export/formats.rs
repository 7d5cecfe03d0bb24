//! The formats of payment files, one in each file.

pub(crate) mod delimited;
mod fixed_width;
mod journal;
mod nacha;
mod rows;

use crate::export::layout::{FileFacts, PaymentFormat};

/// The formats by their words in layouts: `form = "delimited"`. A new one is added here.
pub(crate) const FORMATS: [(&str, &dyn PaymentFormat); 4] = [
    ("delimited", &delimited::Delimited),
    ("fixed", &fixed_width::FixedWidth),
    ("nacha", &nacha::Nacha),
    ("journal", &journal::Journal),
];

/// Reads the facts of a file, whose format is found from its bytes.
pub(crate) fn facts(bytes: &[u8]) -> Option<Box<dyn FileFacts>> {
    FORMATS.iter().find_map(|(_, format)| format.facts(bytes))
}
