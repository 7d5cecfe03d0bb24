#!/usr/bin/env python3
"""Random portfolios and plans: `payout` against lots.py, and the changes that must change nothing.

    driver.py BINARY [--seed N] [--cases N] [--claimants N] [--keep DIR] [--only SEED]

Each case is made from its own number (seed + n), so that a case that fails can be made again with
`--only`. Every case is compared with the reference; in turn one of these besides: `payout check`,
threads, a trade cut in two, the order of rows of different days, trades written in new units.
Exit 1 if anything differs; the files of cases that differ are left in DIR."""
import argparse
import csv
import datetime
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from fractions import Fraction

import lots

KINDS = {"opening": ["open"], "purchase": ["buy", "buy in"], "sale": ["sell"], "receipt": ["in", "gift"],
         "delivery": ["out"], "closing": ["close"], "ignore": ["div"]}
DAYS = [datetime.date(2020, 1, d) for d in range(1, 6)]
TABLE = """[table.infl]
bands = [ { to = 2020-01-02, value = 5 }, { below = 2020-01-04, value = 2.5 }, { value = 0.75 } ]
blank = 1.25
"""


class Case:
    def __init__(self, seed, claimants, unmatched=True):
        self.unmatched = unmatched  # short holdings, and no lists, in plans without `match`
        self.r = r = random.Random(seed)
        self.match = r.choice(["fifo", "fifo", "lifo", "lifo", None])
        self.listless = False
        self.securities = r.choice([["X"], ["X", "Y"], ["b", "Aé", "B-1"]])
        self.by_security = True if len(self.securities) > 1 else r.random() < 0.5
        self.amount = r.random() < 0.25
        self.header = ["claimant_id", "kind", "date", "quantity", "amount" if self.amount else "price"]
        if self.by_security:
            self.header.append("security")
        self.header += ["fee", "broker"]
        r.shuffle(self.header)
        self.splits = []
        for security in self.securities + [None]:
            for on in r.sample(DAYS, 2):
                if r.random() < 0.15 and not any(s[0] == on and (s[1] == security or None in (s[1], security))
                                                  for s in self.splits):
                    if security is None or self.by_security:
                        self.splits.append((on, security, r.choice(["2", "7", '"1/10"', '"1/3"', "1.5", "0.5"])))
        self.exact = not self.amount and not any("1/3" in s[2] or s[2] in ("7", "1.5") for s in self.splits)
        self.rounded = not self.exact or r.random() < 0.3
        self.exclude = r.choice([None, None, '{ balance = "off" }', '{ oversold = "yes" }', '{ repeated = "yes" }',
                                 '{ balance = ["off", "none"], oversold = "no" }']) if self.match else None
        self.status = r.random() < 0.4
        self.names = [f"{r.choice('abCD')}{n}" for n in range(1, r.randint(1, claimants) + 1)]
        self.claims = [["claimant_id", "status"]] if self.status else [["claimant_id"]]
        self.claims += [[n, r.choice(["ok", "ok", "wait", "no"])] if self.status else [n] for n in self.names]
        rows = [self.portfolio(name) for name in self.names]
        if not self.match and unmatched and r.random() < 0.4:  # the kinds are any texts then, rows are trades
            self.listless = True
            rows = [[x for x in some if x["date"] and x["kind"] in ("buy", "sell", "in", "out", "gift")] for some in rows]
        self.rows = []
        while any(rows):  # claimants mixed, each in its order
            self.rows.append(r.choice([x for x in rows if x]).pop(0))
        if not self.rows:
            self.rows = [self.row(self.names[0], "buy", DAYS[0], "1", "2", self.securities[0])]
        for security in self.securities:  # a split of a security that does not occur is an error
            if not any(x.get("security") == security and x["kind"] != "div" for x in self.rows):
                self.splits = [s for s in self.splits if s[1] != security]
        self.plan_seed = r.random()
        self.plan = self.plan_text(self.splits)

    # -- the trades

    def row(self, name, kind, day, quantity, price, security):
        r = self.r
        date = "" if day is None else str(day)
        if day and r.random() < 0.05:
            date += r.choice(["T10:00:00", "T23:59:59Z", "T00:00:00-06:00"])
        fee = r.choice(["1", "0.5", "3", "0", "" if kind in ("open", "close") else "2"])
        row = {"claimant_id": name, "kind": kind, "date": date, "quantity": quantity, "security": security,
               "fee": fee, "broker": r.choice(["A", "A", "B"])}
        row["amount" if self.amount else "price"] = price
        return row

    def ratio(self, splits, security, day, opening):
        ratio = Fraction(1)
        for on, of, by in splits:
            if of in (None, security) and (opening if day is None else day < on):
                ratio *= Fraction(by.strip('"'))
        return ratio

    def portfolio(self, name):
        r, rows = self.r, []
        days = r.sample(DAYS, r.randint(1, 4))
        price = lambda: r.choice(["1", "2", "2.50", "10", "0", "3.3", "" if r.random() < 0.3 else "4"])
        whole = r.random() < 0.7
        quantity = lambda: r.choice(["1", "2", "3", "4", "10"] if whole else ["1", "0.5", "2.50", "3", "0.1", "6"])
        security = lambda: r.choice(self.securities)
        for _ in range(r.choice([0, 1, 2, 3, 4, 5, 6, 8, 10, 12])):
            if rows and r.random() < 0.08:
                again = dict(r.choice(rows))
                rows.append(again)
                continue
            what = r.choice(["purchase"] * 3 + ["sale"] * 3 + ["receipt", "delivery", "delivery", "ignore"][:r.choice([0, 2, 4])])
            rows.append(self.row(name, r.choice(KINDS[what]), r.choice(days), quantity(), price(), security()))
            if what == "ignore":
                rows[-1].update(r.choice([{}, {"date": "", "quantity": "", "price": "n/a", "amount": "?", "fee": "x"}]))
        for s in self.securities:
            if r.random() < 0.35:  # openings, at times of several accounts
                when = r.choice([None, None, None, min(days), min(days) - datetime.timedelta(3), r.choice(days)])
                p = r.choice(["", "", "2"])
                for _ in range(r.choice([1, 1, 1, 2, 3])):
                    q = r.choice(["", "", "-"]) + quantity() if r.random() < 0.9 else "0"
                    if self.amount and p and r.random() < 0.9:
                        p2 = lots.show(2 * abs(Fraction(q)))
                    else:
                        p2 = p if r.random() < 0.97 else "9"
                    rows.append(self.row(name, "open", when, q, p2, s))
        for s in self.securities:
            if r.random() < 0.4:
                for when in r.sample([None] + DAYS, r.choice([1, 1, 2])):
                    held = sum((Fraction(x["quantity"]) * (-1 if x["kind"] in ("sell", "out") else 1)
                                * self.ratio(self.splits, s, lots.day(x["date"]), x["kind"] == "open"))
                               for x in rows if x["security"] == s and x["kind"] not in ("div", "close")
                               and (when is None or not x["date"] or lots.day(x["date"]) <= when))
                    held /= self.ratio(self.splits, s, when, False)
                    text = lots.show(held)
                    if "/" in text or r.random() < 0.3:
                        text = r.choice(["-", ""]) + quantity()
                    if r.random() < 0.1 and held:  # of two accounts
                        rows.append(self.row(name, "close", when, quantity(), "", s))
                    rows.append(self.row(name, "close", when, text, "", s))
        if r.random() < 0.5:
            r.shuffle(rows)
        else:
            rows.sort(key=lambda x: x["date"][:10])
        if not self.match and not self.unmatched:
            for x in rows:
                x["quantity"] = x["quantity"].lstrip("-")
        return rows

    # -- the plan

    def plan_text(self, splits):
        r = random.Random(self.plan_seed)  # the same plan each time, but for the splits
        out = ['[settlement]\nname = "Random"\n[fund]\namount = 100_000_000_000\n[claims]']
        out.append('status = "status"\npay = ["ok"]\nhold = ["wait"]\ndeny = ["no"]' if self.status else "status = false")
        if self.exclude:
            out.append(f'[[exclude]]\nreason = "no good"\nwhen = {self.exclude}')
        out.append("[trades]")
        if self.match:
            out.append(f'match = "{self.match}"')
        if self.by_security:
            out.append('security = "security"')
        if self.amount:
            out.append('amount = "amount"')
        if not self.listless:
            out += [f"{name} = {json.dumps(texts)}" for name, texts in KINDS.items()]
        for on, security, by in splits:
            out.append(f"[[trades.split]]\non = {on}\nratio = {by}" + (f'\nsecurity = "{security}"' if security else ""))
        out.append(TABLE)
        fine = ", { round = 0.000001 }" if self.rounded else ""
        q = '{ times = { column = "quantity" } }'
        values = {}
        if self.match:
            values["drop"] = ("", '{ add = { column = "paid", blank = 1 } }, { subtract = { column = "received", blank = 0 } }')
            values["v_qty"] = ("", '{ add = { column = "quantity" } }' + fine)
            values["v_paid"] = ("", f'{{ add = {{ column = "paid", blank = 0 }} }}, {q}{fine}')
            values["v_recv"] = ("{ sold = { blank = false } }", f'{{ add = {{ column = "received", blank = 0.5 }} }}, {q}{fine}')
            values["v_net"] = (r.choice(['{ side = "long" }', '{ side = "short" }', '{ kind = { not = "gift" } }']),
                               f'{{ subtract = {{ column = "drop" }} }}, {q}{fine}')
            values["v_table"] = (r.choice(["", '{ closed_by = ["sell", ""] }', '{ bought = { from = 2020-01-02, to = 2020-01-03, blank = false } }']),
                                 '{ add = { column = "bought", table = "infl" } }, { subtract = { column = "sold", table = "infl" }, '
                                 f'when = {{ sold = {{ above = 2020-01-01, blank = true }} }} }}, {{ at_most = {{ column = "drop" }}, when = {{ broker = "A" }} }}, {{ at_least = 0 }}, {q}{fine}')
            if self.rounded:
                values["v_fee"] = ('{ broker = ["A", "B"] }', f'{{ add = {{ column = "fee", blank = 0 }} }}, {q}, {{ divide = {{ column = "opened_quantity" }} }}, {{ round = 0.01 }}')
                values["v_cfee"] = ('{ closed_by = { not = "" } }', f'{{ add = {{ column = "close_fee", blank = 7 }} }}, {q}, {{ divide = {{ column = "closed_quantity" }} }}, {{ round = 0.01 }}')
        else:
            values["drop"] = ("", '{ add = { column = "price", blank = 1 } }')
            values["v_qty"] = ('{ kind = ["buy", "sell"] }', '{ add = { column = "quantity" } }' + fine)
            values["v_paid"] = ('{ kind = { not = ["close", "open"] } }', f'{{ add = {{ column = "price", blank = 0 }} }}, {q}{fine}')
            values["v_table"] = ('{ kind = ["buy", "in"], date = { from = 2020-01-02, blank = true } }',
                                 f'{{ add = {{ column = "date", table = "infl" }} }}, {{ at_most = {{ column = "drop" }}, when = {{ broker = "A" }} }}, {q}{fine}')
        keep = [n for n in values if n == "drop" or r.random() < 0.8] or ["v_qty"]
        if keep == ["drop"]:
            keep = ["drop", "v_paid"]
        r.shuffle(keep)
        self.values = keep
        for name in keep:
            when, steps = values[name]
            out.append(f'[value.{name}]\nper = "lot"' + (f"\nwhen = {when}" if when else "") + f"\nsteps = [ {steps} ]")
        adds = ", ".join(f'{{ add = {{ column = "{n}" }} }}' for n in keep if n != "drop")
        out.append(f"[value.total]\nsteps = [ {adds}, {{ at_least = 0 }}, {{ round = 0.01 }} ]")
        out.append('[[pool]]\nname = "class"\naward = [ { add = { column = "total" } } ]')
        return "\n".join(out) + "\n"

    # -- changes

    def cut(self):
        """One trade in two rows that follow each other; None where the contract promises nothing."""
        some = [n for n, x in enumerate(self.rows) if x["kind"] not in ("open", "close", "div")]
        if not some or self.rounded or not self.match or self.exclude and "repeated" in self.exclude:
            return None
        at = self.r.choice(some)
        a, b = dict(self.rows[at]), dict(self.rows[at])
        whole = Fraction(a["quantity"])
        part = whole * self.r.choice([Fraction(1, 2), Fraction(1, 4), Fraction(9, 10)])
        a["quantity"], b["quantity"] = lots.show(part), lots.show(whole - part)
        return self.rows[:at] + [a, b] + self.rows[at + 1:]

    def other_order(self):
        days = sorted({x["date"][:10] for x in self.rows})
        places = dict(zip(days, self.r.sample(range(len(days)), len(days))))
        return sorted(self.rows, key=lambda x: places[x["date"][:10]])

    def new_units(self):
        rows = []
        for x in self.rows:
            x = dict(x)
            if x["kind"] != "div":
                ratio = self.ratio(self.splits, x["security"], lots.day(x["date"]), x["kind"] == "open")
                x["quantity"] = lots.show(Fraction(x["quantity"]) * ratio)
                if not self.amount and x["price"]:
                    x["price"] = lots.show(Fraction(x["price"]) / ratio)
                if "/" in x["quantity"] or "/" in x.get("price", ""):
                    return None
            rows.append(x)
        return rows

    def write(self, folder, rows=None, plan=None):
        """The files of the case, trades in one or two of them."""
        folder.mkdir(parents=True)
        rows = self.rows if rows is None else rows
        (folder / "plan.toml").write_text(plan or self.plan, encoding="utf-8")
        with open(folder / "claims.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(self.claims)
        at = random.Random(self.plan_seed).choice([len(rows)] * 2 + [len(rows) // 2])
        parts = [p for p in (rows[:at], rows[at:]) if p]
        files = []
        space = random.Random(self.plan_seed).random() < 0.1
        for n, part in enumerate(parts):
            files.append(folder / f"trades{n}.csv")
            with open(files[-1], "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(self.header)
                writer.writerows([(" " + x[h] + "  ") if space and x[h] else x[h] for h in self.header] for x in part)
        return files


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def sums(folder):
    rows = table(folder / "run" / "lots.csv")
    at = rows[0].index("closed_row") + 1
    found = defaultdict(Fraction)
    for row in rows[1:]:
        for name, cell in zip(rows[0][at:], row[at:]):
            found[row[0], name] += Fraction(cell or 0)
    return {k: v for k, v in found.items() if v and k[1] != "drop"}


class Driver:
    def __init__(self, arguments):
        self.arguments = arguments
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.counts, self.faults = Counter(), 0

    def call(self, *arguments):
        self.counts["runs of the program"] += 1
        return subprocess.run([self.arguments.binary, *map(str, arguments)], capture_output=True, text=True)

    def compute(self, folder, files, *more, out="run"):
        trades = [x for f in files for x in ("--trades", f)]
        return self.call("compute", folder / "claims.csv", "--plan", folder / "plan.toml", *trades,
                         "--out", folder / out, "--quiet", *more)

    def fault(self, number, what, detail=""):
        self.faults += 1
        print(f"case {number}: {what}\n{detail}", flush=True)
        if self.arguments.keep:
            to = pathlib.Path(self.arguments.keep) / f"case-{number}"
            shutil.rmtree(to, ignore_errors=True)
            shutil.copytree(self.work / "case", to)

    def same(self, number, what, expected, found):
        if expected == found:
            return True
        lines = [f"  expected {a}\n  found    {b}" for a, b in zip(expected, found) if a != b] if isinstance(expected, list) else []
        self.fault(number, f"{what} differs", "\n".join(lines[:5]) or f"  expected {expected}\n  found    {found}")
        return False

    def one(self, number):
        for name in ("case", "other"):
            shutil.rmtree(self.work / name, ignore_errors=True)
        case = Case(number, self.arguments.claimants, not self.arguments.only_matched_shorts)
        folder = self.work / "case"
        files = case.write(folder)
        self.counts["cases"] += 1
        self.counts["portfolios"] += len(case.names)
        self.counts["trades"] += len(case.rows)
        done = self.compute(folder, files, *(["--threads", "1"] if number % 2 else []))
        try:
            expected = lots.Reference(folder / "plan.toml", folder / "claims.csv", files)
        except lots.Refused as refused:
            self.counts["refused"] += 1
            if done.returncode != 2:
                self.fault(number, f"not refused: {refused}", done.stderr)
            return
        if done.returncode != 0:
            return self.fault(number, f"exit {done.returncode}", done.stderr)
        run = folder / "run"
        rows = table(run / "lots.csv")
        self.counts["lots"] += len(rows) - 1
        self.same(number, "lots.csv", expected.lot_rows(), rows)
        self.same(number, "lots.csv: number of rows", len(expected.lot_rows()), len(rows))
        self.same(number, "deficiencies.csv", [["claimant_id", "security", "row", "deficiency"]] + expected.deficiency_rows(),
                  table(run / "deficiencies.csv"))
        for name, of in (("payouts.csv", expected.payouts), ("held.csv", expected.held)):
            found = table(run / name)
            at = found[0].index("payout")
            self.same(number, name, of, {x[0]: x[at] for x in found[1:]})
        self.same(number, "unpaid.csv", expected.unpaid, {x[0]: x[2] for x in table(run / "unpaid.csv")[1:]})
        found = json.loads((run / "summary.json").read_text())["trades"]
        lines = Counter(row[0] for row in expected.deficiency_rows())
        mine = expected.summary()
        self.same(number, "summary: files", mine["files"], [f["rows"] for f in found["files"]])
        for key in ("rows", "claimants"):
            self.same(number, f"summary: {key}", mine[key], found[key])
        for key in ("kinds", "balance", "lots"):
            theirs = {k: v for k, v in (found[key] or {}).items() if v}
            if case.match or key == "kinds":
                self.same(number, f"summary: {key}", {k: v for k, v in mine[key].items() if v}, theirs)
        if sum(found["deficiencies"].values()) < len(lines):
            self.fault(number, "summary: fewer deficiencies than claimants that have one", str(found["deficiencies"]))
        self.besides(number, case, folder, files)

    def besides(self, number, case, folder, files):
        which = number % 8
        other = self.work / "other"
        if which == 0:
            self.counts["check"] += 1
            trades = [x for f in files for x in ("--trades", f)]
            done = self.call("check", folder / "run", "--claims", folder / "claims.csv", *trades)
            if done.returncode:
                self.fault(number, "check fails", done.stdout + done.stderr)
        elif which == 1:
            self.counts["threads"] += 1
            self.compute(folder, files, "--threads", "3", out="run3")
            for path in sorted((folder / "run").iterdir()):
                if path.read_bytes() != (folder / "run3" / path.name).read_bytes():
                    self.fault(number, f"threads change {path.name}")
        elif which == 2:
            rows = case.cut()
            if rows is None:
                return
            self.counts["cut"] += 1
            done = self.compute(other, case.write(other, rows))
            if done.returncode:
                return self.fault(number, "a trade cut in two is refused", done.stderr)
            self.same(number, "sums, a trade cut in two", sums(folder), sums(other))
            for name in ("payouts.csv", "held.csv", "unpaid.csv"):
                self.same(number, f"{name}, a trade cut in two", table(folder / "run" / name), table(other / "run" / name))
        elif which == 3:
            if not case.match:
                return
            self.counts["order"] += 1
            done = self.compute(other, case.write(other, case.other_order()))
            if done.returncode:
                return self.fault(number, "other order of days is refused", done.stderr)
            drop = lambda rows: [x[:10] + x[12:] for x in rows]
            self.same(number, "lots, other order of days", drop(table(folder / "run" / "lots.csv")), drop(table(other / "run" / "lots.csv")))
            for name in ("payouts.csv", "held.csv", "unpaid.csv"):
                self.same(number, f"{name}, other order", table(folder / "run" / name), table(other / "run" / name))
        elif which == 4:
            rows = case.new_units()
            if rows is None or not case.splits or case.exclude and "repeated" in case.exclude:
                return
            self.counts["new units"] += 1
            done = self.compute(other, case.write(other, rows, case.plan_text([])))
            if done.returncode:
                return self.fault(number, "new units are refused", done.stderr)
            for name in ("lots.csv", "payouts.csv", "held.csv", "unpaid.csv"):
                self.same(number, f"{name}, new units", table(folder / "run" / name), table(other / "run" / name))


def main():
    parser = argparse.ArgumentParser(description="Random tests of trades")
    parser.add_argument("binary")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--claimants", type=int, default=4)
    parser.add_argument("--keep", metavar="DIR")
    parser.add_argument("--only-matched-shorts", action="store_true",
                        help="no short holdings, and always lists, in plans without `match`")
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    driver = Driver(arguments)
    try:
        for number in [arguments.only] if arguments.only else range(arguments.seed, arguments.seed + arguments.cases):
            driver.one(number)
    finally:
        shutil.rmtree(driver.work, ignore_errors=True)
        print(dict(driver.counts), f"{driver.faults} faults")
    return 1 if driver.faults else 0


if __name__ == "__main__":
    sys.exit(main())
