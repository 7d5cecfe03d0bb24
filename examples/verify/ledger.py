"""How verify.py reads a reconciliation: what earlier distributions paid, and what they left.

Its cells join those of the claims, under names that begin with `prior.`; conditions and
operands of the plan read them as `prior`.
"""

import hashlib
import json
from fractions import Fraction

from cells import PLAIN, Unusable, csv_lines, need, re

STATES = "cashed refunded outstanding stale returned void unissued held none".split()
AMOUNTS = "cashed paid void held".split()
PARTS = "void held reserve residual refunded received spent late over".split()

class Ledger:
    """A reconciliation, whose files must be those of its manifest."""
    def __init__(self, folder, plan, currency):
        self.name, self.currency, self.claimants = folder.resolve().name, currency, {}
        manifest = (folder / "manifest.json").read_bytes()
        self.seal, self.facts = hashlib.sha256(manifest).hexdigest(), json.loads(manifest)
        need(self.facts.get("kind") == "reconciliation", f"{folder} is not a reconciliation")
        need((self.facts["settlement"], self.facts["currency"])
             == (plan["settlement"]["name"], currency.code), f"{folder} is of something else")
        contents = {}
        for name in ("ledger.csv", "account.json"):
            contents[name] = (folder / name).read_bytes()
            need(hashlib.sha256(contents[name]).hexdigest()
                 == self.facts["files"][name]["sha256"], f"{folder / name} was changed")
        self.read_rows(csv_lines(contents["ledger.csv"], folder / "ledger.csv"))
        self.left = json.loads(contents["account.json"])["left"]
        self.brought_forward = self.check_left()

    # plan reference, "What earlier distributions paid": with portions, a claimant has several
    # rows, of which the last says what became of the claimant's own part.
    def read_rows(self, lines):
        header, *lines = lines
        for line in lines:
            row = dict(zip(header, line))
            need(row["status"] in STATES, f"the ledger has the state `{row['status']}`")
            sums = self.claimants.setdefault(row["claimant_id"], dict.fromkeys(AMOUNTS, 0))
            need("portion" in row or "status" not in sums, "the ledger has a claimant twice")
            amounts = {name: self.amount(row[name]) for name in
                       ("payouts", "over", "cashed", "refunded", "outstanding", "void",
                        "lapsed", "held")}
            need(amounts["payouts"] + amounts["over"] == sum(amounts[name] for name in (
                "cashed", "refunded", "outstanding", "void", "lapsed")),
                 f"the payouts to {row['claimant_id']} are not where the ledger says")
            amounts["paid"] = amounts["cashed"] + amounts["outstanding"]
            for name in AMOUNTS:
                sums[name] += amounts[name]
            sums["status"] = row["status"]

    def amount(self, text):
        need(re.fullmatch(PLAIN, text) and self.currency.text(Fraction(text)) == text,
             f"the reconciliation has `{text}` where an amount belongs")
        return Fraction(text)

    def signed(self, text):
        return -self.amount(text[1:]) if text.startswith("-") else self.amount(text)

    # plan reference, "The next distribution": what is left is the sum of its parts.
    def check_left(self):
        parts = {name: self.signed(self.left[name]) for name in PARTS}
        for name in ("void", "held"):
            need(parts[name] == sum(one[name] for one in self.claimants.values()),
                 f"`{name}` of the account is not that of the ledger")
        left = sum(parts.values())
        need(left == self.signed(self.left["amount"]) and left >= 0, "what is left is wrong")
        return left

    def cells(self, id):
        """The cells of a claimant; of one whom the ledger does not know, 0 and `none`."""
        known = self.claimants.get(id, {"status": "none"})
        return {"prior.status": known["status"], **{
            f"prior.{name}": self.currency.text(Fraction(known.get(name, 0))) for name in AMOUNTS}}

    def check_claims(self, rows):
        missing = self.claimants.keys() - {row.id for row in rows}
        need(not missing, f"paid or held before, and not in the claims: {sorted(missing)}")

    def summary(self):
        return {"reconciliation": self.name, "seal": self.seal, "on": self.facts["on"],
                "round": self.facts["round"],
                "left": {name: self.left[name] for name in [*PARTS, "amount"]}}

def ledger_of(folder, plan, currency):
    """The reconciliation that a plan follows; None for a plan that follows none."""
    need(("prior" in plan["fund"]) == (folder is not None),
         "a plan with `prior` needs --after, and any other must be without it")
    try:
        return Ledger(folder, plan, currency) if folder else None
    except (OSError, KeyError, ValueError) as error:
        raise Unusable(f"{folder}: {error!r}") from error
