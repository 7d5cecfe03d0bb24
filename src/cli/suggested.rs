//! Values that a shell completes, although others are accepted, too.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

/// Parses any text and suggests these.
#[derive(Debug, Clone)]
pub(super) struct Suggested(Vec<&'static str>);

/// The names in a list of named texts.
pub(super) fn names_of(list: &[(&'static str, &'static str)]) -> Suggested {
    Suggested(list.iter().map(|(name, _)| *name).collect())
}

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            self.0.iter().map(|name| PossibleValue::new(*name)),
        ))
    }
}
