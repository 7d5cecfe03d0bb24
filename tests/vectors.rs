//! Allocations that others have published: the tests and documents of money
//! libraries (Money for PHP, Brick, Shopify, Dinero.js, `RubyMoney`, Joda and
//! others), apportionment of seats by Hamilton's method, fair-share schedulers,
//! the rising tide of receiverships, and textbooks. Each line of
//! `vectors/published.jsonl` names its source.
//!
//! `kind` says what is divided: `hamilton` by largest remainder, `tie` the same
//! where the first in the list gets the odd unit, `capped` with a most for each,
//! `floored` with a least for each, `floor` and `capped-floor` rounded down.

use payout::internals::allocate::pool::{self, Division, Participant, PaymentLimits, PoolTerms};
use payout::internals::base::decimal;
use payout::internals::base::money::Money;
use payout::internals::plan::{RateRange, Rounding, RoundingUnit, WeightKind};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::random::Case;

/// One published allocation.
pub(crate) struct Vector {
    pub id: String,
    kind: String,
    money: i128,
    weights: Vec<String>,
    most: Option<Vec<i128>>,
    least: Option<Vec<i128>>,
    expected: Vec<i128>,
    leftover: Option<i128>,
}

fn vectors() -> Vec<Vector> {
    let integer = |value: &Value| value.to_string().parse().unwrap();
    let integers = |value: &Value| {
        let list = value.as_array()?;
        Some(list.iter().map(integer).collect::<Vec<i128>>())
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |line: &str| {
        let vector: Value = serde_json::from_str(line).unwrap();
        let weights = vector["weights"].as_array().unwrap();
        Vector {
            id: text(&vector["id"]),
            kind: text(&vector["kind"]),
            money: integer(&vector["fund_minor"]),
            weights: weights.iter().map(text).collect(),
            most: integers(&vector["caps"]),
            least: integers(&vector["floors"]),
            expected: integers(&vector["expected"]).unwrap(),
            leftover: vector.get("leftover").map(integer),
        }
    };
    let lines = include_str!("vectors/published.jsonl").lines();
    lines.map(read).collect()
}

/// Those that a run can pay: a plan cannot have a fund of nothing.
pub(crate) fn payable() -> impl Iterator<Item = Vector> {
    vectors().into_iter().filter(|vector| vector.money > 0)
}

impl Vector {
    fn round(&self) -> Rounding {
        match self.kind.as_str() {
            "floor" | "capped-floor" => Rounding::Down,
            _ => Rounding::LargestRemainder,
        }
    }

    /// Those with a weight, each with the place in the list.
    fn participants(&self) -> Vec<(usize, Participant)> {
        let weights = self
            .weights
            .iter()
            .map(|weight| decimal::parse(weight).unwrap());
        let positive = weights.enumerate().filter(|(_, weight)| !weight.is_zero());
        positive
            .map(|(place, weight)| (place, self.participant(place, weight)))
            .collect()
    }

    fn participant(&self, place: usize, weight: Decimal) -> Participant {
        let limits = PaymentLimits {
            at_most: self.most.as_ref().map(|most| Money(most[place])),
            at_least: Money(self.least.as_ref().map_or(0, |least| least[place])),
            ..PaymentLimits::NONE
        };
        Participant {
            count: 1,
            weight,
            limits,
        }
    }

    fn divide(&self, participants: &[Participant]) -> Division {
        let range = RateRange {
            reduce: Decimal::ZERO,
            raise: None,
        };
        let terms = PoolTerms {
            each: None,
            count_ahead: false,
            in_full: false,
            money: Money(self.money),
            measure: WeightKind::Shares,
            range: &range,
            round: self.round(),
            unit: RoundingUnit::Payment,
            drop: None,
            decimals: 0,
        };
        pool::divide(&terms, participants, 1)
            .unwrap_or_else(|fault| panic!("{}: {fault:?}", self.id))
    }

    /// What each receives when all are entered one by one.
    fn one_by_one(&self) -> Vec<i128> {
        let (places, listed): (Vec<usize>, Vec<Participant>) =
            self.participants().into_iter().unzip();
        let division = self.divide(&listed);
        let mut received = vec![0; self.weights.len()];
        for (place, payment) in places.iter().zip(&division.payments) {
            received[*place] = payment.0;
        }
        if let Some(extra) = &division.extra {
            for &participant in extra.participants.iter().take(extra.units as usize) {
                received[places[participant]] += 1;
            }
        }
        received
    }

    /// The same when those alike are entered as one, with their number.
    fn alike_together(&self) -> Vec<i128> {
        let mut participants: Vec<Participant> = Vec::new();
        let mut places: Vec<Vec<usize>> = Vec::new();
        for (place, participant) in self.participants() {
            let alike = |other: &Participant| {
                other.weight == participant.weight && other.limits == participant.limits
            };
            if let Some(known) = participants.iter().position(alike) {
                participants[known].count += 1;
                places[known].push(place);
            } else {
                participants.push(participant);
                places.push(vec![place]);
            }
        }
        let division = self.divide(&participants);
        let mut received = vec![0; self.weights.len()];
        for (places, payment) in places.iter().zip(&division.payments) {
            for place in places {
                received[*place] = payment.0;
            }
        }
        if let Some(extra) = &division.extra {
            let mut takers: Vec<usize> = Vec::new();
            for &participant in &extra.participants {
                takers.extend(&places[participant]);
            }
            takers.sort_unstable();
            for place in takers.into_iter().take(extra.units as usize) {
                received[place] += 1;
            }
        }
        received
    }

    /// The same as a whole run, in a currency without decimals.
    pub(crate) fn run(&self) -> Case {
        let limit = |name: &str, limits: &Option<Vec<i128>>| match limits {
            Some(_) => format!("{name} = [ {{ add = {{ column = \"{name}\" }} }} ]\n"),
            None => String::new(),
        };
        let plan = format!(
            "settlement = {{ name = \"{}\", currency = \"JPY\" }}\n\
             fund = {{ amount = {} }}\n\
             [[pool]]\nname = \"p\"\nshares = [ {{ add = {{ column = \"weight\" }} }} ]\n\
             round = \"{}\"\n{}{}",
            self.id,
            self.money,
            if self.round() == Rounding::Down {
                "down"
            } else {
                "largest-remainder"
            },
            limit("at_most", &self.most),
            limit("at_least", &self.least),
        );
        let mut claims = "claimant_id,weight,at_most,at_least\n".to_owned();
        for (place, weight) in self.weights.iter().enumerate() {
            let cell = |limits: &Option<Vec<i128>>| match limits {
                Some(limits) => limits[place].to_string(),
                None => String::new(),
            };
            let (most, least) = (cell(&self.most), cell(&self.least));
            claims += &format!("{place:04},{weight},{most},{least}\n");
        }
        let case = Case::of(plan, claims, None);
        case.compute().unwrap();
        case
    }

    fn by_run(&self) -> Vec<i128> {
        let mut received = vec![0; self.weights.len()];
        for row in self.run().list("run", "payouts.csv") {
            received[row[0].parse::<usize>().unwrap()] = row[3].parse().unwrap();
        }
        received
    }
}

#[test]
fn published_allocations_come_out_as_published() {
    for vector in vectors() {
        assert_eq!(vector.one_by_one(), vector.expected, "{}", vector.id);
        assert_eq!(vector.alike_together(), vector.expected, "{}", vector.id);
        let rest = vector.money - vector.expected.iter().sum::<i128>();
        assert!(
            vector.leftover.is_none_or(|leftover| leftover == rest),
            "{} leaves {rest}",
            vector.id
        );
    }
}

#[test]
fn runs_agree_with_what_is_published() {
    for vector in payable() {
        assert_eq!(vector.by_run(), vector.expected, "{}", vector.id);
    }
}

#[test]
fn there_are_as_many_vectors_as_were_collected() {
    let vectors = vectors();
    let of_kind = |kind: &str| vectors.iter().filter(|vector| vector.kind == kind).count();
    let kinds = [
        "hamilton",
        "tie",
        "capped",
        "floored",
        "floor",
        "capped-floor",
    ];
    assert_eq!(kinds.map(of_kind), [75, 32, 63, 1, 11, 2]);
    assert_eq!(vectors.len(), 184);
}
