#!/usr/bin/env python3
"""Random lives of random settlements: `payout` against a bank that only sees money come and go.

    driver.py BINARY [--seed N] [--cases N] [--keep DIR] [--only SEED]

Each life has one to three distributions, several reconciliations of each, and payments that are
cashed, come back, are refunded, stopped, paid again or cashed too late. The bank's balance goes
into the facts of every reconciliation, so that every term of what is left is compared with money;
besides, every payment, every row of the ledger and every payout of a later run is compared with
what this file comes to in its own way. Exit 1 if anything differs; the files of lives that differ
are left in DIR."""
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
from collections import Counter

DAY = datetime.timedelta(days=1)


def money(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


class Payment:
    """An attempt to pay a payout: what is known of it, and what the bank did."""

    def __init__(self, payout, export, number, issued):
        self.payout, self.export, self.number, self.issued = payout, export, number, issued
        self.known = []  # (day, word, refund) as the facts have told
        self.presumed = None
        self.paid_by_bank = 0  # what the bank has paid, whether told or not

    def state(self):
        """The word, the day and what came back, by all that is known, in any order."""
        if not self.known:
            return (self.presumed or "outstanding", None, 0)
        last = max(day for day, _, _ in self.known)
        today = [fact for fact in self.known if fact[0] == last]
        if any(word == "refunded" for _, word, _ in today):
            return ("refunded", last, max(back for _, word, back in today if word == "refunded"))
        if any(word == "cashed" for _, word, _ in today):
            return ("cashed", last, 0)
        cashed = [day for day, word, _ in self.known if word in ("cashed", "refunded")]
        since = sorted(f for f in self.known if not cashed or f[0] > max(cashed))
        for day, word, _ in since:
            if word != "void":
                return (word, day, 0)
        return ("void", since[0][0], 0)

    def lives(self):
        return self.state()[0] in ("cashed", "refunded", "outstanding")


class Payout:
    def __init__(self, claimant, run, amount):
        self.claimant, self.run, self.amount = claimant, run, amount
        self.payments, self.lapsed = [], False

    def live(self):
        return [p for p in self.payments if p.lives()]

    def void(self):
        return not self.live() and not self.lapsed

    def word(self):
        if not self.payments:
            return "unissued"
        return (self.live() or self.payments)[-1].state()[0]


class Life:
    def __init__(self, binary, folder, seed):
        self.binary, self.folder, self.r = binary, folder, random.Random(seed)
        self.differences, self.seen = [], Counter()
        self.today = datetime.date(2026, 1, 5)
        self.account = 0  # what the bank has
        self.payouts, self.exports, self.number = [], [], 1000
        self.last = None  # the reconciliation before
        self.rounds, self.held = 0, {}

    def differ(self, what, expected, found):
        if expected != found:
            self.differences.append(f"{what}: expected {expected}, found {found}")

    def payout(self, *words, status=0):
        said = subprocess.run([self.binary, *map(str, words)], cwd=self.folder, capture_output=True, text=True)
        self.differ(f"status of {' '.join(map(str, words))} ({said.stderr.strip()[:300]})", status, said.returncode)
        return said

    def rows(self, name):
        with open(self.folder / name, newline="") as file:
            return list(csv.DictReader(file))

    def write(self, name, text):
        (self.folder / name).write_text(text)

    # -- a distribution

    def claims(self):
        if self.rounds == 0:
            count = self.r.randint(1, 7)
            self.people = {f"C{n}{self.r.choice('ab')}": [self.r.randint(0, 40), self.r.choice(["yes", "yes", "yes", "wait", "no"])]
                           for n in range(count)}
        else:
            for person in self.people.values():
                if person[1] == "wait" and self.r.random() < 0.8:
                    person[1] = self.r.choice(["yes", "no"])
            if self.r.random() < 0.4:
                self.people[f"late{self.rounds}"] = [self.r.randint(1, 20), "yes"]
        self.name = f"claims-{self.rounds + 1}.csv"
        lines = ["claimant_id,weeks,status,payee,address_1,address_2,city,state,zip,country"]
        lines += [f"{name},{weeks},{status},Some One,1 Elm St,,Reno,NV,89501," for name, (weeks, status) in self.people.items()]
        self.write(self.name, "\n".join(lines) + "\n")

    def distribute(self, left):
        """Computes the next run, which has `left` brought forward. Returns false if there is nothing."""
        self.claims()
        r, number = self.r, self.rounds + 1
        amount = r.randint(1, 90_000_00) if number == 1 or r.random() < 0.3 else 0
        interest = r.randint(1, 500_00) if r.random() < 0.5 else 0
        gross = left + amount + interest
        if gross <= 0:
            return False
        plan = ['[settlement]\nname = "Doe v. Bank"\n[fund]']
        plan += ['prior = "left"'] if number > 1 else []
        plan += [f"amount = {money(amount)}"] if amount or number == 1 else []
        plan += [f"interest = {money(interest)}"] if interest else []
        net = gross
        reserve = 0
        for kind in ["fees", "administration", "reserve", "cy-pres"]:
            if r.random() < 0.35:
                part = r.randint(0, net // 3)
                plan.append(f'[[deduction]]\nname = "{kind} {number}"\nkind = "{kind}"\namount = {money(part)}')
                net -= part
                reserve = part if kind == "reserve" else reserve
        plan.append('[claims]\nstatus = "status"\npay = ["yes"]\nhold = ["wait"]\ndeny = ["no"]')
        owed = {name: 0 for name in self.people}
        available = net
        if number > 1:
            plan.append('[[pool]]\nname = "released"\naward = [ { add = { prior = "held" } } ]')
            available -= self.pool(owed, available, {n: self.held.get(n, 0) for n in self.people}, False)
            if r.random() < 0.6:
                words = r.sample(["stale", "returned", "void", "unissued"], r.randint(1, 4))
                listed = ", ".join(f'"{word}"' for word in words)
                plan.append(f'[[pool]]\nname = "again"\nwhen = {{ prior = [{listed}] }}\naward = [ {{ add = {{ prior = "void" }} }} ]')
                void = {n: self.void_of(n) if self.word_of(n) in words else 0 for n in self.people}
                available -= self.pool(owed, available, void, False)
        when = r.choice([None, ["cashed", "none"], ["cashed", "refunded", "outstanding", "held"]]) if number > 1 else None
        listed = ", ".join(f'"{word}"' for word in when or [])
        condition = f"when = {{ prior = [{listed}] }}\n" if when else ""
        plan.append(f'[[pool]]\nname = "rest"\n{condition}shares = [ {{ add = {{ column = "weeks" }} }} ]')
        weeks = {n: p[0] if not when or self.word_of(n) in when else 0 for n, p in self.people.items()}
        available -= self.pool(owed, available, weeks, True)
        self.write(f"plan-{number}.toml", "\n".join(plan) + "\n")
        after = ["--after", self.last] if self.last else []
        self.payout("compute", self.name, "--plan", f"plan-{number}.toml", *after, "--out", f"run-{number}", "-q")
        if self.differences:
            return False
        self.rounds = number
        paid = {n: cents for n, cents in owed.items() if cents and self.people[n][1] == "yes"}
        self.held = {n: cents for n, cents in owed.items() if cents and self.people[n][1] == "wait"}
        found = {row["claimant_id"]: row["payout"] for row in self.rows(f"run-{number}/payouts.csv")}
        self.differ(f"payouts of run-{number}", {n: money(c) for n, c in paid.items()}, found)
        found = {row["claimant_id"]: row["payout"] for row in self.rows(f"run-{number}/held.csv")}
        self.differ(f"holds of run-{number}", {n: money(c) for n, c in self.held.items()}, found)
        for payout in self.payouts:
            payout.lapsed |= payout.void()
        self.payouts += [Payout(n, number, paid[n]) for n in self.people if n in paid]
        # The bank pays out what the plan deducts; a reserve stays.
        self.account += amount + interest - (gross - net - reserve)
        self.waiting = [p for p in self.payouts if p.run == number]
        return not self.differences

    def pool(self, owed, available, measures, is_shares):
        """Adds the payments of a pool, cut to the cent; returns what it pays and holds."""
        measures = {n: m for n, m in measures.items() if self.people[n][1] != "no" and m > 0}
        total = sum(measures.values())
        if not total or available <= 0:
            return 0
        full = not is_shares and total <= available
        each = {n: m if full else m * available // total for n, m in measures.items()}
        for name, cents in each.items():
            owed[name] += cents
        return sum(each.values())

    def void_of(self, name):
        return sum(p.amount for p in self.payouts if p.claimant == name and p.void())

    def word_of(self, name):
        if name in self.held:
            return "held"
        its = [p for p in self.payouts if p.claimant == name]
        return its[-1].word() if its else "none"

    # -- payments

    def export(self):
        """Pays some of those who are not paid yet."""
        if not self.waiting:
            return []
        some = self.waiting if self.r.random() < 0.6 else self.waiting[: self.r.randint(1, len(self.waiting))]
        self.write("some.toml", "")
        return self.print_checks(some, self.rounds, None)

    def print_checks(self, payouts, run, reissue):
        name = f"checks-{len(self.exports) + 1}"
        first = self.number + 1
        options = ["--date", self.today, "--set", f"first_check={first}", "--out", name, "-q"]
        if reissue:
            options += ["--reissue", reissue, "--after", self.last]
        elif len(payouts) < sum(p.run == run for p in self.payouts):
            layout = 'base = "check-register"\n'
            wanted = ", ".join(f'"{p.claimant}"' for p in payouts)
            self.write("some.toml", f"{layout}when = {{ claimant_id = [{wanted}] }}\n")
        layout = "some.toml" if (self.folder / "some.toml").exists() and (self.folder / "some.toml").read_text() and not reissue else "check-register"
        self.payout("export", f"run-{run}", "--layout", layout, *options)
        if self.differences:
            return []
        by_id = {p.claimant: p for p in payouts}
        rows = self.rows(f"{name}/payments.csv")
        self.differ(f"claimants of {name}", sorted(by_id), sorted(row["claimant_id"] for row in rows))
        for row in rows:
            self.number += 1
            payout = by_id[row["claimant_id"]]
            payout.payments.append(Payment(payout, name, row["number"], self.today))
        self.waiting = [p for p in self.waiting if not p.payments]
        self.exports.append((name, run))
        return [name]

    def reissue(self):
        """Pays some void payouts of one run again."""
        runs = sorted({p.run for p in self.payouts if p.void() and p.payments})
        if not runs or not self.last or self.r.random() < 0.4:
            return []
        run = self.r.choice(runs)
        void = [p for p in self.payouts if p.run == run and p.void()]
        some = self.r.sample(void, self.r.randint(1, len(void)))
        self.write("again.csv", "claimant_id,note\n" + "".join(f"{p.claimant},again\n" for p in some))
        return self.print_checks(some, run, "again.csv")

    def events(self):
        """What happens to payments in a period: rows of outcomes, which the bank carries out."""
        rows = []
        for payment in [p for payout in self.payouts for p in payout.payments]:
            word, _, back = payment.state()
            start = payment.issued
            if payment.known:  # a bank does not say two things of one day
                start = max(day for day, _, _ in payment.known) + DAY
            if start > self.today or self.r.random() < 0.45:
                continue
            when = start + DAY * self.r.randint(0, (self.today - start).days)
            if word in ("cashed", "refunded"):
                new = self.r.choice(["refunded", "returned", "cashed"]) if self.r.random() < 0.3 else None
            else:
                new = self.r.choice(["cashed"] * 5 + ["stale", "returned", "void", "outstanding"])
                if word != "outstanding" and new == "cashed" and self.r.random() < 0.7:
                    new = None  # few checks are cashed late
            if new is None:
                continue
            amount = payment.payout.amount
            if new == "refunded":
                low = back if word == "refunded" else 1
                amount = self.r.randint(min(low, amount), amount)
            rows.append((payment, new, when, amount))
        return rows

    def carry_out(self, rows):
        for payment, word, day, amount in rows:
            if word == "outstanding":
                continue
            payment.known.append((day, word, amount if word == "refunded" else 0))
        for payment in {id(p): p for p, *_ in rows}.values():
            word, _, back = payment.state()
            gone = payment.payout.amount - back if word in ("cashed", "refunded") else 0
            self.account -= gone - payment.paid_by_bank
            payment.paid_by_bank = gone

    def reconcile(self, exports):
        r, number = self.r, len(list(self.folder.glob("rec-*"))) + 1
        rows = self.events()
        again = [row for row in getattr(self, "told", []) if r.random() < 0.1]
        self.carry_out(rows)
        self.told = rows
        rows = rows + again  # the same fact twice is one fact
        r.shuffle(rows)
        facts = [f"on = {self.today}"]
        unissued = sum(1 for p in self.payouts if p.run == self.rounds and not p.payments)
        facts += [f"unissued = {unissued}"] if unissued else []
        moved = []
        for kind, table in [("interest", "received"), ("other", "received"), ("tax", "spent"), ("cy-pres", "spent")]:
            if r.random() < 0.25:
                cents = r.randint(1, 20_00)
                moved.append(f'[[{table}]]\nname = "{kind}"\nkind = "{kind}"\namount = {money(cents)}')
                self.account += cents if table == "received" else -cents
        for export, run in self.exports:
            if r.random() < 0.15:
                word = r.choice(["cashed", "stale"])
                moved.append(f'[unheard]\n{export} = "{word}"')
                for payment in [p for payout in self.payouts for p in payout.payments if p.export == export]:
                    if payment.state()[0] == "outstanding":
                        payment.presumed = word
                        if word == "cashed":
                            self.account -= payment.payout.amount
                            payment.paid_by_bank = payment.payout.amount
                break
        cuts = [rows[::2], rows[1::2]] if r.random() < 0.5 else [rows]
        for place, part in enumerate(cuts):
            if part:
                by_id = r.random() < 0.5
                name = f"outcomes-{number}-{place}.csv"
                lines = ["claimant_id,number,amount,status,date"]
                lines += [f"{p.payout.claimant if by_id else ''},{p.number},{money(a)},{w},{d}" for p, w, d, a in part]
                self.write(name, "\n".join(lines) + "\n")
                facts.append(f'[[outcomes]]\nfile = "{name}"\nrows = {len(part)}')
        facts.insert(1, f"balance = {money(self.account)}" if self.account >= 0 else "")
        self.write(f"facts-{number}.toml", "\n".join(facts + moved) + "\n")
        over = [p for p in self.payouts if len(p.live()) > 1 or (p.live() and p.lapsed)]
        outstanding = sum(p.payout.amount for q in self.payouts for p in q.payments if p.state()[0] == "outstanding")
        left = self.account - outstanding
        after = ["--after", self.last] if self.last else []
        status = 1 if over or left < 0 else 0
        self.payout("reconcile", f"run-{self.rounds}", *exports, "--facts", f"facts-{number}.toml", *after,
                    "--out", f"rec-{number}", "-q", status=status)
        if not self.differences:
            self.last = f"rec-{number}"
            self.compare(left)
        return left

    # -- comparison

    def compare(self, left):
        account = json.loads((self.folder / self.last / "account.json").read_text())
        self.differ("left", money(left), account["left"]["amount"])
        self.seen.update(part for part, amount in account["left"].items() if float(amount))
        self.seen.update(word for run in account["rounds"] for word in run["states"])
        self.seen["paid again"] += any(len(p.payments) > 1 for p in self.payouts)
        self.seen["lapsed"] += any(p.lapsed for p in self.payouts)
        expected = {}
        for payout in self.payouts:
            for p in payout.payments:
                word, day, back = p.state()
                expected[(p.export, p.number)] = (payout.claimant, f"run-{payout.run}", money(payout.amount), word,
                                                  str(day) if day else "", money(back))
        found = {(row["export"], row["number"]): tuple(row[c] for c in ("claimant_id", "run", "amount", "status", "date", "refunded"))
                 for row in self.rows(f"{self.last}/payments.csv") if row["status"] != "unissued"}
        self.differ("payments", expected, found)
        ledger = {row["claimant_id"]: row for row in self.rows(f"{self.last}/ledger.csv")}
        for name in {p.claimant for p in self.payouts} | set(self.held):
            its = [p for p in self.payouts if p.claimant == name]
            cashed = refunded = outstanding = over = 0
            for payout in its:
                live = payout.live()
                for payment in live:
                    word, _, back = payment.state()
                    outstanding += payout.amount if word == "outstanding" else 0
                    cashed += payout.amount - back if word != "outstanding" else 0
                    refunded += back
                over += payout.amount * max(0, len(live) - 1)
            lapsed = sum(p.amount for p in its if p.lapsed and not p.live())
            figures = [self.word_of(name)] + [money(c) for c in (
                sum(p.amount for p in its), cashed, refunded, outstanding, self.void_of(name), lapsed, over, self.held.get(name, 0))]
            row = ledger.get(name, {})
            self.differ(f"ledger of {name}", figures, [row.get(c) for c in (
                "status", "payouts", "cashed", "refunded", "outstanding", "void", "lapsed", "over", "held")])

    def live(self):
        left = 0
        for _ in range(self.r.randint(1, 3)):
            if not self.distribute(left):
                return
            for _ in range(self.r.randint(1, 3)):
                exports = self.reissue() + self.export()
                self.today += DAY * self.r.randint(1, 40)
                if self.differences:
                    return
                left = self.reconcile(exports)
                if self.differences:
                    return
            if left < 0:
                return
        if self.r.random() < 0.3 and self.last:
            self.payout("check", self.last, "--chain")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.binary).resolve())
    seeds = [arguments.only] if arguments.only is not None else range(arguments.seed, arguments.seed + arguments.cases)
    wrong = rounds = reconciliations = 0
    seen = Counter()
    for seed in seeds:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="life-"))
        life = Life(binary, folder, seed)
        life.live()
        rounds += life.rounds
        seen += life.seen
        reconciliations += len(list(folder.glob("rec-*")))
        if life.differences:
            wrong += 1
            print(f"life {seed}:", *life.differences[:3], sep="\n  ")
            if arguments.keep:
                shutil.copytree(folder, arguments.keep / str(seed), dirs_exist_ok=True)
        shutil.rmtree(folder)
    print(f"{len(seeds)} lives, {rounds} distributions, {reconciliations} reconciliations, {wrong} differ")
    print("reconciliations with", ", ".join(f"{what}: {count}" for what, count in sorted(seen.items())))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
