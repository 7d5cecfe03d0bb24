#!/usr/bin/env python3
"""Verify a run of `payout` with a program that shares nothing with it.

    python3 verify.py RUN --claims CLAIMS.csv [--claims MORE.csv] [--plan APPROVED.toml]

RUN is the folder that `payout compute` wrote. The claims are the files that it was
computed from, in the same order, plain or packed with gzip. With --plan, the plan of the
run must be the approved plan, byte for byte.

The program computes every payment again from RUN/plan.toml and the claims, in exact
fractions, and compares the results with the run: every cell of payouts.csv, held.csv and
unpaid.csv, the figures of summary.json, and the digests of manifest.json. The exit status
is 0 if everything agrees; 1 if there are differences; 2 if the plan or the claims cannot
be used, or use something that this program does not read.

It was written from docs/plan-reference.md alone and shares no code with `payout`. The
comment above each rule names the heading of the plan reference that the rule carries out.
It needs Python 3.11 and nothing else. README.md next to it says what it does not check.

Read it from top to bottom: the plan, cells, conditions, formulas, claims, the fund,
pools, tax flags; then what the files of the run should say, and the comparison.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import operator
import pathlib
import re
import sys
import tomllib
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

SHOWN = 20  # differences that are printed; the others are counted

class Unusable(Exception):
    """The plan, the claims or the run cannot be used; the text says why."""

def need(condition, otherwise):
    if not condition:
        raise Unusable(otherwise)

# ---------------------------------------------------------------- the plan

# plan reference, "Index of keys". Any other key makes the plan unusable, since it may
# change payments in a way that this program does not know.
KEYS = {
    "settlement": "name docket currency draft",
    "class": "members notices opt_outs objections", "fund": "amount interest",
    "deduction": "name kind amount percent fraction each count brackets of round",
    "claims": "id status pay hold deny rows",
    "column": "values thousands prefix format rows",
    "exclude": "reason when", "subclass": "name when",
    "pool": "name amount percent fraction up_to of when shares award at_least at_most"
            " less raise reduce drop round unit",
    "residual": "to", "payment": "method", "statement": "columns text",
    "tax": "threshold number earlier",
}
# plan reference, "Formulas": what each verb makes of the value so far and the operand.
VERBS = {"add": operator.add, "subtract": operator.sub, "times": operator.mul,
         "at_least": max, "at_most": min}
FORMULAS = ["shares", "award", "at_least", "at_most", "less"]

# ISO 4217: the currencies that do not have two decimals.
DECIMALS = {"CLF": 4, "UYW": 4} | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"

# plan reference, "Numbers and texts": a number or fraction, with or without quotes.
number = Fraction

def check_keys(table, known, where):
    for key in table:
        need(key in known, f"the plan has `{key}` in {where}, which this verifier does not read")

def read_plan(path):
    """The plan, with an empty table or list for each part that it does not have."""
    plan = parsed(path, lambda text: tomllib.loads(text, parse_float=Decimal))
    check_keys(plan, KEYS, "the plan")
    for part, known in KEYS.items():
        content = plan.setdefault(part, [] if part in ("deduction", "exclude", "pool") else {})
        if part in ("column", "subclass"):
            content = list(content.values())
        for table in content if isinstance(content, list) else [content]:
            check_keys(table, known.split(), f"[{part}]")
    if isinstance(plan["tax"].get("earlier"), str):
        plan["tax"]["earlier"] = {"column": plan["tax"]["earlier"]}
    for pool in plan["pool"]:
        check_keys(pool.get("drop", {}), ["below", "at_or_below", "method", "when"], "`drop`")
        for step in steps_of_pool(pool):
            check_keys(step, [*VERBS, "when", "label"], "a step")
    for operand in operands_of(plan):
        check_keys(operand, "column up_to times brackets blank table award".split(), "an operand")
    return plan

def parsed(path, parse):
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"{path}: {error}") from error

def steps_of(formula):
    """The steps of a formula; a formula that is a number adds this number."""
    return formula if isinstance(formula, list) else [{"add": formula}]

def steps_of_pool(pool):
    return [step for key in FORMULAS if key in pool for step in steps_of(pool[key])]

def verb_and_operand(step):
    return next((verb, step[verb]) for verb in VERBS if verb in step)

class Currency:
    """Amounts are fractions in units of the currency; this rounds and writes them."""
    def __init__(self, code):
        self.code = code
        self.decimals = 0 if code in NO_DECIMALS.split() else DECIMALS.get(code, 2)
        self.minor_unit = Fraction(1, 10**self.decimals)

    def down(self, amount):
        return floor(amount / self.minor_unit) * self.minor_unit

    def up(self, amount):
        return ceil(amount / self.minor_unit) * self.minor_unit

    def nearest(self, amount):  # a half is rounded up
        return self.down(amount + self.minor_unit / 2)

    def text(self, amount):  # `10.00`, and more decimals only if the amount has more
        return decimal_text(amount, self.decimals)

def decimal_text(value, decimals=0):
    """An exact decimal, with at least so many digits after the point."""
    while (value * 10**decimals).denominator != 1:
        decimals += 1
    digits = str(int(value * 10**decimals)).rjust(decimals + 1, "0")
    point = len(digits) - decimals
    return digits[:point] + ("." + digits[point:] if decimals else "")

# ---------------------------------------------------------------- cells

SEPARATORS = {",": ",", "_": "_", " ": " \u00a0\u202f\u2009", "'": "'\u2019"}

def cell(row, column):
    need(column in row, f"the claims have no column `{column}`, or two of this name")
    return row[column]

# plan reference, "Columns": `thousands` and `prefix`.
def amount_in(content, written):
    """The number in a cell; `written` is the [column] of the cell, or empty."""
    if isinstance(content, Fraction):  # added up over several rows
        return content
    rest = content
    if "prefix" in written and content.startswith(written["prefix"]):
        rest = content[len(written["prefix"]):].lstrip()
    for between in SEPARATORS.values():
        if written.get("thousands", "none") in between and re.fullmatch(
                rf"[1-9][0-9]{{0,2}}([{between}][0-9]{{3}})+(\.[0-9]+)?", rest):
            rest = re.sub(f"[{between}]", "", rest)
    need(re.fullmatch(r"[0-9]+(\.[0-9]+)?", rest), f"`{content}` is not an amount")
    return Fraction(rest)

DATES = {"YYYY-MM-DD": r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
         "MM/DD/YYYY": r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4})",
         "DD/MM/YYYY": r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})"}
TIME = (r"(,?(T|\s+)(?P<hour>\d\d?):(?P<minute>\d\d)(:(?P<second>\d\d)(?P<part>\.\d+)?)?"
        r"(\s*(?P<half>[AaPp])\.?[Mm]\.?)?(\s*(?P<zone>Z|UTC|[+-]\d\d(:?\d\d)?))?)?")

# plan reference, "Dates and moments".
def date_in(content, form, with_offset):
    """The date in a cell; or, if bounds have an offset, the moment in UTC and its fraction."""
    found = re.fullmatch(DATES[form] + TIME, content, re.ASCII)
    need(found, f"`{content}` is not a date of the form {form}")
    need(with_offset == bool(found["zone"]),
         f"`{content}` has an offset and the bounds of the plan have none, or the reverse")
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    zone = (found["zone"] or "Z").replace(":", "")
    offset = 0 if zone in ("Z", "UTC") else int(zone[:3]) * 60 + int(zone[0] + (zone[3:] or "0"))
    try:
        moment = datetime(int(found["year"]), int(found["month"]), int(found["day"]), hour,
                          int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError as error:
        raise Unusable(f"`{content}`: {error}") from error
    need(moment.year >= 1000 and str(moment.date()) not in ("1899-12-30", "1899-12-31",
         "1900-01-01"), f"`{content}` is what programs write where a date is missing")
    if with_offset:
        return moment - timedelta(minutes=offset), Fraction(found["part"] or 0)
    return moment.date()

def moment_of(bound):
    """A bound with an offset, like the moments of date_in."""
    utc = bound.astimezone(timezone.utc).replace(tzinfo=None)
    return utc.replace(microsecond=0), Fraction(utc.microsecond, 10**6)

# ---------------------------------------------------------------- conditions

# plan reference, "Conditions": all entries must hold; the first that fails ends the search.
def holds(condition, row, plan, subclasses=None):
    for column, entry in condition.items():
        if column == "in" and subclasses is not None:
            if not set(texts(entry)) & set(subclasses):
                return False
        elif not entry_holds(entry, cell(row, column), plan["column"].get(column, {})):
            return False
    return True

def texts(entry):
    return entry if isinstance(entry, list) else [entry]

def entry_holds(entry, content, written):
    if not isinstance(entry, dict):
        return content in texts(entry)
    check_keys(entry, ["not", "from", "to", "blank"], "a condition")
    if "not" in entry:
        return content not in texts(entry["not"])
    bounds = [entry[end] for end in ("from", "to") if end in entry]
    need(content != "" or "blank" in entry, "a cell is blank that a range reads without `blank`")
    if content == "" or not bounds:
        return entry["blank"] == (content == "")
    if isinstance(bounds[0], datetime):
        value, read = date_in(content, "YYYY-MM-DD", True), moment_of
    elif isinstance(bounds[0], date):
        value, read = date_in(content, written.get("format", "YYYY-MM-DD"), False), lambda day: day
    else:
        value, read = amount_in(content, written), number
    return (("from" not in entry or read(entry["from"]) <= value)
            and ("to" not in entry or value <= read(entry["to"])))

# ---------------------------------------------------------------- formulas

# plan reference, "Formulas": a formula starts at 0, and each step changes the value so far.
def evaluate(formula, claim, plan, own=None):
    value = Fraction(0)
    for step in steps_of(formula):
        if "when" in step and not holds(step["when"], claim.row, plan, claim.subclasses):
            continue
        verb, operand = verb_and_operand(step)
        value = VERBS[verb](value, operand_value(operand, claim.row, plan, own))
    need(value >= 0, f"claimant {claim.id}: a formula comes to {value}, which is negative")
    return value

# plan reference, "Operands": `up_to`, `brackets` and `times` apply in this order.
def operand_value(operand, row, plan, own):
    if not isinstance(operand, dict):
        return number(operand)
    if "award" in operand:
        return number(operand["award"]) * own
    column, content = operand["column"], cell(row, operand["column"])
    if "table" in operand:
        need(content in operand["table"], f"`{content}` is not in the table of `{column}`")
        value = number(operand["table"][content])
    elif content == "":
        need("blank" in operand, f"a cell of column `{column}` is blank")
        value = number(operand["blank"])
    else:
        value = amount_in(content, plan["column"].get(column, {}))
    if "up_to" in operand:
        value = min(value, number(operand["up_to"]))
    if "brackets" in operand:
        value = layered(value, operand["brackets"], "rate")
    return value * number(operand.get("times", 1))

# plan reference, "Deductions" and "Operands": each layer at its own rate.
def layered(value, brackets, rate):
    total, bottom = Fraction(0), Fraction(0)
    for layer in brackets:
        top = min(value, number(layer["to"])) if "to" in layer else value
        total += max(top - bottom, 0) * number(layer[rate])
        bottom = max(bottom, top)
    return total

# ---------------------------------------------------------------- claims

@dataclass
class Row:
    """A row of the claims file, and what the plan says of it."""
    place: int  # rows count from 1 below the header
    id: str
    cells: dict
    status: str = ""
    held: bool = False
    reason: str | None = None  # why the row is not paid
    accepted: bool = True  # neither excluded nor denied

@dataclass
class Claim:
    """One claimant: one accepted row, or the sum of several."""
    rows: list
    row: dict  # the cells; a cell that was added up is a Fraction
    subclasses: list = field(default_factory=list)
    weights: list = field(default_factory=list)  # shares or award, by pool
    payments: list = field(default_factory=list)  # by pool
    dropped: str | None = None  # the reason, if a pool dropped the claimant

    def __post_init__(self):
        self.id, self.status, self.held = self.rows[0].id, self.rows[0].status, self.rows[0].held

    @property
    def payout(self):
        return sum(self.payments, Fraction(0))

# plan reference, "Claims": cells are read without surrounding white space; empty rows, and
# rows of nothing but commas, are not counted.
def read_claims(paths):
    """The cells of all rows, and the number of rows of each file."""
    rows, counts = [], []
    for path in paths:
        content = path.read_bytes()
        for start, kind in ((b"PK", "a workbook"), (b"\x28\xb5\x2f\xfd", "packed with zstd")):
            need(not content.startswith(start),
                 f"{path} is {kind}, which this verifier does not read")
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        header, *table = [[text.strip() for text in line] for line in csv_lines(content, path)
                          if any(text.strip() for text in line)] or [[]]
        for line in table:
            need(len(line) == len(header), f"{path}: a row is longer or shorter than the header")
            rows.append({name: text for name, text in zip(header, line)
                         if header.count(name) == 1})
        counts.append(len(table))
    return rows, counts

def csv_lines(content, path):
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        return list(csv.reader(text, strict=True))
    except (ValueError, csv.Error) as error:
        raise Unusable(f"{path} is not CSV in UTF-8: {error}") from error

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
        if holds(exclusion["when"], row.cells, plan):
            row.reason = exclusion["reason"]
            break
    row.accepted = row.reason is None

def operands_of(plan):
    """Every operand that reads a column."""
    found = [verb_and_operand(step)[1] for pool in plan["pool"] for step in steps_of_pool(pool)]
    return [operand for operand in found if isinstance(operand, dict) and "award" not in operand]

# plan reference, "Several rows for one claimant".
def combine(rows, plan):
    """The claims in the order of their first accepted rows."""
    add_up = plan["claims"].get("rows", "unique") == "sum"
    need(add_up or len({row.id for row in rows}) == len(rows), "an id occurs in two rows")
    by_id = defaultdict(list)
    for row in rows:
        if row.accepted:
            by_id[row.id].append(row)
    added, read_once = columns_to_combine(plan) if add_up else ([], [])
    claims = []
    for id, group in by_id.items():
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
        claims.append(Claim(group, combined))
    return claims

def columns_to_combine(plan):
    """The columns that are added up, and those in which the rows must agree."""
    parts = [*plan["subclass"].values(), *plan["pool"]]
    for pool in plan["pool"]:
        parts += [pool.get("drop", {}), *steps_of_pool(pool)]
    same = {name for name, written in plan["column"].items() if written.get("rows") == "same"}
    added = {operand["column"] for operand in operands_of(plan) if "table" not in operand} - same
    read = {column for part in parts for column in part.get("when", {})} - {"in"}
    read |= {operand["column"] for operand in operands_of(plan)} | set(plan["payment"].values())
    if plan["tax"]:
        read.add(plan["tax"]["number"])
        read |= {plan["tax"]["earlier"]["column"]} if "earlier" in plan["tax"] else set()
    return added, read - added

# ---------------------------------------------------------------- the fund

# plan reference, "Deductions".
def fund_account(plan, currency):
    """The fund with interest, the deductions, and the net fund."""
    fund = number(plan["fund"]["amount"])
    gross = rest = fund + number(plan["fund"].get("interest", 0))
    rounding = {"nearest": currency.nearest, "down": currency.down, "up": currency.up}
    deductions = []
    for part in plan["deduction"]:
        if "amount" in part:
            exact = number(part["amount"])
        elif "each" in part:
            exact = number(part["each"]) * part["count"]
        else:
            need("of" in part or fund == gross, "with interest, a part of the fund needs `of`")
            base = {"amount": fund, "gross": gross, "remaining": rest}[part.get("of", "amount")]
            exact = (layered(base, part["brackets"], "percent") / 100 if "brackets" in part
                     else base * part_of_whole(part))
        deductions.append(rounding[part.get("round", "nearest")](exact))
        rest -= deductions[-1]
        need(rest >= 0, f"deduction \"{part['name']}\" exceeds what is left of the fund")
    return gross, deductions, rest

def part_of_whole(part):
    return number(part["percent"]) / 100 if "percent" in part else number(part["fraction"])

# ---------------------------------------------------------------- pools

@dataclass
class Participant:
    """A claim in one pool."""
    claim: Claim
    weight: Fraction
    upper: Fraction | None  # `at_most`
    terms: tuple  # of the equation: w, o (`less`), a (`at_least`) and b (`at_most`)
    exact: Fraction = Fraction(0)
    paid: Fraction = Fraction(0)

# plan reference, "One equation".
def payment(rate, weight, offset, lower, upper):
    amount = max(lower, rate * weight - offset)
    return amount if upper is None else min(upper, amount)

# plan reference, "The money of a pool".
def money_of(pool, net, left, currency):
    money = left
    if "amount" in pool:
        money = number(pool["amount"])
    elif "up_to" in pool:
        money = min(number(pool["up_to"]), left)
    elif "percent" in pool or "fraction" in pool:
        base = left if pool.get("of", "net") == "remaining" else net
        money = currency.down(base * part_of_whole(pool))
    need(money <= left, f"pool \"{pool['name']}\" needs more than is left of the net fund")
    return money

# plan reference, "Pools", "Limits: `at_least` and `at_most`" and "`less`: what was received
# before": limits are rounded inward; a claimant whose weight is 0 does not participate.
def participants_of(pool, claims, plan, currency):
    found = []
    for claim in claims:
        weight = Fraction(0)
        if "when" not in pool or holds(pool["when"], claim.row, plan, claim.subclasses):
            weight = evaluate(pool["shares"] if "shares" in pool else pool["award"], claim, plan)
        claim.weights.append(weight)
        claim.payments.append(Fraction(0))
        if weight == 0:
            continue
        offset = evaluate(pool.get("less", 0), claim, plan)
        lower = currency.up(evaluate(pool.get("at_least", 0), claim, plan, weight))
        upper = (currency.down(evaluate(pool["at_most"], claim, plan, weight))
                 if "at_most" in pool else None)
        need(upper is None or lower <= upper, f"claimant {claim.id}: `at_least` above `at_most`")
        found.append(Participant(claim, weight, upper, (weight, offset, lower, upper)))
    return found

# plan reference, "One equation" and "`raise` and `reduce`": the lowest and highest rate.
def rate_bounds(pool):
    highest = "unlimited" if "shares" in pool else pool.get("raise", 1)
    return number(pool.get("reduce", 0)), None if highest == "unlimited" else number(highest)

# plan reference, "One equation".
def solve(participants, money, pool):
    """Set the exact payments. The rate; None if there is none, since all have `at_most`."""
    lowest, highest = rate_bounds(pool)
    uppers = [one.upper for one in participants]
    need(sum(payment(lowest, *one.terms) for one in participants) <= money,
         f"pool \"{pool['name']}\" cannot pay its minimum payments")
    if highest is None and None not in uppers and sum(uppers) <= money:
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
def divide(participants, pool, money, plan, currency):
    """The participants who stay, and the rate."""
    rate = solve(participants, money, pool)
    rule, staying = pool.get("drop"), participants
    while rule:
        limit = number(rule["below"] if "below" in rule else rule["at_or_below"])
        small = [one for one in staying
                 if (one.exact < limit or ("at_or_below" in rule and one.exact == limit))
                 and ("when" not in rule
                      or holds(rule["when"], one.claim.row, plan, one.claim.subclasses))]
        if rule["method"] == "smallest-first":
            least = min((one.exact for one in small), default=None)
            small = [one for one in small if one.exact == least]
        if not small:
            break
        words = "below" if "below" in rule else "at or below"
        for one in small:
            one.claim.dropped = one.claim.dropped or (
                f"{words} the minimum payment of {currency.text(limit)} in pool"
                f" \"{pool['name']}\"")
        leaving = {id(one) for one in small}
        staying = [one for one in staying if id(one) not in leaving]
        rate = solve(staying, money, pool)
        if rule["method"] == "all-at-once":
            break
    return staying, rate

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
# to the next. "One equation": the rate with twelve decimals, truncated.
def fill_pools(claims, plan, net, currency):
    """The figures of every pool, and what is left."""
    left, figures = net, []
    for pool in plan["pool"]:
        money = money_of(pool, net, left, currency)
        everyone = participants_of(pool, claims, plan, currency)
        staying, rate = divide(everyone, pool, money, plan, currency)
        unit_rate = round_payments(staying, pool, rate, currency)
        for one in staying:
            one.claim.payments[-1] = one.paid
        paid = sum(one.paid for one in staying if not one.claim.held)
        held = sum(one.paid for one in staying if one.claim.held)
        need(paid + held <= money, f"pool \"{pool['name']}\" pays more than it has")
        left -= paid + held
        weights = sum((one.weight for one in staying), Fraction(0))
        truncated = None if rate is None else Fraction(floor(rate * 10**12), 10**12)
        figures.append({
            "name": pool["name"], "available": currency.text(money),
            "participants": len(staying), "dropped": len(everyone) - len(staying),
            "shares": decimal_text(weights) if "shares" in pool else None,
            "awards": currency.text(weights) if "award" in pool else None,
            "rate": None if rate is None else decimal_text(truncated, 12),
            "rate_exact": None if rate is None else str(rate),
            "unit_rate": None if unit_rate is None else currency.text(unit_rate),
            "paid": currency.text(paid), "held": currency.text(held),
            "left": currency.text(money - paid - held),
        })
    return figures, left

# ---------------------------------------------------------------- tax flags

# plan reference, "Tax flags".
def at_or_over(claim, plan):
    earlier = operand_value(plan["tax"].get("earlier", 0), claim.row, plan, None)
    return claim.payout + earlier >= number(plan["tax"]["threshold"])

def has_number(claim, plan):
    return valid_number(cell(claim.row, plan["tax"]["number"]))

def tax_flag(claim, plan):
    flag = "at or over" if has_number(claim, plan) else "at or over; no valid number"
    return flag if at_or_over(claim, plan) else ""

# plan reference, "Valid taxpayer numbers".
def valid_number(text):
    def between(part, *ranges):
        return any(low <= int(part) <= high for low, high in ranges)
    found = re.fullmatch(r"([0-9]{3})(-?)([0-9]{2})(-?)([0-9]{4})"
                         r"|([0-9]{2})-([0-9]{7})", text)
    digits = text.replace("-", "")
    if (not found or found[2] != found[4] or len(set(digits)) == 1
            or digits in ("123456789", "078051120", "219099999")):
        return False
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    ssn = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    itin = area >= "900" and between(group, (50, 65), (70, 88), (90, 92), (94, 99))
    ein = between(digits[:2], (1, 6), (10, 16), (20, 27), (30, 48), (50, 68), (71, 77),
                  (80, 88), (90, 95), (98, 99))
    if "-" not in text:
        return ssn or itin or ein
    return ein if found[6] else ssn or itin

# ---------------------------------------------------------------- what the files should say

class Computed:
    """Everything that follows from the plan and the claims."""
    def __init__(self, plan, paths):
        self.plan = plan
        self.currency = Currency(plan["settlement"].get("currency", "USD"))
        cells, self.row_counts = read_claims(paths)
        id = plan["claims"].get("id", "claimant_id")
        self.rows = [Row(place, cell(row, id), row) for place, row in enumerate(cells, 1)]
        for row in self.rows:
            judge(row, plan)
        self.claims = combine(self.rows, plan)
        for claim in self.claims:
            claim.subclasses = [key for key, subclass in plan["subclass"].items()
                                if holds(subclass["when"], claim.row, plan)]
        self.gross, self.deductions, self.net = fund_account(plan, self.currency)
        self.pools, self.residual = fill_pools(self.claims, plan, self.net, self.currency)
        self.paid = [claim for claim in self.claims if claim.payout > 0 and not claim.held]
        self.held = [claim for claim in self.claims if claim.payout > 0 and claim.held]
        # plan reference, "What is not paid": the first reason that applies.
        for claim in self.claims:
            for row in claim.rows if claim.payout == 0 else []:
                row.reason = claim.dropped or (
                    f"payout comes to {self.currency.text(Fraction(0))}" if any(claim.weights)
                    else "no shares in any pool")

    # plan reference, "The money of a pool", "Several rows for one claimant", "Tax flags".
    def columns(self):
        """The columns of payouts.csv: the name, and what it says of a claim."""
        money, pools = self.currency.text, self.plan["pool"]
        columns = [("claimant_id", lambda claim: claim.id),
                   ("subclass", lambda claim: ";".join(claim.subclasses)),
                   ("rows", lambda claim: str(len(claim.rows)))]
        columns = columns if self.plan["claims"].get("rows") == "sum" else columns[:2]
        for n, pool in enumerate(pools):
            kind, text = ("shares", decimal_text) if "shares" in pool else ("award", money)
            name = "" if len(pools) == 1 else pool["name"] + " "
            columns.append((name + kind, lambda claim, n=n, text=text: text(claim.weights[n])))
            if name:
                columns.append((name + "payout", lambda claim, n=n: money(claim.payments[n])))
        if self.plan["tax"]:
            columns.append(("tax", lambda claim: tax_flag(claim, self.plan)))
        return columns + [("payout", lambda claim: money(claim.payout))]

    def tables(self):
        """The header and the rows of each file."""
        header, texts = zip(*self.columns())
        paid, held = ([[text(claim) for text in texts] for claim in claims]
                      for claims in (self.paid, self.held))
        unpaid = [[row.id, str(row.place), row.reason] for row in self.rows if row.reason]
        held = [line + [claim.status] for line, claim in zip(held, self.held)]
        return {"payouts.csv": [[*header], *paid], "held.csv": [[*header, "status"], *held],
                "unpaid.csv": [["claimant_id", "row", "reason"], *unpaid]}

    def sums(self, claims):
        return {"count": len(claims), "total": self.currency.text(total(claims))}

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
            "settlement": dict.fromkeys(KEYS["settlement"].split())
            | plan["settlement"] | {"currency": self.currency.code},
            "inputs": [{"name": name, "rows": rows} for name, rows in zip(inputs, self.row_counts)],
            "class": dict.fromkeys(KEYS["class"].split()) | plan["class"],
            "fund": {
                "amount": money(number(plan["fund"]["amount"])), "net": money(self.net),
                "interest": money(number(plan["fund"].get("interest", 0))),
                "deductions": [{"name": part["name"], "kind": part.get("kind", "other"),
                                "amount": money(amount)}
                               for part, amount in zip(plan["deduction"], self.deductions)],
            },
            "claims": self.counts(), "pools": self.pools,
            "subclasses": [self.subclass(key) for key in plan["subclass"]],
            "payouts": self.payouts(), "held": self.sums(self.held),
            "residual": {"amount": money(self.residual), "to": plan["residual"].get("to")},
            "ties_out": True,
        }
        return summary | ({"tax": self.tax()} if plan["tax"] else {})

    # plan reference, "What is not paid": the most frequent reason first.
    def counts(self):
        counts = Counter(row.reason for row in self.rows if row.reason)
        reasons = sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))
        return {
            "rows": len(self.rows), "claimants": len({row.id for row in self.rows}),
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
        figures = self.sums(self.paid) | self.spread(self.paid) | {"average": None}
        if self.paid:
            average = self.currency.nearest(total(self.paid) / len(self.paid))
            figures["average"] = self.currency.text(average)
        if self.plan["payment"]:
            methods = defaultdict(list)
            for claim in self.paid:
                methods[cell(claim.row, self.plan["payment"]["method"])].append(claim)
            figures["by_method"] = [{"method": method, **self.sums(methods[method])}
                                    for method in sorted(methods, key=str.encode)]
        return figures

    # plan reference, "Tax flags": payouts only, neither held amounts nor earlier payments.
    def tax(self):
        over = [claim for claim in self.paid if at_or_over(claim, self.plan)]
        without = [claim for claim in self.paid if not has_number(claim, self.plan)]
        return {
            "threshold": self.currency.text(number(self.plan["tax"]["threshold"])),
            "at_or_over": self.sums(over),
            "at_or_over_without_number": self.sums([claim for claim in over if claim in without]),
            "without_number": self.sums(without),
        }

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
    """The single values of JSON by their paths, like `pools.0.paid`."""
    if not value or not isinstance(value, (dict, list)):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {name: leaf for key, inner in items
            for name, leaf in flat(inner, f"{path}.{key}".lstrip(".")).items()}

def check_table(run, name, expected, report):
    width = 2 if name == "unpaid.csv" else 1  # an id, or id and row, names a row
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
    plan = found.pop("plan", {}).get("sha256")
    report.compare("summary.json", "", "plan.sha256", sha256(run / "plan.toml"), plan)
    expected, found = flat(computed.summary(inputs)), flat(found)
    for path in expected | found:
        report.compare("summary.json", "", path, expected.get(path, "nothing"),
                       found.get(path, "nothing"))

def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()

# verifying, "What a check does" and "Any run, with any tool".
def check_manifest(run, manifest, paths, row_counts, report):
    def compare(entry, **expected):
        for key, value in expected.items():
            report.compare("manifest.json", entry["name"], key, value, entry.get(key))

    compare({"name": "inputs", "number": len(manifest["inputs"])}, number=len(paths))
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
    for name in sorted({path.name for path in run.iterdir()} - names):
        compare({"name": name, "file": "in the run"}, file="not in the run")

def verify(run, paths, approved):
    report = Report()
    if approved:
        report.compare("plan.toml", "", "sha256", sha256(approved), sha256(run / "plan.toml"))
    manifest = parsed(run / "manifest.json", json.loads)
    computed = Computed(read_plan(run / "plan.toml"), paths)
    check_manifest(run, manifest, paths, computed.row_counts, report)
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
    options = parser.parse_args()
    csv.field_size_limit(2**24)
    try:
        computed, report = verify(options.run, options.claims, options.plan)
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
