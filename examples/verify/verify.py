#!/usr/bin/env python3
"""Verify a run of `payout` with a program that shares nothing with it.

    python3 verify.py RUN --claims CLAIMS.csv [--claims MORE.csv] [--plan APPROVED.toml]
        [--after RECONCILIATION]

RUN is the folder that `payout compute` wrote. The claims are the files that it was
computed from, in the same order, plain or packed with gzip. With --plan, the plan of the
run must be the approved plan, byte for byte. A plan with `prior` needs the reconciliation.

The program computes every payment again from RUN/plan.toml and the claims, in exact
fractions, and compares the results with the run: every cell of payouts.csv, held.csv and
unpaid.csv, the figures of summary.json, and the digests of manifest.json. The exit status
is 0 if everything agrees; 1 if there are differences; 2 if the plan or the claims cannot
be used, or use something that this program does not read.

It was written from docs/plan-reference.md alone and shares no code with `payout`. The
comment above each rule names the heading of the plan reference that the rule carries out.
It needs Python 3.11 and nothing else. README.md next to it says what it does not check.

Read cells.py first (numbers, dates, tables), ledger.py for a plan with `prior`, language.py
(conditions, formulas, values), rows.py (corrections, duplicates), then this file, as the
money flows: claims, the fund, pools, portions, tax flags; what the files of the run should
say; and the comparison.
"""

import argparse
import csv
import hashlib
import json
import pathlib
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor

sys.dont_write_bytecode = True
from cells import (
    Currency, Unusable, amount_in, cell, csv_lines, decimal, decimal_text, folded, need, number,
    number_or_fraction, trimmed, unpacked, valid_number)
from ledger import ledger_of
from language import (
    KEYS, View, check_letters, claim_rules, evaluate, holds, layered, mapped, maps_of,
    operand_value, operands_in, parsed, part_texts, read_plan, reads, texts_of)
from rows import Corrections, flag_duplicates, sha256

SHOWN = 20  # differences that are printed; the others are counted

# ---------------------------------------------------------------- claims

@dataclass(eq=False)
class Row(View):
    """A row of the claims file, and what the plan says of it."""
    place: int = 0  # rows count from 1 below the header
    id: str = ""
    status: str = ""
    held: bool = False
    reason: str | None = None  # why the row is not paid
    accepted: bool = True  # neither excluded nor denied
    read_as: dict = field(default_factory=dict)  # by column, why it is another text, or None

@dataclass(eq=False)
class Claim(View):
    """One claimant: one accepted row, or the sum of several. A sum in `cells` is a Fraction."""
    weights: dict = field(default_factory=dict)  # shares or award, by pool
    dropped: str | None = None  # the reason, if a pool or [payment] dropped the claimant
    not_divided: str | None = None  # the reason, if a pool of the claimant is not divided
    portions: list = field(default_factory=list)  # of the payout, in the order of the plan

    def __post_init__(self):
        self.id, self.status, self.held = self.rows[0].id, self.rows[0].status, self.rows[0].held

    @property
    def payout(self):
        return sum(self.payments.values(), Fraction(0))

    @property
    def subclasses(self):
        return [key for key in self.plan["subclass"] if self.is_member(key)]

# plan reference, "Claims".
def read_claims(paths, plan, ledger, corrections):
    """The rows, the number of rows of each file, and the number of empty rows."""
    rows, counts, empty = [], [], 0
    id, maps = plan["claims"].get("id", "claimant_id"), maps_of(plan)
    for path in paths:
        lines = csv_lines(unpacked(path), path)
        empty += sum(bool(line) and not any(map(str.strip, line)) for line in lines)
        header, *lines = trimmed(lines, path)
        need(not set(header) & set(plan["value"]), f"{path}: a value of the plan is a column too")
        for line in lines:
            cells = {name: text for name, text in zip(header, line) if header.count(name) == 1}
            cells = corrections.correct(cells, len(rows) + 1, path.name)
            if ledger:
                need(not any(name in cells for name in ledger.cells("")), f"{path}: `prior.`")
                cells |= ledger.cells(cell(cells, id))
            rows.append(Row(plan, cells, place=len(rows) + 1, id=cell(cells, id)))
            rows[-1].read_as = {column: one.read(cells, column) for column, one in maps.items()}
        counts.append(len(lines))
    if ledger:
        ledger.check_claims(rows)
    return rows, counts, empty

# plan reference, "Exclusions and subclasses", "Status" and "What is not paid": exclusions in
# order, then the status, which must be a listed one in any case.
def judge(row, plan):
    claims = plan["claims"]
    status = claims.get("status", False)
    if status is not False:
        row.status = cell(row.cells, status)
        lists = [key for key in ("pay", "hold", "deny") if row.status in claims.get(key, [])]
        need(lists, f"row {row.place}: the plan does not name the status `{row.status}`")
        row.held = lists == ["hold"]
        row.reason = f"status: {row.status}" if lists == ["deny"] else None
    for exclusion in plan["exclude"]:
        if holds(exclusion["when"], row):
            row.reason = exclusion["reason"]
            break
    row.accepted = row.reason is None

# plan reference, "Columns" and "Near misses": `values` on every row; near misses of a text of
# the plan on every row if an exclusion reads the column, else on payable and held rows.
def check_texts(rows, plan):
    wanted, everywhere = texts_of(plan), set()
    for rule in plan["exclude"]:
        everywhere |= columns_behind(rule, plan)
    for column, texts in wanted.items():
        near = {folded(text): text for text in texts}
        need(len(near) == len(texts), f"the plan has two texts for `{column}` that are nearly one")
        allowed = plan["column"].get(column, {}).get("values")
        for row in rows if texts else []:
            text = cell(row.cells, column)
            need(allowed is None or text in allowed, f"row {row.place}: `{text}` is no value")
            need(text in texts or folded(text) not in near
                 or not (row.accepted or column in everywhere),
                 f"row {row.place}: `{text}` is nearly `{near.get(folded(text))}`")

def columns_behind(rule, plan, through=False):
    """The columns that a rule reads, or that it compares with texts through values."""
    found = set()
    for column, _, texts in reads(rule, plan):
        if column in plan["value"]:
            found |= columns_behind(plan["value"][column], plan, True)
        elif texts or not through:
            found.add(column)
    return found

# plan reference, "Several rows for one claimant".
def combine(rows, plan):
    """The claims in the order of their first accepted rows."""
    add_up = plan["claims"].get("rows", "unique") == "sum"
    need(add_up or len({row.id for row in rows}) == len(rows), "an id occurs in two rows")
    by_id = defaultdict(list)
    for row in rows:
        if row.accepted:
            by_id[row.id].append(row)
    added, read_once, values = columns_to_combine(plan, add_up)
    claims = []
    for id, group in by_id.items():
        check_letters(group, plan)
        need(len({row.held for row in group}) == 1, f"claimant {id} is both payable and held")
        combined = {} if add_up else group[0].cells
        for column in added:
            written = plan["column"].get(column, {})
            amounts = [amount_in(cell(row.cells, column), written) for row in group
                       if cell(row.cells, column)]
            combined[column] = sum(amounts) if amounts else ""
        for column in read_once:
            need(len({cell(row.cells, column) for row in group}) == 1,
                 f"the rows of claimant {id} disagree in column `{column}`")
            combined[column] = cell(group[0].cells, column)
        claims.append(Claim(plan, combined, group))
        for name in values:  # of each row, also where no step reads them
            claims[-1].value(name)
    return claims

def columns_to_combine(plan, add_up):
    """The columns that are added up, those that must agree, and the values per row."""
    read = [(column, how) for rule in claim_rules(plan) for column, how, _ in reads(rule, plan)]
    values = [name for name, value in plan["value"].items() if name in plan["shown"]
              or value.get("per") == "row" and name in {column for column, _ in read}]
    same = {name for name, written in plan["column"].items() if written.get("rows") == "same"}
    need(add_up or not same, "`rows = \"same\"` without `rows = \"sum\"`")
    if not add_up:
        return [], [], values
    read += [(column, "text") for column in [*tax_columns(plan), *plan["language"]]]
    read = [(column, how) for column, how in read if column not in plan["value"]]
    added = {column for column, how in read if how in ("number", "factor")} - same
    for column, how in read:
        need(column not in added or how in ("number", "range"),
             f"`{column}` is added up over rows, and read in another way")
    return added, {column for column, _ in read} - added, values

def tax_columns(plan):
    tax = plan["tax"]
    return [tax["number"], *([tax["earlier"]["column"]] if "earlier" in tax else [])] if tax else []

# ---------------------------------------------------------------- the fund

# plan reference, "Deductions".
def fund_account(fund, brought_forward, plan, currency):
    """Everything that there is, the deductions, and the net fund."""
    gross = rest = brought_forward + fund + number(plan["fund"].get("interest", 0))
    need(gross > 0 or "prior" not in plan["fund"], "there is nothing to divide")
    deductions = []
    for part in plan["deduction"]:
        if "amount" in part or "each" in part:
            exact = fixed_deduction(part)
        else:
            need("of" in part or fund == gross and "prior" not in plan["fund"],
                 "with interest or `prior`, a part of the fund needs `of`")
            base = {"amount": fund, "gross": gross, "remaining": rest}[part.get("of", "amount")]
            exact = part_of(base, part)
        deductions.append(currency.rounded(exact, part.get("round", "nearest")))
        rest -= deductions[-1]
        need(rest >= 0, f"deduction \"{part['name']}\" exceeds what is left of the fund")
    return gross, deductions, rest

def fixed_deduction(part):
    return number(part["amount"]) if "amount" in part else number(part["each"]) * part["count"]

def part_of(base, part):
    """The part of an amount that `percent`, `fraction` or `brackets` say."""
    if "brackets" in part:
        return layered(base, part["brackets"], "percent") / 100
    return base * (number(part["percent"]) / 100 if "percent" in part
                   else number_or_fraction(part["fraction"]))

# A fund that is what is claimed: the deductions and every payment at rate 1, within limits.
def fund_as_claimed(claims, plan, currency):
    """The fund, and which of its limits binds."""
    claimed = sum(map(fixed_deduction, plan["deduction"]), Fraction(0))
    for claim in claims:
        claim.weights, claim.payments = {}, {}
    for pool in plan["pool"]:
        for one in divide(participants_of(pool, claims, currency), pool, None, currency)[0]:
            need(currency.down(one.exact) == one.exact,
                 f"claimant {one.claim.id}: what is claimed, {one.exact}, is not rounded")
            claimed += one.exact
    limits = plan["fund"]
    if claimed < number(limits.get("at_least", 0)):
        return number(limits["at_least"]), "at_least"
    if "at_most" in limits and claimed > number(limits["at_most"]):
        return number(limits["at_most"]), "at_most"
    return claimed, "between"

# ---------------------------------------------------------------- pools

@dataclass(eq=False)
class Participant:
    """A claim in one pool."""
    claim: Claim
    weight: Fraction
    upper: Fraction | None  # `at_most`
    terms: tuple  # of the equation: w, o (`less`), a (`at_least`) and b (`at_most`)
    droppable: bool  # whether a small payment may be dropped
    exact: Fraction = Fraction(0)
    paid: Fraction = Fraction(0)

# plan reference, "One equation".
def payment(rate, weight, offset, lower, upper):
    amount = max(lower, rate * weight - offset)
    return amount if upper is None else min(upper, amount)

# plan reference, "The money of a pool".
def money_of(pool, net, left, whole, currency):
    """`left` is what the pool may take; with `rest_of`, `whole` is all that the other pool left."""
    money = left
    if "amount" in pool:
        money = number(pool["amount"])
    elif "up_to" in pool:
        money = min(number(pool["up_to"]), left)
    elif "percent" in pool or "fraction" in pool:
        base = whole if "rest_of" in pool else left if pool.get("of") == "remaining" else net
        money = currency.rounded(part_of(base, pool), pool.get("round_money", "down"))
    need(money <= left, f"pool \"{pool['name']}\" needs more than is left of the net fund")
    return money

# plan reference, "Pools", "Limits: `at_least` and `at_most`" and "`less`: what was received
# before": limits are rounded inward; a claimant whose weight is 0 does not participate.
def participants_of(pool, claims, currency):
    found, name = [], pool["name"]

    def amount(key, claim, own=None):
        value = evaluate(pool.get(key, 0), claim, own)
        need(value >= 0, f"claimant {claim.id}: `{key}` of \"{name}\" comes to {value}")
        return value if key.startswith("at_") else decimal(value, f"claimant {claim.id}: `{key}`")

    for claim in claims:
        weight = Fraction(0)
        if holds(pool.get("when", {}), claim):
            weight = amount("shares" if "shares" in pool else "award", claim)
        claim.weights[name], claim.payments[name] = weight, Fraction(0)
        if weight == 0:
            continue
        lower = currency.up(amount("at_least", claim, weight))
        upper = currency.down(amount("at_most", claim, weight)) if "at_most" in pool else None
        need(upper is None or lower <= upper, f"claimant {claim.id}: `at_least` above `at_most`")
        terms = (weight, amount("less", claim), lower, upper)
        droppable = "drop" in pool and holds(pool["drop"].get("when", {}), claim)
        found.append(Participant(claim, weight, upper, terms, droppable))
    return found

# A pool that is divided by a column: a part of the money for each text.
def parts_of(pool, participants, money, plan, currency):
    """Of each part: the text, the money and the participants. One part, without `by`."""
    if "by" not in pool:
        return [(None, money, participants)]
    parts, members = part_texts(pool, plan), defaultdict(list)
    for one in participants:
        members[cell(one.claim.cells, pool["by"])].append(one)
    need(members.keys() <= parts.keys(), f"a text of `{pool['by']}` has no part")
    whole = sum(parts.values())
    need(whole > 0, f"all parts of pool \"{pool['name']}\" are 0")
    return [(text, currency.down(money * part / whole), members[text])
            for text, part in parts.items()]

# plan reference, "One equation" and "`raise` and `reduce`": the lowest and highest rate.
def rate_bounds(pool):
    highest = "unlimited" if "shares" in pool else pool.get("raise", 1)
    return number(pool.get("reduce", 0)), None if highest == "unlimited" else number(highest)

# plan reference, "One equation".
def solve(participants, money, pool):
    """Set the exact payments. The rate; None if there is none, since all have `at_most`.

    Without a sum of money, the pool pays what is claimed, at rate 1.
    """
    lowest, highest = rate_bounds(pool)
    uppers = [one.upper for one in participants]
    need(money is None or sum(payment(lowest, *one.terms) for one in participants) <= money,
         f"pool \"{pool['name']}\" cannot pay its minimum payments")
    if money is None:
        rate = Fraction(1)
    elif highest is None and None not in uppers and sum(uppers) <= money:
        rate = None
    elif highest is not None and sum(payment(highest, *one.terms) for one in participants) <= money:
        rate = highest
    else:
        rate = smallest_rate(participants, money, lowest)
    for one in participants:
        one.exact = one.upper if rate is None else payment(rate, *one.terms)
    return rate if participants else None

def smallest_rate(participants, money, lowest):
    """The smallest rate at which the payments equal the money.

    The payments rise with the rate along straight lines. A line turns where a payment leaves
    its lower limit, at the rate (a + o) / w, or reaches its upper limit, at (b + o) / w.
    """
    def needed(rate):
        return sum(count * payment(rate, *terms) for terms, count in groups.items())
    groups = Counter(one.terms for one in participants)
    turns = sorted({lowest} | {max(lowest, (limit + offset) / weight)
                               for weight, offset, *limits in groups
                               for limit in limits if limit is not None})
    place = bisect_left(turns, money, key=needed)  # the first turn that needs all the money
    if place == 0:
        return lowest
    low = turns[place - 1]
    high = turns[place] if place < len(turns) else low + 1
    return low + (money - needed(low)) * (high - low) / (needed(high) - needed(low))

# plan reference, "`drop`: payments too small to send" and "Dropping": exact payments decide.
# Next to `less` and `at_least`, who would receive 0 leaves too, but is not dropped.
def divide(participants, pool, money, currency):
    """The participants who stay, the rate, and how many were dropped."""
    rate = solve(participants, money, pool)
    rule, staying, dropped = pool.get("drop"), participants, 0
    while rule:
        small = [one for one in staying if one.droppable and is_small(one.exact, rule)]
        if rule["method"] == "smallest-first":
            least = min((one.exact for one in small), default=None)
            small = [one for one in small if one.exact == least]
        if not small:
            break
        for one in small:
            if one.exact > 0 or not {"less", "at_least"} & pool.keys():
                dropped += 1
                one.claim.dropped = one.claim.dropped or too_small(
                    rule, f"in pool \"{pool['name']}\"", currency)
        leaving = {id(one) for one in small}
        staying = [one for one in staying if id(one) not in leaving]
        rate = solve(staying, money, pool)
        if rule["method"] == "all-at-once":
            break
    return staying, rate, dropped

def is_small(amount, rule):
    if "below" in rule:
        return amount < number(rule["below"])
    return amount <= number(rule["at_or_below"])

def too_small(rule, where, currency):
    words, limit = ("below", "below") if "below" in rule else ("at or below", "at_or_below")
    return f"{words} the minimum payment of {currency.text(number(rule[limit]))} {where}"

# plan reference, "Rounding".
def round_payments(participants, pool, rate, currency):
    """Set the payments in whole minor units, and return the value of one share, if rounded."""
    unit_rate = None
    if pool.get("unit", "payment") == "share" and rate is not None:
        unit_rate = currency.down(rate)
        for one in participants:
            one.exact = payment(unit_rate, *one.terms)
    for one in participants:
        one.paid = currency.down(one.exact)
        whole = one.exact / currency.minor_unit  # `round` takes a half to the even number
        up = {"nearest": floor(whole + Fraction(1, 2)), "half-even": round(whole)}.get(
            pool.get("round"), 0) * currency.minor_unit > one.paid
        one.paid += currency.minor_unit if up and may_take(one, pool, currency) else 0
    if pool.get("round") == "largest-remainder":
        units = floor(sum(one.exact - one.paid for one in participants) / currency.minor_unit)
        for one in sorted(participants,
                          key=lambda one: (one.paid - one.exact, one.claim.id.encode())):
            if units > 0 and may_take(one, pool, currency):
                one.paid += currency.minor_unit
                units -= 1
    return unit_rate

def may_take(one, pool, currency):
    """Whether one more unit stays within `at_most` and `raise` times the award."""
    more, highest = one.paid + currency.minor_unit, rate_bounds(pool)[1]
    return ((one.upper is None or more <= one.upper)
            and (highest is None or more <= highest * one.weight))

# plan reference, "Pools": in the order of the plan; what one does not pay out is available
# to the next, or first to those that are `rest_of` it.
def fill_pools(claims, plan, net, at_rate_1, currency):
    """The figures of every pool, and what is left."""
    for claim in claims:
        claim.weights, claim.payments, claim.dropped, claim.not_divided = {}, {}, None, None
    left, whole, figures = {None: net}, {}, []  # None: for every pool; else what that pool left
    for place, pool in enumerate(plan["pool"]):
        source, name = pool.get("rest_of"), pool["name"]
        later = [other.get("rest_of") for other in plan["pool"][place + 1:]]
        money = money_of(pool, net, left[source], whole.get(source), currency)
        figures.append(fill_pool(pool, claims, money, at_rate_1, plan, currency))
        rest = money - sum(claim.payments[name] for claim in claims)
        left[source] -= money
        if name in later:
            left[name] = whole[name] = rest
        else:
            left[source] += rest
        if source is not None and source not in later:
            left[None] += left.pop(source)
    return figures, left[None]

# plan reference, "`only_if`: whether a pool is divided at all".
def not_economical(pool, money, staying, currency):
    """The reason why a pool, or a part of it, is not divided."""
    rule, where = pool.get("only_if", {}), f"in pool \"{pool['name']}\""
    if "total" in rule and money < number(rule["total"]):
        return f"less than {currency.text(number(rule['total']))} to divide {where}"
    if "each" in rule and any(0 < one.exact < number(rule["each"]) for one in staying):
        return f"payments of less than {currency.text(number(rule['each']))} {where}"
    return None

def not_divided(pool, money, everyone, reason, currency):
    """The figures of a pool that pays nothing."""
    for one in everyone:
        one.claim.payments[pool["name"]] = Fraction(0)
        one.claim.not_divided = one.claim.not_divided or reason
    nothing = part_figures(money, [], 0, None, currency) | {
        "name": pool["name"], "unit_rate": None, "not_economical": reason,
        "shares": "0" if "shares" in pool else None,
        "awards": currency.text(Fraction(0)) if "award" in pool else None}
    return nothing | ({"by": {"column": pool["by"], "texts": []}} if "by" in pool else {})

# plan reference, "What earlier distributions paid".
def ahead_of(members, rate):
    """How many have had more than the rate gives them, and how much more."""
    more = [] if rate is None else [one.terms[1] - rate * one.weight for one in members]
    more = [amount for amount in more if amount > 0]
    return len(more), sum(more, Fraction(0))

def fill_pool(pool, claims, money, at_rate_1, plan, currency):
    """Set the payments of one pool; its figures."""
    everyone, parts, weights = participants_of(pool, claims, currency), [], Fraction(0)
    dropped_before, ahead = {id(one): one.claim.dropped for one in everyone}, []
    reason = not_economical(pool, money, [], currency)
    members_of = parts_of(pool, everyone, money, plan, currency)
    for text, part, members in [] if reason else members_of:
        staying, rate, dropped = divide(members, pool, None if at_rate_1 else part, currency)
        unit_rate = round_payments(staying, pool, rate, currency)
        reason = not_economical(pool, money, staying, currency)
        if reason:
            break
        ahead.append(ahead_of(members, rate if unit_rate is None else unit_rate))
        for one in staying:
            one.claim.payments[pool["name"]] = one.paid
        need(sum(one.paid for one in staying) <= part,
             f"pool \"{pool['name']}\", or a part of it, pays more than it has")
        parts.append({"text": text, **part_figures(part, staying, dropped, rate, currency)})
        weights += sum(one.weight for one in staying)
    if reason:
        for one in everyone:
            one.claim.dropped = dropped_before[id(one)]
        return not_divided(pool, money, everyone, reason, currency)
    sums = {key: sum((Fraction(part[key]) for part in parts), Fraction(0))
            for key in ("participants", "dropped", "paid", "held")}
    sums |= {"available": money, "left": money - sums["paid"] - sums["held"]}
    figures = parts[0] | {
        "name": pool["name"], **{key: currency.text(amount) for key, amount in sums.items()},
        "participants": int(sums["participants"]), "dropped": int(sums["dropped"]),
        "shares": decimal_text(weights) if "shares" in pool else None,
        "awards": currency.text(weights) if "award" in pool else None,
        "unit_rate": None if unit_rate is None else currency.text(unit_rate)}
    del figures["text"]
    if "prior" in plan["fund"] and "less" in pool:
        counts, totals = zip(*ahead)
        figures["ahead"] = {"participants": sum(counts),
                            "total": currency.text(currency.down(sum(totals)))}
    if "by" in pool:
        figures |= dict.fromkeys(["rate", "rate_exact", "unit_rate"])
        figures["by"] = {"column": pool["by"], "texts": parts}
    return figures

# plan reference, "One equation": the rate with twelve decimals, truncated.
def part_figures(money, staying, dropped, rate, currency):
    paid, held = (sum(one.paid for one in staying if one.claim.held == held)
                  for held in (False, True))
    return {
        "available": currency.text(money), "participants": len(staying), "dropped": dropped,
        "rate": None if rate is None else decimal_text(Fraction(floor(rate * 10**12), 10**12), 12),
        "rate_exact": None if rate is None else str(rate), "paid": currency.text(paid),
        "held": currency.text(held), "left": currency.text(money - paid - held)}

# Payments too small in all: out of every pool, and the pools are filled once more.
def drop_payments(claims, plan, currency):
    """The claims that stay, and the figures of those that leave."""
    rule = plan["payment"]["drop"]
    need(rule["method"] == "all-at-once", "`drop` of [payment] is all at once")
    leaving = [claim for claim in claims if any(claim.weights.values())
               and holds(rule.get("when", {}), claim) and is_small(claim.payout, rule)]
    limit = "below" if "below" in rule else "at_or_below"
    figures = {limit: currency.text(number(rule[limit])), "dropped": len(leaving),
               "total": currency.text(total(leaving))}
    for claim in leaving:
        claim.dropped, claim.payments = too_small(rule, "in all", currency), {}
    gone = set(map(id, leaving))
    return [claim for claim in claims if id(claim) not in gone], figures

# ---------------------------------------------------------------- portions

# Portions of a payment: in order, each rounded, and never more than what is left.
def divide_payment(claim, plan, currency):
    """Set the portions of a claim: of each the amount, the payee, and what was cut."""
    left = claim.payout
    for portion in plan["portion"]:
        where = f"claimant {claim.id}, portion \"{portion['name']}\""
        wanted = left if portion is plan["portion"][-1] else currency.rounded(
            portion_wanted(portion, claim, left, where), portion.get("round", "nearest"))
        amount, payee = min(wanted, left), portion.get("to")
        if isinstance(payee, dict):
            payee = cell(claim.cells, payee["column"])
        need(payee != "" or amount == 0, f"{where}: the payee is blank")
        claim.portions.append((amount, payee, wanted - amount))
        left -= amount

def portion_wanted(portion, claim, left, where):
    if "amount" in portion:
        value = evaluate(portion["amount"], claim)
        if claim.payout == 0 and any("pool" in operand for operand in operands_in(portion)):
            return Fraction(0)  # only the cells matter
        value = decimal(value, where)
        need(value >= 0, f"{where} comes to {value}")
        return value
    of = portion.get("of", "payout")
    base = claim.payments.get(of["pool"], 0) if isinstance(of, dict) else {
        "payout": claim.payout, "remaining": left}[of]
    percent = portion.get("percent", 0)
    if isinstance(percent, dict):
        percent = decimal(operand_value(percent, claim), where)
        portion = {"percent": decimal_text(percent)}
    need(number(portion.get("percent", 0)) <= 100, f"{where}: more than 100 percent")
    return part_of(base, portion)

# ---------------------------------------------------------------- tax flags

# plan reference, "Tax flags".
def at_or_over(claim, plan):
    earlier = operand_value(plan["tax"].get("earlier", 0), claim)
    return taxed(claim, plan) + earlier >= number(plan["tax"]["threshold"])

def taxed(claim, plan):
    """The payout, or the portion of it that [tax] names."""
    names = [portion["name"] for portion in plan["portion"]]
    name = plan["tax"].get("portion")
    return claim.payout if name is None else claim.portions[names.index(name)][0]

def has_number(claim, plan):
    return valid_number(cell(claim.cells, plan["tax"]["number"]))

def tax_flag(claim, plan):
    flag = "at or over" if has_number(claim, plan) else "at or over; no valid number"
    return flag if at_or_over(claim, plan) else ""

# ---------------------------------------------------------------- what the files should say

class Computed:
    """Everything that follows from the plan and the claims."""
    def __init__(self, plan, paths, run, after=None):
        self.plan = plan
        id = plan["claims"].get("id", "claimant_id")
        self.corrections, self.run = Corrections(run, id), run
        self.currency = Currency(plan["settlement"].get("currency", "USD"))
        self.ledger = ledger_of(after, plan, self.currency)
        self.rows, self.row_counts, self.empty_rows = read_claims(paths, plan, self.ledger, self.corrections)
        for row in self.rows:
            judge(row, plan)
        check_texts(self.rows, plan)
        self.claims = combine(self.rows, plan)
        self.flags = flag_duplicates(self.rows, plan)
        self.divide_fund()
        for claim in self.claims:
            claim.subclasses, divide_payment(claim, plan, self.currency)
        self.paid = [claim for claim in self.claims if claim.payout > 0 and not claim.held]
        self.held = [claim for claim in self.claims if claim.payout > 0 and claim.held]
        # plan reference, "What is not paid": the first reason that applies.
        for claim in self.claims:
            for row in claim.rows if claim.payout == 0 else []:
                row.reason = claim.dropped or claim.not_divided or (
                    f"payout comes to {self.currency.text(Fraction(0))}"
                    if any(claim.weights.values()) else "no shares in any pool")

    def divide_fund(self):
        plan, currency, claims = self.plan, self.currency, self.claims
        self.fund, self.as_claimed, self.payment_drop = plan["fund"]["amount"], None, None
        if self.fund == "as claimed":
            self.fund, self.as_claimed = fund_as_claimed(claims, plan, currency)
        self.fund = Fraction(number(self.fund) if self.as_claimed is None else self.fund)
        brought_forward = self.ledger.brought_forward if self.ledger else 0
        self.gross, self.deductions, self.net = fund_account(
            self.fund, brought_forward, plan, currency)
        at_rate_1 = self.as_claimed == "between"
        self.pools, self.residual = fill_pools(claims, plan, self.net, at_rate_1, currency)
        if "drop" in plan["payment"]:
            claims, self.payment_drop = drop_payments(claims, plan, currency)
            self.pools, self.residual = fill_pools(claims, plan, self.net, at_rate_1, currency)

    # plan reference, "The money of a pool", "Several rows for one claimant", "Tax flags".
    def columns(self):
        """The columns of payouts.csv: the name, and what it says of a claim."""
        money, pools = self.currency.text, self.plan["pool"]
        columns = [("claimant_id", lambda claim: claim.id),
                   ("subclass", lambda claim: ";".join(claim.subclasses)),
                   ("rows", lambda claim: str(len(claim.rows)))]
        columns = columns if self.plan["claims"].get("rows") == "sum" else columns[:2]
        for pool in pools:
            kind, text = ("shares", decimal_text) if "shares" in pool else ("award", money)
            name, prefix = pool["name"], "" if len(pools) == 1 else pool["name"] + " "
            columns.append((prefix + kind, lambda claim, name=name, text=text:
                            text(claim.weights[name])))
            if prefix:
                columns.append((prefix + "payout", lambda claim, name=name:
                                money(claim.payments[name])))
        if self.plan["tax"]:
            columns.append(("tax", lambda claim: tax_flag(claim, self.plan)))
        columns.append(("payout", lambda claim: money(claim.payout)))
        for n, portion in enumerate(self.plan["portion"]):
            columns.append((portion["name"], lambda claim, n=n: money(claim.portions[n][0])))
        names = [name for name, _ in columns] + ["status"]
        need(len(set(names)) == len(names), "two columns of the results have one name")
        return columns

    def tables(self):
        """The header and the rows of each file."""
        header, texts = zip(*self.columns())
        paid, held = ([[text(claim) for text in texts] for claim in claims]
                      for claims in (self.paid, self.held))
        unpaid = [[row.id, str(row.place), row.reason] for row in self.rows if row.reason]
        held = [line + [claim.status] for line, claim in zip(held, self.held)]
        tables = {"payouts.csv": [[*header], *paid], "held.csv": [[*header, "status"], *held],
                  "unpaid.csv": [["claimant_id", "row", "reason"], *unpaid]}
        if any(rule.get("duplicates") == "flag" for rule in self.plan["unique"]):
            tables["flags.csv"] = [["claimant_id", "row", "rule", "same_as"], *self.flags]
        return tables

    def sums(self, amounts):
        """The number of amounts above 0, and their sum."""
        amounts = [amount for amount in amounts if amount > 0]
        return {"count": len(amounts), "total": self.currency.text(sum(amounts, Fraction(0)))}

    def spread(self, claims):
        """Of an even number of payouts, the median is the mean of the middle two, rounded."""
        amounts = sorted(claim.payout for claim in claims)
        if not amounts:
            return dict.fromkeys(["smallest", "median", "largest"])
        middle = (amounts[(len(amounts) - 1) // 2] + amounts[len(amounts) // 2]) / 2
        figures = {"smallest": amounts[0], "median": self.currency.nearest(middle),
                   "largest": amounts[-1]}
        return {name: self.currency.text(amount) for name, amount in figures.items()}

    def summary(self, inputs):
        """The content of summary.json, without what check_summary leaves out."""
        plan, money = self.plan, self.currency.text
        summary = {
            "settlement": {key: plan["settlement"].get(key) for key in ("name", "docket", "draft")}
            | {"currency": self.currency.code} | self.as_of(),
            "inputs": [{"name": name, "rows": rows} for name, rows in zip(inputs, self.row_counts)],
            "class": dict.fromkeys(KEYS["class"].split()) | plan["class"],
            "fund": {
                "amount": money(self.fund), "net": money(self.net),
                "interest": money(number(plan["fund"].get("interest", 0))),
                "deductions": [{"name": part["name"], "kind": part.get("kind", "other"),
                                "amount": money(amount)}
                               for part, amount in zip(plan["deduction"], self.deductions)],
            },
            "claims": self.counts(), "pools": self.pools,
            "subclasses": [self.subclass(key) for key in plan["subclass"]],
            "payouts": self.payouts(), "held": self.sums(claim.payout for claim in self.held) | self.held_by_status(),
            "residual": {"amount": money(self.residual), "to": plan["residual"].get("to")},
            "ties_out": True,
        }
        # Figures that are there only if the plan uses what they say.
        summary["fund"] |= {"as_claimed": self.as_claimed} if self.as_claimed else {}
        if self.ledger:
            summary["prior"] = self.ledger.summary()
            summary["fund"]["brought_forward"] = money(self.ledger.brought_forward)
        summary |= {"tax": self.tax()} if plan["tax"] else {}
        summary |= {"payment_drop": self.payment_drop} if self.payment_drop else {}
        summary |= {"flags": self.flag_counts()} if plan["unique"] else {}
        summary |= {"mapped": mapped(self.rows, plan)} if maps_of(plan) else {}
        corrections = self.corrections
        summary |= {"corrections": corrections.facts(self.run)} if corrections.files else {}
        return summary | ({"portions": self.portions()} if plan["portion"] else {})

    def as_of(self):
        date = self.plan["settlement"].get("as_of")
        return {"as_of": date.isoformat()} if date else {}

    # plan reference, "Claims": the statuses in the order of the plan.
    def held_by_status(self):
        by_status = [(status, [claim.payout for claim in self.held if claim.status == status])
                     for status in self.plan["claims"].get("hold", [])]
        lists = [{"status": status} | self.sums(amounts) for status, amounts in by_status if amounts]
        return {"by_status": lists} if lists else {}

    # The rows that each rule of [[unique]] flagged.
    def flag_counts(self):
        names = [";".join(rule["columns"]) for rule in self.plan["unique"]
                 if rule.get("duplicates") == "flag"]
        return [{"rule": name, "rows": sum(flag[2] == name for flag in self.flags)}
                for name in names]

    def portions(self):
        """Of each portion: what is paid and held, what was cut short, and the payees."""
        figures = []
        for n, portion in enumerate(self.plan["portion"]):
            payees = defaultdict(list)
            for claim in self.paid:
                payees[claim.portions[n][1]].append(claim.portions[n][0])
            payees = [{"to": to, **self.sums(payees[to])} for to in sorted(
                filter(None, payees), key=str.encode) if sum(payees[to]) > 0]
            # plan reference, "Portions": of more than 100 payees, only how many they are.
            listed = ({"payees": payees} if len(payees) <= 100
                      else {"payees": [], "payee_count": len(payees)})
            figures.append({
                "name": portion["name"], **listed,
                "paid": self.sums(claim.portions[n][0] for claim in self.paid),
                "held": self.sums(claim.portions[n][0] for claim in self.held),
                "cut": self.sums(claim.portions[n][2] for claim in self.paid + self.held)})
        return figures

    # plan reference, "What is not paid": the most frequent reason first.
    def counts(self):
        counts = Counter(row.reason for row in self.rows if row.reason)
        reasons = sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))
        return {
            "rows": len(self.rows), "empty_rows": self.empty_rows,
            "claimants": len({row.id for row in self.rows}),
            "paid": len(self.paid), "held": len(self.held),
            "unpaid_rows": sum(counts.values()),
            "unpaid_reasons": [{"reason": reason, "rows": rows} for reason, rows in reasons],
        }

    def subclass(self, key):
        members = [claim for claim in self.paid if key in claim.subclasses]
        return {"key": key, "name": self.plan["subclass"][key].get("name", key),
                "paid": len(members), "total": self.currency.text(total(members)),
                **self.spread(members)}

    # plan reference, "Payment".
    def payouts(self):
        figures = self.sums(claim.payout for claim in self.paid) | self.spread(self.paid)
        figures["average"] = self.currency.text(self.currency.nearest(
            total(self.paid) / len(self.paid))) if self.paid else None
        if "method" in self.plan["payment"]:  # what goes to others is not counted
            methods = defaultdict(list)
            for claim in self.paid:
                own = sum(amount for amount, to, _ in claim.portions if to is None)
                methods[cell(claim.cells, self.plan["payment"]["method"])].append(
                    own if self.plan["portion"] else claim.payout)
            figures["by_method"] = [{"method": method, **self.sums(methods[method])}
                                    for method in sorted(methods, key=str.encode)
                                    if sum(methods[method]) > 0]
        return figures

    # plan reference, "Tax flags": payouts only, neither held amounts nor earlier payments.
    def tax(self):
        def sums(claims):
            return self.sums(taxed(claim, self.plan) for claim in claims)
        over = [claim for claim in self.paid if at_or_over(claim, self.plan)]
        without = [claim for claim in self.paid if not has_number(claim, self.plan)]
        portion = {"portion": name for key, name in self.plan["tax"].items() if key == "portion"}
        return {"threshold": self.currency.text(number(self.plan["tax"]["threshold"])), **portion,
                "at_or_over": sums(over), "without_number": sums(without),
                "at_or_over_without_number": sums(
                    claim for claim in over if not has_number(claim, self.plan))}

def total(claims):
    return sum((claim.payout for claim in claims), Fraction(0))

# ---------------------------------------------------------------- the comparison

class Report:
    """The number of values compared by file, and the differences."""
    def __init__(self):
        self.compared = Counter()
        self.differences = []

    def compare(self, file, row, column, expected, found):
        self.compared[file] += 1
        if expected != found or type(expected) is not type(found):
            self.differences.append((file, row, column, expected, found))

def flat(value, path=""):
    """The single values of JSON by their paths, like `pools.0.paid`; of an empty list, none."""
    if not isinstance(value, (dict, list)):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {name: leaf for key, inner in items
            for name, leaf in flat(inner, f"{path}.{key}".lstrip(".")).items()}

def check_table(run, name, expected, report):
    # An id names a row; or id and row; or id, row and rule.
    width = {"unpaid.csv": 2, "flags.csv": 3}.get(name, 1)
    header, *lines = csv_lines((run / name).read_bytes(), run / name) or [[]]
    report.compare(name, "", "the header", expected[0], header)
    found = {tuple(line[:width]): line for line in lines}
    wanted = {tuple(line[:width]): line for line in expected[1:]}
    for key, line in wanted.items():
        if len(found.get(key, [])) != len(line):
            report.compare(name, " ".join(key), "the row", line, found.get(key, "no such row"))
            continue
        for column, one, other in zip(expected[0], line, found[key]):
            report.compare(name, " ".join(key), column, one, other)
    for key in found.keys() - wanted.keys():
        report.compare(name, " ".join(key), "the row", "no such row", found[key])
    report.compare(name, "", "the number of rows", len(wanted), len(lines))
    if found.keys() == wanted.keys():
        report.compare(name, "", "the order of the rows", list(wanted), list(found))

def check_summary(run, computed, inputs, report):
    found = parsed(run / "summary.json", json.loads)
    for left_out in ("warnings", "unmatched", "control_totals"):
        found.pop(left_out, None)
    plan = found.pop("plan", {})
    report.compare("summary.json", "", "plan.sha256", sha256(run / "plan.toml"),
                   plan.get("sha256"))
    for key, names in (("tables", "table files"), ("templates", "templates")):
        digests = {name: sha256(run / "tables" / name) for name in computed.plan[names]}
        files = {file["name"]: file["sha256"] for file in plan.get(key) or []}
        report.compare("summary.json", "", f"plan.{key}", digests, files)
    expected, found = flat(computed.summary(inputs)), flat(found)
    # What the plan does not use may be there as null.
    for path in expected | {path: leaf for path, leaf in found.items() if leaf is not None}:
        report.compare("summary.json", "", path, expected.get(path, "nothing"),
                       found.get(path, "nothing"))

# verifying, "What a check does" and "Any run, with any tool".
def check_manifest(run, manifest, paths, row_counts, ledger, report):
    def compare(entry, **expected):
        for key, value in expected.items():
            report.compare("manifest.json", entry["name"], key, value, entry.get(key))

    compare({"name": "inputs", "number": len(manifest["inputs"])}, number=len(paths))
    compare({"name": "after", **(manifest.get("after") or {})},
            **({"name": ledger.name, "seal": ledger.seal} if ledger else {"seal": None}))
    for entry, path, rows in zip(manifest["inputs"], paths, row_counts):
        compare(entry, bytes=path.stat().st_size, sha256=sha256(path), rows=rows)
    for entry in manifest["outputs"]:
        path = run / entry["name"]
        if path.is_dir():
            files = sorted((file for file in path.rglob("*") if file.is_file()),
                           key=lambda file: file.relative_to(run).as_posix().encode())
            lines = [f"{sha256(file)}  {file.relative_to(run).as_posix()}\n" for file in files]
            compare(entry, files=len(files), bytes=sum(file.stat().st_size for file in files),
                    sha256=hashlib.sha256("".join(lines).encode()).hexdigest())
        elif path.is_file():
            compare(entry, bytes=path.stat().st_size, sha256=sha256(path))
        else:
            compare(entry | {"file": "not in the run"}, file="in the run")
    names = {entry["name"].rstrip("/") for entry in manifest["outputs"]} | {"manifest.json"}
    found = {path.name for path in run.iterdir()}
    if (run / "tables").is_dir():  # each of its files is listed
        found = found - {"tables"} | {f"tables/{path.name}" for path in (run / "tables").iterdir()}
    for name in sorted(found - names):
        compare({"name": name, "file": "in the run"}, file="not in the run")

def verify(run, paths, approved, after=None):
    report = Report()
    if approved:
        report.compare("plan.toml", "", "sha256", sha256(approved), sha256(run / "plan.toml"))
    manifest = parsed(run / "manifest.json", json.loads)
    computed = Computed(read_plan(run / "plan.toml", run / "tables"), paths, run, after)
    for name in [*computed.plan["table files"], *computed.plan["templates"]] if approved else []:
        report.compare(f"tables/{name}", "", "sha256", sha256(approved.with_name(name)),
                       sha256(run / "tables" / name))
    check_manifest(run, manifest, paths, computed.row_counts, computed.ledger, report)
    for name, table in computed.tables().items():
        check_table(run, name, table, report)
    check_summary(run, computed, [entry["name"] for entry in manifest["inputs"]], report)
    return computed, report

def print_account(run, approved, computed, report):
    deducted, paid, held, residual = (f"{Decimal(computed.currency.text(amount)):,}" for amount in (
        sum(computed.deductions), total(computed.paid), total(computed.held), computed.residual))
    print(f"plan      SHA-256 {sha256(run / 'plan.toml')},",
          "compared with the approved plan" if approved else "not compared with an approved plan")
    print(f"seal      {sha256(run / 'manifest.json')}")
    print("compared ", ", ".join(f"{file}: {count:,}" for file, count in report.compared.items()))
    print(f"account   {deducted} deducted + {paid} paid + {held} held + {residual} residual"
          f" = {Decimal(computed.currency.text(computed.gross)):,} {computed.currency.code}")

def main():
    parser = argparse.ArgumentParser(description="Verify a run of `payout`.")
    parser.add_argument("run", type=pathlib.Path, metavar="RUN")
    parser.add_argument("--claims", type=pathlib.Path, action="append", required=True)
    parser.add_argument("--plan", type=pathlib.Path, metavar="APPROVED.toml")
    parser.add_argument("--after", type=pathlib.Path, metavar="RECONCILIATION")
    options = parser.parse_args()
    csv.field_size_limit(2**24)
    try:
        computed, report = verify(options.run, options.claims, options.plan, options.after)
    except Exception as error:  # a plan or a run of another form fails somewhere
        text = str(error) if isinstance(error, (Unusable, OSError)) else repr(error)
        print(f"error: {text}\nNothing was verified. Do not pay from this run.", file=sys.stderr)
        return 2
    print_account(options.run, options.plan, computed, report)
    count = len(report.differences)
    for file, row, column, expected, found in report.differences[:SHOWN]:
        print(f"{file}, {row + ', ' if row else ''}{column}: expected {expected}, found {found}")
    if count > SHOWN:
        print(f"… and {count - SHOWN:,} more")
    print(f"FAILED: {count:,} difference{'s' if count > 1 else ''}. Do not pay from this run."
          if count else "All checks passed.")
    return 1 if count else 0

if __name__ == "__main__":
    sys.exit(main())
