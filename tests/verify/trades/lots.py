#!/usr/bin/env python3
"""A slow and obvious reference of the contract TRADES: reads plan.toml, claims.csv and trades
files, matches unit by unit, and works out what `payout compute` has to write in lots.csv,
deficiencies.csv, payouts.csv, held.csv and `trades` of summary.json.

    lots.py PLAN CLAIMS TRADES...        prints them

Written from the contract, not from the program. Covers one award pool, formulas of plain operands,
texts, ranges, bands. What is wrong with openings and closings raises Refused; other errors of the
input are not looked for. Where the contract is silent, the readings are marked `reading:`."""
import csv
import datetime
import math
import re
import sys
import tomllib
from collections import Counter, defaultdict
from fractions import Fraction

LISTS = ["opening", "purchase", "sale", "receipt", "delivery", "closing", "ignore"]
IN, OUT = ("purchase", "receipt"), ("sale", "delivery")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Refused(Exception):
    """The contract says that this input is an error (file and row where it says so)."""


class Trade:
    """A row of the trades file, in new units."""

    def __init__(self, row, cells):
        self.row, self.cells, self.list, self.text = row, cells, None, None
        self.day = self.quantity = self.price = self.security = None


def number(text):
    return Fraction(text) if text != "" else None


def day(text):
    """The day of a date or date-time; None for a blank."""
    return datetime.date.fromisoformat(DAY.match(text).group()) if text else None


def show(value):
    """Numbers without zeros at the end; a fraction that is no decimal as 10/3."""
    if value is None or isinstance(value, (str, datetime.date)):
        return str(value or "")
    value, places = Fraction(value), 0
    while 10**places % value.denominator:
        places += 1
        if places > value.denominator.bit_length():
            return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
    text = digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"
    return ("-" if value < 0 else "") + text


def money(value):
    """To cents, rounded down."""
    cents = math.floor(value * 100)
    return f"{cents // 100}.{cents % 100:02d}"


def plan_number(value):
    """Bare or in quotes, perhaps a fraction."""
    return Fraction(str(value))


class Reference:
    def __init__(self, plan, claims, trades):
        with open(plan, "rb") as file:
            self.plan = tomllib.load(file, parse_float=str)
        self.keys = self.plan["trades"]
        self.match, self.by_security = self.keys.get("match"), self.keys.get("security")
        self.listed = {text: name for name in LISTS for text in self.keys.get(name, [])}
        self.read_claims(claims)
        self.read_trades(trades)
        self.lots = {}          # claimant: list of lots
        self.known = {}         # claimant: balance, oversold, repeated
        self.lines, self.without = {}, set()
        for claimant in self.claims:
            self.work_out(claimant)
        self.judge()

    def read_claims(self, path):
        with open(path, newline="", encoding="utf-8") as file:
            rows = [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(file)]
        key = self.plan.get("claims", {}).get("id", "claimant_id")
        self.claims = {row[key]: row for row in rows}

    def read_trades(self, paths):
        key = self.keys.get("id", self.plan.get("claims", {}).get("id", "claimant_id"))
        column = {name: self.keys.get(name, name) for name in ("kind", "date", "quantity")}
        self.files, self.rows, self.kinds = [], 0, Counter()
        self.of = defaultdict(list)
        for path in paths:
            before = self.rows
            with open(path, newline="", encoding="utf-8") as file:
                for cells in csv.DictReader(file):
                    cells = {k.strip(): v.strip() for k, v in cells.items()}
                    self.rows += 1
                    self.of[cells[key]].append(self.trade(self.rows, cells, column))
            self.files.append(self.rows - before)

    def trade(self, row, cells, column):
        trade = Trade(row, cells)
        trade.text = cells.get(column["kind"])
        trade.list = self.listed[trade.text] if self.listed else "trade"
        if self.listed:
            self.kinds[trade.list] += 1
        if trade.list == "ignore":
            return trade
        trade.day = day(cells.get(column["date"], ""))
        trade.quantity = number(cells.get(column["quantity"], ""))
        trade.security = cells[self.by_security] if self.by_security else ""
        if "amount" in self.keys:
            amount = number(cells[self.keys["amount"]])
            if amount is not None and trade.quantity:
                trade.price = amount / abs(trade.quantity)
        else:
            trade.price = number(cells.get(self.keys.get("price", "price"), ""))
        ratio = self.ratio(trade)
        trade.quantity = trade.quantity and trade.quantity * ratio
        trade.price = trade.price and trade.price / ratio
        return trade

    def ratio(self, trade):
        ratio = Fraction(1)  # all splits after it, multiplied
        for split in self.keys.get("split", []):
            if split.get("security", trade.security) != trade.security:
                continue
            if trade.list == "opening" if trade.day is None else trade.day < split["on"]:
                ratio *= plan_number(split["ratio"])
        return ratio

    def work_out(self, claimant):
        """Lots, deficiencies and what the claim knows of its trades."""
        trades = self.of.get(claimant, [])
        self.lots[claimant] = []
        lines = []  # (security, order, text, row)
        real = [t for t in trades if t.list != "ignore"]
        if not self.match:
            for t in real:
                self.lots[claimant].append(dict(self.other_columns(t, ""), **{
                    "kind": t.text or "", "date": t.day, "quantity": t.quantity, "price": t.price,
                    "security": t.security, "row": t.row}))
                self.lots[claimant][-1]["order"] = self.order(t)
            self.lots[claimant].sort(key=lambda l: (l["security"].encode(), l["order"]))
        securities = sorted({t.security for t in real}, key=str.encode)
        oversold, off, any_closing = False, 0, any(t.list == "closing" for t in trades)
        for security in securities:
            mine = [t for t in real if t.security == security]
            if self.match:
                self.day_lines(security, mine, lines)
                oversold |= self.match_one(claimant, security, mine, lines)
                off += self.balances(security, mine, any_closing, lines)
        repeated = self.repeated(real, lines)
        if self.match:
            balance = "none" if not any_closing else "off" if off else "ok"
            words = {"oversold": "yes" if oversold else "no", "repeated": "yes" if repeated else "no"}
            self.known[claimant] = dict(words, balance=balance)
        self.lines[claimant] = lines
        self.without |= set() if real else {claimant}

    @staticmethod
    def order(trade):
        """Section 3: the opening; by day; what comes in, what goes out, a closing; by row."""
        if trade.list == "opening":
            return (0, datetime.date.min, 0, trade.row)
        if trade.list == "closing" and trade.day is None:
            return (2, datetime.date.min, 0, trade.row)
        step = 0 if trade.list in IN else 1 if trade.list in OUT else 2
        return (1, trade.day or datetime.date.min, step, trade.row)

    def match_one(self, claimant, security, mine, lines):
        openings = sorted((t for t in mine if t.list == "opening"), key=lambda t: t.row)
        others = [t for t in mine if t.list != "opening"]
        if any(o.day and t.day and t.day < o.day for o in openings for t in others):
            raise Refused("an opening dated later than another row of it")
        if len(openings) > 1:
            if any((t.day, t.price) != (openings[0].day, openings[0].price) for t in openings):
                raise Refused("openings of different days or prices")
            lines.append((security, self.order(openings[0]), f"{len(openings)} openings added up", openings[0].row))
        trades = sorted((t for t in others if t.list != "closing"), key=self.order)
        total = sum((t.quantity for t in openings), Fraction(0))
        whole = {t.row: t.quantity for t in trades}
        whole.update({t.row: abs(total) for t in openings[:1]})  # reading: the first row stands for all
        piece = smallest_piece([t.quantity for t in trades] + [total])
        pairs, side = Counter(), "long" if total > 0 else "short"
        open_units = openings[:1] * units(total, piece)  # each unit is the trade that opened it
        opened_short = Counter()
        for t in trades:
            mine_side = "long" if t.list in IN else "short"
            for _ in range(units(t.quantity, piece)):
                if open_units and side != mine_side:
                    closed = open_units.pop(0 if self.match == "fifo" else -1)
                    pairs[closed.row, t.row] += 1
                else:
                    side = mine_side
                    open_units.append(t)
                    if side == "short":
                        opened_short[t.row] += 1
        for t in open_units:
            pairs[t.row, None] += 1
        by_row = {t.row: t for t in mine}
        for (opened, closed), count in pairs.items():
            a, b = by_row[opened], by_row.get(closed)
            long = a.list in IN or (a.list == "opening" and total > 0)
            buy, sell = (a, b) if long else (b, a)
            lot = dict(self.other_columns(a, ""), **self.other_columns(b or a, "close_", blank=b is None))
            lot.update({
                "side": "long" if long else "short", "kind": a.text, "closed_by": b.text if b else "",
                "bought": buy.day if buy else None, "paid": buy.price if buy else None,
                "sold": sell.day if sell else None, "received": sell.price if sell else None,
                "quantity": piece * count, "security": security,
                "opened_quantity": whole[a.row], "closed_quantity": whole[b.row] if b else None,
                "opened_row": a.row, "closed_row": b.row if b else None,
                "order": (self.order(a), self.order(b) if b else (9,))})
            self.lots[claimant].append(lot)
        self.lots[claimant].sort(key=lambda l: (l["security"].encode(), l["order"]))
        for row, count in opened_short.items():
            text = f"{show(piece * count)} sold or delivered that was not held"
            lines.append((security, self.order(by_row[row]), text, row))
        self.prove(claimant, security, trades, openings, whole)
        return bool(opened_short)

    def prove(self, claimant, security, trades, openings, whole):
        """Every trade is the sum of its lots, what is open is the sum of the trades."""
        mine = [l for l in self.lots[claimant] if l["security"] == security]
        for t in trades + openings[:1]:
            assert whole[t.row] == sum(l["quantity"] for l in mine if t.row in (l["opened_row"], l["closed_row"]))
        end = sum(t.quantity * (-1 if t.list in OUT else 1) for t in trades + openings)
        still = [l["quantity"] * (1 if l["side"] == "long" else -1) for l in mine if l["closed_row"] is None]
        assert end == sum(still)

    def other_columns(self, trade, prefix, blank=False):
        named = {self.keys.get(name, name) for name in ("id", "kind", "date", "quantity")}
        named |= {self.keys.get("amount", self.keys.get("price", "price")), self.keys.get("security")}
        return {prefix + k: "" if blank else v for k, v in trade.cells.items() if k not in named}

    def balances(self, security, mine, any_closing, lines):
        """Closings against the trades; how many are off."""
        off, closings = 0, [t for t in mine if t.list == "closing"]
        for on in sorted({t.day for t in closings}, key=lambda d: (d is None, d)):
            same = [t for t in closings if t.day == on]
            if len({t.price for t in same}) > 1:
                raise Refused("closings of one day at different prices")
            if len(same) > 1:
                lines.append((security, self.order(same[0]), f"{len(same)} closings added up", same[0].row))
            listed = sum(t.quantity for t in same)
            held = sum(t.quantity * (-1 if t.list in OUT else 1) for t in mine if t.list != "closing"
                       and (on is None or t.day is None or t.day <= on))
            if listed != held:
                off += 1
                text = f"closing of {show(listed)}, by the trades {show(held)}"
                lines.append((security, self.order(same[0]), text, same[0].row))
        if not closings and any_closing:
            held = sum(t.quantity * (-1 if t.list in OUT else 1) for t in mine)
            if held:
                off += 1
                lines.append((security, (3,), f"no closing, by the trades {show(held)}", None))
        return off

    def day_lines(self, security, mine, lines):
        """What is told of one day: prices that differ (reading: blanks aside), transfers (reading:
        a delivery and a receipt of the same quantity, each receipt once)."""
        for what in ("purchase", "sale"):
            for on in {t.day for t in mine if t.list == what}:
                same = sorted((t for t in mine if t.list == what and t.day == on), key=lambda t: t.row)
                if "amount" not in self.keys and len({t.price for t in same} - {None}) > 1:
                    text = f"{what}s of one day at different prices: the order of the file decides"
                    lines.append((security, self.order(same[0]), text, same[0].row))
        for on in {t.day for t in mine if t.list == "delivery"}:
            came = [t for t in mine if t.list == "receipt" and t.day == on]
            for t in sorted((t for t in mine if t.list == "delivery" and t.day == on), key=lambda t: t.row):
                pair = next((c for c in came if c.quantity == t.quantity), None)
                if pair:
                    came.remove(pair)
                    text = f"{show(t.quantity)} received and {show(t.quantity)} delivered on one day: a transfer?"
                    lines.append((security, self.order(t), text, t.row))

    def repeated(self, trades, lines):
        """Reading: ignored rows are not compared."""
        seen, found = {}, False
        for t in trades:
            cells = tuple(t.cells.values())
            if cells in seen:
                found = True
                lines.append((t.security, self.order(t), f"same cells as row {seen[cells]}", t.row))
            else:
                seen[cells] = t.row
        return found

    def holds(self, when, cells):
        for column, want in when.items():
            cell = cells[column]
            if isinstance(want, str):
                good = cell == want
            elif isinstance(want, list):
                good = cell in want
            elif "not" in want:
                no = want["not"] if isinstance(want["not"], list) else [want["not"]]
                good = cell not in no
            elif cell in (None, "") or set(want) == {"blank"}:
                good = want["blank"] == (cell in (None, ""))
            else:
                kind = (lambda x: x) if isinstance(cell, datetime.date) else plan_number
                cell = cell if isinstance(cell, (Fraction, datetime.date)) else Fraction(cell)
                good = all({"from": cell >= kind(b), "above": cell > kind(b), "to": cell <= kind(b),
                            "below": cell < kind(b)}[k] for k, b in want.items() if k != "blank")
            if not good:
                return False
        return True

    def operand(self, op, read):
        if not isinstance(op, dict):
            return plan_number(op)
        cell = read(op["column"])
        if "table" in op:
            table = self.plan["table"][op["table"]]
            if cell in (None, ""):
                return plan_number(table["blank"])
            for band in table["bands"]:
                if "to" in band and cell > band["to"] or "below" in band and cell >= band["below"]:
                    continue
                return plan_number(band["value"])
        if cell in (None, ""):
            return plan_number(op["blank"])
        return Fraction(cell) * plan_number(op.get("times", 1))

    def formula(self, value, read, cells):
        if not self.holds(value.get("when", {}), cells):
            return Fraction(0)
        now = Fraction(0)
        for step in value["steps"]:
            if not self.holds(step.get("when", {}), cells):
                continue
            verb = next(k for k in step if k not in ("when", "label"))
            x = self.operand(step[verb], read)
            now = {"add": lambda: now + x, "subtract": lambda: now - x, "times": lambda: now * x,
                   "divide": lambda: now / x, "at_least": lambda: max(now, x), "at_most": lambda: min(now, x),
                   "round": lambda: (1 if now >= 0 else -1) * math.floor(abs(now) / x + Fraction(1, 2)) * x}[verb]()
        return now

    def named_above(self):
        """The values per lot that anything above the lots names, in the plan's order."""
        values = self.plan.get("value", {})
        texts = [s for v in values.values() if v.get("per") != "lot" for s in v["steps"]] + self.plan["pool"][0]["award"]
        named = {op["column"] for s in texts for op in s.values() if isinstance(op, dict) and "column" in op}
        return [name for name in values if values[name].get("per") == "lot" and name in named]

    def values_of(self, lot):
        """Values per lot that are worked out: those named above, and what they reach."""
        values, done = self.plan.get("value", {}), {}

        def read(column):
            if column in values and values[column].get("per") == "lot":
                if column not in done:
                    done[column] = self.formula(values[column], read, lot)
                return done[column]
            return lot[column]

        for name in self.named_above():
            read(name)
        return done

    def judge(self):
        status = self.plan.get("claims", {}).get("status", False)
        self.payouts, self.held, self.unpaid, self.values = {}, {}, {}, {}
        per_lot = [n for n, v in self.plan.get("value", {}).items() if v.get("per") == "lot"]
        for claimant, claim in self.claims.items():
            cells = dict(claim, **self.known.get(claimant, {}))
            reason = next((e["reason"] for e in self.plan.get("exclude", []) if self.holds(e["when"], cells)), None)
            if reason is None and status and claim[status] in self.plan["claims"].get("deny", []):
                reason = f"status: {claim[status]}"
            if reason is not None:
                self.unpaid[claimant] = reason
                self.lots[claimant] = []
                continue
            self.values[claimant] = [self.values_of(lot) for lot in self.lots[claimant]]
            sums = {n: sum((v.get(n, 0) for v in self.values[claimant]), Fraction(0)) for n in per_lot}
            values = self.plan.get("value", {})

            def read(column):
                if column in values and values[column].get("per") != "lot":
                    return self.formula(values[column], read, cells)
                return sums[column] if column in sums else cells[column]

            award = self.formula({"steps": self.plan["pool"][0]["award"]}, read, cells)
            hold = status and claim[status] in self.plan["claims"].get("hold", [])
            if award == 0:
                self.unpaid[claimant] = "no shares in any pool"
            elif math.floor(award * 100) == 0:
                self.unpaid[claimant] = "payout comes to 0.00"
            else:
                (self.held if hold else self.payouts)[claimant] = money(award)
            if claimant in self.without:
                self.lines[claimant].append(("", (0,), "no trades", None))

    def lot_rows(self):
        per_lot = [n for n, v in self.plan.get("value", {}).items() if v.get("per") == "lot"]
        head = ("side kind closed_by bought paid sold received quantity opened_row closed_row" if self.match
                else "kind date price quantity row").split()
        rows = [["claimant_id", "security"] + head + per_lot]
        for claimant in self.claims:
            for lot, values in zip(self.lots[claimant], self.values.get(claimant, [])):
                rows.append([claimant, lot["security"]] + [show(lot[h]) for h in head]
                            + [show(values.get(n)) for n in per_lot])
        return rows

    def deficiency_rows(self):
        rows = []
        for claimant in self.claims:
            for security, order, text, row in sorted(self.lines[claimant], key=place):
                rows.append([claimant, security, "" if row is None else str(row), text])
        return rows

    def summary(self):
        lots = [l for c in self.claims for l in self.lots[c]]
        count = Counter(l.get("side") for l in lots)
        count["open"] = sum(1 for l in lots if l.get("closed_row", 0) is None)
        return {"files": self.files, "rows": self.rows, "kinds": dict(self.kinds), "claimants": len(self.of),
                "lots": {name: count[name] for name in ("long", "short", "open")},
                "balance": dict(Counter(k["balance"] for k in self.known.values()))}


def place(line):
    """Lines in the order of lots; those of one row in the order of section 7."""
    texts = ["closing of", "no closing", "not held", "same cells", "order of the file", "transfer?", "added up", ""]
    return line[0].encode(), line[1], next(n for n, t in enumerate(texts) if t in line[2])


def smallest_piece(quantities):
    """The greatest quantity of which all are multiples."""
    denominator = math.lcm(*(q.denominator for q in quantities))
    return Fraction(math.gcd(*(int(q * denominator) for q in quantities)) or 1, denominator)


def units(quantity, piece):
    return int(abs(quantity) / piece)


if __name__ == "__main__":
    reference = Reference(sys.argv[1], sys.argv[2], sys.argv[3:])
    for rows in (reference.lot_rows(), reference.deficiency_rows()):
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        print("--")
    print(reference.payouts, reference.held, reference.unpaid, reference.known, reference.summary(), sep="\n")
