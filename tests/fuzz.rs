//! Damaged bytes as plan and as claims: never a panic, never a hang, never a
//! folder that is not whole.
//!
//! `PAYOUT_FUZZ_SECONDS=1800 cargo test fuzz` tries for longer; a failure names
//! its seed, and `PAYOUT_FUZZ_SEED` tries that one alone.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::generator::case;
use crate::generator::dice::Dice;
use crate::random::Case;
use crate::support::names;

/// What means something to one of the readers.
const TOKENS: [&[u8]; 24] = [
    b"\"",
    b"\"\"",
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\x8b",
    b"[[pool]]\n",
    b"[",
    b"]",
    b"{",
    b"}",
    b"=",
    b"'",
    b"'''",
    b"\"\"\"",
    b"#",
    b"1e9",
    b"-1",
    b"99999999999999999999999999999",
    b".",
];

pub(crate) fn damaged(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..dice.between(1, 4) {
        let place = dice.below(bytes.len() as u64 + 1) as usize;
        let end = (place + dice.below(40) as usize).min(bytes.len());
        match dice.below(6) {
            0 => bytes.truncate(place),
            1 => drop(bytes.drain(place..end)),
            2 => {
                let piece = bytes[place..end].to_vec();
                let to = dice.below(bytes.len() as u64 + 1) as usize;
                bytes.splice(to..to, piece);
            }
            3 if place < bytes.len() => bytes[place] ^= 1 << dice.below(8),
            4 if place < bytes.len() => bytes[place] = dice.below(256) as u8,
            _ => {
                let token = *dice.pick(&TOKENS);
                let times = if dice.chance(5) { 500 } else { 1 };
                bytes.splice(place..place, token.repeat(times));
            }
        }
    }
    bytes
}

/// Plans and claims to begin with: the examples', and random ones.
fn original(dice: &mut Dice) -> (Vec<u8>, Vec<u8>) {
    if dice.chance(50) {
        let (plan, claims) = case(dice.below(1 << 40));
        return (plan.into_bytes(), claims.into_bytes());
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders = names(&examples);
    folders.retain(|name| examples.join(name).join("plan.toml").exists());
    let folder = examples.join(dice.pick(&folders));
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    (read("plan.toml"), read("claims.csv"))
}

fn attempt(seed: u64) {
    let mut dice = Dice::new(seed);
    let (mut plan, mut claims) = original(&mut dice);
    match dice.below(3) {
        0 => plan = damaged(&plan, &mut dice),
        1 => claims = damaged(&claims, &mut dice),
        _ => {
            plan = damaged(&plan, &mut dice);
            claims = damaged(&claims, &mut dice);
        }
    }
    // Plans are texts before they are read.
    let plan = String::from_utf8_lossy(&plan).into_owned();
    let case = Case::of(plan, String::new(), None);
    case.job.write("claims.csv", &claims);
    let begun = Instant::now();
    let computed = case.compute();
    assert!(begun.elapsed() < Duration::from_secs(10), "it hangs");
    match computed {
        Ok(()) => case.check().unwrap(),
        Err(refusal) => {
            assert_eq!(refusal.status, 2, "{}", refusal.text);
            assert_eq!(case.job.names("."), ["claims.csv", "plan.toml"]);
        }
    }
}

#[test]
fn damaged_bytes_are_refused_or_computed_and_nothing_else() {
    let number = |name| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap())
    };
    if let Some(seed) = number("PAYOUT_FUZZ_SEED") {
        return attempt(seed);
    }
    let seconds = number("PAYOUT_FUZZ_SECONDS");
    let begun = Instant::now();
    // Seeds of a long search differ from one to the next.
    let first = seconds.map_or(0, |_| u64::from(std::process::id()) << 32);
    let seeds = (first..).take_while(|seed| match seconds {
        Some(seconds) => begun.elapsed() < Duration::from_secs(seconds),
        None => *seed < 400,
    });
    let mut attempts = 0;
    for seed in seeds {
        let done = std::panic::catch_unwind(|| attempt(seed));
        assert!(done.is_ok(), "PAYOUT_FUZZ_SEED={seed} fails");
        attempts += 1;
    }
    if seconds.is_some() {
        crate::support::note(&format!("{attempts} attempts"));
    }
}
