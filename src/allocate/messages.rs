//! The messages of the allocation.

use crate::base::diagnostics::messages;

messages! {
    A001 pool_money_too_large()
        "the amount is too large to be computed exactly"
        / "reduce the pool's money, or use `up_to`, which takes the balance if it is less";
    A002 pool_money_exceeds_balance(pool: &str, wanted: &str, left: &str)
        "pool `{pool}` requires {wanted}, but only {left} is left in the net settlement fund"
        / "reduce the pool's money, or use `up_to`, which takes the balance if it is less";
    A011 pool_money_exceeds_rest(pool: &str, wanted: &str, left: &str, other: &str)
        "pool `{pool}` requires {wanted}, but only {left} is left of pool `{other}`"
        / "reduce the pool's money, or use `up_to`, which takes the balance if it is less";
    A012 part_missing(cell: &str, pool: &str)
        "{cell} has no part in pool `{pool}`";
    A013 claimed_part_of_minor_unit(pool: &str, amount: &str, unit: &str)
        "pool `{pool}`: the claim comes to {amount}, which is not a whole {unit}, as a fund that is what is claimed requires";
    A003 pool_insufficient(pool: &str, needed: &str, available: &str)
        "pool `{pool}` is insufficient: the minimum payments require {needed}, but it has {available}"
        / "lower `at_least` or `reduce`, or increase the pool's money";
    A004 pool_overspends(pool: &str, sum: &str, available: &str)
        "pool `{pool}` overspends: the rounded payments total {sum}, but it has {available}"
        / "use `round = \"down\"` or `round = \"largest-remainder\"`";
    A005 payment_too_large(pool: &str)
        "pool `{pool}`: a payment is too large to be computed exactly"
        / "check the amounts in the claims file and in the plan";
    A006 payments_too_large()
        "a sum of payments is too large to be computed exactly"
        / "check the amounts in the claims file and in the plan";
    A007 limits_reversed(pool: &str, at_least: &str, at_most: &str)
        "in pool `{pool}`, `at_least` is {at_least}, which is greater than `at_most`, {at_most}"
        / "correct the limits in the plan, or the cells used in them";
    A008 limit_too_large()
        "a limit is too large to be computed exactly"
        / "check the limits in the plan, and the cells used in them";
    A009 run_does_not_match(what: &str)
        "the run does not match {what}"
        / "the run may have been changed; compute it again from the claims file";
    A010 claim_unreadable_now(fault: &str)
        "the claim cannot be read again: {fault}"
        / "run `payout compute` again";
}
