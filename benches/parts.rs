//! Two parts of a run by themselves, so that it shows when one gets slower:
//! rows to kinds, and the equation of a pool. `cargo bench --bench parts`
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark may fail by panicking"
)]

mod data;

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use payout::internals::allocate::pool::{self, Participant, PaymentLimits, PoolTerms};
use payout::internals::base::money::Money;
use payout::internals::claims::input::Input;
use payout::internals::claims::{self, ReadOptions};
use payout::internals::plan::{self, PlanSource, RateRange, Rounding, RoundingUnit, WeightKind};
use rust_decimal::Decimal;

fn main() {
    divan::main();
}

fn plan(text: &str) -> plan::Plan {
    let source = PlanSource {
        folder: std::path::PathBuf::new(),
        name: "plan.toml".to_owned(),
        shown: "plan.toml".to_owned(),
        text: text.to_owned(),
    };
    plan::load(&source).unwrap()
}

/// 200,000 rows by one thread.
fn read(
    bencher: Bencher<'_, '_>,
    name: &str,
    write: impl Fn(&Path, u64) -> std::io::Result<()>,
    text: &str,
) {
    const ROWS: u64 = 200_000;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    write(&path, ROWS).unwrap();
    let (plan, file) = (plan(text), Input::File(path));
    let options = ReadOptions {
        threads: 1,
        ..ReadOptions::default()
    };
    bencher
        .counter(ItemsCount::new(ROWS))
        .bench(|| claims::read(std::slice::from_ref(&file), &plan, &options, &|_| {}).unwrap());
}

#[divan::bench(args = data::Shape::ALL, sample_count = 20)]
fn rows_of_few_kinds(bencher: Bencher<'_, '_>, (shape, name): (data::Shape, &str)) {
    let built_in = plan::builtin::text(plan::builtin::DEFAULT).unwrap();
    let states = data::states_plan();
    let text = if shape == data::Shape::States {
        states.as_str()
    } else {
        built_in
    };
    let write = |path: &Path, rows| data::claims(path, rows, shape);
    read(bencher, &format!("{name}.csv"), write, text);
}

#[divan::bench(sample_count = 20)]
fn rows_that_all_differ(bencher: Bencher<'_, '_>) {
    read(bencher, "many.csv", data::awards, data::AWARDS_PLAN);
}

#[divan::bench(sample_count = 20)]
fn equation_with_ceilings(bencher: Bencher<'_, '_>) {
    const ENTRANTS: i64 = 200_000;
    let participant = |number: i64| Participant {
        count: 1,
        weight: Decimal::new(1 + number * 7_919 % 1_000_003, 2),
        limits: PaymentLimits {
            at_most: Some(Money(100_000)),
            ..PaymentLimits::NONE
        },
    };
    let participants: Vec<Participant> = (0..ENTRANTS).map(participant).collect();
    let terms = PoolTerms {
        each: None,
        count_ahead: false,
        in_full: false,
        money: Money(9_000_000_000),
        measure: WeightKind::Shares,
        range: &RateRange {
            reduce: Decimal::ZERO,
            raise: None,
        },
        round: Rounding::LargestRemainder,
        unit: RoundingUnit::Payment,
        drop: None,
        decimals: 2,
    };
    bencher
        .counter(ItemsCount::new(200_000_u32))
        .bench(|| pool::divide(&terms, &participants, 1).unwrap());
}
