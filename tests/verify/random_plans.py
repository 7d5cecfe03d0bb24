"""Random plans and claims, of every construct of the language, for `driver.py --random`.

Amounts are small and taken from few, so that ends of ranges are hit exactly; days are ends
of months, leap days and the days around them; cells are sometimes blank or wrong. Most
plans can be carried out; the others must be refused by `payout` and the verifier alike.
"""

import hashlib
import json
import random

class Bare(str):
    """What stands in a plan without quotes: a number or a day."""

AMOUNTS = "0 0.01 0.5 1 2 2.00 2.5 3 7 10 10.01 20 33.33 45 99.99 100 250".split()
FACTORS = "0 0.25 0.5 1 2 3 10".split()
FRACTIONS = ["1/3", "3/4", "2/7", "5/2"]
DAYS = ("2019-12-31 2020-01-01 2020-01-31 2020-02-28 2020-02-29 2020-03-01 2020-03-31 2021-02-28"
        " 2021-03-01 2021-03-15 2021-12-31 2022-01-31 2022-02-28 2024-02-29 2024-03-01").split()
STATES_OF_PAYOUTS = ("cashed refunded outstanding stale returned void unissued held none").split()
STATES, TIERS = ["CA", "NY", "TX", ""], ["A", "B", "C"]
# The columns of the claims; those of the second list are the same in all rows of a claimant.
PER_ROW = ["a", "b", "units", "email"]
# Cells that a plan may read as other texts: what they become, of which cells only some columns
# have some. Those of the second list are read so only where case is ignored.
MAPPED = {
    "status": {"Yes": "ok", "Hold": "wait", "N": "no", "OK!": "ok"},
    "state": {"California": "CA", "N/A": "", "Tex": "TX"}, "tier": {"1": "A", "two": "B"},
    "a": {"N/A": "", "none": "0", "1": "2", "2": "1"}, "b": {"NULL": "", "-": "0"},
    "units": {"one": "1", "N/A": ""}, "f": {"dozen": "10"}, "fee": {"third": "33.33", "?": ""},
    "begun": {"NULL": "", "then": "2020-02-29"}, "left": {"now": "2024-03-01", "NULL": ""},
    "method": {"cheque": "check", "pp": "PayPal"}, "email": {"N/A": "", "z": "z@y"},
    "lien": {"N/A": "", "1": "0"}, "firm": {"SMITH": "Smith LLP"},
}
TYPED = [str.upper, str.title, str.swapcase, lambda cell: cell.replace(" ", " \u00a0 "),
         lambda cell: f" {cell} ", lambda cell: cell]
PER_CLAIMANT = ["f", "state", "tier", "begun", "left", "fee", "lien", "firm", "method", "tin"]

def toml(value):
    if isinstance(value, dict):
        entries = [f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()]
        return "{ " + ", ".join(entries) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return value if isinstance(value, Bare) else json.dumps(value)

def part(header, keys):
    return header + "\n" + "".join(f"{key} = {toml(value)}\n" for key, value in keys.items())

class Case(random.Random):
    def __init__(self, seed, number):
        super().__init__(f"{seed} {number}")
        self.add_up, self.status = self.chance(0.4), self.chance(0.4)
        self.as_claimed = self.chance(0.15)
        self.prior = not self.as_claimed and self.chance(0.3)  # follows a reconciliation
        self.yen = False
        self.values, self.subclasses, self.tables, self.pools = {}, [], {}, {}
        self.files, self.parts = {}, []
        self.maps = {}  # by column: the map, and whether case is ignored

    def chance(self, probability):
        return self.random() < probability

    def maybe(self, probability, **keys):
        """Each of the keys, which are functions, with this probability."""
        return {key: make() for key, make in keys.items() if self.chance(probability)}

    def amount(self):
        return Bare(self.choice(AMOUNTS))

    def number(self, numbers=FACTORS):
        return self.choice(FRACTIONS) if self.chance(0.15) else Bare(self.choice(numbers))

    def day(self):
        return Bare(self.choice(DAYS))

    def two(self, choices, key=float):
        choices = [one for one in choices if one != "2.00"]
        return [Bare(one) for one in sorted(self.sample(choices, 2), key=key)]

    # ------------------------------------------------------------ tables

    def bands(self, days=False):
        """Bands in rising order; two of them may meet in one bound."""
        limits = self.two(DAYS[1:], str) if days else self.two(AMOUNTS[1:])
        bands = [{self.choice(["to", "below"]): limit, "value": self.number()} for limit in limits]
        if self.chance(0.2) and not days:
            bands[1:1] = [{"to": limits[0], "value": self.number()}]
            bands[0] = {"below": limits[0], "value": self.number()}
        return bands + ([{"value": self.number()}] if self.chance(0.9) else [])

    def texts(self, names):
        return {name: self.number() for name in names if self.chance(0.97)}

    def table_file(self, name):
        by = self.sample(["state", "tier"], self.choice([0, 1, 1, 2]))
        form = self.choice(["value", "to", "below", "from", "from,to", "from,below"])
        days, lines = self.chance(0.3), []
        keys = [[]]
        for column in by:
            texts = STATES if column == "state" else TIERS
            keys = [[*key, text] for key in keys for text in texts]
        for key in keys:
            low, high = self.two(DAYS, str) if days else self.two(AMOUNTS[1:])
            bounds = {"value": [[]], "to": [[low], [high], [""]], "below": [[low], [high], [""]],
                      "from": [["1000-01-01" if days else "0"], [low], [high]],
                      "from,to": [["1000-01-01" if days else "0", low]],
                      "from,below": [["1000-01-01" if days else "0", low], [low, high], [high, ""]]}
            for line in bounds[form]:
                lines.append([*key, *line, self.choice(FACTORS)])
        self.shuffle(lines)
        header = [*by, *([] if form == "value" else form.split(",")), "value"]
        order = self.sample(range(len(header)), len(header))
        self.files[f"{name}.csv"] = "".join(
            ",".join(line[place] for place in order) + "\n" for line in [header, *lines])
        keys = {"file": f"{name}.csv"} | ({"by": by} if by else {})
        if form != "value":
            keys |= self.maybe(0.9, blank=self.number)
        self.tables[name] = (None if form == "value" else "day" if days else "number", by)
        return keys

    def named_table(self, name):
        kind = self.choice(["texts", "bands", "days", "file", "file"])
        if kind == "file":
            return self.table_file(name)
        self.tables[name] = ({"texts": "text", "days": "day"}.get(kind, "number"), [])
        if kind == "texts":
            return {"texts": self.texts(TIERS)}
        first = {"from": Bare("2019-12-31" if kind == "days" else "0")} if self.chance(0.3) else {}
        return {"bands": self.bands(kind == "days"), **first, **self.maybe(0.9, blank=self.number)}

    # ------------------------------------------------------------ conditions

    def names(self, where):
        """The values that may be read: of rows, or all that were written before."""
        return [name for name, per in self.values.items() if where != "row" or per == "row"]

    def span_of_numbers(self, choices, key=float):
        low, high = self.two(choices, key)
        ends = {self.choice(["from", "above"]): low, self.choice(["to", "below"]): high}
        if self.chance(0.5):
            ends.popitem() if self.chance(0.5) else ends.pop(next(iter(ends)))
        return ends

    def condition(self, where, deep=True):
        kinds = "state tier number number day blank value in any".split()
        kind = self.choice(kinds + ["prior", "prior"] * self.prior)
        if kind == "prior":
            states = self.sample(STATES_OF_PAYOUTS, 2)
            return {"prior": self.choice([states[0], states, {"not": states[0]}, {"not": states}])}
        names = self.names(where)
        if kind == "any" and deep:
            return {"any": [self.condition(where, False) for _ in range(self.randint(1, 3))]}
        if kind == "in" and self.subclasses and where not in ("row", "subclass"):
            key = self.choice(self.subclasses)
            return {"in": self.choice([key, [key], {"not": key}, {"not": self.subclasses}])}
        if kind == "value" and names:
            return {self.choice(names): self.span_of_numbers(AMOUNTS)}
        if kind == "number":
            column = "f" if self.add_up and where != "row" and self.chance(0.8) else "a"
            return {column: self.span_of_numbers(AMOUNTS)}
        if kind == "blank" and (where == "row" or not self.add_up or self.chance(0.2)):
            return {"b": {**self.span_of_numbers(AMOUNTS), "blank": self.chance(0.5)}}
        if kind == "day":
            return {"begun": self.span_of_numbers(DAYS, str) | {"blank": True}}
        column, choices = ("tier", TIERS) if kind == "tier" else ("state", STATES[:3])
        text = self.choice(choices)
        return {column: self.choice([text, choices[:2], {"not": text}, {"not": choices[1:]}])}

    # ------------------------------------------------------------ formulas

    def span(self):
        span = self.choice(["days", "weeks", "months", "years"])
        ends = [self.choice(["begun", {"column": "begun", "blank": Bare("2019-12-31")}]),
                self.choice(["left", {"column": "left", "blank": Bare("2024-03-01")},
                             Bare("2024-03-01")])]
        operand = {span: ends} | self.maybe(
            0.3, within=lambda: self.two(DAYS, str), times=self.number) | {"blank": self.number()}
        if span in ("weeks", "months") and self.chance(0.3):
            operand["count"] = "calendar"
            if span == "weeks":
                operand["begins"] = self.choice(["Monday", "Sunday", "Thursday"])
            return operand
        if span != "days" and self.chance(0.5):
            operand["count"] = self.choice(["full", "begun"])
        return operand | ({"inclusive": True} if self.chance(0.4) else {})

    def looked_up(self, where):
        """An operand with a table. A column that is added up goes into no table."""
        number = ["a"] if where == "row" or not self.add_up else ["f"]
        number += [name for name in self.names(where) if self.chance(0.5)]
        times = self.maybe(0.3, times=self.number)
        if self.tables and self.chance(0.6):
            name = self.choice([*self.tables])
            column = {"text": "tier", "day": "begun", "number": self.choice(number)}.get(
                self.tables[name][0])
            return ({"column": column} if column else {}) | {"table": name} | times
        kind = self.choice(["texts", "days", "numbers"])
        if kind == "texts":
            return {"column": "tier", "table": self.texts(TIERS)} | times | self.maybe(
                0.2, up_to=self.amount)
        column = "begun" if kind == "days" else self.choice(number)
        blank = {} if column in self.values else self.maybe(0.95, blank=self.number)
        return {"column": column, "table": self.bands(kind == "days")} | blank | times

    def operand(self, where, verb):
        kinds = "number column column table span value value pool award".split()
        kind = self.choice(kinds + ["prior", "prior"] * (self.prior and where != "row"))
        if verb == "divide" and self.chance(0.8):
            return self.number(FACTORS[1:])
        names = self.names(where)
        factor = verb in ("times", "divide")
        if kind == "award" and where == "limit" and not factor:
            return {"award": self.number()}
        readable = [name for name, round in self.pools.items()
                    if round != "largest-remainder" or self.chance(0.03)]
        if kind == "pool" and readable and where in ("pool", "limit", "portion") and not factor:
            return {"pool": self.choice(readable)} | self.maybe(0.2, times=self.number)
        if kind == "value" and names:
            return {"column": self.choice(names)} | self.maybe(
                0.2, times=self.number, up_to=self.amount)
        if kind == "span":
            return self.span()
        if kind == "prior":
            return {"prior": self.choice(["cashed", "paid", "void", "held"])} | self.maybe(
                0.2, times=self.number, up_to=self.amount)
        if kind == "table":
            return self.looked_up(where)
        if kind == "number":
            return self.number(FACTORS[1:] if factor else AMOUNTS)
        added = self.add_up and where != "row"
        alone = factor and added and self.chance(0.97)
        column = self.choice(["f"] if alone else ["a", "b", "units"])
        operand = {"column": column} | ({"blank": self.number()} if self.chance(0.9) else {})
        if self.chance(0.15):
            low, high = self.two(AMOUNTS)
            ends = [{"to": end} for end in (low, high) if end != "0"] + [{}]
            operand["brackets"] = [end | {"rate": self.number()} for end in ends]
        return operand | self.maybe(0.15, up_to=self.amount, times=self.number)

    def formula(self, where, round=True):
        """`round`: the result is a decimal, and not below 0."""
        if where in ("pool", "limit") and self.chance(0.2):
            return self.amount()
        steps = []
        for place in range(self.choice([1, 1, 2, 3, 4])):
            verb = "add" if place == 0 else self.choice(
                ["add", "add", "subtract", "times", "divide", "at_least", "at_most"])
            step = {verb: self.operand(where, verb)}
            steps.append(step | self.maybe(
                0.1 if place == 0 else 0.4, when=lambda: self.condition(where)))
            if self.chance(0.1):
                steps.append({self.choice(["round", "round_down", "round_up"]): Bare(self.choice(
                    ["0.01", "0.05", "1", "2.5", "5"]))})
        if round and self.chance(0.97):
            steps.append({self.choice(["round", "round", "round_down", "round_up"]): Bare("0.01")})
        if round and self.chance(0.97):
            steps.append({"at_least": Bare("0")})
        return steps

    # ------------------------------------------------------------ the plan

    def plan(self):
        def add(header, **keys):
            self.parts.append(part(header, keys))

        add("[settlement]", name="random", **self.maybe(0.15, currency=lambda: "JPY"))
        yen = self.yen = "JPY" in self.parts[0]
        amounts = [amount for amount in AMOUNTS if not yen or "." not in amount]
        money = lambda: Bare(self.choice(amounts))
        self.fund(add, yen, money)
        claims = {"rows": "sum"} if self.add_up else {}
        if self.status:
            claims |= {"status": "status", "pay": ["ok"], "hold": ["wait"], "deny": ["no"]}
        add("[claims]", **claims or {"id": "claimant_id"})
        self.columns(add)
        for n in range(self.choice([0, 1, 2, 3])):
            add(f"[table.t{n}]", **self.named_table(f"t{n}"))
        for n in range(self.choice([0, 1, 2, 3])):
            per = "row" if self.chance(0.5) and "claim" not in self.values.values() else "claim"
            where = "row" if per == "row" else "value"
            keys = {"per": "row"} if per == "row" else {}
            add(f"[value.v{n}]", **keys, **self.maybe(0.2, when=lambda: self.condition(where)),
                steps=self.formula(where, self.chance(0.8)))
            self.values[f"v{n}"] = per
        for n in range(self.choice([0, 1, 2])):
            add(f"[subclass.s{n}]", when=self.condition("subclass"))
            self.subclasses.append(f"s{n}")
        for n in range(self.choice([0, 0, 1, 2])):
            add("[[exclude]]", reason=f"excluded {n}", when=self.condition("row") | {"tier": "C"})
        count = self.choice([1, 1, 2, 2, 3, 4])
        for n in range(count):
            add("[[pool]]", **self.pool(f"p{n}", n == count - 1, money))
        self.rest(add, money)
        return "".join(self.parts)

    def columns(self, add):
        keys = {"state": {"values": STATES}} | ({"f": {"rows": "same"}} if self.add_up else {})
        for column, map in MAPPED.items() if self.chance(0.5) else []:
            if self.chance(0.6) or column == "status" and not self.status:
                continue
            cells = [cell for cell in map if self.chance(0.8)]
            map = {cell: map[cell] for cell in cells}
            known = {"status": ["ok", "wait", "no"], "state": STATES[:3], "tier": TIERS}
            if column in known and self.chance(0.02):  # most of them are errors of the plan
                map[self.choice(known[column]).lower()] = self.choice(known[column])
            if column in known and self.chance(0.02):
                map[self.choice(cells or ["x"]).swapcase()] = self.choice(known[column])
            case = self.chance(0.6) and (bool(map) or column in known or self.chance(0.05))
            if map or case:
                self.maps[column] = map, case
                keys.setdefault(column, {}).update(
                    ({"map": map} if map else {}) | ({"ignore_case": True} if case else {}))
        for column in self.sample([*keys], len(keys)):
            add(f"[column.{column}]", **keys[column])

    def fund(self, add, yen, money):
        if self.as_claimed:
            low, high = self.two(["0", "20", "100", "1000", "5000"])
            add("[fund]", amount="as claimed", **self.maybe(
                0.5, at_least=lambda: low, at_most=lambda: high))
        else:
            amount = Bare(self.choice(["50", "100", "1000", "5000", "1000000"]
                                      + ["100.01", "999.99"] * (not yen) + ["0"] * self.prior))
            if self.prior:
                add("[fund]", prior="left", **self.maybe(0.6, amount=lambda: amount),
                    **self.maybe(0.3, interest=lambda: Bare("7")))
            else:
                add("[fund]", amount=amount)
        for n in range(self.choice([0, 0, 1, 2])):
            ways = [{"amount": Bare("10")}, {"each": Bare("2"), "count": Bare("3")}]
            if not self.as_claimed:
                of = {"of": self.choice(["amount", "gross", "remaining"])} if self.prior else {}
                ways += [{"percent": Bare("33.33")} | of, {"fraction": "1/3", "of": "remaining"}]
            add("[[deduction]]", name=f"d{n}", **self.choice(ways))

    def pool(self, name, last, money):
        keys = {"name": name} | self.maybe(0.2, when=lambda: self.condition("pool"))
        weight = "award" if self.as_claimed or self.chance(0.5) else "shares"
        keys[weight] = self.formula("claim" if self.as_claimed else "pool")
        if not self.as_claimed:
            keys |= self.money(last, money)
        if weight == "award":
            keys |= self.maybe(0.2, reduce=lambda: Bare("0.1"))
            if (last or not self.as_claimed) and self.chance(0.3):
                keys["raise"] = self.choice([Bare("1.5"), Bare("20"), "unlimited"])
        limit = "claim" if self.as_claimed else "limit"
        keys |= self.maybe(0.2, less=lambda: self.formula("claim" if self.as_claimed else "pool"),
                           at_most=lambda: self.formula(limit, self.chance(0.8)))
        if self.chance(0.1):
            keys["at_least"] = Bare("1")
        if self.chance(0.3):
            limited = {"less", "at_most", "at_least"} & keys.keys()
            keys["drop"] = self.drop(money, "all-at-once" if limited else self.choice(
                ["all-at-once", "smallest-first"]))
        keys |= self.maybe(0.4, round=lambda: self.choice(
            ["down", "nearest", "half-even", "largest-remainder"]))
        if not self.as_claimed and self.chance(0.25):
            keys["only_if"] = self.choice([{"total": money()}, {"each": money()},
                                           {"total": money(), "each": money()}])
        if weight == "shares" and not {"drop", "round"} & keys.keys() and self.chance(0.2):
            keys["unit"] = "share"
        self.pools[name] = keys.get("round", "down")
        return keys

    def money(self, last, money):
        of = {"rest_of": self.choice([*self.pools])} if self.pools and self.chance(0.3) else {}
        way = self.choice(["all", "amount", "percent", "fraction", "up_to"])
        way = "up_to" if way == "all" and not last and self.chance(0.7) else way
        keys = {"all": {}, "amount": {"amount": money()}, "percent": {"percent": Bare("30.5")},
                "fraction": {"fraction": "1/7"}, "up_to": {"up_to": money()}}[way] | of
        if way in ("percent", "fraction"):
            keys |= self.maybe(0.3, round_money=lambda: "nearest") | (
                {} if of else self.maybe(0.4, of=lambda: "remaining"))
        if self.chance(0.2):
            keys |= self.choice([
                {"by": "state", "parts": "equal"},
                {"by": "state", "parts": {name: Bare("1.5") for name in STATES}},
                {"by": "tier", "parts": {"A": Bare("12.1"), "B": Bare("6.4"), "C": Bare("1")}}])
        return keys

    def drop(self, money, method):
        return {self.choice(["below", "at_or_below"]): money(), "method": method} | self.maybe(
            0.3, when=lambda: self.condition("pool"))

    def rest(self, add, money):
        """What says who is paid, and what is told of it."""
        payment = self.maybe(0.3, method=lambda: "method")
        if not self.as_claimed and self.chance(0.25):
            payment["drop"] = self.drop(money, "all-at-once")
        if payment:
            add("[payment]", **payment)
        if self.values and self.chance(0.1):
            add("[statement]", columns=[self.choice([*self.values])])
        names = [f"portion {n}" for n in range(self.choice([0, 0, 1, 2, 3, 4]))]
        for name in names:
            to = self.maybe(0.4, to=lambda: self.choice(["Medicare", {"column": "firm"}]))
            percent, zero = Bare(self.choice(["25", "60", "100"])), Bare("0")
            way = self.choice([
                {"percent": percent}, {"percent": {"column": "fee", "blank": percent}},
                {"fraction": "1/3"}, {"amount": self.formula("portion")},
                {"amount": [{"add": {"column": "lien", "blank": zero}}]},
                {"brackets": [{"to": Bare("10"), "percent": percent}, {"percent": zero}]}])
            if "amount" not in way and self.chance(0.5):
                of_pool = {"pool": self.choice([*self.pools])}
                way["of"] = self.choice(["payout", "remaining", of_pool])
            way |= self.maybe(0.4, round=lambda: self.choice(["down", "up", "nearest"]))
            add("[[portion]]", name=name, **(way if name != names[-1] else {}), **to)
        if self.chance(0.02 if self.prior else 0.2):
            add("[tax]", threshold=Bare("50"), number="tin",
                **({"portion": self.choice(names)} if names and self.chance(0.5) else {}))
        for columns in (["email"], ["state", "email"]):
            if self.chance(0.15):
                duplicates = "flag" if self.chance(0.9) else "refuse"
                add("[[unique]]", columns=columns, duplicates=duplicates)

    # ------------------------------------------------------------ the claims

    def cell(self, column):
        map, case = self.maps.get(column, ({}, False))
        cell = self.choice([*map]) if map and self.chance(0.3) else self.own_cell(column)
        return self.choice(TYPED)(cell) if case and self.chance(0.4) else cell

    def typed_status(self, status):
        """A cell that is read as this status."""
        map, case = self.maps.get("status", ({}, False))
        cells = [cell for cell, text in map.items() if text == status]
        cell = self.choice(cells) if cells and self.chance(0.4) else status
        return self.choice(TYPED)(cell) if case and self.chance(0.4) else cell

    def own_cell(self, column):
        if column in ("a", "b", "units", "f", "lien"):
            blank = column in ("b", "lien") and self.chance(0.2) or self.chance(0.005)
            return "" if blank else self.choice("0125" if column == "units" else AMOUNTS)
        if column == "begun":
            return "" if self.chance(0.05) else self.choice(DAYS[:8])
        if column == "left":
            return "" if self.chance(0.1) else self.choice(DAYS[7 if self.chance(0.99) else 0:])
        if column == "state" and self.chance(0.003):
            return "ca"
        return self.choice({
            "state": STATES, "tier": TIERS, "fee": ["0", "33.33", "40", "100", ""],
            "firm": ["Smith LLP", "Jones", "Doe & Co"], "method": ["check", "PayPal"],
            "tin": ["123-45-6789", "", "12-3456789", "000-12-3456"],
            "email": ["", "x@y", "X@Y", "x @y", "z@y", "é@y", "e\u0301@y", "q@y"]}[column])

    def claims(self):
        lines, ids = [["claimant_id", "status", *PER_ROW, *PER_CLAIMANT]], []
        for _ in range(self.choice([1, 3, 6, 12, 30])):
            again = ids and self.add_up and self.chance(0.4)
            ids.append(self.choice(ids) if again else f"c{len(ids)}")
        same = {id: [self.cell(column) for column in PER_CLAIMANT] for id in ids}
        status = {id: self.choice(["ok", "ok", "wait"]) for id in ids}
        for id in ids:
            no = "no" if self.chance(0.15) else status[id]
            lines.append([id, self.typed_status(no) if self.status else "ok",
                          *map(self.cell, PER_ROW), *same[id]])
        if not self.status:
            lines = [[line[0], *line[2:]] for line in lines]
        self.ids = ids
        return "".join(",".join(line) + "\n" for line in lines)

    # ------------------------------------------------------------ the reconciliation

    def reconciliation(self):
        """The files of a reconciliation that knows some of the claimants."""
        decimals = 0 if self.yen else 2
        text = lambda units: (f"{'-' * (units < 0)}{abs(units) // 10**decimals}"
                              + f".{abs(units) % 100:02}" * (not self.yen))
        known = [id for id in dict.fromkeys(self.ids) if self.chance(0.7)]
        header = ("claimant_id status payouts cashed refunded outstanding void lapsed over"
                  " held").split()
        lines, void_sum, held_sum = [header], 0, 0
        for id in known + ["gone"] * self.chance(0.01):
            parts = [self.choice([0, 0, 100, 333, 2000, 12345]) for _ in range(5)]
            over = self.choice([0, 0, 0, 7]) if sum(parts) > 7 else 0
            held = self.choice([0, 0, 500, 4321])
            void_sum, held_sum = void_sum + parts[3], held_sum + held
            lines.append([id, self.choice(STATES_OF_PAYOUTS), *map(
                text, [sum(parts) - over, *parts, over, held])])
        left = {"void": void_sum, "held": held_sum, "reserve": self.choice([0, 10000, 500000]),
                "residual": self.choice([0, 5]), "refunded": self.choice([0, 40]),
                "received": self.choice([0, 1207]), "spent": -self.choice([0, 0, 8500]),
                "late": 0, "over": -self.choice([0, 0, 7])}
        left["amount"] = sum(left.values())
        files = {"ledger.csv": "".join(",".join(line) + "\n" for line in lines),
                 "account.json": json.dumps({"left": {key: text(one) for key, one in left.items()}})}
        manifest = {
            "program": "payout", "kind": "reconciliation", "version": "0", "settlement": "random",
            "currency": "JPY" if self.yen else "USD", "on": "2024-03-31", "round": 1,
            "files": {name: {"bytes": len(text.encode()),
                             "sha256": hashlib.sha256(text.encode()).hexdigest()}
                      for name, text in files.items()}}
        return files | {"manifest.json": json.dumps(manifest)}

def write(seed, number, folder):
    """plan.toml, claims.csv, the table files and perhaps the reconciliation of a case."""
    case = Case(seed, number)
    plan, claims = case.plan(), case.claims()
    if case.prior:
        (folder / "rec").mkdir()
        for name, text in case.reconciliation().items():
            (folder / "rec" / name).write_text(text, encoding="utf-8")
    for name, text in {"plan.toml": plan, "claims.csv": claims, **case.files}.items():
        (folder / name).write_text(text, encoding="utf-8")
