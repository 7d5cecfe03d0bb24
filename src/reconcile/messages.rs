//! The messages about facts, outcomes of payments and reconciliations.

use std::fmt::Display;

use crate::base::diagnostics::messages;

messages! {
    F001 facts_end_too_early(on: &str, name: &str, before: &str)
        "the facts end on {on}, before those of {name}, which end on {before}"
        / "facts tell what happened since; `on` is a later day, or the same";
    F002 export_after_facts(export: &str, date: &str, on: &str)
        "{export} is dated {date}, after the day of the facts, {on}"
        / "leave the export to the next reconciliation, or end the facts later";
    F003 file_in_folder()
        "`file` is a name without folders"
        / "put the file beside the facts";
    F004 outcomes_missing(name: &str)
        "there is no {name} beside the facts or here";
    F005 outcomes_named_twice(name: &str)
        "{name} is named twice"
        / "a file is read once; state everything about it in one `[[outcomes]]`";
    F006 outcomes_same(name: &str, other: &str)
        "{name} has the same content as {other}"
        / "one of them may be of another period";
    F007 text_of_two_words(text: &str, first: &str, second: &str)
        "{text} is listed as `{first}` and as `{second}`"
        / "a text has one meaning; remove it from one of the lists";
    F008 status_without_texts()
        "`status` lists no texts"
        / "list the texts of the file under the words that they mean: `cashed = [\"P\"]`";
    F009 no_such_export(name: &str)
        "there is no export {name} in this chain that pays";
    F010 owed_of_no_deduction(name: &str)
        "no plan of the chain deducts {name}";
    F011 owed_above_deduction(owed: &str, name: &str, amount: &str)
        "`owed` is {owed}, but {name} is {amount}";
    F012 reserve_is_not_spent()
        "a reserve is not spent"
        / "state what it was spent for: `kind = \"administration\"`, for instance";
    F013 by_without_claims(columns: &str)
        "the facts count payouts by {columns}, and the claims files were not found"
        / "name the claims files of the run with `--claims`";

    F020 balance_missed(expected: &str, stated: &str, difference: &str)
        "the account should hold {expected}, and the facts say {stated}: {difference}";
    F021 outcome_rows_missed(expected: &str, found: &str)
        "{expected} expected, {found} found"
        / "rows that are skipped do not count; the file may have been cut off";
    F022 outcome_total_missed(expected: &str, found: &str)
        "the amounts should add up to {expected}, and add up to {found}"
        / "rows that are skipped do not count; the file may have been cut off";
    F023 outcomes_without_rows()
        "the file has a header and no rows"
        / "if nothing happened, write `rows = 0`";
    F024 payouts_in_no_export(payouts: &str, run: &str, total: &str, named: &str)
        "{payouts} of {run} in none of the exports, {total}: {named}";
    F025 unissued_missed(stated: &str, found: &str)
        "`unissued` is {stated}, and {found}";
    F026 no_payment_column(file: &str, id: &str, number: &str)
        "{file} has no column {id} and none {number}"
        / "name the column that tells the payment: `number = \"Check No\"`, or `id = …`";

    F030 number_unknown(cell: &str)
        "no payment has the number {cell}";
    F031 id_unpaid(cell: &str)
        "no payment is to {cell}";
    F032 number_of_another(payment: &str, of: &str, not_of: &str)
        "{payment} is of {of}, not of {not_of}"
        as "the number is that of a payment to another claimant";
    F033 several_payments(count: &str, of: &str, exports: &str)
        "{count} payments to {of} fit, of {exports}"
        as "several payments to the claimant fit";
    F034 amount_differs(payment: &str, issued: &str, row: &str)
        "{payment} was issued for {issued}, and the row says {row}"
        as "the amount is not that of the payment"
        / "if the bank paid another amount, it owes the difference; have it corrected";
    F035 refund_above_payment(refund: &str, payment: &str)
        "{refund} came back of a payment of {payment}"
        as "more came back than was paid";
    F045 nothing_refunded()
        "nothing came back of the payment"
        / "write what came back of it, or state that it is `cashed`";
    F036 amount_blank()
        "the row has no amount"
        / "every row states the amount of its payment";
    F037 status_unknown(cell: &str)
        "unknown status {cell}";
    F038 date_blank(word: &str)
        "a payment that is `{word}` needs a date"
        as "the row has no date";
    F039 date_before_issue(word: &str, date: &str, issued: &str)
        "{word} on {date}, before it was issued on {issued}"
        as "the day is before the payment was issued";
    F040 date_after_facts(date: &str, on: &str)
        "{date} is after {on}, where these facts end"
        as "the day is after the end of the facts";
    F041 cashed_and_not(payment: &str, word: &str, other: &str, other_place: &str, date: &str)
        "{payment} is {word} by this row and {other} by {other_place}, both on {date}"
        as "the payment is cashed and not cashed on the same day"
        / "ask the bank which of the two is right, and correct the other row";
    F042 payment_not_named()
        "neither an id nor a number: the row does not tell which payment is meant";
    F043 date_not_digits(cell: &str)
        "{cell} is not a date of eight digits, such as 20261031";
    F044 amount_too_precise(cell: &str)
        "{cell} is finer than the currency";

    F050 export_of_other_run(export: &str, seal: &str, run: &str)
        "{export} is of another run (seal {seal}…), not of {run}"
        / "name exports of this run, or payments of earlier runs of the chain that were sent again";
    F051 export_again(export: &str, reconciliation: &str)
        "{export} was reconciled in {reconciliation}"
        / "name only the exports that were made since";
    F052 exports_of_one_name(name: &str)
        "two exports are called {name}"
        / "names tell payments apart; rename a folder";
    F053 runs_of_one_name(name: &str)
        "two runs of the chain are called {name}"
        / "names tell runs apart; rename a folder";
    F054 number_used_twice(number: &str, of: &str, export: &str, other: &str, other_export: &str)
        "check {number} is of {of} in {export} and of {other} in {other_export}"
        / "one check pays one claimant; name the export that was really printed";
    F055 payment_of_no_payout(export: &str, id: &str, amount: &str, run: &str)
        "{export} pays {id} {amount}, which is no payout of {run}";
    F056 reconciliation_not_named(run: &str, reconciliation: &str)
        "{run} follows {reconciliation}: name it, or the last one made since, with `--after`";
    F057 reconciliation_of_other_chain(run: &str, reconciliation: &str, seal: &str, other: &str)
        "{run} follows {reconciliation} (seal {seal}…), and {other} does not";
    F058 reconciliation_of_other_run(name: &str, run: &str)
        "{name} is of another chain than {run}"
        / "name the reconciliation made last for this run, or leave `--after` out for its first";
    F059 run_is_not_last(name: &str, last: &str, run: &str)
        "{name} is of {last}, which follows {run}: reconcile {last}";
    F061 reconciliation_instead_of_run(name: &str)
        "{name} is a reconciliation, not a run"
        / "name the folder that `payout compute` wrote";
    F067 other_settlement(name: &str, settlement: &str)
        "{name} is of {settlement}";
    F068 other_currency(name: &str, currency: &str)
        "{name} is in {currency}";

    F070 payout_unknown(reconciliation: &str, cell: &str, run: &str)
        "{reconciliation} has no payout to {cell} of {run}"
        as "the reconciliation has no such payout";
    F071 payout_lapsed(cell: &str, run: &str, later: &str)
        "{cell}'s payout of {run} was brought forward into {later}"
        as "the payout was brought forward into a later run"
        / "its money is in the fund of that run; only a later run can pay it, with `{{ prior = \"void\" }}`";
    F072 payout_live(cell: &str, payment: &str)
        "{cell} cannot be paid again: {payment}"
        as "a payment of the payout is cashed or outstanding"
        / "stop the payment first, state it as `void`, and reconcile";

    F073 claimant_unknown(reconciliation: &str, cell: &str)
        "{reconciliation} knows no claimant {cell}"
        as "the reconciliation does not know the claimant";

    F080 cashed_late(payment: &str, amount: &str, date: &str, run: &str)
        "{payment}, {amount}, was cashed{date}; its money was brought forward into {run}"
        / "the money is gone twice: recover it, or state as `[[received]]` who made it good";
    F081 paid_twice(claimant: &str, amount: &str, payments: &str)
        "{claimant} was paid {amount} twice: {payments}"
        / "recover one of the payments; what comes back is `refunded`";
    F082 out_twice(claimant: &str, payments: &str)
        "two payments to {claimant} are out, {payments}"
        / "stop one, and state it as `void`";
    F083 paid_after_lapse(export: &str, claimant: &str, amount: &str, run: &str, later: &str)
        "{export} pays {claimant} {amount} of {run}, whose money was brought forward into {later}"
        / "stop the payment, and state it as `void`";
    F084 more_gone_than_there_was(amount: &str)
        "{amount} more is gone than there was"
        / "no further distribution can follow until it is made good";
}

/// A place in a sentence: `bank.csv:4`.
pub(crate) fn place(file: impl Display, row: impl Display) -> String {
    format!("{file}:{row}")
}
