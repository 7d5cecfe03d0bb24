//! Values that must exist, and an orderly exit if one does not.

use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::OnceLock;

use anyhow::Result;

use crate::base::diagnostics::{AlreadyReported, Bug, without_error_word};

/// For values that earlier checks guarantee.
pub(crate) trait OrBug<T> {
    /// Returns the value. If it is missing and no error can be returned, the
    /// program ends with a [`Bug`]. A default could pay 0.
    fn or_bug(self, missing: &'static str) -> T;
}

impl<T> OrBug<T> for Option<T> {
    #[inline]
    fn or_bug(self, missing: &'static str) -> T {
        self.unwrap_or_else(|| end(missing))
    }
}

#[cold]
#[expect(
    clippy::panic,
    reason = "the only way to abort from within a computation; `caught` turns it into an error"
)]
fn end(message: &'static str) -> ! {
    panic::panic_any(Bug::new(message))
}

/// Runs `work`. If any of its threads panics, unfinished files are removed and the
/// panic is reported as a bug; so is an error for which the program has no words.
pub(crate) fn caught(work: impl FnOnce() -> Result<()> + UnwindSafe) -> Result<()> {
    // Threads that wait for the one that panicked fail, too, and do not know why.
    static FIRST: OnceLock<String> = OnceLock::new();
    panic::set_hook(Box::new(|panic| {
        let _ = FIRST.set(words(panic));
    }));
    let done = panic::catch_unwind(work).unwrap_or_else(|_| {
        let message = FIRST.get().map_or("a panic", String::as_str);
        Err(Bug::new(message).into())
    });
    done.map_err(|error| {
        let has_words = without_error_word(&error.to_string()).is_some();
        if has_words || error.is::<AlreadyReported>() {
            return error;
        }
        Bug::new(format!("{error:#}")).into()
    })
}

fn words(panic: &PanicHookInfo<'_>) -> String {
    let bug = panic.payload().downcast_ref::<Bug>();
    let message = bug.map(|bug| bug.message.as_str());
    let message = message.or(panic.payload_as_str()).unwrap_or("a panic");
    let place = panic.location();
    place.map_or_else(
        || message.to_owned(),
        |place| format!("{message} ({place})"),
    )
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::base::diagnostics::{FAILURE_STATUS, exit_status};

    #[test]
    fn what_is_missing_is_a_bug() {
        assert_eq!(Some(1).or_bug("a number"), 1);
        let missing = || None::<u8>.or_bug("a payment is missing");
        let payload = panic::catch_unwind(missing).unwrap_err();
        let bug = payload.downcast_ref::<Bug>();
        assert_eq!(bug, Some(&Bug::new("a payment is missing")));
    }

    #[test]
    fn an_error_without_words_is_a_bug() {
        let done = caught(|| Err(std::io::Error::other("x").into()));
        let error = done.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Bug::new("x")));
        let done = caught(|| Err(AlreadyReported.into()));
        assert!(done.unwrap_err().is::<AlreadyReported>());
    }

    #[test]
    fn whatever_panics_in_whatever_thread_is_an_error_of_the_program() {
        let hook = panic::take_hook();
        let done = caught(|| {
            thread::scope(|scope| {
                scope.spawn(|| None::<u8>.or_bug("a payment is missing"));
            });
            Ok(())
        });
        panic::set_hook(hook);
        let error = done.unwrap_err();
        assert!(error.is::<Bug>(), "{error}");
        assert_eq!(exit_status(&error), FAILURE_STATUS);
    }
}
