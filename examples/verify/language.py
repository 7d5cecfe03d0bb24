"""How verify.py reads a plan: its keys, conditions, formulas and named values.

Read it from top to bottom; then what the rules of a plan read, by which rows are added up,
and what a plan may not say.
"""

import operator
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from cells import (
    ONE_DAY, Unusable, amount_in, bound, caseless, cell, check_keys, check_span, column_of,
    decimal, end_of, folded, is_day, named_table, need, number, number_or_fraction, span_of,
    span_value, table_of, value_like)
from ledger import AMOUNTS, STATES

# ---------------------------------------------------------------- the plan

# plan reference, "Index of keys". Any other key makes the plan unusable, since it may
# change payments in a way that this program does not know. `source` may stand anywhere.
KEYS = {
    "settlement": "name docket currency locale as_of draft",
    "class": "members notices opt_outs objections",
    "fund": "amount interest at_least at_most prior",
    "deduction": "name kind amount percent fraction each count brackets of round",
    "claims": "id status pay hold deny rows",
    "column": "values thousands prefix format rows ignore_case map",
    "exclude": "reason when", "subclass": "name when", "value": "name per when steps",
    "table": "bands texts file by from blank",
    "pool": "name amount percent fraction up_to of rest_of by parts when shares award at_least"
            " at_most less raise reduce drop only_if round round_money unit",
    "portion": "name percent fraction amount brackets of round to",
    "unique": "columns duplicates", "residual": "to", "payment": "method drop",
    "statement": "detail columns text template templates language form",
    "tax": "threshold number earlier portion",
}
LISTS = ["deduction", "exclude", "pool", "portion", "unique"]  # [[pool]], in order
NAMED = ["column", "subclass", "value", "table"]  # [column.NAME]
WORDS = {  # the keys whose texts are words of the language
    "fund.prior": "left", "claims.rows": "unique sum", "column.rows": "same", "value.per": "row",
    "column.format": "YYYY-MM-DD MM/DD/YYYY DD/MM/YYYY", "unique.duplicates": "refuse flag",
    "deduction.of": "amount gross remaining", "deduction.round": "nearest down up",
    "pool.of": "net remaining", "pool.round": "down nearest half-even largest-remainder",
    "pool.round_money": "down nearest", "pool.unit": "payment share",
    "statement.detail": "plain full", "statement.form": "text html",
    "portion.round": "nearest down up", "drop.method": "all-at-once smallest-first",
}
FORMULAS = ["steps", "shares", "award", "at_least", "at_most", "less", "amount"]

def check_part(part, table):
    check_keys(table, KEYS[part].split(), f"[{part}]")
    for key, text in table.items():
        words = WORDS.get(f"{part}.{key}")
        need(not words or isinstance(text, dict) or text in words.split(),
             f"the plan has `{text}` as `{key}` in [{part}], which this verifier does not read")

def read_plan(path, folder):
    """The plan, with an empty table or list for each part that it does not have.

    The files of its tables are in the folder.
    """
    plan = parsed(path, lambda text: tomllib.loads(text, parse_float=Decimal))
    check_keys(plan, KEYS, "the plan")
    for part in KEYS:
        content = plan.setdefault(part, [] if part in LISTS else {})
        tables = content if part in LISTS else content.values() if part in NAMED else [content]
        for table in tables:
            check_part(part, table)
    plan["fund"].setdefault("amount", 0 if "prior" in plan["fund"] else "none")
    if isinstance(plan["tax"].get("earlier"), str):
        plan["tax"]["earlier"] = {"column": plan["tax"]["earlier"]}
    check_rules(plan)
    tables, id = plan["table"], plan["claims"].get("id", "claimant_id")
    plan["table files"] = sorted({table["file"] for table in tables.values() if "file" in table})
    statement = plan["statement"]
    plan["templates"] = sorted({*statement.get("templates", {}).values(),
                                *([statement["template"]] if "template" in statement else [])})
    plan["language"] = [statement["language"]] if "language" in statement else []
    letters = [parsed(folder / name, str) for name in plan["templates"]]
    plan["shown"] = [*statement.get("columns", []), *re.findall(
        r"{column\.([^{}\n]+)}", "".join(letters).replace("{{", "").replace("}}", ""))]
    for name, table in tables.items():
        tables[name] = named_table(name, table, folder)
        need(id not in tables[name].by, f"[table.{name}] is by the column of ids")
    for rule in [*row_rules(plan), *claim_rules(plan)]:
        for operand in operands_in(rule):
            if "table" in operand:
                operand["table"] = table_of(operand, plan)
    return plan

# plan reference, "Letters".
def check_letters(rows, plan):
    """The rows of a claimant: each has a language with a template."""
    for column in plan["language"]:
        for row in rows:
            need(cell(row.cells, column) in plan["statement"]["templates"],
                 f"row {row.place}: there is no letter for `{cell(row.cells, column)}`")

def parsed(path, parse):
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"{path}: {error}") from error

# ---------------------------------------------------------------- what a rule sees

@dataclass(eq=False)
class View:
    """What the rules of the plan see of a row or of a claim."""
    plan: dict
    cells: dict
    rows: list | None = None  # of a claim, its rows; a row has none
    known: dict = field(default_factory=dict)  # values and subclasses that are worked out
    payments: dict = field(default_factory=dict)  # of a claim, by pool

    def content(self, column):
        """The text of a cell, or the number that a value or a sum of cells comes to."""
        return self.value(column) if column in self.plan["value"] else cell(self.cells, column)

    # Named values: of each row, then added up; or of the claim.
    def value(self, name):
        value = self.plan["value"][name]
        if value.get("per") == "row" and self.rows is not None:
            add_up = self.plan["claims"].get("rows") == "sum"
            return self.once(name, lambda: sum(
                decimal(row.value(name), f"value `{name}` of a row") if add_up else row.value(name)
                for row in self.rows))
        need(value.get("per") == "row" or self.rows is not None,
             f"a row cannot read `{name}`, which is a value of the claim")
        return self.once(name, lambda: evaluate(value["steps"], self)
                         if holds(value.get("when", {}), self) else Fraction(0))

    def is_member(self, key):
        need(self.rows is not None, "`in` cannot stand here")
        need(key in self.plan["subclass"], f"the plan has no subclass `{key}`")
        return self.once(("in", key), lambda: holds(self.plan["subclass"][key]["when"], self))

    def once(self, name, work):
        if name not in self.known:
            self.known[name] = None
            self.known[name] = work()
        need(self.known[name] is not None, f"`{name}` refers to itself")
        return self.known[name]

# plan reference, "Conditions": all entries must hold; the first that fails ends the search.
def holds(condition, view):
    for column, entry in condition.items():
        if column == "any":
            held = any(holds(one, view) for one in entry)
        elif column == "in":
            keys = texts(entry["not"]) if isinstance(entry, dict) else texts(entry)
            held = any([view.is_member(key) for key in keys]) != isinstance(entry, dict)
        elif column == "prior":
            held = entry_holds(entry, view.content("prior.status"), {})
        else:
            held = entry_holds(entry, view.content(column), view.plan["column"].get(column, {}))
        if not held:
            return False
    return True

def texts(entry):
    return entry if isinstance(entry, list) else [entry]

RANGE = {"from": operator.ge, "above": operator.gt, "to": operator.le, "below": operator.lt}

def entry_holds(entry, content, written):
    if not isinstance(entry, dict):
        return content in texts(entry)
    if "not" in entry:
        return content not in texts(entry["not"])
    bounds = [entry[key] for key in RANGE if key in entry]
    need(content != "" or "blank" in entry, "a cell is blank that a range reads without `blank`")
    if content == "" or not bounds:
        return entry["blank"] == (content == "")
    value = value_like(content, bounds[0], written)
    return all(test(value, bound(entry[key])) for key, test in RANGE.items() if key in entry)

# plan reference, "Formulas": what each verb makes of the value so far and the operand.
def divide(value, by):
    need(by != 0, "a step divides by 0")
    return value / by

def round_nearest(value, unit):  # a half goes away from 0
    return floor_to(abs(value) + unit / 2, unit) * (-1 if value < 0 else 1)

def floor_to(value, unit):
    return value // unit * unit

def ceil_to(value, unit):
    return -(-value // unit) * unit

VERBS = {"add": operator.add, "subtract": operator.sub, "times": operator.mul, "divide": divide,
         "at_least": max, "at_most": min, "round": round_nearest, "round_down": floor_to,
         "round_up": ceil_to}

# plan reference, "Formulas": a formula starts at 0, and each step changes the value so far.
def evaluate(formula, view, own=None):
    value = Fraction(0)
    for step in steps_of(formula):
        if holds(step.get("when", {}), view):
            verb, operand = verb_and_operand(step)
            value = VERBS[verb](value, operand_value(operand, view, own))
    return value

def steps_of(formula):
    """The steps of a formula; a formula that is a number adds this number."""
    return formula if isinstance(formula, list) else [{"add": formula}]

def verb_and_operand(step):
    return next((verb, step[verb]) for verb in VERBS if verb in step)

# plan reference, "Operands": `up_to`, `brackets` and `times` apply in this order.
def operand_value(operand, view, own=None):
    if not isinstance(operand, dict):
        return number_or_fraction(operand)
    span = span_of(operand)
    if "award" in operand:
        return number_or_fraction(operand["award"]) * own
    if "pool" in operand:
        value = view.payments.get(operand["pool"], Fraction(0))
    elif span:
        value = span_value(span, operand, view)
    elif "table" in operand:
        value = operand["table"].value(operand, view)
    elif "prior" in operand:
        value = amount_in(view.content(f"prior.{operand['prior']}"), {})
    else:
        content = view.content(operand["column"])
        need(content != "" or "blank" in operand, f"a cell of `{operand['column']}` is blank")
        value = (number_or_fraction(operand["blank"]) if content == ""
                 else amount_in(content, view.plan["column"].get(operand["column"], {})))
    if "up_to" in operand:
        value = min(value, number_or_fraction(operand["up_to"]))
    if "brackets" in operand:
        need(value >= 0, f"`brackets` of {value}, which is negative")
        value = layered(value, operand["brackets"], "rate")
    return value * number_or_fraction(operand.get("times", 1))

# plan reference, "Deductions" and "Operands": each layer at its own rate.
def layered(value, brackets, rate):
    total, bottom = Fraction(0), Fraction(0)
    for layer in brackets:
        check_keys(layer, ["to", rate], "a bracket")
        top = min(value, number(layer["to"])) if "to" in layer else value
        total += max(top - bottom, 0) * number_or_fraction(layer[rate])
        bottom = max(bottom, top)
    return total

# ---------------------------------------------------------------- what the rules read

def row_rules(plan):
    return plan["exclude"] + [one for one in plan["value"].values() if one.get("per") == "row"]

def claim_rules(plan):
    """The rules that see a claim, after its rows were added up."""
    values = [one for one in plan["value"].values() if one.get("per") != "row"]
    return [*values, *plan["subclass"].values(), *plan["pool"], *plan["portion"], plan["payment"]]

def steps_in(rule):
    return [step for key in FORMULAS if isinstance(rule.get(key), list) for step in rule[key]]

def operands_in(rule, verbs=None):
    found = [verb_and_operand(step) for step in steps_in(rule)]
    return [operand for verb, operand in found
            if isinstance(operand, dict) and verb in (verbs or VERBS)]

def conditions_in(rule):
    holders = [rule, rule.get("drop", {}), *steps_in(rule)]
    return [holder["when"] for holder in holders if "when" in holder]

def entries(condition):
    """Each entry of a condition but `any`, of which it is the entries of the conditions."""
    for column, entry in condition.items():
        if column != "any":
            yield column, entry
        for one in entry if column == "any" else []:
            yield from entries(one)

def texts_in(entry):
    """The texts that a cell is compared with."""
    return texts(entry.get("not", []) if isinstance(entry, dict) else entry)

def reads(rule, plan):
    """The columns and values that a rule reads: the name, how, and texts it is compared with."""
    for condition in conditions_in(rule):
        for column, entry in entries(condition):
            if column == "prior":
                yield "prior.status", "text", []
            elif column != "in":
                yield column, "text" if texts_in(entry) else "range", texts_in(entry)
    for operand in operands_in(rule):
        table = operand.get("table")
        for end in operand.get(span_of(operand), []):
            if column_of(end):
                yield column_of(end), "day", []
        for place, column in enumerate(table.by if table else []):
            yield column, "text", [key[place] for key in table.lines]
        if "prior" in operand:
            yield f"prior.{operand['prior']}", "text", []
        if "column" in operand:
            how = "factor" if operand in operands_in(rule, ["times", "divide"]) else "number"
            yield (operand["column"], "table" if table else how,
                   [text for text, in table.lines] if table and table.texts else [])
    for key in ("by", "percent", "to", "method"):  # of pools, portions and [payment]
        written = rule.get(key)
        column = written.get("column") if isinstance(written, dict) else written
        if isinstance(written, dict) or key in ("by", "method") and written:
            yield column, "text", list(part_texts(rule, plan)) if key == "by" else []

def part_texts(pool, plan):
    """The parts of a pool that is divided by a column, by their texts."""
    if pool["parts"] == "equal":
        return dict.fromkeys(plan["column"].get(pool["by"], {}).get("values", []), Fraction(1))
    return {text: number(part) for text, part in pool["parts"].items()}

# plan reference, "Cells read as other texts": before anything else; `map` comes first.
class CellMap:
    def __init__(self, column, written, texts, listed):
        self.map, caseless_too = written.get("map", {}), written.get("ignore_case")
        need(self.map or ("map" not in written and texts), f"nothing can be mapped in `{column}`")
        near = {folded(text): text for text in texts}
        for text in self.map.values():
            need(near.get(folded(text), text) == text and (listed is None or text in listed),
                 f"`{column}` cannot have `{text}`")
        self.alike = {}  # by form, and whether `map` has it
        for key, text in self.map.items() if caseless_too else []:
            need(self.alike.setdefault(caseless(key), (text, "mapped"))[0] == text,
                 f"`{key}` is mapped to two texts")
        for text in texts if caseless_too else []:
            known = self.alike.setdefault(caseless(text), (text, "ignored_case"))[0]
            need(text in self.map or known == text, f"`{text}` is nearly a cell of `map`")

    def read(self, cells, column):
        """Reads a cell of a row, and says why it is another text."""
        content = cell(cells, column)
        text, why = self.alike.get(caseless(content), (content, None))
        cells[column] = self.map.get(content, text)
        return None if cells[column] == content else "mapped" if content in self.map else why

def maps_of(plan):
    """By column, its CellMap: first the status, then as they are written."""
    wanted, claims, maps = texts_of(plan), plan["claims"], {}
    status = claims.get("status", False)
    statuses = [text for key in ("pay", "hold", "deny") for text in claims.get(key, [])]
    for column, written in sorted(plan["column"].items(), key=lambda item: item[0] != status):
        if "map" in written or written.get("ignore_case"):
            need(column != claims.get("id", "claimant_id"), "ids cannot be mapped")
            own = statuses if column == status else []
            maps[column] = CellMap(column, written, wanted[column].union(own),
                                   own or written.get("values"))
    return maps

def mapped(rows, plan):
    return [{"column": column, **{why: sum(row.read_as[column] == why for row in rows)
                                  for why in ("mapped", "ignored_case")}}
            for column in maps_of(plan)]

def texts_of(plan):
    """By column, the texts that the plan has for it, without statuses."""
    wanted = defaultdict(set)
    for rule in [*row_rules(plan), *claim_rules(plan)]:
        for column, _, texts in reads(rule, plan):
            wanted[column].update(texts)
    for column, written in plan["column"].items():
        wanted[column].update(written.get("values", []))
    return wanted

# ---------------------------------------------------------------- what a plan may not say

# plan reference, "Keys that exclude each other": of these, what would change a payment.
def check_rules(plan):
    for rule in [*row_rules(plan), *claim_rules(plan)]:
        without = rule in row_rules(plan) or rule in plan["subclass"].values()
        for condition in conditions_in(rule):
            need(not without or "in" not in dict(entries(condition)), "`in` cannot stand here")
            for one in nested(condition):
                need(one and one.get("any", [1]), "a condition is empty")
            for column, entry in entries(condition):
                check_entry(column, entry, plan)
        for step in steps_in(rule):
            check_keys(step, [*VERBS, "when", "label"], "a step")
            need(len(VERBS.keys() & step.keys()) == 1, "a step has one verb")
            check_operand(*verb_and_operand(step))
        for operand in operands_in(rule):
            need("blank" not in operand or operand.get("column") not in plan["value"],
                 "a value is never blank")
            need("prior" not in operand or "prior" in plan["fund"] and rule not in row_rules(plan)
                 and operand["prior"] in AMOUNTS, "`prior` cannot be read here")
        drop = rule.get("drop", {})
        check_keys(drop, ["below", "at_or_below", "method", "when"], "`drop`")
        need(not drop or drop["method"] in WORDS["drop.method"].split(), "`drop` by another method")
    need(not {"any", "in", "prior"} & plan["value"].keys(), "a value is named like a condition")
    for pool in plan["pool"]:
        check_pool(pool)
    check_references(plan)
    check_portions(plan["portion"], [pool["name"] for pool in plan["pool"]])
    check_fund(plan)

def nested(condition):
    return [condition, *(two for one in condition.get("any", []) for two in nested(one))]

def check_entry(column, entry, plan):
    if column == "prior":
        need("prior" in plan["fund"] and set(texts_in(entry)) <= set(STATES)
             and (not isinstance(entry, dict) or {*entry} in ({"not"}, {"blank"})),
             "`prior` is compared with the states of payouts")
        return
    if column == "in" or not isinstance(entry, dict):
        check_keys(entry if isinstance(entry, dict) else {}, ["not"], "a condition")
        need(column == "in" or column not in plan["value"], f"value `{column}` is no text")
        need(all(isinstance(text, str) for text in texts_in(entry)), f"`{column}` is no text")
        return
    check_keys(entry, ["not", "blank", *RANGE], "a condition")
    need(column not in plan["value"] or not {"not", "blank"} & entry.keys(),
         f"value `{column}` is no text, and never blank")
    low, high = ([(key, entry[key]) for key in keys if key in entry]
                 for keys in (("from", "above"), ("to", "below")))
    need("not" not in entry or len(entry) == 1, "`not` stands alone")
    need(len(low) < 2 and len(high) < 2, "a range has two lower or two upper ends")
    if low and high:
        (one, begin), (two, end) = low[0], high[0]
        begin, (end, included) = bound(begin), end_of(two, bound(end))
        if one == "above" and is_day(begin):
            one, begin = "from", begin + ONE_DAY
        need(begin < end or (begin == end and included and one == "from"),
             f"nothing can be in a range of `{column}`")

def check_operand(verb, operand):
    if verb.startswith("round"):
        need(number(operand) > 0, f"`{verb}` to a number above 0")
    if not isinstance(operand, dict):
        number_or_fraction(operand)
        return
    span, table = span_of(operand), operand.get("table")
    if "award" in operand:
        known = "award"
    elif "pool" in operand:
        known = "pool times"
    elif "prior" in operand:
        known = "prior up_to times"
    elif span:
        known = f"{span} inclusive within count begins blank times"
        check_span(span, operand)
    elif isinstance(table, dict):
        known = "column table up_to brackets times"
    elif table is not None:
        known = "column table times" if isinstance(table, str) else "column table blank times"
    else:
        known = "column up_to brackets blank times"
    check_keys(operand, known.split(), "an operand")

def check_pool(pool):
    ways = {"amount", "percent", "fraction", "up_to"} & pool.keys()
    part = bool({"percent", "fraction"} & ways)
    need(len(ways) < 2 and ("shares" in pool) != ("award" in pool), "a pool has not one form")
    need(part or not {"of", "round_money"} & pool.keys(), "`of` and `round_money` go with a part")
    need(not {"of", "rest_of"} <= pool.keys(), "`rest_of` excludes `of`")
    need(("by" in pool) == ("parts" in pool), "`by` and `parts` go together")
    check_keys(pool.get("only_if", {}), ["total", "each"], "`only_if`")
    need("only_if" not in pool or pool["only_if"], "`only_if` is empty")
    need("award" in pool or not {"raise", "reduce"} & pool.keys(), "`raise` without awards")
    need(pool.get("drop", {}).get("method") != "smallest-first"
         or not {"less", "at_least", "at_most"} & pool.keys(), "`smallest-first` with limits")
    need(pool.get("unit") != "share" or not (
        {"award", "drop"} & pool.keys() or pool.get("round", "down") != "down"),
         "`unit = \"share\"` with what excludes it")

def check_references(plan):
    """Who may read an award, or the payment of a pool: pools after it, and portions."""
    earlier = {}
    for rule in [*row_rules(plan), *claim_rules(plan)]:
        pool = rule if rule in plan["pool"] else {}
        limits = {key: rule[key] for key in ("at_least", "at_most") if key in pool}
        readable = earlier if pool or rule in plan["portion"] else {}
        for operand in operands_in(rule):
            need("award" not in operand or operand in operands_in(limits),
                 "an award is read by `at_least` and `at_most` of a pool")
            need("pool" not in operand or (
                operand["pool"] in readable
                and operand not in operands_in(rule, ["times", "divide"])
                and readable[operand["pool"]].get("round") != "largest-remainder"),
                f"the payment of pool `{operand.get('pool')}` cannot be read here")
        need(rule.get("rest_of") in (None, *earlier), "`rest_of` a pool that is not before")
        earlier |= {pool["name"]: pool} if pool else {}

def check_portions(portions, pools):
    for place, portion in enumerate(portions):
        last = place == len(portions) - 1
        ways = {"percent", "fraction", "amount", "brackets"} & portion.keys()
        of = portion.get("of", "payout")
        need(len(ways) == (0 if last else 1) and not (
            {"of", "round"} & portion.keys() if last else "amount" in ways and "of" in portion),
             f"portion \"{portion['name']}\" has two forms, or none")
        need(of in ("payout", "remaining") or isinstance(of, dict) and of.keys() == {"pool"}
             and of["pool"] in pools, f"portion \"{portion['name']}\" of something unknown")
        for key, known in (("percent", ["column", "blank"]), ("to", ["column"])):
            check_keys(portion[key] if isinstance(portion.get(key), dict) else {}, known,
                       "a portion")

# A fund that is what is claimed.
def check_fund(plan):
    fund, pools = plan["fund"], plan["pool"]
    need("prior" not in fund or not plan["tax"], "`prior` excludes [tax]")
    need(not any(column.startswith("prior.") for column in plan["column"]) or "prior" not in fund,
         "the columns of the ledger are not described")
    if fund["amount"] != "as claimed":
        need("prior" in fund or number(fund["amount"]) > 0, "the fund is 0")
        need(not {"at_least", "at_most"} & fund.keys(), "limits of a fund that is not as claimed")
        return
    parts = [part for part in plan["deduction"] if not {"amount", "each"} & part.keys()]
    need("interest" not in fund and "prior" not in fund and "drop" not in plan["payment"]
         and not parts,
         "a fund as claimed excludes interest, parts of the fund and the `drop` of [payment]")
    need(number(fund.get("at_least", 0)) <= number(fund.get("at_most", fund.get("at_least", 0))),
         "`at_least` of the fund above `at_most`")
    for pool in pools:
        need(not {"shares", "amount", "percent", "fraction", "up_to", "rest_of", "by",
                   "only_if"} & pool.keys()
             and (pool.get("raise", 1) == 1 or pool is pools[-1])
             and not any("pool" in operand for operand in operands_in(pool)),
             f"pool \"{pool['name']}\" cannot be of a fund as claimed")
