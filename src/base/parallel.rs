//! Parallel work with results in input order.
//!
//! All threads do the same: take the next item, process it, and store the result.
//! The thread that finds the next result in order passes it on. Items are taken one
//! at a time, and results are passed on one at a time and in order, so the outcome
//! does not depend on the number of threads.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

use crate::base::diagnostics::OrBug;

/// Maximum number of results per thread that wait for an earlier one.
const AHEAD: u64 = 2;

/// The number of threads that this machine runs at once.
pub(crate) fn available() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Takes items until there are none, processes each with `work`, and passes the
/// results on in order. Starts one thread per worker. The first error ends all
/// work.
pub(crate) fn in_order<W, T, R>(
    workers: &mut [W],
    mut take: impl FnMut() -> Result<Option<T>> + Send,
    work: impl Fn(&mut W, T) -> R + Sync,
    mut give: impl FnMut(R) -> Result<()> + Send,
) -> Result<()>
where
    W: Send,
    T: Send,
    R: Send,
{
    let Some((first, others)) = workers.split_first_mut() else {
        return Ok(());
    };
    if others.is_empty() {
        while let Some(thing) = take()? {
            give(work(first, thing))?;
        }
        return Ok(());
    }
    let ahead = AHEAD * u64::try_from(others.len() + 1).unwrap_or(1);
    let line = Pipeline {
        taking: Mutex::new((take, 0)),
        giving: Mutex::new(give),
        results: Mutex::new(OrderedResults {
            next: 0,
            waiting: BTreeMap::new(),
            stalled: 0,
            handing_on: false,
            ended: false,
            failed: None,
        }),
        room: Condvar::new(),
        ahead,
    };
    thread::scope(|scope| {
        for worker in others {
            let (line, work) = (&line, &work);
            // If a thread cannot be started, the others do its work.
            let _ = thread::Builder::new().spawn_scoped(scope, move || line.serve(worker, work));
        }
        line.serve(first, &work);
    });
    let results = line
        .results
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    results.failed.map_or(Ok(()), Err)
}

/// Number of items in a range. Partial sums may depend on where ranges end, but not
/// on the number of threads.
pub(crate) const RANGE: usize = 1 << 16;

/// Processes several items at a time and returns the results in order. A single
/// item is processed without a thread.
pub(crate) fn on_each<T: Send, R: Send>(
    threads: usize,
    mut things: impl ExactSizeIterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
    mut give: impl FnMut(R) + Send,
) {
    let workers = threads.clamp(1, things.len().max(1));
    let done = in_order(
        &mut vec![(); workers],
        || Ok(things.next()),
        |(), thing| work(thing),
        |result| {
            give(result);
            Ok(())
        },
    );
    done.ok().or_bug("threads failed that cannot fail");
}

/// Splits the numbers from 0 to `count` into ranges, and processes each.
pub(crate) fn by_range<R: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(Range<usize>) -> R + Sync,
    give: impl FnMut(R) + Send,
) {
    on_each(threads, ranges(count), work, give);
}

/// Each thread adds ranges of the numbers from 0 to `count` to a sum of its own.
/// Returns at least one sum; only their total is independent of which thread took
/// which range.
pub(crate) fn sums_by_range<S: Send>(
    threads: usize,
    count: usize,
    new: impl Fn() -> S,
    add: impl Fn(&mut S, Range<usize>) + Sync,
) -> Vec<S> {
    let mut ranges = ranges(count);
    let workers = threads.clamp(1, ranges.len().max(1));
    let mut sums: Vec<S> = (0..workers).map(|_| new()).collect();
    let done = in_order(&mut sums, || Ok(ranges.next()), add, |()| Ok(()));
    done.ok().or_bug("threads failed that cannot fail");
    sums
}

fn ranges(count: usize) -> impl ExactSizeIterator<Item = Range<usize>> {
    let starts = (0..count).step_by(RANGE);
    starts.map(move |start| start..count.min(start + RANGE))
}

/// State shared by the threads.
struct Pipeline<T, G, R> {
    /// The source of items, and the number of items taken.
    taking: Mutex<(T, u64)>,
    /// The receiver of results.
    giving: Mutex<G>,
    results: Mutex<OrderedResults<R>>,
    /// Signals that a thread waiting for earlier results may continue.
    room: Condvar,
    ahead: u64,
}

struct OrderedResults<R> {
    /// The number of the result to pass on next.
    next: u64,
    waiting: BTreeMap<u64, R>,
    /// The number of threads that wait for earlier results.
    stalled: usize,
    /// True while a thread passes results on.
    handing_on: bool,
    /// True once no more items are to be taken.
    ended: bool,
    failed: Option<anyhow::Error>,
}

impl<T, G, R> Pipeline<T, G, R> {
    fn serve<W, Thing>(&self, worker: &mut W, work: &impl Fn(&mut W, Thing) -> R)
    where
        T: FnMut() -> Result<Option<Thing>>,
        G: FnMut(R) -> Result<()>,
    {
        let _ending = StopOnPanic(self);
        while let Some((number, thing)) = self.take() {
            let result = work(worker, thing);
            self.leave(number, result);
        }
    }

    fn take<Thing>(&self) -> Option<(u64, Thing)>
    where
        T: FnMut() -> Result<Option<Thing>>,
    {
        let mut taking = lock(&self.taking);
        if lock(&self.results).ended {
            return None;
        }
        match taking.0() {
            Ok(Some(thing)) => {
                taking.1 += 1;
                Some((taking.1 - 1, thing))
            }
            Ok(None) => {
                lock(&self.results).ended = true;
                None
            }
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Stores a result, and passes on all results that are next in order.
    fn leave(&self, number: u64, result: R)
    where
        G: FnMut(R) -> Result<()>,
    {
        let mut results = lock(&self.results);
        results.waiting.insert(number, result);
        // The thread with the next result never waits, so this ends.
        while number >= results.next + self.ahead && results.failed.is_none() {
            results.stalled += 1;
            results = self
                .room
                .wait(results)
                .unwrap_or_else(PoisonError::into_inner);
            results.stalled -= 1;
        }
        if results.handing_on {
            return;
        }
        results.handing_on = true;
        while let Some(result) = next(&mut results) {
            drop(results);
            let given = lock(&self.giving)(result);
            if let Err(error) = given {
                self.fail(error);
            }
            results = lock(&self.results);
            results.next += 1;
            if results.stalled > 0 {
                self.room.notify_all();
            }
        }
        results.handing_on = false;
    }

    fn fail(&self, error: anyhow::Error) {
        let mut results = lock(&self.results);
        results.ended = true;
        results.failed.get_or_insert(error);
        self.room.notify_all();
    }
}

/// Ends the other threads when one panics; otherwise they would wait for it.
struct StopOnPanic<'l, T, G, R>(&'l Pipeline<T, G, R>);

impl<T, G, R> Drop for StopOnPanic<'_, T, G, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(anyhow::anyhow!("a thread ended early"));
        }
    }
}

/// The next result in order, if it is ready.
fn next<R>(results: &mut OrderedResults<R>) -> Option<R> {
    if results.failed.is_some() {
        return None;
    }
    let number = results.next;
    results.waiting.remove(&number)
}

/// Works on a few things, each in a thread of its own.
pub(crate) fn each<I: Send, T: Send>(
    items: impl ExactSizeIterator<Item = I> + Send,
    work: impl Fn(I) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let (mut items, mut done) = (items, Vec::new());
    in_order(
        &mut vec![(); items.len()],
        || Ok(items.next()),
        |(), item| work(item),
        |made| {
            done.push(made?);
            Ok(())
        },
    )?;
    Ok(done)
}

/// Poisoning is ignored: a panic in any thread aborts the run.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(threads: usize, fail_at: Option<u64>) -> Result<Vec<u64>> {
        let mut numbers = 0..1000_u64;
        let mut given = Vec::new();
        in_order(
            &mut vec![(); threads],
            || Ok(numbers.next()),
            |(), number| {
                if number % 7 == 0 {
                    thread::yield_now();
                }
                number * number
            },
            |square| {
                anyhow::ensure!(Some(square) != fail_at, "at {square}");
                given.push(square);
                Ok(())
            },
        )?;
        Ok(given)
    }

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        let expected: Vec<u64> = (0..1000).map(|number| number * number).collect();
        for threads in [1, 2, 3, 7, 40] {
            assert_eq!(squares(threads, None).expect("no error"), expected);
        }
    }

    #[test]
    fn ranges_cover_all_numbers_once_and_in_order() {
        for count in [0, 1, RANGE, RANGE + 1, 5 * RANGE - 1] {
            for threads in [1, 2, 7] {
                let mut numbers = Vec::new();
                by_range(threads, count, |range| range, |range| numbers.extend(range));
                assert!(numbers.into_iter().eq(0..count), "{count} by {threads}");
            }
        }
    }

    #[test]
    fn sums_of_all_threads_have_every_number_once() {
        for count in [0, 1, RANGE, RANGE + 1, 5 * RANGE - 1] {
            for threads in [1, 2, 7] {
                let add = |sum: &mut Vec<usize>, range| sum.extend(range);
                let sums = sums_by_range(threads, count, Vec::new, add);
                assert!((1..=threads).contains(&sums.len()));
                let mut numbers = sums.concat();
                numbers.sort_unstable();
                assert!(numbers.into_iter().eq(0..count), "{count} by {threads}");
            }
        }
    }

    #[test]
    fn a_panic_in_one_thread_ends_the_others() {
        let done = std::panic::catch_unwind(|| {
            let mut numbers = 0..1000_u32;
            in_order(
                &mut [(); 3],
                || Ok(numbers.next()),
                |(), number| assert!(number != 5, "as wanted"),
                |()| Ok(()),
            )
        });
        assert!(done.is_err());
    }

    #[test]
    fn an_error_ends_the_work() {
        for threads in [1, 2, 7] {
            let error = squares(threads, Some(400 * 400)).expect_err("an error");
            assert_eq!(error.to_string(), "at 160000");
        }
    }
}
