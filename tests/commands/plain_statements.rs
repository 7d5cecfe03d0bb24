//! What statements say in plain words.

use crate::support::{Job, sha256};

/// A plan of one settlement with these tables, 100 in the fund.
fn plan(tables: &str) -> String {
    format!(
        "[settlement]\nname = \"S\"\n[fund]\namount = 100\n[claims]\nstatus = false\n{tables}\n"
    )
}

/// The statement of a claimant below the payment, on one line for each paragraph.
fn statement(tables: &str, claims: &str, id: &str) -> String {
    let job = Job::with(&[("plan.toml", &plan(tables)), ("claims.csv", claims)]);
    let arguments = ["compute", "claims.csv", "--plan", "plan.toml"];
    let said = job.payout(&[&arguments[..], &["--statements", "--quiet"]].concat());
    assert_eq!(said.status, 0, "{}", said.stderr);
    let checked = job.payout(&["check", "payouts"]);
    assert_eq!(checked.status, 0, "{}", checked.stdout);
    let folder = &sha256(id)[..2];
    let text = job.read(&format!("payouts/statements/{folder}/{id}.txt"));
    let (_, below) = text.split_once("  Payment: ").unwrap();
    let (_, below) = below.split_once("\n\n").unwrap();
    below.replace("\n    ", " ").replace("\n  ", "\n")
}

#[test]
fn one_pool_says_what_is_paid_of_what_was_approved() {
    let award = "[[pool]]\nname = \"p\"\naward = [ { add = { column = \"loss\" } } ]\n";
    let of = |claims, id| statement(award, &format!("claimant_id,loss\n{claims}"), id);
    let cut = "a,300.00\nb,100.00\nc,0.01\n";
    assert_eq!(
        of(cut, "a"),
        "Your payment\nApproved: $300.00.\n\
         You receive about 25.00% of the approved $300.00: $74.99.\n"
    );
    let all = "a,60.00\nb,40.00\n";
    let said = "Your payment\nApproved: $60.00.\nYou receive all of it: $60.00.\n";
    assert_eq!(of(all, "a"), said);
    let fine = "a,60.005\nb,1\n";
    assert_eq!(
        of(fine, "a"),
        "Your payment\nApproved: $60.005.\nYou receive all of it, rounded: $60.00.\n"
    );
    let few = "a,266.38\nb,1000.00\n";
    assert_eq!(
        of(few, "b"),
        "Your payment\nApproved: $1,000.00.\n\
         You receive about 7.90% of the approved $1,000.00: $78.96.\n"
    );
}

#[test]
fn shares_have_a_value_each() {
    let shares = "[[pool]]\nname = \"p\"\nshares = [ { add = { column = \"n\" } } ]\n";
    let claims = "claimant_id,n\na,3\nb,1\nc,2\n";
    let of = |more: &str, id| statement(&(shares.to_owned() + more), claims, id);
    let sentence = |words: &str| format!("Your payment\n{words}\n");
    let three = sentence("You have 3 shares at about $16.67 each: $50.00.");
    assert_eq!(of("", "a"), three);
    assert_eq!(of("", "b"), sentence("You have 1 share: $16.66."));
    let rounded = "round = \"down\"\nunit = \"share\"\n";
    let three = sentence("You have 3 shares at $16.66 each: $49.98.");
    assert_eq!(of(rounded, "a"), three);
    let flat = "[[pool]]\nname = \"p\"\nshares = 1\n";
    let said = statement(flat, claims, "a");
    assert_eq!(said, sentence("You receive an equal share: $33.33."));
}

#[test]
fn limits_and_earlier_payments_are_named() {
    let pool = "[[pool]]\nname = \"p\"\naward = [ { add = { column = \"loss\" } } ]\n";
    let of = |more: &str, claims: &str, id: &str| {
        let claims = format!("claimant_id,loss,had\n{claims}");
        statement(&(pool.to_owned() + more), &claims, id)
    };
    let claims = "a,400,\nb,10,\nc,90,\n";
    assert_eq!(
        of("at_most = 50\n", claims, "a"),
        "Your payment\nApproved: $400.00.\n\
         50% of the approved $400.00 would reach the maximum of $50.00, so you receive $50.00.\n"
    );
    assert_eq!(
        of("at_least = 5\n", claims, "b"),
        "Your payment\nApproved: $10.00.\n\
         About 19.39% of the approved $10.00 would be below the minimum of $5.00, so you receive \
         $5.00.\n"
    );
    let less = "less = [ { add = { column = \"had\", blank = 0 } } ]\n";
    assert_eq!(
        of(less, "a,200,50\nb,300,\n", "a"),
        "Your payment\nApproved: $200.00.\n\
         You receive 30% of the approved $200.00, less the $50.00 that you have already received: \
         $10.00.\n"
    );
}

#[test]
fn what_is_not_paid_by_one_pool_has_its_reason() {
    let pools = |more: &str| {
        format!(
            "[[pool]]\nname = \"first\"\namount = 50\naward = [ {{ add = {{ column = \"loss\" }} }} \
             ]\n{more}[[pool]]\nname = \"second\"\nshares = 1\n"
        )
    };
    let claims = "claimant_id,loss,had\na,100,\nb,100,90\nc,1,\nd,0,\n";
    let of = |more: &str, id: &str| statement(&pools(more), claims, id);
    let dropped = "drop = { below = 1, method = \"all-at-once\" }\n";
    assert_eq!(
        of(dropped, "c"),
        "first\nApproved: $1.00.\nNo payment: it would have been less than $1.00, and payments \
         that small are not made.\n\nsecond\nYou receive an equal share: $12.50.\n"
    );
    let less = "less = [ { add = { column = \"had\", blank = 0 } } ]\n";
    assert_eq!(
        of(less, "b"),
        "first\nApproved: $100.00.\nNo further payment: about 49.50% of the approved $100.00 is \
         not more than the $90.00 that you have already received.\n\nsecond\nYou receive an equal \
         share: $12.50.\n"
    );
    // No award, and nothing to be said about it.
    assert_eq!(of("", "d"), "second\nYou receive an equal share: $12.50.\n");
}

#[test]
fn an_award_is_explained_in_a_line() {
    let pool = "[[pool]]\nname = \"p\"\naward = [\n\
                { add = { column = \"loss\" }, label = \"Loss\" },\n\
                { subtract = { column = \"aid\" }, label = \"aid\" },\n\
                { at_least = 0 },\n{ at_most = 40 },\n]\n\
                [[pool]]\nname = \"q\"\nshares = 1\n";
    let claims = "claimant_id,loss,aid\na,30,10\nb,90,10\nc,10,20\n";
    let of = |id: &str| statement(pool, claims, id);
    assert!(
        of("a").starts_with("p\nApproved: $20.00 (Loss: $30.00; less aid: $10.00)."),
        "{}",
        of("a")
    );
    assert!(of("b").contains("Approved: $40.00, the most that the plan allows"));
    assert!(
        of("c").starts_with("p\nNothing was approved"),
        "{}",
        of("c")
    );
}

#[test]
fn an_award_that_was_capped_says_of_what() {
    let of = |steps: &str, id: &str| {
        let pool = format!(
            "[[pool]]\nname = \"p\"\naward = [ {{ add = {{ column = \"loss\" }} }}, {steps} ]\n"
        );
        let said = statement(&pool, "claimant_id,loss\na,90\nb,20\n", id);
        said.lines().nth(1).unwrap_or_default().to_owned()
    };
    let capped = "Approved: $40.00, the most that the plan allows, of $90.00.";
    assert_eq!(of("{ at_most = 40 }", "a"), capped);
    assert_eq!(of("{ at_most = 40 }, { at_least = 5 }", "a"), capped);
    assert_eq!(of("{ at_most = 40 }", "b"), "Approved: $20.00.");
    // The product is no amount that the claimant knows.
    let product = "Approved: $40.00, the most that the plan allows.";
    assert_eq!(of("{ times = 0.5 }, { at_most = 40 }", "a"), product);
}

#[test]
fn limits_within_an_award_are_named() {
    let of = |steps: &str, id: &str| {
        let pool = format!("[[pool]]\nname = \"p\"\naward = [ {steps} ]\n");
        let claims = "claimant_id,loss,hours\na,90,9\nb,20,2\n";
        let said = statement(&pool, claims, id);
        said.lines().nth(1).unwrap_or_default().to_owned()
    };
    let loss = "{ add = { column = \"loss\" }, label = \"Loss\" }";
    let hours = "{ add = { column = \"hours\", times = 2 }, label = \"Time\" }";
    let middle = format!("{loss}, {{ at_most = 50 }}, {hours}");
    let said = "Approved: $68.00 (Loss: $90.00, limited to $50.00; Time: $18.00).";
    assert_eq!(of(&middle, "a"), said);
    let said = "Approved: $24.00 (Loss: $20.00; Time: $4.00).";
    assert_eq!(of(&middle, "b"), said);
    let both = format!("{loss}, {hours}, {{ at_most = 50 }}, {{ add = 5 }}");
    let said = "Approved: $55.00 (Loss: $90.00; Time: $18.00; together limited to $50.00; $5.00).";
    assert_eq!(of(&both, "a"), said);
    let capped = "{ add = { column = \"loss\", up_to = 50 } }";
    let said = "Approved: $50.00 ($90.00, limited to $50.00).";
    assert_eq!(of(capped, "a"), said);
    assert_eq!(of(capped, "b"), "Approved: $20.00.");
    let time = "{ add = { column = \"hours\", up_to = 3, times = 2 }, label = \"Time\" }";
    let said = "Approved: $6.00 (Time: $6.00, the most that the plan allows).";
    assert_eq!(of(time, "a"), said);
}

#[test]
fn portions_say_who_is_paid() {
    let tables = "[[pool]]\nname = \"p\"\nshares = 1\n\
                  [[portion]]\nname = \"Fee\"\npercent = 40\nto = \"Smith LLP\"\n\
                  [[portion]]\nname = \"Lien\"\namount = [ { add = { column = \"lien\" } } ]\n\
                  to = \"Medicare\"\n\
                  [[portion]]\nname = \"Client\"\n";
    let of = |lien: &str| statement(tables, &format!("claimant_id,lien\na,{lien}\n"), "a");
    let (_, said) = {
        let said = of("10");
        said.split_once("\n\n")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap()
    };
    assert_eq!(
        said,
        "Of this payment\nFee: $40.00, paid to Smith LLP.\nLien: $10.00, paid to Medicare.\n\
         Client: $50.00, paid to you.\n"
    );
    assert!(of("75").ends_with(
        "Lien: $60.00, paid to Medicare; $15.00 more is not covered by the payment.\n\
         Nothing of this payment is left to be paid to you.\n"
    ));
}
