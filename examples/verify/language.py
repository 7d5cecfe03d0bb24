"""The language of plans, for verify.py: what a plan says, and what its rules read.

Read it from top to bottom: the keys of a plan, numbers, cells, dates, tables, conditions,
formulas, values; then what the rules of a plan read, and what a plan may not say.
"""

import calendar
import csv
import io
import operator
import re
import tomllib
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

class Unusable(Exception):
    """The plan, the claims or the run cannot be used; the text says why."""

def need(condition, otherwise):
    if not condition:
        raise Unusable(otherwise)

# ---------------------------------------------------------------- the plan

# plan reference, "Index of keys". Any other key makes the plan unusable, since it may
# change payments in a way that this program does not know. `source` may stand anywhere.
KEYS = {
    "settlement": "name docket currency draft",
    "class": "members notices opt_outs objections",
    "fund": "amount interest at_least at_most",
    "deduction": "name kind amount percent fraction each count brackets of round",
    "claims": "id status pay hold deny rows",
    "column": "values thousands prefix format rows",
    "exclude": "reason when", "subclass": "name when", "value": "name per when steps",
    "table": "bands texts file by from blank",
    "pool": "name amount percent fraction up_to of rest_of by parts when shares award at_least"
            " at_most less raise reduce drop round round_money unit",
    "portion": "name percent fraction amount brackets of round to",
    "unique": "columns duplicates", "residual": "to", "payment": "method drop",
    "statement": "columns text", "tax": "threshold number earlier portion",
}
LISTS = ["deduction", "exclude", "pool", "portion", "unique"]  # [[pool]], in order
NAMED = ["column", "subclass", "value", "table"]  # [column.NAME]
WORDS = {  # the keys whose texts are words of the language
    "claims.rows": "unique sum", "column.rows": "same", "value.per": "row",
    "column.format": "YYYY-MM-DD MM/DD/YYYY DD/MM/YYYY", "unique.duplicates": "refuse flag",
    "deduction.of": "amount gross remaining", "deduction.round": "nearest down up",
    "pool.of": "net remaining", "pool.round": "down nearest half-even largest-remainder",
    "pool.round_money": "down nearest", "pool.unit": "payment share",
    "portion.round": "nearest down up", "drop.method": "all-at-once smallest-first",
}
FORMULAS = ["steps", "shares", "award", "at_least", "at_most", "less", "amount"]

def check_keys(table, known, where):
    for key in table:
        need(key in known or key == "source" and where not in ("a condition", "an operand"),
             f"the plan has `{key}` in {where}, which this verifier does not read")

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
        for table in content if part in LISTS else content.values() if part in NAMED else [content]:
            check_part(part, table)
    if isinstance(plan["tax"].get("earlier"), str):
        plan["tax"]["earlier"] = {"column": plan["tax"]["earlier"]}
    check_rules(plan)
    plan["table files"] = sorted({table["file"] for table in plan["table"].values() if "file" in table})
    for name, table in plan["table"].items():
        plan["table"][name] = named_table(name, table, folder)
    for rule in [*row_rules(plan), *claim_rules(plan)]:
        for operand in operands_in(rule):
            if "table" in operand:
                operand["table"] = table_of(operand, plan)
    return plan

def parsed(path, parse):
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"{path}: {error}") from error

# ---------------------------------------------------------------- numbers

PLAIN = r"[0-9]+(\.[0-9]+)?"

# plan reference, "Numbers and texts": a number, with or without quotes.
def number(written):
    text = format(written, "f") if isinstance(written, Decimal) else str(written)
    need(not isinstance(written, bool) and re.fullmatch(PLAIN, text),
         f"the plan has `{written}` where a number belongs")
    return Fraction(text)

def number_or_fraction(written):
    if isinstance(written, str) and re.fullmatch(r"[0-9]+/0*[1-9][0-9]*", written):
        return Fraction(written)
    return number(written)

def decimal_text(value, decimals=0):
    """An exact decimal, with at least so many digits after the point."""
    while (value * 10**decimals).denominator != 1:
        decimals += 1
    digits = str(int(value * 10**decimals)).rjust(decimals + 1, "0")
    point = len(digits) - decimals
    return digits[:point] + ("." + digits[point:] if decimals else "")

# Steps: what pools and portions read, and what is added up, has at most 28 digits.
def decimal(value, what):
    exact = 10**28 % value.denominator == 0
    need(exact and len(decimal_text(abs(value)).replace(".", "").lstrip("0")) <= 28,
         f"{what} comes to {value}, which is no decimal of at most 28 digits")
    return value

# ---------------------------------------------------------------- cells

SEPARATORS = {",": ",", "_": "_", " ": " \u00a0\u202f\u2009", "'": "'\u2019"}

def csv_lines(content, path):
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        return list(csv.reader(text, strict=True))
    except (ValueError, csv.Error) as error:
        raise Unusable(f"{path} is not CSV in UTF-8: {error}") from error

# plan reference, "Claims": cells are read without surrounding white space; empty rows, and
# rows of nothing but commas, are not counted.
def trimmed(lines, path):
    lines = [[text.strip() for text in line] for line in lines if any(map(str.strip, line))] or [[]]
    need(all(len(line) == len(lines[0]) for line in lines),
         f"{path}: a row is longer or shorter than the header")
    return lines

def cell(cells, column):
    need(column in cells, f"the claims have no column `{column}`, or two of this name")
    return cells[column]

# plan reference, "Near misses": texts that differ only by case, white space or Unicode form.
def folded(text):
    return unicodedata.normalize("NFC", "".join(text.casefold().split()))

# plan reference, "Columns": `thousands` and `prefix`.
def amount_in(content, written):
    """The number in a cell; `written` is the [column] of the cell, or empty."""
    if isinstance(content, Fraction):  # a value, or added up over several rows
        return content
    rest = content
    if "prefix" in written and content.startswith(written["prefix"]):
        rest = content[len(written["prefix"]):].lstrip()
    for between in SEPARATORS.values():
        if written.get("thousands", "none") in between and re.fullmatch(
                rf"[1-9][0-9]{{0,2}}([{between}][0-9]{{3}})+(\.[0-9]+)?", rest):
            rest = re.sub(f"[{between}]", "", rest)
    need(re.fullmatch(PLAIN, rest), f"`{content}` is not an amount")
    return Fraction(rest)

# ---------------------------------------------------------------- dates

DATES = {"YYYY-MM-DD": r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
         "MM/DD/YYYY": r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4})",
         "DD/MM/YYYY": r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})"}
TIME = (r"(,?(T|\s+)(?P<hour>\d\d?):(?P<minute>\d\d)(:(?P<second>\d\d)(?P<part>\.\d+)?)?"
        r"(\s*(?P<half>[AaPp])\.?[Mm]\.?)?(\s*(?P<zone>Z|UTC|[+-]\d\d(:?\d\d)?))?)?")
ONE_DAY = timedelta(days=1)
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

# plan reference, "Dates and moments".
def date_in(content, written, with_offset=False):
    """The date in a cell; or, if bounds have an offset, the moment in UTC and its fraction."""
    form = "YYYY-MM-DD" if with_offset else written.get("format", "YYYY-MM-DD")
    need(isinstance(content, str), f"{content} is a number, and not a date")
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

def is_day(written):
    return isinstance(written, date) and not isinstance(written, datetime)

def bound(written):
    """A bound of the plan: a day, a moment like those of date_in, or a number."""
    if isinstance(written, datetime):
        need(written.tzinfo, f"the plan has the time {written} without an offset")
        utc = written.astimezone(timezone.utc).replace(tzinfo=None)
        return utc.replace(microsecond=0), Fraction(utc.microsecond, 10**6)
    return written if is_day(written) else number(written)

def value_like(content, like, written):
    """What is in a cell, read as a bound of the plan is: a moment, a day or a number."""
    if isinstance(like, date):
        return date_in(content, written, isinstance(like, datetime))
    return amount_in(content, written)

# Dates: days, weeks, months and years between two days.
SPANS = ["days", "weeks", "months", "years"]

def span_of(operand):
    return next((span for span in SPANS if span in operand), None)

def column_of(end):
    """The column of one end of a span; None if it is a day of the plan."""
    return end["column"] if isinstance(end, dict) else end if isinstance(end, str) else None

def check_span(span, operand):
    ends, within = operand[span], operand.get("within", [date.min, date.max])
    count, begins = operand.get("count", "full"), operand.get("begins", "Sunday")
    counts = {"days": [], "weeks": ["full", "begun", "calendar"],
              "months": ["full", "begun", "calendar"], "years": ["full", "begun"]}
    need(len(ends) == 2 and len(within) == 2 and all(map(is_day, within))
         and within[0] <= within[1], f"`{span}` are between two days")
    for end in ends:
        check_keys(end if isinstance(end, dict) else {}, ["column", "blank"], "an operand")
        need(isinstance(column_of(end), str) and is_day(end.get("blank", date.min))
             if isinstance(end, dict) else isinstance(end, str) or is_day(end),
             f"`{span}` are between columns or days")
    need("count" not in operand or count in counts[span], f"`count` of `{span}` cannot be `{count}`")
    need(count != "calendar" or "inclusive" not in operand, "`calendar` excludes `inclusive`")
    need("begins" not in operand or (span == "weeks" and count == "calendar"),
         "only weeks of the calendar have `begins`")
    need(begins in WEEKDAYS, f"`{begins}` is not a day of the week")

def span_value(span, operand, view):
    first, second = (day_at(end, view) for end in operand[span])
    if first is None or second is None:
        need("blank" in operand, f"a cell that `{span}` reads is blank")
        return number_or_fraction(operand["blank"])
    need(first <= second, f"{second} is before {first}")
    low, high = operand.get("within", [first, second])
    low, high = max(low, first), min(high, second)
    if operand.get("count") == "calendar":
        return max(calendar_number(high, span, operand) - calendar_number(low, span, operand) + 1,
                   0) if low <= high else 0
    high += ONE_DAY if operand.get("inclusive") else timedelta(0)
    if low >= high:
        return 0
    if span in ("days", "weeks"):
        full, rest = divmod((high - low).days, 1 if span == "days" else 7)
    else:
        months = 1 if span == "months" else 12
        full = months_between(low, high) // months
        rest = plus_months(low, full * months) < high
    return full + 1 if rest and operand.get("count") == "begun" else full

def day_at(end, view):
    """The day at one end of a span; None if the cell is blank."""
    column = column_of(end)
    if column is None:
        return end
    content = cell(view.cells, column)
    if content == "":
        return end.get("blank") if isinstance(end, dict) else None
    return date_in(content, view.plan["column"].get(column, {}))

def calendar_number(day, span, operand):
    """The number of a month, or of a week, since the beginning of the calendar."""
    if span == "months":
        return day.year * 12 + day.month
    return (day.toordinal() - 1 - WEEKDAYS.index(operand.get("begins", "Sunday"))) // 7

def plus_months(day, months):
    """A day that the month does not have is its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

def months_between(low, high):
    months = (high.year - low.year) * 12 + high.month - low.month
    return months if plus_months(low, months) <= high else months - 1

# ---------------------------------------------------------------- tables

@dataclass(eq=False)
class Table:
    """For the texts in the columns `by`: a value, or bands of a number or day."""
    by: list
    lines: dict  # by those texts: a value, or Bands
    blank: object = None  # the value for a blank cell where there are bands
    texts: bool = False  # whether the text of the operand's own column comes last in the key

    def value(self, operand, view):
        column = operand.get("column")
        key = tuple(cell(view.cells, name) for name in [*self.by, *([column] * self.texts)])
        need(key in self.lines, f"a table has no line for {' '.join(map(repr, key))}")
        found = self.lines[key]
        if not isinstance(found, Bands):
            return found
        content = view.content(column)
        if content == "":
            need(self.blank is not None, f"a cell of column `{column}` is blank")
            return number_or_fraction(self.blank)
        return found.value(content, view.plan["column"].get(column, {}))

class Bands:
    """Bands in rising order, each with its beginning or None, its end or None, and its value.

    An end is the bound and 1, or 0 if the bound itself is in the next band.
    """
    def __init__(self, bands):
        self.bands, self.ends = bands, [end for _, end, _ in bands if end is not None]
        need(bands and all(end is not None for _, end, _ in bands[:-1]),
             "only the last band of a table has no end")
        before = None
        for begin, end, _ in bands:
            need(None in (begin, before) or (begin, 1) > before, "bands of a table overlap")
            need(end is None or ((before is None or before < end)
                                 and (begin is None or (begin, 1) <= end)),
                 "bands of a table do not rise, or nothing can be in one of them")
            before = end
        bounds = [bound for begin, end, _ in bands for bound in (begin, end and end[0])]
        self.kinds = {type(bound) for bound in bounds if bound is not None}
        need(self.kinds in (set(), {date}, {Fraction}), "a table has numbers and days")

    def value(self, content, written):
        at = value_like(content, date.min if date in self.kinds else 0, written)
        place = bisect_left(self.ends, (at, 1))
        begin, _, value = self.bands[place] if place < len(self.bands) else (at, None, None)
        need(value is not None and (begin is None or begin <= at), f"`{content}` is in no band")
        return value

def end_of(key, limit):
    """The end of a band: `to` is in it, `below` is not; for days that is `to` the day before."""
    if key == "below" and is_day(limit):
        return limit - ONE_DAY, 1
    return limit, 1 if key == "to" else 0

def bands_written(entries, begin=None):
    """Bands of the plan, in the order written; `begin` is the lower end of the first."""
    bands = []
    for entry in entries:
        check_keys(entry, ["to", "below", "value"], "a band")
        need(len(entry) - ("source" in entry) < 3, "a band has either `to` or `below`")
        ends = [end_of(key, bound(entry[key])) for key in ("to", "below") if key in entry]
        bands.append((None if bands else begin, ends[0] if ends else None,
                      number_or_fraction(entry["value"])))
    need(any(end for _, end, _ in bands), "at least one band of a table has an end")
    return Bands(bands)

def named_table(name, table, folder):
    need(len({"bands", "texts", "file"} & table.keys()) == 1, f"[table.{name}] has two forms, or none")
    begin = bound(table["from"]) if "from" in table else None
    if "texts" in table:
        need(not {"blank", "from", "by"} & table.keys(), f"[table.{name}] is of texts")
        return texts_table(table["texts"])
    if "bands" in table:
        need("by" not in table, f"[table.{name}] has `by` and is no file")
        return Table([], {(): bands_written(table["bands"], begin)}, table.get("blank"))
    return Table(table.get("by", []), table_file(table, begin, folder), table.get("blank"))

def texts_table(texts):
    return Table([], {(text,): number_or_fraction(value) for text, value in texts.items()},
                 texts=True)

def table_file(table, begin, folder):
    """What a table file says, by the texts of `by`."""
    name, by = table["file"], table.get("by", [])
    need(name and not set(name) & set("/\\"), f"the table file `{name}` is not beside the plan")
    try:
        header, *lines = trimmed(csv_lines((folder / name).read_bytes(), name), name)
    except OSError as error:
        raise Unusable(f"{name}: {error}") from error
    form = sorted(set(header) - set(by))
    need(len(set(header)) == len(header) and set(by) < set(header) and form in (
        ["value"], ["to", "value"], ["below", "value"], ["from", "value"],
        ["from", "to", "value"], ["below", "from", "value"]), f"{name}: a header of another form")
    need(begin is None or form in (["to", "value"], ["below", "value"]),
         f"{name}: `from` goes with `to` or `below` alone")
    need("blank" not in table or form != ["value"], f"{name}: `blank` without a number or day")
    groups = {}
    for line in lines:
        line = dict(zip(header, line))
        groups.setdefault(tuple(line[column] for column in by), []).append(line)
    if form == ["value"]:
        need(len(groups) == len(lines), f"{name}: a key is there twice")
        return {key: number(line["value"]) for key, [line] in groups.items()}
    bands = {key: bands_in_file(group, form, begin) for key, group in groups.items()}
    kinds = set().union(*(one.kinds for one in bands.values()))
    need(len(kinds) < 2, f"{name} has numbers and days")
    for one in bands.values():
        one.kinds = kinds
    return bands

def bands_in_file(lines, form, begin):
    """The bands of one key, in rising order; a blank `to` or `below` is above all others."""
    if form == ["from", "value"]:  # each goes up to the next
        begins = sorted((file_bound(line["from"]), number(line["value"])) for line in lines)
        ends = [end_of("below", start) for start, _ in begins[1:]] + [None]
        return Bands([(start, end, value) for (start, value), end in zip(begins, ends)])
    key = "to" if "to" in form else "below"
    bands = [(file_bound(line["from"]) if "from" in form else None,
              end_of(key, file_bound(line[key])) if line[key] else None, number(line["value"]))
             for line in lines]
    bands.sort(key=lambda band: (band[1] is None, band[1] or ()))
    return Bands([(begin, *bands[0][1:]), *bands[1:]] if begin is not None else bands)

def file_bound(text):
    try:
        return date.fromisoformat(text) if re.fullmatch(DATES["YYYY-MM-DD"], text) else number(text)
    except ValueError as error:
        raise Unusable(f"`{text}`: {error}") from error

def table_of(operand, plan):
    """The table that an operand looks up, by name or in its place."""
    table = operand["table"]
    if isinstance(table, str):
        need(table in plan["table"], f"the plan has no table `{table}`")
        table = plan["table"][table]
    elif isinstance(table, list):
        table = Table([], {(): bands_written(table)}, operand.get("blank"))
    else:
        table = texts_table(table)
    bands = any(isinstance(line, Bands) for line in table.lines.values())
    need(("column" in operand) == (table.texts or bands), "a table without a column, or the reverse")
    return table

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
            if column != "in":
                yield column, "text" if texts_in(entry) else "range", texts_in(entry)
    for operand in operands_in(rule):
        table = operand.get("table")
        for end in operand.get(span_of(operand), []):
            if column_of(end):
                yield column_of(end), "day", []
        for place, column in enumerate(table.by if table else []):
            yield column, "text", [key[place] for key in table.lines]
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

# ---------------------------------------------------------------- what a plan may not say

# plan reference, "Keys that exclude each other": of these, what would change a payment.
def check_rules(plan):
    for rule in [*row_rules(plan), *claim_rules(plan)]:
        without = rule in row_rules(plan) or rule in plan["subclass"].values()
        for condition in conditions_in(rule):
            need(not without or "in" not in dict(entries(condition)), "`in` cannot stand here")
            for one in nested(condition):
                need(one and one.get("any", [1]) and "prior" not in one,
                     "a condition is empty, or of an earlier run")
            for column, entry in entries(condition):
                check_entry(column, entry, plan)
        for step in steps_in(rule):
            check_keys(step, [*VERBS, "when", "label"], "a step")
            need(len(VERBS.keys() & step.keys()) == 1, "a step has one verb")
            check_operand(*verb_and_operand(step))
        drop = rule.get("drop", {})
        check_keys(drop, ["below", "at_or_below", "method", "when"], "`drop`")
        need(not drop or drop["method"] in WORDS["drop.method"].split(), "`drop` by another method")
    for pool in plan["pool"]:
        check_pool(pool)
    check_references(plan)
    check_portions(plan["portion"], [pool["name"] for pool in plan["pool"]])
    check_fund(plan)

def nested(condition):
    return [condition, *(two for one in condition.get("any", []) for two in nested(one))]

def check_entry(column, entry, plan):
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
    need(len(ways) < 2 and ("shares" in pool) != ("award" in pool), "a pool has two forms, or none")
    need(part or not {"of", "round_money"} & pool.keys(), "`of` and `round_money` go with a part")
    need(not {"of", "rest_of"} <= pool.keys(), "`rest_of` excludes `of`")
    need(("by" in pool) == ("parts" in pool), "`by` and `parts` go together")
    need("award" in pool or not {"raise", "reduce"} & pool.keys(), "`raise` without awards")
    need(pool.get("drop", {}).get("method") != "smallest-first"
         or not {"less", "at_least", "at_most"} & pool.keys(), "`smallest-first` beside limits")
    need(pool.get("unit") != "share" or not (
        {"award", "drop"} & pool.keys() or pool.get("round", "down") != "down"), "`unit` of a share")

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
                operand["pool"] in readable and operand not in operands_in(rule, ["times", "divide"])
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
            check_keys(portion[key] if isinstance(portion.get(key), dict) else {}, known, "a portion")

# A fund that is what is claimed.
def check_fund(plan):
    fund, pools = plan["fund"], plan["pool"]
    if fund["amount"] != "as claimed":
        need(not {"at_least", "at_most"} & fund.keys(), "limits of a fund that is not as claimed")
        return
    need("interest" not in fund and "drop" not in plan["payment"]
         and not any({"percent", "fraction", "brackets"} & part.keys() for part in plan["deduction"]),
         "a fund as claimed excludes interest, parts of the fund and the `drop` of [payment]")
    need(number(fund.get("at_least", 0)) <= number(fund.get("at_most", fund.get("at_least", 0))),
         "`at_least` of the fund above `at_most`")
    for pool in pools:
        need(not {"shares", "amount", "percent", "fraction", "up_to", "rest_of", "by"} & pool.keys()
             and (pool.get("raise", 1) == 1 or pool is pools[-1])
             and not any("pool" in operand for operand in operands_in(pool)),
             f"pool \"{pool['name']}\" cannot be of a fund as claimed")
